//! CSV and TSV with a header, from an array of objects.
//!
//! A header must name all columns before the first record. Therefore the events are sent twice:
//! first into [`CsvColumns`], which collects the keys in the order in which they are first seen,
//! then into a [`CsvSink`] made from it. Neither keeps more than one record.
//!
//! Null and missing members become empty cells, an empty string becomes `""`, nested values become
//! JSON text. What a reader will not take back as it was is counted; see [`TextSink::losses`].

mod losses;

use super::{JsonSink, Layout, TextSink};
use losses::Tally;
use std::collections::HashMap;
use tonl::{Code, Error, Event, EventSink};

/// The columns of a table: the keys of its records in the order in which they are first seen.
#[derive(Clone, Debug)]
pub struct CsvColumns {
    names: Vec<String>,
    places: HashMap<String, usize>,
    limit: usize,
    depth: usize,
}

impl CsvColumns {
    /// No columns yet, and at most `limit` in the end.
    pub fn new(limit: usize) -> Self {
        Self {
            names: Vec::new(),
            places: HashMap::new(),
            limit,
            depth: 0,
        }
    }

    /// The names, in order.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    fn add(&mut self, name: &str) -> tonl::Result<()> {
        if self.places.contains_key(name) {
            return Ok(());
        }
        if self.names.len() >= self.limit {
            let expected = format!("at most {} columns", self.limit);
            return Err(crate::Error::limit(Code::ColumnLimit, expected));
        }
        self.places.insert(name.to_owned(), self.names.len());
        self.names.push(name.to_owned());
        Ok(())
    }
}

impl EventSink for CsvColumns {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        check_shape(self.depth, event)?;
        self.depth = nested(self.depth, event);
        match event {
            Event::Key(name) if self.depth == 2 => self.add(name),
            _ => Ok(()),
        }
    }
}

/// Writes records under a header.
#[derive(Debug)]
pub struct CsvSink {
    out: Vec<u8>,
    separator: u8,
    columns: CsvColumns,
    depth: usize,
    has_header: bool,
    /// The cells of the current record, as they are written; nothing for a missing member.
    cells: Vec<Option<Vec<u8>>>,
    /// The column of the member whose value is coming.
    place: usize,
    nested: JsonSink,
    tally: Tally,
}

impl CsvSink {
    /// A sink for records of these columns, `separator` (an ASCII character) between the fields.
    pub fn new(columns: CsvColumns, separator: u8) -> Self {
        let count = columns.names.len();
        Self {
            out: Vec::new(),
            separator,
            columns,
            depth: 0,
            has_header: false,
            cells: vec![None; count],
            place: 0,
            nested: JsonSink::new(Layout::Compact),
            tally: Tally::new(count),
        }
    }

    fn header(&mut self) -> tonl::Result<()> {
        if std::mem::replace(&mut self.has_header, true) {
            return Ok(());
        }
        if self.columns.names.is_empty() {
            let error = Error::new(
                Code::Unrepresentable,
                "records with at least one member",
                "none",
            );
            return Err(error.with_hint("choose another format, for example json"));
        }
        for (at, name) in self.columns.names.iter().enumerate() {
            if name.contains('\0') {
                let expected = "column names without NUL characters";
                let found = format!("{name:?}");
                return Err(Error::new(Code::Unrepresentable, expected, found)
                    .with_hint("a text that begins with NUL bytes is not taken as CSV"));
            }
            if at > 0 {
                self.out.push(self.separator);
            }
            write_field(&mut self.out, name, self.separator);
        }
        self.out.push(b'\n');
        Ok(())
    }

    fn begin_record(&mut self) -> tonl::Result<()> {
        self.cells.fill(None);
        self.header()
    }

    fn end_record(&mut self) {
        let is_single = self.cells.len() == 1;
        for (at, cell) in self.cells.iter().enumerate() {
            if at > 0 {
                self.out.push(self.separator);
            }
            if cell.is_none() {
                self.tally.missing(at);
            }
            match cell.as_deref() {
                // An empty line would be no record.
                None | Some([]) if is_single => self.out.extend_from_slice(b"\"\""),
                text => self.out.extend_from_slice(text.unwrap_or_default()),
            }
        }
        self.out.push(b'\n');
    }

    /// Takes a value that is a member of a record.
    fn member(&mut self, event: Event<'_>) -> tonl::Result<()> {
        let mut text = Vec::new();
        match event {
            Event::Key(name) => {
                let place = self.columns.places.get(name).copied();
                self.place = place.ok_or_else(|| unknown_column(name))?;
                return Ok(());
            }
            Event::String(value) => write_field(&mut text, value, self.separator),
            Event::Number(value) => text.extend_from_slice(value.as_bytes()),
            Event::Bool(value) => text.extend_from_slice(if value { b"true" } else { b"false" }),
            _ => {}
        }
        self.tally.scalar(self.place, event);
        self.put(text);
        Ok(())
    }

    fn nested_part(&mut self, event: Event<'_>) -> tonl::Result<()> {
        self.nested.event(event)?;
        if nested(self.depth, event) == 2 {
            let json = std::mem::take(self.nested.buffer());
            let mut text = Vec::new();
            let json = std::str::from_utf8(&json).unwrap_or_default();
            write_field(&mut text, json, self.separator);
            self.tally.nested(self.place);
            self.put(text);
        }
        Ok(())
    }

    fn put(&mut self, text: Vec<u8>) {
        if let Some(cell) = self.cells.get_mut(self.place) {
            *cell = Some(text);
        }
    }
}

impl EventSink for CsvSink {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        check_shape(self.depth, event)?;
        let is_begin = matches!(event, Event::BeginArray | Event::BeginObject);
        match self.depth {
            1 if is_begin => self.begin_record()?,
            0 | 1 => {}
            2 if event == Event::EndObject => self.end_record(),
            2 if !is_begin => self.member(event)?,
            _ => self.nested_part(event)?,
        }
        self.depth = nested(self.depth, event);
        Ok(())
    }
}

impl TextSink for CsvSink {
    fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    fn finish(&mut self) -> tonl::Result<()> {
        Ok(())
    }

    fn losses(&self) -> Vec<String> {
        self.tally.sentences(&self.columns.names)
    }
}

/// Refuses what is not an array of objects; `depth` is that before the event.
fn check_shape(depth: usize, event: Event<'_>) -> tonl::Result<()> {
    let fits = match depth {
        0 => event == Event::BeginArray,
        1 => matches!(event, Event::BeginObject | Event::EndArray),
        _ => true,
    };
    if fits {
        return Ok(());
    }
    let found = match event {
        Event::Null => "null",
        Event::Bool(_) => "a boolean",
        Event::Number(_) => "a number",
        Event::String(_) => "a string",
        Event::BeginArray => "an array",
        _ => "an object",
    };
    let expected = match depth {
        0 => "an array of objects",
        _ => "an object in the array",
    };
    let error = Error::new(Code::Unrepresentable, expected, found);
    Err(error.with_hint("CSV holds only tables; choose another format, for example json"))
}

fn nested(depth: usize, event: Event<'_>) -> usize {
    match event {
        Event::BeginArray | Event::BeginObject => depth + 1,
        Event::EndArray | Event::EndObject => depth.saturating_sub(1),
        _ => depth,
    }
}

fn unknown_column(name: &str) -> Error {
    Error::new(
        Code::Mismatch,
        "the keys of the first pass",
        format!("{name:?}"),
    )
}

/// Appends a field, in quotes where RFC 4180 needs them and where it would vanish or be taken as a
/// byte-order mark.
fn write_field(out: &mut Vec<u8>, text: &str, separator: u8) {
    let is_special = |byte: u8| byte == separator || matches!(byte, b'"' | b'\n' | b'\r');
    let needs_quotes =
        text.is_empty() || text.starts_with('\u{FEFF}') || text.bytes().any(is_special);
    if !needs_quotes {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests;
