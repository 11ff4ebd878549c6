//! TOON, written from events.
//!
//! The events of the whole value are kept on a tape, because a header states what comes after it:
//! how many rows, which fields, and whether all of them fit.

mod columns;
mod layout;
mod shape;
mod tape;

use self::layout::Writer;
use self::tape::Tape;
use super::number;
use super::options::{Fidelity, ToonWriteOptions};
use crate::sink::{Drain, TextSink};
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
    /// Rows that were written in the key order of their table's first row.
    reordered: u64,
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
        if self.options.fidelity == Fidelity::Exact {
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
        if self.options.fidelity == Fidelity::Refused {
            let expected = format!("a number in the spelling that TOON has for it: {spelled}");
            return Err(unrepresentable(expected, text.to_owned()));
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
        self.finish_in_parts(&mut |_| Ok(()))
    }

    fn finish_in_parts(&mut self, drain: &mut Drain<'_>) -> tonl::Result<()> {
        let tape = std::mem::take(&mut self.tape);
        self.reordered = Writer::new(&tape, &self.options, &mut self.out).write(drain)?;
        if self.reordered > 0 && self.options.fidelity == Fidelity::Refused {
            let expected = "rows with their keys in the order of the first row's".to_owned();
            let found = format!("{} rows in another order", self.reordered);
            return Err(unrepresentable(expected, found));
        }
        Ok(())
    }

    fn losses(&self) -> Vec<String> {
        let mut losses = Vec::new();
        if let Some((text, spelled)) = &self.respelled.first {
            losses.push(format!(
                "{} numbers got TOON's spelling, which is the same value in another text: {text} \
                 became {spelled}",
                self.respelled.count
            ));
        }
        if self.reordered > 0 {
            losses.push(format!(
                "{} rows got the key order of their table's first row",
                self.reordered
            ));
        }
        losses
    }
}

fn unrepresentable(expected: String, found: String) -> Error {
    Error::new(Code::Unrepresentable, expected, found)
        .with_hint("choose TONL or JSON, which keep this")
}
