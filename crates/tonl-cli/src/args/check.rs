//! `tonl check`.

use super::convert::ReadingArgs;
use super::format::FormatName;
use super::limits::LimitArgs;
use clap::Args;
use std::path::PathBuf;

/// Check that files are valid and survive the round trip
///
/// A TONL file is read, written again and compared. Any other file is converted to every profile of
/// TONL and back and compared, number for number and key for key. The exit code is 1 if a file is not
/// valid or does not come back unchanged, and 2 if one cannot be read. A table on standard error says
/// what was found.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl check orders.tonl
  tonl check 'data/**/*.json' --json")]
pub(crate) struct CheckArgs {
    /// Files or quoted patterns; `-` is standard input
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    /// Read this format, whatever the names say
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<FormatName>,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,

    /// Report each file as one line of JSON on standard output
    #[arg(long)]
    pub(crate) json: bool,
}
