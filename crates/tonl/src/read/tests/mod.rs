//! The reader, clause by clause.

mod documents;
mod errors;
mod foreign;
mod limits;
mod properties;
mod values;

use super::Reader;
use crate::error::{Code, Result};
use crate::event::{Event, EventSink};
use crate::options::ReadOptions;
use std::fmt::Write;

/// Writes the events as compact JSON, so that cases read like documents.
#[derive(Debug, Default)]
pub(super) struct Shown {
    pub(super) text: String,
    has_value: bool,
}

impl EventSink for Shown {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        let is_end = matches!(event, Event::EndArray | Event::EndObject);
        if self.has_value && !is_end {
            self.text.push(',');
        }
        self.has_value = !matches!(
            event,
            Event::Key(_) | Event::BeginArray | Event::BeginObject
        );
        match event {
            Event::Null => self.text.push_str("null"),
            Event::Bool(value) => write!(self.text, "{value}").unwrap(),
            Event::Number(text) => self.text.push_str(text),
            Event::String(text) => write!(self.text, "{}", quoted(text)).unwrap(),
            Event::Key(text) => write!(self.text, "{}:", quoted(text)).unwrap(),
            Event::BeginArray => self.text.push('['),
            Event::EndArray => self.text.push(']'),
            Event::BeginObject => self.text.push('{'),
            Event::EndObject => self.text.push('}'),
        }
        Ok(())
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

pub(super) fn read_with(text: &[u8], options: &ReadOptions) -> Result<String> {
    let mut shown = Shown::default();
    super::read(text, options, &mut shown)?;
    Ok(shown.text)
}

/// Checks that the text reads as this JSON.
#[track_caller]
pub(super) fn reads(text: &str, json: &str) {
    let shown = read_with(text.as_bytes(), &ReadOptions::default());
    match shown {
        Ok(shown) => assert_eq!(shown, json, "of {text:?}"),
        Err(error) => panic!("{error} in {text:?}"),
    }
}

/// Checks that a document of root label `data` with these lines reads as this JSON; the lines
/// stand between ` / ` and are indented by one space from the second on.
#[track_caller]
pub(super) fn rows_read(lines: &str, json: &str) {
    reads(&document(lines), json);
}

fn document(lines: &str) -> String {
    lines.split(" / ").collect::<Vec<_>>().join("\n ") + "\n"
}

/// Checks that reading the text fails with this code at this line and column.
#[track_caller]
pub(super) fn fails(text: &str, code: Code, line: u64, column: u64) {
    fails_with(
        text.as_bytes(),
        &ReadOptions::default(),
        code,
        (line, column),
    );
}

#[track_caller]
pub(super) fn fails_with(text: &[u8], options: &ReadOptions, code: Code, place: (u64, u64)) {
    let shown: String = String::from_utf8_lossy(text).chars().take(200).collect();
    let error = read_with(text, options).expect_err(&shown);
    let position = error.position().unwrap();
    assert_eq!(
        (error.code(), position.line, position.column),
        (code, place.0, place.1),
        "{error} in {shown:?}"
    );
}

/// Checks that a document of these lines, as in [`rows_read`], fails.
#[track_caller]
pub(super) fn rows_fail(lines: &str, code: Code, line: u64, column: u64) {
    fails(&document(lines), code, line, column);
}

/// What reading these pieces gives: the events, and the error if there is one.
pub(super) fn read_pieces(pieces: &[&[u8]], options: ReadOptions) -> (String, Option<String>) {
    let mut shown = Shown::default();
    let mut reader = Reader::new(options);
    let done = pieces
        .iter()
        .try_for_each(|piece| reader.push(piece, &mut shown))
        .and_then(|()| reader.finish(&mut shown));
    (shown.text, done.err().map(|error| error.to_string()))
}
