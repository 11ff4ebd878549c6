//! Decodes what was written and compares it with the input.

use super::{Job, hiding, write};
use crate::error::{Error, Result};
use crate::format::Format;
use crate::input::Input;
use crate::report::Report;
use crate::source::{self, ReadSettings};
use crate::toon::ToonReadOptions;
use std::fs::File;
use std::io::{self, Seek as _, Write};
use tonl::{Event, EventSink};
use xxhash_rust::xxh3::Xxh3;

/// Converts, keeps a copy of the output in a temporary file, decodes it, and compares.
pub(super) fn convert(input: &Input, output: &mut dyn Write, job: &Job) -> Result<Report> {
    let keep = |error| Error::io("keep the output in a temporary file", error);
    let mut copy = tempfile::tempfile().map_err(keep)?;
    let mut tee = Tee {
        output,
        copy: &mut copy,
        failure: None,
    };
    let written = write(input, &mut tee, job);
    if let Some(failure) = tee.failure.take() {
        return Err(keep(failure));
    }
    let report = written?;
    copy.rewind().map_err(keep)?;
    let mut decoded = Input::from_reader("the output", copy)?;
    if let (Some(progress), Some(nominal)) = (input.progress(), input.stored_bytes()) {
        let own = decoded.stored_bytes().unwrap_or(nominal);
        decoded = decoded.telling(progress.clone().scaled(own, nominal));
    }
    compare(input, &decoded, job)?;
    Ok(report)
}

/// Writes to the output and to a copy of it, whose failure is kept: the caller's error says only that
/// something failed.
struct Tee<'o> {
    output: &'o mut dyn Write,
    copy: &'o mut File,
    failure: Option<io::Error>,
}

impl Write for Tee<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write_all(bytes)?;
        if let Err(error) = self.copy.write_all(bytes) {
            let kind = error.kind();
            self.failure = Some(error);
            return Err(kind.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// Reads both and compares their values: number text, key order, every character.
fn compare(input: &Input, written: &Input, job: &Job) -> Result<()> {
    let mut original = Digest::default();
    hiding::read(input, job, &mut original)?;
    let settings = ReadSettings {
        csv_cells: job.read.csv_cells,
        toon: ToonReadOptions {
            indent: job.toon.indent,
            ..ToonReadOptions::default()
        },
        ..ReadSettings::default()
    };
    let decoded = digest(written, job.to, &settings)?;
    if original.hash.digest128() == decoded.hash.digest128() {
        return Ok(());
    }
    let (expected, found) = (original.elements.len(), decoded.elements.len());
    let same = original
        .elements
        .iter()
        .zip(&decoded.elements)
        .take_while(|(a, b)| a == b)
        .count();
    let place = if expected == found && expected == 0 {
        "another value".to_owned()
    } else {
        format!(
            "{found} elements, element {} is the first that differs",
            same + 1
        )
    };
    Err(Error::different(
        format!("{expected} elements of the input"),
        place,
    ))
}

fn digest(input: &Input, format: Format, settings: &ReadSettings) -> Result<Digest> {
    let mut digest = Digest::default();
    source::read(format, input, settings, &mut digest)?;
    Ok(digest)
}

/// A fingerprint of a value, and one of each element of its root array.
#[derive(Default)]
struct Digest {
    hash: Xxh3,
    element: Xxh3,
    elements: Vec<u64>,
    depth: usize,
}

impl Digest {
    fn add(&mut self, kind: u8, text: &str) {
        for hash in [&mut self.hash, &mut self.element] {
            hash.update(&[kind]);
            hash.update(&(text.len() as u64).to_le_bytes());
            hash.update(text.as_bytes());
        }
    }
}

impl EventSink for Digest {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        match event {
            Event::Null => self.add(b'n', ""),
            Event::Bool(true) => self.add(b't', ""),
            Event::Bool(false) => self.add(b'f', ""),
            Event::Number(text) => self.add(b'0', text),
            Event::String(text) => self.add(b'"', text),
            Event::Key(text) => self.add(b':', text),
            Event::BeginObject => self.add(b'{', ""),
            Event::EndObject => self.add(b'}', ""),
            Event::BeginArray => self.add(b'[', ""),
            Event::EndArray => self.add(b']', ""),
        }
        let is_begin = matches!(event, Event::BeginObject | Event::BeginArray);
        let is_root = is_begin && self.depth == 0;
        match event {
            Event::EndObject | Event::EndArray => self.depth = self.depth.saturating_sub(1),
            _ => self.depth += usize::from(is_begin),
        }
        if self.depth == 1 && !is_root && !matches!(event, Event::Key(_)) {
            self.elements.push(self.element.digest());
            self.element.reset();
        }
        Ok(())
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_copy_that_cannot_be_kept_is_told_from_the_output() {
        let mut full = File::options().write(true).open("/dev/full").unwrap();
        let mut out = Vec::new();
        let mut tee = Tee {
            output: &mut out,
            copy: &mut full,
            failure: None,
        };
        assert!(tee.write_all(b"text").is_err());
        let kind = tee.failure.map(|failure| failure.kind());
        assert_eq!(kind, Some(io::ErrorKind::StorageFull));
        assert_eq!(out, b"text");
    }
}
