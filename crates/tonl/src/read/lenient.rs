//! Values of foreign files: what the strict rules refuse is tried again with looser ones.
//!
//! Every row and value is read strictly first, so that leniency never changes what a valid text
//! means. What is then taken is reported with the strict error as a warning. There is one exception,
//! [`Spaced::EmptyString`]: the reference writes an empty string as an empty cell.
//!
//! *Source:* `spec/tonl.md`, section 13.

use super::inline;
use super::plan::{Plan, Step};
use super::recording::Recording;
use super::row::Spaced;
use super::scope::Scope;
use super::token::{self, Delimiter};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::header::Header;
use crate::options::Strictness;
use crate::schema::ColumnType;
use crate::value::Value;

impl Scope<'_, '_> {
    /// Whether deviations are taken.
    #[inline]
    pub(super) fn is_lenient(&self) -> bool {
        self.options.strictness == Strictness::Lenient
    }

    /// Reads the value that is the rest of the line, as [`Scope::rest`] does, or leniently.
    pub(super) fn value(&mut self, at: usize, depth: usize) -> Result<()> {
        if !self.is_lenient() {
            return self.rest(at, depth);
        }
        self.strict_or(
            |scope| scope.rest(at, depth),
            |scope| {
                let text = scope.line.text.get(at..).unwrap_or_default();
                scope.loose_value(text, at, ColumnType::Any, depth)
            },
        )
    }

    /// Reads the cells of a record, as [`Scope::cells`] does, or leniently.
    #[inline]
    pub(super) fn record(
        &mut self,
        at: usize,
        plan: &Plan,
        delimiter: Delimiter,
        depth: usize,
    ) -> Result<()> {
        if !self.is_lenient() {
            return self.cells(at, plan, delimiter, depth, Spaced::Missing);
        }
        let spaced = if self.may_hold_spaced_text(at, plan, delimiter) {
            Spaced::EmptyString
        } else {
            Spaced::Missing
        };
        self.strict_or(
            |scope| scope.cells(at, plan, delimiter, depth, spaced),
            |scope| scope.loose_cells(at, plan, delimiter, depth),
        )
    }

    /// Reads the items behind a list's header, as [`Scope::inline_list`] does, or leniently.
    pub(super) fn items(&mut self, at: usize, header: &Header, depth: usize) -> Result<()> {
        if !self.is_lenient() {
            return self.inline_list(at, header, depth);
        }
        self.strict_or(
            |scope| scope.inline_list(at, header, depth),
            |scope| scope.loose_items(at, header.delimiter, depth),
        )
    }

    fn loose_items(&mut self, mut at: usize, delimiter: Delimiter, depth: usize) -> Result<()> {
        self.begin(Event::BeginArray, at, depth)?;
        let mut has_brackets = true;
        while at < self.line.bytes().len() {
            let cell = self.loose_cell(at, delimiter, &mut has_brackets);
            let text = self.line.slice(cell.start, cell.end);
            self.loose_value(text, cell.start, ColumnType::Any, depth)?;
            at = cell.next;
        }
        self.send(Event::EndArray, at)
    }

    /// Reads strictly; if that fails in a way that may be taken, reads loosely and warns.
    fn strict_or(
        &mut self,
        strict: impl FnOnce(&mut Scope<'_, '_>) -> Result<()>,
        loose: impl FnOnce(&mut Scope<'_, '_>) -> Result<()>,
    ) -> Result<()> {
        let Err(error) = self.attempt(strict) else {
            return Ok(());
        };
        if !may_be_taken(error.code()) || self.attempt(loose).is_err() {
            return Err(error);
        }
        self.scratch.warnings.add(error);
        Ok(())
    }

    /// Sends the events of `read` if it succeeds, and none if it fails.
    fn attempt(&mut self, read: impl FnOnce(&mut Scope<'_, '_>) -> Result<()>) -> Result<()> {
        let mut recording = Recording::default();
        let warned = self.scratch.warnings.mark();
        let mut scope = Scope {
            line: self.line,
            sink: &mut recording,
            scratch: self.scratch,
            options: self.options,
        };
        if let Err(error) = read(&mut scope) {
            self.scratch.keys.clear();
            self.scratch.warnings.reset(warned);
            return Err(error);
        }
        let line = self.line;
        recording
            .replay(self.sink)
            .map_err(|error| error.at(line.position(0)))
    }

    /// Whether the row may hold an empty string as the reference writes it: an empty cell of a
    /// `str` column, the delimiter behind it followed by a space.
    fn may_hold_spaced_text(&self, at: usize, plan: &Plan, delimiter: Delimiter) -> bool {
        let Some(rest) = self.line.bytes().get(at..) else {
            return false;
        };
        let dl = delimiter.byte();
        let has_text = plan
            .steps
            .iter()
            .any(|step| matches!(step, Step::Leaf(_, ColumnType::Str)));
        let is_empty = |window: &[u8]| window == [dl, b' ', dl];
        has_text && (rest.starts_with(&[dl, b' ']) || rest.windows(3).any(is_empty))
    }

    /// Whether the cell of this column at byte `at` is empty, and a space follows its delimiter.
    pub(super) fn is_spaced_text(
        &self,
        at: usize,
        column: ColumnType,
        delimiter: Delimiter,
    ) -> bool {
        column == ColumnType::Str
            && self.byte(at) == Some(delimiter.byte())
            && self.byte(at + 1) == Some(b' ')
    }

    /// Takes the empty cell at byte `at` for the empty string.
    pub(super) fn empty_string(&mut self, name: &str, at: usize) -> Result<()> {
        let place = self.line.position(at);
        let warning = Error::new(Code::ShortRow, "\"\"", "an empty cell of a str column");
        self.scratch.warnings.add(warning.at(place));
        self.send(Event::Key(name), at)?;
        self.send(Event::String(""), at)
    }

    fn loose_cells(
        &mut self,
        mut at: usize,
        plan: &Plan,
        delimiter: Delimiter,
        depth: usize,
    ) -> Result<()> {
        self.begin(Event::BeginObject, at, depth)?;
        let mut left = plan.cells;
        let mut has_brackets = true;
        let mut inner = depth;
        for step in &plan.steps {
            match step {
                Step::Begin(name) => {
                    self.send(Event::Key(name), at)?;
                    inner += 1;
                    self.begin(Event::BeginObject, at, inner)?;
                }
                Step::End => {
                    inner -= 1;
                    self.send(Event::EndObject, at)?;
                }
                Step::Leaf(name, column) => {
                    left -= 1;
                    let cell = self.loose_cell(at, delimiter, &mut has_brackets);
                    self.loose_leaf(name, *column, &cell, (left, inner))?;
                    at = cell.next;
                }
                Step::Tuples(name, tuples) => {
                    left -= 1;
                    let cell = self.loose_cell(at, delimiter, &mut has_brackets);
                    let classes = delimiter.cell();
                    self.tuple_cell(cell.start, name, tuples, (classes, inner))?;
                    at = cell.next;
                }
            }
        }
        if at < self.line.bytes().len() {
            return Err(self.line.error(at, Code::LongRow, "the end of the row"));
        }
        self.send(Event::EndObject, at)
    }

    /// The cell that begins at byte `at`, without the white space around it.
    fn loose_cell(&self, at: usize, delimiter: Delimiter, has_brackets: &mut bool) -> LooseCell {
        let text = self.line.text.get(at..).unwrap_or_default();
        let length = inline::cell_length(text, delimiter.byte(), has_brackets);
        let cell = text.get(..length).unwrap_or_default();
        let trimmed = cell.trim();
        let start = at + (cell.len() - cell.trim_start().len());
        let behind = at + length;
        let is_last = self.byte(behind).is_none();
        LooseCell {
            start,
            end: start + trimmed.len(),
            next: behind + usize::from(!is_last),
            is_spaced: self.byte(behind + 1) == Some(b' '),
        }
    }

    fn loose_leaf(
        &mut self,
        name: &str,
        column: ColumnType,
        cell: &LooseCell,
        (left, depth): (usize, usize),
    ) -> Result<()> {
        let text = self.line.slice(cell.start, cell.end);
        if !text.is_empty() {
            self.send(Event::Key(name), cell.start)?;
            return self.loose_value(text, cell.start, column, depth);
        }
        if left > 0 && column == ColumnType::Str && cell.is_spaced {
            return self.empty_string(name, cell.start);
        }
        Ok(())
    }

    /// Reads a value that is all of `text`, which begins at byte `at` of the line.
    pub(super) fn loose_value(
        &mut self,
        text: &str,
        at: usize,
        column: ColumnType,
        depth: usize,
    ) -> Result<()> {
        let trimmed = text.trim();
        if trimmed.starts_with('"') {
            let Some(string) = inline::unquoted(trimmed) else {
                return Err(self.line.error(at, Code::UnterminatedQuote, "'\"'"));
            };
            return self.loose_scalar(&string, at, column);
        }
        if !trimmed.starts_with(['{', '[']) || column.is_text() {
            let event = token::resolve(trimmed, column, self.options.ranges)
                .map_err(|misfit| self.misfit(&misfit, at, at + trimmed.len(), column))?;
            return self.send(event, at);
        }
        let levels = self.options.limits.depth().saturating_sub(depth);
        let Some(value) = inline::value(trimmed, levels) else {
            return Err(self.line.error(at, Code::UnquotedCharacter, "a value"));
        };
        let begin = match value {
            Value::Object(_) => Event::BeginObject,
            _ => Event::BeginArray,
        };
        token::check(&begin, column, self.options.ranges)
            .map_err(|misfit| self.misfit(&misfit, at, at + trimmed.len(), column))?;
        let line = self.line;
        value
            .emit(self.sink)
            .map_err(|error| error.at(line.position(at)))
    }

    fn loose_scalar(&mut self, text: &str, at: usize, column: ColumnType) -> Result<()> {
        let event = Event::String(text);
        token::check(&event, column, self.options.ranges)
            .map_err(|misfit| self.misfit(&misfit, at, at + 1, column))?;
        self.send(event, at)
    }
}

/// A cell of a foreign row.
struct LooseCell {
    start: usize,
    end: usize,
    /// Where the next cell begins.
    next: usize,
    /// Whether a space follows the delimiter behind it.
    is_spaced: bool,
}

/// Whether lenient reading tries again after an error of this code.
fn may_be_taken(code: Code) -> bool {
    matches!(
        code,
        Code::ShortRow
            | Code::UnquotedCharacter
            | Code::ControlCharacter
            | Code::TrailingContent
            | Code::TrailingSpace
            | Code::Truncated
            | Code::UnterminatedQuote
            | Code::BadEscape
            | Code::RowCount
            | Code::WrongType
    )
}
