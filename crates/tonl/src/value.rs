//! JSON values that keep what JSON says: number text, key order, no key twice.

use crate::error::{Code, Error, Result};
use crate::event::{Event, EventSink};
use crate::limits::Limits;
use std::collections::HashSet;
use std::fmt;

/// A JSON value.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[expect(
    clippy::exhaustive_enums,
    reason = "JSON has these values and no others"
)]
pub enum Value {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, kept as its text.
    Number(Number),
    /// A string of Unicode scalar values.
    String(String),
    /// An array.
    Array(Vec<Self>),
    /// An object, its members in order.
    Object(Object),
}

/// A number as its text in JSON's grammar: `1e400`, `-0` and `1.0` stay what they are.
///
/// Two numbers are equal when their texts are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

impl Number {
    /// Takes a number's text.
    ///
    /// # Errors
    /// [`Code::JsonSyntax`] if the text is not a number in JSON's grammar (RFC 8259 section 6).
    pub fn new(text: &str) -> Result<Self> {
        if crate::scan::number::is_number(text.as_bytes()) {
            return Ok(Self(text.into()));
        }
        Err(Error::new(
            Code::JsonSyntax,
            "a JSON number",
            format!("{text:?}"),
        ))
    }

    /// The number's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Number({})", self.0)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! number_from_integer {
    ($($type:ty),+) => {$(
        impl From<$type> for Number {
            fn from(value: $type) -> Self {
                Self(value.to_string().into())
            }
        }
    )+};
}

number_from_integer!(i8, i16, i32, i64, i128, u8, u16, u32, u64, u128);

/// The members of an object in order; no key stands twice.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Object(Vec<(String, Value)>);

impl Object {
    /// An object without members.
    pub fn new() -> Self {
        Self::default()
    }

    /// An object of these members.
    ///
    /// # Errors
    /// [`Code::DuplicateKey`] if a key stands twice. Costs time in proportion to the members.
    pub fn from_members(members: Vec<(String, Value)>) -> Result<Self> {
        if let Some(key) = first_duplicate(&members) {
            let found = format!("{key:?} a second time");
            return Err(Error::new(
                Code::DuplicateKey,
                "each key once in an object",
                found,
            ));
        }
        Ok(Self(members))
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Value)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// The value under `key`. Costs time in proportion to the members.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.0
            .iter()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value)
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The members, taken out.
    pub fn into_members(self) -> Vec<(String, Value)> {
        self.0
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

fn first_duplicate(members: &[(String, Value)]) -> Option<&str> {
    if members.len() <= 8 {
        let seen = |at: usize, key: &str| members.iter().take(at).any(|(name, _)| name == key);
        return members
            .iter()
            .enumerate()
            .find(|(at, (key, _))| seen(*at, key))
            .map(|(_, (key, _))| key.as_str());
    }
    let mut names = HashSet::with_capacity(members.len());
    members
        .iter()
        .find(|(key, _)| !names.insert(key.as_str()))
        .map(|(key, _)| key.as_str())
}

impl Value {
    /// Sends the value's events to `sink`.
    ///
    /// # Errors
    /// [`Code::DepthLimit`] if it is nested deeper than [`Limits::MAX_DEPTH`]; what the sink
    /// refuses.
    pub fn emit(&self, sink: &mut dyn EventSink) -> Result<()> {
        self.emit_within(sink, Limits::MAX_DEPTH)
    }

    /// Sends the events of a value that may hold `levels` more levels of containers.
    fn emit_within(&self, sink: &mut dyn EventSink, levels: usize) -> Result<()> {
        match self {
            Self::Null => sink.event(Event::Null),
            Self::Bool(value) => sink.event(Event::Bool(*value)),
            Self::Number(number) => sink.event(Event::Number(number.as_str())),
            Self::String(text) => sink.event(Event::String(text)),
            Self::Array(items) => {
                let levels = one_level_less(levels)?;
                sink.event(Event::BeginArray)?;
                items
                    .iter()
                    .try_for_each(|item| item.emit_within(sink, levels))?;
                sink.event(Event::EndArray)
            }
            Self::Object(object) => {
                let levels = one_level_less(levels)?;
                sink.event(Event::BeginObject)?;
                for (key, value) in object.iter() {
                    sink.event(Event::Key(key))?;
                    value.emit_within(sink, levels)?;
                }
                sink.event(Event::EndObject)
            }
        }
    }
}

/// The levels left inside a container, where `levels` were left outside.
pub(crate) fn one_level_less(levels: usize) -> Result<usize> {
    levels.checked_sub(1).ok_or_else(|| {
        let expected = "nesting within the limit of depth";
        Error::new(Code::DepthLimit, expected, "one more")
    })
}

/// Builds [`Value`]s from events.
#[derive(Debug, Default)]
pub struct ValueBuilder {
    open: Vec<Open>,
    done: Vec<Value>,
}

#[derive(Debug)]
enum Open {
    Array(Vec<Value>),
    Object(Vec<(String, Value)>, Option<String>),
}

impl ValueBuilder {
    /// A builder that has seen nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// The values completed since the last call, in order.
    pub fn take(&mut self) -> Vec<Value> {
        std::mem::take(&mut self.done)
    }

    fn add(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.done.push(value),
            Some(Open::Array(items)) => items.push(value),
            Some(Open::Object(members, key)) => {
                members.push((key.take().unwrap_or_default(), value));
            }
        }
    }
}

impl EventSink for ValueBuilder {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Null => self.add(Value::Null),
            Event::Bool(value) => self.add(Value::Bool(value)),
            Event::Number(text) => self.add(Value::Number(Number(text.into()))),
            Event::String(text) => self.add(Value::String(text.to_owned())),
            Event::Key(name) => {
                if let Some(Open::Object(_, key)) = self.open.last_mut() {
                    *key = Some(name.to_owned());
                }
            }
            Event::BeginArray => self.open.push(Open::Array(Vec::new())),
            Event::BeginObject => self.open.push(Open::Object(Vec::new(), None)),
            Event::EndArray | Event::EndObject => match self.open.pop() {
                Some(Open::Array(items)) => self.add(Value::Array(items)),
                Some(Open::Object(members, _)) => self.add(Value::Object(Object(members))),
                None => {}
            },
        }
        Ok(())
    }
}
