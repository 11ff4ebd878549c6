//! `tonl token`.

use clap::{Args, Subcommand};
use tonl_secret::{Scopes, Token};

/// Make a token for the server: 256 random bits, as 64 hexadecimal digits
///
/// The bits come from the system's cryptographic random source, as with `openssl rand -hex 32`.
/// With --entry the token itself goes to standard error and its entry for a tokens file, which
/// holds only the digest, to standard output; --quiet does not hide the token.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  export TONL_AUTH_TOKEN=$(tonl token)
  (umask 077 && tonl token > token)        a file for TONL_AUTH_TOKEN_FILE
  tonl token --entry ci --scopes mcp,metrics >> tokens.toml
                                           an entry for TONL_AUTH_TOKENS_FILE
  tonl token check < token                 is it strong enough?"
)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    pub(crate) command: Option<TokenCommand>,

    /// How many tokens to make, at most 10000
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(crate) count: u16,

    /// Print an array of objects with token and sha256
    #[arg(long)]
    pub(crate) json: bool,

    /// Print the SHA-256 of each token behind it
    #[arg(long, conflicts_with = "json")]
    pub(crate) sha256: bool,

    /// Print the entry of a tokens file with this name; the token goes to standard error
    #[arg(long, value_name = "NAME", value_parser = name, requires = "scopes", conflicts_with_all = ["count", "json", "sha256"])]
    pub(crate) entry: Option<String>,

    /// What the token of the entry opens: mcp, metrics, stream, or mcp:TOOL for single tools
    #[arg(long, value_name = "SCOPES", value_delimiter = ',', requires = "entry", value_parser = scope)]
    pub(crate) scopes: Vec<String>,
}

/// What can be done with a token that is there.
#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    Check(CheckArgs),
}

/// Estimate how strong a token is; it is read from standard input
///
/// Hexadecimal digits count 4 bits, other characters at most 6; repetitions and small alphabets
/// count less. The exit code is 1 below 256 bits, and 2 if a client could not send such a token.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl token check < token
  printf %s \"$TONL_AUTH_TOKEN\" | tonl token check --json")]
pub(crate) struct CheckArgs {
    /// Report as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

fn scope(text: &str) -> Result<String, String> {
    match Scopes::from_names([text]) {
        Ok(_) => Ok(text.to_owned()),
        Err(_) => Err("use mcp, metrics, stream, or mcp:TOOL for a single tool".to_owned()),
    }
}

fn name(text: &str) -> Result<String, String> {
    if Token::is_name(text) {
        return Ok(text.to_owned());
    }
    Err("use 1 to 64 letters, digits, dots, hyphens or underscores".to_owned())
}
