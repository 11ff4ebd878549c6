//! Where times come from: lengths of time from a clock that only runs forward, dates from the wall
//! clock, and both from a test's hands where a test says what time it is.
//!
//! Windows, idle times and lives of sessions are measured with [`Moment::elapsed`], so that setting
//! the system's clock neither frees nor locks out anybody. Dates of tokens use [`Moment::wall`].

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

/// A point in time, as both clocks tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Time since the clock was made. Never runs backward; stands still while the machine sleeps.
    pub elapsed: Duration,
    /// The date.
    pub wall: SystemTime,
}

/// A source of time. Clones tell the same time.
#[derive(Clone)]
pub struct Clock(Source);

#[derive(Clone)]
enum Source {
    System { start: Instant },
    Hands(Hands),
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self(Source::System {
            start: Instant::now(),
        })
    }

    /// A clock that stands at this date until its hands are moved.
    pub fn stopped(wall: SystemTime) -> (Self, Hands) {
        let moment = Moment {
            elapsed: Duration::ZERO,
            wall,
        };
        let hands = Hands(Arc::new(Mutex::new(moment)));
        (Self(Source::Hands(hands.clone())), hands)
    }

    /// The time now.
    pub fn now(&self) -> Moment {
        match &self.0 {
            Source::System { start } => Moment {
                elapsed: start.elapsed(),
                wall: SystemTime::now(),
            },
            Source::Hands(hands) => *hands.0.lock().unwrap_or_else(PoisonError::into_inner),
        }
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// The hands of a clock that stands still.
#[derive(Clone, Debug)]
pub struct Hands(Arc<Mutex<Moment>>);

impl Hands {
    /// Lets time pass.
    pub fn advance(&self, time: Duration) {
        let mut moment = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        moment.elapsed = moment.elapsed.saturating_add(time);
        moment.wall += time;
    }

    /// Sets the date, as somebody may do with the system's; no time passes.
    pub fn set_wall(&self, wall: SystemTime) {
        let mut moment = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        moment.wall = wall;
    }
}

/// Whole seconds, rounded up.
pub(crate) fn seconds_up(time: Duration) -> u64 {
    time.as_secs()
        .saturating_add(u64::from(time.subsec_nanos() > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_clock_moves_with_its_hands_alone() {
        let (clock, hands) = Clock::stopped(SystemTime::UNIX_EPOCH);
        let before = clock.now();
        assert_eq!(clock.now(), before);
        hands.advance(Duration::from_secs(5));
        assert_eq!(clock.now().elapsed, Duration::from_secs(5));
        hands.set_wall(SystemTime::UNIX_EPOCH);
        assert_eq!(clock.now().elapsed, Duration::from_secs(5));
        assert_eq!(clock.now().wall, SystemTime::UNIX_EPOCH);
    }

    #[test]
    fn the_system_clock_never_runs_backward() {
        let clock = Clock::system();
        let first = clock.now();
        assert!(clock.now().elapsed >= first.elapsed);
    }

    #[test]
    fn seconds_are_rounded_up() {
        assert_eq!(seconds_up(Duration::ZERO), 0);
        assert_eq!(seconds_up(Duration::from_millis(1)), 1);
        assert_eq!(seconds_up(Duration::from_secs(2)), 2);
        assert_eq!(seconds_up(Duration::MAX), u64::MAX);
    }
}
