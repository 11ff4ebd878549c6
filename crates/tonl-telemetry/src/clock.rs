//! Where times come from, so that a test can say what time it is.

use jiff::Timestamp;
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// A source of wall-clock time. Cloning is cheap; all clones tell the same time.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> SystemTime + Send + Sync>);

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::from_fn(SystemTime::now)
    }

    /// A clock that tells what the function returns.
    pub fn from_fn(now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Arc::new(now))
    }

    /// A clock that stands still.
    pub fn fixed(time: SystemTime) -> Self {
        Self::from_fn(move || time)
    }

    /// The time now.
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// The time as ISO 8601 in UTC with milliseconds, for example `2026-11-25T02:00:00.123Z`.
///
/// A time outside the years -9999 to 9999 is shown as the nearest end of that range.
pub(crate) fn iso(time: SystemTime) -> String {
    let earliest = time < SystemTime::UNIX_EPOCH;
    let timestamp = Timestamp::try_from(time).unwrap_or(if earliest {
        Timestamp::MIN
    } else {
        Timestamp::MAX
    });
    format!("{timestamp:.3}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_time_is_shown_in_utc_with_milliseconds() {
        let time = SystemTime::UNIX_EPOCH + Duration::from_micros(1_700_000_000_123_999);
        assert_eq!(iso(time), "2023-11-14T22:13:20.123Z");
        assert_eq!(iso(SystemTime::UNIX_EPOCH), "1970-01-01T00:00:00.000Z");
    }

    #[test]
    fn a_fixed_clock_stands_still() {
        let clock = Clock::fixed(SystemTime::UNIX_EPOCH);
        assert_eq!(clock.now(), clock.now());
        assert_eq!(format!("{clock:?}"), "Clock");
    }
}
