//! Applies a policy to events on their way to a sink.
//!
//! The filter keeps one small frame for each open object or array and nothing else: a hit value is
//! passed over, not collected. Hits count when their record is complete, so that a broken line of
//! a stream leaves no trace; see [`Filter::abandon`].

mod trail;

use crate::automaton::{Automaton, Hit, State};
use crate::detect::{self, Detector, Found};
use crate::findings::{Findings, Pending};
use crate::hash::Hasher;
use crate::mask;
use crate::mode::Mode;
use crate::path::Target;
use crate::policy::{Compiled, Policy};
use std::fmt;
use std::sync::Arc;
use tonl::{Event, EventSink, Result};
use trail::Trail;

/// How much is told about hits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Detail {
    /// How many there are.
    #[default]
    Counts,
    /// Also at which paths, at some cost for each member.
    Places,
}

/// An [`EventSink`] that hides what its policy names and passes everything on to another sink.
///
/// What comes out is again the sequence of a well-formed value. Values that nothing hits are passed
/// on as they are, numbers with their text.
pub struct Filter<S> {
    compiled: Arc<Compiled>,
    sink: S,
    frames: Vec<Frame>,
    /// The automaton's states, those of deeper places behind the others; see [`Span`].
    states: Vec<State>,
    /// The states behind a key before they are appended.
    next: Vec<State>,
    /// What becomes of the value behind the key that came last.
    member: Verdict,
    /// The key of a member that may have to disappear with its value.
    held: Option<String>,
    passing_over: Option<PassingOver>,
    trail: Option<Trail>,
    texts: Texts,
    unit: Unit,
    records: u64,
    pending: Pending,
    findings: Findings,
    looked: u64,
}

/// What counts as a record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// An element of a root array, or else the root.
    Element,
    Root,
}

/// An open object or array.
#[derive(Clone, Copy)]
struct Frame {
    is_object: bool,
    /// What becomes of the elements of an array; the state of an object's members.
    verdict: Verdict,
    /// How much of the trail leads here.
    trail: usize,
}

/// Which of [`Filter::states`] a place in the data stands for.
#[derive(Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

impl Span {
    /// The state in which every record begins.
    const START: Self = Self { start: 0, end: 1 };
}

/// What becomes of a value.
#[derive(Clone, Copy)]
enum Verdict {
    Pass(Span),
    Hide(usize),
    /// The elements are hidden, or the value if it is no array.
    HideElements(usize),
}

/// A hit object or array on its way out.
struct PassingOver {
    depth: usize,
    rule: usize,
    hasher: Option<Hasher>,
}

/// Buffers that are used again and again.
#[derive(Default)]
struct Texts {
    out: String,
    folded: String,
    found: Vec<Found>,
}

impl<S: EventSink> Filter<S> {
    /// A filter in front of `sink`. It shares the compiled policy and needs the value no longer.
    pub fn new(policy: &Policy, detail: Detail, sink: S) -> Self {
        Self {
            compiled: Arc::clone(policy.compiled()),
            sink,
            frames: Vec::new(),
            states: vec![Automaton::START],
            next: Vec::new(),
            member: Verdict::Pass(Span::START),
            held: None,
            passing_over: None,
            trail: (detail == Detail::Places).then(Trail::default),
            texts: Texts::default(),
            unit: Unit::Element,
            records: 0,
            pending: Pending::default(),
            findings: policy.findings(),
            looked: 0,
        }
    }

    /// Counts every root value as one record, also arrays: each line of a stream.
    #[must_use]
    pub fn by_line(mut self) -> Self {
        self.unit = Unit::Root;
        self
    }

    /// The sink behind it.
    pub fn sink(&mut self) -> &mut S {
        &mut self.sink
    }

    /// Forgets a value that breaks off, and its hits: the next event begins a new value. The sink
    /// keeps what it was given.
    pub fn abandon(&mut self) {
        self.frames.clear();
        self.held = None;
        self.passing_over = None;
        self.pending.clear();
        self.records = self.records.saturating_add(1);
    }

    /// What was hidden in all complete records.
    pub fn into_findings(self) -> Findings {
        self.findings
    }

    fn key(&mut self, key: &str) -> Result<()> {
        let frame = self.frames.last();
        let span = match frame.map(|frame| frame.verdict) {
            Some(Verdict::Pass(span)) => span,
            _ => Span::START,
        };
        if let (Some(trail), Some(frame)) = (&mut self.trail, frame) {
            trail.key(frame.trail, key);
        }
        let hit = self.follow(span, key);
        self.member = match hit {
            None => Verdict::Pass(Span {
                start: span.end,
                end: self.states.len(),
            }),
            Some(Hit {
                rule,
                target: Target::Value,
            }) => Verdict::Hide(rule),
            Some(Hit {
                rule,
                target: Target::Elements,
            }) => Verdict::HideElements(rule),
        };
        match self.member {
            Verdict::Hide(rule) if self.mode(rule) == Mode::Remove => Ok(()),
            Verdict::HideElements(rule) if self.mode(rule) == Mode::Remove => {
                self.held = Some(key.to_owned());
                Ok(())
            }
            _ => self.sink.event(Event::Key(key)),
        }
    }

    /// Follows a key; where it leads stands behind the span.
    fn follow(&mut self, span: Span, key: &str) -> Option<Hit> {
        self.states.truncate(span.end);
        self.next.clear();
        let states = self.states.get(span.start..).unwrap_or_default();
        let texts = (&mut self.texts.folded, &mut self.looked);
        let automaton = &self.compiled.automaton;
        let hit = automaton.follow(states, key, &mut self.next, texts);
        self.states.append(&mut self.next);
        hit
    }

    fn value(&mut self, event: Event<'_>) -> Result<()> {
        let verdict = self.verdict();
        match verdict {
            Verdict::Pass(_) => self.pass(event, verdict),
            Verdict::HideElements(rule) if event == Event::BeginArray => {
                if let Some(key) = self.held.take() {
                    self.sink.event(Event::Key(&key))?;
                }
                self.begin(event, Verdict::Hide(rule))
            }
            Verdict::Hide(rule) | Verdict::HideElements(rule) => {
                self.held = None;
                self.hide(rule, event)
            }
        }
    }

    /// What becomes of the value that begins now.
    fn verdict(&mut self) -> Verdict {
        let Some(frame) = self.frames.last() else {
            return Verdict::Pass(Span::START);
        };
        if frame.is_object {
            return self.member;
        }
        if let Some(trail) = &mut self.trail {
            trail.cut(frame.trail);
        }
        frame.verdict
    }

    fn pass(&mut self, event: Event<'_>, verdict: Verdict) -> Result<()> {
        match event {
            Event::BeginObject | Event::BeginArray => self.begin(event, verdict),
            Event::String(text) => self.search(text, event),
            Event::Number(text) => self.judge_number(text, event),
            _ => self.sink.event(event),
        }
    }

    fn begin(&mut self, event: Event<'_>, verdict: Verdict) -> Result<()> {
        let is_object = event == Event::BeginObject;
        let is_inside = !self.frames.is_empty();
        let trail = self.trail.as_mut().map_or(0, |trail| {
            if !is_object && is_inside {
                trail.elements();
            }
            trail.len()
        });
        self.frames.push(Frame {
            is_object,
            verdict,
            trail,
        });
        self.sink.event(event)
    }

    fn hide(&mut self, rule: usize, event: Event<'_>) -> Result<()> {
        let mode = self.mode(rule);
        if event == Event::Null && mode != Mode::Remove {
            return self.sink.event(event);
        }
        self.hit(rule, 1);
        let is_container = matches!(event, Event::BeginObject | Event::BeginArray);
        let hasher = self.compiled.key.as_ref().filter(|_| mode == Mode::Hash);
        let mut hasher = hasher.map(crate::HashKey::hasher);
        if let Some(hasher) = &mut hasher {
            hasher.add(event);
        }
        if is_container {
            self.passing_over = Some(PassingOver {
                depth: 1,
                rule,
                hasher,
            });
            return Ok(());
        }
        self.replace(mode, event, hasher)
    }

    /// Sends what stands for a hidden value.
    fn replace(&mut self, mode: Mode, event: Event<'_>, hasher: Option<Hasher>) -> Result<()> {
        let out = &mut self.texts.out;
        out.clear();
        match (mode, event, hasher) {
            (Mode::Remove, ..) => return Ok(()),
            (Mode::Hash, _, Some(hasher)) => hasher.finish(out),
            (Mode::Mask, Event::String(text), _) => mask::mask_into(text, out),
            (Mode::Mask, ..) => out.push_str(mask::OPAQUE),
            (Mode::Redact | Mode::Hash, ..) => out.push_str(mask::REDACTED),
        }
        self.sink.event(Event::String(&self.texts.out))
    }

    fn pass_over(&mut self, event: Event<'_>) -> Result<()> {
        let Some(over) = &mut self.passing_over else {
            return Ok(());
        };
        if let Some(hasher) = &mut over.hasher {
            hasher.add(event);
        }
        match event {
            Event::BeginObject | Event::BeginArray => over.depth += 1,
            Event::EndObject | Event::EndArray => over.depth -= 1,
            _ => {}
        }
        if over.depth > 0 {
            return Ok(());
        }
        let (rule, hasher) = (over.rule, over.hasher.take());
        self.passing_over = None;
        self.replace(self.mode(rule), event, hasher)
    }

    /// Hides what the detectors find in a text.
    fn search(&mut self, text: &str, event: Event<'_>) -> Result<()> {
        if self.compiled.detectors.is_empty() {
            return self.sink.event(event);
        }
        let detectors = self.compiled.detectors.iter().map(|(one, _)| *one);
        let mut found = std::mem::take(&mut self.texts.found);
        detect::find(text, detectors, &mut found);
        let result = if found.is_empty() {
            self.sink.event(event)
        } else {
            self.rewrite(text, &found)
        };
        self.texts.found = found;
        result
    }

    fn rewrite(&mut self, text: &str, found: &[Found]) -> Result<()> {
        self.texts.out.clear();
        let mut copied = 0;
        for one in found {
            let before = text.get(copied..one.start).unwrap_or_default();
            self.texts.out.push_str(before);
            let occurrence = text.get(one.start..one.end).unwrap_or_default();
            self.cover(*one, occurrence);
            copied = one.end;
        }
        let rest = text.get(copied..).unwrap_or_default();
        self.texts.out.push_str(rest);
        self.sink.event(Event::String(&self.texts.out))
    }

    /// Writes what stands for an occurrence.
    fn cover(&mut self, found: Found, occurrence: &str) {
        let Some((at, mode)) = self.detector(found.detector) else {
            return;
        };
        self.hit(self.compiled.rules.len() + at, 1);
        let out = &mut self.texts.out;
        match mode {
            Mode::Remove => {}
            Mode::Redact => out.push_str(mask::REDACTED),
            Mode::Mask if found.is_joined => out.push_str(mask::OPAQUE),
            Mode::Mask => found.detector.mask(occurrence, out),
            Mode::Hash => match &self.compiled.key {
                Some(key) => {
                    let mut hasher = key.hasher();
                    hasher.add(Event::String(occurrence));
                    hasher.finish(out);
                }
                None => out.push_str(mask::REDACTED),
            },
        }
    }

    fn detector(&self, detector: Detector) -> Option<(usize, Mode)> {
        let mut all = self.compiled.detectors.iter().enumerate();
        let found = all.find(|(_, (known, _))| *known == detector);
        found.map(|(at, (_, mode))| (at, *mode))
    }

    /// Hides a number that is a card, however it is written; it becomes a string.
    fn judge_number(&mut self, text: &str, event: Event<'_>) -> Result<()> {
        let is_wanted = self.detector(Detector::Card).is_some();
        let digits = is_wanted.then(|| detect::card_digits(text)).flatten();
        let Some(digits) = digits else {
            return self.sink.event(event);
        };
        let found = Found {
            start: 0,
            end: digits.len(),
            detector: Detector::Card,
            is_joined: false,
        };
        self.rewrite(&digits, &[found])
    }

    fn mode(&self, rule: usize) -> Mode {
        self.compiled
            .rules
            .get(rule)
            .map_or(Mode::Redact, |(_, mode)| *mode)
    }

    fn hit(&mut self, at: usize, count: u64) {
        self.pending.add(at, count);
        if let Some(trail) = &self.trail {
            self.pending.place(&self.findings, at, trail.path(), count);
        }
    }

    /// Counts a record when its last event has passed.
    fn finish_record(&mut self, event: Event<'_>) {
        if self.passing_over.is_some() || matches!(event, Event::Key(_) | Event::BeginObject) {
            return;
        }
        let is_begin = event == Event::BeginArray;
        let is_record = match self.frames.as_slice() {
            [] => self.unit == Unit::Root || event != Event::EndArray,
            [root] => self.unit == Unit::Element && !root.is_object && !is_begin,
            _ => false,
        };
        if is_record {
            self.records += 1;
            self.pending.commit(&mut self.findings, self.records);
        }
    }
}

impl<S: EventSink> EventSink for Filter<S> {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        if self.passing_over.is_some() {
            self.pass_over(event)?;
        } else {
            match event {
                Event::Key(key) => self.key(key)?,
                Event::EndObject | Event::EndArray => {
                    self.frames.pop();
                    self.sink.event(event)?;
                }
                _ => self.value(event)?,
            }
        }
        self.finish_record(event);
        Ok(())
    }
}

impl<S> fmt::Debug for Filter<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Filter")
            .field("records", &self.records)
            .field("findings", &self.findings)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
