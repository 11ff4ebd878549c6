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

/// The first records of an input, as its policy leaves them, as a JSON array: if the input has more than `bytes` bytes and its root
/// is an array of more records than that.
pub(super) fn take(input: &Input, job: &Job, bytes: u64) -> Result<Option<(Sample, Input)>> {
    if input.text_bytes()? <= bytes {
        return Ok(None);
    }
    let mut sampler = Sampler {
        sink: JsonSink::new(Layout::Compact),
        text: Vec::new(),
        depth: 0,
        records: 0,
        bytes: usize::try_from(bytes).unwrap_or(usize::MAX),
        is_full: false,
    };
    let read = hiding::read(input, job, &mut sampler);
    if !sampler.is_full {
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
    bytes: usize,
    is_full: bool,
}

impl Sampler {
    fn end(&mut self) -> Result<()> {
        self.sink.event(Event::EndArray)?;
        self.sink.finish()?;
        self.text.append(self.sink.buffer());
        Ok(())
    }
}

impl EventSink for Sampler {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        if self.depth == 0 && event != Event::BeginArray {
            self.bytes = usize::MAX;
        }
        // A root that is no array is decided on as a whole, and need not be kept.
        if self.bytes == usize::MAX {
            return Ok(());
        }
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
        if self.depth == 1 && is_value {
            self.records += 1;
            self.text.append(self.sink.buffer());
            if self.text.len() >= self.bytes {
                self.is_full = true;
                return Err(tonl::Error::new(Code::Io, "enough records", "one more"));
            }
        }
        Ok(())
    }
}
