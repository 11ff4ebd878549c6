//! Flow values: `{key:value,...}` and `[value,...]` inside a line, read without recursion.
//!
//! *Source:* `spec/tonl.md`, section "Grammar", rule `flow`.

use super::scope::Scope;
use super::token;
use crate::error::{Code, Result};
use crate::event::Event;
use crate::json::OpenKeys;
use crate::schema::ColumnType;

/// A flow container that is open.
#[derive(Debug)]
pub(crate) enum Nest {
    /// An object, with the beginning of its keys.
    Object(OpenKeys),
    /// An array.
    Array,
}

impl Scope<'_, '_> {
    /// Reads the flow value that begins at byte `start` and lies `depth` deep; gives the byte
    /// behind it.
    pub(super) fn flow(&mut self, start: usize, depth: usize) -> Result<usize> {
        let mut nest = std::mem::take(&mut self.scratch.nest);
        nest.clear();
        let end = self.flow_within(start, depth, &mut nest);
        self.scratch.nest = nest;
        end
    }

    fn flow_within(&mut self, start: usize, depth: usize, nest: &mut Vec<Nest>) -> Result<usize> {
        let mut at = start;
        loop {
            at = match self.byte(at) {
                Some(opening @ (b'{' | b'[')) => {
                    let opened = self.open(opening, at, depth + nest.len())?;
                    nest.push(opened);
                    match self.byte(at + 1) {
                        Some(b'}') if opening == b'{' => at + 1,
                        Some(b']') if opening == b'[' => at + 1,
                        _ if opening == b'[' => {
                            at += 1;
                            continue;
                        }
                        _ => {
                            at = self.flow_key(at + 1)?;
                            continue;
                        }
                    }
                }
                _ => self.flow_scalar(at)?,
            };
            match self.after_value(at, nest)? {
                After::Value(next) => at = next,
                After::End(end) => return Ok(end),
            }
        }
    }

    fn open(&mut self, opening: u8, at: usize, depth: usize) -> Result<Nest> {
        if opening == b'{' {
            self.begin(Event::BeginObject, at, depth)?;
            return Ok(Nest::Object(self.scratch.keys.open()));
        }
        self.begin(Event::BeginArray, at, depth)?;
        Ok(Nest::Array)
    }

    /// Goes on behind a value: closes containers, then finds the next value, if there is one.
    fn after_value(&mut self, mut at: usize, nest: &mut Vec<Nest>) -> Result<After> {
        loop {
            let Some(innermost) = nest.last() else {
                return Ok(After::End(at));
            };
            match (innermost, self.byte(at)) {
                (Nest::Object(_), Some(b',')) => return Ok(After::Value(self.flow_key(at + 1)?)),
                (Nest::Array, Some(b',')) => return Ok(After::Value(at + 1)),
                (Nest::Object(keys), Some(b'}')) => {
                    let text = self.line.bytes();
                    let closed = self.scratch.keys.close(text, *keys);
                    closed.map_err(|fault| self.repeated(fault))?;
                    self.send(Event::EndObject, at)?;
                }
                (Nest::Array, Some(b']')) => self.send(Event::EndArray, at)?,
                (Nest::Object(_), _) => return Err(self.unclosed(at, "',' or '}'")),
                (Nest::Array, _) => return Err(self.unclosed(at, "',' or ']'")),
            }
            nest.pop();
            at += 1;
        }
    }

    #[cold]
    pub(super) fn unclosed(&self, at: usize, expected: &'static str) -> crate::Error {
        let code = if self.byte(at).is_none() {
            Code::Truncated
        } else {
            Code::UnquotedCharacter
        };
        self.line.error(at, code, expected)
    }

    fn flow_key(&mut self, at: usize) -> Result<usize> {
        let key = self.key(at, &token::KEY)?;
        if self.byte(key.after) != Some(b':') {
            return Err(self.unclosed(key.after, "':' behind the key"));
        }
        let text = self.line.bytes();
        self.scratch
            .keys
            .add(text, key.start, key.end, key.is_escaped);
        self.text(key.start, key.end, key.is_escaped, |text| Event::Key(text))?;
        Ok(key.after + 1)
    }

    fn flow_scalar(&mut self, at: usize) -> Result<usize> {
        if self.byte(at) == Some(b'"') {
            return self.quoted(at);
        }
        let end = token::scan(self.line, at, &token::FLOW)?;
        if end == at {
            return Err(self.unclosed(at, "a value"));
        }
        self.bare(at, end, ColumnType::Any)?;
        Ok(end)
    }
}

/// What follows a value.
enum After {
    /// Another value, at this byte.
    Value(usize),
    /// Nothing: the flow value ended before this byte.
    End(usize),
}
