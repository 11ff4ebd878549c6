//! How many bytes of bodies may be held at once, over all requests and for one client.
//!
//! Whoever keeps bytes of a body reserves them first and gives them back when it drops the
//! [`Permit`]: a whole body, an unfinished line, a decoder's window, rows that wait for a slow reader.
//! Bytes that only pass through are not counted: they are few by construction.
//!
//! Nobody takes bytes for himself alone: a permit comes from a client's [`Share`] and counts against
//! the client's limit and against the total, so that one client cannot deny the rest to all others.
//! A client is an IPv4 address or an IPv6 /64, as for the rate limit.

use crate::Client;
use crate::capacity;
use crate::rate_limit::Key;
use http::Extensions;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A number of bytes that all holders of bodies share. Clones share it too.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Account>);

#[derive(Debug)]
struct Account {
    total: u64,
    each: u64,
    books: Mutex<Books>,
}

/// What is taken. Only clients that hold something have an entry, so that the table is bounded by
/// the permits that are out.
#[derive(Debug, Default)]
struct Books {
    used: u64,
    clients: HashMap<Key, u64>,
}

impl Budget {
    /// A budget of `total` bytes, of which one client may take `each`.
    pub fn new(total: u64, each: u64) -> Self {
        Self(Arc::new(Account {
            total,
            each,
            books: Mutex::default(),
        }))
    }

    /// The share of this client.
    pub fn of(&self, key: Key) -> Share {
        Share {
            budget: self.clone(),
            key,
        }
    }

    /// The share of the client that a request comes from, by its extensions. Requests without one,
    /// which is a fault of the server, have one share together.
    pub fn of_request(&self, extensions: &Extensions) -> Share {
        let client = extensions.get::<Client>();
        self.of(client.map_or_else(Key::unknown, |client| Key::address(client.ip)))
    }

    /// How many bytes are taken now.
    pub fn used(&self) -> u64 {
        self.books().used
    }

    /// How many bytes there are in all.
    pub fn total(&self) -> u64 {
        self.0.total
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        // Nothing between two lines that change the books can panic.
        (self.0.books.lock()).unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, key: Key, bytes: u64) -> bool {
        let mut books = self.books();
        let taken = books.clients.get(&key).copied().unwrap_or_default();
        let of_client = taken.checked_add(bytes).filter(|sum| *sum <= self.0.each);
        let of_all = (books.used.checked_add(bytes)).filter(|sum| *sum <= self.0.total);
        let (Some(of_client), Some(of_all)) = (of_client, of_all) else {
            return false;
        };
        if bytes > 0 {
            books.clients.insert(key, of_client);
            books.used = of_all;
        }
        true
    }

    fn give_back(&self, key: Key, bytes: u64) {
        if bytes == 0 {
            return;
        }
        let mut books = self.books();
        books.used = books.used.saturating_sub(bytes);
        if let Entry::Occupied(mut entry) = books.clients.entry(key) {
            *entry.get_mut() = entry.get().saturating_sub(bytes);
            if *entry.get() == 0 {
                entry.remove();
                capacity::give_back(&mut books.clients);
            }
        }
    }
}

/// What one client may take of a [`Budget`]. Clones are the same client's.
#[derive(Clone, Debug)]
pub struct Share {
    budget: Budget,
    key: Key,
}

impl Share {
    /// Takes this many bytes until the permit is dropped; `None` if fewer are left, in all or for
    /// this client.
    pub fn try_reserve(&self, bytes: u64) -> Option<Permit> {
        let mut permit = self.empty();
        permit.try_grow(bytes).then_some(permit)
    }

    /// A permit of no bytes, which may grow.
    pub fn empty(&self) -> Permit {
        Permit {
            share: self.clone(),
            bytes: 0,
        }
    }
}

/// Bytes taken out of a [`Share`]; dropping it gives them back.
#[derive(Debug)]
pub struct Permit {
    share: Share,
    bytes: u64,
}

impl Permit {
    /// Takes this many bytes more. Returns whether they were there; if not, nothing changes.
    #[must_use]
    pub fn try_grow(&mut self, bytes: u64) -> bool {
        let taken = self.share.budget.take(self.share.key, bytes);
        if taken {
            self.bytes += bytes;
        }
        taken
    }

    /// Takes more or gives back until it has this many bytes. Returns whether it has; if not,
    /// nothing changes.
    #[must_use]
    pub fn try_resize(&mut self, bytes: u64) -> bool {
        if bytes > self.bytes {
            return self.try_grow(bytes - self.bytes);
        }
        self.shrink_to(bytes);
        true
    }

    /// Gives back all but this many bytes; does nothing if the permit has no more than that.
    pub fn shrink_to(&mut self, bytes: u64) {
        let surplus = self.bytes.saturating_sub(bytes);
        self.share.budget.give_back(self.share.key, surplus);
        self.bytes -= surplus;
    }

    /// How many bytes this permit holds.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.shrink_to(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv6Addr};
    use tonl_testkit::Random;

    fn client(number: u64) -> Key {
        Key::address(IpAddr::V6(Ipv6Addr::from_bits(u128::from(number) << 64)))
    }

    #[test]
    fn the_memory_of_many_clients_that_left_is_given_back() {
        let budget = Budget::new(20_000, 1);
        let room = || budget.books().clients.capacity();
        let permits: Vec<_> = (0..20_000)
            .map(|number| budget.of(client(number)).try_reserve(1).unwrap())
            .collect();
        assert!(room() >= 20_000);
        drop(permits);
        assert!(room() <= 2 * capacity::KEPT, "{}", room());
    }

    // S34
    #[test]
    fn no_more_is_given_than_there_is_and_all_comes_back() {
        const EACH: u64 = 400;
        let mut random = Random::new(4);
        for _ in 0..200 {
            let budget = Budget::new(1_000, EACH);
            let mut permits: Vec<(u64, Permit)> = Vec::new();
            for _ in 0..100 {
                let bytes = random.below(300) as u64;
                let who = random.below(4) as u64;
                let held = |permits: &[(u64, Permit)], who| -> u64 {
                    let of = permits.iter().filter(|(it, _)| *it == who);
                    of.map(|(_, permit)| permit.bytes()).sum()
                };
                let free = budget.total() - budget.used();
                let index = random.below(permits.len().max(1));
                match (random.below(5), permits.is_empty()) {
                    (0, false) => drop(permits.swap_remove(index)),
                    (1, false) => {
                        let room = free.min(EACH - held(&permits, permits[index].0));
                        assert_eq!(permits[index].1.try_grow(bytes), bytes <= room);
                    }
                    (2, false) => permits[index].1.shrink_to(bytes),
                    (3, false) => {
                        let room = free.min(EACH - held(&permits, permits[index].0));
                        let fits = bytes.saturating_sub(permits[index].1.bytes()) <= room;
                        assert_eq!(permits[index].1.try_resize(bytes), fits);
                    }
                    _ => {
                        let room = free.min(EACH - held(&permits, who));
                        let permit = budget.of(client(who)).try_reserve(bytes);
                        assert_eq!(permit.is_some(), bytes <= room);
                        permits.extend(permit.map(|permit| (who, permit)));
                    }
                }
                let all: u64 = permits.iter().map(|(_, permit)| permit.bytes()).sum();
                assert_eq!(budget.used(), all);
                assert!(all <= budget.total());
            }
            permits.clear();
            assert_eq!(budget.used(), 0);
            assert!(budget.books().clients.is_empty());
        }
    }

    // S34
    #[test]
    fn one_client_cannot_take_what_is_left_for_others() {
        let budget = Budget::new(1_000, 250);
        let greedy = budget.of(client(1));
        let first = greedy.try_reserve(200).unwrap();
        assert!(greedy.try_reserve(51).is_none());
        let second = greedy.try_reserve(50).unwrap();
        assert!(budget.of(client(2)).try_reserve(250).is_some());
        drop((first, second));
        assert!(greedy.try_reserve(250).is_some());
    }

    #[test]
    fn an_ipv6_network_is_one_client_and_ipv4_addresses_are_many() {
        let budget = Budget::new(1_000, 250);
        let of = |text: &str| {
            let mut extensions = Extensions::new();
            let addr = format!("{text}:1").parse().unwrap();
            extensions.insert(Client::direct(crate::Peer { addr, tls: false }));
            budget.of_request(&extensions)
        };
        let _held = of("[2001:db8:1:2::1]").try_reserve(250).unwrap();
        assert!(of("[2001:db8:1:2:9::9]").try_reserve(1).is_none());
        assert!(of("[2001:db8:1:3::1]").try_reserve(1).is_some());
        let _held = of("192.0.2.1").try_reserve(250).unwrap();
        assert!(of("[::ffff:192.0.2.1]").try_reserve(1).is_none());
        assert!(of("192.0.2.2").try_reserve(1).is_some());
    }

    #[test]
    fn a_claim_near_the_largest_number_does_not_wrap() {
        let budget = Budget::new(10, u64::MAX);
        let share = budget.of(Key::unknown());
        let permit = share.try_reserve(9).unwrap();
        assert!(share.try_reserve(u64::MAX).is_none());
        assert_eq!(budget.used(), permit.bytes());
    }
}
