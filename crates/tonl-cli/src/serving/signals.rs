//! Signals of the system: two that stop the server, and one that makes it read its secrets again.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tonl_server::StopSignals;

/// The signals to stop.
#[derive(Debug)]
pub(crate) struct Stop {
    term: Signal,
    interrupt: Signal,
}

impl Stop {
    /// Takes the signals over. Needs a runtime.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }
}

impl StopSignals for Stop {
    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.term.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// The signal to read secrets and certificates again.
pub(crate) fn hangup() -> io::Result<Signal> {
    signal(SignalKind::hangup())
}
