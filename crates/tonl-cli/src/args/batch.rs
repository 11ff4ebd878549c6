//! `tonl batch`.

use super::format::FormatName;
use super::limits::LimitArgs;
use super::tokens::TokenArgs;
use super::writing::WritingArgs;
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Convert many files to TONL at the same time
///
/// Each file is said as it is done, with what it really saves; a summary follows. A file that fails does
/// not keep the others from being converted; the exit code is 2 then. Two files that would become the same
/// one are refused before anything is written.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl batch data                              every data file below data, beside it
  tonl batch 'data/**/*.json' -o tonl          the folders below data are kept
  tonl batch logs/*.ndjson --stats -m gpt-4o   tokens as well
  tonl batch data --force --json")]
pub(crate) struct BatchArgs {
    /// Files, quoted patterns (`*`, `?`, `**`, `{a,b}`) or folders. Patterns and folders leave out
    /// hidden files, `target`, `node_modules`, `dist` and, unless named, .tonl files; of a folder, files
    /// whose names say a format are taken and the others counted
    #[arg(required = true, value_name = "INPUT", value_hint = clap::ValueHint::AnyPath)]
    pub(crate) inputs: Vec<PathBuf>,

    /// Write every output into this folder, keeping the folders of the inputs
    #[arg(short, long, value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) output_dir: Option<PathBuf>,

    /// Read this format, whatever the inputs' names say
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<FormatName>,

    #[command(flatten)]
    pub(crate) tokens: TokenArgs,

    /// Files converted at the same time [default: one for each processor]
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZeroUsize>,

    /// Replace existing files
    #[arg(short, long)]
    pub(crate) force: bool,

    /// Report as one JSON document on standard output
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) writing: WritingArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}
