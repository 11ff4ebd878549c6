//! Copies the parts of a JSON text into TONL: strings, keys, flow values.
//!
//! The text is checked while it is copied, completely: grammar, escapes, depth, keys that stand
//! twice. It must be valid UTF-8. What is not a surprise costs one pass and no allocation.

use super::ink::Ink;
use crate::error::Code;
use crate::json::MemberKeys;
use crate::scan::literal::{self, Literal, Traits};
use crate::scan::quote::{self, Column, Place};
use crate::scan::{Copied, Fault, Requoter, number, skip_space};

/// The state that copying needs, kept from one text to the next.
#[derive(Debug)]
pub(crate) struct Scribe {
    depth: usize,
    span: Span,
    /// A fingerprint of the keys of the object that ended last.
    shape: u64,
    keys: MemberKeys,
    decoded: Vec<u8>,
    quoted: Vec<u8>,
    requoter: Requoter,
}

/// How far a value may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// Over line ends, as white space.
    Lines,
    /// To the end of its line.
    OneLine,
}

impl Scribe {
    /// A scribe that refuses nesting deeper than `depth`.
    pub(crate) fn new(depth: usize) -> Self {
        Self {
            depth,
            span: Span::Lines,
            shape: NO_OBJECT,
            keys: MemberKeys::default(),
            decoded: Vec::new(),
            quoted: Vec::new(),
            requoter: Requoter::default(),
        }
    }

    /// The deepest nesting it takes.
    #[inline]
    pub(crate) fn depth(&self) -> usize {
        self.depth
    }

    /// Sets how far the values to come may reach. A line end beyond it is no white space.
    pub(crate) fn reach(&mut self, span: Span) {
        self.span = span;
    }

    /// The first byte at or after `at` that is not white space within the span.
    #[inline]
    pub(crate) fn skip_space(&self, text: &[u8], at: usize) -> usize {
        match text.get(at) {
            Some(byte) if *byte > b' ' => at,
            _ => self.skip_some_space(text, at),
        }
    }

    fn skip_some_space(&self, text: &[u8], at: usize) -> usize {
        let end = skip_space(text, at);
        if self.span == Span::Lines {
            return end;
        }
        let skipped = text.get(at..end).unwrap_or_default();
        memchr::memchr(b'\n', skipped).map_or(end, |line_end| at + line_end)
    }

    /// Copies the value at byte `at`, whose containers would be `depth` deep, as a flow value;
    /// gives the byte behind it.
    pub(crate) fn flow<I: Ink>(
        &mut self,
        text: &[u8],
        at: usize,
        depth: usize,
        ink: &mut I,
    ) -> Result<usize, Fault> {
        let copied = self.value(text, at, depth, Place::Flow, ink);
        self.settle(copied.is_err());
        copied
    }

    /// A fingerprint of the keys, in their order, of the value copied last; `None` if it was no object
    /// with keys.
    pub(crate) fn shape(&self) -> Option<u64> {
        (self.shape != NO_OBJECT).then_some(self.shape)
    }

    /// Copies the value at byte `at` as the rest of a line.
    pub(crate) fn rest_of_line<I: Ink>(
        &mut self,
        text: &[u8],
        at: usize,
        depth: usize,
        ink: &mut I,
    ) -> Result<usize, Fault> {
        let copied = self.value(text, at, depth, Place::RestOfLine, ink);
        self.settle(copied.is_err());
        copied
    }

    /// Makes ready for the next value; what one large key or string needed is given back.
    #[inline]
    fn settle(&mut self, is_broken: bool) {
        if is_broken {
            self.keys.clear();
        }
        if self.decoded.capacity().max(self.quoted.capacity()) > KEPT_BYTES {
            (self.decoded, self.quoted) = Default::default();
        }
    }

    #[inline]
    fn value<I: Ink>(
        &mut self,
        text: &[u8],
        at: usize,
        depth: usize,
        place: Place,
        ink: &mut I,
    ) -> Result<usize, Fault> {
        match text.get(at) {
            Some(b'"') => self.string(text, at, place, Column::Other, ink),
            Some(b'{') => self.object(text, at, depth, ink),
            Some(b'[') => self.array(text, at, depth, ink),
            Some(b'-' | b'0'..=b'9') => {
                let end = number::scan(text, at)?.end;
                ink.put_part(text, at, end);
                Ok(end)
            }
            _ => {
                let end = word(text, at)?;
                ink.put_part(text, at, end);
                Ok(end)
            }
        }
    }

    fn array<I: Ink>(
        &mut self,
        text: &[u8],
        at: usize,
        depth: usize,
        ink: &mut I,
    ) -> Result<usize, Fault> {
        self.check_depth(at, depth)?;
        ink.put_byte(b'[');
        let mut next = self.skip_space(text, at + 1);
        if text.get(next) == Some(&b']') {
            ink.put_byte(b']');
            return Ok(next + 1);
        }
        loop {
            // Most arrays in records are lists of words: a call for each would cost more than the word.
            let end = if text.get(next) == Some(&b'"') {
                self.string(text, next, Place::Flow, Column::Other, ink)?
            } else {
                self.value(text, next, depth + 1, Place::Flow, ink)?
            };
            let end = self.skip_space(text, end);
            match text.get(end) {
                Some(b',') => {
                    ink.put_byte(b',');
                    next = self.skip_space(text, end + 1);
                }
                Some(b']') => {
                    ink.put_byte(b']');
                    return Ok(end + 1);
                }
                _ => return Err(Fault::new(end, Code::JsonSyntax, "',' or ']'")),
            }
        }
    }

    fn object<I: Ink>(
        &mut self,
        text: &[u8],
        at: usize,
        depth: usize,
        ink: &mut I,
    ) -> Result<usize, Fault> {
        self.check_depth(at, depth)?;
        ink.put_byte(b'{');
        let open = self.keys.open();
        let mut next = self.skip_space(text, at + 1);
        if text.get(next) == Some(&b'}') {
            ink.put_byte(b'}');
            return Ok(next + 1);
        }
        loop {
            let (key, value) = self.member(text, next)?;
            self.keys
                .add(text, key.start, key.end, key.traits.has(Traits::ESCAPED));
            self.key(text, key, ink);
            ink.put_byte(b':');
            let end = self.value(text, value, depth + 1, Place::Flow, ink)?;
            let end = self.skip_space(text, end);
            match text.get(end) {
                Some(b',') => {
                    ink.put_byte(b',');
                    next = self.skip_space(text, end + 1);
                }
                Some(b'}') => {
                    self.shape = self.keys.close(text, open)?;
                    ink.put_byte(b'}');
                    return Ok(end + 1);
                }
                _ => return Err(Fault::new(end, Code::JsonSyntax, "',' or '}'")),
            }
        }
    }

    /// As [`member`], within the span.
    #[inline]
    pub(crate) fn member(&self, text: &[u8], at: usize) -> Result<(Literal, usize), Fault> {
        member_skipping(text, at, |at| self.skip_space(text, at))
    }

    /// Checks that a container at byte `at` may lie within `depth` others.
    pub(crate) fn check_depth(&self, at: usize, depth: usize) -> Result<(), Fault> {
        if depth < self.depth {
            return Ok(());
        }
        Err(Fault::new(
            at,
            Code::DepthLimit,
            "nesting within the depth limit",
        ))
    }

    /// Copies the string whose opening quote is at byte `at`, bare where it may be; gives the byte
    /// behind its closing quote.
    #[expect(
        clippy::inline_always,
        reason = "the common case is a few instructions"
    )]
    #[inline(always)]
    pub(crate) fn string<I: Ink>(
        &mut self,
        text: &[u8],
        at: usize,
        place: Place,
        column: Column,
        ink: &mut I,
    ) -> Result<usize, Fault> {
        let run = literal::opening_run(text, at + 1);
        let content = text.get(run.start..run.end).unwrap_or_default();
        if text.get(run.end) == Some(&b'"')
            && run.traits.is_empty()
            && place != Place::Tuple
            && match column {
                Column::Text => quote::has_bare_shape(content),
                Column::Other => quote::is_surely_bare(content),
            }
        {
            ink.put_part(text, run.start, run.end);
            return Ok(run.end + 1);
        }
        self.careful_string(text, run, place, column, ink)
    }

    #[inline(never)]
    fn careful_string<I: Ink>(
        &mut self,
        text: &[u8],
        run: Literal,
        place: Place,
        column: Column,
        ink: &mut I,
    ) -> Result<usize, Fault> {
        let is_wide = run.traits.has(Traits::WIDE);
        if text.get(run.end) != Some(&b'"')
            || is_wide && quote::holds_hidden_within(text, run.start..run.end)
        {
            let requoter = &mut self.requoter;
            let copied = ink.put_written(&mut self.quoted, |out| {
                requoter.copy(text, run, place, column, out)
            })?;
            let end = match copied {
                Copied::Rewritten { end } => end,
                Copied::Same { end } => {
                    put_quoted(text, Literal { end, ..run }, ink);
                    end
                }
            };
            return Ok(end + 1);
        }
        let content = text.get(run.start..run.end).unwrap_or_default();
        let structural = run.traits.has(Traits::STRUCTURAL);
        let is_bare = !(is_wide && quote::has_outer_wide_space(content))
            && quote::is_bare_plain(content, structural, place, column);
        if is_bare {
            ink.put_part(text, run.start, run.end);
        } else {
            put_quoted(text, run, ink);
        }
        Ok(run.end + 1)
    }

    /// Copies a scanned key, bare where it may be.
    #[inline]
    pub(crate) fn key<I: Ink>(&mut self, text: &[u8], key: Literal, ink: &mut I) {
        let content = text.get(key.start..key.end).unwrap_or_default();
        if key.traits.is_empty() && quote::is_bare_plain_key(content) {
            ink.put_part(text, key.start, key.end);
        } else if key.traits.has(Traits::ESCAPED.with(Traits::WIDE)) {
            self.decode(content);
            self.quoted.clear();
            quote::write_key(&mut self.quoted, &self.decoded);
            ink.put(&self.quoted);
        } else {
            put_quoted(text, key, ink);
        }
    }

    /// The characters that a checked literal's content stands for, in UTF-8.
    pub(crate) fn decode(&mut self, content: &[u8]) -> &[u8] {
        self.decoded.clear();
        // The content was checked when it was scanned, so decoding cannot fail.
        if literal::decode(content, &mut self.decoded).is_err() {
            self.decoded.clear();
        }
        &self.decoded
    }
}

/// So many bytes may be kept in each buffer.
const KEPT_BYTES: usize = 64 << 10;

/// Stands for a value that is no object with keys.
const NO_OBJECT: u64 = 0;

/// Copies a literal as it is: its escapes are those that TONL writes.
fn put_quoted<I: Ink>(text: &[u8], literal: Literal, ink: &mut I) {
    ink.put_byte(b'"');
    ink.put_part(text, literal.start, literal.end);
    ink.put_byte(b'"');
}

/// Scans a member's key at byte `at`; gives it and the byte where the member's value begins.
#[inline]
pub(crate) fn member(text: &[u8], at: usize) -> Result<(Literal, usize), Fault> {
    member_skipping(text, at, |at| skip_space(text, at))
}

#[inline]
fn member_skipping(
    text: &[u8],
    at: usize,
    skip_space: impl Fn(usize) -> usize,
) -> Result<(Literal, usize), Fault> {
    if text.get(at) != Some(&b'"') {
        return Err(Fault::new(at, Code::JsonSyntax, "a key in quotes"));
    }
    let key = literal::scan(text, at + 1)?;
    let colon = skip_space(key.end + 1);
    if text.get(colon) != Some(&b':') {
        return Err(Fault::new(colon, Code::JsonSyntax, "':'"));
    }
    Ok((key, skip_space(colon + 1)))
}

/// Scans `true`, `false` or `null` at byte `at`; gives the byte behind it.
#[inline]
pub(crate) fn word(text: &[u8], at: usize) -> Result<usize, Fault> {
    let rest = text.get(at..).unwrap_or_default();
    let four = rest.first_chunk::<4>();
    if four == Some(b"true") || four == Some(b"null") {
        Ok(at + 4)
    } else if rest.starts_with(b"false") {
        Ok(at + 5)
    } else {
        Err(no_word(text, at))
    }
}

#[cold]
fn no_word(text: &[u8], at: usize) -> Fault {
    let word: &[u8] = match text.get(at) {
        Some(b't') => b"true",
        Some(b'f') => b"false",
        Some(b'n') => b"null",
        _ => return Fault::new(at, Code::JsonSyntax, "a JSON value"),
    };
    let rest = text.get(at..).unwrap_or_default();
    let same = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
    Fault::new(at + same, Code::JsonSyntax, "true, false or null")
}
