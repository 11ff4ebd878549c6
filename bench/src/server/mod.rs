//! `tonl-bench server`: what the server costs, beside servers that do nothing but HTTP.
//!
//! A section is a file. Whoever is measured runs as a process of its own, on a free port of
//! loopback, and is ended with its section. Rounds alternate between the two that are compared and
//! medians are printed, because a machine is seldom idle.

mod child;
mod client;
mod conversions;
mod figure;
mod health;
mod idle;
mod load;
mod start;
mod stream;
mod tools;
mod watchers;

use crate::report::Section;
use crate::size::Size;
use anyhow::{Context, Result, bail};
use child::Launcher;
use clap::{Args, ValueEnum};
use serde_json::json;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

/// What to measure of the server, and how long.
#[derive(Debug, Args)]
pub struct Server {
    /// Only these sections
    #[arg(long, value_enum, value_delimiter = ',')]
    only: Vec<Part>,
    /// Alternating rounds; the medians are printed
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Seconds of load in each round of `health`, and of watching in `watchers`
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// Bytes of the stream that is converted
    #[arg(long, default_value = "100MB")]
    size: Size,
    /// How many sessions and connections are held open
    #[arg(long, default_value_t = 10_000)]
    sessions: usize,
    /// The seed of the data
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The `tonl-mcp-server` binary; else the one beside this program
    #[arg(long = "server")]
    binary: Option<PathBuf>,
    /// Also write the figures to this file as JSON
    #[arg(long)]
    json: Option<PathBuf>,
}

/// A section of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// From the start to the first connection, and memory at rest
    Start,
    /// The server over pipes: its start, its memory, its calls
    Tools,
    /// `GET /health` with all layers, beside bare hyper
    Health,
    /// `POST /stream/convert` beside an echo
    Stream,
    /// Memory of a hundred conversions at once
    Conversions,
    /// Memory of sessions and connections that are only open
    Idle,
    /// Processor time of one and of a thousand who watch live metrics
    Watchers,
}

/// What all sections share.
#[derive(Debug)]
struct Setting {
    launcher: Launcher,
    rounds: u32,
    time: Duration,
    size: Size,
    sessions: usize,
    seed: u64,
}

impl Server {
    /// Measures, prints each table as soon as it is complete, and writes the JSON form.
    ///
    /// # Errors
    /// When a section could not be measured, or the report could not be written.
    pub fn run(&self) -> Result<()> {
        let bench = std::env::current_exe().context("cannot find this program")?;
        let server = self.binary.clone();
        let server = server.unwrap_or_else(|| bench.with_file_name("tonl-mcp-server"));
        let setting = Setting {
            launcher: Launcher::new(server, bench)?,
            rounds: self.rounds,
            time: Duration::from_secs(self.seconds),
            size: self.size,
            sessions: self.sessions,
            seed: self.seed,
        };
        let mut sections = Vec::new();
        for part in Part::value_variants() {
            if self.only.is_empty() || self.only.contains(part) {
                let section = part.section(&setting);
                writeln!(io::stdout(), "{section}")?;
                sections.push(section);
            }
        }
        self.write_json(&sections)?;
        let gaps = sections.iter().filter(|section| section.gap.is_some());
        match gaps.count() {
            0 => Ok(()),
            gaps => bail!("{gaps} of {} sections not measured", sections.len()),
        }
    }

    fn write_json(&self, sections: &[Section]) -> Result<()> {
        let Some(path) = &self.json else {
            return Ok(());
        };
        let report = json!({
            "version": env!("CARGO_PKG_VERSION"),
            "seed": self.seed,
            "bytes": self.size.0,
            "rounds": self.rounds,
            "sections": sections.iter().map(Section::json).collect::<Vec<_>>(),
        });
        std::fs::write(path, format!("{report:#}\n"))
            .with_context(|| format!("cannot write {}", path.display()))
    }
}

impl Part {
    fn section(self, setting: &Setting) -> Section {
        let (name, measure): (_, fn(&Setting, &mut Section) -> Result<()>) = match self {
            Self::Start => ("start", start::measure),
            Self::Tools => ("tools", tools::measure),
            Self::Health => ("health", health::measure),
            Self::Stream => ("stream", stream::measure),
            Self::Conversions => ("conversions", conversions::measure),
            Self::Idle => ("idle", idle::measure),
            Self::Watchers => ("watchers", watchers::measure),
        };
        let mut section = Section {
            name,
            ..Section::default()
        };
        let measured = measure(setting, &mut section);
        section.gap = measured.err().map(|error| format!("{error:#}"));
        section
    }
}
