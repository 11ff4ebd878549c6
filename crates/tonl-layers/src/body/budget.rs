//! How many bytes of bodies may be held at once, over all requests.
//!
//! Whoever keeps a whole body reserves its bytes first and gives them back when it drops the
//! [`Permit`]; so do decoders for their windows, and readers of lines for an unfinished line. Bytes
//! that only pass through are not counted: they are few by construction.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A number of bytes that all holders of bodies share. Clones share it too.
#[derive(Clone, Debug)]
pub struct Budget(Arc<Account>);

#[derive(Debug)]
struct Account {
    total: u64,
    used: AtomicU64,
}

impl Budget {
    /// A budget of this many bytes.
    pub fn new(total: u64) -> Self {
        Self(Arc::new(Account {
            total,
            used: AtomicU64::new(0),
        }))
    }

    /// Takes this many bytes out of the budget until the permit is dropped; `None` if fewer are left.
    pub fn try_reserve(&self, bytes: u64) -> Option<Permit> {
        let mut permit = Permit {
            budget: self.clone(),
            bytes: 0,
        };
        permit.try_grow(bytes).then_some(permit)
    }

    /// How many bytes are taken now.
    pub fn used(&self) -> u64 {
        self.0.used.load(Ordering::Relaxed)
    }

    /// How many bytes there are in all.
    pub fn total(&self) -> u64 {
        self.0.total
    }
}

/// Bytes taken out of a [`Budget`]; dropping it gives them back.
#[derive(Debug)]
pub struct Permit {
    budget: Budget,
    bytes: u64,
}

impl Permit {
    /// Takes this many bytes more. Returns whether they were there; if not, nothing changes.
    #[must_use]
    pub fn try_grow(&mut self, bytes: u64) -> bool {
        let account = &self.budget.0;
        let take = |used: u64| used.checked_add(bytes).filter(|sum| *sum <= account.total);
        // The count protects no other memory, so no ordering is needed beyond its own.
        let taken = account
            .used
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, take)
            .is_ok();
        if taken {
            self.bytes += bytes;
        }
        taken
    }

    /// Gives back all but this many bytes; does nothing if the permit has no more than that.
    pub fn shrink_to(&mut self, bytes: u64) {
        let surplus = self.bytes.saturating_sub(bytes);
        self.budget.0.used.fetch_sub(surplus, Ordering::Relaxed);
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
    use tonl_testkit::Random;

    // S34
    #[test]
    fn no_more_is_given_than_there_is_and_all_comes_back() {
        let mut random = Random::new(4);
        for _ in 0..200 {
            let budget = Budget::new(1_000);
            let mut permits = Vec::new();
            for _ in 0..100 {
                let bytes = random.below(300) as u64;
                match random.below(4) {
                    0 if !permits.is_empty() => {
                        permits.swap_remove(random.below(permits.len()));
                    }
                    1 if !permits.is_empty() => {
                        let index = random.below(permits.len());
                        let free = budget.total() - budget.used();
                        let permit: &mut Permit = &mut permits[index];
                        assert_eq!(permit.try_grow(bytes), bytes <= free);
                    }
                    2 if !permits.is_empty() => {
                        let index = random.below(permits.len());
                        permits[index].shrink_to(bytes);
                    }
                    _ => {
                        let free = budget.total() - budget.used();
                        let permit = budget.try_reserve(bytes);
                        assert_eq!(permit.is_some(), bytes <= free);
                        permits.extend(permit);
                    }
                }
                let held: u64 = permits.iter().map(Permit::bytes).sum();
                assert_eq!(budget.used(), held);
                assert!(held <= budget.total());
            }
            while !permits.is_empty() {
                permits.swap_remove(random.below(permits.len()));
            }
            assert_eq!(budget.used(), 0);
        }
    }

    #[test]
    fn a_claim_near_the_largest_number_does_not_wrap() {
        let budget = Budget::new(10);
        let permit = budget.try_reserve(9).unwrap();
        assert!(budget.try_reserve(u64::MAX).is_none());
        assert_eq!(budget.used(), permit.bytes());
    }
}
