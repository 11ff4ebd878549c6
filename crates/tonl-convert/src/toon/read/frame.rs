//! What is open while lines come, and the rows and entries of tables.

use super::super::field::{Field, Fields};
use super::super::header::{self, Header};
use super::super::lexis;
use super::super::options::{Delimiter, Strictness};
use super::Decoder;
use super::lines::Line;
use std::collections::HashSet;
use tonl::scan::Fault;
use tonl::{Code, Error, Event, Position};

/// An array or object that is open.
pub(super) struct Frame {
    /// The depth of its lines.
    pub(super) depth: usize,
    /// Whether none of its lines has come yet.
    pub(super) is_fresh: bool,
    pub(super) body: Body,
}

pub(super) enum Body {
    /// One member a line.
    Object { keys: Keys },
    /// One item a line, behind a hyphen.
    List { rows: Rows },
    /// One row a line.
    Table {
        rows: Rows,
        fields: Fields,
        delimiter: Delimiter,
        /// The keys of the entries, if each row has one.
        keys: Option<Keys>,
    },
}

type Keys = HashSet<Box<str>>;

/// How many rows, items or entries were announced, and how many came.
pub(super) struct Rows {
    announced: u64,
    came: u64,
    /// The line of the header.
    line: u64,
}

impl Frame {
    pub(super) fn object(depth: usize) -> Self {
        Self::new(depth, Body::Object { keys: Keys::new() })
    }

    pub(super) fn list(header: &Header, depth: usize, line: u64) -> Self {
        let rows = Rows::new(header.count, line);
        Self::new(depth, Body::List { rows })
    }

    fn new(depth: usize, body: Body) -> Self {
        Self {
            depth,
            is_fresh: true,
            body,
        }
    }

    fn rows(&mut self) -> Option<&mut Rows> {
        match &mut self.body {
            Body::Object { .. } => None,
            Body::List { rows } | Body::Table { rows, .. } => Some(rows),
        }
    }

    /// Whether it is counted and its first row has come.
    pub(super) fn has_begun_rows(&self) -> bool {
        match &self.body {
            Body::Object { .. } => false,
            Body::List { rows } | Body::Table { rows, .. } => rows.came > 0,
        }
    }

    fn begin(&self) -> Event<'static> {
        if self.is_object() {
            Event::BeginObject
        } else {
            Event::BeginArray
        }
    }

    fn end(&self) -> Event<'static> {
        if self.is_object() {
            Event::EndObject
        } else {
            Event::EndArray
        }
    }

    fn is_object(&self) -> bool {
        matches!(
            self.body,
            Body::Object { .. } | Body::Table { keys: Some(_), .. }
        )
    }
}

impl Rows {
    fn new(announced: u64, line: u64) -> Self {
        Self {
            announced,
            came: 0,
            line,
        }
    }

    fn error(&self, code: Code, found: u64) -> Error {
        let expected = format!(
            "{} rows, as the header on line {} says",
            self.announced, self.line
        );
        Error::new(code, expected, found.to_string())
    }
}

impl Decoder<'_> {
    pub(super) fn open(&mut self, line: &Line<'_>, frame: Frame) -> tonl::Result<()> {
        self.check_depth(line, 1)?;
        self.send(frame.begin(), line.start())?;
        self.frames.push(frame);
        Ok(())
    }

    pub(super) fn open_table(
        &mut self,
        line: &Line<'_>,
        header: Header,
        depth: usize,
    ) -> tonl::Result<()> {
        let fields = header.fields.unwrap_or_default();
        let limits = self.options.limits;
        if fields.names > limits.columns {
            let expected = format!("at most {} fields in a header", limits.columns);
            return Err(crate::Error::limit(Code::ColumnLimit, expected).at(line.start()));
        }
        self.check_depth(line, 2 + fields.depth)?;
        let body = Body::Table {
            rows: Rows::new(header.count, line.number),
            fields,
            delimiter: header.delimiter,
            keys: header.is_keyed.then(Keys::new),
        };
        self.open(line, Frame::new(depth, body))
    }

    /// Closes the frame on top; `code` is for rows that are missing.
    pub(super) fn close(&mut self, code: Code, place: Position) -> tonl::Result<()> {
        let Some(mut frame) = self.frames.pop() else {
            return Ok(());
        };
        let end = frame.end();
        if let Some(rows) = frame.rows()
            && rows.came != rows.announced
            && self.options.strictness == Strictness::Strict
        {
            return Err(rows.error(code, rows.came).at(place));
        }
        self.send(end, place)
    }

    /// Fails if `levels` more levels are too many.
    pub(super) fn check_depth(&self, line: &Line<'_>, levels: usize) -> tonl::Result<()> {
        let limit = self.options.limits.depth();
        if self.frames.len() + levels <= limit {
            return Ok(());
        }
        let expected = format!("at most {limit} levels of nesting");
        Err(crate::Error::limit(Code::DepthLimit, expected).at(line.start()))
    }

    /// Counts a row of the frame on top.
    pub(super) fn count(&mut self, line: &Line<'_>) -> tonl::Result<()> {
        let limit = self.options.limits.rows;
        let is_strict = self.options.strictness == Strictness::Strict;
        let Some(top) = self.frames.last_mut() else {
            return Ok(());
        };
        top.is_fresh = false;
        let Some(rows) = top.rows() else {
            return Ok(());
        };
        rows.came += 1;
        if rows.came > limit {
            let expected = format!("at most {limit} rows");
            return Err(crate::Error::limit(Code::RowLimit, expected).at(line.start()));
        }
        if is_strict && rows.came > rows.announced {
            return Err(rows.error(Code::RowCount, rows.came).at(line.start()));
        }
        Ok(())
    }

    /// Sends the key of a member of the object on top.
    pub(super) fn key(&mut self, line: &Line<'_>, key: &str) -> tonl::Result<()> {
        if let Some(top) = self.frames.last_mut() {
            top.is_fresh = false;
            if let Body::Object { keys }
            | Body::Table {
                keys: Some(keys), ..
            } = &mut top.body
                && !keys.insert(key.into())
                && self.options.strictness == Strictness::Strict
            {
                let found = format!("{key:?} a second time");
                let expected = "each key once in an object";
                return Err(Error::new(Code::DuplicateKey, expected, found).at(line.start()));
            }
        }
        self.send(Event::Key(key), line.start())
    }

    /// Takes a row of the table on top, or an entry of the keyed table on top.
    pub(super) fn row(&mut self, line: &Line<'_>) -> tonl::Result<()> {
        self.count(line)?;
        let Some(Frame {
            body: Body::Table {
                delimiter, keys, ..
            },
            ..
        }) = self.frames.last()
        else {
            return Ok(());
        };
        let (delimiter, is_keyed) = (*delimiter, keys.is_some());
        let mut from = line.at;
        if is_keyed {
            let (key, at) = header::keyed_entry(line.text, line.at).map_err(|f| line.error(f))?;
            self.key(line, &key)?;
            from = at;
        } else {
            refuse_member(line, delimiter).map_err(|fault| line.error(fault))?;
        }
        lexis::cells(line.text, from, delimiter, &mut self.cells)
            .map_err(|fault| line.error(fault))?;
        self.send_cells(line)
    }

    /// Sends the object whose cells were found on a row of the table on top.
    fn send_cells(&mut self, line: &Line<'_>) -> tonl::Result<()> {
        let Some(top) = self.frames.pop() else {
            return Ok(());
        };
        let sent = match &top.body {
            Body::Table { fields, .. } => self.send_fields(line, fields),
            Body::Object { .. } | Body::List { .. } => Ok(()),
        };
        self.frames.push(top);
        sent
    }

    fn send_fields(&mut self, line: &Line<'_>, fields: &Fields) -> tonl::Result<()> {
        let (expected, found) = (fields.leaves, self.cells.len());
        if expected != found {
            let is_short = found < expected;
            let code = if is_short {
                Code::ShortRow
            } else {
                Code::LongRow
            };
            let at = match self.cells.get(expected) {
                Some(cell) => cell.start,
                None => line.text.len(),
            };
            let expected = format!("{expected} cells, one for each field");
            return Err(Error::new(code, expected, found.to_string()).at(line.place(at)));
        }
        let cells = std::mem::take(&mut self.cells);
        let mut next = cells.iter();
        let place = line.start();
        self.send(Event::BeginObject, place)?;
        for step in &fields.steps {
            match step {
                Field::Leaf(name) => {
                    self.send(Event::Key(name), place)?;
                    next.next().map_or(Ok(()), |cell| self.scalar(line, cell))?;
                }
                Field::Open(name) => {
                    self.send(Event::Key(name), place)?;
                    self.send(Event::BeginObject, place)?;
                }
                Field::Close => self.send(Event::EndObject, place)?,
            }
        }
        self.cells = cells;
        self.send(Event::EndObject, place)
    }
}

/// A line with a colon before its first delimiter is a member that belongs elsewhere (§9.3).
fn refuse_member(line: &Line<'_>, delimiter: Delimiter) -> Result<(), Fault> {
    let whole = line.at..line.text.len();
    let first = lexis::find_outside_quotes(line.text, whole, b':', delimiter.byte());
    match first {
        Some(at) if line.text.as_bytes().get(at) == Some(&b':') => {
            let expected = "a row; a cell with a colon needs quotes";
            Err(Fault::new(at, Code::UnquotedCharacter, expected))
        }
        _ => Ok(()),
    }
}
