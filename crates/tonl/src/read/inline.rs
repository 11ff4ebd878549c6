//! Foreign spellings inside a line: values whose quotes were stripped, strings whose quotes are
//! doubled or tripled.

use super::token;
use crate::event::Event;
use crate::options::Ranges;
use crate::scan::literal;
use crate::schema::ColumnType;
use crate::value::{Number, Object, Value};
use std::borrow::Cow;

/// The marks around a string over several lines.
pub(super) const TRIPLE: &str = "\"\"\"";

/// Deepest nesting of values whose quotes were stripped.
const DEEPEST: usize = 64;

/// The length of the cell at the beginning of `text`: up to the delimiter that stands in no quotes
/// and no brackets. Brackets count only in a cell that begins with one, and if they match;
/// `has_brackets` is cleared at the first that does not, so that a row of them costs no more than
/// its length.
pub(super) fn cell_length(text: &str, delimiter: u8, has_brackets: &mut bool) -> usize {
    let bytes = text.as_bytes();
    let start = bytes.iter().take_while(|byte| **byte == b' ').count();
    let opened = match bytes.get(start) {
        Some(b'"') => string_length(text.get(start..).unwrap_or_default()),
        Some(b'{' | b'[') if *has_brackets => {
            let length = bracket_length(bytes.get(start..).unwrap_or_default());
            *has_brackets = length.is_some();
            length
        }
        _ => None,
    };
    let from = start + opened.unwrap_or_default();
    let rest = bytes.get(from..).unwrap_or_default();
    memchr::memchr(delimiter, rest).map_or(bytes.len(), |at| from + at)
}

/// The length of the brackets at the beginning of `bytes`, up to the one that matches the first.
fn bracket_length(bytes: &[u8]) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' | b'[' => open += 1,
            b'}' | b']' => open = open.checked_sub(1)?,
            _ => {}
        }
        if open == 0 {
            return Some(at + 1);
        }
    }
    None
}

/// The length of the string in quotes at the beginning of `text`: in three, or in single ones that
/// are doubled or escaped inside.
pub(super) fn string_length(text: &str) -> Option<usize> {
    if let Some(end) = text.strip_prefix(TRIPLE).and_then(triple_end) {
        return Some(2 * TRIPLE.len() + end);
    }
    let bytes = text.as_bytes();
    let mut at = 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        let is_pair = bytes.get(at) == Some(&b'\\') || bytes.get(at + 1) == Some(&b'"');
        if !is_pair {
            return Some(at + 1);
        }
        at += 2;
    }
}

/// Where the three quotes stand that end the content of a string in three quotes.
pub(super) fn triple_end(content: &str) -> Option<usize> {
    let is_escaped = |at: usize| at > 0 && content.as_bytes().get(at - 1) == Some(&b'\\');
    content
        .match_indices(TRIPLE)
        .map(|(at, _)| at)
        .find(|at| !is_escaped(*at))
}

/// The string that a text in quotes, single, doubled or tripled, stands for.
pub(super) fn unquoted(text: &str) -> Option<Cow<'_, str>> {
    if string_length(text)? != text.len() {
        return None;
    }
    if let Some(content) = text
        .strip_prefix(TRIPLE)
        .and_then(|t| t.strip_suffix(TRIPLE))
    {
        return Some(Cow::Owned(content.replace("\\\"\"\"", TRIPLE)));
    }
    let content = text.strip_prefix('"')?.strip_suffix('"')?;
    let escaped = content.replace("\"\"", "\\\"");
    let mut decoded = Vec::with_capacity(escaped.len());
    match literal::decode(escaped.as_bytes(), &mut decoded) {
        Ok(()) => String::from_utf8(decoded).ok().map(Cow::Owned),
        Err(_) => Some(Cow::Owned(content.replace("\"\"", "\""))),
    }
}

/// The object or array that a text in brackets stands for whose inner quotes were stripped, nested
/// at most `levels` deep.
pub(super) fn value(text: &str, levels: usize) -> Option<Value> {
    nested(text, levels.min(DEEPEST))
}

fn nested(text: &str, levels: usize) -> Option<Value> {
    let levels = levels.checked_sub(1)?;
    if bracket_length(text.as_bytes())? != text.len() {
        return None;
    }
    if let Some(content) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
        let parts = parts(content).into_iter();
        let items: Option<Vec<Value>> = parts.map(|part| element(part, levels)).collect();
        return items.map(Value::Array);
    }
    let content = text.strip_prefix('{')?.strip_suffix('}')?;
    let mut members: Vec<(String, String)> = Vec::new();
    for part in parts(content) {
        match (part.split_once(':'), members.last_mut()) {
            (Some((key, value)), _) => {
                let key = key.trim();
                let key = unquoted(key).map_or(key.to_owned(), Cow::into_owned);
                members.push((key, value.to_owned()));
            }
            // A comma inside a string whose quotes were stripped.
            (None, Some((_, before))) => {
                before.push(',');
                before.push_str(part);
            }
            (None, None) => return None,
        }
    }
    let values = members
        .into_iter()
        .map(|(key, value)| Some((key, element(&value, levels)?)));
    let members: Option<Vec<(String, Value)>> = values.collect();
    Object::from_members(members?).ok().map(Value::Object)
}

fn element(text: &str, levels: usize) -> Option<Value> {
    let text = text.trim();
    let read = match text.as_bytes().first() {
        Some(b'{' | b'[') => nested(text, levels),
        Some(b'"') => unquoted(text).map(|string| Value::String(string.into_owned())),
        _ => None,
    };
    if read.is_some() {
        return read;
    }
    let event = token::resolve(text, ColumnType::Any, Ranges::Ignored).ok()?;
    Some(match event {
        Event::Null => Value::Null,
        Event::Bool(value) => Value::Bool(value),
        Event::Number(text) => Value::Number(Number::new(text).ok()?),
        _ => Value::String(text.to_owned()),
    })
}

/// The parts between the commas that stand in no quotes and no inner brackets.
fn parts(content: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = content;
    while !rest.trim().is_empty() || !parts.is_empty() {
        let length = part_length(rest);
        let (part, behind) = rest.split_at_checked(length).unwrap_or((rest, ""));
        parts.push(part);
        match behind.strip_prefix(',') {
            Some(next) => rest = next,
            None => break,
        }
    }
    parts
}

fn part_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut open = 0_usize;
    let mut at = 0;
    // One quote without a partner shows that the quotes here mean nothing.
    let mut has_strings = true;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' if has_strings => {
                let skipped = text.get(at..).and_then(string_length);
                has_strings = skipped.is_some();
                at += skipped.unwrap_or(1);
                continue;
            }
            b'{' | b'[' => open += 1,
            b'}' | b']' => open = open.saturating_sub(1),
            b',' if open == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}
