//! The parser of headers. It works through nested columns without recursion.

use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::options::Strictness;
use crate::read::line::Line;
use crate::read::token::{self, Delimiter};
use crate::read::warnings::Warnings;
use crate::scan::literal;
use crate::schema::{Column, ColumnKind, ColumnType};
use std::collections::HashSet;

/// What a header declares.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Header {
    /// Whether rows, keyed rows or items follow.
    pub(crate) shape: Shape,
    /// How many of them; `None` in a stream.
    pub(crate) count: Option<u64>,
    /// What separates columns and cells.
    pub(crate) delimiter: Delimiter,
    /// The columns; none for a list and for `{}`.
    pub(crate) columns: Vec<Column>,
}

/// What a header's lines are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Rows of an array.
    Table,
    /// Rows that begin with the key of their object.
    Keyed,
    /// Values of an array, a line each, or all of them behind the header.
    List,
}

/// What holds for the headers of one document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'o> {
    /// The delimiter of headers that name none.
    pub(crate) delimiter: Delimiter,
    /// What is accepted.
    pub(crate) limits: &'o Limits,
    /// Whether an unknown type is an error.
    pub(crate) strictness: Strictness,
}

/// Reads the header whose `[` is byte `at`; gives it and the byte behind its colon.
///
/// # Errors
/// [`Code::HeaderSyntax`], [`Code::DuplicateColumn`], [`Code::ColumnLimit`], [`Code::RowLimit`],
/// [`Code::DepthLimit`], or those of a quoted name.
pub(crate) fn parse(
    line: Line<'_>,
    at: usize,
    rules: Rules<'_>,
    warnings: &mut Warnings,
) -> Result<(Header, usize)> {
    let mut parser = Parser::new(line, at, rules, warnings);
    let header = parser.header()?;
    Ok((header, parser.at))
}

/// Reads the columns whose `{` is byte `at`, as foreign files have them behind the key of a block;
/// gives them as a table's and the byte behind the colon.
///
/// # Errors
/// As [`parse`].
pub(crate) fn parse_columns(
    line: Line<'_>,
    at: usize,
    rules: Rules<'_>,
    warnings: &mut Warnings,
) -> Result<(Header, usize)> {
    let mut parser = Parser::new(line, at, rules, warnings);
    let columns = parser.columns()?;
    parser.expect(b':', "':'")?;
    let header = Header {
        shape: Shape::Table,
        count: Some(1),
        delimiter: rules.delimiter,
        columns,
    };
    Ok((header, parser.at))
}

struct Parser<'l, 'o, 'w> {
    line: Line<'l>,
    at: usize,
    rules: Rules<'o>,
    delimiter: Delimiter,
    /// How many column names were read.
    names: usize,
    warnings: &'w mut Warnings,
}

/// Columns that are still being read.
#[derive(Default)]
struct Open {
    columns: Vec<Column>,
    names: HashSet<String>,
    /// What the columns make, and under which name; unused for the outermost.
    name: String,
    is_tuples: bool,
}

impl<'l, 'o, 'w> Parser<'l, 'o, 'w> {
    fn new(line: Line<'l>, at: usize, rules: Rules<'o>, warnings: &'w mut Warnings) -> Self {
        Self {
            line,
            at,
            rules,
            delimiter: rules.delimiter,
            names: 0,
            warnings,
        }
    }

    fn header(&mut self) -> Result<Header> {
        self.expect(b'[', "'['")?;
        let count = self.count()?;
        let is_keyed = self.take(b':');
        if let Some(delimiter) = self.line.byte(self.at).and_then(Delimiter::from_byte) {
            if delimiter == Delimiter::Comma {
                return Err(self.error("']'"));
            }
            self.delimiter = delimiter;
            self.at += 1;
        }
        self.expect(b']', "']'")?;
        let opening = self.at;
        let has_columns = self.line.byte(opening) == Some(b'{');
        let shape = match (has_columns, is_keyed) {
            (true, true) => Shape::Keyed,
            (true, false) => Shape::Table,
            (false, true) => return Err(self.error("columns in braces")),
            (false, false) => Shape::List,
        };
        let columns = if has_columns {
            self.columns()?
        } else {
            Vec::new()
        };
        if has_columns && columns.is_empty() && count.is_some_and(|count| count > 0) {
            let hint = "only an empty table or a stream has no columns";
            let error =
                self.line
                    .error_found(opening, Code::HeaderSyntax, "at least one column", "'{}'");
            return Err(error.with_hint(hint));
        }
        if count.is_none() && (is_keyed || !has_columns) {
            return Err(self.line.error_found(
                opening,
                Code::HeaderSyntax,
                "the number of lines that follow",
                "none in the brackets",
            ));
        }
        self.expect(b':', "':'")?;
        Ok(Header {
            shape,
            count,
            delimiter: self.delimiter,
            columns,
        })
    }

    fn count(&mut self) -> Result<Option<u64>> {
        let start = self.at;
        while self.line.byte(self.at).is_some_and(|b| b.is_ascii_digit()) {
            self.at += 1;
        }
        let digits = self.line.slice(start, self.at);
        if digits.is_empty() {
            return Ok(None);
        }
        if digits.len() > 1 && digits.starts_with('0') {
            let expected = "a count without leading zeros";
            return Err(self.line.error(start, Code::HeaderSyntax, expected));
        }
        match digits.parse::<u64>() {
            Ok(count) if count <= self.rules.limits.rows => Ok(Some(count)),
            _ => {
                let expected = format!("at most {} rows", self.rules.limits.rows);
                let found = digits.to_owned();
                Err(self
                    .line
                    .error_found(start, Code::RowLimit, expected, found))
            }
        }
    }

    /// Reads the columns from `{` to the `}` that matches it.
    fn columns(&mut self) -> Result<Vec<Column>> {
        self.at += 1;
        if self.take(b'}') {
            return Ok(Vec::new());
        }
        let mut outer = Vec::new();
        let mut open = Open::default();
        loop {
            let name = self.name(&mut open)?;
            if let Some(is_tuples) = self.nested()? {
                if outer.len() + 1 >= self.rules.limits.depth() {
                    return Err(self.too_deep());
                }
                let inner = Open {
                    name,
                    is_tuples,
                    ..Open::default()
                };
                outer.push(std::mem::replace(&mut open, inner));
                continue;
            }
            let kind = ColumnKind::Leaf(self.column_type()?);
            open.columns.push(Column::new(name, kind));
            while !self.take_delimiter() {
                self.expect(b'}', "'}' or the next column")?;
                let Some(parent) = outer.pop() else {
                    return Ok(open.columns);
                };
                let done = std::mem::replace(&mut open, parent);
                let kind = if done.is_tuples {
                    ColumnKind::Tuples(done.columns)
                } else {
                    ColumnKind::Group(done.columns)
                };
                open.columns.push(Column::new(done.name, kind));
            }
        }
    }

    /// Reads a column's name and checks that its neighbours have others.
    fn name(&mut self, open: &mut Open) -> Result<String> {
        let start = self.at;
        let name = if self.line.byte(start) == Some(b'"') {
            let (name, end) = quoted(self.line, start)?;
            self.at = end;
            name
        } else {
            let end = token::scan(self.line, start, self.delimiter.key()).map_err(as_header)?;
            if end == start {
                return Err(self.error("a column name"));
            }
            self.at = end;
            self.line.slice(start, end).to_owned()
        };
        self.names += 1;
        if self.names > self.rules.limits.columns {
            let expected = format!("at most {} columns", self.rules.limits.columns);
            return Err(self
                .line
                .error_found(start, Code::ColumnLimit, expected, "one more"));
        }
        if !open.names.insert(name.clone()) {
            let found = format!("{name:?} a second time");
            let expected = "each column name once";
            return Err(self
                .line
                .error_found(start, Code::DuplicateColumn, expected, found));
        }
        Ok(name)
    }

    /// Takes the beginning of a group (`Some(false)`) or of a tuple column (`Some(true)`).
    fn nested(&mut self) -> Result<Option<bool>> {
        if self.take(b'{') {
            return Ok(Some(false));
        }
        if self.take(b'[') {
            self.expect(b']', "']'")?;
            self.expect(b'{', "'{'")?;
            return Ok(Some(true));
        }
        Ok(None)
    }

    fn column_type(&mut self) -> Result<ColumnType> {
        if !self.take(b':') {
            return Ok(ColumnType::Any);
        }
        let start = self.at;
        let is_end = |byte| byte == b'}' || byte == self.delimiter.byte();
        while self.line.byte(self.at).is_some_and(|byte| !is_end(byte)) {
            self.at += 1;
        }
        let name = self.line.slice(start, self.at);
        if let Some(known) = ColumnType::from_name(name) {
            return Ok(known);
        }
        let expected = "a type such as str, bool, i32, f64, arr, obj or any";
        let error = self
            .line
            .error_found(start, Code::HeaderSyntax, expected, format!("{name:?}"));
        if self.rules.strictness == Strictness::Lenient {
            self.warnings.add(error);
            return Ok(ColumnType::Any);
        }
        Err(error)
    }

    fn take_delimiter(&mut self) -> bool {
        let found = self.take(self.delimiter.byte());
        if found {
            self.take(b' ');
        }
        found
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.line.byte(self.at) == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8, expected: &'static str) -> Result<()> {
        if self.take(byte) {
            return Ok(());
        }
        Err(self.error(expected))
    }

    fn error(&self, expected: &'static str) -> Error {
        self.line.error(self.at, Code::HeaderSyntax, expected)
    }

    fn too_deep(&self) -> Error {
        let expected = format!("at most {} levels of nesting", self.rules.limits.depth());
        self.line
            .error_found(self.at, Code::DepthLimit, expected, "one more")
    }
}

/// The error for a bare name that needs quotes is one of the header.
#[cold]
fn as_header(error: Error) -> Error {
    if error.code() != Code::UnquotedCharacter {
        return error;
    }
    let found = error.found().to_owned();
    let header = Error::new(Code::HeaderSyntax, "a column name", found)
        .with_hint("such a name stands in double quotes");
    match error.position() {
        Some(position) => header.at(position),
        None => header,
    }
}

/// Reads the quoted name that begins at byte `at`; gives it decoded and the byte behind it.
fn quoted(line: Line<'_>, at: usize) -> Result<(String, usize)> {
    let found = literal::scan(line.bytes(), at + 1).map_err(|fault| line.fault(fault))?;
    let raw = line.slice(found.start, found.end);
    let mut name = Vec::with_capacity(raw.len());
    literal::decode(raw.as_bytes(), &mut name).map_err(|fault| line.fault(fault))?;
    Ok((String::from_utf8_lossy(&name).into_owned(), found.end + 1))
}
