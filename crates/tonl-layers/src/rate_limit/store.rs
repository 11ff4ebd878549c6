//! Where hits are counted: in memory here, elsewhere later.

use super::config::{Algorithm, Class};
use super::key::Key;
use super::rule::{Cell, Outcome, Window, hit_cell, hit_window};
use super::table::Table;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use thiserror::Error;

/// The store cannot count now. Whether requests pass then is the layer's [`super::OnOutage`].
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("the store of rate limits does not answer")]
pub struct Unavailable;

/// An outcome that is still to come. The store bounds the time it may take.
pub type Later = Pin<Box<dyn Future<Output = Result<Outcome, Unavailable>> + Send>>;

/// The answer of a store.
pub enum Hit {
    /// It is counted.
    Ready(Outcome),
    /// It is being counted elsewhere.
    Later(Later),
}

impl fmt::Debug for Hit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready(outcome) => f.debug_tuple("Ready").field(outcome).finish(),
            Self::Later(_) => f.write_str("Later"),
        }
    }
}

/// Counts the requests of one class. Each call counts exactly one, whatever happens at the same time.
pub trait Store: fmt::Debug + Send + Sync + 'static {
    /// Counts a request of this client at this time ([`crate::Moment::elapsed`]).
    fn hit(&self, key: Key, now: Duration) -> Hit;
}

/// Counts in this process.
///
/// One lock guards the table, and there are no shards: four threads on two cores count about ten
/// million hits a second against it, and a request costs a hundred times as much as its hit
/// (`examples/access_cost.rs` measures both the calm and the crowded case).
#[derive(Debug)]
pub struct Memory {
    max: u32,
    window: Duration,
    clients: Mutex<Clients>,
}

#[derive(Debug)]
enum Clients {
    Windows(Table<Window>),
    Cells(Table<Cell>),
}

impl Memory {
    /// A store for the requests of this class.
    pub fn new(class: &Class) -> Self {
        let config = class.config();
        let clients = match config.algorithm {
            Algorithm::FixedWindow => Clients::Windows(Table::new(config.entries)),
            Algorithm::Gcra => Clients::Cells(Table::new(config.entries)),
        };
        Self {
            max: config.max,
            window: config.window,
            clients: Mutex::new(clients),
        }
    }

    /// Counts a request of this client at this time ([`crate::Moment::elapsed`]).
    pub fn count(&self, key: Key, now: Duration) -> Outcome {
        self.with(|clients| match clients {
            Clients::Windows(table) => hit_window(table, key, (self.max, self.window), now),
            Clients::Cells(table) => {
                let interval = self.window / self.max.max(1);
                hit_cell(table, key, (self.max, interval), now)
            }
        })
    }

    /// Forgets clients whose window is over. Visits do so too; this is for quiet times.
    pub fn sweep(&self, now: Duration) {
        self.with(|clients| match clients {
            Clients::Windows(table) => table.sweep(now),
            Clients::Cells(table) => table.sweep(now),
        });
    }

    /// How many clients it knows.
    pub fn clients(&self) -> usize {
        self.with(|clients| match clients {
            Clients::Windows(table) => table.len(),
            Clients::Cells(table) => table.len(),
        })
    }

    /// How many clients had to be forgotten before their window was over, because the table was full.
    pub fn evicted(&self) -> u64 {
        self.with(|clients| match clients {
            Clients::Windows(table) => table.evicted(),
            Clients::Cells(table) => table.evicted(),
        })
    }

    fn with<T>(&self, visit: impl FnOnce(&mut Clients) -> T) -> T {
        visit(&mut self.clients.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store for Memory {
    fn hit(&self, key: Key, now: Duration) -> Hit {
        Hit::Ready(self.count(key, now))
    }
}

#[cfg(test)]
mod tests {
    use super::super::config::RateLimitConfig;
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn memory(algorithm: Algorithm, entries: usize) -> Memory {
        let config = RateLimitConfig {
            algorithm,
            entries,
            ..RateLimitConfig::default()
        };
        Memory::new(&Class::try_from(config).unwrap())
    }

    fn key(number: u32) -> Key {
        Key::address(IpAddr::V4(Ipv4Addr::from_bits(number)))
    }

    // S20
    #[test]
    fn of_many_threads_exactly_the_share_passes() {
        for algorithm in [Algorithm::FixedWindow, Algorithm::Gcra] {
            let memory = memory(algorithm, 1_000);
            let passed = AtomicUsize::new(0);
            let start = std::sync::Barrier::new(12);
            std::thread::scope(|scope| {
                for _ in 0..12 {
                    scope.spawn(|| {
                        start.wait();
                        for _ in 0..10 {
                            let outcome = memory.count(key(1), Duration::from_secs(1));
                            passed.fetch_add(usize::from(outcome.allowed), Ordering::Relaxed);
                        }
                    });
                }
            });
            assert_eq!(passed.into_inner(), 100, "{algorithm:?}");
        }
    }

    // S24
    #[test]
    fn a_million_addresses_stay_within_the_bound() {
        let memory = memory(Algorithm::FixedWindow, 100_000);
        for number in 0..1_000_000 {
            memory.count(key(number), Duration::from_millis(u64::from(number / 100)));
        }
        assert_eq!(memory.clients(), 100_000);
        assert_eq!(memory.evicted(), 900_000);
        memory.sweep(Duration::from_secs(2_000));
        assert_eq!(memory.clients(), 0);
    }

    #[test]
    fn the_memory_store_answers_at_once() {
        let store: Arc<dyn Store> = Arc::new(memory(Algorithm::FixedWindow, 10));
        let Hit::Ready(outcome) = store.hit(key(1), Duration::ZERO) else {
            panic!("the memory store let us wait");
        };
        assert_eq!(outcome.remaining, 99);
    }
}
