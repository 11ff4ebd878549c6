//! `tonl man`.

use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Print the manual page, or write one page for each command into a folder
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl man | man -l -
  tonl man ~/.local/share/man/man1
  tonl man --settings toml > tonl.toml")]
pub(crate) struct ManArgs {
    /// Write tonl.1, tonl-convert.1 and so on into this folder
    #[arg(value_name = "DIR", value_hint = clap::ValueHint::DirPath)]
    pub(crate) folder: Option<PathBuf>,

    /// Print the manual of all commands as Markdown
    #[arg(long, conflicts_with = "folder")]
    pub(crate) markdown: bool,

    /// Print all settings of the server instead: a page, or a tonl.toml to be changed
    #[arg(long, value_name = "FORM", conflicts_with_all = ["folder", "markdown"])]
    pub(crate) settings: Option<SettingsForm>,
}

/// How the settings of the server are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SettingsForm {
    /// Tables of names, defaults and meanings
    Markdown,
    /// Every key as a remark with its default
    Toml,
}
