//! The transports of MCP on a real socket: both eras of Streamable HTTP, the older transport, and
//! those who try to get at a session that is not theirs.

use crate::client::{Answer, Client, bearer, head};
use crate::server::{TOKEN, TestServer, tokens};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#;
const BOTH: &str =
    "content-type: application/json\r\naccept: application/json, text/event-stream\r\n";

fn call(id: u64, tool: &str, arguments: &Value) -> String {
    let params = json!({ "name": tool, "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }).to_string()
}

fn two_rows(id: u64) -> String {
    let rows = json!([{ "id": 1, "name": "ada" }, { "id": 2, "name": "grace" }]);
    call(
        id,
        "convert_to_tonl",
        &json!({ "data": rows, "name": "users" }),
    )
}

/// The message of an answer, be it JSON or the first message among events.
fn message(answer: &Answer) -> Value {
    let text = answer.text();
    if text.starts_with('{') {
        return serde_json::from_str(text).unwrap();
    }
    let mut data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let found = data.find(|data| data.starts_with('{'));
    serde_json::from_str(found.unwrap_or_else(|| panic!("no message in {text:?}"))).unwrap()
}

async fn post(server: &TestServer, token: &str, further: &str, body: &str) -> Answer {
    let headers = format!("{}{BOTH}{further}", bearer(token));
    server.post("/mcp", &headers, body.as_bytes()).await
}

async fn initialize(server: &TestServer, token: &str) -> String {
    let answer = post(server, token, "", INITIALIZE).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let result = message(&answer);
    assert_eq!(
        result["result"]["protocolVersion"], "2025-11-25",
        "{result}"
    );
    let session = answer.header("mcp-session-id").unwrap().to_owned();
    assert!(session.len() == 64, "{session} is one of ours");
    session
}

fn of(session: &str) -> String {
    format!("mcp-session-id: {session}\r\n")
}

#[tokio::test]
async fn a_session_converts_and_ends_when_it_is_deleted() {
    let server = TestServer::start();
    let session = of(&initialize(&server, TOKEN).await);
    server.metric_becomes("tonl_sessions_active", 1).await;
    let ready = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(post(&server, TOKEN, &session, ready).await.status, 202);
    let answer = post(&server, TOKEN, &session, &two_rows(7)).await;
    let result = message(&answer);
    assert_eq!(result["id"], 7);
    let text = result["result"]["content"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("ada") && text.contains("originalTokens"),
        "{text}"
    );
    let gone = format!("{}{session}", bearer(TOKEN));
    assert_eq!(server.ask("DELETE", "/mcp", &gone).await.status, 204);
    server.metric_becomes("tonl_sessions_active", 0).await;
    assert_eq!(
        post(&server, TOKEN, &session, &two_rows(8)).await.status,
        404
    );
}

#[tokio::test]
async fn the_newest_era_needs_no_session() {
    let server = TestServer::start();
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let headers =
        |method: &str| format!("mcp-protocol-version: 2026-07-28\r\nmcp-method: {method}\r\n");
    let discover = json!({ "jsonrpc": "2.0", "id": 1, "method": "server/discover", "params": { "_meta": meta } });
    let answer = post(
        &server,
        TOKEN,
        &headers("server/discover"),
        &discover.to_string(),
    )
    .await;
    let result = message(&answer);
    let versions = &result["result"]["supportedVersions"];
    assert!(
        versions.as_array().unwrap().contains(&json!("2026-07-28")),
        "{result}"
    );
    let params = json!({ "name": "parse_tonl", "arguments": { "tonl": "a: 1.10" }, "_meta": meta });
    let call = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": params });
    let further = format!("{}mcp-name: parse_tonl\r\n", headers("tools/call"));
    let answer = post(&server, TOKEN, &further, &call.to_string()).await;
    let result = message(&answer);
    let text = result["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("1.10"), "{text}");
    assert_eq!(server.metric("tonl_sessions_active"), 0);
    // A header and a body that disagree.
    let further = format!("{}mcp-name: convert_to_tonl\r\n", headers("tools/call"));
    assert_eq!(
        post(&server, TOKEN, &further, &call.to_string())
            .await
            .status,
        400
    );
}

#[tokio::test]
async fn what_is_no_message_is_answered_as_the_protocol_says() {
    let server = TestServer::start();
    for (body, code) in [
        ("", -32700),
        ("{\"jsonrpc\":", -32700),
        ("{\"a\":1,\"a\":2}", -32700),
        ("[]", -32600),
        ("{}", -32600),
        (r#"{"jsonrpc":"1.0","id":5,"method":"ping"}"#, -32600),
    ] {
        let answer = post(&server, TOKEN, "", body).await;
        assert_eq!(answer.status, 400, "{body}: {answer:?}");
        assert_eq!(message(&answer)["error"]["code"], code, "{body}");
    }
    let deep = format!("{{\"a\":{}1{}}}", "[".repeat(200), "]".repeat(200));
    let answer = post(&server, TOKEN, "", &deep).await;
    assert!(
        message(&answer)["error"]["message"]
            .as_str()
            .unwrap()
            .contains("127")
    );
    let text = format!("{}content-type: text/plain\r\n", bearer(TOKEN));
    assert_eq!(server.post("/mcp", &text, b"{}").await.status, 400);
}

/// A stream of the older transport, and where its messages go.
async fn open(server: &TestServer, path: &str, headers: &str) -> (Client, Answer, String) {
    let mut client = server.connect().await;
    client.send(head("GET", path, headers)).await;
    let mut answer = client.head().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let event = next(&mut client, &mut answer).await;
    let endpoint = event.strip_prefix("event: endpoint\ndata: ").unwrap();
    let endpoint = endpoint.trim_end().to_owned();
    (client, answer, endpoint)
}

async fn next(client: &mut Client, answer: &mut Answer) -> String {
    loop {
        let piece = client.piece(answer).await.expect("the stream goes on");
        let text = String::from_utf8(piece).unwrap();
        if !text.starts_with(':') {
            return text;
        }
    }
}

#[tokio::test]
async fn the_older_transport_answers_on_its_stream() {
    let server = TestServer::start();
    for (path, messages) in [
        ("/mcp", "/mcp?sessionId="),
        ("/sse", "/messages?sessionId="),
    ] {
        let (mut stream, mut answer, endpoint) = open(&server, path, &bearer(TOKEN)).await;
        assert!(endpoint.starts_with(messages), "{endpoint}");
        let headers = format!("{}content-type: application/json\r\n", bearer(TOKEN));
        let sent = server
            .post(&endpoint, &headers, INITIALIZE.as_bytes())
            .await;
        assert_eq!((sent.status, sent.text()), (202, "Accepted"));
        let event = next(&mut stream, &mut answer).await;
        assert!(event.starts_with("event: message\ndata: {"), "{event}");
        assert!(event.contains("protocolVersion"), "{event}");
        let sent = server
            .post(&endpoint, &headers, two_rows(9).as_bytes())
            .await;
        assert_eq!(sent.status, 202);
        let event = next(&mut stream, &mut answer).await;
        assert!(event.contains("ada"), "{event}");
        drop(stream);
        server.metric_becomes("tonl_sessions_active", 0).await;
        let sent = server
            .post(&endpoint, &headers, two_rows(9).as_bytes())
            .await;
        assert_eq!(sent.status, 404);
    }
}

// S8 to S18
#[tokio::test]
async fn in_development_a_session_gets_a_token_that_opens_it_alone() {
    let server = TestServer::development();
    let (mut one, mut answer, first) = open(&server, "/mcp", "").await;
    let event = next(&mut one, &mut answer).await;
    let data = event.strip_prefix("event: session-token\ndata: ").unwrap();
    let data: Value = serde_json::from_str(data.trim_end()).unwrap();
    assert_eq!(data["expiresIn"], 3600);
    let token = data["token"].as_str().unwrap().to_owned();
    let (_two, _, second) = open(&server, "/mcp", "").await;
    let json = "content-type: application/json\r\n";
    let headers = format!("{}{json}", bearer(&token));
    let body = INITIALIZE.as_bytes();
    assert_eq!(server.post(&first, &headers, body).await.status, 202);
    assert_eq!(server.post(&first, json, body).await.status, 401);
    let other = server.post(&second, &headers, body).await.status;
    assert!(matches!(other, 403 | 404), "{other}");
}

#[tokio::test]
async fn a_session_is_of_who_opened_it() {
    let server = TestServer::start();
    let both = {
        let set = tonl_secret::TokenSet::new([token("one"), token("two")]);
        set.unwrap()
    };
    server
        .keyring
        .install(both, SystemTime::now(), Duration::ZERO);
    let session = initialize(&server, "one").await;
    assert_eq!(
        post(&server, "two", &of(&session), &two_rows(1))
            .await
            .status,
        404
    );
    assert_eq!(
        post(&server, "wrong", &of(&session), &two_rows(1))
            .await
            .status,
        403
    );
    for guess in ["__proto__", "constructor", "0", &"0".repeat(64)] {
        let status = post(&server, "one", &of(guess), &two_rows(1)).await.status;
        assert_eq!(status, 404, "{guess}");
        let get = format!(
            "{}{}accept: text/event-stream\r\n",
            bearer("one"),
            of(guess)
        );
        assert_eq!(server.ask("GET", "/mcp", &get).await.status, 404, "{guess}");
    }
    let (_stream, _, endpoint) = open(&server, "/mcp", &bearer("one")).await;
    let headers = |token| format!("{}content-type: application/json\r\n", bearer(token));
    let body = INITIALIZE.as_bytes();
    assert_eq!(
        server.post(&endpoint, &headers("two"), body).await.status,
        404
    );
    // The id of a stream is chosen here, so that nobody opens a second one on it.
    let taken = server.ask("GET", &endpoint, &bearer("one")).await;
    assert_eq!(taken.status, 400);
    // The stream's session is none of Streamable HTTP, and the other way round.
    let id = endpoint.split_once('=').unwrap().1;
    assert_eq!(
        post(&server, "one", &of(id), &two_rows(1)).await.status,
        404
    );
    let crossed = format!("/mcp?sessionId={session}");
    assert_eq!(
        server.post(&crossed, &headers("one"), body).await.status,
        404
    );
    let twice = format!("{}{}", of(&session), of(&session));
    assert_eq!(post(&server, "one", &twice, &two_rows(1)).await.status, 404);
}

fn token(name: &str) -> tonl_secret::Token {
    tonl_secret::Token {
        name: name.to_owned(),
        digest: tonl_secret::Digest::of(name.as_bytes()),
        scopes: tonl_layers::Scope::ALL.into_iter().collect(),
        not_before: None,
        expires: None,
    }
}

#[tokio::test]
async fn a_revoked_token_ends_its_sessions() {
    let server = TestServer::start();
    let (mut stream, mut answer, _) = open(&server, "/mcp", &bearer(TOKEN)).await;
    let new = tokens("a-token-that-is-good-from-now-on");
    server
        .keyring
        .install(new, SystemTime::now(), Duration::ZERO);
    while stream.piece(&mut answer).await.is_some() {}
    server.metric_becomes("tonl_sessions_active", 0).await;
}

#[tokio::test]
async fn a_body_over_the_limit_is_413_and_a_late_call_is_an_error() {
    let server = TestServer::with(|setup| {
        setup.app.convert.document = 64 << 10;
        setup.app.work_deadline = Duration::ZERO;
    });
    let large = two_rows(1).replace("ada", &"a".repeat(80 << 10));
    assert_eq!(post(&server, TOKEN, "", &large).await.status, 413);
    let session = of(&initialize(&server, TOKEN).await);
    let late = message(&post(&server, TOKEN, &session, &two_rows(3)).await);
    assert_eq!(late["result"]["isError"], true, "{late}");
}

// S54
#[tokio::test]
async fn when_the_server_drains_its_streams_end_whole() {
    let server = TestServer::start();
    let (mut stream, mut answer, _) = open(&server, "/sse", &bearer(TOKEN)).await;
    let session = initialize(&server, TOKEN).await;
    let mut other = server.connect().await;
    let headers = format!(
        "{}{}accept: text/event-stream\r\n",
        bearer(TOKEN),
        of(&session)
    );
    other.send(head("GET", "/mcp", &headers)).await;
    let mut of_session = other.head().await;
    assert_eq!(of_session.status, 200);
    server.signal().await;
    while stream.piece(&mut answer).await.is_some() {}
    while other.piece(&mut of_session).await.is_some() {}
    assert!(answer.is_whole && of_session.is_whole);
    assert_eq!(server.stopped().await.cut, 0);
}
