//! Reading text: UTF-8, limits and positions are checked while the bytes pass by.

use crate::error::{Error, Result};
use crate::input::Input;
use std::io::{self, Cursor, Read};
use tonl::{Code, Limits, Position};

/// Reads the whole text of an input, without a byte-order mark at its start.
///
/// # Errors
/// What [`Input::open`] reports, bytes that are not UTF-8, and the limits of line and total bytes,
/// each with its position.
pub(crate) fn read_text(input: &Input, limits: &Limits) -> Result<String> {
    let mut text = String::new();
    open_text(input, limits)?
        .read_to_string(&mut text)
        .map_err(|error| Error::io("read", error).named(input.name()))?;
    Ok(text)
}

/// A checked reader of an input's text, without a byte-order mark at its start.
///
/// # Errors
/// What [`Input::open`] reports. Reading fails at bytes that are not UTF-8 and at the limits of line
/// and total bytes, each with its position.
pub(crate) fn open_text(input: &Input, limits: &Limits) -> Result<impl Read + use<>> {
    let mut reader = TextReader::new(input.open()?, limits);
    let mut first = Vec::new();
    reader
        .by_ref()
        .take(BOM.len() as u64)
        .read_to_end(&mut first)
        .map_err(|error| Error::io("read", error).named(input.name()))?;
    if first == BOM {
        first.clear();
    }
    Ok(Cursor::new(first).chain(reader))
}

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Passes bytes on and fails at the first that is not UTF-8 or exceeds a limit.
///
/// The error travels inside the [`io::Error`]; [`Error::io`] takes it out again.
pub(crate) struct TextReader<R> {
    inner: R,
    limits: Limits,
    total: u64,
    /// Bytes of a character whose rest has not come yet; they were passed on already.
    pending: Vec<u8>,
    line: u64,
    line_bytes: usize,
    /// Characters of the current line before the pending ones.
    column: u64,
}

impl<R: Read> TextReader<R> {
    pub(crate) fn new(inner: R, limits: &Limits) -> Self {
        Self {
            inner,
            limits: *limits,
            total: 0,
            pending: Vec::new(),
            line: 1,
            line_bytes: 0,
            column: 0,
        }
    }

    fn check(&mut self, chunk: &[u8]) -> tonl::Result<()> {
        self.total += chunk.len() as u64;
        if self.total > self.limits.total_bytes {
            let expected = format!("at most {} bytes", self.limits.total_bytes);
            return Err(Error::limit(Code::ByteLimit, expected).at(self.position()));
        }
        self.check_lines(chunk)?;
        if self.pending.is_empty() {
            return self.check_utf8(chunk);
        }
        let mut joined = std::mem::take(&mut self.pending);
        joined.extend_from_slice(chunk);
        self.check_utf8(&joined)
    }

    fn check_lines(&mut self, chunk: &[u8]) -> tonl::Result<()> {
        let limit = self.limits.line_bytes;
        let mut start = 0;
        let ends = memchr::memchr_iter(b'\n', chunk);
        for (line, end) in ends.chain([chunk.len()]).enumerate() {
            self.line_bytes = if line == 0 { self.line_bytes } else { 0 } + (end - start);
            if self.line_bytes > limit {
                let expected = format!("a line of at most {limit} bytes");
                let place = Position {
                    line: self.line + line as u64,
                    column: 1,
                };
                return Err(Error::limit(Code::LineLimit, expected).at(place));
            }
            start = end + 1;
        }
        Ok(())
    }

    fn check_utf8(&mut self, bytes: &[u8]) -> tonl::Result<()> {
        let Err(error) = simdutf8::compat::from_utf8(bytes) else {
            self.advance(bytes);
            return Ok(());
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        self.advance(valid);
        if error.error_len().is_some() {
            return Err(self.invalid(rest));
        }
        self.pending = rest.to_vec();
        Ok(())
    }

    fn advance(&mut self, valid: &[u8]) {
        let tail = match memchr::memrchr(b'\n', valid) {
            Some(last) => {
                self.line += memchr::memchr_iter(b'\n', valid).count() as u64;
                self.column = 0;
                valid.get(last + 1..).unwrap_or_default()
            }
            None => valid,
        };
        self.column += tail.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() as u64;
    }

    fn position(&self) -> Position {
        Position {
            line: self.line,
            column: self.column + 1,
        }
    }

    fn invalid(&self, rest: &[u8]) -> tonl::Error {
        let found = tonl::scan::found_at(rest, 0);
        tonl::Error::new(Code::InvalidUtf8, "text in UTF-8", found)
            .at(self.position())
            .with_hint("convert the file to UTF-8, for example with: iconv -f LATIN1 -t UTF-8")
    }
}

impl<R: Read> Read for TextReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let checked = if count == 0 && !buffer.is_empty() && !self.pending.is_empty() {
            Err(self.invalid(&self.pending))
        } else {
            self.check(buffer.get(..count).unwrap_or_default())
        };
        match checked {
            Ok(()) => Ok(count),
            Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte a read, so that every character is cut.
    struct Dribble<'a>(&'a [u8]);

    impl Read for Dribble<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let (Some((first, rest)), [to, ..]) = (self.0.split_first(), buffer) else {
                return Ok(0);
            };
            *to = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    fn read(text: &[u8], limits: &Limits) -> [tonl::Result<String>; 2] {
        let readers: [Box<dyn Read>; 2] = [Box::new(text), Box::new(Dribble(text))];
        readers.map(|reader| {
            let mut out = String::new();
            match TextReader::new(reader, limits).read_to_string(&mut out) {
                Ok(_) => Ok(out),
                Err(error) => Err(error.downcast::<tonl::Error>().unwrap()),
            }
        })
    }

    #[test]
    fn valid_text_passes_however_it_is_cut() {
        let text = "aé\n\u{1F600}漢字\r\n";
        for result in read(text.as_bytes(), &Limits::default()) {
            assert_eq!(result.unwrap(), text);
        }
    }

    #[test]
    fn invalid_bytes_are_found_with_line_and_column() {
        for (text, line, column) in [
            (&b"\xFF"[..], 1, 1),
            (b"ab\n\xC3\xA9x\xFFyz", 2, 3),
            (b"a\n\xF0\x9F\x98", 2, 1),
            (b"a\xE2\x82b", 1, 2),
        ] {
            for result in read(text, &Limits::default()) {
                let error = result.unwrap_err();
                assert_eq!(error.code(), Code::InvalidUtf8);
                assert_eq!(
                    error.position(),
                    Some(Position { line, column }),
                    "{text:?}"
                );
            }
        }
    }

    #[test]
    fn long_lines_and_texts_are_refused() {
        let mut limits = Limits::default();
        limits.line_bytes = 3;
        for result in read(b"abc\nabc\r\n\nabc\n", &limits) {
            let error = result.unwrap_err();
            assert_eq!(error.code(), Code::LineLimit);
            assert_eq!(error.position().map(|at| at.line), Some(2));
        }
        for result in read(b"abc\nabc\n\nabc", &limits) {
            assert!(result.is_ok());
        }
        let mut limits = Limits::default();
        limits.total_bytes = 5;
        assert!(read(b"abcde", &limits).iter().all(Result::is_ok));
        for result in read(b"abcdef", &limits) {
            assert_eq!(result.unwrap_err().code(), Code::ByteLimit);
        }
    }
}
