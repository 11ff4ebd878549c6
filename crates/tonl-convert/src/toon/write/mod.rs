//! TOON, written from events.
//!
//! The events of the whole value are kept on a tape, because a header states what comes after it:
//! how many rows, which fields, and whether all of them fit.

mod layout;
mod shape;
mod tape;

use self::layout::Writer;
use self::tape::Tape;
use super::number;
use super::options::{Numbers, ToonWriteOptions};
use crate::sink::TextSink;
use std::borrow::Cow;
use tonl::{Code, Error, Event, EventSink, Limits};

/// Writes TOON. The text comes when the sink is finished, and has no line end at its end (§12).
#[derive(Debug, Default)]
pub struct ToonSink {
    options: ToonWriteOptions,
    tape: Tape,
    out: Vec<u8>,
    depth: usize,
    respelled: Respelled,
}

/// The numbers whose text was not TOON's.
#[derive(Debug, Default)]
struct Respelled {
    count: u64,
    /// The first of them: its text, and what was written.
    first: Option<(String, String)>,
}

impl ToonSink {
    /// A sink that has seen nothing.
    pub fn new(options: ToonWriteOptions) -> Self {
        Self {
            options,
            ..Self::default()
        }
    }

    fn number(&mut self, text: &str) -> tonl::Result<()> {
        if self.options.numbers == Numbers::Kept {
            self.tape.number(text);
            return Ok(());
        }
        let spelled = match number::canonical(text) {
            Cow::Borrowed(same) => {
                self.tape.number(same);
                return Ok(());
            }
            Cow::Owned(spelled) => spelled,
        };
        if self.options.numbers == Numbers::Refused {
            let expected = format!("a number in the spelling that TOON has for it: {spelled}");
            return Err(Error::new(Code::Unrepresentable, expected, text.to_owned())
                .with_hint("change the number, or choose TONL or JSON, which keep its text"));
        }
        self.respelled.count += 1;
        self.tape.number(&spelled);
        self.respelled
            .first
            .get_or_insert_with(|| (text.to_owned(), spelled));
        Ok(())
    }

    fn begin(&mut self) -> tonl::Result<()> {
        self.depth += 1;
        if self.depth > Limits::MAX_DEPTH {
            let expected = format!("at most {} levels of nesting", Limits::MAX_DEPTH);
            return Err(Error::new(Code::DepthLimit, expected, "one more"));
        }
        Ok(())
    }
}

impl EventSink for ToonSink {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        match event {
            Event::Null => self.tape.null(),
            Event::Bool(value) => self.tape.boolean(value),
            Event::Number(text) => return self.number(text),
            Event::String(text) => self.tape.string(text),
            Event::Key(key) => self.tape.key(key),
            Event::BeginArray => {
                self.begin()?;
                self.tape.begin_array();
            }
            Event::BeginObject => {
                self.begin()?;
                self.tape.begin_object();
            }
            Event::EndArray | Event::EndObject => {
                self.depth = self.depth.saturating_sub(1);
                self.tape.end();
            }
        }
        Ok(())
    }
}

impl TextSink for ToonSink {
    fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    fn finish(&mut self) -> tonl::Result<()> {
        let tape = std::mem::take(&mut self.tape);
        Writer::new(&tape, &self.options, &mut self.out).write();
        Ok(())
    }

    fn losses(&self) -> Vec<String> {
        let Some((text, spelled)) = &self.respelled.first else {
            return Vec::new();
        };
        let count = self.respelled.count;
        vec![format!(
            "{count} numbers got TOON's spelling, which is the same value in another text: {text} \
             became {spelled}"
        )]
    }
}
