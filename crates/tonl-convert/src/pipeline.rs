//! Whole conversions: from an [`Input`] in one format to a writer in another, and streams.
//!
//! There are two paths. Into TONL, records travel as JSON texts: NDJSON lines and the elements of
//! JSON arrays go to the TONL writer as they are, other sources are written as JSON first. Into
//! every other format, records travel as events. Neither path keeps more than one record.

mod elements;
mod feed;
pub(crate) mod hiding;
mod into_tonl;
mod json_stream;
mod lines;
mod push;
mod records;
mod reread;
mod rows;
mod stream;
mod texts;
mod verify;
mod window;

#[cfg(test)]
mod tests;

pub use hiding::inspect;
pub use json_stream::JsonStream;
pub use push::PushStream;
pub use stream::{Arrival, Invalid, StreamJob, stream};

pub(crate) use elements::{Elements, Root as JsonRoot, Step as ElementStep};
pub(crate) use lines::each_line;

use crate::error::Result;
use crate::format::Format;
use crate::input::Input;
use crate::report::Report;
use crate::sink::{
    self, CsvColumns, CsvSink, JsonSink, Layout, NdjsonSink, TextSink, ToonSink, YamlSink,
};
use crate::source::ReadSettings;
use crate::source::csv::CsvCells;
use crate::toon::ToonWriteOptions;
use std::io::Write;
use tonl::WriteOptions;
use tonl::scan::skip_space;
use tonl_privacy::Policy;

/// What a conversion is asked for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Job {
    /// The input's format.
    pub from: Format,
    /// The output's format.
    pub to: Format,
    /// How the input is read.
    pub read: ReadSettings,
    /// How TONL is written.
    pub write: WriteOptions,
    /// How JSON is laid out.
    pub json: Layout,
    /// How TOON is written.
    pub toon: ToonWriteOptions,
    /// Whether the output is decoded again and compared with the input.
    pub verify: Verify,
    /// What is hidden on the way. Errors and warnings then quote nothing of the input, and
    /// [`Verify::Compare`] compares with the input as the policy leaves it.
    pub privacy: Option<Policy>,
}

/// Whether what was written is decoded and compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verify {
    /// The output is trusted.
    #[default]
    Trust,
    /// The output is decoded and must be the same value: number text, key order, every character.
    Compare,
}

impl Job {
    /// A conversion with default settings.
    pub fn new(from: Format, to: Format) -> Self {
        Self {
            from,
            to,
            read: ReadSettings::default(),
            write: WriteOptions::default(),
            json: Layout::default(),
            toon: ToonWriteOptions::default(),
            verify: Verify::default(),
            privacy: None,
        }
    }

    /// How many times [`convert`] reads the bytes of `input` and tells so; nothing if that is not
    /// known beforehand or says little: a text that is held in memory is read long before it is
    /// converted. Comparing counts the reading of the output as one more.
    ///
    /// It is an expectation for people who wait: an array with very long elements may be read once
    /// more.
    ///
    /// # Errors
    /// As [`Input::head`].
    pub fn passes(&self, input: &Input) -> Result<Option<u64>> {
        let is_whole = match self.from {
            Format::Yaml => true,
            Format::Json => !begins_array(&input.head()?),
            Format::Tonl => self.to == Format::Tonl,
            Format::Ndjson | Format::Csv | Format::Tsv | Format::Toon => false,
        };
        if is_whole {
            return Ok(None);
        }
        let from = self.readings(self.from);
        let writing = match self.to {
            Format::Tonl | Format::Csv | Format::Tsv => 2 * from,
            Format::Json | Format::Ndjson | Format::Yaml | Format::Toon => from,
        };
        let counts_text = self.to != Format::Tonl || is_table(self.from) || self.privacy.is_some();
        let counting = u64::from(counts_text && input.is_compressed()?);
        let comparing = match self.verify {
            Verify::Trust => 0,
            Verify::Compare => from + self.readings(self.to),
        };
        Ok(Some(writing + counting + comparing))
    }

    /// How many times a source reads its input for one reading of its value.
    fn readings(&self, format: Format) -> u64 {
        let infers = is_table(format) && self.read.csv_cells == CsvCells::Inferred;
        1 + u64::from(infers)
    }
}

fn is_table(format: Format) -> bool {
    matches!(format, Format::Csv | Format::Tsv)
}

fn begins_array(head: &[u8]) -> bool {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    text.get(skip_space(text, 0)) == Some(&b'[')
}

/// Converts `input` and writes the result to `output`. Memory does not grow with the number of
/// records of NDJSON, CSV, TONL tables and JSON arrays.
///
/// # Errors
/// Faults of the input with their position; what the target cannot hold; failures of reading and
/// writing; with [`Verify::Compare`], an output that is not the same value. What was written before
/// an error is incomplete.
pub fn convert(input: &Input, output: &mut dyn Write, job: &Job) -> Result<Report> {
    let converted = match job.verify {
        Verify::Trust => write(input, output, job),
        Verify::Compare => verify::convert(input, output, job),
    };
    match job.privacy {
        Some(_) => converted.map_err(crate::Error::without_quotes),
        None => converted,
    }
}

/// Converts without looking back.
fn write(input: &Input, output: &mut dyn Write, job: &Job) -> Result<Report> {
    if job.to == Format::Tonl {
        return into_tonl::convert(input, output, job).map_err(|error| error.named(input.name()));
    }
    let mut counting = records::Counting::default();
    let mut sink = sink_for(input, job)?;
    let mut seen = hiding::Seen::default();
    let bytes_out = sink::write_to(&mut *sink, output, |events| {
        seen = hiding::read(input, job, &mut counting.before(events))?;
        Ok(())
    })?;
    Ok(Report {
        records: counting.records(),
        bytes_in: input.text_bytes()?,
        bytes_out,
        warnings: seen.warnings,
        losses: sink.losses(),
        privacy: seen.findings,
        ..Report::default()
    })
}

/// The sink that writes the job's format. CSV needs its columns first: the input is read for them.
fn sink_for(input: &Input, job: &Job) -> Result<Box<dyn TextSink>> {
    let separator = match job.to {
        Format::Csv => b',',
        Format::Tsv => b'\t',
        Format::Ndjson => return Ok(Box::new(NdjsonSink::new())),
        Format::Yaml => return Ok(Box::new(YamlSink::new())),
        Format::Toon => return Ok(Box::new(ToonSink::new(job.toon))),
        Format::Json | Format::Tonl => return Ok(Box::new(JsonSink::new(job.json))),
    };
    let mut columns = CsvColumns::new(job.read.limits().columns);
    hiding::read(input, job, &mut columns)?;
    Ok(Box::new(CsvSink::new(columns, separator)))
}
