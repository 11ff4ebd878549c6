//! Records on their way from a source of events.

use tonl::{Event, EventSink};

/// Counts the elements of a root array while events pass by.
#[derive(Debug, Default)]
pub(super) struct Counting {
    depth: usize,
    is_array: bool,
    elements: u64,
}

impl Counting {
    /// A sink that counts and passes on.
    pub(super) fn before<'s>(&'s mut self, next: &'s mut dyn EventSink) -> impl EventSink + 's {
        CountingSink {
            counting: self,
            next,
        }
    }

    /// How many elements the root array had, if the root was an array.
    pub(super) fn records(&self) -> Option<u64> {
        self.is_array.then_some(self.elements)
    }

    fn count(&mut self, event: Event<'_>) {
        let is_begin = matches!(event, Event::BeginArray | Event::BeginObject);
        match event {
            Event::EndArray | Event::EndObject => {
                self.depth = self.depth.saturating_sub(1);
                return;
            }
            Event::BeginArray if self.depth == 0 => self.is_array = true,
            _ if self.depth == 1 && self.is_array => self.elements += 1,
            _ => {}
        }
        self.depth += usize::from(is_begin);
    }
}

struct CountingSink<'s> {
    counting: &'s mut Counting,
    next: &'s mut dyn EventSink,
}

impl EventSink for CountingSink<'_> {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        self.counting.count(event);
        self.next.event(event)
    }
}
