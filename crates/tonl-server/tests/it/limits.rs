//! How much may come, and what happens to more (S34, S35, S62).

use crate::client::head;
use crate::server::TestServer;
use std::num::NonZeroUsize;

const JSON: &str = "content-type: application/json\r\n";

// S34, S35
#[tokio::test]
async fn a_document_whose_length_is_too_large_is_refused_unread() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    let headers = format!("{JSON}content-length: 52428801\r\n");
    client.send(head("POST", "/stream/convert", &headers)).await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 413);
    let text = r#"{"error":"Payload too large: the limit is 52428800 bytes"}"#;
    assert_eq!(answer.text(), text);
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(client.rest().await.is_empty());
    assert_eq!(
        server.metric(r#"tonl_refusals_total{reason="too_large"}"#),
        1
    );
    assert_eq!(server.metric(r#"tonl_errors_total{type="validation"}"#), 1);
}

// S34
#[tokio::test]
async fn a_document_that_grows_too_large_is_refused_while_it_comes() {
    let server = TestServer::with(|setup| setup.app.convert.document = 1000);
    let mut client = server.connect().await;
    let headers = format!("{JSON}transfer-encoding: chunked\r\n");
    client.send(head("POST", "/stream/convert", &headers)).await;
    client.chunk(b"[").await;
    for _ in 0..10 {
        client.chunk(&[b' '; 100]).await;
    }
    // The body never ends.
    let answer = client.answer().await;
    assert_eq!(answer.status, 413);
    assert_eq!(answer.header("connection"), Some("close"));
    // As many bytes as are allowed pass.
    let body = format!("[{}]", " ".repeat(998));
    let answer = server.post("/stream/convert", JSON, body.as_bytes()).await;
    assert_eq!(answer.status, 200);
}

// S34
#[tokio::test]
async fn lines_have_no_limit_in_all() {
    let server = TestServer::with(|setup| {
        setup.app.convert.document = 1000;
        setup.app.body_budget = 1000;
    });
    let lines = "{\"a\":1}\n".repeat(10_000);
    let answer = server.post("/stream/convert", "", lines.as_bytes()).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.text().lines().count(), 10_001);
}

// S38, S62
#[tokio::test]
async fn a_line_that_is_too_long_is_an_invalid_line() {
    let server = TestServer::with(|setup| setup.app.convert.line = 100);
    let long = format!(
        "{{\"a\":1}}\n{{\"a\":\"{}\"}}\n{{\"a\":2}}\n",
        "x".repeat(10_000)
    );
    let te = "te: trailers\r\n";
    let answer = server.post("/stream/convert", te, long.as_bytes()).await;
    assert_eq!(answer.text(), "data[]{a:i64}:\n 1\n 2\n");
    assert_eq!(answer.trailers["x-skipped-lines"], "1");
    let first = format!("{{\"a\":\"{}\"}}\n", "x".repeat(10_000));
    let target = "/stream/convert?skipInvalid=false";
    let answer = server.post(target, "", first.as_bytes()).await;
    assert_eq!(answer.status, 422);
}

// S62
#[tokio::test]
async fn nesting_has_its_depth() {
    let server = TestServer::start();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let answer = server.post("/stream/convert", JSON, deep.as_bytes()).await;
    assert_eq!(answer.status, 422);
    let line = format!("{{\"a\":{deep}}}\n{{\"a\":1}}\n");
    let answer = server.post("/stream/convert", "", line.as_bytes()).await;
    assert_eq!(answer.text(), "data[]{a:i64}:\n 1\n");
}

// S62
#[tokio::test]
async fn more_requests_than_there_is_room_for_are_told_to_come_again() {
    let server = TestServer::with(|setup| setup.app.max_requests = NonZeroUsize::MIN);
    let mut client = server.connect().await;
    let chunked = "transfer-encoding: chunked\r\n";
    client.send(head("POST", "/stream/convert", chunked)).await;
    client.chunk(b"{\"a\":1}\n").await;
    let mut first = client.head().await;
    assert!(client.piece(&mut first).await.is_some());
    let second = server.post("/stream/convert", "", b"{}").await;
    assert_eq!(second.status, 503);
    assert!(second.header("retry-after").is_some());
    assert_eq!(server.ask("GET", "/health", "").await.status, 200);
    client.send("0\r\n\r\n").await;
    while client.piece(&mut first).await.is_some() {}
    assert!(first.is_whole);
    server
        .metric_becomes("tonl_http_requests_in_flight", 0)
        .await;
    assert_eq!(server.post("/stream/convert", "", b"{}").await.status, 200);
}

// S62
#[tokio::test]
async fn an_error_tells_nothing_of_our_inside() {
    let server = TestServer::start();
    for (headers, body) in [
        (JSON, "{]"),
        (JSON, "\u{feff}[1,"),
        ("content-encoding: gzip\r\n", "no gzip"),
        ("content-type: a/b\r\n", "{}"),
    ] {
        let answer = server
            .post("/stream/convert", headers, body.as_bytes())
            .await;
        let kind = answer.header("content-type");
        assert_eq!(kind, Some("application/json; charset=utf-8"), "{body}");
        let value: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
        assert!(value["error"].is_string());
        for word in [".rs", "src/", "panicked", "tonl_convert", "stack"] {
            assert!(!answer.text().contains(word), "{}", answer.text());
        }
    }
}
