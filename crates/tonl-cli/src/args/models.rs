//! `tonl models`.

use clap::Args;

/// List the models: how their tokens are counted and what they cost
///
/// Prices are list prices in US dollars for a million tokens, as they were on the date of the row.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl models
  tonl models --json")]
pub(crate) struct ModelsArgs {
    /// Print the table as a JSON array
    #[arg(long)]
    pub(crate) json: bool,
}
