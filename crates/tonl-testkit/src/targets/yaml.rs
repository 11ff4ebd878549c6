//! The YAML source: no panic, well-formed events, and no more of them than the budget allows.

use tonl::{Event, EventSink, Result};
use tonl_convert::source::yaml::{self, YamlOptions};

/// How many bytes aliases and merge keys may add.
const BUDGET: u64 = 64 << 10;

/// Any bytes as YAML: no panic; the events are those of one value; what comes out is bounded by the
/// text and the budget.
///
/// # Panics
/// If one of that does not hold.
pub fn yaml_budget(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut options = YamlOptions::default();
    options.expansion_bytes = Some(BUDGET);
    let mut sink = Checked::default();
    let read = yaml::parse(text, &options, &mut sink);
    // A byte of text is at most a key, a null and an end; an escape is at most three bytes long.
    let bound = BUDGET + 64 + 32 * text.len() as u64;
    assert!(sink.cost <= bound, "{} bytes of at most {bound}", sink.cost);
    if read.is_ok() {
        assert!(sink.open.is_empty(), "something is left open");
        assert_eq!(sink.values, 1, "a text is one value");
    }
}

/// Counts what comes out and checks that the events are those of a value.
#[derive(Default)]
struct Checked {
    /// The containers that are open: whether it is an object, and whether it waits for a value.
    open: Vec<(bool, bool)>,
    values: u64,
    cost: u64,
}

impl Checked {
    fn value(&mut self) {
        match self.open.last_mut() {
            None => self.values += 1,
            Some((true, waits)) => {
                assert!(*waits, "a member without a key");
                *waits = false;
            }
            Some((false, _)) => {}
        }
    }

    fn end(&mut self, is_object: bool) {
        assert_eq!(
            self.open.pop(),
            Some((is_object, false)),
            "an end without its beginning"
        );
        self.value();
    }
}

impl EventSink for Checked {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        self.cost += 8;
        match event {
            Event::Number(text) | Event::String(text) => {
                self.cost += text.len() as u64;
                self.value();
            }
            Event::Null | Event::Bool(_) => self.value(),
            Event::Key(text) => {
                self.cost += text.len() as u64;
                match self.open.last_mut() {
                    Some((true, waits @ false)) => *waits = true,
                    other => panic!("a key in {other:?}"),
                }
            }
            Event::BeginObject => self.open.push((true, false)),
            Event::BeginArray => self.open.push((false, false)),
            Event::EndObject => self.end(true),
            Event::EndArray => self.end(false),
        }
        Ok(())
    }
}
