//! YAML 1.2 with the core schema, read into JSON's data model.
//!
//! - A stream of several documents is an array of them, one document is itself, none is null.
//! - Numbers whose text JSON has too keep it; other spellings (`0x1F`, `+12`, `.5`) become the exact
//!   JSON number. `.inf` and `.nan` are refused: JSON has no such numbers. `yes` and `no` are
//!   strings.
//! - Keys that are other scalars than strings become their text; collections as keys and keys that
//!   stand twice are refused.
//! - Aliases and merge keys (`<<`) are expanded within a budget. A merged member stands where its
//!   merge key stood, unless the mapping has a member of that key itself.
//! - The tags `!!str !!int !!float !!bool !!null !!map !!seq` are obeyed; other tags are ignored.
//!
//! The whole text is held in memory, its values are not.

mod compose;
mod scalar;
mod tape;

use self::compose::Composer;
use super::text::read_text;
use crate::error::Result;
use crate::input::Input;
use saphyr_parser::{Event as YamlEvent, Marker, Parser, ScanError};
use tonl::{Code, Error, Event, EventSink, Limits, Position};

/// How YAML is read.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct YamlOptions {
    /// How deep values nest, and how many bytes the text has at most. Flow collections (in
    /// brackets) nest at most 255 deep.
    pub limits: Limits,
    /// How much aliases and merge keys may add; by default 100 times the text's bytes, at least
    /// 1 MiB and at most 1 GiB.
    ///
    /// A value counts as the bytes of its text and 8 for each scalar, key, begin and end.
    pub expansion_bytes: Option<u64>,
}

impl YamlOptions {
    fn expansion_bytes(&self, text: &str) -> u64 {
        let default = (text.len() as u64)
            .saturating_mul(100)
            .clamp(1 << 20, 1 << 30);
        self.expansion_bytes.unwrap_or(default)
    }
}

/// Reads a YAML text and sends its value.
///
/// # Errors
/// Faults of syntax and meaning with line and column, [`Code::DepthLimit`],
/// [`Code::ExpansionLimit`], and what `input` or `sink` report.
pub fn read(input: &Input, options: &YamlOptions, sink: &mut dyn EventSink) -> Result<()> {
    let text = read_text(input, &options.limits)?;
    parse(&text, options, sink).map_err(|error| crate::Error::from(error).named(input.name()))
}

/// Reads a YAML text that is in memory; see [`read`].
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str, options: &YamlOptions, sink: &mut dyn EventSink) -> tonl::Result<()> {
    refuse_controls(text)?;
    match count_documents(text) {
        0 => {
            compose(text, options, sink)?;
            sink.event(Event::Null)
        }
        1 => compose(text, options, sink),
        _ => {
            sink.event(Event::BeginArray)?;
            compose(text, options, sink)?;
            sink.event(Event::EndArray)
        }
    }
}

/// Refuses the controls that YAML allows nowhere (*Source:* YAML 1.2.2, section 5.1). The parser would
/// take NUL for the text's end, and others for white space or for content as it comes.
fn refuse_controls(text: &str) -> tonl::Result<()> {
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t' | b'\n' | b'\r');
    let bytes = text.as_bytes().iter();
    let Some((at, byte)) = bytes.enumerate().find(|(_, byte)| is_control(byte)) else {
        return Ok(());
    };
    let expected = "characters that YAML allows";
    let found = format!("the character U+{byte:04X}");
    Err(Error::new(Code::ControlCharacter, expected, found)
        .at(Position::in_text(1, text.as_bytes(), at))
        .with_hint(format!(
            "remove it, or write it as \\x{byte:02x} inside double quotes"
        )))
}

fn compose(text: &str, options: &YamlOptions, sink: &mut dyn EventSink) -> tonl::Result<()> {
    let budget = options.expansion_bytes(text);
    let mut composer = Composer::new(sink, options.limits.depth(), budget);
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| syntax_error(text, &error))?;
        let position = position(&span.start);
        composer
            .take(event, position)
            .map_err(|error| error.at(position))?;
    }
    Ok(())
}

/// 0, 1, or 2 for more. Faults are left to the reading proper.
fn count_documents(text: &str) -> usize {
    // Without a mark at the start of a line there is one document at most. A single pass over the
    // text is far cheaper than parsing it twice.
    let has_marks = has_mark_after_content(text);
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        match event {
            Ok((YamlEvent::DocumentStart(_), _)) => documents += 1,
            Ok(_) => {}
            Err(_) => return documents.max(1),
        }
        if documents > usize::from(has_marks) {
            break;
        }
    }
    documents
}

fn has_mark_after_content(text: &str) -> bool {
    // A byte-order mark may stand before each document.
    let lines = text
        .split(['\n', '\r'])
        .map(|line| line.trim_start_matches('\u{FEFF}'));
    let mut lines = lines.skip_while(|line| {
        let line = line.trim_start_matches([' ', '\t']);
        line.is_empty() || line.starts_with('#') || line.starts_with('%')
    });
    lines.next();
    lines.any(|line| line.starts_with("---") || line.starts_with("..."))
}

fn position(marker: &Marker) -> Position {
    Position {
        line: marker.line() as u64,
        column: marker.col() as u64 + 1,
    }
}

fn syntax_error(text: &str, fault: &ScanError) -> Error {
    let place = position(fault.marker());
    if fault.info() == "recursion limit exceeded" {
        let expected = "at most 255 levels of brackets";
        let hint = "write the inner collections in block style";
        return Error::new(Code::DepthLimit, expected, "one more")
            .at(place)
            .with_hint(hint);
    }
    let is_end = fault.marker().index() >= text.chars().count();
    let code = if is_end {
        Code::Truncated
    } else {
        Code::YamlSyntax
    };
    let found = format!("a fault: {}", fault.info());
    let error = Error::new(code, "valid YAML", found).at(place);
    let line = text.lines().nth(fault.marker().line().saturating_sub(1));
    if line.is_some_and(|line| line.trim_start_matches(' ').starts_with('\t')) {
        return error.with_hint("indent with spaces: YAML allows no TAB there");
    }
    error
}

#[cfg(test)]
mod tests;
