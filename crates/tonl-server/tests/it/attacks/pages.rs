//! What pages of other origins try in a visitor's browser (S30 to S32), on every method and path, with
//! and without a token: refused before anything runs, so that not even a token is looked at.

use super::{Told, refusals};
use crate::client::{Answer, Client, bearer};
use crate::server::{TOKEN, TestServer};

const METHODS: [&str; 9] = [
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW",
];
const PATHS: [&str; 5] = [
    "/mcp",
    "/sse",
    "/messages",
    "/mcp?sessionId=0000000000000000000000000000000000000000000000000000000000000000",
    "/messages?sessionId=0000000000000000000000000000000000000000000000000000000000000000",
];
const NOT_ALLOWED: Told = (403, r#"{"error":"Not allowed by CORS"}"#, None);
const NO_HOST: Told = (403, r#"{"error":"Host not allowed"}"#, None);
/// A stranger, somebody who guesses, and the visitor.
const WHO: [&str; 3] = ["", "wrong", TOKEN];

/// Asks in every way with these headers, under this name, and sees that it is told this and that
/// nothing has run. Gives how often it asked.
async fn assert_refused(server: &TestServer, host: &str, sent: &[&str], told: Told) -> u64 {
    let mut asked = 0;
    let mut client = server.connect().await;
    for headers in sent {
        for path in PATHS {
            for method in METHODS {
                for who in WHO {
                    let token = if who.is_empty() {
                        String::new()
                    } else {
                        bearer(who)
                    };
                    let headers = format!("{token}{headers}");
                    let answer = ask(&mut client, (method, path), host, &headers).await;
                    let of = format!("{method} {path} {headers}");
                    super::assert_told(&answer, method, told, &of);
                    let names = answer.names();
                    assert!(
                        !names.iter().any(|name| name.starts_with("access-control")),
                        "{names:?}"
                    );
                    asked += 1;
                }
            }
        }
    }
    assert_eq!(server.metric(r#"tonl_errors_total{type="auth"}"#), 0);
    assert_eq!(server.metric("tonl_sessions_opened_total"), 0);
    asked
}

async fn ask(
    client: &mut Client,
    (method, target): (&str, &str),
    host: &str,
    headers: &str,
) -> Answer {
    let request = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n");
    client.send(request).await;
    client.answer_to(method).await
}

/// Origins that are none of the server's, which is asked as `http://localhost:3000`.
const FOREIGN: [&str; 14] = [
    "origin: https://evil.example\r\n",
    "origin: http://evil.example:3000\r\n",
    "origin: http://localhost.evil.example:3000\r\n",
    "origin: http://localhost:3001\r\n",
    "origin: http://localhost\r\n",
    "origin: https://localhost:3000\r\n",
    "origin: http://127.0.0.1:3000\r\n",
    "origin: http://localhost:3000.evil.example\r\n",
    "origin: http://localhost:3000@evil.example\r\n",
    "origin: file://\r\n",
    "origin: \r\n",
    "origin: http://localhost:3000\r\norigin: https://evil.example\r\n",
    "origin: http://localhost:3000, https://evil.example\r\n",
    "sec-fetch-site: cross-site\r\n",
];

#[tokio::test]
async fn a_foreign_origin_is_refused_on_every_method_and_path() {
    for server in [TestServer::start(), TestServer::development()] {
        let asked = assert_refused(&server, "localhost:3000", &FOREIGN, NOT_ALLOWED).await;
        assert_eq!(refusals(&server, "origin_not_allowed"), asked);
    }
}

#[tokio::test]
async fn a_null_origin_is_refused_on_every_method_and_path() {
    let null = ["origin: null\r\n", "origin: NULL\r\n"];
    for server in [TestServer::start(), TestServer::development()] {
        let asked = assert_refused(&server, "localhost:3000", &null, NOT_ALLOWED).await;
        assert_eq!(refusals(&server, "origin_not_allowed"), asked);
    }
}

/// A page that turned its own name to this machine has an origin that fits the name.
#[tokio::test]
async fn a_rebinding_host_is_refused_on_every_method_and_path() {
    let hosts = [
        "evil.example",
        "evil.example:3000",
        "localhost.evil.example",
        "127.0.0.1.nip.io",
        "0.0.0.0",
        "192.0.2.1",
        "[::ffff:192.0.2.1]",
        "localhostt",
    ];
    for server in [TestServer::start(), TestServer::development()] {
        let mut asked = 0;
        for host in hosts {
            let own = format!("origin: http://{host}\r\n");
            asked += assert_refused(&server, host, &["", &own], NO_HOST).await;
        }
        assert_eq!(refusals(&server, "host_not_allowed"), asked);
    }
}

/// The name may stand in the target as well.
#[tokio::test]
async fn a_rebinding_host_in_an_absolute_target_is_refused() {
    let server = TestServer::development();
    let mut client = server.connect().await;
    for path in PATHS {
        let target = format!("http://evil.example:3000{path}");
        let answer = ask(&mut client, ("GET", &target), "evil.example:3000", "").await;
        super::assert_told(&answer, "GET", NO_HOST, &target);
    }
    // Two names are not clearly one.
    let target = "http://localhost:3000/mcp";
    let answer = ask(&mut client, ("GET", target), "evil.example:3000", "").await;
    assert_eq!(answer.status, 400, "{answer:?}");
    assert_eq!(server.metric("tonl_sessions_opened_total"), 0);
}
