//! Conversions without a network: bodies come when a test lets them, and nobody has to be waited for.

use super::{ConvertLimits, convert};
use crate::{Access, App, AppConfig, Lifecycle, stack};
use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, poll, stream};
use http::{Request, Response};
use http_body_util::BodyExt;
use std::convert::Infallible;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;
use tonl_layers::auth::RunToken;
use tonl_layers::body::Share;
use tonl_layers::content_type::BodyKind;
use tonl_layers::host::AllowedHosts;
use tonl_layers::request_id::RequestIds;
use tonl_layers::{Client, Peer};
use tonl_telemetry::{Exposition, Telemetry};
use tower::ServiceExt;

const KIB: usize = 1024;

fn app() -> App {
    let (run, _token) = RunToken::generate().unwrap();
    let hosts = AllowedHosts::parse(IpAddr::V4(Ipv4Addr::LOCALHOST), "").unwrap();
    let mut config = AppConfig::new(Access::Development(run), hosts);
    config.convert = ConvertLimits {
        line: 200 * KIB,
        document: 400 * KIB as u64,
        ..ConvertLimits::STANDARD
    };
    config.body_budget = 1600 * KIB as u64;
    config.body_budget_per_address = 400 * KIB as u64;
    App::new(config, Lifecycle::default(), Telemetry::disabled_audit())
}

fn client(number: u8) -> Client {
    let addr = ([192, 0, 2, number], 1).into();
    Client::direct(Peer { addr, tls: false })
}

/// Pieces, and then the client says nothing more.
fn unfinished<const N: usize>(pieces: [Vec<u8>; N]) -> Body {
    Body::from_stream(infallible(stream::iter(pieces).chain(stream::pending())))
}

fn infallible(
    pieces: impl Stream<Item = Vec<u8>> + Send + 'static,
) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static {
    pieces.map(|piece| Ok(Bytes::from(piece)))
}

type Answering = Pin<Box<dyn Future<Output = Response<Body>>>>;

/// A request of this client, past the layers.
fn ask(app: &App, number: u8, kind: BodyKind, query: &str, body: Body) -> Answering {
    let mut request = Request::post(format!("/stream/convert?{query}"))
        .body(body)
        .unwrap();
    request.extensions_mut().insert(client(number));
    request.extensions_mut().insert(kind);
    Box::pin(convert(Arc::clone(&app.inner.converter), request))
}

fn lines(app: &App, number: u8, body: impl Into<Body>) -> Answering {
    ask(app, number, BodyKind::Lines, "", body.into())
}

fn share(app: &App, number: u8) -> Share {
    let mut extensions = http::Extensions::new();
    extensions.insert(client(number));
    app.inner.converter.budget.of_request(&extensions)
}

fn used(app: &App) -> usize {
    usize::try_from(app.inner.converter.budget.used()).unwrap()
}

#[track_caller]
fn has(app: &App, lines: &[&str]) {
    let page = app.inner.telemetry.render(Exposition::Classic);
    for line in lines {
        assert!(page.lines().any(|it| it == *line), "{line}\n{page}");
    }
}

async fn text(response: Response<Body>) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX);
    String::from_utf8(bytes.await.unwrap().to_vec()).unwrap()
}

fn row(length: usize) -> Vec<u8> {
    format!("{{\"a\":\"{}\"}}\n", "x".repeat(length)).into_bytes()
}

/// A first record, then a pause in which its row leaves, and then more.
fn one_and_then(more: Vec<u8>) -> Body {
    let later = stream::once(async {
        tokio::task::yield_now().await;
        more
    });
    Body::from_stream(infallible(stream::iter([row(10)]).chain(later)))
}

// S34, S36
#[tokio::test]
async fn unfinished_lines_are_held_out_of_the_share_of_one_client() {
    let app = app();
    let mut waiting = Vec::new();
    let refused = loop {
        assert!(waiting.len() < 20, "nobody was refused");
        let mut line = row(150 * KIB);
        line.pop();
        let mut answering = lines(&app, 1, unfinished([line]));
        match poll!(answering.as_mut()) {
            std::task::Poll::Ready(response) => break response,
            std::task::Poll::Pending => waiting.push(answering),
        }
    };
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"));
    assert_eq!(text(refused).await, r#"{"error":"Service busy"}"#);
    assert!(waiting.len() >= 2, "{}", waiting.len());
    assert!((waiting.len() * 86 * KIB..=400 * KIB).contains(&used(&app)));
    let other = lines(&app, 2, row(150 * KIB)).await;
    assert_eq!(other.status(), 200);
    drop(other);
    // What is small goes on for everybody.
    assert_eq!(lines(&app, 1, row(10)).await.status(), 200);
    waiting.clear();
    assert_eq!(used(&app), 0);
}

// S36
#[tokio::test]
async fn rows_that_nobody_reads_are_held_until_they_are_read() {
    let app = app();
    let response = lines(&app, 1, row(150 * KIB)).await;
    assert_eq!(response.status(), 200);
    assert!(used(&app) >= 86 * KIB, "{}", used(&app));
    let mut body = response.into_body();
    let rows = body.frame().await.unwrap().unwrap();
    assert!(used(&app) >= 86 * KIB);
    drop(rows);
    assert_eq!(used(&app), 0);
    assert!(body.frame().await.is_none());
    let document = [b"[".to_vec(), row(150 * KIB), b"]".to_vec()].concat();
    let response = ask(&app, 1, BodyKind::Json, "", document.into()).await;
    assert!(used(&app) >= (150 + 86) * KIB, "{}", used(&app));
    drop(response);
    assert_eq!(used(&app), 0);
}

// S36
#[tokio::test]
async fn a_conversion_is_cut_when_the_budget_is_used_up_after_rows_have_left() {
    let app = app();
    let body = one_and_then(row(180 * KIB));
    let held = share(&app, 1).try_reserve(390 * KIB as u64).unwrap();
    let mut body = lines(&app, 1, body).await.into_body();
    let first = body.frame().await;
    if let Some(Ok(frame)) = first {
        assert!(frame.into_data().unwrap().len() < KIB);
        assert!(body.frame().await.unwrap().is_err());
    } else {
        panic!("the first row did not leave: {first:?}");
    }
    drop((body, held));
    assert_eq!(used(&app), 0);
    has(
        &app,
        &[
            r#"tonl_errors_total{type="stream"} 1"#,
            r#"tonl_conversion_requests_total{operation="stream_conversion",status="error"} 1"#,
        ],
    );
}

// S37
#[tokio::test]
async fn lines_left_out_are_counted_also_if_the_client_leaves() {
    let app = app();
    let mut answering = lines(&app, 1, unfinished([b"broken\n".to_vec()]));
    assert!(poll!(answering.as_mut()).is_pending());
    drop(answering);
    has(&app, &["tonl_stream_lines_skipped_total 1"]);
    let body = unfinished([
        [row(10), b"broken\n".to_vec()].concat(),
        b"again\n".to_vec(),
    ]);
    let mut body = lines(&app, 1, body).await.into_body();
    body.frame().await.unwrap().unwrap();
    assert!(poll!(body.frame()).is_pending());
    drop(body);
    has(
        &app,
        &[
            "tonl_stream_lines_skipped_total 3",
            r#"tonl_errors_total{type="stream"} 2"#,
        ],
    );
}

/// A request through all layers.
async fn through_the_stack(
    app: &App,
    query: &str,
    kind: &str,
    body: &'static str,
) -> Response<Body> {
    let request = Request::post(format!("/stream/convert?{query}"))
        .header("host", "localhost")
        .header("content-type", kind)
        .body(Body::from(body))
        .unwrap();
    let service = stack(app, RequestIds::with_key(1, 2));
    service.oneshot(request).await.unwrap()
}

// S37, S56
#[tokio::test]
async fn a_first_line_that_is_not_valid_is_one_error_of_validation() {
    let app = app();
    let body = "{\"a\":1}\nbroken\n";
    let kind = "application/x-ndjson";
    let response = through_the_stack(&app, "skipInvalid=false", kind, body).await;
    assert_eq!(response.status(), 422);
    assert!(text(response).await.contains(r#""line":2"#));
    has(
        &app,
        &[
            r#"tonl_errors_total{type="validation"} 1"#,
            r#"tonl_errors_total{type="stream"} 0"#,
            r#"tonl_conversion_requests_total{operation="stream_conversion",status="error"} 1"#,
        ],
    );
}

// S37, S56
#[tokio::test]
async fn a_later_line_that_is_not_valid_cuts_the_transfer_and_is_one_error() {
    let app = app();
    let body = one_and_then(b"broken\n".to_vec());
    let mut answering = ask(&app, 1, BodyKind::Lines, "skipInvalid=false", body);
    let mut body = answering.as_mut().await.into_body();
    body.frame().await.unwrap().unwrap();
    assert!(body.frame().await.unwrap().is_err());
    has(&app, &[r#"tonl_errors_total{type="validation"} 1"#]);
}

// S36, S37
#[tokio::test]
async fn nothing_of_a_document_is_left_out() {
    let app = app();
    for (body, place) in [
        ("[{\"a\":1},\n{\"a\":}]", r#""line":2"#),
        ("{\"a\":1}\n{\"a\":}\n{\"a\":3}\n", r#""line":2"#),
        ("broken", r#""line":1"#),
    ] {
        let response = through_the_stack(&app, "", "application/json", body).await;
        assert_eq!(response.status(), 422, "{body}");
        assert!(text(response).await.contains(place), "{body}");
    }
    has(
        &app,
        &[
            r#"tonl_errors_total{type="validation"} 3"#,
            "tonl_stream_lines_skipped_total 0",
        ],
    );
}

/// A first piece, and then a kibibyte each second.
fn trickle(first: Vec<u8>) -> Body {
    let rest = stream::repeat(vec![b' '; KIB]).then(async |piece| {
        tokio::time::sleep(Duration::from_secs(1)).await;
        piece
    });
    Body::from_stream(infallible(stream::iter([first]).chain(rest)).boxed())
}

// S34
#[tokio::test(start_paused = true)]
async fn a_document_that_trickles_in_is_held_for_two_minutes_at_most() {
    let app = app();
    let started = Instant::now();
    let body = trickle([b"[1".to_vec(), vec![b' '; 50 * KIB]].concat());
    let response = ask(&app, 1, BodyKind::Json, "", body).await;
    assert_eq!(response.status(), 408);
    assert_eq!(text(response).await, r#"{"error":"Request body timeout"}"#);
    assert_eq!(started.elapsed().as_secs(), 120);
    assert_eq!(used(&app), 0);
}

// S36
#[tokio::test(start_paused = true)]
async fn a_large_line_that_trickles_in_is_held_for_two_minutes_at_most() {
    let app = app();
    let started = Instant::now();
    let response = lines(&app, 1, trickle(vec![b' '; 70 * KIB])).await;
    assert_eq!(response.status(), 408);
    assert_eq!(started.elapsed().as_secs(), 120);
    // A small one may take as long as the pace of the body allows: it begins to count when it is large.
    let started = Instant::now();
    let response = lines(&app, 1, trickle(b"{\"a\":1".to_vec())).await;
    assert_eq!(response.status(), 408);
    assert_eq!(started.elapsed().as_secs(), 64 + 120);
}

// S36
#[tokio::test(start_paused = true)]
async fn large_lines_that_end_in_time_may_come_for_ever() {
    let app = app();
    let pieces = stream::iter(0..100).then(async |number| {
        tokio::time::sleep(Duration::from_secs(50)).await;
        // The end of one line, and the beginning of the next, which is large.
        let end = if number == 0 { "" } else { "\"}\n" };
        format!("{end}{{\"a\":\"{}", "x".repeat(80 * KIB)).into_bytes()
    });
    let body = Body::from_stream(infallible(pieces).boxed());
    let response = lines(&app, 1, body).await;
    assert_eq!(response.status(), 200);
    let mut body = response.into_body();
    let mut ends = 0;
    while let Some(frame) = body.frame().await {
        let rows = frame.unwrap().into_data().unwrap();
        ends += std::str::from_utf8(&rows).unwrap().matches('\n').count();
    }
    assert_eq!(ends, 1 + 99);
}
