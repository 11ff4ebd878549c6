//! The parser that turns a JSON text into events.

use super::MemberKeys;
use crate::error::{Code, Error, Position, Result};
use crate::event::{Event, EventSink};
use crate::limits::Limits;
use crate::scan::{Fault, literal, number, skip_space};
use crate::value::{Value, ValueBuilder};

/// Reads one JSON text and sends its events to `sink`. A byte-order mark at the start is skipped.
///
/// # Errors
/// The first fault with its line and column (both one-based): syntax, invalid UTF-8, lone
/// surrogates, a key that stands twice, a limit; or what the sink refuses.
pub fn parse(text: &[u8], limits: &Limits, sink: &mut dyn EventSink) -> Result<()> {
    if text.len() as u64 > limits.total_bytes {
        let found = format!("{} bytes", text.len());
        return Err(Error::new(
            Code::ByteLimit,
            format!("at most {} bytes", limits.total_bytes),
            found,
        ));
    }
    check_utf8(text)?;
    let text = text.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(text);
    let mut parser = Parser {
        text,
        depth: limits.depth(),
        sink,
        keys: MemberKeys::default(),
        decoded: Vec::new(),
    };
    let end = parser.value(skip_space(text, 0), 0)?;
    let end = skip_space(text, end);
    if end < text.len() {
        let fault = Fault::new(end, Code::TrailingContent, "the end of the text");
        return Err(fault.into_error(text, 1));
    }
    Ok(())
}

/// Reads one JSON text as a value.
///
/// # Errors
/// As [`parse`].
pub fn parse_value(text: &[u8], limits: &Limits) -> Result<Value> {
    let mut builder = ValueBuilder::new();
    parse(text, limits, &mut builder)?;
    Ok(builder.take().pop().unwrap_or_default())
}

fn check_utf8(text: &[u8]) -> Result<()> {
    let Err(error) = simdutf8::compat::from_utf8(text) else {
        return Ok(());
    };
    let at = error.valid_up_to();
    Err(Fault::new(at, Code::InvalidUtf8, "UTF-8")
        .into_error(text, 1)
        .at(Position::in_text(1, text, at)))
}

struct Parser<'t, 's> {
    text: &'t [u8],
    depth: usize,
    sink: &'s mut dyn EventSink,
    keys: MemberKeys,
    decoded: Vec<u8>,
}

impl Parser<'_, '_> {
    fn fail(&self, fault: Fault) -> Error {
        fault.into_error(self.text, 1)
    }

    /// Reads the value at byte `at`, which lies `depth` containers deep; gives the byte behind it.
    fn value(&mut self, at: usize, depth: usize) -> Result<usize> {
        match self.text.get(at) {
            Some(b'{') => self.object(at, depth + 1),
            Some(b'[') => self.array(at, depth + 1),
            Some(b'"') => self.string(at, |text| Event::String(text)),
            Some(b'-' | b'0'..=b'9') => self.number(at),
            Some(b't') => self.word(at, b"true", Event::Bool(true)),
            Some(b'f') => self.word(at, b"false", Event::Bool(false)),
            Some(b'n') => self.word(at, b"null", Event::Null),
            _ => Err(self.fail(Fault::new(at, Code::JsonSyntax, "a JSON value"))),
        }
    }

    fn send(&mut self, event: Event<'_>, at: usize) -> Result<()> {
        let text = self.text;
        self.sink
            .event(event)
            .map_err(|error| error.at(Position::in_text(1, text, at)))
    }

    fn word(&mut self, at: usize, word: &'static [u8], event: Event<'static>) -> Result<usize> {
        let rest = self.text.get(at..).unwrap_or_default();
        let same = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
        if same < word.len() {
            return Err(self.fail(Fault::new(
                at + same,
                Code::JsonSyntax,
                "true, false or null",
            )));
        }
        self.send(event, at)?;
        Ok(at + word.len())
    }

    fn number(&mut self, at: usize) -> Result<usize> {
        let number = number::scan(self.text, at).map_err(|fault| self.fail(fault))?;
        let digits = str_at(self.text, at, number.end);
        self.send(Event::Number(digits), at)?;
        Ok(number.end)
    }

    fn string(&mut self, at: usize, event: fn(&str) -> Event<'_>) -> Result<usize> {
        let found = literal::scan(self.text, at + 1).map_err(|fault| self.fail(fault))?;
        let text = self.text;
        if found.traits.has(literal::Traits::ESCAPED) {
            let mut decoded = std::mem::take(&mut self.decoded);
            decoded.clear();
            let raw = text.get(found.start..found.end).unwrap_or_default();
            literal::decode(raw, &mut decoded).map_err(|fault| self.fail(fault))?;
            self.send(event(std::str::from_utf8(&decoded).unwrap_or_default()), at)?;
            self.decoded = decoded;
        } else {
            self.send(event(str_at(text, found.start, found.end)), at)?;
        }
        Ok(found.end + 1)
    }

    fn array(&mut self, at: usize, depth: usize) -> Result<usize> {
        self.enter(Event::BeginArray, at, depth)?;
        let mut next = skip_space(self.text, at + 1);
        if self.text.get(next) == Some(&b']') {
            self.send(Event::EndArray, next)?;
            return Ok(next + 1);
        }
        loop {
            let end = skip_space(self.text, self.value(next, depth)?);
            match self.text.get(end) {
                Some(b',') => next = skip_space(self.text, end + 1),
                Some(b']') => {
                    self.send(Event::EndArray, end)?;
                    return Ok(end + 1);
                }
                _ => return Err(self.fail(Fault::new(end, Code::JsonSyntax, "',' or ']'"))),
            }
        }
    }

    fn object(&mut self, at: usize, depth: usize) -> Result<usize> {
        self.enter(Event::BeginObject, at, depth)?;
        let open = self.keys.open();
        let mut next = skip_space(self.text, at + 1);
        if self.text.get(next) == Some(&b'}') {
            self.send(Event::EndObject, next)?;
            return Ok(next + 1);
        }
        loop {
            let end = self.member(next, depth)?;
            match self.text.get(end) {
                Some(b',') => next = skip_space(self.text, end + 1),
                Some(b'}') => {
                    self.keys
                        .close(self.text, open)
                        .map_err(|fault| self.fail(fault))?;
                    self.send(Event::EndObject, end)?;
                    return Ok(end + 1);
                }
                _ => return Err(self.fail(Fault::new(end, Code::JsonSyntax, "',' or '}'"))),
            }
        }
    }

    fn member(&mut self, at: usize, depth: usize) -> Result<usize> {
        if self.text.get(at) != Some(&b'"') {
            return Err(self.fail(Fault::new(at, Code::JsonSyntax, "a key in quotes")));
        }
        let key = literal::scan(self.text, at + 1).map_err(|fault| self.fail(fault))?;
        let has_escapes = key.traits.has(literal::Traits::ESCAPED);
        self.keys.add(self.text, key.start, key.end, has_escapes);
        let end = self.string(at, |text| Event::Key(text))?;
        let colon = skip_space(self.text, end);
        if self.text.get(colon) != Some(&b':') {
            return Err(self.fail(Fault::new(colon, Code::JsonSyntax, "':'")));
        }
        let end = self.value(skip_space(self.text, colon + 1), depth)?;
        Ok(skip_space(self.text, end))
    }

    fn enter(&mut self, event: Event<'static>, at: usize, depth: usize) -> Result<()> {
        if depth > self.depth {
            let expected = format!("at most {} levels of nesting", self.depth);
            let error = Error::new(Code::DepthLimit, expected, "one more");
            return Err(error.at(Position::in_text(1, self.text, at)));
        }
        self.send(event, at)
    }
}

/// A part of a text that is known to be UTF-8.
fn str_at(text: &[u8], start: usize, end: usize) -> &str {
    std::str::from_utf8(text.get(start..end).unwrap_or_default()).unwrap_or_default()
}
