//! Answers in gzip or zstd, for clients that ask for it.
//!
//! The coding is chosen by `Accept-Encoding` (RFC 9110, 12.5.3): the one with the larger weight, zstd
//! if both have the same, none unless the client names one. An answer that was coded loses its
//! `Content-Length`; all that might have been coded get `Vary: Accept-Encoding`. When the answer's
//! body pauses, what is there is flushed: rows of a slow stream leave at once. Trailers pass.
//!
//! Left as they are: server-sent events, answers that have a coding or say `no-transform`, parts
//! (206), answers to HEAD or without a body, and those known to have less than 256 bytes.
//!
//! # The trap
//! Put this only before routes whose answers are made of the client's own data alone. Where a secret
//! of ours and text of a stranger's choice are compressed together, their length tells whether they
//! are alike (CRIME, BREACH). The conversion sends back what it was sent, so there is nothing to
//! learn; anything with a token or a session in it is no such answer.

mod accept;
mod encoded;

pub use encoded::EncodedBody;

use bytes::Bytes;
use encoded::Encoder;
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE,
    HeaderValue, VARY,
};
use http::{HeaderMap, Method, Request, Response, StatusCode, response};
use http_body::Body;
use pin_project_lite::pin_project;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tower_layer::Layer;
use tower_service::Service;

/// A coding that answers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Zstd,
}

/// Codes the answers of a service.
#[derive(Clone, Copy, Debug, Default)]
pub struct EncodeLayer;

impl<S> Layer<S> for EncodeLayer {
    type Service = Encoding<S>;

    fn layer(&self, inner: S) -> Self::Service {
        Encoding { inner }
    }
}

/// A service whose answers are coded.
#[derive(Clone, Copy, Debug)]
pub struct Encoding<S> {
    inner: S,
}

impl<S, A, B> Service<Request<A>> for Encoding<S>
where
    S: Service<Request<A>, Response = Response<B>>,
    B: Body<Data = Bytes>,
{
    type Response = Response<EncodedBody<B>>;
    type Error = S::Error;
    type Future = EncodingFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let wish = match *request.method() {
            Method::HEAD => Wish::AsItIs,
            _ => Wish::Coded(accept::choose(request.headers())),
        };
        EncodingFuture {
            answer: self.inner.call(request),
            wish,
        }
    }
}

/// What the request's head says about its answer.
#[derive(Clone, Copy, Debug)]
enum Wish {
    AsItIs,
    Coded(Option<Coding>),
}

pin_project! {
    /// The answer of a service behind an [`EncodeLayer`].
    #[derive(Debug)]
    pub struct EncodingFuture<F> {
        #[pin]
        answer: F,
        wish: Wish,
    }
}

impl<F, B, E> Future for EncodingFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
{
    type Output = Result<Response<EncodedBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let (mut head, body) = ready!(this.answer.poll(context))?.into_parts();
        let encoder = match this.wish {
            Wish::Coded(coding) if may_be_coded(&head, &body) => {
                vary(&mut head.headers);
                coding.and_then(|coding| coded(&mut head.headers, coding))
            }
            Wish::Coded(_) | Wish::AsItIs => None,
        };
        Poll::Ready(Ok(Response::from_parts(
            head,
            EncodedBody::new(body, encoder),
        )))
    }
}

/// Whether this answer gains by a coding and is not hurt by it.
fn may_be_coded<B: Body>(head: &response::Parts, body: &B) -> bool {
    let headers = &head.headers;
    let says = |name, word: &str| {
        let mut values = headers.get_all(name).iter();
        values.any(|value: &HeaderValue| {
            let text = value.to_str().unwrap_or_default();
            text.to_ascii_lowercase().contains(word)
        })
    };
    let status = head.status;
    let bodiless = status.is_informational()
        || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
    let partial = status == StatusCode::PARTIAL_CONTENT || headers.contains_key(CONTENT_RANGE);
    let small = body
        .size_hint()
        .upper()
        .is_some_and(|most| most < LEAST_BYTES);
    !bodiless
        && !partial
        && !small
        && !headers.contains_key(CONTENT_ENCODING)
        && !says(CONTENT_TYPE, "text/event-stream")
        && !says(CACHE_CONTROL, "no-transform")
}

/// Writes the coding into the head; leaves the head alone if there is no encoder for it.
fn coded(headers: &mut HeaderMap, coding: Coding) -> Option<Encoder> {
    let encoder = Encoder::new(coding)?;
    let name = match coding {
        Coding::Gzip => "gzip",
        Coding::Zstd => "zstd",
    };
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
    headers.remove(CONTENT_LENGTH);
    headers.remove(ACCEPT_RANGES);
    Some(encoder)
}

/// Notes that the answer depends on `Accept-Encoding`.
fn vary(headers: &mut HeaderMap) {
    let known = headers.get_all(VARY).iter().any(|value| {
        let names = value.to_str().unwrap_or_default().split(',').map(str::trim);
        let mut names = names;
        names.any(|name| name == "*" || name.eq_ignore_ascii_case("accept-encoding"))
    });
    if !known {
        headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    }
}

/// Below this many bytes a coding saves nothing.
const LEAST_BYTES: u64 = 256;
