//! The exact set of headers on every kind of answer (S26 to S29).

use crate::client::{Answer, bearer, head, passing};
use crate::order::once;
use crate::server::{TOKEN, TestServer};

/// Those that stand on every answer.
const ALWAYS: [&str; 12] = [
    "cross-origin-opener-policy: same-origin",
    "cross-origin-resource-policy: same-origin",
    "origin-agent-cluster: ?1",
    "referrer-policy: no-referrer",
    "x-api-version: 1.0.0",
    "x-content-type-options: nosniff",
    "x-dns-prefetch-control: off",
    "x-download-options: noopen",
    "x-frame-options: SAMEORIGIN",
    "x-permitted-cross-domain-policies: none",
    "x-request-id: id-of-a-test",
    "x-xss-protection: 0",
];

const JSON: &str = "content-type: application/json; charset=utf-8";
const TEXT: &str = "content-type: text/plain; charset=utf-8";
const ID: &str = "x-request-id: id-of-a-test\r\n";
const NO_STORE: &str = "cache-control: no-store";

/// An answer has these headers, those of every answer, a date, and no others.
fn has_exactly(answer: &Answer, status: u16, further: &[&str]) {
    assert_eq!(answer.status, status, "{answer:?}");
    let framing = ["date", "content-length", "transfer-encoding", "connection"];
    let all = answer.headers.iter();
    let mut found: Vec<_> = all
        .filter(|(name, _)| !framing.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}: {value}"))
        .collect();
    found.sort_unstable();
    let mut expected: Vec<_> = ALWAYS
        .iter()
        .chain(further)
        .map(|it| (*it).to_owned())
        .collect();
    expected.sort_unstable();
    assert_eq!(found, expected, "status {status}");
    assert!(answer.header("date").is_some());
}

/// The headers of the rate limit in the first and only request of a window, but for the seconds.
fn without_reset(mut answer: Answer) -> Answer {
    let reset: u64 = answer.header("ratelimit-reset").unwrap().parse().unwrap();
    assert!((1..=900).contains(&reset), "{reset}");
    answer.headers.retain(|(name, _)| name != "ratelimit-reset");
    answer
}

const RATE: [&str; 3] = [
    "ratelimit-policy: 100;w=900",
    "ratelimit-limit: 100",
    "ratelimit-remaining: 99",
];

// S26, S27, S28, S29
#[tokio::test]
async fn public_answers_have_their_headers_and_no_others() {
    let server = TestServer::start();
    for (target, kind) in [
        ("/", JSON),
        ("/health", JSON),
        ("/ready", JSON),
        ("/openapi.json", JSON),
        (
            "/metrics",
            "content-type: text/plain; version=0.0.4; charset=utf-8",
        ),
    ] {
        let answer = server.ask("GET", target, ID).await;
        has_exactly(&answer, 200, &[kind]);
    }
    let answer = server.ask("GET", "/none", ID).await;
    has_exactly(&answer, 404, &[JSON]);
    let answer = server.ask("PUT", "/health", ID).await;
    has_exactly(&answer, 405, &[JSON, "allow: GET,HEAD"]);
    let answer = server.ask("PUT", "/stream/convert", ID).await;
    has_exactly(&answer, 405, &[JSON, "allow: POST"]);
}

// S4, S7, S26, S28
#[tokio::test]
async fn protected_answers_are_kept_by_no_cache() {
    let server = TestServer::start();
    let challenge = r#"www-authenticate: Bearer realm="tonl-mcp-bridge""#;
    let invalid = format!("{challenge}, error=\"invalid_token\"");
    let wrong = format!("{ID}{}", bearer("wrong"));
    let right = format!("{ID}{}", passing(TOKEN));
    let answer = server.ask("GET", "/mcp", ID).await;
    has_exactly(&answer, 401, &[JSON, NO_STORE, challenge]);
    let answer = server.ask("GET", "/mcp", &wrong).await;
    has_exactly(&answer, 403, &[JSON, NO_STORE, &invalid]);
    let answer = server.ask("GET", "/mcp", &right).await;
    has_exactly(&answer, 406, &[JSON, NO_STORE]);
    let answer = server.ask("PUT", "/mcp", &right).await;
    has_exactly(
        &answer,
        405,
        &[JSON, NO_STORE, "allow: GET,HEAD,POST,DELETE"],
    );
    let foreign = format!("{right}origin: https://evil.example\r\n");
    let answer = server.ask("GET", "/mcp", &foreign).await;
    has_exactly(&answer, 403, &[JSON, NO_STORE]);
}

// S26, S28
#[tokio::test]
async fn event_streams_are_held_back_by_nobody() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    let headers = format!("{ID}{}", bearer(TOKEN));
    client.send(head("GET", "/metrics/live", &headers)).await;
    let answer = client.head().await;
    let further = [
        "content-type: text/event-stream; charset=utf-8",
        "cache-control: no-cache, no-transform",
        "x-accel-buffering: no",
    ];
    has_exactly(&answer, 200, &further);
}

/// Query, headers and body of a request; status and further headers of its answer.
type Case<'a> = (&'a str, &'a str, &'a [u8], u16, &'a [&'a str]);

// S20, S23, S26, S34, S36
#[tokio::test]
async fn answers_of_the_conversion_tell_the_share() {
    let server = TestServer::with(|setup| setup.app.convert.document = 10);
    let post = async |query: &str, headers: &str, body: &[u8], remaining: &str| {
        let target = format!("/stream/convert{query}");
        let headers = format!("{ID}{headers}");
        let answer = server.post(&target, &headers, body).await;
        let mut rate: Vec<String> = RATE.iter().map(|it| (*it).to_owned()).collect();
        rate[2] = format!("ratelimit-remaining: {remaining}");
        (without_reset(answer), rate)
    };
    let json = "content-type: application/json\r\n";
    let cases: [Case<'_>; 7] = [
        (
            "",
            "",
            b"{\"a\":1}\n",
            200,
            &[TEXT, "x-collection-name: data", "vary: Accept-Encoding"],
        ),
        ("?collection=a.b", "", b"{}", 400, &[JSON]),
        ("", "content-type: text/html\r\n", b"{}", 400, &[JSON]),
        ("", json, b"{\"a\":12345}", 413, &[JSON]),
        (
            "",
            "content-encoding: rot13\r\n",
            b"{}",
            415,
            &[JSON, "accept-encoding: gzip, deflate, zstd, br, identity"],
        ),
        ("?skipInvalid=false", "", b"{]\n", 422, &[JSON]),
        ("", "origin: https://evil.example\r\n", b"{}", 403, &[JSON]),
    ];
    for (number, (query, headers, body, status, further)) in cases.into_iter().enumerate() {
        if status == 403 {
            let headers = format!("{ID}{headers}");
            let answer = server.post("/stream/convert", &headers, body).await;
            has_exactly(&answer, status, further);
            continue;
        }
        let (answer, rate) = post(query, headers, body, &(99 - number).to_string()).await;
        let mut expected: Vec<&str> = further.to_vec();
        expected.extend(rate.iter().map(String::as_str));
        has_exactly(&answer, status, &expected);
    }
}

// S20, S23, S26
#[tokio::test]
async fn a_429_says_when_to_come_again() {
    let server = TestServer::with(|setup| setup.app.rate_limit = Some(once()));
    server.post("/stream/convert", ID, b"{}").await;
    let mut answer = server.post("/stream/convert", ID, b"{}").await;
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=900).contains(&wait), "{wait}");
    answer.headers.retain(|(name, _)| name != "retry-after");
    let rate = [
        "ratelimit-policy: 1;w=900",
        "ratelimit-limit: 1",
        "ratelimit-remaining: 0",
        TEXT,
    ];
    has_exactly(&without_reset(answer), 429, &rate);
}

// S26, S34
#[tokio::test]
async fn a_503_without_room_has_them_too() {
    let server = TestServer::with(|setup| {
        setup.app.body_budget = 10;
        setup.app.rate_limit = None;
    });
    let headers = format!("{ID}content-type: application/json\r\n");
    let answer = server
        .post("/stream/convert", &headers, b"[{\"a\":12345}]")
        .await;
    has_exactly(&answer, 503, &[JSON, "retry-after: 1"]);
    assert_eq!(server.metric(r#"tonl_refusals_total{reason="busy"}"#), 1);
}

// S29
#[tokio::test]
async fn a_request_without_an_id_gets_one_and_a_bad_one_is_replaced() {
    let server = TestServer::start();
    for sent in ["", "x-request-id: a b\r\n", "x-request-id: <x>\r\n"] {
        let answer = server.ask("GET", "/health", sent).await;
        let id = answer.header("x-request-id").unwrap();
        assert!(id.len() >= 16 && !sent.contains(id), "{id}");
    }
}
