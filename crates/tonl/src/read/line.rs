//! One line of a document, with its number, and how a fault in it becomes an error.

use crate::error::{Code, Error, Position};
use crate::scan::{Fault, found_at};
use std::borrow::Cow;

/// One line without its line end. Offsets into it are bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line<'t> {
    /// One-based number in the document.
    pub(crate) number: u64,
    /// Its text.
    pub(crate) text: &'t str,
}

impl<'t> Line<'t> {
    /// The line's bytes.
    #[inline]
    pub(crate) fn bytes(self) -> &'t [u8] {
        self.text.as_bytes()
    }

    /// The byte at offset `at`; `None` at the end of the line.
    #[inline]
    pub(crate) fn byte(self, at: usize) -> Option<u8> {
        self.bytes().get(at).copied()
    }

    /// The text of a range whose ends lie between characters.
    #[inline]
    pub(crate) fn slice(self, start: usize, end: usize) -> &'t str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// The place of byte `at`.
    pub(crate) fn position(self, at: usize) -> Position {
        Position::in_line(self.number, self.bytes(), at)
    }

    /// What stands at byte `at`, for an error message.
    pub(crate) fn found(self, at: usize) -> String {
        if at >= self.bytes().len() {
            return "the end of the line".to_owned();
        }
        found_at(self.bytes(), at)
    }

    /// An error at byte `at` that names what stands there.
    #[cold]
    pub(crate) fn error(
        self,
        at: usize,
        code: Code,
        expected: impl Into<Cow<'static, str>>,
    ) -> Error {
        self.error_found(at, code, expected, self.found(at))
    }

    /// An error at byte `at` that says itself what stands there.
    #[cold]
    pub(crate) fn error_found(
        self,
        at: usize,
        code: Code,
        expected: impl Into<Cow<'static, str>>,
        found: impl Into<Cow<'static, str>>,
    ) -> Error {
        Error::new(code, expected, found).at(self.position(at))
    }

    /// The error for a fault that a scanner found. A construct that the end of the line cuts off
    /// is truncated.
    #[cold]
    pub(crate) fn fault(self, fault: Fault) -> Error {
        let code = match fault.code {
            Code::JsonSyntax if fault.at >= self.bytes().len() => Code::Truncated,
            code => code,
        };
        self.error(fault.at, code, fault.expected)
    }
}
