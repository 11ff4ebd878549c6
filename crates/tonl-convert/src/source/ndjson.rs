//! NDJSON: an array of the values of all lines that are not blank.

use super::ReadSettings;
use crate::error::Result;
use crate::input::Input;
use crate::pipeline::each_line;
use tonl::{Event, EventSink};

/// Reads NDJSON and sends an array of its records.
///
/// # Errors
/// The first line that is no JSON value, with its number and column; what `input` or `sink` report.
pub fn read(input: &Input, settings: &ReadSettings, sink: &mut dyn EventSink) -> Result<()> {
    let limits = settings.limits();
    let mut inner = limits;
    inner.depth = limits.depth().saturating_sub(1);
    sink.event(Event::BeginArray)?;
    each_line(input, &limits, &mut |line, at| {
        let text = line.get(at..).unwrap_or_default();
        tonl::json::parse(text, &inner, sink)?;
        Ok(())
    })
    .map_err(|error| error.named(input.name()))?;
    Ok(sink.event(Event::EndArray)?)
}
