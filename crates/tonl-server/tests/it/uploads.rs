//! Bodies that nobody reads, and bodies that come slowly.

use crate::client::{bearer, head};
use crate::server::{TOKEN, TestServer};
use std::time::Duration;

// S4, S62
#[tokio::test]
async fn a_large_upload_that_is_refused_still_gets_its_answer() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    let length = 10 << 20;
    client
        .send(head(
            "POST",
            "/mcp",
            &format!("content-length: {length}\r\n"),
        ))
        .await;
    // The server takes a part of it and closes; which part is the system's business.
    let body = vec![b'x'; length];
    let took_all = client.try_send(&body).await;
    assert!(!took_all, "10 MiB were read for a request that is refused");
    let answer = client.answer().await;
    assert_eq!(answer.status, 401);
    assert_eq!(answer.header("connection"), Some("close"));
    server.metric_becomes("tonl_connections_open", 0).await;
}

// S4
#[tokio::test]
async fn a_refused_body_that_was_sent_is_never_read_as_a_request() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    let smuggled = head("GET", "/health", "");
    let mut request = head(
        "POST",
        "/mcp",
        &format!("content-length: {}\r\n", smuggled.len()),
    );
    request.extend_from_slice(&smuggled);
    client.send(request).await;
    assert_eq!(client.answer().await.status, 401);
    assert!(client.rest().await.is_empty());
    let health = r#"tonl_http_requests_total{method="GET",route="/health",status="200"}"#;
    assert_eq!(server.metric(health), 0);
}

// S62
#[tokio::test]
async fn who_was_answered_in_full_may_ask_again() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    for _ in 0..3 {
        let answer = client.post("/stream/convert", "", b"{\"a\":1}\n").await;
        assert_eq!((answer.status, answer.header("connection")), (200, None));
        assert_eq!(
            client.ask("GET", "/mcp", "").await.header("connection"),
            None
        );
        let answer = client.ask("DELETE", "/mcp", &bearer(TOKEN)).await;
        assert_eq!((answer.status, answer.header("connection")), (400, None));
    }
}

// S62
#[tokio::test]
async fn a_body_that_stops_coming_is_a_408() {
    let server = TestServer::with(|setup| {
        setup.app.body.idle = Duration::from_millis(100);
    });
    let mut client = server.connect().await;
    client
        .send(head("POST", "/stream/convert", "content-length: 10\r\n"))
        .await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 408);
    assert_eq!(answer.text(), r#"{"error":"Request body timeout"}"#);
    assert!(client.rest().await.is_empty());
    assert_eq!(server.metric(r#"tonl_errors_total{type="stream"}"#), 1);
}

// S62
#[tokio::test]
async fn a_body_that_comes_too_slowly_is_a_408() {
    let server = TestServer::with(|setup| {
        setup.app.body.rate = 1 << 30;
        setup.app.body.rate_after = Duration::from_millis(100);
    });
    let mut client = server.connect().await;
    let chunked = "transfer-encoding: chunked\r\n";
    client.send(head("POST", "/stream/convert", chunked)).await;
    // One byte after another, each in time for the limit of idleness.
    let sending = async {
        loop {
            client.chunk(b" ").await;
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let answered = server.metric_becomes(r#"tonl_errors_total{type="stream"}"#, 1);
    tokio::select! {
        () = answered => {}
        () = sending => {}
    }
    let answer = client.answer().await;
    assert_eq!(answer.status, 408);
    assert_eq!(answer.header("connection"), Some("close"));
}

// S62
#[tokio::test]
async fn a_body_that_stops_after_rows_have_left_is_cut() {
    let server = TestServer::with(|setup| {
        setup.app.body.idle = Duration::from_millis(200);
    });
    let mut client = server.connect().await;
    let chunked = "transfer-encoding: chunked\r\n";
    client.send(head("POST", "/stream/convert", chunked)).await;
    client.chunk(b"{\"a\":1}\n").await;
    let answer = client.answer().await;
    assert_eq!(answer.status, 200);
    assert!(!answer.is_whole, "half of it looks whole: {answer:?}");
    assert_eq!(server.metric(r#"tonl_errors_total{type="stream"}"#), 1);
}

#[tokio::test]
async fn a_client_that_leaves_is_counted_once_and_holds_nothing() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    let chunked = "transfer-encoding: chunked\r\n";
    client.send(head("POST", "/stream/convert", chunked)).await;
    client.chunk(b"{\"a\":1}\n").await;
    let mut answer = client.head().await;
    client.piece(&mut answer).await.unwrap();
    drop(client);
    server.metric_becomes("tonl_connections_open", 0).await;
    assert_eq!(server.metric(r#"tonl_errors_total{type="stream"}"#), 1);
    assert_eq!(server.metric("tonl_http_requests_in_flight"), 0);
}
