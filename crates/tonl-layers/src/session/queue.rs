//! Events on their way to one reader, bounded in bytes.
//!
//! A reader that is too slow is dropped: the event that no longer fits ends the queue, what waits in
//! it is thrown away at once, and the reader is told. Nothing is left out of a stream in silence.

use bytes::Bytes;
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};
use thiserror::Error;

/// What an event costs beside its own bytes, so that empty ones are bounded too.
const OVERHEAD: usize = 64;

/// Why an event was not taken.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PushError {
    /// The queue is full, and over with that.
    #[error("the reader is too slow: the queue of events is full")]
    Overflow,
    /// The queue was closed.
    #[error("the queue of events is closed")]
    Closed,
}

/// What a reader gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The next event.
    Event(Bytes),
    /// All events were read and no more will come.
    End,
    /// The reader was too slow; events are lost.
    Overflow,
}

/// A queue of events for one reader. Of several that wait at the same time, the last is woken.
pub struct EventQueue {
    most: usize,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    events: VecDeque<Bytes>,
    cost: usize,
    ended: Option<PushError>,
    reader: Option<Waker>,
}

impl EventQueue {
    /// A queue of at most this many bytes; each event costs its length and 64.
    pub fn new(most: usize) -> Self {
        Self {
            most,
            inner: Mutex::default(),
        }
    }

    /// Puts an event behind the others. Its length counts, not the buffer that it may be a part of: an
    /// event should own its memory.
    ///
    /// # Errors
    /// [`PushError`] if it does not fit, or the queue is over.
    pub fn push(&self, event: Bytes) -> Result<(), PushError> {
        let (result, reader) = {
            let mut inner = self.lock();
            let cost = event.len().saturating_add(OVERHEAD);
            let result = match inner.ended {
                Some(ended) => Err(ended),
                None if inner.cost.saturating_add(cost) > self.most => {
                    inner.end(PushError::Overflow);
                    Err(PushError::Overflow)
                }
                None => {
                    inner.cost += cost;
                    inner.events.push_back(event);
                    Ok(())
                }
            };
            (result, inner.reader.take())
        };
        wake(reader);
        result
    }

    /// Lets no more events in. What is there can still be read.
    pub fn finish(&self) {
        let reader = {
            let mut inner = self.lock();
            inner.ended.get_or_insert(PushError::Closed);
            inner.reader.take()
        };
        wake(reader);
    }

    /// Ends the queue at once and gives its memory back.
    pub fn close(&self) {
        let reader = {
            let mut inner = self.lock();
            inner.end(PushError::Closed);
            inner.reader.take()
        };
        wake(reader);
    }

    /// The next event, or that there will be none.
    pub fn poll_next(&self, context: &mut Context<'_>) -> Poll<Next> {
        let mut inner = self.lock();
        if let Some(event) = inner.events.pop_front() {
            inner.cost = inner.cost.saturating_sub(event.len() + OVERHEAD);
            if inner.events.is_empty() {
                inner.events = VecDeque::new();
            }
            return Poll::Ready(Next::Event(event));
        }
        match inner.ended {
            Some(PushError::Overflow) => Poll::Ready(Next::Overflow),
            Some(PushError::Closed) => Poll::Ready(Next::End),
            None => {
                inner.reader = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }

    /// The next event, or that there will be none.
    ///
    /// # Cancel safety
    /// Nothing is lost if the future is dropped.
    pub async fn next(&self) -> Next {
        poll_fn(|context| self.poll_next(context)).await
    }

    /// What waits in it, in bytes, with the overhead of each event.
    pub fn cost(&self) -> usize {
        self.lock().cost
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn end(&mut self, ended: PushError) {
        self.events = VecDeque::new();
        self.cost = 0;
        self.ended.get_or_insert(ended);
    }
}

fn wake(reader: Option<Waker>) {
    if let Some(reader) = reader {
        reader.wake();
    }
}

impl fmt::Debug for EventQueue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventQueue")
            .field("most", &self.most)
            .field("cost", &self.cost())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn event(length: usize) -> Bytes {
        Bytes::from(vec![b'x'; length])
    }

    #[tokio::test]
    async fn events_come_in_their_order() {
        let queue = EventQueue::new(1_000);
        queue.push(Bytes::from("a")).unwrap();
        queue.push(Bytes::from("b")).unwrap();
        assert_eq!(queue.next().await, Next::Event(Bytes::from("a")));
        assert_eq!(queue.next().await, Next::Event(Bytes::from("b")));
        assert_eq!(queue.cost(), 0);
    }

    #[tokio::test]
    async fn a_slow_reader_is_dropped_and_the_memory_is_given_back() {
        let queue = EventQueue::new(2 * (100 + OVERHEAD));
        queue.push(event(100)).unwrap();
        queue.push(event(100)).unwrap();
        assert_eq!(queue.push(event(0)), Err(PushError::Overflow));
        assert_eq!(queue.cost(), 0);
        assert_eq!(queue.push(event(0)), Err(PushError::Overflow));
        assert_eq!(queue.next().await, Next::Overflow);
        queue.close();
        assert_eq!(queue.next().await, Next::Overflow);
    }

    #[tokio::test]
    async fn a_finished_queue_is_read_to_its_end_and_a_closed_one_is_empty() {
        let queue = EventQueue::new(1_000);
        queue.push(event(1)).unwrap();
        queue.finish();
        assert_eq!(queue.push(event(1)), Err(PushError::Closed));
        assert_eq!(queue.next().await, Next::Event(event(1)));
        assert_eq!(queue.next().await, Next::End);

        let queue = EventQueue::new(1_000);
        queue.push(event(1)).unwrap();
        queue.close();
        assert_eq!((queue.cost(), queue.next().await), (0, Next::End));
    }

    #[tokio::test]
    async fn a_waiting_reader_is_woken() {
        for close in [false, true] {
            let queue = Arc::new(EventQueue::new(1_000));
            let reader = queue.clone();
            let writer = async {
                tokio::task::yield_now().await;
                if close {
                    queue.close();
                } else {
                    queue.push(event(1)).unwrap();
                }
            };
            let (next, ()) = tokio::join!(reader.next(), writer);
            let wanted = if close {
                Next::End
            } else {
                Next::Event(event(1))
            };
            assert_eq!(next, wanted);
        }
    }

    #[test]
    fn empty_events_are_bounded_too() {
        let queue = EventQueue::new(8 << 20);
        let taken = (0..1_000_000).take_while(|_| queue.push(Bytes::new()).is_ok());
        assert_eq!(taken.count(), (8 << 20) / OVERHEAD);
        assert_eq!(
            EventQueue::new(10).push(Bytes::new()),
            Err(PushError::Overflow)
        );
    }
}
