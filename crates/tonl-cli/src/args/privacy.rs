//! `tonl privacy`.

use super::format::FormatName;
use super::limits::LimitArgs;
use super::policy::PolicyArgs;
use clap::{Args, Subcommand};
use std::path::PathBuf;

/// Try out what privacy policies hide
#[derive(Debug, Args)]
pub(crate) struct PrivacyArgs {
    #[command(subcommand)]
    pub(crate) command: PrivacyCommand,
}

/// What can be done with a policy.
#[derive(Debug, Subcommand)]
pub(crate) enum PrivacyCommand {
    Test(TestArgs),
}

/// Show what a policy would hide in a file, without showing a value
///
/// Each rule and detector is listed with its hits, the first record that it hits, how it hides, and
/// the places in the data. The exit code is 1 if nothing was hit, and 64 if the policy is not valid.
/// Keys of the data are shown; one in which a detector finds something is not.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl privacy test users.json --anonymize email,ssn
  tonl privacy test app.ndjson --policy policy.toml --json
  tonl privacy test - --from ndjson --detect card,api-key")]
pub(crate) struct TestArgs {
    /// The file; `-` is standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: PathBuf,

    /// Read this format, whatever the name says
    #[arg(long, value_name = "FORMAT")]
    pub(crate) from: Option<FormatName>,

    /// Report as JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(flatten)]
    pub(crate) policy: PolicyArgs,

    #[command(flatten)]
    pub(crate) limits: LimitArgs,
}
