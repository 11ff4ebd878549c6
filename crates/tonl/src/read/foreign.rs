//! Lines of foreign files: strings over several lines, blocks with columns, indexed elements.
//!
//! *Source:* `spec/tonl.md`, section 13.

use super::document::{Document, State};
use super::frame::{Frame, Rows};
use super::inline;
use super::line::Line;
use super::plan::Plan;
use super::scope::Scope;
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventSink};
use crate::header::{self, Header};
use crate::options::Strictness;
use crate::schema::ColumnType;
use std::collections::HashSet;

/// Lines that a string in three quotes joins.
#[derive(Debug)]
pub(super) struct Joined {
    number: u64,
    text: String,
}

impl Document {
    pub(super) fn is_lenient(&self) -> bool {
        self.options.strictness == Strictness::Lenient
    }

    /// Reads a line, or joins it to the lines before it if a string in three quotes is open.
    pub(super) fn lenient_line(&mut self, line: Line<'_>, sink: &mut dyn EventSink) -> Result<()> {
        let Some(mut joined) = self.joined.take() else {
            if line.byte(0) == Some(b'#') || !opens_string(line.text) {
                return self.plain_line(line, sink);
            }
            self.joined = Some(Joined {
                number: line.number,
                text: line.text.to_owned(),
            });
            return Ok(());
        };
        let limit = self.options.limits.line_bytes;
        if joined.text.len().saturating_add(line.text.len()) >= limit {
            let expected = format!("at most {limit} bytes in a line and its continuations");
            return Err(line.error_found(0, Code::LineLimit, expected, "more"));
        }
        joined.text.push('\n');
        joined.text.push_str(line.text);
        let end = inline::triple_end(line.text);
        let rest = end.and_then(|end| line.text.get(end + inline::TRIPLE.len()..));
        if rest.is_none_or(opens_string) {
            self.joined = Some(joined);
            return Ok(());
        }
        let whole = Line {
            number: joined.number,
            text: &joined.text,
        };
        self.plain_line(whole, sink)
    }

    /// The error for a string in three quotes that the text ends in.
    pub(super) fn check_joined(&self) -> Result<()> {
        let Some(joined) = &self.joined else {
            return Ok(());
        };
        let line = Line {
            number: joined.number,
            text: &joined.text,
        };
        let end = joined.text.len();
        Err(line.error(end, Code::UnterminatedQuote, "three quotes"))
    }

    /// Takes a comment among the root's lines; tells whether it did.
    pub(super) fn takes_inner_comment(&mut self, line: Line<'_>) -> bool {
        if !self.is_lenient() || self.is_stream || self.state != State::InRoot {
            return false;
        }
        self.scratch.warnings.add(line.error(
            0,
            Code::MisplacedComment,
            "no comment inside the root's lines",
        ));
        true
    }

    /// Reads a block whose key is followed by its columns at byte `at`: entries in lines of their
    /// own, or all behind the columns.
    pub(super) fn braced(
        &mut self,
        line: Line<'_>,
        at: usize,
        sink: &mut dyn EventSink,
    ) -> Result<()> {
        let warning = line.error(at, Code::HeaderSyntax, "':' or '['");
        self.scratch.warnings.add(warning);
        let (header, end) = self.parse_columns(line, at)?;
        if line.byte(end).is_none() {
            let keys = HashSet::new();
            return self.open(line, at, Frame::Block { keys }, sink);
        }
        let depth = self.frames.len() + 1;
        self.scope(line, sink).inline_members(end, header, depth)
    }

    fn parse_columns(&mut self, line: Line<'_>, at: usize) -> Result<(Header, usize)> {
        let rules = header::Rules {
            delimiter: self.delimiter.unwrap_or_default(),
            limits: &self.options.limits,
            strictness: self.options.strictness,
        };
        header::parse_columns(line, at, rules, &mut self.scratch.warnings)
    }
}

impl Scope<'_, '_> {
    /// Counts the row at byte `at`; in lenient reading a wrong count is a warning.
    #[inline]
    pub(super) fn count(&mut self, rows: &mut Rows, at: usize) -> Result<()> {
        if rows.claimed == Some(rows.read) && self.is_lenient() {
            let counted = rows.count(self.line, at);
            if let Err(error) = counted {
                self.scratch.warnings.add(error);
            }
            rows.claimed = None;
        }
        rows.count(self.line, at)
    }

    /// Reads `key: value key: value` or cells behind a block's columns.
    fn inline_members(&mut self, at: usize, header: Header, depth: usize) -> Result<()> {
        let text = self.line.text.get(at..).unwrap_or_default();
        let names: Vec<String> = header.columns.iter().map(|c| c.name.clone()).collect();
        let Some(values) = spelled_members(text, &names) else {
            let start = at + (text.len() - text.trim_start().len());
            let plan = Plan::new(header.columns);
            return self.record(start, &plan, header.delimiter, depth);
        };
        self.begin(Event::BeginObject, at, depth)?;
        for (name, value) in names.iter().zip(values) {
            self.send(Event::Key(name), at)?;
            self.loose_value(value, at, ColumnType::Any, depth)?;
        }
        self.send(Event::EndObject, at)
    }
}

/// The byte behind the `[i]` at byte `at`, if an element's colon or header follows it.
pub(super) fn behind_index(line: Line<'_>, at: usize) -> Option<usize> {
    let digits = line.bytes().get(at..)?.strip_prefix(b"[")?;
    let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
    let end = at + 1 + count;
    let is_index = count > 0 && line.byte(end) == Some(b']');
    let is_element = matches!(line.byte(end + 1), Some(b':' | b'{' | b'['));
    (is_index && is_element).then_some(end + 1)
}

/// Whether an indented line is a directive that means nothing.
pub(super) fn is_directive(line: Line<'_>, at: usize) -> bool {
    let text = line.text.get(at..).unwrap_or_default();
    ["#optimize", "#version", "#schema", "#types"]
        .iter()
        .any(|name| text.starts_with(name))
}

/// The warning for such a line.
pub(super) fn directive(line: Line<'_>, at: usize) -> Error {
    line.error(
        at,
        Code::MisplacedComment,
        "no directive inside the root's lines",
    )
}

/// The values of `name: value name: value`, if the text is of that form with these names.
fn spelled_members<'t>(text: &'t str, names: &[String]) -> Option<Vec<&'t str>> {
    let mut rest = text.trim_start();
    let mut values = Vec::new();
    for (at, name) in names.iter().enumerate() {
        rest = rest.strip_prefix(name.as_str())?.strip_prefix(": ")?;
        let quoted = rest.starts_with('"').then(|| inline::string_length(rest));
        let from = quoted.flatten().unwrap_or_default();
        let end = match names.get(at + 1) {
            Some(next) => from + rest.get(from..)?.find(&format!(" {next}: "))?,
            None => rest.len(),
        };
        let (value, behind) = rest.split_at_checked(end)?;
        values.push(value);
        rest = behind.trim_start();
    }
    rest.is_empty().then_some(values)
}

/// Whether the line ends inside a string in three quotes.
fn opens_string(text: &str) -> bool {
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut may_begin = true;
    while let Some(byte) = bytes.get(at) {
        if *byte == b'"' && may_begin {
            let rest = text.get(at..).unwrap_or_default();
            let content = rest.strip_prefix(inline::TRIPLE);
            if content.is_some_and(|content| inline::triple_end(content).is_none()) {
                return true;
            }
            let Some(length) = inline::string_length(rest) else {
                return false;
            };
            at += length;
            may_begin = false;
            continue;
        }
        may_begin = match byte {
            b' ' => may_begin,
            _ => matches!(byte, b':' | b',' | b'|' | b';' | b'\t' | b'[' | b'{'),
        };
        at += 1;
    }
    false
}
