//! Connections: how long they live, how many there are, and what a head must look like.

use crate::client::head;
use crate::server::TestServer;
use std::time::Duration;
use tonl_layers::client_addr::TrustedProxies;

const SHORT: Duration = Duration::from_millis(100);

// S62
#[tokio::test]
async fn a_head_that_does_not_come_ends_the_connection() {
    let server = TestServer::with(|setup| setup.network.connections.header_timeout = SHORT);
    for beginning in ["", "GET /hea", "GET /health HTTP/1.1\r\nhost: local"] {
        let mut client = server.connect().await;
        client.send(beginning).await;
        let rest = String::from_utf8(client.rest().await).unwrap();
        assert!(!rest.contains("200"), "{beginning:?}: {rest}");
    }
    server.metric_becomes("tonl_connections_open", 0).await;
}

// S62
#[tokio::test]
async fn a_connection_without_a_next_request_ends() {
    let server = TestServer::with(|setup| setup.network.connections.keep_alive = SHORT);
    let mut client = server.connect().await;
    assert_eq!(client.ask("GET", "/health", "").await.status, 200);
    assert!(client.rest().await.is_empty());
    server.metric_becomes("tonl_connections_open", 0).await;
}

// S62
#[tokio::test]
async fn a_reader_that_takes_nothing_is_let_go() {
    let server = TestServer::with(|setup| {
        setup.network.connections.write_stall = SHORT;
        setup.app.rate_limit = None;
    });
    let mut client = server.connect().await;
    let chunked = "transfer-encoding: chunked\r\n";
    client.send(head("POST", "/stream/convert", chunked)).await;
    let text = "x".repeat(1000);
    let lines = format!("{{\"a\":\"{text}\"}}\n").repeat(1000);
    // It never reads, so that the server cannot write, does not read on, and ends.
    let mut sent = 0_usize;
    while client
        .try_send(format!("{:x}\r\n{lines}\r\n", lines.len()).as_bytes())
        .await
    {
        sent += 1;
        assert!(sent < 1000, "the server reads on without an end");
    }
    server.metric_becomes("tonl_connections_open", 0).await;
    assert_eq!(server.metric(r#"tonl_errors_total{type="stream"}"#), 1);
}

// S62
#[tokio::test]
async fn one_address_has_its_share_of_connections() {
    let server = TestServer::with(|setup| setup.network.connections.max_per_address = 2);
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    assert_eq!(first.ask("GET", "/health", "").await.status, 200);
    assert_eq!(second.ask("GET", "/health", "").await.status, 200);
    let mut third = server.connect().await;
    assert!(third.rest().await.is_empty(), "it was answered");
    let refused = r#"tonl_connections_refused_total{reason="per_address"}"#;
    assert_eq!(server.metric(refused), 1);
    drop(first);
    server.metric_becomes("tonl_connections_open", 1).await;
    assert_eq!(server.ask("GET", "/health", "").await.status, 200);
}

// S25
#[tokio::test]
async fn a_trusted_proxy_has_no_share_but_the_whole_has_an_end() {
    let server = TestServer::with(|setup| {
        setup.network.connections.max_per_address = 1;
        setup.network.connections.max = 3;
        setup.app.proxies = TrustedProxies::parse("loopback").unwrap();
    });
    let mut clients = Vec::new();
    for _ in 0..3 {
        let mut client = server.connect().await;
        assert_eq!(client.ask("GET", "/health", "").await.status, 200);
        clients.push(client);
    }
    assert!(server.connect().await.rest().await.is_empty());
    assert_eq!(
        server.metric(r#"tonl_connections_refused_total{reason="total"}"#),
        1
    );
}

// S62
#[tokio::test]
async fn requests_that_come_at_once_are_answered_in_order() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    let mut requests = head("GET", "/health", "");
    requests.extend(head("GET", "/none", ""));
    requests.extend(head("GET", "/mcp", ""));
    requests.extend(head("GET", "/ready", "connection: close\r\n"));
    client.send(requests).await;
    for status in [200, 404, 401, 200] {
        assert_eq!(client.answer().await.status, status);
    }
    assert!(client.rest().await.is_empty());
}

// S62
#[tokio::test]
async fn heads_that_can_be_understood_in_two_ways_are_refused() {
    let server = TestServer::start();
    for (request, status) in [
        ("GET /health HTTP/1.1\r\n\r\n", 400),
        ("GET /health HTTP/1.1\r\nhost: a\r\nhost: a\r\n\r\n", 400),
        ("GET /health HTTP/1.1\r\nhost: a b\r\n\r\n", 400),
        ("GET /health HTTP/1.1\r\nhost:\r\n\r\n", 400),
        ("GET /health HTTP/1.0\r\n\r\n", 200),
        (
            "POST /stream/convert HTTP/1.1\r\nhost: localhost\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n{}",
            400,
        ),
        (
            "POST /stream/convert HTTP/1.1\r\nhost: localhost\r\ncontent-length: +2\r\n\r\n{}",
            400,
        ),
        (
            "POST /stream/convert HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        (
            "POST /stream/convert HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: gzip\r\n\r\n",
            400,
        ),
        (
            "POST /stream/convert HTTP/1.0\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
            400,
        ),
        ("GET /health HTTP/1.1\r\nhost: a\r\nx y: 1\r\n\r\n", 400),
    ] {
        let mut client = server.connect().await;
        client.send(request).await;
        assert_eq!(client.head().await.status, status, "{request}");
    }
}

// S62
#[tokio::test]
async fn what_follows_a_length_beside_chunks_is_never_a_request() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    let both = "content-length: 6\r\ntransfer-encoding: chunked\r\n";
    let mut request = head("POST", "/stream/convert", both);
    request.extend_from_slice(b"0\r\n\r\n");
    request.extend(head("GET", "/health", ""));
    client.send(request).await;
    client.answer().await;
    assert!(client.rest().await.is_empty());
    let health = r#"tonl_http_requests_total{method="GET",route="/health",status="200"}"#;
    assert_eq!(server.metric(health), 0);
}

// S62
#[tokio::test]
async fn a_head_has_a_largest_size() {
    let server = TestServer::start();
    let large = format!("x-a: {}\r\n", "a".repeat(20 << 10));
    let many = "x-a: a\r\n".repeat(101);
    for headers in [large, many] {
        let mut client = server.connect().await;
        client.send(head("GET", "/health", &headers)).await;
        assert_eq!(client.head().await.status, 431);
        assert_eq!(server.ask("GET", "/health", "").await.status, 200);
    }
    let target = format!("/{}", "a".repeat(20 << 10));
    let answer = server.ask("GET", &target, "").await;
    assert!(matches!(answer.status, 414 | 431), "{}", answer.status);
}
