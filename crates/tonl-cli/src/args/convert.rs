//! `tonl convert`.

use super::choice::ChoiceArgs;
use super::format::{FormatName, TargetName};
use super::limits::LimitArgs;
use super::policy::PolicyArgs;
use super::tokens::TokenArgs;
use super::writing::WritingArgs;
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use tonl::{Limits, Ranges, ReadOptions, Strictness};

/// Convert files between TONL, JSON, NDJSON, YAML, CSV, TSV and TOON
///
/// The direction follows from the file names: .json, .yaml, .yml, .ndjson, .jsonl, .csv, .tsv and
/// .toon become .tonl, and .tonl becomes .json, or what the output's name asks for. A further .gz or
/// .zst is decompressed and compressed. An existing file is replaced only with --force, and only
/// after the whole conversion has succeeded.
#[derive(Debug, Args)]
#[command(override_usage = "tonl convert [OPTIONS] <INPUT> [OUTPUT]
       tonl convert [OPTIONS] --output-dir <DIR> <INPUT>...")]
#[command(after_help = "Examples:
  tonl convert orders.json                     to orders.tonl
  tonl convert orders.tonl orders.yaml         back, as YAML
  tonl convert - --from csv < users.csv        from and to a pipe
  tonl convert app.ndjson.gz app.tonl.zst      compressed on both sides
  tonl convert orders.json - --to auto -s      whatever costs the fewest tokens
  tonl convert 'data/**/*.json' --output-dir tonl --verify")]
pub(crate) struct ConvertArgs {
    /// Input and, optionally, output; `-` is standard input or output. With --output-dir: inputs
    /// only. Quoted patterns (`*`, `?`, `**`, `{a,b}`) are expanded, without `target`,
    /// `node_modules`, `dist` and, unless named, .tonl files
    #[arg(required = true, value_name = "INPUT OUTPUT", value_hint = clap::ValueHint::FilePath)]
    pub(crate) paths: Vec<PathBuf>,

    /// Read this format, whatever the input's name says
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<FormatName>,

    /// Write this format, whatever the output's name says
    #[arg(long, value_name = "FORMAT")]
    pub(crate) to: Option<TargetName>,

    #[command(flatten)]
    pub(crate) writing: WritingArgs,

    #[command(flatten)]
    pub(crate) tokens: TokenArgs,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    #[command(flatten)]
    pub(crate) target: TargetArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    /// Read every CSV and TSV cell as a string, also in columns of numbers
    #[arg(long)]
    pub(crate) text_cells: bool,

    /// Files converted at the same time [default: one for each processor]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<NonZeroUsize>,

    /// Report as one line of JSON; on standard output unless the data goes there
    #[arg(long)]
    pub(crate) json: bool,

    /// Also write the figures of each conversion, tokens included, into this file: as CSV if its name
    /// ends in .csv, else one line of JSON for each as --json has it
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) export: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) policy: PolicyArgs,

    #[command(flatten)]
    pub(crate) choice: ChoiceArgs,
}

/// How foreign text is read.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ReadingArgs {
    /// Take TONL that deviates from the specification as other writers make it, with warnings
    #[arg(long)]
    pub(crate) lenient: bool,

    /// Refuse TONL numbers outside the range of their column's type
    #[arg(long)]
    pub(crate) strict_types: bool,
}

impl ReadingArgs {
    /// The reader's options.
    pub(crate) fn options(self, limits: Limits) -> ReadOptions {
        let mut options = ReadOptions::default();
        options.limits = limits;
        if self.lenient {
            options.strictness = Strictness::Lenient;
        }
        if self.strict_types {
            options.ranges = Ranges::Checked;
        }
        options
    }
}

/// Where the result goes, and what is asked of it.
#[derive(Clone, Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent switch of the command line"
)]
pub(crate) struct TargetArgs {
    /// Write every output into this folder, keeping the folders below a pattern
    #[arg(long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) output_dir: Option<PathBuf>,

    /// Replace existing files, that of --export included
    #[arg(short, long)]
    pub(crate) force: bool,

    /// Read the result again and compare it with the source before it is put in place
    #[arg(short = 'v', long, visible_alias = "validate")]
    pub(crate) verify: bool,

    /// Write JSON with indentation [default for JSON]
    #[arg(long, conflicts_with = "compact")]
    pub(crate) pretty: bool,

    /// Write JSON without white space
    #[arg(long)]
    pub(crate) compact: bool,
}
