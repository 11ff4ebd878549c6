//! The containers whose lines are being read.

use super::line::Line;
use super::plan::Plan;
use super::token::Delimiter;
use crate::error::{Code, Error, Position, Result};
use crate::event::Event;
use crate::header::{Header, Shape};
use std::collections::HashSet;

/// A container that is open; its lines are indented one unit more than its own.
#[derive(Debug)]
pub(super) enum Frame {
    /// An object, an entry a line.
    Block {
        /// The keys seen so far.
        keys: HashSet<Box<str>>,
    },
    /// An array, a value a line.
    List(Rows),
    /// An array of records, a row a line.
    Table(Table),
    /// An object of records, a row with its key a line.
    Keyed {
        /// Its columns.
        table: Table,
        /// The row keys seen so far.
        keys: HashSet<Box<str>>,
    },
}

/// The columns of a table and the count of its rows.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) plan: Plan,
    pub(super) delimiter: Delimiter,
    pub(super) rows: Rows,
}

/// How many rows were read, of how many.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) read: u64,
    /// `None` in a stream, and in lenient reading.
    pub(super) claimed: Option<u64>,
    limit: u64,
}

impl Frame {
    /// The frame for the lines behind a header.
    pub(super) fn new(header: Header, row_limit: u64) -> Self {
        let rows = Rows::new(header.count, row_limit);
        let table = |columns| Table {
            plan: Plan::new(columns),
            delimiter: header.delimiter,
            rows,
        };
        match header.shape {
            Shape::List => Self::List(Rows::new(header.count, row_limit)),
            Shape::Table => Self::Table(table(header.columns)),
            Shape::Keyed => Self::Keyed {
                table: table(header.columns),
                keys: HashSet::new(),
            },
        }
    }

    /// The event that begins the container.
    pub(super) fn begin(&self) -> Event<'static> {
        match self {
            Self::Block { .. } | Self::Keyed { .. } => Event::BeginObject,
            Self::List(_) | Self::Table(_) => Event::BeginArray,
        }
    }

    /// The event that ends the container.
    pub(super) fn end(&self) -> Event<'static> {
        match self {
            Self::Block { .. } | Self::Keyed { .. } => Event::EndObject,
            Self::List(_) | Self::Table(_) => Event::EndArray,
        }
    }

    /// The count of its rows, if it has rows.
    pub(super) fn rows(&self) -> Option<&Rows> {
        match self {
            Self::Block { .. } => None,
            Self::List(rows) => Some(rows),
            Self::Table(table) | Self::Keyed { table, .. } => Some(&table.rows),
        }
    }

    /// Whether a TAB may follow the indentation, as the delimiter behind a missing cell.
    pub(super) fn takes_tabs(&self) -> bool {
        matches!(self, Self::Table(table) if table.delimiter == Delimiter::Tab)
    }

    /// Whether it is a block that has no entry yet.
    pub(super) fn is_empty_block(&self) -> bool {
        matches!(self, Self::Block { keys } if keys.is_empty())
    }

    /// What is missing at its end; the error has its place at `end`.
    pub(super) fn incomplete(&self, end: Position) -> Option<Error> {
        let (expected, found) = match (self, self.rows()) {
            (_, Some(rows)) => {
                let claimed = rows.claimed.filter(|claimed| rows.read < *claimed)?;
                let expected = format!("row {} of {claimed}", rows.read + 1);
                (
                    expected,
                    format!("the end after row {} of {claimed}", rows.read),
                )
            }
            _ if self.is_empty_block() => {
                let expected = "at least one indented entry".to_owned();
                (expected, "none".to_owned())
            }
            _ => return None,
        };
        Some(Error::new(Code::Truncated, expected, found).at(end))
    }
}

impl Table {
    /// Goes on with the columns of a stream's new header.
    pub(super) fn continue_with(&mut self, header: Header) {
        self.plan = Plan::new(header.columns);
        self.delimiter = header.delimiter;
    }
}

impl Rows {
    pub(super) fn new(claimed: Option<u64>, limit: u64) -> Self {
        Self {
            read: 0,
            claimed,
            limit,
        }
    }

    /// Counts the row that begins at byte `at`.
    #[inline]
    pub(super) fn count(&mut self, line: Line<'_>, at: usize) -> Result<()> {
        if self.claimed == Some(self.read) || self.read == self.limit {
            return Err(self.too_many(line, at));
        }
        self.read += 1;
        Ok(())
    }

    #[cold]
    fn too_many(&self, line: Line<'_>, at: usize) -> Error {
        if self.claimed == Some(self.read) {
            let expected = format!("{} rows as the header says", self.read);
            return line.error_found(at, Code::RowCount, expected, "one more");
        }
        let expected = format!("at most {} rows in a table", self.limit);
        line.error_found(at, Code::RowLimit, expected, "one more")
    }
}
