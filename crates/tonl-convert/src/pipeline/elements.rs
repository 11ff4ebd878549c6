//! The elements of a JSON array, one after another, from a window over the text.

use super::feed::{Fill, Steady};
use super::lines::BOM;
use super::window::Window;
use crate::error::{Error, Result};
use crate::input::Input;
use tonl::scan::{Fault, skip_space};
use tonl::{Code, Limits, Position};

/// Walks over a JSON text whose root may be an array.
///
/// What is given out may end in the middle of an element; a visitor that finds its end missing is
/// called again with more text. The text ends behind a character that is no part of a number or
/// word, so that one that is there is there completely.
pub(crate) struct Elements<'i> {
    input: &'i Input,
    window: Window<Steady>,
    place: Place,
    /// How many of the window's bytes are known to be UTF-8.
    checked: usize,
    /// How long the line is that the window's last byte is in.
    line_bytes: usize,
    limits: Limits,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    First,
    Next,
    Done,
}

/// Takes one element: given a text and the byte where the element begins, gives the byte behind it.
pub(crate) type Visit<'v> = &'v mut dyn FnMut(&[u8], usize) -> Result<usize, Fault>;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// The visitor took an element.
    Element,
    /// The array and the text have ended.
    End,
}

/// The root of a JSON text.
pub(crate) enum Root<'i> {
    /// An array, its elements to come.
    Array(Elements<'i>),
    /// Another value: the whole text.
    Other(Vec<u8>),
}

impl<'i> Elements<'i> {
    /// Begins to read a JSON text.
    ///
    /// # Errors
    /// Failures of reading, and of the text before its first element.
    pub(crate) fn open(input: &'i Input, limits: &Limits) -> Result<Root<'i>> {
        let mut elements = Self {
            input,
            window: Window::new(Steady(input.open()?)),
            place: Place::First,
            checked: 0,
            line_bytes: 0,
            limits: *limits,
        };
        elements.fill_to(BOM.len())?;
        if elements.window.bytes().starts_with(BOM) {
            elements.consume(BOM.len());
        }
        match elements.next_byte()? {
            Some(b'[') => {
                elements.consume(1);
                Ok(Root::Array(elements))
            }
            Some(byte) if !begins_value(byte) => {
                Err(elements.fault(Fault::new(0, Code::JsonSyntax, "a JSON value")))
            }
            _ => elements.into_text().map(Root::Other),
        }
    }

    /// How many bytes were taken so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.window.offset()
    }

    /// Lets `visit` take the next element: it is given a text and the byte where the element begins,
    /// and gives the byte behind it.
    ///
    /// # Errors
    /// The fault that `visit` found, or of what stands between elements; failures of reading.
    pub(crate) fn step(&mut self, visit: Visit<'_>) -> Result<Step> {
        match (self.place, self.next_byte()?) {
            (Place::Done, _) => return Ok(Step::End),
            (_, Some(b']')) => return self.end(),
            (Place::First, _) => {}
            (Place::Next, Some(b',')) => {
                self.consume(1);
                if self.next_byte()? == Some(b']') {
                    return Err(self.fault(Fault::new(0, Code::JsonSyntax, "a JSON value")));
                }
            }
            (Place::Next, _) => {
                return Err(self.fault(Fault::new(0, Code::JsonSyntax, "',' or ']'")));
            }
        }
        self.place = Place::Next;
        self.element(visit)?;
        Ok(Step::Element)
    }

    fn element(&mut self, visit: Visit<'_>) -> Result<()> {
        loop {
            let text = self.text();
            let len = text.len();
            match visit(text, 0) {
                Ok(end) => {
                    self.consume(end);
                    self.window.shrink();
                    return Ok(());
                }
                Err(fault) if fault.at >= len && !self.window.is_end() => {
                    self.fill()?;
                }
                Err(fault) => return Err(self.fault(fault)),
            }
        }
    }

    fn end(&mut self) -> Result<Step> {
        self.consume(1);
        self.place = Place::Done;
        match self.next_byte()? {
            None => Ok(Step::End),
            Some(_) => Err(self.fault(Fault::new(0, Code::TrailingContent, "the end of the text"))),
        }
    }

    /// The next byte that is no white space; what stands before it is consumed.
    fn next_byte(&mut self) -> Result<Option<u8>> {
        loop {
            let bytes = self.window.bytes();
            let at = skip_space(bytes, 0);
            let found = bytes.get(at).copied();
            self.consume(at);
            if found.is_some() || !self.fill()? {
                return Ok(found);
            }
        }
    }

    /// The text that is there as far as it can be taken.
    fn text(&self) -> &[u8] {
        let text = self.window.bytes().get(..self.checked).unwrap_or_default();
        if self.window.is_end() {
            return text;
        }
        let goes_on =
            |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let tail = text.iter().rev().take_while(goes_on).count();
        text.get(..text.len() - tail).unwrap_or_default()
    }

    fn consume(&mut self, count: usize) {
        self.window.consume(count);
        self.checked = self.checked.saturating_sub(count);
    }

    /// Reads more; whether there was more.
    fn fill(&mut self) -> Result<bool> {
        let fill = self
            .window
            .refill()
            .map_err(|error| Error::io("read", error))?;
        let total = self.window.offset() + self.window.bytes().len() as u64;
        if total > self.limits.total_bytes {
            let expected = format!("at most {} bytes", self.limits.total_bytes);
            return Err(Error::limit(Code::ByteLimit, expected).into());
        }
        if let Fill::Bytes(count) = fill {
            self.check_lines(count)?;
        }
        self.check_utf8()?;
        Ok(fill != Fill::End)
    }

    /// Refuses a line that is too long in the last `count` bytes. Without a limit nothing is looked at.
    fn check_lines(&mut self, count: usize) -> Result<()> {
        let most = self.limits.line_bytes;
        if most == usize::MAX {
            return Ok(());
        }
        let bytes = self.window.bytes();
        let mut start = bytes.len() - count;
        let new = bytes.get(start..).unwrap_or_default();
        for end in memchr::memchr_iter(b'\n', new).chain([count]) {
            let end = bytes.len() - count + end;
            self.line_bytes += end - start;
            if self.line_bytes > most {
                let place = position(self.input, self.window.offset() + start as u64)?;
                let expected = format!("a line of at most {most} bytes");
                let error = Error::limit(Code::LineLimit, expected);
                return Err(error.at(Position { column: 1, ..place }).into());
            }
            if end < bytes.len() {
                self.line_bytes = 0;
            }
            start = end + 1;
        }
        Ok(())
    }

    fn fill_to(&mut self, len: usize) -> Result<()> {
        while self.window.bytes().len() < len && self.fill()? {}
        Ok(())
    }

    fn check_utf8(&mut self) -> Result<()> {
        let bytes = self.window.bytes();
        let new = bytes.get(self.checked..).unwrap_or_default();
        match simdutf8::compat::from_utf8(new) {
            Ok(_) => self.checked = bytes.len(),
            Err(error) => {
                self.checked += error.valid_up_to();
                if error.error_len().is_some() || self.window.is_end() {
                    let at = self.checked;
                    return Err(self.fault(Fault::new(at, Code::InvalidUtf8, "UTF-8")));
                }
            }
        }
        Ok(())
    }

    fn into_text(mut self) -> Result<Vec<u8>> {
        while self.fill()? {}
        Ok(self.window.into_bytes())
    }

    /// The error for a fault in the window's bytes, with its position in the whole text.
    #[cold]
    fn fault(&self, fault: Fault) -> Error {
        let offset = self.window.offset() + fault.at as u64;
        match position(self.input, offset) {
            Ok(position) => fault.into_error_at(self.window.bytes(), position).into(),
            Err(error) => error,
        }
    }
}

/// What begins otherwise need not be read to its end to be refused.
fn begins_value(byte: u8) -> bool {
    matches!(byte, b'{' | b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')
}

/// The position of byte `offset`, found by reading the input again: it is only asked for once.
fn position(input: &Input, offset: u64) -> Result<Position> {
    let mut reader = std::io::Read::take(input.open()?, offset);
    let mut position = Position { line: 1, column: 1 };
    let mut block = vec![0; 64 << 10];
    loop {
        let count = std::io::Read::read(&mut reader, &mut block)
            .map_err(|error| Error::io("read", error))?;
        let Some(bytes) = block.get(..count).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        let inner = Position::in_text(1, bytes, bytes.len());
        position = match inner.line {
            1 => Position {
                column: position.column + inner.column - 1,
                ..position
            },
            breaks => Position {
                line: position.line + breaks - 1,
                column: inner.column,
            },
        };
    }
    Ok(position)
}
