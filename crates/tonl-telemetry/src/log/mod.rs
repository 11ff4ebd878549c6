//! The ordinary log, on standard error: text for people on a terminal, JSON lines for programs.
//!
//! Every event is one line, whatever is in it: what would end the line, move a terminal's cursor or
//! turn the reading direction is escaped. Spans are not written, but for the trace of a client's call
//! ([`TRACE_SPAN`]); an event carries what it has to say.
//! The trap: [`init`] is for the process as a whole and works once; tests use [`subscriber`].

mod line;
mod trace;

pub use trace::TRACE_SPAN;

use crate::clock::Clock;
use line::{Json, Text};
use std::str::FromStr as _;
use tracing::{Subscriber, error};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{Directive, LevelFilter};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt;

/// How the log is written.
#[derive(Clone, Debug)]
pub struct LogConfig {
    /// The form of a line.
    pub format: Format,
    /// What is logged: a level, or levels by target as `info,tonl_server=debug`; empty is `info`.
    pub filter: String,
    /// Whether standard error is a terminal: [`Format::Auto`] then means text.
    pub terminal: bool,
    /// Whether colours are wanted, which the variable `NO_COLOR` denies; they are only ever used on a
    /// terminal.
    pub color: bool,
}

impl LogConfig {
    /// Looks for mistakes before anything is set up.
    ///
    /// # Errors
    /// [`InitError::Filter`] for a filter that cannot be read.
    pub fn check(&self) -> Result<(), InitError> {
        filter(&self.filter).map(|_| ())
    }
}

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Text on a terminal, JSON elsewhere.
    Auto,
    /// `time LEVEL message key=value`.
    Text,
    /// A JSON object: `timestamp`, `level`, `message` and the event's own fields.
    Json,
}

/// Why the log cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InitError {
    /// The filter cannot be read.
    #[error(
        "expected a log filter such as info or info,tonl_server=debug, found {filter:?}: {source}"
    )]
    Filter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        source: tracing_subscriber::filter::ParseError,
    },
    /// The process has a log already.
    #[error("the log is set up already")]
    Twice,
}

/// Sets up the log of the process, on standard error.
///
/// # Errors
/// [`InitError::Filter`] for a filter that cannot be read, [`InitError::Twice`] if there is a log
/// already.
pub fn init(config: &LogConfig) -> Result<(), InitError> {
    let subscriber = subscriber(config, Clock::system(), std::io::stderr)?;
    tracing::subscriber::set_global_default(subscriber).map_err(|_| InitError::Twice)
}

/// Makes each panic of the process one line of the log: where it is in the source, and on which
/// thread. Its words are left out, for they may hold what a client sent. For the process as a whole,
/// after [`init`].
pub fn tell_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        let thread = std::thread::current();
        error!(
            event = "panic",
            place = place.as_deref(),
            thread = thread.name(),
            "a fault of the server: panic"
        );
    }));
}

/// The log as [`init`] sets it up, with another clock and another place to write to.
///
/// # Errors
/// [`InitError::Filter`] for a filter that cannot be read.
pub fn subscriber<W>(
    config: &LogConfig,
    clock: Clock,
    writer: W,
) -> Result<Box<dyn Subscriber + Send + Sync>, InitError>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let filter = filter(&config.filter)?;
    let layer = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false);
    let json = match config.format {
        Format::Auto => !config.terminal,
        Format::Text => false,
        Format::Json => true,
    };
    let registry = tracing_subscriber::registry()
        .with(filter)
        .with(trace::Traces);
    Ok(if json {
        Box::new(registry.with(layer.event_format(Json { clock })))
    } else {
        let color = config.terminal && config.color;
        Box::new(registry.with(layer.event_format(Text { clock, color })))
    })
}

/// What the MCP SDK says of each client is said by our events in fewer words, and it repeats what
/// clients send: only its errors are logged unless the filter names it.
const SDK: &str = "rmcp";

fn filter(text: &str) -> Result<EnvFilter, InitError> {
    let wanted = if text.trim().is_empty() { "info" } else { text };
    let filter = EnvFilter::try_new(wanted).map_err(|source| InitError::Filter {
        filter: text.to_owned(),
        source,
    })?;
    let is_quiet = filter
        .max_level_hint()
        .is_some_and(|most| most <= LevelFilter::ERROR);
    if is_quiet || wanted.contains(SDK) {
        return Ok(filter);
    }
    let errors = Directive::from_str(&format!("{SDK}=error"));
    Ok(match errors {
        Ok(errors) => filter.add_directive(errors),
        Err(_) => filter,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_that_cannot_be_read_is_an_error_that_quotes_it() {
        let error = filter("tonl=loud").unwrap_err().to_string();
        assert!(error.contains("found \"tonl=loud\""), "{error}");
        assert_eq!(filter("debug").unwrap().to_string(), "rmcp=error,debug");
        assert_eq!(
            filter("info,rmcp=debug").unwrap().to_string(),
            "rmcp=debug,info"
        );
        assert_eq!(filter("error").unwrap().to_string(), "error");
        assert!(filter("").is_ok() && filter("info,tonl_server=debug").is_ok());
    }
}
