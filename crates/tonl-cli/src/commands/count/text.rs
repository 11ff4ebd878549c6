//! The text that is counted: opened once, decompressed, and UTF-8 to its last byte.
//!
//! A count of replaced characters would be a wrong count, so that bytes which are no UTF-8 are an
//! error with their place. A pipe is read as it comes and is never kept.

use crate::failure::Result;
use crate::hint;
use crate::input::{self, STANDARD_INPUT};
use crate::render::progress::Progress;
use crate::sources;
use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use tonl::{Code, Position};
use tonl_convert::{Compression, Error};

/// Opens what is at `path`; a bar is shown for a file if a person waits for it.
///
/// # Errors
/// What cannot be found or read, and what is no text from its first bytes on.
pub(super) fn open(path: &Path, shown: bool) -> Result<Utf8<Box<dyn Read + Send>>> {
    if sources::is_dash(path) {
        return piped(Box::new(io::stdin())).map_err(|error| failed(error, path));
    }
    if path.is_dir() {
        return Err(hint::directory(path));
    }
    if path.is_file() {
        let mut input = input::open(path)?;
        if let Some(total) = input.stored_bytes().filter(|_| shown) {
            input = input.telling(super::super::convert::told(Progress::of(total)));
        }
        let text = input.open().map_err(|error| failed(error, path))?;
        return Ok(Utf8::new(text));
    }
    let pipe = File::open(path).map_err(|error| hint::unreadable(path, &error))?;
    piped(Box::new(pipe)).map_err(|error| failed(error, path))
}

/// What failed about the text at `path`, by its name.
pub(super) fn failed(error: Error, path: &Path) -> crate::failure::Failure {
    input::failed(&error.named(&name(path)), path)
}

/// What the text at `path` is called.
pub(super) fn name(path: &Path) -> String {
    if sources::is_dash(path) {
        STANDARD_INPUT.to_owned()
    } else {
        path.display().to_string()
    }
}

fn piped(mut pipe: Box<dyn Read + Send>) -> Result<Utf8<Box<dyn Read + Send>>, Error> {
    let magic = first(&mut *pipe, Compression::MAGIC_LEN)?;
    let stored = Box::new(Cursor::new(magic.clone()).chain(pipe));
    let mut text = Compression::from_magic(&magic).reader(stored)?;
    let head = first(&mut *text, 4)?;
    tonl_convert::input::check_encoding(&head)?;
    Ok(Utf8::new(Box::new(Cursor::new(head).chain(text))))
}

fn first(reader: &mut dyn Read, len: usize) -> Result<Vec<u8>, Error> {
    let mut head = Vec::with_capacity(len);
    let read = reader.take(len as u64).read_to_end(&mut head);
    read.map_err(|error| Error::io("read", error))?;
    Ok(head)
}

/// A reader that passes text on and fails at the first byte that is no UTF-8.
#[derive(Debug)]
pub(super) struct Utf8<R> {
    inner: R,
    /// The first bytes of a character whose rest has not come yet.
    begun: Vec<u8>,
    /// Line and column of the next character, one-based.
    at: Position,
}

impl<R: Read> Utf8<R> {
    fn new(inner: R) -> Self {
        Self {
            inner,
            begun: Vec::new(),
            at: Position { line: 1, column: 1 },
        }
    }

    fn check(&mut self, mut bytes: &[u8]) -> io::Result<()> {
        while !self.begun.is_empty() {
            let Some((next, rest)) = bytes.split_first() else {
                return Ok(());
            };
            self.begun.push(*next);
            bytes = rest;
            let begun = std::mem::take(&mut self.begun);
            self.run(&begun)?;
        }
        self.run(bytes)
    }

    /// Takes whole characters; what may be the beginning of one is kept.
    fn run(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Err(error) = std::str::from_utf8(bytes) else {
            self.advance(bytes);
            return Ok(());
        };
        let (valid, rest) = bytes.split_at(error.valid_up_to());
        self.advance(valid);
        if error.error_len().is_some() {
            return Err(self.fault(rest));
        }
        self.begun = rest.to_vec();
        Ok(())
    }

    fn advance(&mut self, text: &[u8]) {
        for (at, line) in text.split(|byte| *byte == b'\n').enumerate() {
            if at > 0 {
                self.at.line += 1;
                self.at.column = 1;
            }
            let starts = line.iter().filter(|byte| (**byte & 0xC0) != 0x80);
            self.at.column += starts.count() as u64;
        }
    }

    fn fault(&self, rest: &[u8]) -> io::Error {
        let byte = rest.first().copied().unwrap_or_default();
        let found = format!("the byte 0x{byte:02X}");
        io::Error::other(tonl::Error::new(Code::InvalidUtf8, "UTF-8", found).at(self.at))
    }
}

impl<R: Read> Read for Utf8<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        if count == 0 && !buffer.is_empty() && !self.begun.is_empty() {
            return Err(self.fault(&self.begun));
        }
        self.check(buffer.get(..count).unwrap_or_default())?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives a few bytes at a time.
    struct Sips<'a>(&'a [u8], usize);

    impl Read for Sips<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let len = self.1.min(buffer.len());
            (&mut self.0).take(len as u64).read(&mut buffer[..len])
        }
    }

    fn read(bytes: &[u8], sip: usize) -> Result<String, String> {
        let mut text = String::new();
        match Utf8::new(Sips(bytes, sip)).read_to_string(&mut text) {
            Ok(_) => Ok(text),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn text_passes_whatever_its_parts() {
        let text = "plain\né 日本 😀\n";
        for sip in 1..9 {
            assert_eq!(read(text.as_bytes(), sip).as_deref(), Ok(text));
        }
    }

    #[test]
    fn a_wrong_byte_is_told_with_its_place() {
        for sip in 1..9 {
            for (bytes, place) in [
                (&b"ok\n\xC3\xA9\xFFx"[..], "line 2, column 2"),
                (b"ok\xE2\x82", "line 1, column 3"),
                (b"\xE2\x28\xA1", "line 1, column 1"),
            ] {
                let error = read(bytes, sip).unwrap_err();
                assert!(error.contains(place), "{error}");
                assert!(error.contains("found the byte 0x"), "{error}");
            }
        }
    }
}
