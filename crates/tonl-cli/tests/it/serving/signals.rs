//! How the server ends.

use super::http;
use super::running::{Server, Setup};
use rustix::process::Signal;
use std::io::{Read, Write};

/// The words of an orderly end, in their order.
#[track_caller]
fn ends_in_order(said: &str, signal: &str, waiting: usize) {
    let first = format!("🛑 Received {signal}. Shutting down gracefully...");
    let second = format!("Waiting for {waiting} active connections...");
    let mut rest = said;
    for words in [first.as_str(), &second, "✅ Server shut down successfully"] {
        let (_, after) = rest
            .split_once(words)
            .unwrap_or_else(|| panic!("{words}: {said}"));
        rest = after;
    }
}

/// A server that would give requests in flight an hour: an end that comes was not waited for.
fn patient() -> Setup {
    Setup::secured().variable("TONL_SHUTDOWN_TIMEOUT_MS", "3600000")
}

// S54
#[test]
fn a_signal_ends_an_idle_server_at_once() {
    for (signal, name) in [(Signal::TERM, "SIGTERM"), (Signal::INT, "SIGINT")] {
        let server = patient().start();
        server.signal(signal);
        let (status, said, _) = server.end();
        assert_eq!(status.code(), Some(0), "{said}");
        ends_in_order(&said, name, 0);
    }
}

/// A request whose body never ends, which the server has begun to answer.
fn unfinished(server: &Server) -> std::net::TcpStream {
    let mut stream = http::connect(server.addr);
    let head = "POST /stream/convert HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\
                Content-Type: application/x-ndjson\r\n\r\n8\r\n{\"a\":1}\n\r\n";
    stream.write_all(head.as_bytes()).unwrap();
    server.until("the request in flight", |server| {
        server.metric("tonl_http_requests_in_flight") >= 1.0
    });
    stream
}

// S54
#[test]
fn a_request_in_flight_is_finished() {
    let server = Setup::secured().start();
    let mut stream = unfinished(&server);
    server.signal(Signal::TERM);
    server.wait_for("Waiting for 1 active connections...");
    stream.write_all(b"8\r\n{\"a\":2}\n\r\n0\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.ends_with("0\r\n\r\n"), "{answer}");
    let (status, said, _) = server.end();
    assert_eq!(status.code(), Some(0), "{said}");
    ends_in_order(&said, "SIGTERM", 1);
}

// S54
#[test]
fn what_takes_too_long_is_cut_and_counted() {
    let server = Setup::secured()
        .variable("TONL_SHUTDOWN_TIMEOUT_MS", "100")
        .start();
    let _stream = unfinished(&server);
    server.signal(Signal::TERM);
    let (status, said, _) = server.end();
    assert_eq!(status.code(), Some(0), "{said}");
    assert!(
        said.contains("1 connections took too long and were cut"),
        "{said}"
    );
    ends_in_order(&said, "SIGTERM", 1);
}

// S54
#[test]
fn a_second_signal_ends_at_once() {
    let server = patient().start();
    let _stream = unfinished(&server);
    server.signal(Signal::TERM);
    server.wait_for("Waiting for 1 active connections...");
    server.signal(Signal::INT);
    let (status, said, _) = server.end();
    assert_eq!(status.code(), Some(0), "{said}");
}

// S54
#[test]
fn before_it_closes_it_says_that_it_is_not_ready() {
    let server = Setup::secured()
        .variable("TONL_PRESTOP_DELAY_MS", "3600000")
        .start();
    assert_eq!(server.get("/ready", &[]).status, 200);
    server.signal(Signal::TERM);
    server.wait_for("🛑 Received SIGTERM. Shutting down gracefully...");
    assert_eq!(server.get("/ready", &[]).status, 503);
    assert_eq!(server.get("/health", &[]).status, 200);
    assert_eq!(server.get("/mcp", &[]).status, 401);
    server.signal(Signal::TERM);
    let (status, said, _) = server.end();
    assert_eq!(status.code(), Some(0), "{said}");
}
