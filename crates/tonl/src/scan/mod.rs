//! The lexical rules: string literals, numbers, and when a string or key may stand without quotes.
//!
//! This module is the only place that knows quoting. TONL's quoted strings and numbers are JSON's,
//! so the scanners for both formats are the same functions. All of them work on bytes at an offset
//! of a larger text, because cutting the text up first would cost more than scanning it.

pub(crate) mod lanes;
pub mod literal;
pub mod number;
pub mod quote;
mod requote;

pub(crate) use requote::{Copied, Requoter};

use crate::error::{Code, Error, Position};

/// Why a scan stopped: where, under which code, and what would have been right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// Byte offset in the text that was scanned; its length if the text ended too early.
    pub at: usize,
    /// The error's code.
    pub code: Code,
    /// What was expected there.
    pub expected: &'static str,
}

impl Fault {
    /// A fault at a byte offset.
    pub fn new(at: usize, code: Code, expected: &'static str) -> Self {
        Self { at, code, expected }
    }

    /// The error for a person: position and the character found, in a `text` whose first line is
    /// number `first_line`.
    pub fn into_error(self, text: &[u8], first_line: u64) -> Error {
        self.into_error_at(text, Position::in_text(first_line, text, self.at))
    }

    /// The error for a person, for a `text` that is part of a larger one in which the fault has
    /// this position.
    pub fn into_error_at(self, text: &[u8], position: Position) -> Error {
        let found = match self.code {
            Code::DuplicateKey => format!("{} a second time", key_at(text, self.at)),
            _ => found_at(text, self.at),
        };
        let is_cut = found == END && self.code == Code::JsonSyntax;
        let code = if is_cut { Code::Truncated } else { self.code };
        Error::new(code, self.expected, found).at(position)
    }
}

const END: &str = "the end of the text";

/// The key whose first character is at byte `at`, in quotes.
fn key_at(text: &[u8], at: usize) -> String {
    let end = literal::scan(text, at).map_or(at, |literal| literal.end);
    format!(
        "\"{}\"",
        String::from_utf8_lossy(text.get(at..end).unwrap_or_default())
    )
}

/// The character at byte `at`, described for an error message.
pub fn found_at(text: &[u8], at: usize) -> String {
    let rest = text.get(at..).unwrap_or_default();
    let shown = rest.get(..4).unwrap_or(rest);
    let valid = match std::str::from_utf8(shown) {
        Ok(valid) => valid,
        Err(error) => {
            std::str::from_utf8(shown.get(..error.valid_up_to()).unwrap_or_default()).unwrap_or("")
        }
    };
    match (valid.chars().next(), rest.first()) {
        (_, None) => END.to_owned(),
        (Some('\n'), _) => "the end of the line".to_owned(),
        (Some(c), _) if c.is_control() || quote::is_hidden(c) => {
            format!("the character U+{:04X}", u32::from(c))
        }
        (Some(c), _) => format!("'{c}'"),
        (None, Some(byte)) => format!("the byte 0x{byte:02X}"),
    }
}

/// The first byte at or after `at` that is not JSON white space.
#[inline]
pub fn skip_space(text: &[u8], at: usize) -> usize {
    match text.get(at) {
        Some(byte) if *byte > b' ' => at,
        _ => skip_some_space(text, at),
    }
}

fn skip_some_space(text: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = text.get(at) {
        at += 1;
    }
    at
}
