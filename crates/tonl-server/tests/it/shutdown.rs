//! The end of the server (S54).

use crate::client::{Client, bearer, head};
use crate::server::{TOKEN, TestServer};
use std::time::Duration;
use tokio::net::TcpStream;

const LONG: Duration = Duration::from_secs(3600);

/// Waits until nobody listens any more.
async fn closed(server: &TestServer) {
    let poll = async {
        while TcpStream::connect(server.addr).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    crate::client::soon("the listener's end", poll).await;
}

async fn becomes_unready(server: &TestServer) {
    loop {
        let answer = server.ask("GET", "/ready", "").await;
        if answer.status == 503 {
            assert_eq!(answer.header("connection"), Some("close"));
            assert!(answer.text().contains("draining"), "{}", answer.text());
            return;
        }
    }
}

/// A conversion whose upload is still open, after its first row.
async fn upload(server: &TestServer) -> (Client, crate::client::Answer) {
    let mut client = server.connect().await;
    let chunked = "transfer-encoding: chunked\r\n";
    client.send(head("POST", "/stream/convert", chunked)).await;
    client.chunk(b"{\"a\":1}\n").await;
    let mut answer = client.head().await;
    let first = client.piece(&mut answer).await.unwrap();
    answer.body.extend(first);
    (client, answer)
}

// S54
#[tokio::test]
async fn before_the_listener_closes_it_is_unready_and_serves_on() {
    let server = TestServer::with(|setup| setup.network.shutdown.prestop_delay = LONG);
    let mut client = server.connect().await;
    assert_eq!(client.ask("GET", "/ready", "").await.status, 200);
    server.signal().await;
    becomes_unready(&server).await;
    // The open connection gets one more answer, and the word that it was the last one.
    let last = client.ask("GET", "/health", "").await;
    assert_eq!(
        (last.status, last.header("connection")),
        (200, Some("close"))
    );
    let answer = server.post("/stream/convert", "", b"{\"a\":1}\n").await;
    assert_eq!(answer.status, 200);
    drop(client);
    server.metric_becomes("tonl_connections_open", 0).await;
    // The second signal ends the delay.
    server.signal().await;
    assert_eq!(server.stopped().await.cut, 0);
}

// S54
#[tokio::test]
async fn a_request_in_flight_finishes_after_the_listener_closed() {
    let server = TestServer::start();
    let (mut client, mut answer) = upload(&server).await;
    server.signal().await;
    closed(&server).await;
    client.chunk(b"{\"a\":2}\n").await;
    client.send("0\r\n\r\n").await;
    while let Some(piece) = client.piece(&mut answer).await {
        answer.body.extend(piece);
    }
    assert!(answer.is_whole);
    assert_eq!(answer.text().lines().count(), 3, "{}", answer.text());
    assert!(client.rest().await.is_empty());
    assert_eq!(server.stopped().await.cut, 0);
}

// S54
#[tokio::test]
async fn connections_without_a_request_do_not_delay_the_end() {
    let server = TestServer::with(|setup| {
        setup.network.connections.keep_alive = LONG;
        setup.network.connections.header_timeout = LONG;
        setup.network.shutdown.timeout = LONG;
    });
    let _fresh = server.connect().await;
    let mut idle = server.connect().await;
    assert_eq!(idle.ask("GET", "/health", "").await.status, 200);
    server.metric_becomes("tonl_connections_open", 2).await;
    server.signal().await;
    assert_eq!(server.stopped().await.cut, 0);
}

// S54
#[tokio::test]
async fn a_hundred_event_streams_are_told_and_end_cleanly() {
    let server = TestServer::with(|setup| setup.network.shutdown.timeout = LONG);
    let mut watchers = Vec::new();
    for _ in 0..100 {
        let mut client = server.connect().await;
        client
            .send(head("GET", "/metrics/live", &bearer(TOKEN)))
            .await;
        let answer = client.head().await;
        assert_eq!(answer.status, 200);
        watchers.push((client, answer));
    }
    server.signal().await;
    for (mut client, mut answer) in watchers {
        let mut last = Vec::new();
        while let Some(event) = client.piece(&mut answer).await {
            last = event;
        }
        assert!(answer.is_whole, "a stream was cut");
        assert_eq!(last, b"event: shutdown\ndata: {}\n\n");
    }
    assert_eq!(server.stopped().await.cut, 0);
}

// S54
#[tokio::test]
async fn what_takes_too_long_is_cut_and_counted() {
    let server = TestServer::with(|setup| {
        setup.network.shutdown.timeout = Duration::from_millis(100);
    });
    let (mut client, mut answer) = upload(&server).await;
    server.signal().await;
    assert_eq!(server.stopped().await.cut, 1);
    while client.piece(&mut answer).await.is_some() {}
    assert!(!answer.is_whole, "half of it looks whole");
}

// S54
#[tokio::test]
async fn a_second_signal_ends_at_once() {
    let server = TestServer::with(|setup| setup.network.shutdown.timeout = LONG);
    let (mut client, mut answer) = upload(&server).await;
    server.signal().await;
    closed(&server).await;
    server.signal().await;
    assert_eq!(server.stopped().await.cut, 1);
    while client.piece(&mut answer).await.is_some() {}
    assert!(!answer.is_whole);
}
