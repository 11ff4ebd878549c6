//! Repeats of one refusal, folded: so that a flood of refused requests is on record without filling
//! the disk, and hides nothing else.
//!
//! The first refusals of an address, event and route in a window are written in full; those that
//! follow are counted and become one line with `count` at the window's end. No refusal is left out of
//! the counts. The table of windows is bounded: when it is full, addresses that are not in it share one
//! window for each event and route. An IPv6 client is its /64, as a client has all of one.
//!
//! The trap: a window ends when somebody looks. [`crate::Telemetry::tell_repeats`] is for that.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// How repeats of one refusal are put on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Folding {
    /// How many of a window are written in full.
    pub first: u64,
    /// How long a window lasts.
    pub window: Duration,
    /// How many windows are kept at once, and with them how many addresses are told apart.
    pub windows: usize,
}

impl Folding {
    /// Every one is written in full.
    pub const OFF: Self = Self {
        first: u64::MAX,
        window: Duration::ZERO,
        windows: 0,
    };
}

impl Default for Folding {
    /// Ten in full for each minute, of 1,024 addresses: one address writes at most 5 MB a day about
    /// one route.
    fn default() -> Self {
        Self {
            first: 10,
            window: Duration::from_secs(60),
            windows: 1_024,
        }
    }
}

/// What is the same in repeats, beside the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kind {
    pub(crate) event: &'static str,
    /// The sentence of the event.
    pub(crate) message: &'static str,
    pub(crate) route: Option<&'static str>,
}

/// Refusals that were counted and not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Repeats {
    pub(crate) kind: Kind,
    /// The address, or the first one of a /64; none for several addresses.
    pub(crate) ip: Option<IpAddr>,
    pub(crate) count: u64,
    /// From the first of the window to when it was told.
    pub(crate) time: Duration,
}

/// What becomes of one refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    /// It is written in full.
    Told,
    /// It is counted and told at the end of its window.
    Folded,
}

/// The windows.
#[derive(Debug)]
pub(crate) struct Folds {
    config: Folding,
    table: Mutex<Table>,
}

#[derive(Debug, Default)]
struct Table {
    windows: HashMap<(Option<IpAddr>, Kind), Window>,
    /// When the table was last searched for windows that are over.
    searched: Option<SystemTime>,
}

#[derive(Debug)]
struct Window {
    began: SystemTime,
    seen: u64,
}

impl Folds {
    pub(crate) fn new(config: Folding) -> Self {
        Self {
            config,
            table: Mutex::default(),
        }
    }

    /// Counts a refusal; gives what is to be told before it.
    pub(crate) fn see(
        &self,
        kind: Kind,
        ip: Option<IpAddr>,
        now: SystemTime,
    ) -> (Seen, Vec<Repeats>) {
        if self.config.first == u64::MAX {
            return (Seen::Told, Vec::new());
        }
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let mut over = Vec::new();
        let mut key = (ip.map(network), kind);
        if !table.windows.contains_key(&key) && table.windows.len() >= self.config.windows {
            over = self.search(&mut table, now);
            if table.windows.len() >= self.config.windows {
                key.0 = None;
            }
        }
        let fresh = Window {
            began: now,
            seen: 0,
        };
        let window = table.windows.entry(key).or_insert(fresh);
        if self.is_over(window, now) {
            over.extend(self.repeats(&key, window, now));
            *window = Window {
                began: now,
                seen: 0,
            };
        }
        window.seen = window.seen.saturating_add(1);
        let seen = if window.seen > self.config.first {
            Seen::Folded
        } else {
            Seen::Told
        };
        (seen, over)
    }

    /// What the windows have counted that are over now.
    pub(crate) fn over(&self, now: SystemTime) -> Vec<Repeats> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.searched = None;
        self.search(&mut table, now)
    }

    /// What all windows have counted; they are all over.
    pub(crate) fn all(&self, now: SystemTime) -> Vec<Repeats> {
        let mut table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        let windows = std::mem::take(&mut table.windows);
        windows
            .iter()
            .filter_map(|(key, window)| self.repeats(key, window, now))
            .collect()
    }

    /// Takes the windows that are over, at most once a second.
    fn search(&self, table: &mut Table, now: SystemTime) -> Vec<Repeats> {
        let since = table.searched.and_then(|at| now.duration_since(at).ok());
        if since.is_some_and(|since| since < Duration::from_secs(1)) {
            return Vec::new();
        }
        table.searched = Some(now);
        let mut over = Vec::new();
        table.windows.retain(|key, window| {
            let is_over = self.is_over(window, now);
            if is_over {
                over.extend(self.repeats(key, window, now));
            }
            !is_over
        });
        over
    }

    /// Also if the clock was set back: then nobody knows how long it would last.
    fn is_over(&self, window: &Window, now: SystemTime) -> bool {
        let age = now.duration_since(window.began);
        age.map_or(true, |age| age >= self.config.window)
    }

    fn repeats(
        &self,
        (ip, kind): &(Option<IpAddr>, Kind),
        window: &Window,
        now: SystemTime,
    ) -> Option<Repeats> {
        let count = window.seen.saturating_sub(self.config.first);
        (count > 0).then(|| Repeats {
            kind: *kind,
            ip: *ip,
            count,
            time: now.duration_since(window.began).unwrap_or_default(),
        })
    }
}

/// The address itself, or the first one of an IPv6 client's /64.
fn network(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => IpAddr::V6(Ipv6Addr::from_bits(ip.to_bits() & (!0 << 64))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv4Addr;
    use tonl_testkit::Random;

    const KIND: Kind = Kind {
        event: "missing_token",
        message: "Unauthorized access attempt",
        route: Some("/mcp"),
    };

    fn at(milliseconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000) + Duration::from_millis(milliseconds)
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the calls want it")]
    fn ip(number: u32) -> Option<IpAddr> {
        Some(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    fn folds(windows: usize) -> Folds {
        Folds::new(Folding {
            first: 3,
            window: Duration::from_secs(60),
            windows,
        })
    }

    fn count(repeats: &[Repeats]) -> u64 {
        repeats.iter().map(|repeats| repeats.count).sum()
    }

    #[test]
    fn the_first_are_told_and_the_rest_of_the_window_becomes_one_count() {
        let folds = folds(10);
        for number in 0..100 {
            let (seen, before) = folds.see(KIND, ip(1), at(number));
            assert_eq!(seen == Seen::Told, number < 3, "{number}");
            assert!(before.is_empty());
        }
        assert!(folds.over(at(59_999)).is_empty());
        let over = folds.over(at(60_000));
        assert_eq!(
            over,
            [Repeats {
                kind: KIND,
                ip: ip(1),
                count: 97,
                time: Duration::from_secs(60)
            }]
        );
        assert!(folds.over(at(60_000)).is_empty());
        assert_eq!(folds.see(KIND, ip(1), at(60_001)).0, Seen::Told);
    }

    #[test]
    fn the_next_window_tells_of_the_last_one_if_nobody_else_did() {
        let folds = folds(10);
        for _ in 0..5 {
            folds.see(KIND, ip(1), at(0));
        }
        let (seen, before) = folds.see(KIND, ip(1), at(60_000));
        assert_eq!((seen, count(&before)), (Seen::Told, 2));
        assert!(folds.all(at(60_000)).is_empty());
    }

    #[test]
    fn addresses_events_and_routes_are_told_apart_and_a_64_is_one_client() {
        let folds = folds(10);
        let other = Kind {
            route: None,
            ..KIND
        };
        for (kind, ip) in [(KIND, ip(1)), (KIND, ip(2)), (other, ip(1)), (KIND, None)] {
            for _ in 0..3 {
                assert_eq!(folds.see(kind, ip, at(0)).0, Seen::Told);
            }
        }
        let v6 = |text: &str| Some(text.parse().unwrap());
        for last in 0..4 {
            folds.see(KIND, v6(&format!("2001:db8::1:{last}")), at(0));
        }
        let all = folds.all(at(5));
        assert_eq!(count(&all), 1);
        assert_eq!(all.first().unwrap().ip, v6("2001:db8::"));
    }

    #[test]
    fn addresses_beyond_the_bound_share_a_window() {
        let folds = folds(2);
        for number in 0..50 {
            folds.see(KIND, ip(number), at(0));
        }
        let table = folds.table.lock().unwrap();
        assert_eq!(table.windows.len(), 3);
        drop(table);
        let all = folds.all(at(1));
        assert_eq!((all.len(), count(&all)), (1, 45));
        assert_eq!(all.first().unwrap().ip, None);
    }

    #[test]
    fn a_clock_that_is_set_back_ends_a_window() {
        let folds = folds(10);
        for _ in 0..5 {
            folds.see(KIND, ip(1), at(10_000));
        }
        assert_eq!(count(&folds.over(at(0))), 2);
    }

    #[test]
    fn whatever_comes_all_are_told_or_counted() {
        let mut random = Random::new(11);
        let folds = folds(20);
        let (mut now, mut told, mut counted) = (0, 0, 0);
        for _ in 0..20_000 {
            now += random.bits() % 300;
            let number = u32::try_from(random.below(60)).unwrap();
            let (seen, before) = folds.see(KIND, ip(number), at(now));
            told += u64::from(seen == Seen::Told);
            counted += count(&before);
            if random.chance(50) {
                counted += count(&folds.over(at(now)));
            }
        }
        counted += count(&folds.all(at(now)));
        assert_eq!(told + counted, 20_000);
        assert!(told < 20_000);
    }
}
