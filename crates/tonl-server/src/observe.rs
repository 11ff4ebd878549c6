//! Tells the records of every request: how it was answered, and why it was refused if it was.
//!
//! It stands outside of everything that may refuse, so that a refusal is told in one place whatever
//! refused it; the reason comes with the answer, in its extensions. A request is told once: at the end
//! of its answer's body; at its head, if it is a stream of events; or when it is dropped before it had
//! an answer, because its client left.

use crate::routes;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http::{HeaderMap, Method, Request, Response, Uri, response};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Instant;
use tonl_layers::request_id::RequestId;
use tonl_layers::{Client, Refused};
use tonl_telemetry::{Telemetry, events};
use tower_layer::Layer;
use tower_service::Service;

/// The layer that tells.
#[derive(Clone, Debug)]
pub(crate) struct Observe(pub(crate) Telemetry);

impl<S> Layer<S> for Observe {
    type Service = Observed<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Observed {
            telemetry: self.0.clone(),
            inner,
        }
    }
}

/// A service whose requests are told.
#[derive(Clone, Debug)]
pub(crate) struct Observed<S> {
    telemetry: Telemetry,
    inner: S,
}

impl<S, A, B> Service<Request<A>> for Observed<S>
where
    S: Service<Request<A>, Response = Response<B>>,
{
    type Response = Response<ObservedBody<B>>;
    type Error = S::Error;
    type Future = ObservedFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let seen = Seen::of(&request);
        let uri = request.uri().clone();
        let extensions = request.extensions();
        let client = extensions.get::<Client>().map(|client| client.ip);
        ObservedFuture {
            told: Unanswered {
                telemetry: self.telemetry.clone(),
                seen: Some(seen),
            },
            uri,
            client,
            inner: self.inner.call(request),
        }
    }
}

/// What of a request is told at its end.
#[derive(Debug)]
struct Seen {
    started: Instant,
    method: Method,
    route: &'static str,
    request_id: Option<RequestId>,
    bytes_in: u64,
}

impl Seen {
    fn of<A>(request: &Request<A>) -> Self {
        Self {
            started: Instant::now(),
            method: request.method().clone(),
            route: routes::label(request.uri().path()),
            request_id: request.extensions().get::<RequestId>().cloned(),
            bytes_in: content_length(request.headers()),
        }
    }

    fn request_id(&self) -> &str {
        self.request_id.as_ref().map_or("", RequestId::as_str)
    }
}

/// A request that has no answer yet. If it is dropped so, it was aborted.
#[derive(Debug)]
struct Unanswered {
    telemetry: Telemetry,
    seen: Option<Seen>,
}

impl Drop for Unanswered {
    fn drop(&mut self) {
        if let Some(seen) = &self.seen {
            self.telemetry.emit(events::RequestAborted {
                method: seen.method.as_str(),
                route: seen.route,
                duration: seen.started.elapsed(),
                request_id: seen.request_id(),
            });
        }
    }
}

pin_project! {
    /// The answer of an [`Observed`] service.
    pub(crate) struct ObservedFuture<F> {
        #[pin]
        inner: F,
        told: Unanswered,
        uri: Uri,
        client: Option<IpAddr>,
    }
}

impl<F, B, E> Future for ObservedFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
{
    type Output = Result<Response<ObservedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (mut head, inner) = ready!(this.inner.poll(context))?.into_parts();
        let Some(seen) = this.told.seen.take() else {
            return Poll::Pending;
        };
        let telemetry = &this.told.telemetry;
        if let Some(refused) = head.extensions.remove::<Refused>() {
            telemetry.emit(events::Refused {
                reason: refused.reason,
                route: seen.route,
                client: this.client.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)),
                method: seen.method.as_str(),
                path: this.uri.path(),
                token: refused.token.as_deref(),
                session: refused.session.as_deref(),
                request_id: seen.request_id(),
                status: head.status.as_u16(),
            });
        }
        let answered = Answered::begin(telemetry, seen, &head);
        let body = ObservedBody { inner, answered };
        Poll::Ready(Ok(Response::from_parts(head, body)))
    }
}

/// A request whose answer is on its way; it is told when this is dropped.
#[derive(Debug)]
struct Answered {
    telemetry: Telemetry,
    seen: Seen,
    status: u16,
    bytes_out: u64,
}

impl Answered {
    /// `None` for a stream of events, which is told at once.
    fn begin(telemetry: &Telemetry, seen: Seen, head: &response::Parts) -> Option<Self> {
        let status = head.status.as_u16();
        if is_event_stream(&head.headers) {
            telemetry.emit(events::EventStreamBegan {
                method: seen.method.as_str(),
                route: seen.route,
                status,
                request_id: seen.request_id(),
            });
            return None;
        }
        Some(Self {
            telemetry: telemetry.clone(),
            seen,
            status,
            bytes_out: 0,
        })
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        self.telemetry.emit(events::RequestFinished {
            method: self.seen.method.as_str(),
            route: self.seen.route,
            status: self.status,
            duration: self.seen.started.elapsed(),
            bytes_in: self.seen.bytes_in,
            bytes_out: self.bytes_out,
            request_id: self.seen.request_id(),
        });
    }
}

pin_project! {
    /// The body of an answer, which counts its bytes and tells its end.
    #[derive(Debug)]
    pub(crate) struct ObservedBody<B> {
        #[pin]
        inner: B,
        answered: Option<Answered>,
    }
}

impl<B: Body<Data = Bytes>> Body for ObservedBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let frame = ready!(this.inner.poll_frame(context));
        match &frame {
            Some(Ok(frame)) => {
                let bytes = frame.data_ref().map_or(0, Bytes::len);
                if let Some(answered) = this.answered {
                    answered.bytes_out += bytes as u64;
                }
            }
            // The connection may keep the body for a while; the answer ends here.
            Some(Err(_)) | None => *this.answered = None,
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let value = headers.get(CONTENT_TYPE);
    value.is_some_and(|value| value.as_bytes().starts_with(b"text/event-stream"))
}

/// What a head says about its body's length; 0 if it says nothing.
fn content_length(headers: &HeaderMap) -> u64 {
    headers
        .get(CONTENT_LENGTH)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| text.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
