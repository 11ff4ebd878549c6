//! When a client has used up its share: the two algorithms, each as what it keeps of a client.
//!
//! The generic cell rate algorithm is thirty lines here instead of a dependency: it lives in the same
//! bounded table as the window, and the throttle of wrong tokens uses it as well.

use super::key::Key;
use super::table::{Entry, Table};
use std::time::Duration;

/// What a hit found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Whether the request may go on.
    pub allowed: bool,
    /// Requests left.
    pub remaining: u32,
    /// Time until the whole share is there again.
    pub reset: Duration,
    /// Time until the next request may pass; zero if this one did and more are left.
    pub retry: Duration,
}

/// A count of requests since the client's first.
#[derive(Debug)]
pub(crate) struct Window {
    ends: Duration,
    count: u32,
}

impl Entry for Window {
    fn expires(&self) -> Duration {
        self.ends
    }
}

/// Counts one request in a window that begins with the client's first hit.
pub(crate) fn hit_window(
    table: &mut Table<Window>,
    key: Key,
    (max, window): (u32, Duration),
    now: Duration,
) -> Outcome {
    let (count, ends) = if let Some(entry) = table.get(key, now) {
        entry.count = entry.count.saturating_add(1);
        (entry.count, entry.ends)
    } else {
        let ends = now.saturating_add(window);
        table.set(key, Window { ends, count: 1 });
        (1, ends)
    };
    let left = ends.saturating_sub(now);
    let remaining = max.saturating_sub(count);
    Outcome {
        allowed: count <= max,
        remaining,
        reset: left,
        retry: if remaining == 0 { left } else { Duration::ZERO },
    }
}

/// The time at which a client that spreads its requests evenly would come next.
#[derive(Debug)]
pub(crate) struct Cell {
    due: Duration,
}

impl Entry for Cell {
    fn expires(&self) -> Duration {
        self.due
    }
}

/// Counts one request that costs `interval`, of which `burst` may come at once. A refused request
/// costs nothing.
pub(crate) fn hit_cell(
    table: &mut Table<Cell>,
    key: Key,
    (burst, interval): (u32, Duration),
    now: Duration,
) -> Outcome {
    let due = table.get(key, now).map_or(now, |cell| cell.due);
    // How far ahead of an even pace the client may be before its next request.
    let tolerance = interval.saturating_mul(burst.saturating_sub(1));
    let ahead = due.saturating_sub(now);
    let allowed = ahead <= tolerance;
    let ahead = if allowed {
        let next = due.saturating_add(interval);
        table.set(key, Cell { due: next });
        next.saturating_sub(now)
    } else {
        ahead
    };
    let room = interval.saturating_mul(burst).saturating_sub(ahead);
    let remaining = room.as_nanos() / interval.as_nanos().max(1);
    Outcome {
        allowed,
        remaining: u32::try_from(remaining).unwrap_or(u32::MAX),
        reset: ahead,
        retry: ahead.saturating_sub(tolerance),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    const SECOND: Duration = Duration::from_secs(1);

    // S20
    #[test]
    fn a_window_begins_with_the_first_hit_and_lets_its_share_pass() {
        let mut table = Table::new(10);
        let key = Key::unknown();
        let rule = (3, 900 * SECOND);
        let mut hit = |seconds| hit_window(&mut table, key, rule, seconds * SECOND);
        assert_eq!((hit(100).allowed, hit(101).remaining), (true, 1));
        let third = hit(500);
        assert_eq!((third.allowed, third.remaining), (true, 0));
        let fourth = hit(999);
        assert!(!fourth.allowed);
        assert_eq!((fourth.reset, fourth.retry), (SECOND, SECOND));
        assert_eq!(hit(1000).remaining, 2);
        assert_eq!(hit(1001).reset, 899 * SECOND);
    }

    #[test]
    fn an_even_pace_passes_for_ever_and_a_burst_is_paid_back() {
        let mut table = Table::new(10);
        let rule = (20, 10 * SECOND);
        let mut hit = |now| hit_cell(&mut table, Key::unknown(), rule, now);
        for left in (0..20).rev() {
            let outcome = hit(SECOND);
            assert!(outcome.allowed);
            assert_eq!(outcome.remaining, left);
        }
        let refused = hit(SECOND);
        assert_eq!((refused.allowed, refused.retry), (false, 10 * SECOND));
        assert_eq!(hit(3 * SECOND).retry, 8 * SECOND);
        assert!(hit(11 * SECOND).allowed);
        assert!(!hit(11 * SECOND).allowed);
        for later in 2..100 {
            assert!(hit((1 + 10 * later) * SECOND).allowed, "{later}");
        }
    }

    #[test]
    fn what_an_outcome_says_of_retry_is_true() {
        let mut random = Random::new(3);
        let mut table = Table::new(10);
        let rule = (5, SECOND);
        let mut now = Duration::ZERO;
        for _ in 0..5_000 {
            now += Duration::from_millis(random.bits() % 1_500);
            let outcome = hit_cell(&mut table, Key::unknown(), rule, now);
            assert!(outcome.remaining <= 5);
            if !outcome.allowed {
                let nearly = (now + outcome.retry).saturating_sub(Duration::from_nanos(1));
                assert!(!hit_cell(&mut table, Key::unknown(), rule, nearly).allowed);
                now += outcome.retry;
                assert!(hit_cell(&mut table, Key::unknown(), rule, now).allowed);
            }
        }
    }

    #[test]
    fn extreme_values_do_not_overflow() {
        let mut cells = Table::new(2);
        let mut windows = Table::new(2);
        for now in [Duration::ZERO, Duration::MAX] {
            for rule in [(u32::MAX, Duration::MAX), (0, Duration::ZERO)] {
                hit_cell(&mut cells, Key::unknown(), rule, now);
                hit_window(&mut windows, Key::unknown(), rule, now);
            }
        }
    }
}
