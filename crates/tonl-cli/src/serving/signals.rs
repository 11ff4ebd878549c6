//! Signals of the system: two that stop the server, and one that makes it read its secrets again.

use std::io;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tonl_server::StopSignals;

/// All signals that the server understands.
#[derive(Debug)]
pub(crate) struct Signals {
    /// To stop.
    pub(crate) stop: Stop,
    /// SIGHUP: to read secrets and certificates again.
    pub(crate) hangup: Signal,
}

impl Signals {
    /// Takes the signals over; from now on none of them ends the process by itself, and one that comes
    /// before anybody waits for it is kept. Needs a runtime.
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self {
            stop: Stop::new()?,
            hangup: signal(SignalKind::hangup())?,
        })
    }
}

/// The signals to stop.
#[derive(Debug)]
pub(crate) struct Stop {
    term: Signal,
    interrupt: Signal,
}

impl Stop {
    /// Takes the signals to stop over. Needs a runtime.
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

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::process::{Signal as Number, getpid, kill_process};

    // S6, S54
    #[test]
    fn signals_that_come_before_anybody_waits_are_kept() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut signals = Signals::new().unwrap();
            kill_process(getpid(), Number::HUP).unwrap();
            kill_process(getpid(), Number::TERM).unwrap();
            assert!(signals.hangup.recv().await.is_some());
            assert_eq!(signals.stop.next().await, "SIGTERM");
        });
    }
}
