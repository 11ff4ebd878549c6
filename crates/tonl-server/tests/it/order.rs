//! The order of the layers, seen by its effect.

use crate::client::{bearer, head};
use crate::server::{TOKEN, TestServer};
use tonl_layers::rate_limit::{Class, RateLimitConfig};
use tonl_server::{Protection, RateLimits};
use tonl_telemetry::audit::{AuditConfig, AuditLog};
use tonl_telemetry::{Clock, Telemetry, TelemetryConfig};

/// One request a window.
pub(crate) fn once() -> RateLimits {
    let config = RateLimitConfig {
        max: 1,
        ..RateLimitConfig::default()
    };
    RateLimits::of_address(Class::try_from(config).unwrap())
}

// S20, S21, S23
#[tokio::test]
async fn the_rate_limit_counts_before_it_asks_for_a_token() {
    let server = TestServer::with(|setup| {
        setup.app.stream = Protection::Token;
        setup.app.rate_limit = Some(once());
    });
    let first = server.post("/stream/convert", "", b"{}").await;
    assert_eq!(first.status, 401);
    assert_eq!(first.header("ratelimit-remaining"), Some("0"));
    let second = server.post("/stream/convert", "", b"{}").await;
    assert_eq!(second.status, 429);
    assert_eq!(second.text(), "Too many requests from this IP");
    let endpoint = r#"tonl_rate_limit_hits_total{endpoint="/stream/convert"}"#;
    assert_eq!(server.metric(endpoint), 1);
}

// S4, S28, S29, S48, S50, S51
#[tokio::test]
async fn a_401_is_protected_counted_and_on_record() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("security-audit.log");
    let server = TestServer::with(|setup| {
        let mut config = TelemetryConfig::new("0");
        config.audit = AuditLog::open(&AuditConfig::at(&path), Clock::system()).unwrap();
        setup.telemetry = Telemetry::new(config);
    });
    let id = "x-request-id: asked-by-me\r\n";
    let answer = server.ask("GET", "/mcp?secret=1", id).await;
    assert_eq!(answer.status, 401);
    let body = r#"{"error":"Unauthorized: Missing Bearer token"}"#;
    assert_eq!(answer.text(), body);
    for (name, value) in [
        ("www-authenticate", r#"Bearer realm="tonl-mcp-bridge""#),
        ("cache-control", "no-store"),
        ("x-content-type-options", "nosniff"),
        ("x-request-id", "asked-by-me"),
    ] {
        assert_eq!(answer.header(name), Some(value), "{name}");
    }
    for name in ["tonl_errors_total", "tonl_conversion_errors_total"] {
        assert_eq!(server.metric(&format!("{name}{{type=\"auth\"}}")), 1);
    }
    let request = r#"tonl_http_requests_total{method="GET",route="/mcp",status="401"}"#;
    assert_eq!(server.metric(request), 1);
    assert!(server.telemetry.flush_audit(crate::client::PATIENCE));
    let log = std::fs::read_to_string(&path).unwrap();
    let line = log.lines().find(|line| line.contains("asked-by-me"));
    let line: serde_json::Value = serde_json::from_str(line.unwrap()).unwrap();
    for (key, value) in [
        ("message", "Unauthorized access attempt"),
        ("level", "warn"),
        ("method", "GET"),
        ("path", "/mcp"),
        ("ip", "127.0.0.1"),
        ("reason", "missing_token"),
    ] {
        assert_eq!(line[key], value, "{key} of {line}");
    }
}

// S4, S7, S62
#[tokio::test]
async fn no_byte_of_a_body_is_waited_for_before_auth() {
    let server = TestServer::with(|setup| setup.app.stream = Protection::Token);
    for target in ["/mcp", "/messages", "/stream/convert"] {
        let mut client = server.connect().await;
        let length = "content-length: 1000\r\n";
        client.send(head("POST", target, length)).await;
        let answer = client.answer().await;
        assert_eq!(answer.status, 401, "{target}");
        assert_eq!(answer.header("connection"), Some("close"), "{target}");
        assert!(client.rest().await.is_empty(), "{target}");
    }
}

// S4, S62
#[tokio::test]
async fn who_expects_100_gets_the_401_at_once() {
    let server = TestServer::start();
    let expect = "content-length: 10\r\nexpect: 100-continue\r\n";
    let mut client = server.connect().await;
    client.send(head("POST", "/mcp", expect)).await;
    assert_eq!(client.head().await.status, 401);
    // Who may go on is told so, once.
    let mut client = server.connect().await;
    client.send(head("POST", "/stream/convert", expect)).await;
    assert_eq!(client.head().await.status, 100);
    client.send("{\"a\":123}\n").await;
    let answer = client.answer().await;
    assert_eq!((answer.status, answer.header("connection")), (200, None));
}

// S7, S31, S33
#[tokio::test]
async fn a_page_elsewhere_is_refused_before_its_token_is_looked_at() {
    let server = TestServer::start();
    let headers = format!("{}origin: https://evil.example\r\n", bearer(TOKEN));
    let answer = server.ask("GET", "/mcp", &headers).await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.text(), r#"{"error":"Not allowed by CORS"}"#);
    assert_eq!(server.metric(r#"tonl_errors_total{type="auth"}"#), 0);
    let reason = r#"tonl_refusals_total{reason="origin_not_allowed"}"#;
    assert_eq!(server.metric(reason), 1);
}
