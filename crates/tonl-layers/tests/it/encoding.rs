//! Coded answers.

use crate::raw::{Act, Got, Scripted, lines, read};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use http_body::Body;
use std::convert::Infallible;
use std::io::{Read, Write};
use std::pin::Pin;
use std::task::Poll;
use tonl_layers::body::BoxError;
use tonl_layers::encode::{EncodeLayer, EncodedBody};
use tonl_testkit::Random;
use tower::{Layer, ServiceExt, service_fn};

/// Asks, with this `Accept-Encoding`, a service for this answer.
async fn ask<B>(method: Method, accept: &str, answer: Response<B>) -> Response<EncodedBody<B>>
where
    B: Body<Data = Bytes> + Clone,
    Response<B>: Clone,
{
    let service = EncodeLayer.layer(service_fn(move |_: Request<()>| {
        let answer = answer.clone();
        async { Ok::<_, Infallible>(answer) }
    }));
    let request = Request::builder()
        .method(method)
        .header("accept-encoding", accept)
        .body(())
        .unwrap();
    service.oneshot(request).await.unwrap()
}

fn decode(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut text = Vec::new();
    match name {
        "gzip" => {
            let mut decoder = flate2::read::GzDecoder::new(bytes);
            decoder.read_to_end(&mut text).unwrap();
        }
        "zstd" => text = zstd::decode_all(bytes).unwrap(),
        other => panic!("{other}"),
    }
    text
}

#[tokio::test]
async fn a_coded_answer_decodes_to_the_input_whatever_the_pieces_and_pauses() {
    let mut random = Random::new(11);
    for name in ["gzip", "zstd"] {
        for size in [0, 1, 300, 16_384, 65_537, 700_000] {
            let text = lines(&mut random, size);
            let raw = Scripted::torn(&text, &mut random);
            let response = ask(Method::GET, name, Response::new(raw)).await;
            assert_eq!(response.headers()["content-encoding"], name);
            assert_eq!(response.headers()["vary"], "Accept-Encoding");
            let got = read(response.into_body()).await;
            assert!(got.error.is_none());
            assert!(decode(name, &got.bytes) == text, "{name} of {size} bytes");
        }
    }
}

#[tokio::test]
async fn trailers_come_after_the_coded_end() {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-skipped-lines", HeaderValue::from_static("3"));
    for name in ["gzip", "zstd", "identity"] {
        let raw = Scripted::new([
            Act::Data(Bytes::from_static(b"row\n")),
            Act::Trailers(trailers.clone()),
        ]);
        let response = ask(Method::POST, name, Response::new(raw)).await;
        let got = read(response.into_body()).await;
        assert_eq!(got.trailers.as_ref(), Some(&trailers));
        match name {
            "identity" => assert_eq!(got.bytes, b"row\n"),
            name => assert_eq!(decode(name, &got.bytes), b"row\n"),
        }
    }
}

/// Feeds what came so far to a decoder and gives the text.
struct Follower {
    gzip: Option<flate2::write::GzDecoder<Vec<u8>>>,
    zstd: Option<zstd::stream::write::Decoder<'static, Vec<u8>>>,
}

impl Follower {
    fn new(name: &str) -> Self {
        let gzip = (name == "gzip").then(|| flate2::write::GzDecoder::new(Vec::new()));
        let zstd = (name == "zstd").then(|| zstd::stream::write::Decoder::new(Vec::new()).unwrap());
        Self { gzip, zstd }
    }

    fn push(&mut self, bytes: &[u8]) -> Vec<u8> {
        if let Some(gzip) = &mut self.gzip {
            gzip.write_all(bytes).unwrap();
            gzip.flush().unwrap();
            return gzip.get_ref().clone();
        }
        let zstd = self.zstd.as_mut().unwrap();
        zstd.write_all(bytes).unwrap();
        zstd.flush().unwrap();
        zstd.get_ref().clone()
    }
}

#[tokio::test]
async fn rows_leave_when_the_body_pauses() {
    for name in ["gzip", "zstd"] {
        let rows = ["one,1\n", "two,2\n", "three,3\n"];
        let acts = rows.map(|row| [Act::Data(Bytes::from(row)), Act::Pause]);
        let raw = Scripted::new(acts.into_iter().flatten());
        let response = ask(Method::GET, name, Response::new(raw)).await;
        let mut body = Box::pin(response.into_body());
        let mut follower = Follower::new(name);
        let mut sent = String::new();
        for row in rows {
            sent.push_str(row);
            // The body inside pauses after each row, and the poll that sees it gives the row.
            let polled = poll(body.as_mut()).await;
            let Poll::Ready(Some(Ok(frame))) = polled else {
                panic!("{name}: no frame for {row}");
            };
            let text = follower.push(&frame.into_data().unwrap());
            assert_eq!(text, sent.as_bytes(), "{name}");
        }
    }
}

#[tokio::test]
async fn a_pause_without_rows_gives_nothing() {
    let raw = Scripted::new([
        Act::Pause,
        Act::Pause,
        Act::Data(Bytes::from_static(b"x")),
        Act::Pause,
        Act::Pause,
    ]);
    let response = ask(Method::GET, "gzip", Response::new(raw)).await;
    let mut body = Box::pin(response.into_body());
    let mut ready = Vec::new();
    for _ in 0..5 {
        ready.push(poll(body.as_mut()).await.is_ready());
    }
    assert_eq!(ready, [false, false, true, false, true]);
}

async fn poll<B: Body>(
    mut body: Pin<&mut B>,
) -> Poll<Option<Result<http_body::Frame<B::Data>, B::Error>>> {
    std::future::poll_fn(|context| Poll::Ready(body.as_mut().poll_frame(context))).await
}

#[tokio::test]
async fn an_error_leaves_the_coded_data_without_an_end() {
    for name in ["gzip", "zstd"] {
        let raw = Scripted::new([
            Act::Data(Bytes::from_static(b"row\n")),
            Act::Pause,
            Act::Fail("bad line"),
        ]);
        let response = ask(Method::GET, name, Response::new(raw)).await;
        let got: Got<BoxError> = read(response.into_body()).await;
        assert_eq!(got.error.unwrap().to_string(), "bad line");
        let ended = match name {
            "gzip" => flate2::read::GzDecoder::new(&got.bytes[..])
                .read_to_end(&mut Vec::new())
                .is_ok(),
            _ => zstd::decode_all(&got.bytes[..]).is_ok(),
        };
        assert!(!ended, "{name}");
    }
}

#[tokio::test]
async fn only_answers_that_gain_are_coded() {
    let full = || Response::builder().header("content-length", "300");
    let sse = || Response::builder().header("content-type", "text/event-stream; charset=utf-8");
    let coded = || Response::builder().header("content-encoding", "br");
    let plain = Response::builder;
    let no_transform = || plain().header("cache-control", "no-cache, No-Transform");
    let cases = [
        ("large", Method::GET, full(), 300, true),
        ("at the least size", Method::GET, plain(), 256, true),
        ("small", Method::GET, plain(), 255, false),
        ("events", Method::GET, sse(), 300, false),
        ("coded already", Method::GET, coded(), 300, false),
        ("no transform", Method::GET, no_transform(), 300, false),
        ("head", Method::HEAD, full(), 300, false),
        ("no content", Method::GET, plain().status(204), 300, false),
        ("not modified", Method::GET, plain().status(304), 300, false),
        ("part", Method::GET, plain().status(206), 300, false),
        ("error", Method::POST, plain().status(500), 300, true),
    ];
    for (case, method, answer, size, expected) in cases {
        let body = http_body_util::Full::new(Bytes::from(vec![b'x'; size]));
        let answer = answer.body(body).unwrap();
        let before = answer.headers().clone();
        let response = ask(method, "gzip", answer).await;
        let headers = response.headers().clone();
        assert_eq!(headers.get("vary").is_some(), expected, "{case}");
        if expected {
            assert_eq!(headers["content-encoding"], "gzip", "{case}");
            assert!(!headers.contains_key("content-length"), "{case}");
        } else {
            assert_eq!(headers, before, "{case}");
            assert_eq!(read(response.into_body()).await.bytes.len(), size);
        }
    }
}

#[tokio::test]
async fn unasked_the_answer_keeps_its_length_and_says_that_it_varies() {
    let body = http_body_util::Full::new(Bytes::from(vec![b'x'; 300]));
    let answer = Response::builder()
        .header("content-length", "300")
        .header("vary", "Origin")
        .body(body)
        .unwrap();
    let response = ask(Method::GET, "gzip;q=0", answer).await;
    assert_eq!(response.headers()["content-length"], "300");
    let vary: Vec<_> = response.headers().get_all("vary").iter().collect();
    assert_eq!(vary, ["Origin", "Accept-Encoding"]);
    assert_eq!(response.body().size_hint().exact(), Some(300));
    assert_eq!(read(response.into_body()).await.bytes.len(), 300);
}
