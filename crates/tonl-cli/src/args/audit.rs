//! `tonl audit`.

use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Look into audit logs of the server
#[derive(Debug, Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

/// What can be done with an audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    Verify(VerifyArgs),
}

/// Check that an audit log is as it was written
///
/// Every line holds the hash of the line before, and the file FILE.head the hash of the last one. Lines
/// that were changed, removed, added or moved are found, and an end that was cut off; files that were
/// set aside when they were large or old belong to the log. The exit code is 1 if something is wrong,
/// and 2 if the log cannot be read.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl audit verify
  tonl audit verify security-audit.log --key-file audit.key
  tonl audit verify --json")]
pub(crate) struct VerifyArgs {
    /// The log
    #[arg(
        value_name = "FILE",
        default_value = "security-audit.log",
        value_hint = clap::ValueHint::FilePath
    )]
    pub(crate) file: PathBuf,

    /// The key of the log, if it is written with one; the server names it `TONL_AUDIT_KEY_FILE`
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) key_file: Option<PathBuf>,

    /// The number of the first line, if the lines before it were moved to an archive
    #[arg(long, value_name = "NUMBER", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) from: u64,

    /// Report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}
