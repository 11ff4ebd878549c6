//! JSON: one value. The elements of a root array are read one at a time, any other root is read into
//! memory.

use super::ReadSettings;
use crate::error::Result;
use crate::input::Input;
use crate::pipeline::{ElementStep, Elements, JsonRoot};
use tonl::write::ArraySurvey;
use tonl::{Event, EventSink, Limits, WriteOptions};

/// Reads a JSON text and sends its value.
///
/// # Errors
/// The text's first fault with line and column; what `input` or `sink` report.
pub fn read(input: &Input, settings: &ReadSettings, sink: &mut dyn EventSink) -> Result<()> {
    read_unnamed(input, &settings.limits(), sink).map_err(|error| error.named(input.name()))
}

fn read_unnamed(input: &Input, limits: &Limits, sink: &mut dyn EventSink) -> Result<()> {
    match Elements::open(input, limits)? {
        JsonRoot::Other(text) => Ok(tonl::json::parse(&text, limits, sink)?),
        JsonRoot::Array(elements) => array(elements, limits, sink),
    }
}

fn array(mut elements: Elements<'_>, limits: &Limits, sink: &mut dyn EventSink) -> Result<()> {
    let mut options = WriteOptions::default();
    options.limits = *limits;
    let mut checker = ArraySurvey::new(&options);
    let mut inner = *limits;
    inner.depth = limits.depth().saturating_sub(1);
    sink.event(Event::BeginArray)?;
    let mut refused = None;
    loop {
        let step = elements.step(&mut |text, at| {
            let end = checker.check(text, at)?;
            let element = text.get(at..end).unwrap_or_default();
            if let Err(error) = tonl::json::parse(element, &inner, sink) {
                refused = Some(error);
                return Err(tonl::scan::Fault::new(
                    at,
                    tonl::Code::Io,
                    "a sink that takes it",
                ));
            }
            Ok(end)
        });
        if let Some(error) = refused {
            return Err(error.into());
        }
        if step? == ElementStep::End {
            return Ok(sink.event(Event::EndArray)?);
        }
    }
}
