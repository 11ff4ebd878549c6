//! Cuts pushed bytes into lines: line ends, byte-order mark, UTF-8, limits.
//!
//! However the bytes are split over the pushes, the lines and the first error are the same. A line
//! that lies within one push is not copied; one that does not is put together in a buffer that the
//! limits bound.

use super::line::Line;
use crate::error::{Code, Error, Position, Result};
use crate::limits::Limits;

/// Puts lines together from pushed bytes.
#[derive(Debug)]
pub(crate) struct Lines {
    /// The beginning of a line whose end has not come yet.
    carry: Vec<u8>,
    /// How many lines were completed.
    finished: u64,
    /// How many bytes were taken.
    taken: u64,
    has_carry: bool,
    line_bytes: usize,
    total_bytes: u64,
}

/// The UTF-8 of the mark that may stand at the very beginning.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// How many bytes are checked for UTF-8 in one go: they stay in the processor's cache.
const WINDOW: usize = 64 * 1024;

impl Lines {
    /// A splitter that has seen nothing.
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            carry: Vec::new(),
            finished: 0,
            taken: 0,
            has_carry: false,
            line_bytes: limits.line_bytes,
            total_bytes: limits.total_bytes,
        }
    }

    /// Takes more bytes and gives each line that they complete to `take`.
    pub(crate) fn push(
        &mut self,
        bytes: &[u8],
        take: &mut impl FnMut(Line<'_>) -> Result<()>,
    ) -> Result<()> {
        let left = self.total_bytes - self.taken;
        let allowed = usize::try_from(left).map_or(bytes.len(), |left| left.min(bytes.len()));
        self.taken += allowed as u64;
        self.split(bytes.get(..allowed).unwrap_or_default(), take)?;
        if allowed == bytes.len() {
            return Ok(());
        }
        let expected = format!("at most {} bytes in a document", self.total_bytes);
        Err(Error::new(Code::ByteLimit, expected, "more").at(self.end()))
    }

    /// Gives the last line, if it has no line end, to `take`.
    pub(crate) fn finish(&mut self, take: &mut impl FnMut(Line<'_>) -> Result<()>) -> Result<()> {
        if !std::mem::take(&mut self.has_carry) {
            return Ok(());
        }
        let line = std::mem::take(&mut self.carry);
        if line.last() == Some(&b'\r') {
            self.check_utf8(&line)?;
            return Err(self.lone_return(&line, line.len() - 1));
        }
        self.line(&line, take)
    }

    /// The place behind the last byte taken. After [`Lines::finish`], which ends the last line, it
    /// is the beginning of the next.
    pub(crate) fn end(&self) -> Position {
        Position::in_line(
            self.finished + 1,
            self.unmarked(&self.carry),
            self.carry.len(),
        )
    }

    fn split(
        &mut self,
        mut bytes: &[u8],
        take: &mut impl FnMut(Line<'_>) -> Result<()>,
    ) -> Result<()> {
        if self.has_carry {
            let Some(end) = memchr::memchr(b'\n', bytes) else {
                return self.hold(bytes);
            };
            self.hold(bytes.get(..end).unwrap_or_default())?;
            bytes = bytes.get(end + 1..).unwrap_or_default();
            let mut line = std::mem::take(&mut self.carry);
            self.has_carry = false;
            self.line(without_return(&line), take)?;
            line.clear();
            self.carry = line;
        }
        while let Some((window, rest)) = next_window(bytes) {
            self.window(window, take)?;
            bytes = rest;
        }
        self.hold(bytes)
    }

    /// Keeps the beginning of a line, at most as much of it as its limit allows.
    fn hold(&mut self, bytes: &[u8]) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        self.has_carry = true;
        // Beyond the limit there may be a byte-order mark and a carriage return, and one byte more
        // shows that the line is too long.
        let bound = self.line_bytes.saturating_add(MARK.len() + 2);
        let room = bound.saturating_sub(self.carry.len());
        self.carry
            .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        let held = self.unmarked(&self.carry);
        if self.finished == 0 && MARK.starts_with(held) {
            return Ok(());
        }
        self.check_length(without_return(held))
    }

    /// Takes bytes that end with a line end.
    fn window(
        &mut self,
        window: &[u8],
        take: &mut impl FnMut(Line<'_>) -> Result<()>,
    ) -> Result<()> {
        let text = match simdutf8::basic::from_utf8(window) {
            Ok(text) if self.finished > 0 && memchr::memchr(b'\r', window).is_none() => text,
            _ => return self.checked_window(window, take),
        };
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', window) {
            let text = text.get(start..end).unwrap_or_default();
            self.check_length(text.as_bytes())?;
            self.finished += 1;
            take(Line {
                number: self.finished,
                text,
            })?;
            start = end + 1;
        }
        Ok(())
    }

    fn checked_window(
        &mut self,
        window: &[u8],
        take: &mut impl FnMut(Line<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut start = 0;
        for end in memchr::memchr_iter(b'\n', window) {
            let line = window.get(start..end).unwrap_or_default();
            self.line(without_return(line), take)?;
            start = end + 1;
        }
        Ok(())
    }

    /// Takes one line, checking everything.
    fn line(&mut self, line: &[u8], take: &mut impl FnMut(Line<'_>) -> Result<()>) -> Result<()> {
        let line = self.unmarked(line);
        self.check_length(line)?;
        let text = self.check_utf8(line)?;
        if let Some(at) = memchr::memchr(b'\r', line) {
            return Err(self.lone_return(line, at));
        }
        self.finished += 1;
        take(Line {
            number: self.finished,
            text,
        })
    }

    fn unmarked<'b>(&self, line: &'b [u8]) -> &'b [u8] {
        match line.strip_prefix(MARK) {
            Some(rest) if self.finished == 0 => rest,
            _ => line,
        }
    }

    fn check_length(&self, line: &[u8]) -> Result<()> {
        if line.len() <= self.line_bytes {
            return Ok(());
        }
        let expected = format!("at most {} bytes in a line", self.line_bytes);
        let position = Position::in_line(self.finished + 1, line, self.line_bytes);
        Err(Error::new(Code::LineLimit, expected, "more").at(position))
    }

    fn check_utf8<'b>(&self, line: &'b [u8]) -> Result<&'b str> {
        simdutf8::compat::from_utf8(line).map_err(|error| {
            let at = error.valid_up_to();
            let found = crate::scan::found_at(line, at);
            let position = Position::in_line(self.finished + 1, line, at);
            Error::new(Code::InvalidUtf8, "UTF-8", found).at(position)
        })
    }

    fn lone_return(&self, line: &[u8], at: usize) -> Error {
        let position = Position::in_line(self.finished + 1, line, at);
        let expected = "a line feed behind the carriage return";
        Error::new(
            Code::LoneCarriageReturn,
            expected,
            "a carriage return alone",
        )
        .at(position)
        .with_hint("end lines with LF or CR LF; inside a string write \\r in quotes")
    }
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The next complete lines of about a window's size, and what follows them.
fn next_window(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let first = bytes.get(..WINDOW).unwrap_or(bytes);
    let end = memchr::memrchr(b'\n', first).or_else(|| {
        let rest = bytes.get(first.len()..)?;
        Some(first.len() + memchr::memchr(b'\n', rest)?)
    })?;
    bytes.split_at_checked(end + 1)
}
