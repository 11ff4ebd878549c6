//! Streams: rows written as records come, in constant memory.
//!
//! The first records fix the columns; then each record becomes a row at once. When the records
//! change for good, a new segment with new columns opens.
//!
//! *Source:* `spec/tonl.md`, section "Streams".

use super::layout::Layout;
use super::row::{RECORD_DEPTH, RowForm, RowWriter};
use super::segment::EscapeRun;
use super::style::Style;
use crate::error::{Code, Error, Result};
use crate::header::{Count, write_table_header};
use crate::infer::{Choice, RecordStats, Surveyor, Wishes, choose_table};
use crate::options::WriteOptions;
use crate::scan::{Fault, skip_space};
use crate::schema::Column;
use std::ops::Range;

/// Writes a stream: records in, rows out.
#[derive(Debug)]
pub struct StreamWriter {
    options: WriteOptions,
    style: Style,
    rows: RowWriter,
    state: State,
    run: EscapeRun,
    written: u64,
}

#[derive(Debug)]
enum State {
    /// Collecting the records that decide on the columns.
    Head(Head),
    /// The columns stand.
    Rows(Layout),
}

#[derive(Debug, Default)]
struct Head {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Head {
    /// The records collected, in their order.
    fn records(&self) -> impl Iterator<Item = &[u8]> {
        let starts = std::iter::once(&0).chain(&self.ends);
        starts
            .zip(&self.ends)
            .map(|(start, end)| self.text.get(*start..*end).unwrap_or_default())
    }
}

/// The most records that decide on the columns.
const HEAD_RECORDS: usize = 64;

/// The most bytes of records that decide on the columns.
const HEAD_BYTES: usize = 64 << 10;

/// Whether a stream ends with a line that counts its rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum EndLine {
    /// No such line.
    #[default]
    None,
    /// `#end N`.
    Count,
}

impl StreamWriter {
    /// A stream that has seen nothing.
    pub fn new(options: &WriteOptions) -> Self {
        let style = Style::of(options.profile);
        Self {
            options: options.clone(),
            style,
            rows: RowWriter::of_stream(options.limits.depth(), style),
            state: State::Head(Head::default()),
            run: EscapeRun::default(),
            written: 0,
        }
    }

    /// How many records it has taken.
    pub fn records(&self) -> u64 {
        self.written
    }

    /// How many bytes of records are held because they may decide on columns.
    pub fn held(&self) -> usize {
        let head = match &self.state {
            State::Head(head) => head.text.capacity(),
            State::Rows(_) => 0,
        };
        head + self.run.held()
    }

    /// Takes one record, a JSON text, and appends what can be written to `out`.
    ///
    /// # Errors
    /// What is wrong with the record, its position counted from the record's beginning. The record
    /// is then not part of the stream, and `out` is as it was; the stream goes on with the next.
    pub fn record(&mut self, record: &[u8], out: &mut Vec<u8>) -> Result<()> {
        if let Err(error) = simdutf8::compat::from_utf8(record) {
            let fault = Fault::new(error.valid_up_to(), Code::InvalidUtf8, "UTF-8");
            return Err(fault.into_error(record, 1));
        }
        self.record_in(record, 0..record.len(), out)
    }

    /// As [`StreamWriter::record`], for a record that is a part of a larger text: bytes behind the
    /// range may be looked at, which is faster than cutting the record out.
    ///
    /// The whole text must be UTF-8: the caller has checked it, best in large blocks.
    ///
    /// # Errors
    /// As [`StreamWriter::record`].
    #[inline]
    pub fn record_in(&mut self, text: &[u8], range: Range<usize>, out: &mut Vec<u8>) -> Result<()> {
        if self.written >= self.options.limits.rows {
            let expected = format!("at most {} rows", self.options.limits.rows);
            return Err(Error::new(Code::RowLimit, expected, "one more"));
        }
        match &self.state {
            State::Rows(layout) => {
                let form = write_row(&mut self.rows, layout, self.style, text, &range, out)
                    .map_err(|fault| in_record(fault, text, &range))?;
                if form == RowForm::Plain {
                    self.run.clear();
                } else {
                    self.escaped(text, &range, out);
                }
            }
            State::Head(_) => self.collect(text, &range, out)?,
        }
        self.written += 1;
        Ok(())
    }

    /// Takes the record that begins at byte `at` of a UTF-8 text, if it is a plain row that a line
    /// feed follows at once; gives the byte behind the line feed. Anything else is left for
    /// [`StreamWriter::record_in`], and nothing has happened.
    ///
    /// This spares the search for the line's end, which the row finds by itself.
    #[inline]
    pub fn plain_line(&mut self, text: &[u8], at: usize, out: &mut Vec<u8>) -> Option<usize> {
        let State::Rows(layout) = &self.state else {
            return None;
        };
        if self.written >= self.options.limits.rows {
            return None;
        }
        let start = out.len();
        self.style.indent_once(out);
        match self.rows.plain_on_line(layout, text, at, RECORD_DEPTH, out) {
            Some(end) if text.get(end) == Some(&b'\n') => {
                out.push(b'\n');
                self.run.clear();
                self.written += 1;
                Some(end + 1)
            }
            _ => {
                out.truncate(start);
                None
            }
        }
    }

    /// Writes what is held back, because no further record may come soon. Columns are fixed by what
    /// has come so far.
    pub fn pause(&mut self, out: &mut Vec<u8>) {
        if matches!(&self.state, State::Head(head) if !head.ends.is_empty()) {
            self.settle(None, out);
        }
    }

    /// Writes what is held back and, if asked for, the line that counts the rows.
    ///
    /// A stream without records becomes `data[]{}:`.
    pub fn finish(mut self, end: EndLine, out: &mut Vec<u8>) {
        if matches!(self.state, State::Head(_)) {
            self.settle(None, out);
        }
        if end == EndLine::Count {
            out.extend_from_slice(format!("#end {}\n", self.written).as_bytes());
        }
    }

    fn collect(&mut self, text: &[u8], range: &Range<usize>, out: &mut Vec<u8>) -> Result<()> {
        let State::Head(head) = &mut self.state else {
            return Ok(());
        };
        let record = text.get(range.clone()).unwrap_or_default();
        self.rows
            .check(record)
            .map_err(|fault| fault.into_error(record, 1))?;
        let is_last = head.ends.len() + 1 >= HEAD_RECORDS
            || head.text.len().saturating_add(record.len()) >= HEAD_BYTES;
        if is_last {
            self.settle(Some(record), out);
        } else {
            head.text.extend_from_slice(record);
            head.ends.push(head.text.len());
        }
        Ok(())
    }

    /// Fixes the columns by the records collected and one more, which may be too long to be kept, and
    /// writes them.
    fn settle(&mut self, last: Option<&[u8]>, out: &mut Vec<u8>) {
        let State::Head(head) = &mut self.state else {
            return;
        };
        let head = std::mem::take(head);
        let mut stats = RecordStats::default();
        let mut surveyor = surveyor(&self.options);
        for record in head.records().chain(last) {
            let at = skip_space(record, 0);
            // Each record was checked when it came.
            surveyor.record(&mut stats, record, at, RECORD_DEPTH).ok();
        }
        self.open_segment(&stats, out);
        let State::Rows(layout) = &self.state else {
            return;
        };
        for record in head.records().chain(last) {
            let whole = 0..record.len();
            write_row(&mut self.rows, layout, self.style, record, &whole, out).ok();
        }
    }

    /// Begins a segment whose columns are made from these records.
    fn open_segment(&mut self, stats: &RecordStats, out: &mut Vec<u8>) {
        let chosen = choose_table(stats, &Choice::stream(&self.options));
        self.write_header(&chosen.columns, out);
        self.state = State::Rows(Layout::new(&chosen.columns));
    }

    fn write_header(&self, columns: &[Column], out: &mut Vec<u8>) {
        out.extend_from_slice(self.options.label.as_str().as_bytes());
        write_table_header(out, Count::Open, columns);
        out.push(b'\n');
    }

    /// After an escape row: opens a new segment when enough records of another shape have come.
    #[cold]
    fn escaped(&mut self, text: &[u8], range: &Range<usize>, out: &mut Vec<u8>) {
        let record = text.get(range.clone()).unwrap_or_default();
        let shape = self.rows.scribe.shape();
        let surveyor = || surveyor(&self.options);
        let Some(stats) = self.run.add(record, shape, surveyor) else {
            return;
        };
        let Some(row) = last_line(out) else { return };
        let escaped = out.split_off(row);
        self.open_segment(&stats, out);
        let State::Rows(layout) = &self.state else {
            return;
        };
        let whole = 0..record.len();
        if write_row(&mut self.rows, layout, self.style, record, &whole, out).is_err() {
            out.extend_from_slice(&escaped);
        }
    }
}

/// Where the last line of `out` begins.
fn last_line(out: &[u8]) -> Option<usize> {
    let body = out.strip_suffix(b"\n")?;
    Some(memchr::memrchr(b'\n', body).map_or(0, |at| at + 1))
}

fn surveyor(options: &WriteOptions) -> Surveyor {
    Surveyor::new(options.limits.depth(), Wishes::of(options.profile))
}

fn in_record(fault: Fault, text: &[u8], range: &Range<usize>) -> Error {
    let record = text.get(range.clone()).unwrap_or_default();
    Fault {
        at: fault.at.saturating_sub(range.start),
        ..fault
    }
    .into_error(record, 1)
}

/// Writes the record as one line.
#[inline]
fn write_row(
    rows: &mut RowWriter,
    layout: &Layout,
    style: Style,
    text: &[u8],
    range: &Range<usize>,
    out: &mut Vec<u8>,
) -> Result<RowForm, Fault> {
    let start = out.len();
    out.extend_from_slice(style.indent);
    let at = skip_space(text, range.start);
    let form = match rows.row(layout, text, at, RECORD_DEPTH, out) {
        Ok(row) if row.end <= range.end && skip_space(text, row.end) >= range.end => row.form,
        _ => {
            out.truncate(start);
            out.extend_from_slice(style.indent);
            let record = text.get(..range.end).unwrap_or_default();
            whole_row(rows, layout, record, at, out).inspect_err(|_| out.truncate(start))?
        }
    };
    out.push(b'\n');
    Ok(form)
}

/// Writes the record that is all the rest of `text`, which finds out what is wrong with it.
#[cold]
fn whole_row(
    rows: &mut RowWriter,
    layout: &Layout,
    text: &[u8],
    at: usize,
    out: &mut Vec<u8>,
) -> Result<RowForm, Fault> {
    let row = rows.row(layout, text, at, RECORD_DEPTH, out)?;
    let end = skip_space(text, row.end);
    if end < text.len() {
        return Err(Fault::new(
            end,
            Code::TrailingContent,
            "the end of the record",
        ));
    }
    Ok(row.form)
}

#[cfg(test)]
mod tests;
