//! Turns YAML's events into those of JSON values: keys, aliases, merge keys.
//!
//! Events pass straight through to the sink. A node with an anchor is recorded on a tape as it
//! passes, so that its aliases can be replayed.

mod bounds;
mod merge;

use super::scalar::{CoreTag, Scalar, resolve};
use super::tape::{STEP_BYTES, Step, Tape, Text};
use bounds::{Budget, Depth};
use merge::Merge;
use saphyr_parser::{Event as YamlEvent, ScalarStyle};
use std::collections::{HashMap, HashSet};
use std::ops::Range;
use tonl::{Code, Error, Event, EventSink, Position, Result};

/// Takes the events of a YAML stream.
pub(super) struct Composer<'s> {
    sink: &'s mut dyn EventSink,
    tape: Tape,
    open: Vec<Open>,
    anchors: HashMap<usize, Anchor>,
    /// How many of the open collections have an anchor.
    recorded: usize,
    /// How many of the open mappings have a merge key.
    held: usize,
    depth: Depth,
    budget: Budget,
}

/// A collection that has begun.
struct Open {
    /// Its anchor, and where on the tape it begins.
    anchor: Option<(usize, usize)>,
    kind: Kind,
}

enum Kind {
    Sequence,
    Mapping(Mapping),
}

#[derive(Default)]
struct Mapping {
    keys: HashSet<String>,
    awaits: Awaits,
    merge: Option<Merge>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Awaits {
    #[default]
    Key,
    Value,
    MergeValue,
}

enum Anchor {
    /// Its node has not ended.
    Open,
    Scalar {
        value: Step,
        as_key: Text,
    },
    Collection(Range<usize>),
}

impl<'s> Composer<'s> {
    /// A composer that lets values nest `depth` deep and expands at most `budget` bytes.
    pub(super) fn new(sink: &'s mut dyn EventSink, depth: usize, budget: u64) -> Self {
        Self {
            sink,
            tape: Tape::default(),
            open: Vec::new(),
            anchors: HashMap::new(),
            recorded: 0,
            held: 0,
            depth: Depth::new(depth),
            budget: Budget::new(budget),
        }
    }

    /// Takes the next event of the stream, which begins at `position`.
    pub(super) fn take(&mut self, event: YamlEvent<'_>, position: Position) -> Result<()> {
        match event {
            YamlEvent::Nothing
            | YamlEvent::StreamStart
            | YamlEvent::StreamEnd
            | YamlEvent::DocumentEnd => Ok(()),
            YamlEvent::DocumentStart(_) => {
                self.anchors.clear();
                self.tape.clear();
                Ok(())
            }
            YamlEvent::Alias(anchor) => self.alias(anchor),
            YamlEvent::Scalar(text, style, anchor, tag) => {
                self.scalar(&text, style, anchor, CoreTag::of(tag.as_deref()), position)
            }
            YamlEvent::SequenceStart(anchor, tag) => {
                CoreTag::of(tag.as_deref()).check_sequence()?;
                self.begin(anchor, Event::BeginArray, Kind::Sequence)
            }
            YamlEvent::MappingStart(anchor, tag) => {
                CoreTag::of(tag.as_deref()).check_mapping()?;
                self.begin(
                    anchor,
                    Event::BeginObject,
                    Kind::Mapping(Mapping::default()),
                )
            }
            YamlEvent::SequenceEnd => self.end(Event::EndArray),
            YamlEvent::MappingEnd => {
                self.resolve_merge()?;
                self.end(Event::EndObject)
            }
        }
    }

    fn scalar(
        &mut self,
        text: &str,
        style: ScalarStyle,
        anchor: usize,
        tag: CoreTag,
        position: Position,
    ) -> Result<()> {
        let is_key = self.awaits() == Some(Awaits::Key);
        let is_plain_merge = text == "<<" && style == ScalarStyle::Plain && tag == CoreTag::Other;
        if is_key && (is_plain_merge || tag == CoreTag::Merge) {
            return self.begin_merge();
        }
        if anchor != 0 {
            let value = self.scalar_step(&resolve(text, style, tag)?);
            let as_key = self.tape.keep(text);
            self.anchors
                .insert(anchor, Anchor::Scalar { value, as_key });
        }
        if is_key {
            return self.key(text);
        }
        let event = match &resolve(text, style, tag).map_err(|error| error.at(position))? {
            Scalar::Null => Event::Null,
            Scalar::Bool(value) => Event::Bool(*value),
            Scalar::Number(number) => return self.put(Event::Number(number)),
            Scalar::String(text) => Event::String(text),
        };
        self.put(event)
    }

    fn scalar_step(&mut self, scalar: &Scalar<'_>) -> Step {
        match scalar {
            Scalar::Null => Step::Null,
            Scalar::Bool(value) => Step::Bool(*value),
            Scalar::Number(text) => Step::Number(self.tape.keep(text)),
            Scalar::String(text) => Step::String(self.tape.keep(text)),
        }
    }

    fn key(&mut self, text: &str) -> Result<()> {
        if let Some(mapping) = self.mapping() {
            if !mapping.keys.insert(text.to_owned()) {
                return Err(duplicate_key(text));
            }
            mapping.awaits = Awaits::Value;
        }
        self.send(Event::Key(text))
    }

    fn alias(&mut self, anchor: usize) -> Result<()> {
        let is_key = self.awaits() == Some(Awaits::Key);
        match self.anchors.get(&anchor) {
            None => {
                let error = Error::new(
                    Code::YamlSyntax,
                    "an alias of an anchor before it in the same document",
                    "one whose anchor is not there",
                );
                Err(error.with_hint("anchors are valid to the end of their document only"))
            }
            Some(Anchor::Open) => Err(Error::new(
                Code::Unrepresentable,
                "an alias of a node that has ended",
                "one inside its own node",
            )
            .with_hint("JSON has no values that contain themselves")),
            Some(Anchor::Scalar { as_key, .. }) if is_key => {
                let key = self.tape.text(*as_key).to_owned();
                self.budget.spend(STEP_BYTES + key.len() as u64)?;
                self.key(&key)
            }
            Some(Anchor::Collection(_)) if is_key => Err(collection_key()),
            Some(Anchor::Scalar { value, .. }) => {
                let value = *value;
                self.replay_step(value)?;
                self.ended()
            }
            Some(Anchor::Collection(range)) => {
                let range = range.clone();
                self.replay(range)?;
                self.ended()
            }
        }
    }

    fn begin(&mut self, anchor: usize, event: Event<'static>, kind: Kind) -> Result<()> {
        if self.awaits() == Some(Awaits::Key) {
            return Err(collection_key());
        }
        let anchor = (anchor != 0).then(|| (anchor, self.tape.len()));
        if let Some((id, _)) = anchor {
            self.anchors.insert(id, Anchor::Open);
            self.recorded += 1;
        }
        self.open.push(Open { anchor, kind });
        self.send(event)
    }

    fn end(&mut self, event: Event<'static>) -> Result<()> {
        self.send(event)?;
        if let Some((id, start)) = self.open.pop().and_then(|open| open.anchor) {
            let range = start..self.tape.len();
            self.anchors.insert(id, Anchor::Collection(range));
            self.recorded -= 1;
        }
        self.ended()
    }

    /// Sends a scalar that is a value.
    fn put(&mut self, event: Event<'_>) -> Result<()> {
        self.send(event)?;
        self.ended()
    }

    /// A value has ended; its mapping awaits the next key.
    fn ended(&mut self) -> Result<()> {
        let end = self.tape.len();
        let Some(mapping) = self.mapping() else {
            return Ok(());
        };
        let awaited = std::mem::take(&mut mapping.awaits);
        let Some(merge) = mapping
            .merge
            .as_mut()
            .filter(|_| awaited == Awaits::MergeValue)
        else {
            return Ok(());
        };
        merge.value_end = end;
        let value = merge.mark.steps + 1..end;
        match self.tape.mappings(value) {
            Some(_) => Ok(()),
            None => Err(Error::new(
                Code::WrongType,
                "a mapping, or a sequence of mappings, to merge",
                "another value",
            )
            .with_hint("put quotes around << if it is meant as a key")),
        }
    }

    fn send(&mut self, event: Event<'_>) -> Result<()> {
        self.depth.follow(event)?;
        if self.recorded > 0 || self.held > 0 {
            self.tape.record(event);
        }
        if self.held == 0 {
            self.sink.event(event)?;
        }
        Ok(())
    }

    fn replay(&mut self, range: Range<usize>) -> Result<()> {
        let mut at = range.start;
        while let Some((step, next)) = self.tape.step(at, range.end) {
            self.replay_step(step)?;
            at = next;
        }
        Ok(())
    }

    fn replay_step(&mut self, step: Step) -> Result<()> {
        let Some((event, bytes)) = self.tape.event(step) else {
            return Ok(());
        };
        self.budget.spend(bytes)?;
        self.depth.follow(event)?;
        if self.held == 0 {
            self.sink.event(event)?;
        }
        if self.recorded > 0 || self.held > 0 {
            self.tape.push(step);
        }
        Ok(())
    }

    fn mapping(&mut self) -> Option<&mut Mapping> {
        match self.open.last_mut() {
            Some(Open {
                kind: Kind::Mapping(mapping),
                ..
            }) => Some(mapping),
            _ => None,
        }
    }

    fn awaits(&mut self) -> Option<Awaits> {
        self.mapping().map(|mapping| mapping.awaits)
    }
}

fn duplicate_key(key: &str) -> Error {
    let found = format!("{key:?} a second time");
    Error::new(Code::DuplicateKey, "each key once in a mapping", found)
}

fn collection_key() -> Error {
    Error::new(
        Code::Unrepresentable,
        "a scalar as key",
        "a sequence or mapping",
    )
    .with_hint("keys in JSON are strings")
}
