//! Whether a request's body was read to its end, and what the client is told if it was not.
//!
//! The rest of a body that nobody reads would have to be read before the next request can be seen. A
//! client that is told `Connection: close` stops sending and does not ask again on this connection.
//! An answer that begins while the body is still read says nothing: it may yet be read to its end.
//!
//! HTTP/2 has no such word: there the stream of the request would be reset over what is unread, and
//! clients take that for a failure of the whole. So the end of the answer waits until the rest was read
//! and thrown away, within bounds.
//!
//! *Source:* RFC 9112, 9.3 and 9.6; RFC 9113, 8.1.

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, Version};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Sleep, sleep};

/// The request with a body that is watched, and who watches it.
pub(super) fn watched(request: Request<Incoming>) -> (Request<Body>, Upload) {
    let upload = Upload {
        version: request.version(),
        left_unread: Arc::default(),
        rest: Arc::default(),
    };
    if request.body().is_end_stream() {
        return (request.map(Body::new), upload);
    }
    let left_unread = Arc::clone(&upload.left_unread);
    let rest = Arc::clone(&upload.rest);
    let request = request.map(|body| {
        Body::new(Watched {
            body: Some(body),
            left_unread,
            rest,
            is_over: false,
        })
    });
    (request, upload)
}

/// Knows whether the body of a request was given up before its end.
#[derive(Debug)]
pub(super) struct Upload {
    version: Version,
    left_unread: Arc<AtomicBool>,
    rest: Rest,
}

/// The body that was given up.
type Rest = Arc<Mutex<Option<Incoming>>>;

impl Upload {
    /// Tells the client that the connection ends if the body was given up. HTTP/2 ends the one
    /// stream instead, and forbids the header (RFC 9113, 8.2.2).
    pub(super) fn tell<B>(&self, answer: &mut Response<B>) {
        if self.version < Version::HTTP_2 && self.left_unread.load(Ordering::Relaxed) {
            let close = HeaderValue::from_static("close");
            answer.headers_mut().insert(CONNECTION, close);
        }
    }
}

impl Upload {
    /// The answer's body, whose end waits in HTTP/2 until the rest of the request was read.
    pub(super) fn before_end(&self, body: Body) -> Body {
        if self.version < Version::HTTP_2 || !self.left_unread.load(Ordering::Relaxed) {
            return body;
        }
        let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        Body::new(Discarding {
            body,
            rest: rest.take(),
            bytes_left: DISCARD_BYTES,
            until: None,
        })
    }
}

/// How much of a request that was refused is read and thrown away.
const DISCARD_BYTES: usize = 256 << 10;
/// And for how long.
const DISCARD_TIME: Duration = Duration::from_millis(500);

#[derive(Debug)]
struct Watched {
    /// There until it is dropped.
    body: Option<Incoming>,
    left_unread: Arc<AtomicBool>,
    rest: Rest,
    is_over: bool,
}

impl http_body::Body for Watched {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else {
            return Poll::Ready(None);
        };
        let frame = Pin::new(body).poll_frame(context);
        this.is_over |= matches!(frame, Poll::Ready(None));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map(Incoming::size_hint)
            .unwrap_or_default()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let Some(body) = self.body.take() else { return };
        if !self.is_over && !body.is_end_stream() {
            *self.rest.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
            self.left_unread.store(true, Ordering::Relaxed);
        }
    }
}

/// An answer's body that ends when the rest of the request was thrown away.
#[derive(Debug)]
struct Discarding {
    body: Body,
    rest: Option<Incoming>,
    bytes_left: usize,
    until: Option<Pin<Box<Sleep>>>,
}

impl Discarding {
    fn poll_rest(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while let Some(rest) = &mut self.rest {
            match Pin::new(rest).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    let came = frame.data_ref().map_or(0, Bytes::len);
                    match self.bytes_left.checked_sub(came) {
                        Some(left) => self.bytes_left = left,
                        None => self.rest = None,
                    }
                }
                Poll::Ready(_) => self.rest = None,
                Poll::Pending => {
                    let until = self
                        .until
                        .get_or_insert_with(|| Box::pin(sleep(DISCARD_TIME)));
                    ready!(until.as_mut().poll(context));
                    self.rest = None;
                }
            }
        }
        Poll::Ready(())
    }
}

impl http_body::Body for Discarding {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        if let Some(frame) = ready!(Pin::new(&mut this.body).poll_frame(context)) {
            return Poll::Ready(Some(frame));
        }
        ready!(this.poll_rest(context));
        Poll::Ready(None)
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
