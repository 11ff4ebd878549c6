//! The command line as it is written: one struct for each command, nothing is decided here.
//!
//! What an option means to the libraries is in the `From` and `job` functions beside it. If you
//! change a help text also run `cargo xtask docs`.

pub(crate) mod analyze;
pub(crate) mod audit;
pub(crate) mod batch;
pub(crate) mod check;
pub(crate) mod choice;
pub(crate) mod completions;
pub(crate) mod convert;
pub(crate) mod count;
pub(crate) mod currency;
pub(crate) mod fmt;
pub(crate) mod format;
pub(crate) mod limits;
pub(crate) mod man;
pub(crate) mod mcp;
pub(crate) mod model;
pub(crate) mod models;
pub(crate) mod policy;
pub(crate) mod privacy;
pub(crate) mod roi;
pub(crate) mod serve;
pub(crate) mod size;
pub(crate) mod stream;
pub(crate) mod token;
pub(crate) mod tokens;
pub(crate) mod top;
pub(crate) mod watch;
pub(crate) mod writing;

use clap::builder::styling::{AnsiColor, Styles};
use clap::{ArgAction, Parser, Subcommand};

const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Converts structured data to TONL and back: fewer tokens for a model, nothing lost.
#[derive(Debug, Parser)]
#[command(
    name = "tonl",
    version,
    styles = STYLES,
    max_term_width = 100,
    disable_version_flag = true,
    subcommand_required = true,
    arg_required_else_help = true,
    after_help = "Examples:
  tonl convert orders.json                 write orders.tonl beside it
  tonl convert orders.tonl -               print it as JSON again
  tail -f app.ndjson | tonl stream         rows as the records arrive
  tonl check data/*.json                   does every file survive the round trip?

Exit codes: 0 success, 1 a negative finding, 2 an error, 64 options that do not fit together,
130 interrupted.
Data goes to standard output, everything for people to standard error."
)]
pub(crate) struct Cli {
    /// Say nothing on standard error but errors
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,

    /// Print the version
    #[arg(short = 'V', visible_short_alias = 'v', long, action = ArgAction::Version)]
    version: Option<bool>,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What the command can do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Convert(convert::ConvertArgs),
    Stream(stream::StreamArgs),
    Batch(batch::BatchArgs),
    Watch(watch::WatchArgs),
    Check(check::CheckArgs),
    Fmt(fmt::FmtArgs),
    Privacy(privacy::PrivacyArgs),
    Count(count::CountArgs),
    Models(models::ModelsArgs),
    Roi(roi::RoiArgs),
    Analyze(analyze::AnalyzeArgs),
    Mcp(mcp::McpArgs),
    Serve(serve::ServeArgs),
    Doctor(serve::DoctorArgs),
    Healthcheck(serve::HealthcheckArgs),
    Audit(audit::AuditArgs),
    Top(top::TopArgs),
    Token(token::TokenArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
