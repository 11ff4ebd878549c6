//! Where the process is between start and end, and who waits for it.
//!
//! ```text
//! Starting -> Serving -> Leaving (not ready, still accepting) -> Draining (not accepting) -> Over
//! ```
//! *Source:* S54.

use tokio::sync::watch;

/// A part of the process's life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Phase {
    /// Nothing is served yet.
    Starting,
    /// Requests are served.
    Serving,
    /// A signal to stop came: not ready any more, while load balancers take notice.
    Leaving,
    /// The listener is closed; streams end, requests in flight finish.
    Draining,
    /// What is left is cut.
    Over,
}

/// The phase, for those who change it and those who wait for it. Clones share it.
#[derive(Clone, Debug)]
pub struct Lifecycle {
    phase: watch::Sender<Phase>,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self {
            phase: watch::Sender::new(Phase::Starting),
        }
    }
}

impl Lifecycle {
    /// The phase now.
    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    /// Goes on to a later phase; there is no way back.
    pub fn advance(&self, to: Phase) {
        self.phase.send_if_modified(|phase| {
            let moves = to > *phase;
            if moves {
                *phase = to;
            }
            moves
        });
    }

    /// Waits until the phase is at least this one.
    ///
    /// # Cancel safety
    /// Safe: nothing is lost when the future is dropped.
    pub async fn reached(&self, phase: Phase) {
        let mut watcher = self.phase.subscribe();
        // The sender lives in self, so waiting cannot fail.
        let _closed = watcher.wait_for(|now| *now >= phase).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn phases_only_move_forward_and_wake_who_waits() {
        let life = Lifecycle::default();
        let waiting = life.clone();
        let wait = async move { waiting.reached(Phase::Draining).await };
        life.advance(Phase::Draining);
        life.advance(Phase::Serving);
        wait.await;
        assert_eq!(life.phase(), Phase::Draining);
    }
}
