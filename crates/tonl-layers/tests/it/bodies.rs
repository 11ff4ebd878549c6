//! The layer for request bodies: what it refuses from the head, and what is behind it sees.

use crate::raw::{Act, Scripted, encode};
use bytes::Bytes;
use http::{Request, Response};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tonl_layers::body::{
    BodyConfig, BodyError, BodyLayer, BodyLimit, Budget, Coding, GuardedBody, collect,
};
use tonl_layers::{Refusal, Refused};
use tower::{Layer, ServiceExt, service_fn};

const LIMIT: u64 = 1_000;

fn config() -> BodyConfig {
    BodyConfig {
        limit: BodyLimit::Bytes(LIMIT),
        ..BodyConfig::default()
    }
}

fn request(headers: &[(&str, &str)], raw: Scripted) -> Request<Scripted> {
    let mut request = Request::post("/x");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(raw).unwrap()
}

/// Sends a request to a service that gives the body back and notes the head it saw in the answer.
async fn echo(layer: BodyLayer, request: Request<Scripted>) -> Response<Bytes> {
    let service = layer.layer(service_fn(
        |request: Request<GuardedBody<Scripted>>| async {
            let (head, body) = request.into_parts();
            let limit = BodyLimit::Unlimited;
            let share = Budget::new(1 << 20, 1 << 20).of_request(&head.extensions);
            let answer = match collect(body, limit, &share).await {
                Ok(body) => {
                    let mut answer = Response::new(Bytes::copy_from_slice(body.bytes()));
                    *answer.headers_mut() = head.headers;
                    answer
                }
                Err(error) => error.rejection().into_response(),
            };
            Ok::<_, Infallible>(answer)
        },
    ));
    service.oneshot(request).await.unwrap()
}

// S34: the contract's limit, from the head alone.
#[tokio::test]
async fn a_content_length_over_the_limit_is_413_before_any_byte_is_read() {
    let read = Arc::new(AtomicUsize::new(0));
    let count = read.clone();
    let service = BodyLayer::default().layer(service_fn(|_: Request<GuardedBody<_>>| async {
        Ok::<_, Infallible>(Response::new(Bytes::new()))
    }));
    let raw = crate::raw::Made(move || {
        count.fetch_add(1, Ordering::Relaxed);
        None
    });
    let request = Request::post("/x")
        .header("content-length", "52428801")
        .body(raw)
        .unwrap();
    let response = service.oneshot(request).await.unwrap();
    assert_eq!(response.status(), 413);
    assert_eq!(
        response.body(),
        r#"{"error":"Payload too large: the limit is 52428800 bytes"}"#
    );
    assert_eq!(
        response.headers()["content-type"],
        "application/json; charset=utf-8"
    );
    assert_eq!(
        response.extensions().get::<Refused>().unwrap().reason,
        Refusal::TooLarge
    );
    assert_eq!(read.load(Ordering::Relaxed), 0);
}

// S34, S35: without a length, and with the limit of a route.
#[tokio::test]
async fn a_chunked_body_over_the_limit_is_413_too() {
    for (size, status) in [(1_000, 200), (1_001, 413)] {
        let raw = Scripted::cut(&vec![b'x'; size], &[500]);
        let response = echo(BodyLayer::new(config()), request(&[], raw)).await;
        assert_eq!(response.status(), status, "{size}");
        if status == 200 {
            assert_eq!(response.body().len(), size);
        }
    }
    let raw = Scripted::cut(&[b'x'; 10], &[]);
    let exact = request(&[("content-length", "1000")], raw.clone());
    assert_eq!(echo(BodyLayer::new(config()), exact).await.status(), 200);
    let larger = request(&[("content-length", "1001")], raw.clone());
    assert_eq!(echo(BodyLayer::new(config()), larger).await.status(), 413);
    let odd = request(&[("content-length", "99999999999999999999")], raw);
    assert_eq!(echo(BodyLayer::new(config()), odd).await.status(), 400);
}

#[tokio::test]
async fn unknown_and_doubled_codings_are_415_with_what_is_read() {
    let cases: [&[(&str, &str)]; 4] = [
        &[("content-encoding", "gzip, gzip")],
        &[("content-encoding", "gzip"), ("content-encoding", "gzip")],
        &[("content-encoding", "compress")],
        &[("content-encoding", "br, identity")],
    ];
    for headers in cases {
        let raw = Scripted::new([Act::Fail("the body was read")]);
        let response = echo(BodyLayer::new(config()), request(headers, raw)).await;
        assert_eq!(response.status(), 415, "{headers:?}");
        assert_eq!(
            response.headers()["accept-encoding"],
            "gzip, deflate, zstd, br, identity"
        );
        assert_eq!(
            response.body(),
            r#"{"error":"Unsupported Content-Encoding: send one of gzip, deflate, zstd, br or identity"}"#
        );
    }
}

#[tokio::test]
async fn what_is_behind_sees_decoded_bytes_and_a_head_that_fits_them() {
    let cases = [
        ("gzip", Coding::Gzip),
        ("X-Gzip", Coding::Gzip),
        ("deflate", Coding::Deflate),
        ("zstd", Coding::Zstd),
        ("br", Coding::Brotli),
    ];
    for (name, coding) in cases {
        let coded = encode(coding, b"text");
        let length = coded.len().to_string();
        let headers = [("content-encoding", name), ("content-length", &length)];
        let raw = Scripted::cut(&coded, &[3]);
        let response = echo(BodyLayer::new(config()), request(&headers, raw)).await;
        assert_eq!(response.body(), "text");
        assert!(response.headers().is_empty(), "{:?}", response.headers());
    }
    let headers = [("content-encoding", "identity"), ("content-length", "4")];
    let raw = Scripted::cut(b"text", &[]);
    let response = echo(BodyLayer::new(config()), request(&headers, raw)).await;
    assert_eq!(response.headers()["content-length"], "4");
    assert_eq!(response.headers().len(), 1);
}

#[tokio::test]
async fn a_body_that_breaks_off_says_nothing_of_the_inside() {
    let raw = Scripted::new([
        Act::Data(Bytes::from_static(b"te")),
        Act::Fail("peer 10.0.0.1 reset"),
    ]);
    let response = echo(BodyLayer::new(config()), request(&[], raw)).await;
    assert_eq!(response.status(), 400);
    assert_eq!(response.body(), r#"{"error":"Incomplete request body"}"#);
}

// S35: a route's own limit inside the server's.
#[tokio::test]
async fn a_layer_further_in_narrows_the_limit_and_errors_keep_their_kind() {
    let narrow = BodyConfig {
        limit: BodyLimit::Bytes(10),
        ..BodyConfig::default()
    };
    let coded = encode(Coding::Gzip, &[b'x'; 11]);
    let outer = GuardedBody::new(Scripted::cut(&coded, &[]), Coding::Gzip, config());
    let inner = GuardedBody::new(outer, Coding::Identity, narrow);
    let got = crate::raw::read(inner).await;
    assert!(matches!(got.error, Some(BodyError::TooLarge { limit: 10 })));

    let damaged = Scripted::cut(b"no gzip", &[]);
    let outer = GuardedBody::new(damaged, Coding::Gzip, config());
    let inner = GuardedBody::new(outer, Coding::Identity, narrow);
    let got = crate::raw::read(inner).await;
    assert!(matches!(got.error, Some(BodyError::Malformed { .. })));
}
