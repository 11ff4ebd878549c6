//! The cells of a row, read against the columns of its table.
//!
//! *Source:* `spec/tonl.md`, section "Grammar", rules `row`, `keyrow` and `cells`.

use super::plan::{Plan, Step};
use super::scope::Scope;
use super::token::{self, Classes, Delimiter};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::scan::number;
use crate::schema::ColumnType;

/// Where in a row the reader stands.
struct Cursor {
    at: usize,
    /// How many cells were begun.
    cells: usize,
}

/// What an empty cell of a `str` column is whose delimiter a space follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spaced {
    /// Missing, as any empty cell.
    Missing,
    /// The empty string, as the reference writes it.
    EmptyString,
}

impl Scope<'_, '_> {
    /// Reads the cells from byte `at` to the end of the line as an object that lies `depth` deep.
    pub(super) fn cells(
        &mut self,
        at: usize,
        plan: &Plan,
        delimiter: Delimiter,
        depth: usize,
        spaced: Spaced,
    ) -> Result<()> {
        self.begin(Event::BeginObject, at, depth)?;
        let mut depth = depth;
        let mut cursor = Cursor { at, cells: 0 };
        let classes = delimiter.cell();
        let is_plain = token::is_plain(self.line.bytes());
        for step in &plan.steps {
            match step {
                Step::Leaf(name, column) => {
                    self.next_cell(&mut cursor, plan, delimiter)?;
                    if spaced == Spaced::EmptyString
                        && self.is_spaced_text(cursor.at, *column, delimiter)
                    {
                        self.empty_string(name, cursor.at)?;
                        continue;
                    }
                    cursor.at = if is_plain {
                        self.plain_leaf(cursor.at, name, *column, delimiter)?
                    } else {
                        self.leaf(cursor.at, name, *column, (classes, depth))?
                    };
                }
                Step::Tuples(name, inner) => {
                    self.next_cell(&mut cursor, plan, delimiter)?;
                    cursor.at = self.tuple_cell(cursor.at, name, inner, (classes, depth))?;
                }
                Step::Begin(name) => {
                    self.send(Event::Key(name), cursor.at)?;
                    depth += 1;
                    self.begin(Event::BeginObject, cursor.at, depth)?;
                }
                Step::End => {
                    self.send(Event::EndObject, cursor.at)?;
                    depth -= 1;
                }
            }
        }
        if cursor.at < self.line.bytes().len() {
            return Err(self.long_row(cursor.at, plan, delimiter));
        }
        self.send(Event::EndObject, cursor.at)
    }

    /// Goes over the delimiter before every cell but the first.
    #[inline]
    fn next_cell(&self, cursor: &mut Cursor, plan: &Plan, delimiter: Delimiter) -> Result<()> {
        cursor.cells += 1;
        if cursor.cells == 1 {
            return Ok(());
        }
        if self.byte(cursor.at) != Some(delimiter.byte()) {
            return Err(self.short_row(cursor, plan));
        }
        cursor.at += 1;
        cursor.at += usize::from(self.byte(cursor.at) == Some(b' '));
        Ok(())
    }

    /// Reads a cell of a line in which no cell is quoted or flow.
    #[inline]
    fn plain_leaf(
        &mut self,
        at: usize,
        name: &str,
        column: ColumnType,
        delimiter: Delimiter,
    ) -> Result<usize> {
        let end = token::scan_plain(self.line, at, delimiter.byte())?;
        if end > at {
            self.send(Event::Key(name), at)?;
            self.bare(at, end, column)?;
        }
        Ok(end)
    }

    #[inline]
    fn leaf(
        &mut self,
        at: usize,
        name: &str,
        column: ColumnType,
        (classes, depth): (&Classes, usize),
    ) -> Result<usize> {
        let first = self.byte(at);
        match first {
            Some(b'"' | b'{' | b'[') => return self.opened_cell(at, name, column, depth),
            Some(b'-' | b'0'..=b'9') if !column.is_text() => {
                if let Some(end) = self.number_cell(at, name, column, classes)? {
                    return Ok(end);
                }
            }
            _ if token::class_of(first, classes) == token::END => return Ok(at),
            _ => {}
        }
        let end = token::scan(self.line, at, classes)?;
        self.send(Event::Key(name), at)?;
        self.bare(at, end, column)?;
        Ok(end)
    }

    /// Reads a cell that is a number; `None` if it is something else that begins with a digit.
    #[inline]
    fn number_cell(
        &mut self,
        at: usize,
        name: &str,
        column: ColumnType,
        classes: &Classes,
    ) -> Result<Option<usize>> {
        let Ok(number) = number::scan(self.line.bytes(), at) else {
            return Ok(None);
        };
        if token::class_of(self.byte(number.end), classes) != token::END {
            return Ok(None);
        }
        let event = Event::Number(self.line.slice(at, number.end));
        if let Err(misfit) = token::check(&event, column, self.options.ranges) {
            return Err(self.misfit(&misfit, at, number.end, column));
        }
        self.send(Event::Key(name), at)?;
        self.send(event, at)?;
        Ok(Some(number.end))
    }

    pub(super) fn tuple_cell(
        &mut self,
        at: usize,
        name: &str,
        plan: &Plan,
        (classes, depth): (&Classes, usize),
    ) -> Result<usize> {
        if token::class_of(self.byte(at), classes) == token::END {
            return Ok(at);
        }
        self.send(Event::Key(name), at)?;
        if self.byte(at) == Some(b'[') {
            return self.tuples(at, plan, depth + 1);
        }
        self.null_tuples(at, classes)
    }

    #[cold]
    fn short_row(&self, cursor: &Cursor, plan: &Plan) -> Error {
        if self.byte(cursor.at).is_some() {
            return self.trailing(cursor.at, "the delimiter before the next cell");
        }
        let expected = cells(plan.cells);
        let found = (cursor.cells - 1).to_string();
        self.line
            .error_found(cursor.at, Code::ShortRow, expected, found)
            .with_hint("a missing cell is left empty, its delimiter stays")
    }

    #[cold]
    fn long_row(&self, at: usize, plan: &Plan, delimiter: Delimiter) -> Error {
        if self.byte(at) != Some(delimiter.byte()) && plan.cells > 0 {
            return self.trailing(at, "the end of the row");
        }
        self.line
            .error_found(at, Code::LongRow, cells(plan.cells), "one more")
            .with_hint("a string that holds the delimiter stands in double quotes")
    }
}

fn cells(count: usize) -> String {
    if count == 1 {
        "1 cell".to_owned()
    } else {
        format!("{count} cells")
    }
}
