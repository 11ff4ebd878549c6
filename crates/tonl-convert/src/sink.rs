//! Sinks: each writes the events of one value as the text of one format.
//!
//! A sink collects its text in a buffer of its own; [`write_to`] moves the buffer to a writer
//! whenever it has grown, so that long outputs need little memory.

pub mod csv;
pub mod json;
pub mod ndjson;
pub mod yaml;

pub use crate::toon::ToonSink;
pub use csv::{CsvColumns, CsvSink};
pub use json::{JsonSink, Layout};
pub use ndjson::NdjsonSink;
pub use yaml::YamlSink;

use crate::error::{Error, Result};
use std::io::{self, Write};
use tonl::{Code, Event, EventSink};

/// Writes events as text into a buffer.
///
/// A sink takes the events of one value and is then finished.
pub trait TextSink: EventSink {
    /// The text that was made and not taken away yet. The caller may empty it at any time between
    /// two events.
    fn buffer(&mut self) -> &mut Vec<u8>;

    /// Ends the text.
    ///
    /// # Errors
    /// What only the end shows that the format cannot hold.
    fn finish(&mut self) -> tonl::Result<()>;

    /// Ends the text as [`TextSink::finish`] does, and hands the buffer to `_drain` whenever it has
    /// grown. What is left in the buffer at the end is the rest of the text.
    ///
    /// Sinks that write as events come need no more than their `finish`.
    ///
    /// # Errors
    /// As [`TextSink::finish`], and what `_drain` reports.
    fn finish_in_parts(&mut self, _drain: &mut Drain<'_>) -> tonl::Result<()> {
        self.finish()
    }

    /// What was written but will not be read back as it was, a sentence each. Complete when the
    /// sink is finished.
    fn losses(&self) -> Vec<String> {
        Vec::new()
    }
}

/// Takes away the text that a buffer holds.
pub type Drain<'d> = dyn FnMut(&mut Vec<u8>) -> tonl::Result<()> + 'd;

/// Takes everything and keeps nothing.
#[derive(Debug)]
pub(crate) struct Nowhere;

impl EventSink for Nowhere {
    fn event(&mut self, _: Event<'_>) -> tonl::Result<()> {
        Ok(())
    }
}

/// How much text a sink collects before it goes to the writer.
pub(crate) const DRAIN_BYTES: usize = 64 * 1024;

/// Runs `source` into `sink` and writes the text to `out` as it grows; finishes the sink and
/// flushes. Gives the bytes written.
///
/// # Errors
/// What the source and the sink report; [`crate::ErrorKind::Io`] if `out` fails.
pub fn write_to(
    sink: &mut dyn TextSink,
    out: &mut dyn Write,
    source: impl FnOnce(&mut dyn EventSink) -> Result<()>,
) -> Result<u64> {
    let mut outlet = Outlet {
        out,
        written: 0,
        failure: None,
    };
    let read = source(&mut Draining {
        sink,
        outlet: &mut outlet,
    });
    outlet.check()?;
    read?;
    let finished = sink.finish_in_parts(&mut |buffer| outlet.take(buffer));
    outlet.check()?;
    finished?;
    let rest = outlet.take(sink.buffer());
    outlet.check()?;
    rest?;
    outlet
        .out
        .flush()
        .map_err(|error| Error::io("write", error))?;
    Ok(outlet.written)
}

/// The output, how much went there, and why it failed.
struct Outlet<'o> {
    out: &'o mut dyn Write,
    written: u64,
    failure: Option<io::Error>,
}

impl Outlet<'_> {
    /// Writes what a buffer holds. The failure is kept for its kind.
    fn take(&mut self, buffer: &mut Vec<u8>) -> tonl::Result<()> {
        self.written += buffer.len() as u64;
        let result = self.out.write_all(buffer);
        buffer.clear();
        result.map_err(|error| {
            let stop = tonl::Error::new(Code::Io, "a writable output", error.to_string());
            self.failure = Some(error);
            stop
        })
    }

    /// Fails if the output has.
    fn check(&mut self) -> Result<()> {
        match self.failure.take() {
            Some(failure) => Err(Error::io("write", failure)),
            None => Ok(()),
        }
    }
}

struct Draining<'a, 'o> {
    sink: &'a mut dyn TextSink,
    outlet: &'a mut Outlet<'o>,
}

impl EventSink for Draining<'_, '_> {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        self.sink.event(event)?;
        if self.sink.buffer().len() < DRAIN_BYTES {
            return Ok(());
        }
        self.outlet.take(self.sink.buffer())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn numbers(sink: &mut dyn EventSink) -> Result<()> {
        sink.event(Event::BeginArray)?;
        for _ in 0..50_000 {
            sink.event(Event::Number("123"))?;
        }
        Ok(sink.event(Event::EndArray)?)
    }

    #[test]
    fn long_texts_are_written_in_parts_and_counted() {
        let mut sink = JsonSink::new(Layout::Compact);
        let mut out = Vec::new();
        let written = write_to(&mut sink, &mut out, numbers).unwrap();
        assert_eq!(written, out.len() as u64);
        assert_eq!(out.len(), 50_000 * 4 + 2);
        assert!(sink.buffer().capacity() < 4 * DRAIN_BYTES);
    }

    #[test]
    fn a_text_that_comes_at_the_end_is_written_in_parts_too() {
        struct Largest(usize, u64);
        impl Write for Largest {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                self.0 = self.0.max(bytes.len());
                self.1 += bytes.len() as u64;
                Ok(bytes.len())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        fn rows(sink: &mut dyn EventSink) -> Result<()> {
            sink.event(Event::BeginArray)?;
            for _ in 0..50_000 {
                sink.event(Event::BeginObject)?;
                sink.event(Event::Key("a"))?;
                sink.event(Event::Number("123"))?;
                sink.event(Event::EndObject)?;
            }
            Ok(sink.event(Event::EndArray)?)
        }
        let mut out = Largest(0, 0);
        let written = write_to(&mut ToonSink::default(), &mut out, rows).unwrap();
        assert_eq!((written, out.1), (50_000 * 6 + 11, written));
        assert!(out.0 < 2 * DRAIN_BYTES, "{}", out.0);
    }

    #[test]
    fn a_failing_output_is_an_io_error_of_its_kind() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        let sinks: [Box<dyn TextSink>; 2] = [
            Box::new(JsonSink::new(Layout::Compact)),
            Box::new(ToonSink::default()),
        ];
        for mut sink in sinks {
            let error = write_to(&mut *sink, &mut Closed, numbers).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io);
            let kind = error.io_error().map(io::Error::kind);
            assert_eq!(kind, Some(io::ErrorKind::BrokenPipe));
        }
    }
}
