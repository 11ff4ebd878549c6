//! How deep a YAML value may nest and how much its aliases may add.

use tonl::{Code, Error, Event, Result};

/// How deep the value nests, as it is after expansion.
pub(super) struct Depth {
    now: usize,
    max: usize,
}

impl Depth {
    /// At most `max` levels.
    pub(super) fn new(max: usize) -> Self {
        Self { now: 0, max }
    }

    /// Takes note of an event.
    pub(super) fn follow(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::BeginArray | Event::BeginObject if self.now >= self.max => {
                let expected = format!("at most {} levels of nesting", self.max);
                Err(Error::new(Code::DepthLimit, expected, "one more"))
            }
            Event::BeginArray | Event::BeginObject => {
                self.now += 1;
                Ok(())
            }
            Event::EndArray | Event::EndObject => {
                self.now = self.now.saturating_sub(1);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

/// What aliases and merge keys may still add.
pub(super) struct Budget {
    left: u64,
    total: u64,
}

impl Budget {
    /// At most `total` bytes.
    pub(super) fn new(total: u64) -> Self {
        Self { left: total, total }
    }

    /// Takes `bytes` off.
    pub(super) fn spend(&mut self, bytes: u64) -> Result<()> {
        if let Some(left) = self.left.checked_sub(bytes) {
            self.left = left;
            return Ok(());
        }
        let total = self.total;
        let expected = format!("aliases and merge keys that add at most {total} bytes");
        Err(Error::new(Code::ExpansionLimit, expected, "more")
            .with_hint("raise the limit if the file is to be trusted"))
    }
}
