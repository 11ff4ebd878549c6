//! CSV and TSV with a header: an array of objects, one a record.
//!
//! The input is read twice: a first pass decides what each column holds, the second sends the
//! records. One record is kept at a time.
//!
//! Quotes follow RFC 4180. Empty lines between records are skipped, as every other reader does.

use super::text::open_text;
use crate::error::{Error, Result};
use crate::input::Input;
use csv::{ByteRecord, ErrorKind, Reader, ReaderBuilder};
use std::collections::HashSet;
use std::io::{self, Read};
use tonl::scan::number::is_number;
use tonl::{Code, Event, EventSink, Limits, Position};

/// What cells are read as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CsvCells {
    /// By column: if all cells that are not empty are numbers in JSON's grammar, numbers; if all
    /// are `true` or `false`, booleans; else strings. An empty cell is `""` in a column of strings
    /// and null in any other, also in one without any content.
    #[default]
    Inferred,
    /// Every cell is a string.
    Text,
}

/// How CSV is read.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CsvOptions {
    /// What stands between two fields: `,` or a TAB, or any other ASCII character.
    pub separator: u8,
    /// What cells are read as.
    pub cells: CsvCells,
    /// How many columns, records and bytes are accepted.
    pub limits: Limits,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            separator: b',',
            cells: CsvCells::default(),
            limits: Limits::default(),
        }
    }
}

/// Reads a CSV text and sends an array of its records. A text without records is `[]`.
///
/// # Errors
/// A record with fewer or more fields than the header, a column named twice, a quote that is not
/// closed, invalid UTF-8 and limits, each with its line; what `input` or `sink` report.
pub fn read(input: &Input, options: &CsvOptions, sink: &mut dyn EventSink) -> Result<()> {
    read_unnamed(input, options, sink).map_err(|error| error.named(input.name()))
}

fn read_unnamed(input: &Input, options: &CsvOptions, sink: &mut dyn EventSink) -> Result<()> {
    let kinds = match options.cells {
        CsvCells::Inferred => infer(input, options)?,
        CsvCells::Text => Vec::new(),
    };
    let mut records = Records::open(input, options)?;
    sink.event(Event::BeginArray)?;
    while records.advance()? {
        records
            .send(&kinds, sink)
            .map_err(|error| error.at(records.position()))?;
    }
    sink.event(Event::EndArray)?;
    Ok(())
}

/// What all cells of a column have in common so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    Numbers,
    Booleans,
    Strings,
}

impl Kind {
    fn with(self, cell: &[u8]) -> Self {
        let of_cell = match cell {
            [] => return self,
            b"true" | b"false" => Self::Booleans,
            // Nothing else can begin a number; most cells are decided here.
            [b'-' | b'0'..=b'9', ..] if is_number(cell) => Self::Numbers,
            _ => Self::Strings,
        };
        match self {
            Self::Empty => of_cell,
            _ if self == of_cell => self,
            _ => Self::Strings,
        }
    }

    fn event(self, cell: &str) -> Event<'_> {
        match self {
            Self::Strings => Event::String(cell),
            _ if cell.is_empty() => Event::Null,
            Self::Numbers => Event::Number(cell),
            Self::Booleans => Event::Bool(cell == "true"),
            Self::Empty => Event::Null,
        }
    }
}

fn infer(input: &Input, options: &CsvOptions) -> Result<Vec<Kind>> {
    let mut records = Records::open(input, options)?;
    let mut kinds = vec![Kind::Empty; records.header.len()];
    while records.advance()? {
        for (kind, cell) in kinds.iter_mut().zip(&records.record) {
            if *kind != Kind::Strings {
                *kind = kind.with(cell);
            }
        }
    }
    Ok(kinds)
}

/// The records of one pass, each checked against the header.
struct Records<R> {
    reader: Reader<Sealed<R>>,
    header: Vec<String>,
    record: ByteRecord,
    count: u64,
    limits: Limits,
}

impl Records<Box<dyn Read>> {
    fn open(input: &Input, options: &CsvOptions) -> Result<Self> {
        let text: Box<dyn Read> = Box::new(open_text(input, &options.limits)?);
        let reader = ReaderBuilder::new()
            .delimiter(options.separator)
            .has_headers(false)
            .flexible(true)
            .from_reader(Sealed::new(text));
        let mut records = Self {
            reader,
            header: Vec::new(),
            record: ByteRecord::new(),
            count: 0,
            limits: options.limits,
        };
        if records.next()? {
            records.header = records
                .record
                .iter()
                .map(|name| text_of(name).to_owned())
                .collect();
            records.check_header()?;
        }
        Ok(records)
    }
}

impl<R: Read> Records<R> {
    /// Reads the next record into `self.record`; gives whether there was one.
    fn advance(&mut self) -> Result<bool> {
        if !self.next()? {
            return Ok(false);
        }
        self.count += 1;
        if self.count > self.limits.rows {
            let expected = format!("at most {} records", self.limits.rows);
            return Err(Error::limit(Code::RowLimit, expected)
                .at(self.position())
                .into());
        }
        let (expected, found) = (self.header.len(), self.record.len());
        if found == expected {
            return Ok(true);
        }
        let code = if found < expected {
            Code::ShortRow
        } else {
            Code::LongRow
        };
        let error = tonl::Error::new(
            code,
            format!("{expected} fields as in the header"),
            found.to_string(),
        );
        let hint = "complete the record, or put quotes around a field that holds the separator";
        Err(error.at(self.position()).with_hint(hint).into())
    }

    fn next(&mut self) -> Result<bool> {
        let has_record =
            self.reader
                .read_byte_record(&mut self.record)
                .map_err(|error| match error.into_kind() {
                    ErrorKind::Io(error) => Error::io("read", error),
                    kind => Error::io("read", io::Error::other(format!("{kind:?}"))),
                })?;
        let is_seal = self.record.len() == 1 && self.record.get(0) == Some(SEAL);
        if has_record && !is_seal && self.record.iter().any(|field| field.contains(&SEAL_BYTE)) {
            let error = tonl::Error::new(Code::UnterminatedQuote, "'\"'", "the end of the text");
            let hint = "a quoted field begins in this record and is not closed";
            return Err(error.at(self.position()).with_hint(hint).into());
        }
        Ok(has_record && !is_seal)
    }

    fn check_header(&self) -> Result<()> {
        if self.header.len() > self.limits.columns {
            let expected = format!("at most {} columns", self.limits.columns);
            let error = Error::limit(Code::ColumnLimit, expected);
            return Err(error.at(self.position()).into());
        }
        let mut names = HashSet::new();
        match self.header.iter().find(|name| !names.insert(name.as_str())) {
            None => Ok(()),
            Some(name) => {
                let found = format!("{name:?} a second time");
                let error = tonl::Error::new(Code::DuplicateColumn, "each column once", found);
                let hint = "rename one of the columns in the first line";
                Err(error.at(self.position()).with_hint(hint).into())
            }
        }
    }

    fn send(&self, kinds: &[Kind], sink: &mut dyn EventSink) -> tonl::Result<()> {
        sink.event(Event::BeginObject)?;
        let kinds = kinds
            .iter()
            .copied()
            .chain(std::iter::repeat(Kind::Strings));
        for ((name, cell), kind) in self.header.iter().zip(&self.record).zip(kinds) {
            sink.event(Event::Key(name))?;
            sink.event(kind.event(text_of(cell)))?;
        }
        sink.event(Event::EndObject)
    }

    /// Where the current record begins.
    fn position(&self) -> Position {
        let line = self.record.position().map_or(1, csv::Position::line);
        Position { line, column: 1 }
    }
}

/// A field's text; the reader underneath has checked that it is UTF-8.
fn text_of(field: &[u8]) -> &str {
    std::str::from_utf8(field).unwrap_or_default()
}

/// Puts a record behind the text that no text in UTF-8 holds. If it does not come out as a record
/// of its own, the text ended inside quotes.
struct Sealed<R> {
    inner: R,
    seal: &'static [u8],
}

const SEAL_BYTE: u8 = 0xFF;
const SEAL: &[u8] = &[SEAL_BYTE];

impl<R> Sealed<R> {
    fn new(inner: R) -> Self {
        let seal = b"\n\xFF\n";
        Self { inner, seal }
    }
}

impl<R: Read> Read for Sealed<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.inner.read(buffer)? {
            0 if !buffer.is_empty() => self.seal.read(buffer),
            count => Ok(count),
        }
    }
}

#[cfg(test)]
mod tests;
