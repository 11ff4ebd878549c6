//! `tonl man`.

use clap::Args;
use std::path::PathBuf;

/// Print the manual page, or write one page for each command into a folder
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl man | man -l -
  tonl man ~/.local/share/man/man1")]
pub(crate) struct ManArgs {
    /// Write tonl.1, tonl-convert.1 and so on into this folder
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) folder: Option<PathBuf>,

    /// Print the manual of all commands as Markdown
    #[arg(long, conflicts_with = "folder")]
    pub(crate) markdown: bool,
}
