//! What can go wrong while reading or writing, with its place and its remedy.
//!
//! One [`Error`] type serves the whole crate. It carries a stable [`Code`], a [`Position`], what was
//! expected, what was found and, where one helps, a hint. Adding a [`Code`] means adding its row to
//! the table of `spec/tonl.md` section "Errors".

use std::borrow::Cow;
use std::fmt;

/// The result of this crate's fallible functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A place in a text: one-based line and column, the column in Unicode scalar values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    clippy::exhaustive_structs,
    reason = "a place in a text has these two coordinates"
)]
pub struct Position {
    /// One-based line.
    pub line: u64,
    /// One-based column, counted in Unicode scalar values.
    pub column: u64,
}

impl Position {
    /// The position of byte `offset` in `line_bytes`, the text of line number `line`.
    ///
    /// Bytes that are not UTF-8 count one column for each byte that is not a continuation byte.
    pub fn in_line(line: u64, line_bytes: &[u8], offset: usize) -> Self {
        let before = line_bytes.get(..offset).unwrap_or(line_bytes);
        let column = 1 + before.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() as u64;
        Self { line, column }
    }

    /// The position of byte `offset` in a whole text whose first line is number `first_line`.
    pub fn in_text(first_line: u64, text: &[u8], offset: usize) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let breaks = memchr::memchr_iter(b'\n', before).count() as u64;
        let start = memchr::memrchr(b'\n', before).map_or(0, |at| at + 1);
        Self::in_line(
            first_line + breaks,
            text.get(start..).unwrap_or_default(),
            offset - start,
        )
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal),+ $(,)?) => {
        /// The stable name of a kind of error.
        ///
        /// *Source:* `spec/tonl.md`, section "Errors".
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// Every code, in the order of the specification.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The code as it is printed and as fixtures name it, for example `short-row`.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }
    };
}

codes! {
    /// A header, entry or label that the grammar does not allow.
    HeaderSyntax = "header-syntax",
    /// A document that holds something but does not begin with a root entry.
    MissingHeader = "missing-header",
    /// A column named twice in one header.
    DuplicateColumn = "duplicate-column",
    /// A row with fewer cells than its header has leaf columns.
    ShortRow = "short-row",
    /// A row with more cells than its header has leaf columns.
    LongRow = "long-row",
    /// More rows than the header or the `#end` line claims.
    RowCount = "row-count",
    /// The text ends before the rows that the header claims, or inside a construct.
    Truncated = "truncated",
    /// A blank line before the end of the document.
    BlankRow = "blank-row",
    /// A quoted string without its closing quote.
    UnterminatedQuote = "unterminated-quote",
    /// An escape sequence that JSON does not know.
    BadEscape = "bad-escape",
    /// An escaped surrogate without its partner.
    LoneSurrogate = "lone-surrogate",
    /// A cell whose value is not of its column's type.
    WrongType = "wrong-type",
    /// A number outside the range of its column's type (strict types only).
    OutOfRange = "out-of-range",
    /// Indentation that is not a whole number of units, or of the wrong depth.
    BadIndentation = "bad-indentation",
    /// A TAB in the indentation.
    Tab = "tab",
    /// A space at the end of a line where it would be lost.
    TrailingSpace = "trailing-space",
    /// A character that must stand inside quotes here.
    UnquotedCharacter = "unquoted-character",
    /// A control character, raw inside or outside quotes.
    ControlCharacter = "control-character",
    /// A carriage return without its line feed.
    LoneCarriageReturn = "lone-carriage-return",
    /// One key twice in one object.
    DuplicateKey = "duplicate-key",
    /// A comment where none may stand.
    MisplacedComment = "misplaced-comment",
    /// Something after the end of the document or value.
    TrailingContent = "trailing-content",
    /// A value that does not follow the JSON grammar.
    JsonSyntax = "json-syntax",
    /// A text that does not follow YAML's grammar.
    YamlSyntax = "yaml-syntax",
    /// Bytes that are not UTF-8.
    InvalidUtf8 = "invalid-utf8",
    /// Nesting deeper than the limit.
    DepthLimit = "depth-limit",
    /// More columns in one header than the limit.
    ColumnLimit = "column-limit",
    /// More rows than the limit.
    RowLimit = "row-limit",
    /// A line longer than the limit.
    LineLimit = "line-limit",
    /// More bytes than the limit.
    ByteLimit = "byte-limit",
    /// Aliases and merge keys of YAML that add more than the limit.
    ExpansionLimit = "expansion-limit",
    /// A value that the target cannot hold, for example a NaN in JSON.
    Unrepresentable = "unrepresentable",
    /// A value that does not fit the Rust type asked for.
    Mismatch = "mismatch",
    /// The source of the bytes failed.
    Io = "io",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error of reading or writing: a code, a place, what was expected and what was found.
///
/// It prints on one line, without a full stop: `line 3, column 7: expected 4 cells, found 3
/// (short-row)`. The hint is printed by who shows the error to a person.
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    code: Code,
    position: Option<Position>,
    expected: Cow<'static, str>,
    found: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
}

impl Error {
    /// An error without a place; see [`Error::at`].
    pub fn new(
        code: Code,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Self {
        let (expected, found) = (expected.into(), found.into());
        Self {
            inner: Box::new(Inner {
                code,
                position: None,
                expected,
                found,
                hint: None,
            }),
        }
    }

    /// The same error with its place. A place that is already known is kept.
    #[must_use]
    pub fn at(mut self, position: Position) -> Self {
        self.inner.position.get_or_insert(position);
        self
    }

    /// The same error, its place moved down by `lines` lines.
    #[must_use]
    pub fn moved_down(mut self, lines: u64) -> Self {
        if let Some(position) = &mut self.inner.position {
            position.line += lines;
        }
        self
    }

    /// The same error with advice on what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.inner.hint = Some(hint.into());
        self
    }

    /// The stable kind of this error.
    pub fn code(&self) -> Code {
        self.inner.code
    }

    /// Where it happened, if a text was read.
    pub fn position(&self) -> Option<Position> {
        self.inner.position
    }

    /// What would have been right here.
    pub fn expected(&self) -> &str {
        &self.inner.expected
    }

    /// What stood here instead.
    pub fn found(&self) -> &str {
        &self.inner.found
    }

    /// What to do about it, where that can be said.
    pub fn hint(&self) -> Option<&str> {
        self.inner.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.inner.position {
            write!(f, "{position}: ")?;
        }
        let Inner {
            code,
            expected,
            found,
            ..
        } = &*self.inner;
        write!(f, "expected {expected}, found {found} ({code})")
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_prints_its_place_what_was_expected_and_what_was_found() {
        let error = Error::new(Code::ShortRow, "4 cells", "3");
        assert_eq!(error.to_string(), "expected 4 cells, found 3 (short-row)");
        let placed = error
            .at(Position { line: 3, column: 7 })
            .with_hint("add one");
        assert_eq!(
            placed.to_string(),
            "line 3, column 7: expected 4 cells, found 3 (short-row)"
        );
        assert_eq!((placed.expected(), placed.found()), ("4 cells", "3"));
        assert_eq!(
            (placed.code(), placed.hint()),
            (Code::ShortRow, Some("add one"))
        );
    }

    #[test]
    fn the_first_place_stays_and_moves_down() {
        let first = Position { line: 3, column: 7 };
        let error = Error::new(Code::Io, "", "").moved_down(5);
        assert_eq!(error.position(), None);
        let error = error
            .at(first)
            .at(Position { line: 9, column: 9 })
            .moved_down(2);
        assert_eq!(error.position(), Some(Position { line: 5, column: 7 }));
    }

    #[test]
    fn columns_count_scalars_and_lines_count_line_feeds() {
        let text = "aé😀\nb\u{FFFD}c".as_bytes();
        for (offset, line, column) in [
            (0, 1, 1),
            (1, 1, 2),
            (3, 1, 3),
            (7, 1, 4),
            (8, 2, 1),
            (9, 2, 2),
            (12, 2, 3),
            (13, 2, 4),
        ] {
            assert_eq!(
                Position::in_text(1, text, offset),
                Position { line, column },
                "{offset}"
            );
        }
        assert_eq!(
            Position::in_text(5, text, 8),
            Position { line: 6, column: 1 }
        );
        let invalid = Position::in_line(1, b"\xFFa\x80", 3);
        assert_eq!(invalid, Position { line: 1, column: 3 });
    }

    #[test]
    fn codes_are_spelled_once_each_in_lower_case() {
        let names: std::collections::BTreeSet<&str> =
            Code::ALL.iter().map(|c| c.as_str()).collect();
        assert_eq!(names.len(), Code::ALL.len());
        for name in names {
            let is_fit = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
            assert!(name.bytes().all(is_fit), "{name}");
        }
    }

    #[test]
    fn an_error_is_as_large_as_a_pointer() {
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }
}
