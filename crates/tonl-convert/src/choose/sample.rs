//! The first records of a large input.

use crate::error::Result;
use crate::input::Input;
use crate::pipeline::{Job, hiding};
use crate::sink::{JsonSink, Layout, TextSink as _};
use tonl::{Code, Event, EventSink};

/// What a decision was made on, if not on the whole input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Sample {
    /// Records, from the first on.
    pub records: u64,
    /// Their bytes as compact JSON.
    pub bytes: u64,
}

/// The first records of an input, as its policy leaves them, as a JSON array of about `bytes` bytes;
/// nothing if the input is no larger, or its root is no array of more records.
pub(super) fn take(input: &Input, job: &Job, bytes: u64) -> Result<Option<(Sample, Input)>> {
    if input.text_bytes()? <= bytes {
        return Ok(None);
    }
    let mut sampler = Sampler {
        sink: JsonSink::new(Layout::Compact),
        text: Vec::new(),
        depth: 0,
        records: 0,
        most: usize::try_from(bytes).unwrap_or(usize::MAX),
        state: State::Root,
    };
    let read = hiding::read(input, job, &mut sampler);
    if sampler.state != State::Full {
        read?;
        return Ok(None);
    }
    sampler.end()?;
    let sample = Sample {
        records: sampler.records,
        bytes: sampler.text.len() as u64,
    };
    Ok(Some((
        sample,
        Input::from_bytes(input.name(), sampler.text),
    )))
}

/// Keeps the first elements of a root array and ends the reading when they are enough.
struct Sampler {
    sink: JsonSink,
    text: Vec<u8>,
    depth: usize,
    records: u64,
    most: usize,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The root has not begun.
    Root,
    /// The root is an array, whose elements are kept.
    Array,
    /// The root is another value, which is decided on as a whole and need not be kept.
    Other,
    /// The elements are enough.
    Full,
}

impl Sampler {
    fn keep(&mut self, event: Event<'_>) -> tonl::Result<()> {
        self.sink.event(event)?;
        match event {
            Event::BeginObject | Event::BeginArray => self.depth += 1,
            Event::EndObject | Event::EndArray => self.depth -= 1,
            _ => {}
        }
        let is_value = !matches!(
            event,
            Event::Key(_) | Event::BeginObject | Event::BeginArray
        );
        if self.depth != 1 || !is_value {
            return Ok(());
        }
        self.records += 1;
        self.text.append(self.sink.buffer());
        if self.text.len() < self.most {
            return Ok(());
        }
        self.state = State::Full;
        // A sink has no other way to end the reading; the caller looks at the state.
        Err(tonl::Error::new(Code::Io, "enough records", "one more"))
    }

    fn end(&mut self) -> Result<()> {
        self.sink.event(Event::EndArray)?;
        self.sink.finish()?;
        self.text.append(self.sink.buffer());
        Ok(())
    }
}

impl EventSink for Sampler {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        if self.state == State::Root {
            self.state = match event {
                Event::BeginArray => State::Array,
                _ => State::Other,
            };
        }
        match self.state {
            State::Array => self.keep(event),
            State::Root | State::Other | State::Full => Ok(()),
        }
    }
}
