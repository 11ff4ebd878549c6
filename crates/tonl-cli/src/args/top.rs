//! `tonl top`.

use crate::token::{Token, Unfit};
use clap::Args;
use clap::builder::{StringValueParser, TypedValueParser};
use std::path::PathBuf;
use std::time::Duration;
use zeroize::Zeroizing;

/// Watch a running server: load, conversions, errors, savings and latency
///
/// Reads the live stream of the server (/metrics/live), which needs a token, or asks for /metrics if the
/// stream is refused. On a terminal this is a dashboard, elsewhere one line for each sample. A figure that
/// the server does not tell is shown as `-`. Latencies (p50, p95) are those of the time watched, or, if
/// nothing came in it, of all time since the server's start.
///
/// The token is the first of these: --token-file, --token, and the variables `TONL_AUTH_TOKEN` and
/// `TONL_AUTH_TOKEN_FILE`, of which only one may be set.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  tonl top
  tonl top -u https://tonl.example.com --token-file token.txt
  tonl top --once                          figures and rates of one interval, then the end
  tonl top --json --interval 5000 > figures.json

Keys: q or ESC quits, r samples now, p pauses, c clears the history, the arrows select an operation.")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an independent switch of the command line"
)]
pub(crate) struct TopArgs {
    /// Where the server's metrics are; /metrics may be left out [default: the variable
    /// `TONL_SERVER_URL`, or localhost:3000]
    #[arg(short, long, value_name = "URL", value_hint = clap::ValueHint::Url)]
    pub(crate) url: Option<String>,

    /// Milliseconds between two samples, from 100 to 3600000. The live stream may give fewer
    #[arg(short, long, value_name = "MS", default_value = "1000",
          value_parser = clap::value_parser!(u64).range(100..=3_600_000))]
    interval: u64,

    /// Milliseconds that a connection may take, and that the server may be silent
    #[arg(long, value_name = "MS", default_value = "10000",
          value_parser = clap::value_parser!(u64).range(100..=600_000))]
    timeout: u64,

    /// Read the bearer token from this file
    #[arg(long, value_name = "FILE", conflicts_with = "token",
          value_hint = clap::ValueHint::FilePath)]
    pub(crate) token_file: Option<PathBuf>,

    /// `-` reads the bearer token from standard input, @FILE from a file. The token itself is taken as
    /// well, but other users can see arguments
    #[arg(short, long, value_name = "PLACE", value_parser = StringValueParser::new().map(token))]
    pub(crate) token: Option<TokenPlace>,

    /// Trust the authorities whose certificates are in this PEM file, and no others
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,

    /// Ask for /metrics again and again, even if there is a live stream
    #[arg(long)]
    pub(crate) no_stream: bool,

    /// Take two samples of /metrics, one interval apart, print them as text and end
    #[arg(long)]
    pub(crate) once: bool,

    /// The same as one line of JSON
    #[arg(long)]
    pub(crate) json: bool,
}

impl TopArgs {
    /// The time between two samples.
    pub(crate) fn interval(&self) -> Duration {
        Duration::from_millis(self.interval)
    }

    /// How long the server may take.
    pub(crate) fn timeout(&self) -> Duration {
        Duration::from_millis(self.timeout)
    }
}

/// What stands after `--token`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenPlace {
    /// Standard input.
    Input,
    /// A file.
    File(PathBuf),
    /// The token itself, or why it is none. Anyone can read it in the list of processes.
    Argument(Result<Token, Unfit>),
}

/// Never fails: an error would be shown with the argument.
fn token(text: String) -> TokenPlace {
    match text.strip_prefix('@') {
        Some(path) => TokenPlace::File(path.into()),
        None if text == "-" => TokenPlace::Input,
        None => TokenPlace::Argument(Token::new(&Zeroizing::new(text))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str) -> TokenPlace {
        token(text.to_owned())
    }

    #[test]
    fn a_token_is_read_from_where_the_option_says() {
        assert_eq!(place("-"), TokenPlace::Input);
        assert_eq!(place("@a b"), TokenPlace::File("a b".into()));
        let TokenPlace::Argument(Ok(value)) = place("abc") else {
            panic!("a token is taken as one");
        };
        assert_eq!(*value.authorization(), "Bearer abc");
        assert_eq!(place(""), TokenPlace::Argument(Err(Unfit::Empty)));
    }

    #[test]
    fn the_arguments_can_be_printed_without_the_token() {
        let printed = format!("{:?}", place("hunter2"));
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
