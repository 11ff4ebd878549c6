//! Well-formed events: what every source promises its sink.

use tonl::{Event, EventSink, Result};

/// Counts what comes out and checks that the events are those of a value.
#[derive(Default)]
pub(super) struct Checked {
    /// The containers that are open: whether it is an object, and whether it waits for a value.
    open: Vec<(bool, bool)>,
    values: u64,
    /// Bytes of all texts, and 8 for each event.
    pub(super) cost: u64,
}

impl Checked {
    /// Panics unless the events were those of one whole value.
    pub(super) fn assert_one_value(&self) {
        assert!(self.open.is_empty(), "something is left open");
        assert_eq!(self.values, 1, "a text is one value");
    }

    fn value(&mut self) {
        match self.open.last_mut() {
            None => self.values += 1,
            Some((true, waits)) => {
                assert!(*waits, "a member without a key");
                *waits = false;
            }
            Some((false, _)) => {}
        }
    }

    fn end(&mut self, is_object: bool) {
        assert_eq!(
            self.open.pop(),
            Some((is_object, false)),
            "an end without its beginning"
        );
        self.value();
    }
}

impl EventSink for Checked {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        self.cost += 8;
        match event {
            Event::Number(text) | Event::String(text) => {
                self.cost += text.len() as u64;
                self.value();
            }
            Event::Null | Event::Bool(_) => self.value(),
            Event::Key(text) => {
                self.cost += text.len() as u64;
                match self.open.last_mut() {
                    Some((true, waits @ false)) => *waits = true,
                    other => panic!("a key in {other:?}"),
                }
            }
            Event::BeginObject => self.open.push((true, false)),
            Event::BeginArray => self.open.push((false, false)),
            Event::EndObject => self.end(true),
            Event::EndArray => self.end(false),
        }
        Ok(())
    }
}
