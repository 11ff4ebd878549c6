//! Keeps the last value of a key that stands twice, as lenient reading asks for (§14.3).

use std::collections::HashMap;
use tonl::{Code, Error, Event, EventSink, Object, Value};

/// Builds a value from events whose objects may have a key twice.
#[derive(Default)]
pub(super) struct Latest {
    open: Vec<Open>,
    root: Option<Value>,
}

enum Open {
    Array(Vec<Value>),
    Object {
        members: Vec<(String, Value)>,
        places: HashMap<String, usize>,
        key: String,
    },
}

impl Latest {
    /// Sends the value; nothing if there is none.
    ///
    /// # Errors
    /// What `sink` reports.
    pub(super) fn emit(self, sink: &mut dyn EventSink) -> tonl::Result<()> {
        self.root.map_or(Ok(()), |root| root.emit(sink))
    }

    fn add(&mut self, value: Value) {
        match self.open.last_mut() {
            None => self.root = Some(value),
            Some(Open::Array(items)) => items.push(value),
            Some(Open::Object {
                members,
                places,
                key,
            }) => {
                let place = *places.entry(key.clone()).or_insert(members.len());
                match members.get_mut(place) {
                    Some((_, old)) => *old = value,
                    None => members.push((std::mem::take(key), value)),
                }
            }
        }
    }
}

impl EventSink for Latest {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        match event {
            Event::Null => self.add(Value::Null),
            Event::Bool(value) => self.add(Value::Bool(value)),
            Event::Number(text) => self.add(Value::Number(tonl::Number::new(text)?)),
            Event::String(text) => self.add(Value::String(text.to_owned())),
            Event::Key(name) => {
                if let Some(Open::Object { key, .. }) = self.open.last_mut() {
                    name.clone_into(key);
                }
            }
            Event::BeginArray => self.open.push(Open::Array(Vec::new())),
            Event::BeginObject => self.open.push(Open::Object {
                members: Vec::new(),
                places: HashMap::new(),
                key: String::new(),
            }),
            Event::EndArray | Event::EndObject => match self.open.pop() {
                Some(Open::Array(items)) => self.add(Value::Array(items)),
                Some(Open::Object { members, .. }) => {
                    self.add(Value::Object(Object::from_members(members)?));
                }
                None => {
                    let expected = "an end for each beginning";
                    return Err(Error::new(Code::Mismatch, expected, "one more"));
                }
            },
        }
        Ok(())
    }
}
