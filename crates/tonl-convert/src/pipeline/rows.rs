//! Turns lines and other records into the rows of a stream.
//!
//! Everything that becomes a stream goes through here, whether its bytes are pulled from a reader or
//! pushed by a caller. Rows are appended to a buffer that the caller empties; nothing here reads,
//! writes or waits. All that is appended is counted and, if that is asked for, read again.

use super::Verify;
use super::hiding::HiddenLines;
use super::lines::{is_blank, is_longer, line_at, too_long};
use super::reread::Reread;
use super::stream::{Invalid, StreamJob};
use crate::error::Result;
use crate::report::{Report, Skipped};
use std::ops::Range;
use tonl::Code;
use tonl::write::{EndLine, StreamWriter};

/// The rows of one stream.
#[derive(Debug)]
pub(super) struct Rows {
    writer: StreamWriter,
    invalid: Invalid,
    max_line: usize,
    end: EndLine,
    hiding: Option<HiddenLines>,
    reread: Option<Reread>,
    skipped: Skipped,
    given: u64,
}

/// What a stream without records becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Empty {
    /// A header without columns.
    Header,
    /// No text at all, which reads as `[]`, unless a line is to count the rows.
    Nothing,
}

/// Whole lines on their way into rows; only the last may lack its line end.
#[derive(Debug)]
pub(super) struct Batch<'b> {
    bytes: &'b [u8],
    at: usize,
    line: u64,
    is_text: bool,
}

impl<'b> Batch<'b> {
    /// Lines of which the first is number `line`.
    pub(super) fn new(bytes: &'b [u8], line: u64) -> Self {
        let is_text = simdutf8::basic::from_utf8(bytes).is_ok();
        Self {
            is_text,
            ..Self::of_text(bytes, line)
        }
    }

    /// The same for bytes that are known to be UTF-8.
    pub(super) fn of_text(bytes: &'b [u8], line: u64) -> Self {
        Self {
            bytes,
            at: 0,
            line,
            is_text: true,
        }
    }

    /// Whether all lines were taken.
    pub(super) fn is_done(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// How many bytes were taken.
    pub(super) fn taken(&self) -> usize {
        self.at.min(self.bytes.len())
    }

    /// The number of the first line that was not taken.
    pub(super) fn line(&self) -> u64 {
        self.line
    }
}

impl Rows {
    pub(super) fn new(job: &StreamJob) -> Self {
        let limits = &job.write.limits;
        let policy = job.privacy.as_ref();
        Self {
            writer: StreamWriter::new(&job.write),
            invalid: job.invalid,
            max_line: job.max_line,
            end: job.end,
            hiding: policy.map(|policy| HiddenLines::new(policy, limits)),
            reread: match job.verify {
                Verify::Trust => None,
                Verify::Compare => Some(Reread::new(limits)),
            },
            skipped: Skipped::default(),
            given: 0,
        }
    }

    /// How many records became rows or wait to become some.
    pub(super) fn records(&self) -> u64 {
        self.writer.records()
    }

    /// The lines that were left out.
    pub(super) fn skipped(&self) -> &Skipped {
        &self.skipped
    }

    /// How many bytes are held between two calls.
    pub(super) fn held(&self) -> usize {
        self.writer.held()
    }

    /// Takes lines until the batch is done or `out` holds `most` bytes.
    ///
    /// # Errors
    /// With [`Invalid::Fail`] the first line that is not valid; the rows before it are in `out`. The
    /// limit of rows, and what reading again finds.
    pub(super) fn batch(
        &mut self,
        batch: &mut Batch<'_>,
        most: usize,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.watched(out, |rows, out| rows.lines(batch, most, out))
    }

    /// Leaves out a line that is too long, or fails.
    ///
    /// # Errors
    /// As [`Rows::batch`].
    pub(super) fn too_long(&mut self, line: u64, out: &mut Vec<u8>) -> Result<()> {
        self.watched(out, |rows, out| {
            rows.refuse(too_long(line, rows.max_line), line, out)
        })
    }

    /// Takes a record that is a part of a UTF-8 text, of any number of lines.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(super) fn element(
        &mut self,
        text: &[u8],
        range: Range<usize>,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        self.watched(out, |rows, out| Ok(rows.record(text, range, true, out)?))
    }

    /// Writes what is held back to decide on columns, because no further record may come soon.
    ///
    /// # Errors
    /// What reading again finds.
    pub(super) fn pause(&mut self, out: &mut Vec<u8>) -> Result<()> {
        self.watched(out, |rows, out| {
            rows.writer.pause(out);
            Ok(())
        })
    }

    /// Writes the rest. What came in is for the caller to report.
    ///
    /// # Errors
    /// What reading again finds.
    pub(super) fn finish(mut self, empty: Empty, out: &mut Vec<u8>) -> Result<Report> {
        let records = self.records();
        let is_written = records > 0 || empty == Empty::Header || self.end != EndLine::None;
        let start = out.len();
        if is_written {
            self.writer.finish(self.end, out);
        }
        let rest = out.get(start..).unwrap_or_default();
        self.given += rest.len() as u64;
        if let Some(mut reread) = self.reread {
            reread.push(rest)?;
            if is_written {
                reread.finish(records)?;
            }
        }
        Ok(Report {
            records: Some(records),
            skipped: self.skipped,
            privacy: self.hiding.map(HiddenLines::into_findings),
            bytes_out: self.given,
            ..Report::default()
        })
    }

    /// Counts what is appended, also before an error, and reads it again.
    fn watched(
        &mut self,
        out: &mut Vec<u8>,
        append: impl FnOnce(&mut Self, &mut Vec<u8>) -> Result<()>,
    ) -> Result<()> {
        let start = out.len();
        let appended = append(self, out);
        self.given += (out.len() - start) as u64;
        if let Some(reread) = &mut self.reread {
            reread.push(out.get(start..).unwrap_or_default())?;
        }
        appended
    }

    fn lines(&mut self, batch: &mut Batch<'_>, most: usize, out: &mut Vec<u8>) -> Result<()> {
        let Batch { bytes, is_text, .. } = *batch;
        let may_be_plain = is_text && bytes.len() <= self.max_line && self.hiding.is_none();
        let (mut at, mut line) = (batch.at, batch.line);
        while at < bytes.len() && out.len() < most {
            let plain = if may_be_plain {
                self.writer.plain_line(bytes, at, out)
            } else {
                None
            };
            at = if let Some(next) = plain {
                next
            } else {
                let range = line_at(bytes, at);
                let next = range.end + 1;
                self.line(bytes, range, line, is_text, out)?;
                next
            };
            line += 1;
        }
        (batch.at, batch.line) = (at, line);
        Ok(())
    }

    #[inline]
    fn line(
        &mut self,
        bytes: &[u8],
        range: Range<usize>,
        line: u64,
        is_text: bool,
        out: &mut Vec<u8>,
    ) -> Result<()> {
        let content = bytes.get(range.clone()).unwrap_or_default();
        if is_longer(content, self.max_line) {
            return self.refuse(too_long(line, self.max_line), line, out);
        }
        if content.first().is_none_or(|byte| *byte <= b' ') && is_blank(content) {
            return Ok(());
        }
        self.record(bytes, range, is_text, out)
            .or_else(|error| self.refuse(error.moved_down(line - 1), line, out))
    }

    #[inline]
    fn record(
        &mut self,
        bytes: &[u8],
        range: Range<usize>,
        is_text: bool,
        out: &mut Vec<u8>,
    ) -> tonl::Result<()> {
        if is_text && self.hiding.is_none() {
            return self.writer.record_in(bytes, range, out);
        }
        let content = bytes.get(range).unwrap_or_default();
        match &mut self.hiding {
            Some(hiding) => {
                let line = hiding.line(content);
                let written = line.and_then(|line| self.writer.record(line, out));
                hiding.settle();
                written
            }
            None => self.writer.record(content, out),
        }
    }

    /// Leaves a line out, or fails: then the rows of the lines before it are written.
    #[cold]
    fn refuse(&mut self, error: tonl::Error, line: u64, out: &mut Vec<u8>) -> Result<()> {
        let is_end = error.code() == Code::RowLimit;
        if self.invalid == Invalid::Fail || is_end {
            self.writer.pause(out);
            return Err(error.into());
        }
        self.skipped.add(line);
        Ok(())
    }
}
