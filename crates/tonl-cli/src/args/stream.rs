//! `tonl stream`.

use super::policy::PolicyArgs;
use super::size::Size;
use super::writing::WritingArgs;
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// Convert newline-delimited JSON to TONL rows as it arrives
///
/// Columns come from the first records; a record that does not fit them is written whole, so
/// nothing is lost. Memory stays constant, and a record is written as soon as its line is complete
/// when the input pauses. A reader that closes the pipe ends the run without an error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  kubectl logs -f deploy/api | tonl stream -n api-logs
  zcat app.ndjson.gz | tonl stream --stats > app.tonl
  tonl stream -i app.ndjson -o app.tonl --no-skip-invalid")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent switch of the command line"
)]
pub(crate) struct StreamArgs {
    /// Read this file instead of standard input
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) input: Option<PathBuf>,

    /// Write this file instead of standard output, row by row
    #[arg(short, long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    /// Replace an existing output file
    #[arg(short, long)]
    pub(crate) force: bool,

    /// Skip lines that are not valid and count them [default]
    #[arg(long, overrides_with = "no_skip_invalid")]
    skip_invalid: bool,

    /// Stop at the first line that is not valid
    #[arg(long, overrides_with = "skip_invalid")]
    pub(crate) no_skip_invalid: bool,

    /// Longest line, for example 10MB or 64KiB; a longer one is invalid
    #[arg(long, value_name = "BYTES", default_value = "10MiB", value_parser = some)]
    pub(crate) max_line: Size,

    /// Say at the end how much was read and written, and how fast
    #[arg(short, long)]
    pub(crate) stats: bool,

    /// Say at the end how many tokens of this model the lines had and the rows have; counting takes
    /// many times as long as converting
    #[arg(short, long, value_name = "MODEL")]
    pub(crate) model: Option<String>,

    /// Read the rows again as they are written: valid TONL, one for each record
    #[arg(short = 'v', long, visible_alias = "validate")]
    pub(crate) verify: bool,

    #[command(flatten)]
    pub(crate) writing: WritingArgs,

    /// 2 or more: read in a thread of its own, as is always done with pipes
    #[arg(long, value_name = "N", default_value = "1")]
    pub(crate) threads: NonZeroUsize,

    #[command(flatten)]
    pub(crate) policy: PolicyArgs,
}

/// A size that leaves room for a line.
fn some(text: &str) -> Result<Size, String> {
    let size: Size = text.parse()?;
    if size.bytes() == 0 {
        return Err("expected at least 1 byte: every line would be too long".to_owned());
    }
    Ok(size)
}
