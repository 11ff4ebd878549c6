//! Events back to JSON texts: the TONL writer takes texts.

use super::elements::Visit;
use crate::sink::{JsonSink, Layout, TextSink as _};
use tonl::{Event, EventSink};

/// Writes each element of a root array as a JSON text and shows it to a visitor; any other root
/// becomes one text.
pub(super) struct ElementTexts<'v> {
    visit: Visit<'v>,
    text: JsonSink,
    depth: usize,
    is_array: bool,
}

/// What the root of a source was.
#[derive(Debug)]
pub(super) enum RootText {
    /// An array; its elements were visited.
    Array,
    /// Another value, as a JSON text.
    Other(Vec<u8>),
}

impl<'v> ElementTexts<'v> {
    pub(super) fn new(visit: Visit<'v>) -> Self {
        Self {
            visit,
            text: JsonSink::new(Layout::Compact),
            depth: 0,
            is_array: false,
        }
    }

    pub(super) fn into_root(mut self) -> RootText {
        if self.is_array {
            RootText::Array
        } else {
            RootText::Other(std::mem::take(self.text.buffer()))
        }
    }

    fn finish_element(&mut self) -> tonl::Result<()> {
        self.text.finish()?;
        let text = std::mem::take(self.text.buffer());
        (self.visit)(&text, 0).map_err(|fault| fault.into_error(&text, 1))?;
        self.text = JsonSink::new(Layout::Compact);
        Ok(())
    }
}

impl EventSink for ElementTexts<'_> {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        let is_end = matches!(event, Event::EndArray | Event::EndObject);
        if self.depth == 0 && event == Event::BeginArray {
            self.is_array = true;
            self.depth = 1;
            return Ok(());
        }
        if is_end {
            self.depth -= 1;
            if self.depth == 0 && self.is_array {
                return Ok(());
            }
        }
        self.text.event(event)?;
        self.depth += usize::from(matches!(event, Event::BeginArray | Event::BeginObject));
        let is_value = !matches!(event, Event::Key(_));
        if self.is_array && self.depth == 1 && is_value {
            self.finish_element()?;
        }
        Ok(())
    }
}
