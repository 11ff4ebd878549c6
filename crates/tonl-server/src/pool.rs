//! A bounded pool for work that would hold up others: what takes more than about a millisecond of
//! processor time leaves the threads that serve connections.
//!
//! Work that takes too long is given up by who waits for it. It still runs to its end, which its
//! input bounds, and keeps its place until then: so the pool can be full, but never too small.

use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task;

/// The pool. Clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    places: Arc<Semaphore>,
    deadline: Duration,
}

/// Why work was not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotDone {
    /// It took too long, waiting for a place included.
    Late,
    /// It panicked.
    Panicked,
}

impl Pool {
    /// A pool of so many threads, and the longest time that work may take.
    pub(crate) fn new(threads: usize, deadline: Duration) -> Self {
        Self {
            places: Arc::new(Semaphore::new(threads.max(1))),
            deadline,
        }
    }

    /// Does work on a thread of the pool.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, NotDone> {
        let done = async {
            let place = Arc::clone(&self.places).acquire_owned().await;
            let joined = task::spawn_blocking(move || {
                let _place = place;
                work()
            });
            joined.await.map_err(|_| NotDone::Panicked)
        };
        let timed = tokio::time::timeout(self.deadline, done).await;
        timed.unwrap_or(Err(NotDone::Late))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[tokio::test]
    async fn work_is_done_and_a_panic_is_told() {
        let pool = Pool::new(1, Duration::from_secs(10));
        assert_eq!(pool.run(|| 6 * 7).await, Ok(42));
        let panicking = pool.run(|| -> () { panic!("as the test wants") });
        assert_eq!(panicking.await, Err(NotDone::Panicked));
        assert_eq!(pool.run(|| 1).await, Ok(1));
    }

    #[tokio::test]
    async fn who_waits_too_long_goes_on() {
        let pool = Pool::new(1, Duration::from_millis(20));
        let (release, held) = mpsc::channel::<()>();
        let stuck = pool.run(move || held.recv().is_ok());
        assert_eq!(stuck.await, Err(NotDone::Late));
        assert_eq!(
            pool.run(|| 1).await,
            Err(NotDone::Late),
            "the place is still taken"
        );
        release.send(()).unwrap();
    }
}
