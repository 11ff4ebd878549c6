//! A panic in a handler is one answer with status 500 and one more in a counter, never the end of
//! the process and never a word of the panic to the client. Who is told learns the request's path and
//! id, so that the id in the client's hands leads to the log.
//!
//! A panic while the answer's body is made ends the body with an error, so that the client sees a
//! broken transfer and not a short answer that looks whole. What the panic left behind is dropped
//! under the same guard, for its destructor may panic too. Nothing is caught if panics abort.

use crate::body::BoxError;
use crate::request_id::RequestId;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode, Uri};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tower_layer::Layer;
use tower_service::Service;

/// Where a panic was caught.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Caught {
    /// Before the answer had a head: the client got 500.
    Service,
    /// While the answer's body was made: the transfer broke off.
    Body,
}

/// A panic that was caught: where, and of which request. Its words are not here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Panic<'a> {
    /// Where it was caught.
    pub caught: Caught,
    /// The path of the request, as the client wrote it.
    pub path: &'a str,
    /// The id of the request; empty if it has none.
    pub request_id: &'a str,
}

/// Turns panics into answers, and tells a function of each.
#[derive(Clone)]
pub struct CatchPanicLayer {
    tell: Tell,
}

type Tell = Arc<dyn Fn(Panic<'_>) + Send + Sync>;

/// Tells of the panics of one request.
#[derive(Clone)]
struct Teller {
    tell: Tell,
    uri: Uri,
    request_id: Option<RequestId>,
}

impl Teller {
    fn tell(&self, caught: Caught) {
        (self.tell)(Panic {
            caught,
            path: self.uri.path(),
            request_id: self.request_id.as_ref().map_or("", RequestId::as_str),
        });
    }
}

impl CatchPanicLayer {
    /// Calls `tell` once for each panic. It must not panic itself.
    pub fn new(tell: impl Fn(Panic<'_>) + Send + Sync + 'static) -> Self {
        Self {
            tell: Arc::new(tell),
        }
    }
}

impl fmt::Debug for CatchPanicLayer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CatchPanicLayer")
    }
}

impl<S> Layer<S> for CatchPanicLayer {
    type Service = Catching<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Catching {
            tell: self.tell.clone(),
            inner,
            ready: Ready::Sound,
        }
    }
}

/// A service whose panics become answers.
#[derive(Clone)]
pub struct Catching<S> {
    tell: Tell,
    inner: S,
    ready: Ready,
}

/// Whether the service got ready without a panic.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ready {
    Sound,
    Panicked,
}

impl<S> fmt::Debug for Catching<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Catching")
    }
}

impl<S, A, B> Service<Request<A>> for Catching<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: From<Bytes>,
{
    type Response = Response<CaughtBody<B>>;
    type Error = S::Error;
    type Future = CatchingFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        if let Some(ready) = caught(|| self.inner.poll_ready(context)) {
            return ready;
        }
        // The request that asked still gets its answer, in the call that follows.
        self.ready = Ready::Panicked;
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let sound = std::mem::replace(&mut self.ready, Ready::Sound) == Ready::Sound;
        let teller = Teller {
            tell: self.tell.clone(),
            uri: request.uri().clone(),
            request_id: request.extensions().get::<RequestId>().cloned(),
        };
        let answer = sound.then(|| caught(|| self.inner.call(request))).flatten();
        CatchingFuture {
            answer,
            teller: Some(teller),
        }
    }
}

/// What the function returns; `None` if it panics.
fn caught<T>(run: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(run)).ok()
}

pin_project! {
    /// The answer of a service behind a [`CatchPanicLayer`].
    pub struct CatchingFuture<F> {
        // None if the service panicked when it was called.
        #[pin]
        answer: Option<F>,
        // None once the head of the answer is there.
        teller: Option<Teller>,
    }
}

impl<F> fmt::Debug for CatchingFuture<F> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CatchingFuture")
    }
}

impl<F, B, E> Future for CatchingFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: From<Bytes>,
{
    type Output = Result<Response<CaughtBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let answer = this.answer.as_mut().as_pin_mut();
        if let Some(polled) = answer.and_then(|answer| caught(|| answer.poll(context))) {
            let teller = this.teller;
            return polled.map_ok(|it| it.map(|body| CaughtBody::new(body, teller.take())));
        }
        caught(|| this.answer.set(None));
        let teller = this.teller.take();
        if let Some(teller) = &teller {
            teller.tell(Caught::Service);
        }
        let body = B::from(Bytes::from_static(br#"{"error":"Internal Server Error"}"#));
        let mut response = Response::new(CaughtBody::new(body, teller));
        *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        response.headers_mut().insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=utf-8"),
        );
        Poll::Ready(Ok(response))
    }
}

pin_project! {
    /// The body of an answer; a panic in it is an error.
    pub struct CaughtBody<B> {
        // None after a panic.
        #[pin]
        inner: Option<B>,
        teller: Option<Teller>,
    }
}

impl<B> CaughtBody<B> {
    fn new(body: B, teller: Option<Teller>) -> Self {
        Self {
            inner: Some(body),
            teller,
        }
    }
}

impl<B: From<Bytes>> From<Bytes> for CaughtBody<B> {
    fn from(bytes: Bytes) -> Self {
        Self {
            inner: Some(B::from(bytes)),
            teller: None,
        }
    }
}

impl<B> fmt::Debug for CaughtBody<B> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CaughtBody")
    }
}

impl<B> Body for CaughtBody<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, BoxError>>> {
        let mut this = self.project();
        let Some(body) = this.inner.as_mut().as_pin_mut() else {
            return Poll::Ready(None);
        };
        if let Some(polled) = caught(|| body.poll_frame(context)) {
            return polled.map(|frame| frame.map(|frame| frame.map_err(Into::into)));
        }
        caught(|| this.inner.set(None));
        if let Some(teller) = this.teller {
            teller.tell(Caught::Body);
        }
        Poll::Ready(Some(Err(Box::new(BodyPanicked))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.inner
            .as_ref()
            .map_or_else(SizeHint::new, Body::size_hint)
    }
}

/// The answer's body could not be made to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer broke off in a panic")]
pub struct BodyPanicked;
