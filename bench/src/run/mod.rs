//! `tonl-bench run`: the tables of the project's speed, side by side in one run.
//!
//! A section is a file. Each gets the same `Setting` and gives a [`Section`]; one that cannot be
//! measured says why in its place, the others still run, and the command ends with an error.

mod array;
mod growth;
mod latency;
mod memory;
mod passes;
mod setting;

use crate::report::Section;
use crate::shape::Shape;
use crate::size::Size;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::json;
use setting::Setting;
use std::io::{self, Write};
use std::path::PathBuf;

/// What to measure, and how long.
#[derive(Debug, Args)]
pub struct Run {
    /// Only these shapes
    #[arg(long, value_delimiter = ',', default_values_t = Shape::TABLE)]
    shapes: Vec<Shape>,
    /// Only these sections
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Bytes of each shape for the passes in memory
    #[arg(long, default_value = "64MB")]
    size: Size,
    /// Bytes of the files for `memory` and `array`
    #[arg(long, default_value = "100MB")]
    file_size: Size,
    /// Interleaved runs; the medians are printed
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Also measure files of 1 GB (needs 3 GB of disk and some minutes)
    #[arg(long)]
    large: bool,
    /// The seed of the data
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The `tonl` binary; else the one beside this program
    #[arg(long)]
    tonl: Option<PathBuf>,
    /// Where the generated files go for the time of the run; else the system's temporary folder
    #[arg(long)]
    dir: Option<PathBuf>,
    /// Also write the figures to this file as JSON
    #[arg(long)]
    json: Option<PathBuf>,
}

/// A section of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Throughput in memory beside parse-only passes
    Passes,
    /// Processor time and peak memory of `tonl stream` on files
    Memory,
    /// JSON arrays in one line and pretty
    Array,
    /// How the cost grows with size and with columns
    Growth,
    /// How long a row takes through a slow pipe
    Latency,
}

impl Run {
    /// Measures, prints each table as soon as it is complete, and writes the JSON form.
    ///
    /// # Errors
    /// When a section could not be measured, or the report could not be written.
    pub fn run(&self) -> Result<()> {
        let setting = self.setting()?;
        let mut sections = Vec::new();
        for part in Part::value_variants() {
            if self.only.is_empty() || self.only.contains(part) {
                let section = part.section(&setting);
                writeln!(io::stdout(), "{section}")?;
                sections.push(section);
            }
        }
        self.write_json(&sections)?;
        match sections
            .iter()
            .filter(|section| section.gap.is_some())
            .count()
        {
            0 => Ok(()),
            gaps => bail!(
                "{gaps} of {} sections could not be measured",
                sections.len()
            ),
        }
    }

    fn setting(&self) -> Result<Setting> {
        let launcher = std::env::current_exe().context("cannot find this program")?;
        Setting::new(setting::Wish {
            shapes: self.shapes.clone(),
            size: self.size,
            file_size: self.file_size,
            rounds: self.rounds,
            large: self.large,
            seed: self.seed,
            tonl: self
                .tonl
                .clone()
                .unwrap_or_else(|| launcher.with_file_name("tonl")),
            launcher,
            dir: self.dir.clone().unwrap_or_else(std::env::temp_dir),
        })
    }

    fn write_json(&self, sections: &[Section]) -> Result<()> {
        let Some(path) = &self.json else {
            return Ok(());
        };
        let report = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "seed": self.seed,
            "bytes": self.size.0,
            "file_bytes": self.file_size.0,
            "rounds": self.rounds,
            "sections": sections.iter().map(Section::json).collect::<Vec<_>>(),
        });
        std::fs::write(path, format!("{report:#}\n"))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Part {
    fn section(self, setting: &Setting) -> Section {
        let mut section = Section {
            name: self.name(),
            ..Section::default()
        };
        let measured = match self {
            Self::Passes => passes::measure(setting, &mut section),
            Self::Memory => memory::measure(setting, &mut section),
            Self::Array => array::measure(setting, &mut section),
            Self::Growth => growth::measure(setting, &mut section),
            Self::Latency => latency::measure(setting, &mut section),
        };
        section.gap = measured.err().map(|error| format!("{error:#}"));
        section
    }

    fn name(self) -> &'static str {
        match self {
            Self::Passes => "passes",
            Self::Memory => "memory",
            Self::Array => "array",
            Self::Growth => "growth",
            Self::Latency => "latency",
        }
    }
}
