//! Any format into one TONL document.
//!
//! A root array is read twice: a survey of its elements fixes the columns, then the rows are
//! written. Other roots are kept in memory as one JSON text.

use super::Job;
use super::elements::{Elements, Root, Step, Visit};
use super::hiding::{self, Seen};
use super::lines::each_line;
use super::texts::{ElementTexts, RootText};
use crate::error::{Error, Result};
use crate::format::Format;
use crate::input::Input;
use crate::report::Report;
use std::io::{self, Write};
use tonl::scan::{Fault, skip_space};
use tonl::write::{ArraySurvey, ArrayWriter};
use tonl::{Code, WriteOptions};

pub(super) fn convert(input: &Input, output: &mut dyn Write, job: &Job) -> Result<Report> {
    match job.from {
        // What a policy hides is decided by events.
        _ if job.privacy.is_some() => from_events(input, output, job),
        Format::Json => from_json(input, output, job),
        Format::Ndjson => {
            let (writer, count) = survey(&job.write, |visit| ndjson_pass(input, job, visit))?;
            rows(writer, count, output, |visit| {
                ndjson_pass(input, job, visit)
            })
        }
        _ => from_events(input, output, job),
    }
}

fn from_json(input: &Input, output: &mut dyn Write, job: &Job) -> Result<Report> {
    let mut first = match Elements::open(input, &job.read.limits())? {
        Root::Other(text) => return document(&text, output, job),
        Root::Array(elements) => Some(elements),
    };
    let (writer, count) = survey(&job.write, |visit| match first.take() {
        Some(elements) => all_elements(elements, visit),
        None => json_pass(input, job, visit),
    })?;
    rows(writer, count, output, |visit| json_pass(input, job, visit))
}

/// Formats that are read as events: the elements of a root array as JSON texts, other roots whole.
fn from_events(input: &Input, output: &mut dyn Write, job: &Job) -> Result<Report> {
    let mut root = RootText::Array;
    let mut seen = Seen::default();
    let (writer, count) = survey(&job.write, |visit| {
        let mut texts = ElementTexts::new(visit);
        seen = hiding::read(input, job, &mut texts)?;
        root = texts.into_root();
        Ok(0)
    })?;
    let mut report = match root {
        RootText::Other(text) => document(&text, output, job)?,
        RootText::Array => rows(writer, count, output, |visit| {
            hiding::read(input, job, &mut ElementTexts::new(visit))?;
            Ok(0)
        })?,
    };
    report.warnings = seen.warnings;
    report.privacy = seen.findings;
    report.bytes_in = input.text_bytes()?;
    Ok(report)
}

fn document(text: &[u8], output: &mut dyn Write, job: &Job) -> Result<Report> {
    let mut out = Vec::new();
    tonl::write::document(text, &job.write, &mut out)?;
    output
        .write_all(&out)
        .and_then(|()| output.flush())
        .map_err(|e| Error::io("write", e))?;
    Ok(Report {
        bytes_in: text.len() as u64,
        bytes_out: out.len() as u64,
        ..Report::default()
    })
}

/// The first pass: gives what writes the array, and the number of elements.
///
/// A window's text may end inside an element. One that is likely to is checked before it is
/// counted; if another was cut after all, the pass is done anew with every element checked.
fn survey(
    options: &WriteOptions,
    mut pass: impl FnMut(Visit<'_>) -> Result<u64>,
) -> Result<(ArrayWriter, u64)> {
    let mut margin = 2 * LIKELY_BYTES;
    loop {
        let mut survey = ArraySurvey::new(options);
        let mut was_cut = false;
        pass(&mut |text, at| {
            if text.len() - at < margin {
                survey.check(text, at)?;
            }
            let end = survey
                .element(text, at)
                .inspect_err(|fault| was_cut |= fault.at >= text.len())?;
            margin = margin.max(2 * (end - at));
            Ok(end)
        })?;
        if !was_cut {
            let count = survey.elements();
            return Ok((survey.finish(), count));
        }
        margin = usize::MAX;
    }
}

/// Elements are likely to be no longer than this until a longer one is seen.
const LIKELY_BYTES: usize = 4 << 10;

/// How much text is collected before it is written.
const OUT_BYTES: usize = 128 << 10;

/// The second pass: writes the document.
fn rows(
    mut writer: ArrayWriter,
    count: u64,
    output: &mut dyn Write,
    mut pass: impl FnMut(Visit<'_>) -> Result<u64>,
) -> Result<Report> {
    let mut drain = Drain {
        out: Vec::with_capacity(2 * OUT_BYTES),
        output,
        written: 0,
        failure: None,
    };
    writer.begin(&mut drain.out);
    let mut rows = 0;
    let passed = pass(&mut |text, at| {
        let end = writer.element(text, at, &mut drain.out)?;
        rows += 1;
        drain
            .full()
            .map_err(|()| Fault::new(at, Code::Io, "a writable output"))?;
        Ok(end)
    });
    if let Some(failure) = drain.failure.take() {
        return Err(Error::io("write", failure));
    }
    let bytes_in = passed?;
    if rows != count {
        let found = format!("{rows}");
        let error = tonl::Error::new(Code::RowCount, format!("{count} elements again"), found);
        return Err(error
            .with_hint("the input changed while it was read")
            .into());
    }
    writer.end(&mut drain.out);
    let bytes_out = drain.finish().map_err(|error| Error::io("write", error))?;
    Ok(Report {
        records: Some(count),
        bytes_in,
        bytes_out,
        ..Report::default()
    })
}

/// Collects text and writes it in large parts.
struct Drain<'o> {
    out: Vec<u8>,
    output: &'o mut dyn Write,
    written: u64,
    failure: Option<io::Error>,
}

impl Drain<'_> {
    /// Writes what was collected, if it is enough. The failure is kept for its kind.
    #[inline]
    fn full(&mut self) -> Result<(), ()> {
        if self.out.len() < OUT_BYTES {
            return Ok(());
        }
        self.write().map_err(|error| self.failure = Some(error))
    }

    fn write(&mut self) -> io::Result<()> {
        self.written += self.out.len() as u64;
        self.output.write_all(&self.out)?;
        self.out.clear();
        Ok(())
    }

    fn finish(mut self) -> io::Result<u64> {
        self.write()?;
        self.output.flush()?;
        Ok(self.written)
    }
}

fn json_pass(input: &Input, job: &Job, visit: Visit<'_>) -> Result<u64> {
    match Elements::open(input, &job.read.limits())? {
        Root::Array(elements) => all_elements(elements, visit),
        Root::Other(_) => {
            let error = tonl::Error::new(Code::JsonSyntax, "the same array again", "another value");
            Err(error
                .with_hint("the input changed while it was read")
                .into())
        }
    }
}

fn all_elements(mut elements: Elements<'_>, visit: Visit<'_>) -> Result<u64> {
    while elements.step(visit)? == Step::Element {}
    Ok(elements.bytes_read())
}

fn ndjson_pass(input: &Input, job: &Job, visit: Visit<'_>) -> Result<u64> {
    each_line(input, &job.read.limits(), &mut |line, at| {
        let end = visit(line, at).map_err(|fault| fault.into_error(line, 1))?;
        let end = skip_space(line, end);
        if end < line.len() {
            let fault = Fault::new(end, Code::TrailingContent, "the end of the line");
            return Err(fault.into_error(line, 1));
        }
        Ok(())
    })
}
