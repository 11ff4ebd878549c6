//! What a connection is doing, told by its requests to its socket.
//!
//! The socket's wrapper cannot see where a request begins or an answer ends; the service can. They
//! share one counter: while it is zero the connection is idle between requests.

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

/// How many requests of a connection are being answered.
#[derive(Clone, Debug, Default)]
pub(crate) struct Activity {
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    now: AtomicUsize,
    ever: AtomicUsize,
}

impl Activity {
    /// Marks the beginning of a request; it lasts until the mark is dropped.
    pub(crate) fn begin(&self) -> Busy {
        self.counts.now.fetch_add(1, Ordering::Relaxed);
        self.counts.ever.fetch_add(1, Ordering::Relaxed);
        Busy(self.clone())
    }

    /// Whether no request is being answered, be it before the first or after the last.
    pub(crate) fn is_idle(&self) -> bool {
        self.counts.now.load(Ordering::Relaxed) == 0
    }

    /// How many requests there were so far.
    pub(crate) fn requests(&self) -> usize {
        self.counts.ever.load(Ordering::Relaxed)
    }

    /// Whether a request has been answered and none is being answered.
    pub(crate) fn is_between_requests(&self) -> bool {
        self.counts.now.load(Ordering::Relaxed) == 0 && self.counts.ever.load(Ordering::Relaxed) > 0
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(crate) struct Busy(Activity);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.counts.now.fetch_sub(1, Ordering::Relaxed);
    }
}

pin_project! {
    /// An answer's body; the request is over when it is dropped.
    #[derive(Debug)]
    pub(crate) struct BusyBody<B> {
        #[pin]
        body: B,
        busy: Busy,
    }
}

impl<B> BusyBody<B> {
    pub(crate) fn new(body: B, busy: Busy) -> Self {
        Self { body, busy }
    }
}

impl<B: Body<Data = Bytes>> Body for BusyBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.project().body.poll_frame(context)
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

    #[test]
    fn a_connection_is_idle_only_after_its_first_request() {
        let activity = Activity::default();
        assert!(!activity.is_between_requests());
        let busy = activity.begin();
        assert!(!activity.is_between_requests());
        drop(busy);
        assert!(activity.is_between_requests());
    }
}
