//! Which paths and methods lead where.

use crate::client::{bearer, head, passing};
use crate::server::{TOKEN, TestServer};
use tonl_server::Protection;

const NOT_FOUND: &str = r#"{"error":"Not Found"}"#;

// S7
#[tokio::test]
async fn a_path_in_another_spelling_is_another_path() {
    let server = TestServer::start();
    for target in [
        "//mcp",
        "/mcp/",
        "/%6dcp",
        "/MCP",
        "/mcp;x",
        "/./mcp",
        "/mcp/../mcp",
        "/mcp%00",
        "/metrics/live/",
        "//metrics/live",
        "http://localhost//mcp",
        "/nothing",
    ] {
        for token in [String::new(), bearer(TOKEN)] {
            let answer = server.ask("GET", target, &token).await;
            assert_eq!((answer.status, answer.text()), (404, NOT_FOUND), "{target}");
        }
    }
}

// S7
#[tokio::test]
async fn an_absolute_target_and_a_query_change_nothing() {
    let server = TestServer::start();
    for target in ["http://localhost/mcp", "/mcp?a=/health", "/mcp?token=x"] {
        assert_eq!(server.ask("GET", target, "").await.status, 401, "{target}");
        let with = server.ask("GET", target, &passing(TOKEN)).await;
        assert_eq!(with.status, 406, "{target}");
    }
    // A target and a Host that differ are refused.
    let answer = server.ask("GET", "http://other.example/health", "").await;
    assert_eq!(answer.status, 400);
}

// S4, S7
#[tokio::test]
async fn other_methods_are_405_and_behind_auth_where_the_route_is() {
    let server = TestServer::start();
    let cases = [
        (
            "/mcp",
            "GET,HEAD,POST,DELETE",
            &["PUT", "PATCH", "OPTIONS", "TRACE"][..],
        ),
        ("/sse", "GET,HEAD", &["POST", "DELETE", "OPTIONS"]),
        ("/messages", "POST", &["GET", "HEAD", "DELETE", "OPTIONS"]),
        ("/metrics/live", "GET,HEAD", &["POST", "PUT", "OPTIONS"]),
    ];
    for (target, allow, methods) in cases {
        for method in methods {
            let without = server.ask(method, target, "").await;
            assert_eq!(without.status, 401, "{method} {target}");
            let with = server.ask(method, target, &bearer(TOKEN)).await;
            assert_eq!(with.status, 405, "{method} {target}");
            assert_eq!(with.header("allow"), Some(allow), "{method} {target}");
            if *method != "HEAD" {
                assert_eq!(with.text(), r#"{"error":"Method Not Allowed"}"#);
            }
        }
    }
    for (target, allow) in [
        ("/", "GET,HEAD"),
        ("/health", "GET,HEAD"),
        ("/ready", "GET,HEAD"),
        ("/metrics", "GET,HEAD"),
        ("/openapi.json", "GET,HEAD"),
        ("/stream/convert", "POST"),
    ] {
        for method in ["DELETE", "OPTIONS", "BREW"] {
            let answer = server.ask(method, target, "").await;
            assert_eq!(answer.status, 405, "{method} {target}");
            assert_eq!(answer.header("allow"), Some(allow), "{method} {target}");
        }
    }
}

// S23
#[tokio::test]
async fn a_method_that_is_not_allowed_takes_nothing_of_the_share() {
    let server = TestServer::start();
    let answer = server.ask("GET", "/stream/convert", "").await;
    assert_eq!(
        (answer.status, answer.header("ratelimit-limit")),
        (405, None)
    );
    let answer = server.post("/stream/convert", "", b"{}").await;
    assert_eq!(answer.header("ratelimit-remaining"), Some("99"));
}

#[tokio::test]
async fn head_gives_the_headers_of_get_and_no_body() {
    let server = TestServer::start();
    for (target, token) in [
        ("/", ""),
        ("/health", ""),
        ("/ready", ""),
        ("/openapi.json", ""),
        ("/metrics", ""),
        ("/none", ""),
        ("/mcp", ""),
        ("/mcp", TOKEN),
        ("/sse", TOKEN),
    ] {
        let token = if token.is_empty() {
            String::new()
        } else {
            passing(token)
        };
        let get = server.ask("GET", target, &token).await;
        let mut client = server.connect().await;
        let close = format!("{token}connection: close\r\n");
        let answer = client.ask("HEAD", target, &close).await;
        assert_eq!(answer.status, get.status, "{target}");
        assert!(client.rest().await.is_empty(), "{target}: there was a body");
        let mut names = answer.names();
        names.retain(|name| *name != "connection");
        assert_eq!(names, get.names(), "{target}");
    }
    let mut client = server.connect().await;
    client
        .send(head("HEAD", "/metrics/live", &bearer(TOKEN)))
        .await;
    let answer = client.head().await;
    let kind = answer.header("content-type");
    assert_eq!(kind, Some("text/event-stream; charset=utf-8"));
    assert_eq!(client.ask("GET", "/health", "").await.status, 200);
}

#[tokio::test]
async fn descriptions_name_the_doors() {
    let server = TestServer::start();
    let root: serde_json::Value =
        serde_json::from_str(server.ask("GET", "/", "").await.text()).unwrap();
    assert_eq!(root["name"], "tonl-mcp-bridge");
    assert_eq!(root["endpoints"]["convert"], "/stream/convert");
    let answer = server.ask("GET", "/openapi.json", "").await;
    let description: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
    assert!(description["paths"]["/stream/convert"]["post"].is_object());
    for (target, word) in [("/health", "healthy"), ("/ready", "ready")] {
        let answer = server.ask("GET", target, "").await;
        let body: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
        assert_eq!(body["status"], word);
        assert!(body["timestamp"].as_str().unwrap().ends_with('Z'));
    }
}

// S48
#[tokio::test]
async fn metrics_are_classic_text_unless_open_metrics_is_asked_for() {
    let server = TestServer::start();
    let classic = server.ask("GET", "/metrics", "accept: */*\r\n").await;
    let kind = classic.header("content-type");
    assert_eq!(kind, Some("text/plain; version=0.0.4; charset=utf-8"));
    assert!(!classic.text().contains("# EOF"));
    let accept = "accept: application/openmetrics-text;version=1.0.0,text/plain;q=0.5\r\n";
    let open = server.ask("GET", "/metrics", accept).await;
    let kind = open.header("content-type").unwrap();
    assert!(
        kind.starts_with("application/openmetrics-text; version=1.0.0"),
        "{kind}"
    );
    assert!(open.text().ends_with("# EOF\n"));
}

// S19
#[tokio::test]
async fn metrics_and_conversion_can_be_protected() {
    let server = TestServer::with(|setup| {
        setup.app.metrics = Protection::Token;
        setup.app.stream = Protection::Token;
    });
    let token = bearer(TOKEN);
    assert_eq!(server.ask("GET", "/metrics", "").await.status, 401);
    assert_eq!(server.ask("PUT", "/metrics", "").await.status, 401);
    let answer = server.ask("GET", "/metrics", &token).await;
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (200, Some("no-store"))
    );
    assert_eq!(server.post("/stream/convert", "", b"{}").await.status, 401);
    let answer = server.post("/stream/convert", &token, b"{}").await;
    assert_eq!(
        (answer.status, answer.header("cache-control")),
        (200, Some("no-store"))
    );
    for target in ["/", "/health", "/ready", "/openapi.json"] {
        assert_eq!(server.ask("GET", target, "").await.status, 200, "{target}");
    }
}
