//! NDJSON: a compact JSON value a line.

use super::{JsonSink, Layout, TextSink};
use tonl::{Event, EventSink};

/// Writes each element of a root array on a line of its own; any other root is one line.
#[derive(Debug)]
pub struct NdjsonSink {
    line: JsonSink,
    /// Containers open now, the root array included.
    depth: usize,
    is_array: bool,
}

impl NdjsonSink {
    /// A sink that has written nothing.
    pub fn new() -> Self {
        Self {
            line: JsonSink::new(Layout::Compact),
            depth: 0,
            is_array: false,
        }
    }
}

impl Default for NdjsonSink {
    fn default() -> Self {
        Self::new()
    }
}

impl EventSink for NdjsonSink {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        match event {
            Event::BeginArray if self.depth == 0 => {
                self.depth = 1;
                self.is_array = true;
                return Ok(());
            }
            Event::EndArray if self.depth == 1 && self.is_array => {
                self.depth = 0;
                return Ok(());
            }
            Event::BeginArray | Event::BeginObject => self.depth += 1,
            Event::EndArray | Event::EndObject => self.depth = self.depth.saturating_sub(1),
            Event::Null | Event::Bool(_) | Event::Number(_) | Event::String(_) | Event::Key(_) => {}
        }
        self.line.event(event)?;
        let is_key = matches!(event, Event::Key(_));
        if self.depth == usize::from(self.is_array) && !is_key {
            self.line.finish()?;
        }
        Ok(())
    }
}

impl TextSink for NdjsonSink {
    fn buffer(&mut self) -> &mut Vec<u8> {
        self.line.buffer()
    }

    fn finish(&mut self) -> tonl::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl::Limits;

    #[test]
    fn elements_stand_on_lines() {
        for (json, lines) in [
            ("[]", ""),
            ("[[]]", "[]\n"),
            (
                "[1,\"a\\nb\",null,[1,[2]],{},{\"a\":{\"b\":[]},\"c\":1}]",
                "1\n\"a\\nb\"\nnull\n[1,[2]]\n{}\n{\"a\":{\"b\":[]},\"c\":1}\n",
            ),
            ("{\"a\":[1,{\"b\":2}]}", "{\"a\":[1,{\"b\":2}]}\n"),
            ("{}", "{}\n"),
            ("5", "5\n"),
        ] {
            let mut sink = NdjsonSink::new();
            tonl::json::parse(json.as_bytes(), &Limits::default(), &mut sink).unwrap();
            sink.finish().unwrap();
            assert_eq!(std::str::from_utf8(sink.buffer()).unwrap(), lines);
        }
    }
}
