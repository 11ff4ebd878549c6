//! The policy's place in a conversion: between what reads the input and what comes behind it.
//!
//! Everything that reads the records of an input for a job with a policy reads them here, so that no
//! pass sees what another does not. Without a policy it is the source and nothing else.

use super::Job;
use crate::error::{Error, Quotes, Result};
use crate::format::Format;
use crate::input::Input;
use crate::sink::{JsonSink, Layout, Nowhere, TextSink as _};
use crate::source::{self, ReadSettings};
use tonl::{EventSink, Limits};
use tonl_privacy::{Detail, Filter, Findings, Policy};

/// What was noticed while an input was read.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) warnings: Vec<String>,
    pub(crate) findings: Option<Findings>,
}

/// Reads the job's input and sends its events as the policy leaves them.
pub(crate) fn read(input: &Input, job: &Job, sink: &mut dyn EventSink) -> Result<Seen> {
    let Some(policy) = &job.privacy else {
        return Ok(Seen {
            warnings: source::read(job.from, input, &job.read, sink)?,
            findings: None,
        });
    };
    let mut settings = job.read;
    settings.quotes = Quotes::Hidden;
    let mut filter = Filter::new(policy, Detail::Counts, sink);
    let warnings = source::read(job.from, input, &settings, &mut filter)?;
    Ok(Seen {
        warnings,
        findings: Some(filter.into_findings()),
    })
}

/// Reads an input of this format and tells what a policy would hide in it, with the places.
///
/// # Errors
/// Faults of the input, nothing of it quoted.
pub fn inspect(
    input: &Input,
    from: Format,
    settings: &ReadSettings,
    policy: &Policy,
) -> Result<Findings> {
    let mut settings = *settings;
    settings.quotes = Quotes::Hidden;
    let mut filter = Filter::new(policy, Detail::Places, Nowhere);
    source::read(from, input, &settings, &mut filter).map_err(Error::without_quotes)?;
    Ok(filter.into_findings())
}

/// The records of a stream, one after another.
#[derive(Debug)]
pub(super) struct HiddenLines {
    filter: Filter<JsonSink>,
    limits: Limits,
}

impl HiddenLines {
    pub(super) fn new(policy: &Policy, limits: &Limits) -> Self {
        Self {
            filter: Filter::new(policy, Detail::Counts, JsonSink::new(Layout::Compact)).by_line(),
            limits: *limits,
        }
    }

    /// The JSON text of a line as the policy leaves it.
    ///
    /// # Errors
    /// What is wrong with the line, nothing of it quoted.
    pub(super) fn line(&mut self, text: &[u8]) -> tonl::Result<&[u8]> {
        let mut buffer = std::mem::take(self.filter.sink().buffer());
        buffer.clear();
        *self.filter.sink() = JsonSink::reusing(buffer);
        if let Err(error) = tonl::json::parse(text, &self.limits, &mut self.filter) {
            self.filter.abandon();
            return Err(crate::error::without_quotes(&error));
        }
        Ok(self.filter.sink().buffer())
    }

    /// Gives back what a long line needed: the stream may rest for long.
    pub(super) fn settle(&mut self) {
        let buffer = self.filter.sink().buffer();
        if buffer.capacity() > KEPT_BYTES {
            *buffer = Vec::new();
        }
    }

    pub(super) fn into_findings(self) -> Findings {
        self.filter.into_findings()
    }
}

/// So much memory is kept from one line for the next.
const KEPT_BYTES: usize = 64 << 10;
