//! Chooses the form in which a value costs a model the fewest tokens, JSON included.
//!
//! Each candidate is written and counted; none is judged by its looks. JSON stays where it is as
//! small, and where leaving it saves too little to be worth another form. What is chosen is decoded
//! and compared with the input before a byte of it is given out.
//!
//! Large inputs are decided on their first records, and the decision says so.

mod decision;
mod sample;

pub use decision::{Candidate, Decision, Form, Reason};
pub use sample::Sample;

use crate::error::{Error, ErrorKind, Result};
use crate::format::Format;
use crate::input::Input;
use crate::pipeline::{Job, Verify, convert};
use crate::report::Report;
use crate::tokens;
use std::io::{self, Seek as _, Write};
use tonl::Code;
use tonl_tokens::Encoding;

/// When another form than JSON is chosen, and how that is found out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ChoiceSettings {
    /// Whose tokens count.
    pub encoding: Encoding,
    /// The forms besides compact JSON, in the order in which the first of equals wins.
    pub forms: Vec<Form>,
    /// What another form must save at least, as a share of the tokens of compact JSON in percent.
    pub min_percent: f64,
    /// What it must save at least in tokens.
    pub min_tokens: u64,
    /// Inputs of more bytes are decided on records of about so many bytes.
    pub sample_bytes: u64,
}

impl ChoiceSettings {
    /// The usual settings for an encoding: at least 10 % and 32 tokens, decided on at most 4 MiB.
    pub fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            forms: Form::USUAL.to_vec(),
            min_percent: 10.0,
            min_tokens: 32,
            sample_bytes: 4 << 20,
        }
    }
}

/// Decides on the form for an input. `job` says how it is read and how TONL is written; its target and
/// its column types are left to the choice.
///
/// # Errors
/// Faults of the input, and failures of reading.
pub fn choose(input: &Input, job: &Job, settings: &ChoiceSettings) -> Result<Decision> {
    let sampled = sample::take(input, job, settings.sample_bytes)?;
    let (input, job, sample) = match &sampled {
        Some((sample, records)) => {
            let job = Job {
                from: Format::Json,
                // The sample has been through the policy.
                privacy: None,
                ..job.clone()
            };
            (records, job, Some(*sample))
        }
        None => (input, job.clone(), None),
    };
    let mut candidates = Vec::new();
    for form in std::iter::once(Form::Json).chain(settings.forms.iter().copied()) {
        match tokens::count(input, &form.job(&job), settings.encoding) {
            Ok(counted) if counted.report.losses.is_empty() => candidates.push(Candidate {
                form,
                tokens: counted.tokens,
            }),
            Ok(_) => {}
            Err(error) if form != Form::Json && cannot_hold(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Decision::new(candidates, sample, settings))
}

/// Converts to the form that [`choose`] decides on, and writes the result when it has been decoded and
/// is the same value. The report has the decision.
///
/// # Errors
/// As [`choose`] and [`convert`].
pub fn convert_smallest(
    input: &Input,
    output: &mut dyn Write,
    job: &Job,
    settings: &ChoiceSettings,
) -> Result<Report> {
    let decision = choose(input, job, settings)?;
    write_chosen(input, output, job, settings, decision)
}

/// Writes what was decided on with these settings; see [`convert_smallest`].
///
/// # Errors
/// As [`convert`].
pub fn write_chosen(
    input: &Input,
    output: &mut dyn Write,
    job: &Job,
    settings: &ChoiceSettings,
    mut decision: Decision,
) -> Result<Report> {
    loop {
        let job = Job {
            verify: Verify::Compare,
            ..decision.form.job(job)
        };
        match convert_apart(input, output, &job) {
            Ok(report) => {
                return Ok(Report {
                    decision: Some(decision),
                    ..report
                });
            }
            Err(error) if decision.form != Form::Json && is_lossy(&error) => {
                decision.fall_back(settings);
            }
            Err(error) => return Err(error),
        }
    }
}

/// Converts into a temporary place first, so that nothing is given out that is not the same value.
fn convert_apart(input: &Input, output: &mut dyn Write, job: &Job) -> Result<Report> {
    let keep = |error| Error::io("keep the output in a temporary file", error);
    let mut apart = tempfile::spooled_tempfile(IN_MEMORY);
    let report = convert(input, &mut apart, job)?;
    if !report.losses.is_empty() {
        let expected = "a text without a loss".to_owned();
        return Err(Error::different(expected, report.losses.join(", ")));
    }
    apart.rewind().map_err(keep)?;
    io::copy(&mut apart, output)
        .and_then(|_| output.flush())
        .map_err(|error| Error::io("write", error))?;
    Ok(report)
}

/// Outputs up to so many bytes are kept in memory until they are compared.
const IN_MEMORY: usize = 8 << 20;

fn is_lossy(error: &Error) -> bool {
    error.kind() == ErrorKind::Different || cannot_hold(error)
}

/// Whether an error says that a format has no text for the value.
fn cannot_hold(error: &Error) -> bool {
    error
        .content()
        .is_some_and(|fault| fault.code() == Code::Unrepresentable)
}

#[cfg(test)]
mod tests;
