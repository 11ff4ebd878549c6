//! Who may use what.

use crate::client::{Client, NO_EVENTS, bearer, head, passing};
use crate::server::{TOKEN, TestServer, tokens};
use std::time::{Duration, SystemTime};

const PROTECTED: [&str; 4] = ["/mcp", "/sse", "/messages", "/metrics/live"];
const METHODS: [&str; 8] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE",
];

// S3, S4, S7
#[tokio::test]
async fn every_method_of_a_protected_route_asks_for_a_token() {
    let server = TestServer::start();
    for target in PROTECTED {
        for method in METHODS {
            let without = server.ask(method, target, "").await;
            assert_eq!(without.status, 401, "{method} {target}");
        }
        let wrong = server.ask("GET", target, &bearer("wrong")).await;
        assert_eq!(wrong.status, 403, "{target}");
        assert_eq!(wrong.text(), r#"{"error":"Forbidden: Invalid token"}"#);
    }
    for (method, target, status) in [
        ("GET", "/mcp", 406),
        ("POST", "/mcp", 400),
        ("DELETE", "/mcp", 400),
        ("GET", "/sse", 406),
        ("POST", "/messages", 400),
    ] {
        let with = server.ask(method, target, &passing(TOKEN)).await;
        assert_eq!(with.status, status, "{method} {target}");
    }
}

// S4
#[tokio::test]
async fn a_token_counts_in_one_authorization_header_alone() {
    let server = TestServer::start();
    let twice = format!("{0}{0}", bearer(TOKEN));
    assert_eq!(server.ask("GET", "/mcp", &twice).await.status, 403);
    let trailing = format!("authorization: Bearer {TOKEN} x\r\n");
    assert_eq!(server.ask("GET", "/mcp", &trailing).await.status, 403);
    for (target, headers) in [
        (format!("/mcp?access_token={TOKEN}"), String::new()),
        ("/mcp".to_owned(), format!("cookie: token={TOKEN}\r\n")),
        (
            "/mcp".to_owned(),
            format!("authorization: Basic {TOKEN}\r\n"),
        ),
    ] {
        let answer = server.ask("GET", &target, &headers).await;
        assert_eq!(answer.status, 401, "{target} {headers}");
    }
    let lower = format!("authorization: bearer {TOKEN}\r\n{NO_EVENTS}");
    assert_eq!(server.ask("GET", "/mcp", &lower).await.status, 406);
}

// S8, S15
#[tokio::test]
async fn development_mode_opens_to_local_clients_and_to_the_token_of_the_run() {
    let server = TestServer::development();
    let run = bearer(server.run_token.as_ref().unwrap().expose());
    // A session may be opened without a token; nothing else may.
    assert_eq!(server.ask("GET", "/mcp", NO_EVENTS).await.status, 406);
    assert_eq!(server.ask("GET", "/sse", NO_EVENTS).await.status, 406);
    for (method, target) in [
        ("POST", "/mcp"),
        ("DELETE", "/mcp"),
        ("HEAD", "/mcp"),
        ("OPTIONS", "/mcp"),
        ("POST", "/messages"),
        ("GET", "/metrics/live"),
    ] {
        let answer = server.ask(method, target, "").await;
        assert_eq!(answer.status, 401, "{method} {target}");
    }
    let behind_a_proxy = "x-forwarded-for: 192.0.2.1\r\n";
    assert_eq!(server.ask("GET", "/mcp", behind_a_proxy).await.status, 401);
    let resumes = "mcp-session-id: abc\r\n";
    assert_eq!(server.ask("GET", "/mcp", resumes).await.status, 401);
    assert_eq!(
        server.ask("GET", "/mcp", &bearer("wrong")).await.status,
        403
    );
    assert_eq!(server.ask("POST", "/mcp", &run).await.status, 400);
    let mut live = server.connect().await;
    live.send(head("GET", "/metrics/live", &run)).await;
    assert_eq!(live.head().await.status, 200);
}

// S22
#[tokio::test]
async fn probes_metrics_and_mcp_are_never_limited() {
    let server = TestServer::start();
    let token = passing(TOKEN);
    let mut client = server.connect().await;
    for (target, headers, status) in [
        ("/health", "", 200),
        ("/ready", "", 200),
        ("/metrics", "", 200),
        ("/mcp", token.as_str(), 406),
        ("/mcp", "", 401),
    ] {
        for number in 0..120 {
            let answer = client.ask("GET", target, headers).await;
            assert_eq!(answer.status, status, "{target}, request {number}");
            let names = answer.names();
            assert!(
                !names.iter().any(|name| name.starts_with("ratelimit")),
                "{names:?}"
            );
        }
    }
}

// S4
#[tokio::test]
async fn guessing_is_slowed_down_and_good_tokens_pass_all_the_same() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    for _ in 0..20 {
        assert_eq!(
            client.ask("GET", "/mcp", &bearer("guess")).await.status,
            403
        );
    }
    let answer = client.ask("GET", "/mcp", &bearer("guess")).await;
    assert_eq!(answer.status, 429);
    assert_eq!(
        answer.text(),
        r#"{"error":"Too many failed authentication attempts"}"#
    );
    assert!(answer.header("retry-after").is_some());
    assert_eq!(client.ask("GET", "/mcp", "").await.status, 401);
    assert_eq!(client.ask("GET", "/mcp", &passing(TOKEN)).await.status, 406);
    assert_eq!(server.metric(r#"tonl_errors_total{type="auth"}"#), 22);
}

/// A watcher of live metrics, after its first event.
async fn watcher(server: &TestServer) -> Client {
    let mut client = server.connect().await;
    client
        .send(head("GET", "/metrics/live", &bearer(TOKEN)))
        .await;
    let mut answer = client.head().await;
    assert_eq!(answer.status, 200);
    let event = client.piece(&mut answer).await.unwrap();
    let event = String::from_utf8(event).unwrap();
    assert!(
        event.starts_with(r#"data: {"type":"connected","#),
        "{event}"
    );
    client
}

// S6
#[tokio::test]
async fn a_revoked_token_ends_its_live_metrics() {
    let server = TestServer::start();
    let mut client = watcher(&server).await;
    let mut answer = crate::client::Answer::default();
    let tick = client.piece(&mut answer).await.unwrap();
    assert!(tick.starts_with(br#"data: {"type":"metrics""#));
    let other = "a-different-token-that-is-good-from-now-on";
    server
        .keyring
        .install(tokens(other), SystemTime::now(), Duration::ZERO);
    while client.piece(&mut answer).await.is_some() {}
    assert!(answer.is_whole, "the stream was cut");
    assert_eq!(server.ask("GET", "/mcp", &bearer(TOKEN)).await.status, 403);
    assert_eq!(server.ask("GET", "/mcp", &passing(other)).await.status, 406);
}

// S6
#[tokio::test]
async fn an_old_token_stays_good_for_its_overlap() {
    let server = TestServer::start();
    let now = SystemTime::now();
    server
        .keyring
        .install(tokens("new"), now, Duration::from_secs(3600));
    for token in [TOKEN, "new"] {
        assert_eq!(server.ask("GET", "/mcp", &passing(token)).await.status, 406);
    }
}
