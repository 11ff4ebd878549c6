//! The fields of a tabular header: names, and groups of names for nested objects (§6, §9.3).

use super::lexis;
use super::options::{Delimiter, Strictness};
use std::borrow::Cow;
use std::collections::HashSet;
use tonl::Code;
use tonl::scan::Fault;

/// A step through the fields of a header, in the order of a row's cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// A field that has a cell.
    Leaf(String),
    /// The beginning of a nested object.
    Open(String),
    /// The end of the nested object that was begun last.
    Close,
}

/// The fields of one header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) steps: Vec<Field>,
    /// How many cells a row has.
    pub(super) leaves: usize,
    /// How many levels of nested objects a row's object has inside.
    pub(super) depth: usize,
    /// Leaves and groups together.
    pub(super) names: usize,
}

/// Reads the fields segment whose brace is at byte `at` of a line. Gives the byte behind it too.
pub(super) fn parse(
    line: &str,
    at: usize,
    delimiter: Delimiter,
    strictness: Strictness,
) -> Result<(Fields, usize), Fault> {
    let mut parser = FieldParser {
        line,
        strictness,
        fields: Fields::default(),
        names: vec![HashSet::new()],
    };
    let mut at = at + 1;
    loop {
        at = parser.field(at)?;
        while !parser.names.is_empty() {
            match line.as_bytes().get(at) {
                Some(b'}') => {
                    parser.close();
                    at += 1;
                    if !parser.names.is_empty() {
                        at = lexis::skip_spaces(line, at);
                    }
                }
                Some(byte) if *byte == delimiter.byte() => break,
                _ => {
                    let expected = "the header's delimiter or a closing brace";
                    return Err(Fault::new(at, Code::HeaderSyntax, expected));
                }
            }
        }
        if parser.names.is_empty() {
            return Ok((parser.fields, at));
        }
        at += 1;
    }
}

struct FieldParser<'t> {
    line: &'t str,
    strictness: Strictness,
    fields: Fields,
    /// The names of each open brace.
    names: Vec<HashSet<Cow<'t, str>>>,
}

impl FieldParser<'_> {
    /// Reads a name and the braces that it opens, down to a leaf; gives the byte behind.
    fn field(&mut self, mut at: usize) -> Result<usize, Fault> {
        loop {
            let start = lexis::skip_spaces(self.line, at);
            let (name, end) = name(self.line, start)?;
            let end = lexis::skip_spaces(self.line, end);
            let text = name.clone().into_owned();
            let is_new = self
                .names
                .last_mut()
                .is_some_and(|names| names.insert(name));
            if !is_new && self.strictness == Strictness::Strict {
                let expected = "each field once in its braces";
                return Err(Fault::new(start, Code::DuplicateColumn, expected));
            }
            self.fields.names += 1;
            if self.line.as_bytes().get(end) != Some(&b'{') {
                self.fields.leaves += 1;
                self.fields.steps.push(Field::Leaf(text));
                return Ok(end);
            }
            self.fields.steps.push(Field::Open(text));
            self.names.push(HashSet::new());
            self.fields.depth = self.fields.depth.max(self.names.len() - 1);
            at = end + 1;
        }
    }

    fn close(&mut self) {
        self.names.pop();
        if !self.names.is_empty() {
            self.fields.steps.push(Field::Close);
        }
    }
}

/// The name at byte `at`, and the byte behind it.
fn name(line: &str, at: usize) -> Result<(Cow<'_, str>, usize), Fault> {
    if line.as_bytes().get(at) == Some(&b'"') {
        let name = lexis::quoted(line, at)?;
        return Ok((name.text, name.end));
    }
    let rest = line.get(at..).unwrap_or_default();
    let is_end = |c: char| matches!(c, ',' | '|' | '\t' | '{' | '}' | ':' | '"' | '[' | ']');
    let name = rest.split(is_end).next().unwrap_or_default();
    let name = name.trim_end_matches(' ');
    if name.is_empty() {
        return Err(Fault::new(at, Code::HeaderSyntax, "the name of a field"));
    }
    Ok((Cow::Borrowed(name), at + name.len()))
}
