//! A table of a bounded number of clients, in which entries that have run out leave by themselves.
//!
//! Invariant: each entry of the map has exactly one record in the queue, so both have the same size.
//! A record holds when its entry ran out at the time of queueing. An entry that was renewed since is
//! put at the end when its record comes to the front; one that was not is the oldest, and leaves.
//! Each visit looks at a fixed number of records, which makes its cost constant.

use super::key::Key;
use crate::capacity::give_back;
use std::collections::{HashMap, VecDeque};
use std::time::Duration;

/// How many records of the queue one visit may look at.
const LOOKS: usize = 4;

/// What a table keeps of a client.
pub(crate) trait Entry {
    /// From when on it is as if the client had never come. In [`crate::Moment::elapsed`].
    fn expires(&self) -> Duration;
}

/// Entries by client.
#[derive(Debug)]
pub(crate) struct Table<E> {
    most: usize,
    entries: HashMap<Key, E>,
    queue: VecDeque<(Key, Duration)>,
    evicted: u64,
}

impl<E: Entry> Table<E> {
    /// A table of at most this many clients, at least one.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most: most.max(1),
            entries: HashMap::new(),
            queue: VecDeque::new(),
            evicted: 0,
        }
    }

    /// The client's entry if it has not run out.
    pub(crate) fn get(&mut self, key: Key, now: Duration) -> Option<&mut E> {
        self.drop_expired(now, LOOKS);
        let entry = self.entries.get_mut(&key)?;
        (entry.expires() > now).then_some(entry)
    }

    /// Sets the client's entry. If the table is full, the oldest one leaves for it.
    pub(crate) fn set(&mut self, key: Key, entry: E) {
        let expires = entry.expires();
        if let Some(known) = self.entries.get_mut(&key) {
            *known = entry;
            return;
        }
        if self.entries.len() >= self.most {
            self.evict();
        }
        self.entries.insert(key, entry);
        self.queue.push_back((key, expires));
    }

    /// Drops everything that has run out, and gives memory back.
    pub(crate) fn sweep(&mut self, now: Duration) {
        self.drop_expired(now, self.queue.len());
        give_back(&mut self.entries);
        if self.queue.capacity() > 2 * self.entries.capacity() {
            self.queue.shrink_to(self.entries.capacity());
        }
    }

    /// How many clients it knows.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// How many entries had to leave before they ran out.
    pub(crate) fn evicted(&self) -> u64 {
        self.evicted
    }

    fn drop_expired(&mut self, now: Duration, looks: usize) {
        for _ in 0..looks {
            match self.queue.front() {
                Some((_, expires)) if *expires <= now => {}
                _ => return,
            }
            let Some((key, _)) = self.queue.pop_front() else {
                return;
            };
            match self.entries.get(&key).map(Entry::expires) {
                Some(expires) if expires > now => self.queue.push_back((key, expires)),
                _ => {
                    self.entries.remove(&key);
                }
            }
        }
    }

    fn evict(&mut self) {
        for look in 1..=LOOKS {
            let Some((key, queued)) = self.queue.pop_front() else {
                return;
            };
            match self.entries.get(&key).map(Entry::expires) {
                Some(expires) if expires > queued && look < LOOKS => {
                    self.queue.push_back((key, expires));
                }
                _ => {
                    self.entries.remove(&key);
                    self.evicted += 1;
                    return;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::KEPT;
    use std::net::{IpAddr, Ipv4Addr};
    use tonl_testkit::Random;

    struct Until(Duration);

    impl Entry for Until {
        fn expires(&self) -> Duration {
            self.0
        }
    }

    fn key(number: u32) -> Key {
        Key::address(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_oldest_leaves_when_the_table_is_full() {
        let mut table = Table::new(3);
        for number in 0..4 {
            table.set(key(number), Until(at(100 + u64::from(number))));
        }
        assert!(table.get(key(0), at(1)).is_none());
        assert!((1..4).all(|number| table.get(key(number), at(1)).is_some()));
        assert_eq!((table.len(), table.evicted()), (3, 1));
    }

    #[test]
    fn one_that_was_renewed_is_not_the_oldest() {
        let mut table = Table::new(2);
        table.set(key(0), Until(at(10)));
        table.set(key(1), Until(at(11)));
        table.set(key(0), Until(at(20)));
        table.set(key(2), Until(at(12)));
        assert!(table.get(key(0), at(1)).is_some());
        assert!(table.get(key(1), at(1)).is_none());
    }

    #[test]
    fn entries_that_ran_out_leave_and_are_no_eviction() {
        let mut table = Table::new(10);
        for number in 0..10 {
            table.set(key(number), Until(at(10)));
        }
        assert!(table.get(key(3), at(9)).is_some());
        assert!(table.get(key(3), at(10)).is_none());
        table.sweep(at(10));
        assert_eq!((table.len(), table.evicted()), (0, 0));
    }

    #[test]
    fn a_sweep_gives_memory_back() {
        let mut table = Table::new(20_000);
        for number in 0..20_000 {
            table.set(key(number), Until(at(10)));
        }
        table.sweep(at(11));
        assert!(table.entries.capacity() <= 2 * KEPT);
        assert!(table.queue.capacity() <= 4 * KEPT);
    }

    #[test]
    fn map_and_queue_stay_of_one_size_whatever_comes() {
        let mut random = Random::new(7);
        let mut table = Table::new(50);
        let mut now = Duration::ZERO;
        for _ in 0..20_000 {
            let key = key(u32::try_from(random.below(120)).unwrap());
            now += Duration::from_millis(random.bits() % 50);
            match random.below(4) {
                0 => {
                    table.get(key, now);
                }
                1 if random.chance(5) => table.sweep(now),
                _ => table.set(
                    key,
                    Until(now + Duration::from_millis(random.bits() % 5_000)),
                ),
            }
            assert!(table.len() <= 50);
            assert_eq!(table.len(), table.queue.len());
        }
    }
}
