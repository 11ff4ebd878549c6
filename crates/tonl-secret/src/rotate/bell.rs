//! What wakes the watching thread: a change of the file, a poke, its end.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Rung by others, heard by one thread. Rings that nobody has heard yet are one.
#[derive(Debug, Default)]
pub(super) struct Bell {
    rings: Mutex<Rings>,
    rung: Condvar,
}

#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each rings for itself")]
struct Rings {
    stop: bool,
    poke: bool,
    event: bool,
}

/// Why the thread woke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ring {
    /// It is to end.
    Stop,
    /// Somebody asked for a look.
    Poke,
    /// The system says that something changed.
    Event,
    /// Nobody rang for as long as it waited.
    Silence,
}

impl Bell {
    pub(super) fn stop(&self) {
        self.ring(|rings| rings.stop = true);
    }

    pub(super) fn poke(&self) {
        self.ring(|rings| rings.poke = true);
    }

    pub(super) fn event(&self) {
        self.ring(|rings| rings.event = true);
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.lock().stop
    }

    /// Waits for a ring. A poke comes before an event, and takes it along.
    pub(super) fn wait(&self, longest: Duration) -> Ring {
        let idle = |rings: &mut Rings| !(rings.stop || rings.poke || rings.event);
        let waited = self.rung.wait_timeout_while(self.lock(), longest, idle);
        let (mut rings, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if rings.stop {
            return Ring::Stop;
        }
        let event = std::mem::take(&mut rings.event);
        match (std::mem::take(&mut rings.poke), event) {
            (true, _) => Ring::Poke,
            (false, true) => Ring::Event,
            (false, false) => Ring::Silence,
        }
    }

    /// Waits for the whole time, or until the end if that comes first. Forgets events: what
    /// changed until now is seen by the look that follows.
    pub(super) fn settle(&self, time: Duration) -> Ring {
        let end = Instant::now() + time;
        let mut rings = self.lock();
        while !rings.stop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                rings.event = false;
                return Ring::Silence;
            }
            let waited = self.rung.wait_timeout(rings, left);
            rings = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        Ring::Stop
    }

    fn ring(&self, set: impl FnOnce(&mut Rings)) {
        set(&mut self.lock());
        self.rung.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Rings> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_heard_once_and_the_end_always() {
        let bell = Bell::default();
        assert_eq!(bell.wait(Duration::ZERO), Ring::Silence);
        bell.event();
        bell.event();
        assert_eq!(bell.wait(Duration::MAX), Ring::Event);
        assert_eq!(bell.wait(Duration::ZERO), Ring::Silence);
        bell.event();
        bell.poke();
        assert_eq!(bell.wait(Duration::MAX), Ring::Poke);
        assert_eq!(bell.wait(Duration::ZERO), Ring::Silence);
        bell.stop();
        assert_eq!(bell.wait(Duration::MAX), Ring::Stop);
        assert_eq!(bell.settle(Duration::from_secs(3600)), Ring::Stop);
    }

    #[test]
    fn settling_forgets_events_but_no_poke() {
        let bell = Bell::default();
        bell.event();
        bell.poke();
        assert_eq!(bell.settle(Duration::from_millis(1)), Ring::Silence);
        assert_eq!(bell.wait(Duration::ZERO), Ring::Poke);
    }
}
