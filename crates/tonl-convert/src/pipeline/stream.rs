//! NDJSON into a TONL stream: rows leave as records come.
//!
//! Here bytes are pulled from a reader. [`super::PushStream`] takes them from a caller that must not
//! wait; both cut the same lines and share the rows.
//!
//! *Source:* `spec/tonl.md`, section "Streams"; S37 for `skip_invalid`.

use super::Verify;
use super::feed::{Feed, Live, Steady};
use super::lines::{Lines, Step, is_longer, line_at};
use super::rows::{Batch, Empty, Rows};
use crate::error::{Error, Result};
use crate::input::check_encoding;
use crate::report::Report;
use std::io::{Read, Write};
use tonl::WriteOptions;
use tonl::write::EndLine;
use tonl_privacy::Policy;

/// What happens to a line that is no JSON value, or too long.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Invalid {
    /// It is left out and counted.
    #[default]
    Skip,
    /// It ends the stream with an error.
    Fail,
}

/// How the input's bytes come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Arrival {
    /// At once, as from a file.
    #[default]
    Steady,
    /// Whenever they come, as from a pipe: what can be written is written before waiting.
    Live,
}

/// What a stream is asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct StreamJob {
    /// How TONL is written.
    pub write: WriteOptions,
    /// What happens to lines that are not valid.
    pub invalid: Invalid,
    /// How the input's bytes come.
    pub arrival: Arrival,
    /// The longest line in bytes, its line end not counted.
    pub max_line: usize,
    /// Whether the last line counts the rows.
    pub end: EndLine,
    /// What is hidden on the way. Errors then quote nothing of the input.
    pub privacy: Option<Policy>,
    /// Whether the text is read again while it is written, and must have a row for each record.
    pub verify: Verify,
}

impl StreamJob {
    /// The longest line unless another limit is asked for: 10 MiB.
    pub const MAX_LINE: usize = 10 << 20;

    /// What came of it, an error without quotes of the input if values of it are hidden.
    pub(super) fn covered<T>(&self, result: Result<T>) -> Result<T> {
        match self.privacy {
            Some(_) => result.map_err(Error::without_quotes),
            None => result,
        }
    }
}

impl Default for StreamJob {
    fn default() -> Self {
        Self {
            write: WriteOptions::default(),
            invalid: Invalid::default(),
            arrival: Arrival::default(),
            max_line: Self::MAX_LINE,
            end: EndLine::default(),
            privacy: None,
            verify: Verify::default(),
        }
    }
}

/// Converts NDJSON to a TONL stream in constant memory: one row for each line that is a JSON value.
/// Lines of only white space are ignored.
///
/// # Errors
/// Failures of reading and writing; with [`Invalid::Fail`], the first line that is not valid, with
/// its number. The rows of the lines before it have been written.
pub fn stream(
    input: Box<dyn Read + Send>,
    output: &mut dyn Write,
    job: &StreamJob,
) -> Result<Report> {
    job.covered(match job.arrival {
        Arrival::Steady => run(Steady(input), output, job),
        Arrival::Live => run(Live::new(input), output, job),
    })
}

fn run(feed: impl Feed, output: &mut dyn Write, job: &StreamJob) -> Result<Report> {
    let mut lines = Lines::new(feed, job.max_line);
    let mut rows = Rows::new(job);
    let mut outlet = Outlet::new(output);
    loop {
        let step = match lines.step() {
            Ok(step) => step,
            Err(error) => {
                let paused = rows.pause(&mut outlet.out);
                outlet.send()?;
                return paused.and(Err(Error::io("read", error)));
            }
        };
        match step {
            Step::Batch { len, line } => {
                if line == 1 {
                    check_no_utf16(lines.batch(len), job.max_line)?;
                }
                let mut batch = Batch::new(lines.batch(len), line);
                while !batch.is_done() {
                    let taken = rows.batch(&mut batch, OUT_BYTES, &mut outlet.out);
                    outlet.after(taken)?;
                }
                let next = batch.line();
                lines.consume(len, next - line);
            }
            Step::TooLong { line } => {
                let taken = rows.too_long(line, &mut outlet.out);
                outlet.after(taken)?;
            }
            Step::Idle => outlet.send()?,
            Step::Pause => {
                let paused = rows.pause(&mut outlet.out);
                outlet.send()?;
                paused?;
            }
            Step::End => break,
        }
    }
    let finished = rows.finish(Empty::Header, &mut outlet.out);
    outlet.send()?;
    let mut report = finished?;
    report.bytes_in = lines.bytes_read();
    Ok(report)
}

/// Refuses text in UTF-16: every line of it would be skipped. NUL bytes alone may be what a log begins
/// with after a crash; they are an invalid line. How the bytes come must make no difference: only the
/// first line is looked at, and not if it is too long, because then its beginning may be gone.
pub(super) fn check_no_utf16(batch: &[u8], max_line: usize) -> Result<()> {
    let content = batch.get(line_at(batch, 0)).unwrap_or_default();
    let line = batch.get(..content.len() + 1).unwrap_or(content);
    match line {
        [0, 0, ..] => Ok(()),
        _ if is_longer(content, max_line) => Ok(()),
        _ => check_encoding(line),
    }
}

/// How many bytes of rows are collected before they are written.
const OUT_BYTES: usize = 128 << 10;

/// Collects rows and writes them in large parts.
struct Outlet<'o> {
    out: Vec<u8>,
    output: &'o mut dyn Write,
}

impl<'o> Outlet<'o> {
    fn new(output: &'o mut dyn Write) -> Self {
        Self {
            out: Vec::with_capacity(2 * OUT_BYTES),
            output,
        }
    }

    /// Hands the rows on if they are many, or if no more will come because of an error.
    fn after(&mut self, taken: Result<()>) -> Result<()> {
        if taken.is_err() {
            self.send()?;
        } else if self.out.len() >= OUT_BYTES {
            self.write()?;
        }
        taken
    }

    fn write(&mut self) -> Result<()> {
        let written = self.output.write_all(&self.out);
        self.out.clear();
        written.map_err(|error| Error::io("write", error))
    }

    /// Hands the rows on, through all buffers.
    fn send(&mut self) -> Result<()> {
        if self.out.is_empty() {
            return Ok(());
        }
        self.write()?;
        self.output
            .flush()
            .map_err(|error| Error::io("write", error))
    }
}
