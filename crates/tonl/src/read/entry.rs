//! Rows with their row keys and escapes, entries of blocks, inline lists.

use super::frame::Table;
use super::scope::Scope;
use super::token::{self, Delimiter};
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::header::Header;
use crate::schema::ColumnType;
use std::collections::HashSet;

impl Scope<'_, '_> {
    /// Reads the row that begins at byte `at`; its array lies `depth` deep.
    #[inline]
    pub(super) fn row(&mut self, at: usize, table: &mut Table, depth: usize) -> Result<()> {
        self.count(&mut table.rows, at)?;
        let is_escape = self.byte(at) == Some(b'*');
        if is_escape && (self.byte(at + 1) == Some(b' ') || !self.is_lenient()) {
            let at = self.escape(at)?;
            return self.rest(at, depth);
        }
        self.record(at, &table.plan, table.delimiter, depth + 1)
    }

    /// Reads the row of a keyed table that begins at byte `at`; its object lies `depth` deep.
    pub(super) fn keyed_row(
        &mut self,
        at: usize,
        table: &mut Table,
        keys: &mut HashSet<Box<str>>,
        depth: usize,
    ) -> Result<()> {
        self.count(&mut table.rows, at)?;
        if self.byte(at) == Some(b'*') {
            let start = self.escape(at)?;
            let key = self.key(start, &token::KEY)?;
            if self.byte(key.after) != Some(b':') {
                let code = Code::UnquotedCharacter;
                return Err(self.line.error(key.after, code, "':' behind the key"));
            }
            self.new_key(key, keys)?;
            return self.rest(key.after + 1, depth);
        }
        let key = self.key(at, table.delimiter.key())?;
        if self.byte(key.after) != Some(table.delimiter.byte()) {
            return Err(self.no_cells(key.after, table));
        }
        self.new_key(key, keys)?;
        let at = self.behind_delimiter(key.after);
        self.record(at, &table.plan, table.delimiter, depth + 1)
    }

    /// Goes over the `* ` of an escape row.
    fn escape(&self, at: usize) -> Result<usize> {
        if self.byte(at + 1) == Some(b' ') {
            return Ok(at + 2);
        }
        let hint =
            "an escape row is \"* \" and a value; a cell that begins with '*' stands in quotes";
        Err(self
            .line
            .error(at, Code::UnquotedCharacter, "\"* \" and a value")
            .with_hint(hint))
    }

    #[cold]
    fn no_cells(&self, at: usize, table: &Table) -> Error {
        if self.byte(at).is_some() {
            let code = self.key_code(at);
            return self
                .line
                .error(at, code, "the delimiter behind the row key");
        }
        let expected = format!("{} cells behind the row key", table.plan.cells);
        self.line
            .error_found(at, Code::ShortRow, expected, "none")
            .with_hint("the delimiter behind the key stays even if all cells are missing")
    }

    /// The code for a character that may not stand behind a key.
    fn key_code(&self, at: usize) -> Code {
        match self.byte(at) {
            None => Code::HeaderSyntax,
            Some(_) => Code::UnquotedCharacter,
        }
    }

    /// Reads the key of a block's entry at byte `at`; gives the byte behind it.
    pub(super) fn entry_key(&mut self, at: usize, keys: &mut HashSet<Box<str>>) -> Result<usize> {
        let key = self.key(at, &token::KEY)?;
        let behind = self.byte(key.after);
        let is_braced = behind == Some(b'{') && self.is_lenient();
        if !matches!(behind, Some(b':' | b'[')) && !is_braced {
            let code = self.key_code(key.after);
            let expected = "':' or '[' behind the key";
            return Err(self.line.error(key.after, code, expected));
        }
        self.new_key(key, keys)?;
        Ok(key.after)
    }

    /// Sends a key that must not have stood in its object before.
    fn new_key(&mut self, key: super::scope::Key, keys: &mut HashSet<Box<str>>) -> Result<()> {
        let text = self.key_text(key);
        if keys.contains(&text) {
            return Err(self.duplicate(&text, key.at));
        }
        self.send(Event::Key(&text), key.start)?;
        keys.insert(text);
        Ok(())
    }

    /// Reads the items of a list that stand behind its header, from byte `at` on.
    pub(super) fn inline_list(
        &mut self,
        mut at: usize,
        header: &Header,
        depth: usize,
    ) -> Result<()> {
        let claimed = header.count.unwrap_or_default();
        self.begin(Event::BeginArray, at, depth)?;
        let mut read = 0;
        loop {
            if read == claimed {
                let expected = format!("{claimed} items as the header says");
                return Err(self
                    .line
                    .error_found(at, Code::RowCount, expected, "one more"));
            }
            at = self.item(at, header.delimiter)?;
            read += 1;
            match self.byte(at) {
                None => break,
                Some(byte) if byte == header.delimiter.byte() => at = self.behind_delimiter(at),
                Some(_) => return Err(self.trailing(at, "the delimiter before the next item")),
            }
        }
        if read < claimed {
            let expected = format!("item {} of {claimed}", read + 1);
            let found = format!("the end after item {read} of {claimed}");
            return Err(self.line.error_found(at, Code::Truncated, expected, found));
        }
        self.send(Event::EndArray, at)
    }

    /// Reads an item of an inline list: bare as in a cell, or quoted.
    fn item(&mut self, at: usize, delimiter: Delimiter) -> Result<usize> {
        match self.byte(at) {
            Some(b'"') => self.quoted(at),
            None => Err(self.no_value(at)),
            Some(_) => {
                let end = token::scan(self.line, at, delimiter.cell())?;
                if end == at {
                    return Err(self.no_value(at));
                }
                self.bare(at, end, ColumnType::Any)?;
                Ok(end)
            }
        }
    }

    /// Goes over a delimiter and the space that may follow it.
    fn behind_delimiter(&self, at: usize) -> usize {
        at + 1 + usize::from(self.byte(at + 1) == Some(b' '))
    }
}
