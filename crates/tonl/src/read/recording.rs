//! Events that are kept until it is sure that they hold.

use crate::error::Result;
use crate::event::{Event, EventSink};

/// Keeps events, to send them on later or to forget them.
#[derive(Debug, Default)]
pub(super) struct Recording {
    text: String,
    events: Vec<Kept>,
}

/// An event; its text ends at this byte of all texts together.
#[derive(Clone, Copy, Debug)]
enum Kept {
    Plain(Event<'static>),
    Number(usize),
    String(usize),
    Key(usize),
}

impl EventSink for Recording {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        let mut add = |text: &str| {
            self.text.push_str(text);
            self.text.len()
        };
        let kept = match event {
            Event::Number(text) => Kept::Number(add(text)),
            Event::String(text) => Kept::String(add(text)),
            Event::Key(text) => Kept::Key(add(text)),
            Event::Null => Kept::Plain(Event::Null),
            Event::Bool(value) => Kept::Plain(Event::Bool(value)),
            Event::BeginObject => Kept::Plain(Event::BeginObject),
            Event::EndObject => Kept::Plain(Event::EndObject),
            Event::BeginArray => Kept::Plain(Event::BeginArray),
            Event::EndArray => Kept::Plain(Event::EndArray),
        };
        self.events.push(kept);
        Ok(())
    }
}

impl Recording {
    /// Sends the events on.
    pub(super) fn replay(&self, sink: &mut dyn EventSink) -> Result<()> {
        let mut start = 0;
        let mut next = |end: usize| {
            let text = self.text.get(start..end).unwrap_or_default();
            start = end;
            text
        };
        for kept in &self.events {
            let event = match *kept {
                Kept::Plain(event) => event,
                Kept::Number(end) => Event::Number(next(end)),
                Kept::String(end) => Event::String(next(end)),
                Kept::Key(end) => Event::Key(next(end)),
            };
            sink.event(event)?;
        }
        Ok(())
    }
}
