//! Slows down whoever tries tokens: per address a number of wrong ones at once, then one every ten
//! seconds. Only wrong tokens count, so a client with a good one is never held up.

use crate::clock::Moment;
use crate::rate_limit::{Cell, Key, Table, hit_cell};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// How long it takes until one more wrong token is allowed.
const INTERVAL: Duration = Duration::from_secs(10);

/// How many addresses are known at once, before the oldest are forgotten.
const ADDRESSES: usize = 100_000;

/// The wrong tokens of each address.
#[derive(Debug)]
pub(super) struct Failures {
    max: u32,
    addresses: Mutex<Table<Cell>>,
}

impl Failures {
    /// At most this many at once; 0 is no limit.
    pub(super) fn new(max: u32) -> Self {
        Self {
            max,
            addresses: Mutex::new(Table::new(ADDRESSES)),
        }
    }

    /// Counts a wrong token. If there were too many: the time until the next may be tried.
    pub(super) fn count(&self, key: Key, now: Moment) -> Option<Duration> {
        if self.max == 0 {
            return None;
        }
        let mut table = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let outcome = hit_cell(&mut table, key, (self.max, INTERVAL), now.elapsed);
        (!outcome.allowed).then_some(outcome.retry)
    }

    /// Forgets addresses from which nothing wrong came for long.
    pub(super) fn sweep(&self, now: Moment) {
        let mut table = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        table.sweep(now.elapsed);
    }

    /// How many addresses it knows.
    pub(super) fn addresses(&self) -> usize {
        let table = self
            .addresses
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        table.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::SystemTime;

    fn at(seconds: u64) -> Moment {
        Moment {
            elapsed: Duration::from_secs(seconds),
            wall: SystemTime::UNIX_EPOCH,
        }
    }

    fn key(number: u32) -> Key {
        Key::address(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    #[test]
    fn after_the_allowed_number_one_in_ten_seconds_is_tried() {
        let failures = Failures::new(20);
        assert!((0..20).all(|_| failures.count(key(1), at(5)).is_none()));
        assert_eq!(failures.count(key(1), at(5)), Some(INTERVAL));
        assert_eq!(failures.count(key(1), at(9)), Some(Duration::from_secs(6)));
        assert_eq!(failures.count(key(1), at(15)), None);
        assert_eq!(failures.count(key(1), at(15)), Some(INTERVAL));
        assert_eq!(failures.count(key(2), at(15)), None);
    }

    #[test]
    fn none_is_no_limit() {
        let failures = Failures::new(0);
        assert!((0..1_000).all(|_| failures.count(key(1), at(0)).is_none()));
        assert_eq!(failures.addresses(), 0);
    }

    #[test]
    fn addresses_are_bounded_and_forgotten() {
        let failures = Failures::new(20);
        for number in 0..150_000 {
            failures.count(key(number), at(0));
        }
        assert_eq!(failures.addresses(), ADDRESSES);
        failures.sweep(at(10));
        assert_eq!(failures.addresses(), 0);
    }
}
