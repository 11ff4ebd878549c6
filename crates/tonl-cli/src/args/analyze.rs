//! `tonl analyze`.

use super::convert::ReadingArgs;
use super::currency::CurrencyArgs;
use super::format::FormatName;
use super::limits::LimitArgs;
use super::model::ModelArgs;
use super::writing::WritingArgs;
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use tonl_tokens::Baseline;

/// Say how many tokens, and how much money, TONL would save
///
/// The saving is measured against the same data as JSON without white space, unless --baseline says
/// otherwise, and is negative where TONL has more tokens. Costs are those of input tokens at list
/// price. A file that cannot be read is reported, the others go on, and the exit code is 2. A narrow
/// terminal is shown fewer columns; a pipe, JSON and CSV have them all.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl analyze orders.json
  tonl analyze 'data/**/*.json' --summary --currency EUR
  tonl analyze 'data/*.json' --format json -m gpt-4o
  tonl analyze 'data/*.json' --export savings.csv
  tonl analyze orders.json --visual")]
pub(crate) struct AnalyzeArgs {
    /// Files or quoted patterns; `-` is standard input. Patterns are expanded without `target`,
    /// `node_modules`, `dist` and, unless named, .tonl files
    #[arg(
        required_unless_present = "list_models",
        value_name = "FILE",
        value_hint = clap::ValueHint::FilePath
    )]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) model: ModelArgs,

    /// What the saving is measured against
    #[arg(long, value_name = "BASELINE", default_value = "compact-json")]
    pub(crate) baseline: BaselineName,

    #[command(flatten)]
    pub(crate) report: ReportArgs,

    #[command(flatten)]
    pub(crate) currency: CurrencyArgs,

    /// Read this format, whatever the names say
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<FormatName>,

    #[command(flatten)]
    pub(crate) writing: WritingArgs,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}

/// How the result is told.
#[derive(Clone, Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent switch of the command line"
)]
pub(crate) struct ReportArgs {
    /// The look of the report
    #[arg(short, long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: ReportFormat,

    /// Only the totals
    #[arg(long)]
    pub(crate) summary: bool,

    /// Also write the figures of each file as CSV
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) export: Option<PathBuf>,

    /// Replace an existing file of --export
    #[arg(long, requires = "export")]
    pub(crate) force: bool,

    /// Show one file as a dashboard in the terminal: q or ESC ends it, e writes a CSV file and s a
    /// screenshot as text into the current folder, named after the time in UTC
    #[arg(long, conflicts_with_all = ["format", "summary", "export"])]
    pub(crate) visual: bool,

    /// Print the table of models and do nothing else
    #[arg(long)]
    pub(crate) list_models: bool,
}

/// The look of a report as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// Tables for people
    Text,
    /// An array with an object for each file
    Json,
    /// A Markdown table
    #[value(alias = "md")]
    Markdown,
    /// Comma-separated values with a header line
    Csv,
}

/// A baseline as it is written on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum BaselineName {
    /// The same data as JSON without white space
    CompactJson,
    /// The text as it is, white space included
    AsGiven,
}

impl From<BaselineName> for Baseline {
    fn from(name: BaselineName) -> Self {
        match name {
            BaselineName::CompactJson => Self::CompactJson,
            BaselineName::AsGiven => Self::AsGiven,
        }
    }
}
