//! Sources: each reads one format and sends the events of exactly one value.
//!
//! A stream of records, such as CSV, is sent as one array. Every error names the input, and where a
//! text was read, line and column.

pub mod csv;
pub mod json;
pub mod ndjson;
mod text;
pub mod tonl;
pub mod yaml;

use crate::error::{Quotes, Result};
use crate::format::Format;
use crate::input::Input;
use crate::toon::{self, ToonReadOptions};
use ::tonl::{EventSink, Limits, ReadOptions};
use csv::{CsvCells, CsvOptions};
use yaml::YamlOptions;

pub(crate) use text::open_text;

/// How sources read.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ReadSettings {
    /// How TONL is read; its limits are those of every source.
    pub tonl: ReadOptions,
    /// What the cells of CSV are read as.
    pub csv_cells: CsvCells,
    /// How much aliases and merge keys of YAML may add, in bytes; see
    /// [`YamlOptions`].
    pub yaml_expansion_bytes: Option<u64>,
    /// How TOON is read, but for its limits: they are those of every source.
    pub toon: ToonReadOptions,
    /// Whether warnings may quote the input.
    pub(crate) quotes: Quotes,
}

impl ReadSettings {
    /// The limits of every source.
    pub fn limits(&self) -> Limits {
        self.tonl.limits
    }
}

/// Reads an input of this format and sends the events of its one value. Gives what a lenient reader
/// put up with, a sentence each.
///
/// # Errors
/// Faults of the input, each with its position; what `sink` reports.
pub fn read(
    format: Format,
    input: &Input,
    settings: &ReadSettings,
    sink: &mut dyn EventSink,
) -> Result<Vec<String>> {
    let limits = settings.limits();
    match format {
        Format::Json => json::read(input, settings, sink)?,
        Format::Ndjson => ndjson::read(input, settings, sink)?,
        Format::Yaml => {
            let options = YamlOptions {
                limits,
                expansion_bytes: settings.yaml_expansion_bytes,
            };
            yaml::read(input, &options, sink)?;
        }
        Format::Csv | Format::Tsv => {
            let separator = if format == Format::Tsv { b'\t' } else { b',' };
            let cells = settings.csv_cells;
            csv::read(
                input,
                &CsvOptions {
                    separator,
                    cells,
                    limits,
                },
                sink,
            )?;
        }
        Format::Toon => {
            let options = ToonReadOptions {
                limits,
                ..settings.toon
            };
            toon::read(input, &options, sink)?;
        }
        Format::Tonl => return Ok(tonl::read_quoting(input, settings, sink)?.warnings),
    }
    Ok(Vec::new())
}
