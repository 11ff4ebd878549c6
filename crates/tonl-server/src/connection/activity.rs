//! What a connection is doing, told by its requests to its socket and by its socket to its end.
//!
//! The socket's wrapper cannot see where a request begins or an answer ends; the service can. Who ends
//! the connection wants to know whether anything is still on its way. All three share this.

use bytes::Bytes;
use futures_util::task::AtomicWaker;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::Instant;

/// What a connection is doing. Clones share it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity {
    inner: Arc<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    now: AtomicUsize,
    ever: AtomicUsize,
    is_writing: AtomicBool,
    /// Who reads the connection, to be woken when no request is being answered any more.
    reader: AtomicWaker,
    answers: Mutex<Vec<Weak<Taken>>>,
}

/// Since when an answer waits for the other end to take it; nothing while the answer itself is what
/// is waited for.
#[derive(Debug)]
struct Taken(Mutex<Option<Instant>>);

impl Taken {
    fn set(&self, since: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = since;
    }

    fn waits_since(&self) -> Option<Instant> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Activity {
    /// Marks the beginning of a request; it lasts until the mark is dropped.
    pub(crate) fn begin(&self) -> Busy {
        self.inner.now.fetch_add(1, Ordering::Relaxed);
        self.inner.ever.fetch_add(1, Ordering::Relaxed);
        Busy(self.clone())
    }

    /// How many requests are being answered.
    pub(crate) fn now(&self) -> usize {
        self.inner.now.load(Ordering::Relaxed)
    }

    /// Whether requests are being answered. If so, the reader is woken when none is: the library that
    /// waits for the answer does not read again on its own, and the time between requests would never
    /// begin.
    pub(crate) fn poll_busy(&self, context: &Context<'_>) -> bool {
        if self.now() == 0 {
            return false;
        }
        self.inner.reader.register(context.waker());
        self.now() > 0
    }

    /// How many requests there have been.
    pub(crate) fn ever(&self) -> usize {
        self.inner.ever.load(Ordering::Relaxed)
    }

    /// Notes whether bytes wait for the other end to take them.
    pub(crate) fn set_writing(&self, is_writing: bool) {
        self.inner.is_writing.store(is_writing, Ordering::Relaxed);
    }

    /// Whether no request is being answered and no bytes wait to be taken.
    pub(crate) fn is_at_rest(&self) -> bool {
        self.now() == 0 && !self.inner.is_writing.load(Ordering::Relaxed)
    }

    /// Whether an answer waits for longer than this to be taken. Only answers of
    /// [`BusyBody::watched`] are looked at.
    pub(crate) fn has_stalled(&self, longest: Duration) -> bool {
        let answers = self.inner.answers.lock();
        let mut answers = answers.unwrap_or_else(PoisonError::into_inner);
        answers.retain(|answer| answer.strong_count() > 0);
        let now = Instant::now();
        let mut since = answers.iter().filter_map(|a| a.upgrade()?.waits_since());
        since.any(|since| now.duration_since(since) >= longest)
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct Busy(Activity);

impl Drop for Busy {
    fn drop(&mut self) {
        if self.0.inner.now.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.0.inner.reader.wake();
        }
    }
}

pin_project! {
    /// An answer's body; the request is over when it is dropped.
    #[derive(Debug)]
    pub(crate) struct BusyBody<B> {
        #[pin]
        body: B,
        busy: Busy,
        taken: Option<Arc<Taken>>,
    }
}

impl<B> BusyBody<B> {
    pub(crate) fn new(body: B, busy: Busy) -> Self {
        Self {
            body,
            busy,
            taken: None,
        }
    }

    /// The same, and it is seen when the other end takes nothing of it. Needed where answers share a
    /// connection: there one may stand still while the socket does not.
    pub(crate) fn watched(body: B, busy: Busy) -> Self {
        let taken = Arc::new(Taken(Mutex::new(Some(Instant::now()))));
        let answers = busy.0.inner.answers.lock();
        let weak = Arc::downgrade(&taken);
        answers.unwrap_or_else(PoisonError::into_inner).push(weak);
        Self {
            taken: Some(taken),
            ..Self::new(body, busy)
        }
    }
}

impl<B: Body<Data = Bytes>> Body for BusyBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        let frame = this.body.poll_frame(context);
        if let Some(taken) = this.taken {
            taken.set(frame.is_ready().then(Instant::now));
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http_body_util::{BodyExt, Full};

    #[test]
    fn a_connection_rests_between_requests_and_when_nothing_is_written() {
        let activity = Activity::default();
        assert!(activity.is_at_rest());
        let busy = activity.begin();
        assert!(!activity.is_at_rest());
        drop(busy);
        assert!(activity.is_at_rest());
        activity.set_writing(true);
        assert!(!activity.is_at_rest());
        assert_eq!((activity.now(), activity.ever()), (0, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_nobody_takes_is_seen_and_one_that_has_nothing_is_not() {
        let activity = Activity::default();
        let limit = Duration::from_secs(30);
        let body = Full::new(Bytes::from_static(b"x"));
        let mut answer = BusyBody::watched(body, activity.begin());
        tokio::time::advance(limit).await;
        assert!(activity.has_stalled(limit));
        answer.frame().await.unwrap().unwrap();
        assert!(!activity.has_stalled(limit));
        tokio::time::advance(limit).await;
        assert!(activity.has_stalled(limit));
        drop(answer);
        assert!(!activity.has_stalled(limit));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_waits_for_its_own_data_has_not_stalled() {
        let activity = Activity::default();
        let (_sender, body) = http_body_util::channel::Channel::<Bytes>::new(1);
        let mut answer = BusyBody::watched(body, activity.begin());
        assert!(futures_util::poll!(answer.frame()).is_pending());
        tokio::time::advance(Duration::from_secs(3_600)).await;
        assert!(!activity.has_stalled(Duration::from_secs(30)));
    }
}
