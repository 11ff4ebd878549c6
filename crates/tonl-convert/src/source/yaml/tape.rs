//! Events kept for aliases and merge keys, their texts in one place.

use std::ops::Range;
use tonl::Event;

/// What an event counts in an expansion, beside its text.
pub(super) const STEP_BYTES: u64 = 8;

/// A recording of events.
#[derive(Debug, Default)]
pub(super) struct Tape {
    steps: Vec<Step>,
    text: String,
}

/// A text on the tape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text {
    start: usize,
    end: usize,
}

/// A place on the tape.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) steps: usize,
    text: usize,
}

/// One recorded event.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    Null,
    Bool(bool),
    Number(Text),
    String(Text),
    Key(Text),
    BeginObject,
    EndObject,
    BeginArray,
    EndArray,
    /// The recording goes on at this index; what lies between is read by aliases only.
    Jump(usize),
}

impl Step {
    /// How much the step adds to depth.
    fn nesting(self) -> isize {
        match self {
            Self::BeginObject | Self::BeginArray => 1,
            Self::EndObject | Self::EndArray => -1,
            _ => 0,
        }
    }
}

impl Tape {
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    pub(super) fn clear(&mut self) {
        self.steps.clear();
        self.text.clear();
    }

    pub(super) fn record(&mut self, event: Event<'_>) {
        let step = match event {
            Event::Null => Step::Null,
            Event::Bool(value) => Step::Bool(value),
            Event::Number(text) => Step::Number(self.keep(text)),
            Event::String(text) => Step::String(self.keep(text)),
            Event::Key(text) => Step::Key(self.keep(text)),
            Event::BeginObject => Step::BeginObject,
            Event::EndObject => Step::EndObject,
            Event::BeginArray => Step::BeginArray,
            Event::EndArray => Step::EndArray,
        };
        self.steps.push(step);
    }

    pub(super) fn keep(&mut self, text: &str) -> Text {
        let start = self.text.len();
        self.text.push_str(text);
        let end = self.text.len();
        Text { start, end }
    }

    /// Appends a step that was read from this tape.
    pub(super) fn push(&mut self, step: Step) {
        self.steps.push(step);
    }

    /// Leaves room for a jump at the end; see [`Tape::land`].
    pub(super) fn prepare_jump(&mut self) -> Mark {
        let mark = Mark {
            steps: self.steps.len(),
            text: self.text.len(),
        };
        self.steps.push(Step::Jump(mark.steps + 1));
        mark
    }

    /// Lets the jump prepared at `from` lead to the tape's present end.
    pub(super) fn land(&mut self, from: Mark) {
        let end = self.steps.len();
        if let Some(step) = self.steps.get_mut(from.steps) {
            *step = Step::Jump(end);
        }
    }

    /// Forgets what was recorded since the jump at `mark`.
    pub(super) fn truncate(&mut self, mark: Mark) {
        self.steps.truncate(mark.steps);
        self.text.truncate(mark.text);
    }

    pub(super) fn text(&self, text: Text) -> &str {
        self.text.get(text.start..text.end).unwrap_or_default()
    }

    /// The step at or, over jumps, behind `at`, and the index behind it; nothing at or behind
    /// `end`.
    pub(super) fn step(&self, mut at: usize, end: usize) -> Option<(Step, usize)> {
        while at < end {
            match *self.steps.get(at)? {
                Step::Jump(to) => at = to,
                step => return Some((step, at + 1)),
            }
        }
        None
    }

    /// The event of a step, and what it counts in an expansion.
    pub(super) fn event(&self, step: Step) -> Option<(Event<'_>, u64)> {
        let event = match step {
            Step::Null => Event::Null,
            Step::Bool(value) => Event::Bool(value),
            Step::Number(text) => Event::Number(self.text(text)),
            Step::String(text) => Event::String(self.text(text)),
            Step::Key(text) => Event::Key(self.text(text)),
            Step::BeginObject => Event::BeginObject,
            Step::EndObject => Event::EndObject,
            Step::BeginArray => Event::BeginArray,
            Step::EndArray => Event::EndArray,
            Step::Jump(_) => return None,
        };
        let bytes = match event {
            Event::Number(text) | Event::String(text) | Event::Key(text) => text.len() as u64,
            _ => 0,
        };
        Some((event, STEP_BYTES + bytes))
    }

    /// The index behind the value that begins at `at`.
    pub(super) fn value_end(&self, mut at: usize, end: usize) -> usize {
        let mut depth = 0;
        while let Some((step, next)) = self.step(at, end) {
            depth += step.nesting();
            at = next;
            if depth <= 0 && !matches!(step, Step::Key(_)) {
                break;
            }
        }
        at
    }

    /// The mappings of a merge key's value: itself, or the elements if it is a sequence. Nothing
    /// if it is another value.
    pub(super) fn mappings(&self, value: Range<usize>) -> Option<Vec<Range<usize>>> {
        match self.step(value.start, value.end)? {
            (Step::BeginObject, _) => Some(vec![value]),
            (Step::BeginArray, mut at) => {
                let mut found = Vec::new();
                while let Some((step, _)) = self.step(at, value.end) {
                    match step {
                        Step::EndArray => break,
                        Step::BeginObject => {
                            let end = self.value_end(at, value.end);
                            found.push(at..end);
                            at = end;
                        }
                        _ => return None,
                    }
                }
                Some(found)
            }
            _ => None,
        }
    }
}
