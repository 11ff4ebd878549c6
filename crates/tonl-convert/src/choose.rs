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
use std::io::{self, BufRead as _, BufReader, Seek as _, Write};
use tempfile::SpooledTempFile;
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
    decide(input, job, settings).map_err(|error| match job.privacy {
        Some(_) => error.without_quotes(),
        None => error,
    })
}

fn decide(input: &Input, job: &Job, settings: &ChoiceSettings) -> Result<Decision> {
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
    let json = tokens::count(input, &Form::Json.job(&job), settings.encoding)?.tokens;
    let mut candidates = vec![Candidate {
        form: Form::Json,
        tokens: json,
    }];
    for form in settings.forms.iter().copied() {
        // What has many more tokens than JSON need not be written to its end.
        let most = json.saturating_mul(4).saturating_add(1_000);
        match tokens::count_at_most(input, &form.job(&job), settings.encoding, most) {
            Ok(Some(counted)) if counted.report.losses.is_empty() => candidates.push(Candidate {
                form,
                tokens: counted.tokens,
            }),
            Ok(_) => {}
            Err(error) if cannot_hold(&error) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Decision::new(candidates, sample, settings))
}

/// The smallest form of an input, decoded and compared, and not given out yet.
#[derive(Debug)]
pub struct Smallest {
    decision: Decision,
    report: Report,
    text: SpooledTempFile,
}

/// Converts to the form that [`choose`] decides on, decodes the result and compares it. A form that is
/// not the same value is given up for the next best.
///
/// # Errors
/// As [`choose`] and [`convert`].
pub fn smallest(input: &Input, job: &Job, settings: &ChoiceSettings) -> Result<Smallest> {
    let mut decision = choose(input, job, settings)?;
    loop {
        let job = Job {
            verify: Verify::Compare,
            ..decision.form.job(job)
        };
        match convert_apart(input, &job) {
            Ok((report, text)) => {
                return Ok(Smallest {
                    decision,
                    report,
                    text,
                });
            }
            Err(error) if decision.form != Form::Json && is_lossy(&error) => {
                decision.fall_back(settings);
            }
            Err(error) => return Err(error),
        }
    }
}

impl Smallest {
    /// What was chosen.
    pub fn decision(&self) -> &Decision {
        &self.decision
    }

    /// Whether the text is the input's text as it stands, byte by byte.
    ///
    /// # Errors
    /// Failures of reading.
    pub fn is_text_of(&mut self, input: &Input) -> Result<bool> {
        self.text.rewind().map_err(kept)?;
        let mut own = BufReader::new(&mut self.text);
        let mut other = BufReader::new(input.open()?);
        loop {
            let (left, right) = (
                own.fill_buf().map_err(kept)?,
                other.fill_buf().map_err(|error| Error::io("read", error))?,
            );
            let common = left.len().min(right.len());
            if common == 0 {
                return Ok(left.is_empty() && right.is_empty());
            }
            if left.get(..common) != right.get(..common) {
                return Ok(false);
            }
            own.consume(common);
            other.consume(common);
        }
    }

    /// Gives the text out; the report has the decision.
    ///
    /// # Errors
    /// Failures of writing.
    pub fn write(mut self, output: &mut dyn Write) -> Result<Report> {
        self.text.rewind().map_err(kept)?;
        io::copy(&mut self.text, output)
            .and_then(|_| output.flush())
            .map_err(|error| Error::io("write", error))?;
        Ok(self.into_report())
    }

    /// What was done, if the text is not wanted.
    pub fn into_report(self) -> Report {
        Report {
            decision: Some(self.decision),
            ..self.report
        }
    }
}

fn kept(error: io::Error) -> Error {
    Error::io("keep the output in a temporary file", error)
}

/// Converts into a temporary place, so that nothing is given out that is not the same value.
fn convert_apart(input: &Input, job: &Job) -> Result<(Report, SpooledTempFile)> {
    let mut apart = Apart {
        text: tempfile::spooled_tempfile(IN_MEMORY),
        left: match job.to {
            Format::Json => u64::MAX,
            _ => input.text_bytes()?.saturating_mul(2).max(IN_MEMORY as u64),
        },
        is_full: false,
    };
    let converted = convert(input, &mut apart, job);
    if apart.is_full {
        let expected = "a text that is smaller than JSON".to_owned();
        return Err(Error::different(expected, "a larger one".to_owned()));
    }
    let report = converted?;
    if !report.losses.is_empty() {
        let expected = "a text without a loss".to_owned();
        return Err(Error::different(expected, report.losses.join(", ")));
    }
    Ok((report, apart.text))
}

/// A temporary place for a form that was smaller than JSON in a sample, and may not be as a whole: it
/// takes no more than twice the input.
struct Apart {
    text: SpooledTempFile,
    left: u64,
    is_full: bool,
}

impl Write for Apart {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let Some(left) = self.left.checked_sub(bytes.len() as u64) else {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        self.left = left;
        self.text.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.text.flush()
    }
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
