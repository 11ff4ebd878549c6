//! A cap on the requests that are worked on at one time.
//!
//! **Threat.** Requests that are slow to serve, or whose answers are slow to be read, pile up until
//! memory is gone; then nobody is served.
//!
//! **What it does.** Above the cap, 503 `{"error":"Server is busy"}` with `Retry-After: 1`, at once:
//! nothing is queued. A request counts from its head until the *end of its answer's body*: a stream
//! still being read is work still being done. A client that leaves ends its request.
//!
//! **The trap.** A stream of events counts for as long as it is open. Put this layer on routes whose
//! answers end, and cap streams of events by their own setting; put it on no health route.
//!
//! **Setting.** The cap, at least 1. A callback hears of every begin and end, for a gauge; it is
//! called in the request's path and must not block.
//!
//! This is no [`crate::Defence`], because it must see the answer's body.
//!
//! Sources: S62; security contract, sections 6 and 7.

use crate::{Refusal, Rejection};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::num::NonZeroUsize;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tower_layer::Layer;
use tower_service::Service;

/// What happened to a request that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// It came.
    Began,
    /// Its answer was read to the end, or nobody waits for it any more.
    Ended,
}

/// Caps the requests in flight of all services made from it and its clones.
#[derive(Clone, Debug)]
pub struct ConcurrencyLayer {
    room: Arc<Room>,
}

impl ConcurrencyLayer {
    /// At most this many requests at one time.
    pub fn new(cap: NonZeroUsize) -> Self {
        Self::with_gauge(cap, |_| ())
    }

    /// The same, and `gauge` hears of every begin and end.
    pub fn with_gauge(cap: NonZeroUsize, gauge: impl Fn(Change) + Send + Sync + 'static) -> Self {
        let room = Room {
            cap: cap.get(),
            taken: AtomicUsize::new(0),
            gauge: Box::new(gauge),
        };
        Self {
            room: Arc::new(room),
        }
    }

    /// How many requests are in flight now.
    pub fn in_flight(&self) -> usize {
        self.room.taken.load(Ordering::Relaxed)
    }
}

impl<S> Layer<S> for ConcurrencyLayer {
    type Service = Concurrency<S>;

    fn layer(&self, inner: S) -> Concurrency<S> {
        Concurrency {
            room: Arc::clone(&self.room),
            inner,
        }
    }
}

/// A service behind a [`ConcurrencyLayer`].
#[derive(Clone, Debug)]
pub struct Concurrency<S> {
    room: Arc<Room>,
    inner: S,
}

impl<S, A, B> Service<Request<A>> for Concurrency<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: From<Bytes>,
{
    type Response = Response<InFlight<B>>;
    type Error = S::Error;
    type Future = ConcurrencyFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        match Permit::of(&self.room) {
            Some(permit) => ConcurrencyFuture {
                answer: Some(self.inner.call(request)),
                permit: Some(permit),
            },
            None => ConcurrencyFuture {
                answer: None,
                permit: None,
            },
        }
    }
}

pin_project! {
    /// The answer of a service behind a [`ConcurrencyLayer`], or 503 if there is no room.
    #[derive(Debug)]
    pub struct ConcurrencyFuture<F> {
        #[pin]
        answer: Option<F>,
        permit: Option<Permit>,
    }
}

impl<F, B, E> Future for ConcurrencyFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: From<Bytes>,
{
    type Output = Result<Response<InFlight<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = match this.answer.as_pin_mut() {
            Some(answer) => ready!(answer.poll(context))?,
            None => busy().into_response(),
        };
        let permit = this.permit.take();
        Poll::Ready(Ok(response.map(|body| InFlight { body, permit })))
    }
}

fn busy() -> Rejection {
    let text = "Server is busy";
    Rejection::new(StatusCode::SERVICE_UNAVAILABLE, Refusal::Busy, text)
        .retry_after(Duration::from_secs(1))
}

pin_project! {
    /// A body whose request counts until it ends or is dropped.
    #[derive(Debug)]
    pub struct InFlight<B> {
        #[pin]
        body: B,
        permit: Option<Permit>,
    }
}

impl<B: Body> Body for InFlight<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.body.poll_frame(context));
        if !matches!(frame, Some(Ok(_))) {
            *this.permit = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

struct Room {
    cap: usize,
    taken: AtomicUsize,
    gauge: Box<dyn Fn(Change) + Send + Sync>,
}

impl fmt::Debug for Room {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut room = out.debug_struct("Room");
        room.field("cap", &self.cap).field("taken", &self.taken);
        room.finish_non_exhaustive()
    }
}

/// A place in the room, given back when it is dropped.
#[derive(Debug)]
struct Permit(Arc<Room>);

impl Permit {
    fn of(room: &Arc<Room>) -> Option<Self> {
        let more = |taken: usize| (taken < room.cap).then_some(taken + 1);
        room.taken
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, more)
            .ok()?;
        let permit = Self(Arc::clone(room));
        (room.gauge)(Change::Began);
        Some(permit)
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::Relaxed);
        (self.0.gauge)(Change::Ended);
    }
}
