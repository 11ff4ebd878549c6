//! Values of the protocol into JSON text and back, without a digit lost and without more depth than
//! is allowed.

use crate::outcome::Failure;
use crate::work::Work;
use serde_json::{Map, Number, Value};
use std::io;
use tonl_convert::tonl::{Code, Error, Event, EventSink, Result};

/// Whether a value is nested deeper than so many levels. A scalar has none, `[]` and `{}` have one.
/// It needs no stack in proportion to the depth.
pub(crate) fn is_deeper(value: &Value, levels: usize) -> bool {
    let mut rest = vec![(value, 0)];
    while let Some((value, above)) = rest.pop() {
        let depth = above + 1;
        match value {
            Value::Array(_) | Value::Object(_) if depth > levels => return true,
            Value::Array(items) => {
                let nested = items.iter().filter(|item| has_levels(item));
                rest.extend(nested.map(|item| (item, depth)));
            }
            Value::Object(members) => {
                let nested = members.values().filter(|item| has_levels(item));
                rest.extend(nested.map(|item| (item, depth)));
            }
            _ => {}
        }
    }
    false
}

fn has_levels(value: &Value) -> bool {
    value.is_array() || value.is_object()
}

/// Compact JSON, as long as the call may go on.
pub(crate) fn compact(value: &Value, work: &Work) -> std::result::Result<String, Failure> {
    let mut text = work.watched(Vec::new(), usize::MAX);
    let written = serde_json::to_writer(&mut text, value);
    work.check()?;
    // A vector takes every byte, so that only a stop ends the writing.
    written.map_err(|error| Failure::Failed(error.to_string()))?;
    // What is written of strings is UTF-8.
    Ok(String::from_utf8(text.into_inner()).unwrap_or_default())
}

/// The bytes of arguments as JSON, which are counted and not kept.
pub(crate) fn length(arguments: &Map<String, Value>) -> u64 {
    struct Count(u64);
    impl io::Write for Count {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.saturating_add(bytes.len() as u64);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut count = Count(0);
    match serde_json::to_writer(&mut count, arguments) {
        Ok(()) => count.0,
        Err(_) => 0,
    }
}

/// JSON for people: two spaces a level, a line each member and element.
pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Builds one value of the protocol from events.
#[derive(Default)]
pub(crate) struct ValueSink {
    open: Vec<Open>,
    done: Option<Value>,
}

enum Open {
    Array(Vec<Value>),
    Object(Map<String, Value>, String),
}

impl ValueSink {
    /// The value, once all its events came.
    pub(crate) fn into_value(self) -> Value {
        self.done.unwrap_or_default()
    }

    fn add(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.done = Some(value),
            Some(Open::Array(items)) => items.push(value),
            Some(Open::Object(members, key)) => {
                members.insert(std::mem::take(key), value);
            }
        }
    }
}

impl EventSink for ValueSink {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Null => self.add(Value::Null),
            Event::Bool(value) => self.add(Value::Bool(value)),
            Event::Number(text) => self.add(number(text)),
            Event::String(text) => self.add(Value::String(text.to_owned())),
            Event::Key(name) => {
                if let Some(Open::Object(_, key)) = self.open.last_mut() {
                    name.clone_into(key);
                }
            }
            Event::BeginArray => self.open.push(Open::Array(Vec::new())),
            Event::BeginObject => self.open.push(Open::Object(Map::new(), String::new())),
            Event::EndArray | Event::EndObject => match self.open.pop() {
                Some(Open::Array(items)) => self.add(Value::Array(items)),
                Some(Open::Object(members, _)) => self.add(Value::Object(members)),
                None => {}
            },
        }
        Ok(())
    }
}

/// A number with the digits it was written with.
fn number(text: &str) -> Value {
    Value::Number(Number::from_string_unchecked(text.to_owned()))
}

/// Passes events on as long as the call may go on and there are not more of them than wanted.
pub(crate) struct Counted<'w, S> {
    sink: S,
    work: &'w Work,
    events: u64,
    most: u64,
}

/// More values, keys and ends than these fill the memory of whoever keeps them as values.
pub(crate) const MOST_VALUES: u64 = 2_000_000;

/// So many events are passed on between two questions.
const EVENTS: u64 = 16 << 10;

impl<'w, S: EventSink> Counted<'w, S> {
    /// Events without an end: for a sink that keeps nothing of them.
    pub(crate) fn new(sink: S, work: &'w Work) -> Self {
        Self::at_most(u64::MAX, sink, work)
    }

    /// At most so many events.
    pub(crate) fn at_most(most: u64, sink: S, work: &'w Work) -> Self {
        Self {
            sink,
            work,
            events: 0,
            most,
        }
    }
}

impl<S: EventSink> EventSink for Counted<'_, S> {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        self.events += 1;
        if self.events.is_multiple_of(EVENTS) {
            let stop = |_stop| Error::new(Code::Io, "a call that goes on", "a stop");
            self.work.check().map_err(stop)?;
            if self.events > self.most {
                let expected = format!("at most {} values, keys and ends", self.most);
                return Err(Error::new(Code::ByteLimit, expected, "more"));
            }
        }
        self.sink.event(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tonl_convert::tonl::{Limits, json as source};

    #[test]
    fn depth_is_counted_as_the_format_counts_it() {
        for (value, depth) in [
            (json!(1), 0),
            (json!([]), 1),
            (json!({ "a": 1 }), 1),
            (json!([1, { "a": [] }]), 3),
        ] {
            assert!(!is_deeper(&value, depth), "{value}");
            assert!(depth == 0 || is_deeper(&value, depth - 1), "{value}");
        }
    }

    #[test]
    fn a_value_of_events_is_what_was_written() {
        let text = br#"{"b":[1.0,-0,1e400,12345678901234567890.10],"a":{"$serde_json::private::Number":"7"},"c":[null,true,"\u0000"]}"#;
        let mut sink = ValueSink::default();
        source::parse(text, &Limits::default(), &mut sink).unwrap();
        let value = sink.into_value();
        assert_eq!(value.to_string().as_bytes(), text);
    }
}
