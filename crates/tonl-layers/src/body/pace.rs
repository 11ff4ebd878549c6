//! Whether the bytes of a body come fast enough, measured only while the client is waited for.
//!
//! Waiting begins when the raw body has nothing, and ends when it wakes its reader: if the reader is
//! busy elsewhere then, that time is not the client's. So the raw body gets a waker of ours, which
//! notes the moment of the first wake ([`Arrival`]).
//!
//! Two clocks run while waiting. One is set back by every byte; it may not reach `idle`. The other is
//! an account of time: it begins with `rate_after`, each byte pays in its share of a second, waiting
//! draws from it, and it may not become empty. At most the longer of `rate_after` and `idle` is
//! saved up, so that a fast beginning does not buy hours of one byte at a time.

use super::BodyConfig;
use super::error::BodyError;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

/// Watches over the pace of one body.
#[derive(Debug)]
pub(super) struct Pace {
    idle: Duration,
    rate: u64,
    /// The most time that can be saved up.
    most: Duration,
    /// How much waiting is still paid for.
    credit: Duration,
    /// How long the client was waited for since the last byte.
    silent: Duration,
    /// Since when the client is waited for.
    since: Option<Instant>,
    arrival: Arc<Arrival>,
    waker: Waker,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Pace {
    pub(super) fn new(config: &BodyConfig) -> Self {
        let arrival = Arc::new(Arrival::default());
        Self {
            idle: config.idle,
            rate: config.rate,
            most: config.rate_after.max(config.idle),
            credit: config.rate_after,
            silent: Duration::ZERO,
            since: None,
            waker: Waker::from(arrival.clone()),
            arrival,
            timer: None,
        }
    }

    /// The waker to poll the raw body with, on behalf of this reader.
    pub(super) fn waker(&self, reader: &Waker) -> Waker {
        self.arrival.wakes(reader);
        self.waker.clone()
    }

    /// The raw body gave this many bytes.
    pub(super) fn came(&mut self, bytes: usize) {
        let woken = self.arrival.take();
        if let Some(since) = self.since.take() {
            self.count(since, woken.unwrap_or_else(Instant::now));
        }
        if bytes == 0 {
            // Frames without bytes are no progress.
            return;
        }
        self.silent = Duration::ZERO;
        let paid = (bytes as u64)
            .saturating_mul(1_000_000_000)
            .checked_div(self.rate);
        let paid = paid.map_or(self.most, Duration::from_nanos);
        self.credit = self.credit.saturating_add(paid).min(self.most);
    }

    /// The raw body has nothing. Ready with an error once it has been waited for too long.
    pub(super) fn poll_late(&mut self, context: &mut Context<'_>) -> Poll<BodyError> {
        let now = Instant::now();
        // A wake that brought nothing: between it and now nobody asked.
        if let (Some(woken), Some(since)) = (self.arrival.take(), self.since) {
            self.count(since, woken);
            self.since = None;
        }
        let since = *self.since.get_or_insert(now);
        let left = self.left();
        let Some(deadline) = since.checked_add(left) else {
            return Poll::Pending;
        };
        if now >= deadline {
            return Poll::Ready(self.late());
        }
        let timer = self
            .timer
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        // Deadlines only move on, so an older timer wakes too early at worst and is then set anew.
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(context).is_ready() {
            if Instant::now() >= deadline {
                return Poll::Ready(self.late());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }

    fn count(&mut self, since: Instant, until: Instant) {
        let waited = until.saturating_duration_since(since);
        self.silent = self.silent.saturating_add(waited);
        self.credit = self.credit.saturating_sub(waited);
    }

    /// How long may still be waited for the next byte.
    fn left(&self) -> Duration {
        let idle = self.idle.saturating_sub(self.silent);
        if self.rate == 0 {
            idle
        } else {
            idle.min(self.credit)
        }
    }

    fn late(&self) -> BodyError {
        if self.rate > 0 && self.credit < self.idle.saturating_sub(self.silent) {
            BodyError::TooSlow { rate: self.rate }
        } else {
            BodyError::IdleTimeout { waited: self.idle }
        }
    }
}

/// When the raw body woke its reader for the first time since it was asked.
#[derive(Debug, Default)]
struct Arrival(Mutex<Wakes>);

#[derive(Debug, Default)]
struct Wakes {
    reader: Option<Waker>,
    first: Option<Instant>,
}

impl Arrival {
    fn wakes(&self, reader: &Waker) {
        let mut wakes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut wakes.reader {
            Some(known) => known.clone_from(reader),
            None => wakes.reader = Some(reader.clone()),
        }
    }

    fn take(&self) -> Option<Instant> {
        let mut wakes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        wakes.first.take()
    }
}

impl Wake for Arrival {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let reader = {
            let mut wakes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            wakes.first.get_or_insert_with(Instant::now);
            wakes.reader.clone()
        };
        if let Some(reader) = reader {
            reader.wake();
        }
    }
}
