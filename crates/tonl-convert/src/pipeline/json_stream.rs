//! A JSON document into a TONL stream, for a caller that must not wait: rows come out in pieces.
//!
//! The text is in memory as a whole, because it is checked as a whole before the first row: a fault
//! at its end must not cut off what has been sent. No value is built from it. A root array gives its
//! elements one after another, any other root is one record, and NDJSON under this name is taken
//! line by line. Nothing is ever left out: who sends a document means all of it.
//!
//! The trap: an array on one line with another value behind it is the first line of NDJSON; the same
//! array over several lines with something behind it is a broken document.

use super::lines::{BOM, is_blank, is_longer, line_at, too_long};
use super::rows::{Batch, Empty, Rows};
use super::stream::{Invalid, StreamJob};
use crate::error::Result;
use crate::input::check_encoding;
use crate::report::Report;
use std::fmt;
use std::ops::Range;
use tonl::scan::{Fault, skip_space};
use tonl::write::{ArraySurvey, StreamWriter};
use tonl::{Code, WriteOptions};

/// The rows of a JSON document, or of NDJSON that is sent as one.
///
/// Of the job, [`StreamJob::invalid`] and [`StreamJob::arrival`] mean nothing here, and
/// [`StreamJob::max_line`] holds for lines of NDJSON only. Beside the text it holds what a
/// [`super::PushStream`] holds, and eight bytes for each key of the objects that are open; the row of
/// a record that is most of the text comes in one piece. The text has no record if it is `[]` or only white space: then there
/// is no output either, which reads as `[]` (unless a line is to count the rows).
pub struct JsonStream<T> {
    text: T,
    job: StreamJob,
    checker: ArraySurvey,
    rows: Rows,
    rest: Rest,
}

/// What is still to become rows.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rest {
    /// The elements of a root array from this byte on, which is behind a `[` or `,`.
    Elements(usize),
    /// One value.
    Value(Range<usize>),
    /// The lines from this byte on, the first of them with this number.
    Lines(usize, u64),
    /// Nothing.
    Nothing,
}

/// So many bytes of rows are a piece.
const PIECE_BYTES: usize = 64 << 10;

/// So many bytes of text are taken at once.
const TEXT_BYTES: usize = 256 << 10;

impl<T: AsRef<[u8]>> JsonStream<T> {
    /// Takes a document and checks all of it, without output. This takes time in proportion to the
    /// text, about as much as all further calls together.
    ///
    /// # Errors
    /// The first fault of the text with its line and column, both one-based; text in UTF-16; more
    /// records than the limit of rows; a line of NDJSON that is too long.
    pub fn open(text: T, mut job: StreamJob) -> Result<Self> {
        job.invalid = Invalid::Fail;
        let mut survey = Survey::new(&job);
        let rest = job.covered(survey.document(text.as_ref()))?;
        Ok(Self {
            checker: survey.checker,
            rows: Rows::new(&job),
            text,
            job,
            rest,
        })
    }

    /// Appends about 64 KiB of rows to `out`, or all that are left. Whether there is more.
    ///
    /// One call costs time in proportion to 256 KiB of text, or one record if that is longer.
    ///
    /// # Errors
    /// With [`super::Verify::Compare`], rows that do not read back.
    pub fn advance(&mut self, out: &mut Vec<u8>) -> Result<bool> {
        let Self {
            text, rows, rest, ..
        } = self;
        let text = without_mark(text.as_ref());
        let most = out.len().saturating_add(PIECE_BYTES);
        let taken = match std::mem::replace(rest, Rest::Nothing) {
            Rest::Elements(at) => {
                elements(text, at, &mut self.checker, rows, most, out).map(|next| *rest = next)
            }
            Rest::Value(range) => rows.element(text, range, out),
            Rest::Lines(at, line) => {
                lines(text, at, line, rows, most, out).map(|next| *rest = next)
            }
            Rest::Nothing => Ok(()),
        };
        self.job.covered(taken)?;
        Ok(self.rest != Rest::Nothing)
    }

    /// Appends all rows that are left and, if that is asked for, the line that counts them.
    ///
    /// # Errors
    /// As [`JsonStream::advance`].
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<Report> {
        while self.advance(out)? {}
        let report = self.rows.finish(Empty::Nothing, out);
        let bytes_in = self.text.as_ref().len() as u64;
        Ok(Report {
            bytes_in,
            ..self.job.covered(report)?
        })
    }

    /// How many records were taken so far, those included whose rows are held back.
    pub fn records(&self) -> u64 {
        self.rows.records()
    }
}

impl<T> fmt::Debug for JsonStream<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonStream")
            .field("records", &self.rows.records())
            .field("rest", &self.rest)
            .finish_non_exhaustive()
    }
}

fn elements(
    text: &[u8],
    mut at: usize,
    checker: &mut ArraySurvey,
    rows: &mut Rows,
    most: usize,
    out: &mut Vec<u8>,
) -> Result<Rest> {
    let until = at.saturating_add(TEXT_BYTES);
    while at < until && out.len() < most {
        let start = skip_space(text, at);
        if text.get(start) == Some(&b']') {
            return Ok(Rest::Nothing);
        }
        let end = checker.check(text, start);
        let end = end.map_err(|fault| fault.into_error(text, 1))?;
        rows.element(text, start..end, out)?;
        let comma = skip_space(text, end);
        if text.get(comma) != Some(&b',') {
            return Ok(Rest::Nothing);
        }
        at = comma + 1;
    }
    Ok(Rest::Elements(at))
}

fn lines(
    text: &[u8],
    at: usize,
    line: u64,
    rows: &mut Rows,
    most: usize,
    out: &mut Vec<u8>,
) -> Result<Rest> {
    let rest = text.get(at..).unwrap_or_default();
    let (some, others) = rest.split_at(rest.len().min(TEXT_BYTES));
    let len = memchr::memrchr(b'\n', some)
        .filter(|_| !others.is_empty())
        .or_else(|| memchr::memchr(b'\n', others).map(|end| some.len() + end))
        .map_or(rest.len(), |end| end + 1);
    let mut batch = Batch::of_text(rest.get(..len).unwrap_or_default(), line);
    rows.batch(&mut batch, most, out)?;
    let at = at + batch.taken();
    Ok(if at < text.len() {
        Rest::Lines(at, batch.line())
    } else {
        Rest::Nothing
    })
}

/// Looks at a whole text and finds out what it is.
struct Survey {
    checker: ArraySurvey,
    options: WriteOptions,
    max_line: usize,
    records: u64,
}

impl Survey {
    fn new(job: &StreamJob) -> Self {
        Self {
            checker: ArraySurvey::new(&job.write),
            options: job.write.clone(),
            max_line: job.max_line,
            records: 0,
        }
    }

    fn document(&mut self, bytes: &[u8]) -> Result<Rest> {
        check_encoding(bytes)?;
        let text = without_mark(bytes);
        if let Err(error) = simdutf8::compat::from_utf8(text) {
            let fault = Fault::new(error.valid_up_to(), Code::InvalidUtf8, "UTF-8");
            return Err(fault.into_error(text, 1).into());
        }
        Ok(self.root(text)?)
    }

    fn root(&mut self, text: &[u8]) -> tonl::Result<Rest> {
        let first = skip_space(text, 0);
        let (end, rest) = match text.get(first) {
            None => return Ok(Rest::Nothing),
            Some(b'[') => (self.array(text, first)?, Rest::Elements(first + 1)),
            Some(_) => {
                let end = self.record(text, first)?;
                (end, Rest::Value(first..end))
            }
        };
        let next = skip_space(text, end);
        if next >= text.len() {
            return Ok(rest);
        }
        if has_break(text, end..next) && !has_break(text, first..end) {
            self.lines(text)?;
            return Ok(Rest::Lines(0, 1));
        }
        let fault = Fault::new(next, Code::TrailingContent, "the end of the text");
        Err(fault.into_error(text, 1))
    }

    /// Checks the array at byte `at` element by element; gives the byte behind it.
    fn array(&mut self, text: &[u8], at: usize) -> tonl::Result<usize> {
        let mut next = skip_space(text, at + 1);
        if text.get(next) == Some(&b']') {
            return Ok(next + 1);
        }
        loop {
            let end = skip_space(text, self.record(text, next)?);
            match text.get(end) {
                Some(b',') => next = skip_space(text, end + 1),
                Some(b']') => return Ok(end + 1),
                _ => {
                    let fault = Fault::new(end, Code::JsonSyntax, "',' or ']'");
                    return Err(fault.into_error(text, 1));
                }
            }
        }
    }

    fn record(&mut self, text: &[u8], at: usize) -> tonl::Result<usize> {
        let end = self.checker.check(text, at);
        let end = end.map_err(|fault| fault.into_error(text, 1))?;
        self.count()?;
        Ok(end)
    }

    /// Checks NDJSON; the records counted before were the first line.
    fn lines(&mut self, text: &[u8]) -> tonl::Result<()> {
        self.records = 0;
        let (mut at, mut number) = (0, 1);
        while at < text.len() {
            let range = line_at(text, at);
            at = range.end + 1;
            let line = text.get(range).unwrap_or_default();
            if is_longer(line, self.max_line) {
                return Err(too_long(number, self.max_line));
            }
            if !is_blank(line) {
                self.line(line)
                    .map_err(|error| error.moved_down(number - 1))?;
            }
            number += 1;
        }
        Ok(())
    }

    fn line(&mut self, line: &[u8]) -> tonl::Result<()> {
        let checked = self.checker.check(line, skip_space(line, 0));
        if checked.is_ok_and(|end| skip_space(line, end) >= line.len()) {
            return self.count();
        }
        // A stream finds the fault again, and says it in its own words.
        StreamWriter::new(&self.options).record(line, &mut Vec::new())
    }

    fn count(&mut self) -> tonl::Result<()> {
        self.records += 1;
        let most = self.options.limits.rows;
        if self.records > most {
            let expected = format!("at most {most} rows");
            return Err(tonl::Error::new(Code::RowLimit, expected, "one more"));
        }
        Ok(())
    }
}

fn has_break(text: &[u8], part: Range<usize>) -> bool {
    memchr::memchr(b'\n', text.get(part).unwrap_or_default()).is_some()
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(BOM).unwrap_or(bytes)
}
