//! NDJSON into a TONL stream: rows leave as records come.
//!
//! *Source:* `spec/tonl.md`, section "Streams"; S37 for `skip_invalid`.

use super::Verify;
use super::feed::{Feed, Live, Steady};
use super::hiding::HiddenLines;
use super::lines::{Lines, Step, is_blank, is_longer, line_at, too_long};
use super::reread::Reread;
use crate::error::{Error, Result};
use crate::input::check_encoding;
use crate::report::{Report, Skipped};
use std::io::{Read, Write};
use std::ops::Range;
use tonl::write::{EndLine, StreamWriter};
use tonl::{Code, WriteOptions};
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
    let streamed = match job.arrival {
        Arrival::Steady => run(Steady(input), output, job),
        Arrival::Live => run(Live::new(input), output, job),
    };
    match job.privacy {
        Some(_) => streamed.map_err(Error::without_quotes),
        None => streamed,
    }
}

fn run(feed: impl Feed, output: &mut dyn Write, job: &StreamJob) -> Result<Report> {
    let mut lines = Lines::new(feed, job.max_line);
    let mut rows = Rows::new(output, job);
    loop {
        let step = match lines.step() {
            Ok(step) => step,
            Err(error) => {
                rows.pause()?;
                return Err(Error::io("read", error));
            }
        };
        match step {
            Step::Batch { len, line } => {
                if line == 1 {
                    check_no_utf16(lines.batch(len), job.max_line)?;
                }
                let next = rows.batch(lines.batch(len), line)?;
                lines.consume(len, next - line);
            }
            Step::TooLong { line } => rows.refuse(too_long(line, job.max_line), line)?,
            Step::Idle => rows.send()?,
            Step::Pause => rows.pause()?,
            Step::End => break,
        }
    }
    let mut report = rows.finish()?;
    report.bytes_in = lines.bytes_read();
    Ok(report)
}

/// Refuses text in UTF-16: every line of it would be skipped. NUL bytes alone may be what a log begins
/// with after a crash; they are an invalid line. How the bytes come must make no difference: only the
/// first line is looked at, and not if it is too long, because then its beginning may be gone.
fn check_no_utf16(batch: &[u8], max_line: usize) -> Result<()> {
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

/// Turns lines into rows.
struct Rows<'o, 'j> {
    output: &'o mut dyn Write,
    job: &'j StreamJob,
    writer: StreamWriter,
    out: Vec<u8>,
    written: u64,
    skipped: Skipped,
    hiding: Option<HiddenLines<'j>>,
    reread: Option<Reread>,
}

impl<'o, 'j> Rows<'o, 'j> {
    fn new(output: &'o mut dyn Write, job: &'j StreamJob) -> Self {
        Self {
            output,
            job,
            writer: StreamWriter::new(&job.write),
            out: Vec::with_capacity(2 * OUT_BYTES),
            written: 0,
            skipped: Skipped::default(),
            reread: match job.verify {
                Verify::Trust => None,
                Verify::Compare => Some(Reread::new(&job.write.limits)),
            },
            hiding: (job.privacy.as_ref())
                .map(|policy| HiddenLines::new(policy, &job.write.limits)),
        }
    }

    /// Writes the rows of whole lines; gives the number of the line behind them.
    fn batch(&mut self, batch: &[u8], first: u64) -> Result<u64> {
        if self.hiding.is_some() {
            return self.hidden_batch(batch, first);
        }
        let is_text = simdutf8::basic::from_utf8(batch).is_ok();
        let may_be_plain = is_text && batch.len() <= self.job.max_line;
        let (mut at, mut line) = (0, first);
        while at < batch.len() {
            let plain = if may_be_plain {
                self.writer.plain_line(batch, at, &mut self.out)
            } else {
                None
            };
            at = if let Some(next) = plain {
                next
            } else {
                let range = line_at(batch, at);
                self.line(batch, range.clone(), line, is_text)?;
                range.end + 1
            };
            line += 1;
            if self.out.len() >= OUT_BYTES {
                self.write()?;
            }
        }
        Ok(line)
    }

    /// The same where a policy decides what a line becomes.
    fn hidden_batch(&mut self, batch: &[u8], first: u64) -> Result<u64> {
        let (mut at, mut line) = (0, first);
        while at < batch.len() {
            let range = line_at(batch, at);
            at = range.end + 1;
            self.hidden_line(batch.get(range).unwrap_or_default(), line)?;
            line += 1;
            if self.out.len() >= OUT_BYTES {
                self.write()?;
            }
        }
        Ok(line)
    }

    fn hidden_line(&mut self, content: &[u8], line: u64) -> Result<()> {
        if is_longer(content, self.job.max_line) {
            return self.refuse(too_long(line, self.job.max_line), line);
        }
        if is_blank(content) {
            return Ok(());
        }
        let Some(hiding) = &mut self.hiding else {
            return Ok(());
        };
        let result = hiding
            .line(content)
            .and_then(|text| self.writer.record(text, &mut self.out));
        result.or_else(|error| self.refuse(error.moved_down(line - 1), line))
    }

    #[inline]
    fn line(&mut self, batch: &[u8], range: Range<usize>, line: u64, is_text: bool) -> Result<()> {
        let content = batch.get(range.clone()).unwrap_or_default();
        if is_longer(content, self.job.max_line) {
            return self.refuse(too_long(line, self.job.max_line), line);
        }
        if content.first().is_none_or(|byte| *byte <= b' ') && is_blank(content) {
            return Ok(());
        }
        let result = if is_text {
            self.writer.record_in(batch, range, &mut self.out)
        } else {
            self.writer.record(content, &mut self.out)
        };
        result.or_else(|error| self.refuse(error.moved_down(line - 1), line))
    }

    /// Leaves a line out, or fails.
    #[cold]
    fn refuse(&mut self, error: tonl::Error, line: u64) -> Result<()> {
        let is_end = error.code() == Code::RowLimit;
        if self.job.invalid == Invalid::Fail || is_end {
            self.pause()?;
            return Err(error.into());
        }
        self.skipped.add(line);
        Ok(())
    }

    /// Hands the rows on.
    fn write(&mut self) -> Result<()> {
        self.written += self.out.len() as u64;
        let result = self.output.write_all(&self.out);
        let reread = match &mut self.reread {
            Some(reread) => reread.push(&self.out),
            None => Ok(()),
        };
        self.out.clear();
        result.map_err(|error| Error::io("write", error))?;
        reread
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

    fn pause(&mut self) -> Result<()> {
        self.writer.pause(&mut self.out);
        self.send()
    }

    fn finish(mut self) -> Result<Report> {
        let mut report = Report {
            records: Some(self.writer.records()),
            ..Report::default()
        };
        let writer = std::mem::replace(&mut self.writer, StreamWriter::new(&self.job.write));
        writer.finish(self.job.end, &mut self.out);
        self.send()?;
        if let (Some(reread), Some(records)) = (self.reread.take(), report.records) {
            reread.finish(records)?;
        }
        report.skipped = self.skipped;
        report.privacy = self.hiding.map(HiddenLines::into_findings);
        report.bytes_out = self.written;
        Ok(report)
    }
}
