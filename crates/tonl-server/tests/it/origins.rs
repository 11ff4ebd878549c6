//! Pages of other origins, and names of hosts (S30 to S33).

use crate::client::{bearer, passing};
use crate::server::{Setup, TOKEN, TestServer};
use tonl_layers::cors;
use tonl_layers::host::AllowedHosts;
use tonl_layers::origin::AllowedOrigins;

const CHECKED: [(&str, &str); 5] = [
    ("GET", "/mcp"),
    ("GET", "/sse"),
    ("POST", "/messages"),
    ("GET", "/metrics/live"),
    ("POST", "/stream/convert"),
];
const PUBLIC: [&str; 5] = ["/", "/health", "/ready", "/metrics", "/openapi.json"];
const NOT_ALLOWED: &str = r#"{"error":"Not allowed by CORS"}"#;

fn allow(setup: &mut Setup) {
    let origins = AllowedOrigins::parse("https://app.example,https://two.example").unwrap();
    setup.app.origins = origins.clone();
    setup.app.cors = Some(cors::Config::new(origins));
}

// S30, S31, S32
#[tokio::test]
async fn without_cors_other_origins_are_refused_and_told_nothing() {
    let server = TestServer::start();
    for (method, target) in CHECKED {
        for sent in [
            "origin: https://app.example\r\n",
            "origin: null\r\n",
            "origin: http://localhost.evil.example\r\n",
            "sec-fetch-site: cross-site\r\n",
        ] {
            let headers = format!("{}{sent}", bearer(TOKEN));
            let answer = server.ask(method, target, &headers).await;
            assert_eq!(
                (answer.status, answer.text()),
                (403, NOT_ALLOWED),
                "{target} {sent}"
            );
            let names = answer.names();
            assert!(
                !names.iter().any(|name| name.starts_with("access-control")),
                "{names:?}"
            );
            assert_eq!(answer.header("ratelimit-limit"), None);
        }
        let own = format!("{}origin: http://localhost\r\n", passing(TOKEN));
        if target != "/metrics/live" {
            assert_ne!(
                server.ask(method, target, &own).await.status,
                403,
                "{target}"
            );
        }
    }
    for target in PUBLIC {
        let answer = server
            .ask("GET", target, "origin: https://app.example\r\n")
            .await;
        assert_eq!(answer.status, 200, "{target}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

// S31, S33
#[tokio::test]
async fn without_cors_a_preflight_is_an_ordinary_refused_request() {
    let server = TestServer::start();
    let preflight = "origin: https://app.example\r\naccess-control-request-method: POST\r\n";
    for (target, status) in [("/mcp", 403), ("/stream/convert", 403), ("/health", 405)] {
        let answer = server.ask("OPTIONS", target, preflight).await;
        assert_eq!(answer.status, status, "{target}");
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

// S30, S32, S33
#[tokio::test]
async fn with_cors_a_preflight_of_a_page_in_the_list_passes_before_auth() {
    let server = TestServer::with(allow);
    let preflight =
        "access-control-request-method: POST\r\naccess-control-request-headers: authorization\r\n";
    for target in ["/mcp", "/metrics/live", "/stream/convert"] {
        let headers = format!("origin: https://app.example\r\n{preflight}");
        let answer = server.ask("OPTIONS", target, &headers).await;
        assert_eq!(answer.status, 204, "{target}");
        for (name, value) in [
            ("access-control-allow-origin", "https://app.example"),
            ("access-control-allow-credentials", "true"),
            ("x-content-type-options", "nosniff"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
        let methods = answer.header("access-control-allow-methods").unwrap();
        assert_eq!(methods.replace(' ', ""), "GET,POST,DELETE");
        assert!(answer.header("vary").unwrap().contains("Origin"));
        let headers = format!("origin: https://evil.example\r\n{preflight}");
        let answer = server.ask("OPTIONS", target, &headers).await;
        assert_eq!((answer.status, answer.text()), (403, NOT_ALLOWED));
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
}

// S30, S31, S32
#[tokio::test]
async fn with_cors_pages_in_the_list_may_read_answers_and_refusals() {
    let server = TestServer::with(allow);
    for origin in ["https://app.example", "https://two.example"] {
        let headers = format!("origin: {origin}\r\n");
        let refused = server.ask("GET", "/mcp", &headers).await;
        assert_eq!(refused.status, 401);
        let converted = server.post("/stream/convert", &headers, b"{}").await;
        assert_eq!(converted.status, 200);
        for answer in [refused, converted] {
            assert_eq!(answer.header("access-control-allow-origin"), Some(origin));
            let exposed = answer.header("access-control-expose-headers").unwrap();
            assert!(
                exposed.contains("Retry-After") && !exposed.contains('*'),
                "{exposed}"
            );
        }
    }
    for origin in [
        "https://app.example.evil.example",
        "http://app.example",
        "https://app.example:8443",
    ] {
        let headers = format!("origin: {origin}\r\n");
        let answer = server.post("/stream/convert", &headers, b"{}").await;
        assert_eq!(
            (answer.status, answer.text()),
            (403, NOT_ALLOWED),
            "{origin}"
        );
        assert_eq!(
            answer.header("access-control-allow-origin"),
            None,
            "{origin}"
        );
    }
}

/// Asks with a `Host` of its own.
async fn by_name(server: &TestServer, target: &str, host: &str) -> crate::client::Answer {
    let token = bearer(TOKEN);
    let request =
        format!("POST {target} HTTP/1.1\r\nhost: {host}\r\n{token}content-length: 0\r\n\r\n");
    let mut client = server.connect().await;
    client.send(request).await;
    client.answer().await
}

// S32
#[tokio::test]
async fn on_loopback_only_loopback_names_and_listed_ones_are_served() {
    let listed = std::net::IpAddr::from([127, 0, 0, 1]);
    let server = TestServer::with(|setup| {
        setup.app.hosts = AllowedHosts::parse(listed, "api.example").unwrap();
    });
    for target in ["/mcp", "/messages", "/stream/convert"] {
        for host in [
            "localhost",
            "localhost:1",
            "127.0.0.1:3000",
            "[::1]",
            "api.example",
        ] {
            let answer = by_name(&server, target, host).await;
            assert!(matches!(answer.status, 200 | 400), "{target} {host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "192.0.2.1",
            "127.0.0.1.nip.io",
        ] {
            let answer = by_name(&server, target, host).await;
            let refusal = r#"{"error":"Host not allowed"}"#;
            assert_eq!(
                (answer.status, answer.text()),
                (403, refusal),
                "{target} {host}"
            );
        }
    }
    for target in PUBLIC {
        let request = format!("GET {target} HTTP/1.1\r\nhost: 10.0.0.7:3000\r\n\r\n");
        let mut client = server.connect().await;
        client.send(request).await;
        assert_eq!(client.answer().await.status, 200, "{target}");
    }
}
