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
        // The sender lives in self, so that waiting ends by the phase alone.
        self.watch().reached(phase).await;
    }

    /// For one who waits again and again.
    pub(crate) fn watch(&self) -> PhaseWatch {
        PhaseWatch(self.phase.subscribe())
    }
}

/// A subscription to the phase.
#[derive(Debug)]
pub(crate) struct PhaseWatch(watch::Receiver<Phase>);

impl PhaseWatch {
    /// Waits until the phase is at least this one, or nobody is left who could advance it.
    ///
    /// # Cancel safety
    /// Safe: nothing is lost when the future is dropped.
    pub(crate) async fn reached(&mut self, phase: Phase) {
        let _closed = self.0.wait_for(|now| *now >= phase).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_subscription_waits_for_one_phase_after_another() {
        let life = Lifecycle::default();
        let mut watch = life.watch();
        life.advance(Phase::Serving);
        watch.reached(Phase::Serving).await;
        life.advance(Phase::Draining);
        watch.reached(Phase::Leaving).await;
        watch.reached(Phase::Draining).await;
    }

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
