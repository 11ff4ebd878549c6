//! A decoder of TONL that is slow and obvious: it cuts the text into lines, and each function is
//! one rule of the grammar.
//!
//! Strict reading only, with the default limits of depth and columns. It shares no code with the
//! reader that it judges, so that a mistake has to be made twice to stay unseen.

mod header;
mod row;
mod token;

use header::{Body, Header};
use token::Cursor;
use tonl::{Object, Value};

/// Decodes a whole document.
///
/// # Errors
/// A sentence that says which rule is broken; it is for people, not for comparison.
pub fn decode(text: &str) -> Result<Value, String> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let lines = split(text)?;
    if lines.is_empty() {
        return Ok(Value::Array(Vec::new()));
    }
    let unit = unit(&lines)?;
    let mut document = Document {
        lines,
        at: 0,
        unit,
        delimiter: ',',
        is_cut: !text.ends_with('\n'),
    };
    let value = document.document()?;
    if depth(&value) > 512 {
        return Err("nested too deep".into());
    }
    Ok(value)
}

/// A line without its indentation and its end.
#[derive(Clone, Copy)]
struct Line<'t> {
    indent: usize,
    text: &'t str,
}

struct Document<'t> {
    lines: Vec<Line<'t>>,
    at: usize,
    unit: usize,
    delimiter: char,
    is_cut: bool,
}

/// The lines up to the trailing blank ones, §3.2 and §3.3.
fn split(text: &str) -> Result<Vec<Line<'_>>, String> {
    let mut lines = Vec::new();
    for piece in text.split_inclusive('\n') {
        let line = match piece.strip_suffix('\n') {
            Some(line) => line.strip_suffix('\r').unwrap_or(line),
            None => piece,
        };
        if line.contains('\r') {
            return Err("a lone carriage return".into());
        }
        let rest = line.trim_start_matches(' ');
        lines.push(Line {
            indent: line.len() - rest.len(),
            text: rest,
        });
    }
    while lines.last().is_some_and(|line| line.text.is_empty()) {
        lines.pop();
    }
    if lines.iter().any(|line| line.text.is_empty()) {
        return Err("a blank line before the end".into());
    }
    Ok(lines)
}

/// The unit of indentation, §3.5.
fn unit(lines: &[Line<'_>]) -> Result<usize, String> {
    match lines.iter().map(|line| line.indent).find(|n| *n > 0) {
        None => Ok(1),
        Some(unit @ 1..=8) => Ok(unit),
        Some(unit) => Err(format!("a unit of {unit} spaces")),
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(object) => {
            let inner = object.iter().map(|(_, value)| depth(value)).max();
            1 + inner.unwrap_or(0)
        }
        _ => 0,
    }
}

impl<'t> Document<'t> {
    /// `{ comment } root { { comment } continuation } { comment }`
    fn document(&mut self) -> Result<Value, String> {
        while let Some(text) = self.comment() {
            if let Some(rest) = text.strip_prefix("#delimiter ") {
                self.delimiter = match rest {
                    "," => ',',
                    "|" => '|',
                    ";" => ';',
                    "\t" | "\\t" => '\t',
                    other => return Err(format!("the delimiter {other:?}")),
                };
            }
        }
        let (label, header) = match self.peek() {
            None => return Err("no root entry".into()),
            Some(line) if line.indent > 0 => return Err("an indented root".into()),
            Some(line) => header::entry(line.text, self.delimiter, true)?,
        };
        self.at += 1;
        let value = if let Body::Stream(first) = header.body {
            self.stream(&label, first)?
        } else {
            self.body(0, header)?
        };
        while self.comment().is_some() {}
        match self.peek() {
            None => Ok(value),
            Some(line) => Err(format!("{:?} after the end", line.text)),
        }
    }

    /// The rows of all segments of a stream, §10.
    fn stream(&mut self, label: &str, first: header::Columns) -> Result<Value, String> {
        if self.is_cut {
            return Err("a stream without its last line end".into());
        }
        let mut rows = Vec::new();
        let mut columns = first;
        loop {
            while let Some(line) = self.peek().filter(|line| line.indent > 0) {
                rows.push(row::row(self.at_depth(line, 1)?, &columns)?);
                self.at += 1;
            }
            while let Some(text) = self.comment() {
                if let Some(count) = end_line(text) {
                    if count != rows.len().to_string() {
                        return Err(format!("{count} rows claimed, {} found", rows.len()));
                    }
                    return Ok(Value::Array(rows));
                }
            }
            let Some(line) = self.peek().filter(|line| line.indent == 0) else {
                return Ok(Value::Array(rows));
            };
            let (next, header) = header::entry(line.text, self.delimiter, true)?;
            let Body::Stream(more) = header.body else {
                return Err("a second root".into());
            };
            if next != label {
                return Err("a segment with another label".into());
            }
            columns = more;
            self.at += 1;
        }
    }

    /// What follows the header of an entry that stands at depth `n`.
    fn body(&mut self, n: usize, header: Header) -> Result<Value, String> {
        match header.body {
            Body::Value(value) => Ok(value),
            Body::Stream(_) => Err("a stream below the root".into()),
            Body::Block => self.block(n + 1),
            Body::List(count) => {
                let item = |line| row::rest_of_line(line, "a list item");
                Ok(Value::Array(self.rows(n + 1, count, item)?))
            }
            Body::Table(count, columns) => {
                let rows = self.rows(n + 1, count, |line| row::row(line, &columns))?;
                Ok(Value::Array(rows))
            }
            Body::Keyed(count, columns) => {
                let members = self.rows(n + 1, count, |line| row::keyed(line, &columns))?;
                object(members)
            }
        }
    }

    fn block(&mut self, n: usize) -> Result<Value, String> {
        if n > 512 {
            return Err("nested too deep".into());
        }
        let mut members = Vec::new();
        while let Some(line) = self.peek().filter(|line| line.indent >= n * self.unit) {
            let text = self.at_depth(line, n)?;
            let (key, header) = header::entry(text, self.delimiter, false)?;
            self.at += 1;
            members.push((key, self.body(n, header)?));
        }
        if members.is_empty() {
            return Err("a block without entries".into());
        }
        object(members)
    }

    /// Exactly `count` lines at depth `n`.
    fn rows<T>(
        &mut self,
        n: usize,
        count: u64,
        read: impl Fn(&'t str) -> Result<T, String>,
    ) -> Result<Vec<T>, String> {
        let mut rows = Vec::new();
        for done in 0..count {
            let Some(line) = self.peek() else {
                return Err(format!("truncated after row {done} of {count}"));
            };
            rows.push(read(self.at_depth(line, n)?)?);
            self.at += 1;
        }
        Ok(rows)
    }

    fn peek(&self) -> Option<Line<'t>> {
        self.lines.get(self.at).copied()
    }

    fn at_depth(&self, line: Line<'t>, n: usize) -> Result<&'t str, String> {
        if line.indent == n * self.unit {
            Ok(line.text)
        } else {
            Err(format!("{} spaces at depth {n}", line.indent))
        }
    }

    /// Takes a comment line, if one stands here.
    fn comment(&mut self) -> Option<&'t str> {
        let line = self.peek()?;
        let is_comment = line.indent == 0 && line.text.starts_with('#');
        self.at += usize::from(is_comment);
        is_comment.then_some(line.text)
    }
}

/// The number of an `#end` line; `None` for any other comment, §10.7.
fn end_line(text: &str) -> Option<&str> {
    let count = text.strip_prefix("#end ")?;
    header::is_count(count).then_some(count)
}

fn object(members: Vec<(String, Value)>) -> Result<Value, String> {
    let object = Object::from_members(members).map_err(|error| error.to_string())?;
    Ok(Value::Object(object))
}

/// The whole line must have been read.
fn at_end(cursor: &Cursor<'_>) -> Result<(), String> {
    if cursor.rest.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "{:?} behind the end of the line's rule",
            cursor.rest
        ))
    }
}

#[cfg(test)]
mod tests;
