//! Whether a request's body was read to its end, and what the client is told if it was not.
//!
//! The rest of a body that nobody reads would have to be read before the next request can be seen. A
//! client that is told `Connection: close` stops sending and does not ask again on this connection.
//! An answer that begins while the body is still read says nothing: it may yet be read to its end.
//!
//! *Source:* RFC 9112, 9.3 and 9.6.

use axum::body::Body;
use bytes::Bytes;
use http::header::{CONNECTION, HeaderValue};
use http::{Request, Response, Version};
use http_body::{Body as _, Frame, SizeHint};
use hyper::body::Incoming;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

/// The request with a body that is watched, and who watches it.
pub(super) fn watched(request: Request<Incoming>) -> (Request<Body>, Upload) {
    let upload = Upload {
        version: request.version(),
        left_unread: Arc::default(),
    };
    if request.body().is_end_stream() {
        return (request.map(Body::new), upload);
    }
    let left_unread = Arc::clone(&upload.left_unread);
    let request = request.map(|body| {
        Body::new(Watched {
            body,
            left_unread,
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
}

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

#[derive(Debug)]
struct Watched {
    body: Incoming,
    left_unread: Arc<AtomicBool>,
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
        let frame = Pin::new(&mut this.body).poll_frame(context);
        this.is_over |= matches!(frame, Poll::Ready(None));
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        if !self.is_over && !self.body.is_end_stream() {
            self.left_unread.store(true, Ordering::Relaxed);
        }
    }
}
