//! What reading a line's values needs: the line, where the events go, options, buffers.

use super::line::Line;
use super::token::{self, Classes, Misfit};
use super::warnings::Warnings;
use crate::error::{Code, Error, Result};
use crate::event::{Event, EventSink};
use crate::json::MemberKeys;
use crate::options::ReadOptions;
use crate::scan::Fault;
use crate::scan::literal::{self, Literal, Traits};
use crate::schema::ColumnType;

/// Buffers that outlive a line.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(super) keys: MemberKeys,
    pub(super) decoded: Vec<u8>,
    pub(super) nest: Vec<super::flow::Nest>,
    pub(super) warnings: Warnings,
}

/// Reads the values of one line and sends their events.
pub(crate) struct Scope<'l, 's> {
    pub(super) line: Line<'l>,
    pub(super) sink: &'s mut dyn EventSink,
    pub(super) scratch: &'s mut Scratch,
    pub(super) options: &'s ReadOptions,
}

/// A key as it stands in the line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    /// Where it begins, quotes included.
    pub(super) at: usize,
    /// Its characters, without quotes.
    pub(super) start: usize,
    /// The byte behind them.
    pub(super) end: usize,
    /// Whether they hold escapes.
    pub(super) is_escaped: bool,
    /// The byte behind the key, quotes included.
    pub(super) after: usize,
}

impl Scope<'_, '_> {
    /// The byte at offset `at` of the line.
    #[inline]
    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.line.byte(at)
    }

    /// Sends an event that the text at byte `at` stands for.
    #[inline]
    pub(super) fn send(&mut self, event: Event<'_>, at: usize) -> Result<()> {
        match self.sink.event(event) {
            Ok(()) => Ok(()),
            Err(error) => Err(error.at(self.line.position(at))),
        }
    }

    /// Sends the beginning of a container that lies `depth` deep, itself included.
    pub(super) fn begin(&mut self, event: Event<'_>, at: usize, depth: usize) -> Result<()> {
        let limit = self.options.limits.depth();
        if depth > limit {
            let expected = format!("at most {limit} levels of nesting");
            return Err(self
                .line
                .error_found(at, Code::DepthLimit, expected, "one more"));
        }
        self.send(event, at)
    }

    /// Reads the value that is the rest of the line from byte `at` on: flow, quoted or bare. Its
    /// container lies `depth` deep.
    pub(super) fn rest(&mut self, at: usize, depth: usize) -> Result<()> {
        let end = match self.line.byte(at) {
            None => return Err(self.no_value(at)),
            Some(b'{' | b'[') => self.flow(at, depth + 1)?,
            Some(b'"') => self.quoted(at)?,
            Some(_) => {
                let end = token::scan(self.line, at, &token::REST)?;
                self.bare(at, end, ColumnType::Any)?;
                end
            }
        };
        self.end_of_line(end)
    }

    /// The error for a line that ends where a value should begin.
    #[cold]
    pub(super) fn no_value(&self, at: usize) -> Error {
        self.line
            .error(at, Code::TrailingSpace, "a value")
            .with_hint("an empty string is written \"\"")
    }

    /// Checks that nothing stands behind a value.
    pub(super) fn end_of_line(&self, at: usize) -> Result<()> {
        if at >= self.line.bytes().len() {
            return Ok(());
        }
        Err(self.trailing(at, "the end of the line"))
    }

    /// Checks that nothing stands behind a header.
    pub(super) fn end_of_header(&self, at: usize) -> Result<()> {
        let rest = self.line.text.get(at..).unwrap_or_default();
        if rest.chars().all(char::is_whitespace) {
            return self.end_of_line(at);
        }
        Err(self
            .line
            .error(at, Code::HeaderSyntax, "the end of the header"))
    }

    /// The error for what stands behind a complete value.
    #[cold]
    pub(super) fn trailing(&self, at: usize, expected: &'static str) -> Error {
        let rest = self.line.text.get(at..).unwrap_or_default();
        if rest.chars().all(char::is_whitespace) && !rest.is_empty() {
            return token::trailing_space(self.line, at, self.line.bytes().len());
        }
        self.line.error(at, Code::TrailingContent, expected)
    }

    /// Reads a bare token that was scanned, in a column of this type.
    #[inline]
    pub(super) fn bare(&mut self, start: usize, end: usize, column: ColumnType) -> Result<()> {
        let token = self.line.slice(start, end);
        match token::resolve(token, column, self.options.ranges) {
            Ok(event) => self.send(event, start),
            Err(misfit) => Err(self.misfit(&misfit, start, end, column)),
        }
    }

    /// Reads the string in quotes that begins at byte `at`; gives the byte behind it.
    #[inline]
    pub(super) fn quoted(&mut self, at: usize) -> Result<usize> {
        let found = self.literal(at)?;
        let is_escaped = found.traits.has(Traits::ESCAPED);
        self.text(found.start, found.end, is_escaped, |text| {
            Event::String(text)
        })?;
        Ok(found.end + 1)
    }

    /// Scans the string in quotes that begins at byte `at`.
    #[inline]
    pub(super) fn literal(&self, at: usize) -> Result<Literal> {
        literal::scan(self.line.bytes(), at + 1).map_err(|fault| self.line.fault(fault))
    }

    /// Sends the text of a range, decoded if it holds escapes.
    #[inline]
    pub(super) fn text(
        &mut self,
        start: usize,
        end: usize,
        is_escaped: bool,
        event: fn(&str) -> Event<'_>,
    ) -> Result<()> {
        let raw = self.line.slice(start, end);
        if !is_escaped {
            return self.send(event(raw), start);
        }
        let mut decoded = std::mem::take(&mut self.scratch.decoded);
        decoded.clear();
        literal::decode(raw.as_bytes(), &mut decoded).map_err(|fault| self.line.fault(fault))?;
        let text = std::str::from_utf8(&decoded).unwrap_or_default();
        self.send(event(text), start)?;
        self.scratch.decoded = decoded;
        Ok(())
    }

    /// Scans the key that begins at byte `at`, quoted or bare. A bare key is not empty.
    pub(super) fn key(&self, at: usize, classes: &Classes) -> Result<Key> {
        if self.line.byte(at) == Some(b'"') {
            let found = self.literal(at)?;
            return Ok(Key {
                at,
                start: found.start,
                end: found.end,
                is_escaped: found.traits.has(Traits::ESCAPED),
                after: found.end + 1,
            });
        }
        let end = token::scan(self.line, at, classes)?;
        if end == at {
            return Err(self.no_key(at));
        }
        Ok(Key {
            at,
            start: at,
            end,
            is_escaped: false,
            after: end,
        })
    }

    #[cold]
    fn no_key(&self, at: usize) -> Error {
        let code = match self.line.byte(at) {
            None => Code::Truncated,
            Some(_) => Code::UnquotedCharacter,
        };
        self.line.error(at, code, "a key").with_hint(
            "the empty key, and a key that holds one of : , { } [ ] \" \\ |, stands in quotes",
        )
    }

    /// The key's text, decoded.
    pub(super) fn key_text(&self, key: Key) -> Box<str> {
        let raw = self.line.slice(key.start, key.end);
        if !key.is_escaped {
            return raw.into();
        }
        let mut decoded = Vec::with_capacity(raw.len());
        // The scanner has checked the escapes, so decoding them cannot fail.
        if literal::decode(raw.as_bytes(), &mut decoded).is_err() {
            return raw.into();
        }
        String::from_utf8_lossy(&decoded).into()
    }

    /// The error for a key of a flow object that stands twice in it.
    #[cold]
    pub(super) fn repeated(&self, fault: Fault) -> Error {
        let before = fault.at.checked_sub(1);
        let at = match before {
            Some(at) if self.byte(at) == Some(b'"') => at,
            _ => fault.at,
        };
        self.line
            .error_found(at, fault.code, fault.expected, "it a second time")
    }

    /// The error for a key that stands twice in its object.
    #[cold]
    pub(super) fn duplicate(&self, key: &str, at: usize) -> Error {
        let found = format!("{key:?} a second time");
        self.line
            .error_found(at, Code::DuplicateKey, "each key once in an object", found)
    }

    /// The error for a value that does not belong into its column.
    #[cold]
    pub(super) fn misfit(
        &self,
        misfit: &Misfit,
        start: usize,
        end: usize,
        column: ColumnType,
    ) -> Error {
        let shown: String = self.line.slice(start, end).chars().take(40).collect();
        let expected = match misfit.0 {
            Code::OutOfRange => format!("{} within its range", token::takes(column)),
            _ => format!("{}, null or nothing", token::takes(column)),
        };
        self.line
            .error_found(start, misfit.0, expected, format!("'{shown}'"))
    }
}
