//! A line: its number, its depth, and where its content begins (§5.1, §12).

use super::{Strictness, ToonReadOptions};
use tonl::scan::Fault;
use tonl::{Code, Position};

/// One line without its end and without spaces at its end.
pub(super) struct Line<'t> {
    /// One-based.
    pub(super) number: u64,
    pub(super) text: &'t str,
    /// Byte offset of the content.
    pub(super) at: usize,
    /// Levels of indentation.
    pub(super) depth: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    /// Nothing but spaces before a `#`.
    Comment,
    Content,
}

impl<'t> Line<'t> {
    /// # Errors
    /// Indentation with a TAB or of a part of a level, unless the reader is lenient.
    pub(super) fn new(number: u64, text: &'t str, options: &ToonReadOptions) -> tonl::Result<Self> {
        let text = text.strip_suffix('\r').unwrap_or(text);
        let text = text.trim_end_matches(' ');
        let content = text.trim_start_matches(' ');
        let mut line = Self {
            number,
            text,
            at: text.len() - content.len(),
            depth: 0,
            kind: Kind::Content,
        };
        if content.starts_with('#') {
            line.kind = Kind::Comment;
        } else if content.trim_matches([' ', '\t']).is_empty() {
            line.kind = Kind::Blank;
        } else {
            line.indent(content, options)?;
        }
        Ok(line)
    }

    fn indent(&mut self, content: &str, options: &ToonReadOptions) -> tonl::Result<()> {
        let unit = options.indent.max(1);
        let is_strict = options.strictness == Strictness::Strict;
        if is_strict && content.starts_with('\t') {
            let fault = Fault::new(self.at, Code::Tab, "spaces as indentation");
            return Err(self.error(fault));
        }
        if is_strict && !self.at.is_multiple_of(unit) {
            let expected = format!("indentation in steps of {unit} spaces");
            let found = format!("{} spaces", self.at);
            let error = tonl::Error::new(Code::BadIndentation, expected, found);
            return Err(error.at(self.start()));
        }
        let content = content.trim_start_matches([' ', '\t']);
        let start = self.text.len() - content.len();
        let white = self.text.as_bytes().get(..start).unwrap_or_default();
        let tabs = memchr::memchr_iter(b'\t', white).count();
        self.depth = tabs + (start - tabs) / unit;
        self.at = start;
        Ok(())
    }

    pub(super) fn content(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The place of the content's first character.
    pub(super) fn start(&self) -> Position {
        self.place(self.at)
    }

    pub(super) fn place(&self, at: usize) -> Position {
        Position::in_line(self.number, self.text.as_bytes(), at)
    }

    pub(super) fn error(&self, fault: Fault) -> tonl::Error {
        fault.into_error(self.text.as_bytes(), self.number)
    }
}
