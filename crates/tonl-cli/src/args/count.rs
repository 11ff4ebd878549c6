//! `tonl count`.

use super::model::ModelArgs;
use clap::Args;
use std::path::PathBuf;

/// Count the tokens of text files or of standard input
///
/// A text is counted as it is, white space included; only a line end at its very end does not count,
/// because a program that sends the text leaves it out. A .gz or .zst is decompressed. A note on
/// standard error says whether the count is exact or an estimate, and by which encoding.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl count prompt.md notes.txt
  tonl convert orders.json - | tonl count
  tonl count --lines app.ndjson | sort -rn")]
pub(crate) struct CountArgs {
    /// Files or quoted patterns; `-` is standard input [default: -]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    #[command(flatten)]
    pub(crate) model: ModelArgs,

    /// Count every line for itself: tokens, TAB, line number and, for several files, TAB, file
    #[arg(long)]
    pub(crate) lines: bool,

    /// Report as JSON on standard output; with --lines one object for each line
    #[arg(long)]
    pub(crate) json: bool,
}
