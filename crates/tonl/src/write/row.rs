//! Rows: a record's JSON text as the cells of a table, or as an escape row.
//!
//! A record is tried as a plain row first: each expected key is compared where it should stand, and
//! anything that does not fit (another order, another type, an unknown key, a fault) gives the row
//! up. What was written is rolled back and the record becomes an escape row, whose copying checks
//! everything.
//!
//! *Source:* `spec/tonl.md`, sections "Tables" and "Escape rows".

use super::ink::{Ink as _, Length};
use super::layout::{LaidColumn, LaidKind, Layout};
use super::scribe::{Scribe, Span, word};
use super::short::{Run, ShortCells};
use super::style::{Spaces, Style};
use crate::error::Code;
use crate::scan::literal::{self, Traits};
use crate::scan::quote::{self, Column, Place};
use crate::scan::{Fault, number, skip_space};
use crate::schema::ColumnType;

/// How a record was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowForm {
    Plain,
    Escape,
}

/// A record that was written: its form and the byte behind it in its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Written {
    pub(crate) form: RowForm,
    pub(crate) end: usize,
}

/// Writes the rows of one table.
#[derive(Debug)]
pub(crate) struct RowWriter {
    pub(crate) scribe: Scribe,
    short: ShortCells,
    /// Whether short cells may be written as they stand.
    pub(super) is_short: bool,
    style: Style,
    gaps: Gaps,
}

/// How many cells a plain row may leave empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Gaps {
    /// Any number: a survey has weighed the columns against all rows.
    Any,
    /// At most [`FREE_GAPS`] and twice the bytes of JSON text up to there, so that short records under
    /// many columns cannot make a stream grow without bound.
    ByText,
}

/// So many cells a plain row of a stream may leave empty however short its record is.
const FREE_GAPS: usize = 32;

/// How many containers surround a record of a root table.
pub(crate) const RECORD_DEPTH: usize = 1;

impl RowWriter {
    pub(crate) fn new(depth: usize, style: Style) -> Self {
        Self {
            scribe: Scribe::new(depth),
            short: ShortCells::new(),
            is_short: style.delimiter == b"," && style.spaces == Spaces::Bare,
            style,
            gaps: Gaps::Any,
        }
    }

    /// For rows whose columns were chosen without knowing them.
    pub(crate) fn of_stream(depth: usize, style: Style) -> Self {
        Self {
            gaps: Gaps::ByText,
            ..Self::new(depth, style)
        }
    }

    /// Writes the value at byte `at` of `text`, within `depth` containers, as the content of one
    /// row (without indentation and line end).
    ///
    /// # Errors
    /// The first fault of the value; what was written for it is taken back.
    #[inline]
    pub(crate) fn row(
        &mut self,
        layout: &Layout,
        text: &[u8],
        at: usize,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Result<Written, Fault> {
        let start = out.len();
        if let Some(end) = self.plain(layout, text, at, depth, out) {
            return Ok(Written {
                form: RowForm::Plain,
                end,
            });
        }
        out.truncate(start);
        out.extend_from_slice(b"* ");
        match self.scribe.flow(text, at, depth, out) {
            Ok(end) => Ok(Written {
                form: RowForm::Escape,
                end,
            }),
            Err(fault) => {
                out.truncate(start);
                Err(fault)
            }
        }
    }

    /// Checks that a text is one JSON value, as a record.
    ///
    /// # Errors
    /// Its first fault.
    pub(crate) fn check(&mut self, text: &[u8]) -> Result<(), Fault> {
        let mut length = Length::default();
        let end = self
            .scribe
            .flow(text, skip_space(text, 0), RECORD_DEPTH, &mut length)?;
        let end = skip_space(text, end);
        if end < text.len() {
            return Err(Fault::new(
                end,
                Code::TrailingContent,
                "the end of the record",
            ));
        }
        Ok(())
    }

    /// Checks the value at byte `at` as a record; gives the byte behind it.
    ///
    /// # Errors
    /// Its first fault.
    pub(crate) fn check_element(&mut self, text: &[u8], at: usize) -> Result<usize, Fault> {
        self.scribe
            .flow(text, at, RECORD_DEPTH, &mut Length::default())
    }

    /// As [`RowWriter::plain`], for a record that must lie on one line.
    #[inline]
    pub(crate) fn plain_on_line(
        &mut self,
        layout: &Layout,
        text: &[u8],
        at: usize,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        self.scribe.reach(Span::OneLine);
        let end = self.plain(layout, text, at, depth, out);
        self.scribe.reach(Span::Lines);
        end
    }

    /// Tries the plain form; on `None` something was written that must be taken back.
    #[inline]
    pub(crate) fn plain(
        &mut self,
        layout: &Layout,
        text: &[u8],
        at: usize,
        depth: usize,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        if text.get(at) != Some(&b'{') || depth >= self.scribe.depth() {
            return None;
        }
        let end = Cells {
            rows: self,
            text,
            out,
            start: at,
            gaps: 0,
        }
        .members(layout, at, depth + 1, Place::Cell)?;
        out.truncate(out.len() - self.style.delimiter.len());
        Some(end)
    }
}

/// Writes the cells of one row. Every cell is followed by a delimiter; who ends the row or tuple
/// takes the last one back.
struct Cells<'r, 't, 'o> {
    rows: &'r mut RowWriter,
    text: &'t [u8],
    out: &'o mut Vec<u8>,
    /// Where the record begins.
    start: usize,
    /// How many cells were left empty.
    gaps: usize,
}

impl Cells<'_, '_, '_> {
    /// Writes the members of the object at byte `at`, whose own depth is `depth`, as cells; gives
    /// the byte behind it. An object without members does not fit.
    #[inline]
    fn members(&mut self, layout: &Layout, at: usize, depth: usize, place: Place) -> Option<usize> {
        let mut key_at = at + 1;
        let mut next = 0;
        let mut is_short = self.rows.is_short && place == Place::Cell;
        loop {
            let mut column = layout.columns.get(next)?;
            if is_short && column.takes.is_plain() {
                match self.short_cells(layout, next, key_at) {
                    Run::Whole { end } => return Some(end),
                    Run::Until {
                        next: reached,
                        key_at: at,
                    } => {
                        // Values that are none of them seldom come alone.
                        is_short = reached > next;
                        (next, key_at) = (reached, at);
                        column = layout.columns.get(next)?;
                    }
                }
            }
            let value_at = if let Some(value_at) = column.match_key(self.text, key_at) {
                value_at
            } else {
                let (found, value_at) = self.unexpected_key(layout, next, key_at)?;
                self.missing(layout.columns.get(next..found)?, value_at, place)?;
                column = layout.columns.get(found)?;
                next = found;
                value_at
            };
            let end = self.cell(column, value_at, depth, place)?;
            next += 1;
            match self.token(end)? {
                (b',', end) => key_at = end + 1,
                (b'}', end) => {
                    self.missing(layout.columns.get(next..)?, end + 1, place)?;
                    return Some(end + 1);
                }
                _ => return None,
            }
        }
    }

    #[inline(never)]
    fn short_cells(&mut self, layout: &Layout, next: usize, key_at: usize) -> Run {
        let short = &mut self.rows.short;
        short.run(layout, self.text, (next, key_at), self.out)
    }

    /// Finds the column of a key at or after byte `at` that is not that of column `next`, but of a
    /// later one; gives it and the byte where its value begins.
    #[cold]
    fn unexpected_key(
        &mut self,
        layout: &Layout,
        next: usize,
        at: usize,
    ) -> Option<(usize, usize)> {
        let (_, at) = self.token(at)?;
        // White space before the key, or a missing member: the most frequent surprises.
        for column_at in next..layout.columns.len().min(next + 2) {
            if let Some(value_at) = layout.columns.get(column_at)?.match_key(self.text, at) {
                return Some((column_at, value_at));
            }
        }
        let (key, value_at) = self.rows.scribe.member(self.text, at).ok()?;
        let content = self.text.get(key.start..key.end)?;
        let column = if key.traits.has(Traits::ESCAPED) {
            layout.find(self.rows.scribe.decode(content))?
        } else {
            layout.find(content)?
        };
        (column >= next).then_some((column, value_at))
    }

    #[inline]
    fn delimit(&mut self, place: Place) {
        if place == Place::Tuple || self.rows.style.delimiter.len() == 1 {
            self.out.push(b',');
        } else {
            self.out.extend_from_slice(self.rows.style.delimiter);
        }
    }

    /// Counts empty cells; nothing if they are too many.
    #[inline]
    fn gap(&mut self, cells: usize, at: usize) -> Option<()> {
        self.gaps += cells;
        let are_few = self.gaps <= FREE_GAPS || self.rows.gaps == Gaps::Any;
        (are_few || self.gaps <= FREE_GAPS + 2 * (at - self.start)).then_some(())
    }

    /// Leaves the cells of columns empty, of which it is known at byte `at`; a group cannot be missing.
    #[inline]
    fn missing(&mut self, columns: &[LaidColumn], at: usize, place: Place) -> Option<()> {
        if columns.is_empty() {
            return Some(());
        }
        self.gap(columns.len(), at)?;
        for column in columns {
            if matches!(column.kind, LaidKind::Group(_)) {
                return None;
            }
            self.delimit(place);
        }
        Some(())
    }

    /// Writes the value at byte `at` into a column's cells; gives the byte behind it.
    #[inline]
    fn cell(
        &mut self,
        column: &LaidColumn,
        at: usize,
        depth: usize,
        place: Place,
    ) -> Option<usize> {
        let (first, at) = self.token(at)?;
        let end = match &column.kind {
            LaidKind::Leaf(leaf) => self.leaf(*leaf, (first, at), depth, place)?,
            LaidKind::Group(layout) => return self.group(layout, at, depth, place),
            LaidKind::Tuples(layout) => self.tuples(layout, at, depth)?,
        };
        self.delimit(place);
        Some(end)
    }

    fn group(&mut self, layout: &Layout, at: usize, depth: usize, place: Place) -> Option<usize> {
        if self.text.get(at) != Some(&b'{') || depth >= self.rows.scribe.depth() {
            return None;
        }
        self.members(layout, at, depth + 1, place)
    }

    #[inline]
    fn leaf(
        &mut self,
        leaf: ColumnType,
        (first, at): (u8, usize),
        depth: usize,
        place: Place,
    ) -> Option<usize> {
        match first {
            b'"' => {
                let column = match leaf {
                    ColumnType::Any => Column::Other,
                    _ if leaf.is_text() => Column::Text,
                    _ => return None,
                };
                self.string(at, place, column)
            }
            b'-' | b'0'..=b'9' => {
                let found = number::scan(self.text, at).ok()?;
                let digits = self.text.get(at..found.end)?;
                if !leaf.admits_number(digits, found.form) {
                    return None;
                }
                self.out.put_part(self.text, at, found.end);
                Some(found.end)
            }
            b'{' if matches!(leaf, ColumnType::Obj | ColumnType::Any) => self.flow(at, depth),
            b'[' if matches!(leaf, ColumnType::Arr | ColumnType::Any) => self.flow(at, depth),
            b't' | b'f' if !matches!(leaf, ColumnType::Bool | ColumnType::Any) => None,
            _ => {
                let end = word(self.text, at).ok()?;
                self.out.put_part(self.text, at, end);
                Some(end)
            }
        }
    }

    fn flow(&mut self, at: usize, depth: usize) -> Option<usize> {
        self.rows.scribe.flow(self.text, at, depth, self.out).ok()
    }

    /// The first byte at or after byte `at` that is not white space, and where it stands.
    #[inline]
    fn token(&self, at: usize) -> Option<(u8, usize)> {
        match self.text.get(at) {
            Some(byte) if *byte > b' ' => Some((*byte, at)),
            _ => self.token_behind_space(at),
        }
    }

    fn token_behind_space(&self, at: usize) -> Option<(u8, usize)> {
        let at = self.rows.scribe.skip_space(self.text, at);
        self.text.get(at).map(|byte| (*byte, at))
    }

    #[inline]
    fn string(&mut self, at: usize, place: Place, column: Column) -> Option<usize> {
        if self.rows.style.spaces == Spaces::Quoted && place == Place::Cell {
            return self.spaced_string(at, column);
        }
        self.rows
            .scribe
            .string(self.text, at, place, column, self.out)
            .ok()
    }

    /// Writes the string at byte `at` as a cell in which a space needs quotes too.
    fn spaced_string(&mut self, at: usize, column: Column) -> Option<usize> {
        let found = literal::scan(self.text, at + 1).ok()?;
        let content = self.text.get(found.start..found.end)?;
        let decoded = self.rows.scribe.decode(content);
        if memchr::memchr2(b' ', b',', decoded).is_some() {
            quote::write_quoted(self.out, decoded);
        } else {
            quote::write_string(self.out, decoded, Place::Cell, column);
        }
        Some(found.end + 1)
    }

    /// Writes the array at byte `at` as tuples, or `null`; anything else does not fit.
    fn tuples(&mut self, layout: &Layout, at: usize, depth: usize) -> Option<usize> {
        if self.text.get(at) == Some(&b'n') {
            let end = word(self.text, at).ok()?;
            self.out.extend_from_slice(b"null");
            return Some(end);
        }
        if self.text.get(at) != Some(&b'[') || depth + 1 >= self.rows.scribe.depth() {
            return None;
        }
        self.out.push(b'[');
        let mut next = self.token(at + 1)?.1;
        if self.text.get(next) == Some(&b']') {
            self.out.push(b']');
            return Some(next + 1);
        }
        loop {
            let end = self.tuple(layout, next, depth + 1)?;
            match self.token(end)? {
                (b',', end) => {
                    self.out.push(b',');
                    next = self.token(end + 1)?.1;
                }
                (b']', end) => {
                    self.out.push(b']');
                    return Some(end + 1);
                }
                _ => return None,
            }
        }
    }

    /// Writes the object at byte `at`, within `depth` containers, as one tuple.
    fn tuple(&mut self, layout: &Layout, at: usize, depth: usize) -> Option<usize> {
        if self.text.get(at) != Some(&b'{') {
            return None;
        }
        self.out.push(b'(');
        let inner = self.token(at + 1)?.1;
        let end = if self.text.get(inner) == Some(&b'}') {
            self.missing(&layout.columns, inner + 1, Place::Tuple)?;
            inner + 1
        } else {
            self.members(layout, at, depth + 1, Place::Tuple)?
        };
        self.out.pop();
        self.out.push(b')');
        Some(end)
    }
}
