//! `tonl fmt`.

use super::convert::ReadingArgs;
use super::limits::LimitArgs;
use super::writing::{ProfileName, TypesName};
use clap::Args;
use std::path::PathBuf;

/// Write TONL files again in one profile
///
/// Without --write or --check the result goes to standard output. The label stays what it is; a
/// stream becomes a table with its count.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl fmt orders.tonl --profile flat
  tonl fmt --check data/*.tonl
  tonl fmt --write --types never orders.tonl")]
pub(crate) struct FmtArgs {
    /// TONL files or quoted patterns; `-` is standard input
    #[arg(required = true, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) files: Vec<PathBuf>,

    /// The look of the text
    #[arg(long, value_name = "PROFILE", default_value = "compact")]
    pub(crate) profile: ProfileName,

    /// Which column types are written
    #[arg(long, value_name = "TYPES", default_value = "always")]
    pub(crate) types: TypesName,

    /// Change nothing; name the files that would change, with exit code 1
    #[arg(long, conflicts_with = "write")]
    pub(crate) check: bool,

    /// Replace each file by the result
    #[arg(short, long)]
    pub(crate) write: bool,

    #[command(flatten)]
    pub(crate) reading: ReadingArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}
