//! Ids of sessions: taken ones, guessed ones, those whose time is over, and one more than there may be.

use super::tokens::listen;
use super::{Door, NO_SESSION, Talk, Told, assert_told, guarded, refusals, token};
use crate::client::{Client, bearer, head};
use crate::server::{TOKEN, TestServer};
use serde_json::json;
use std::time::Duration;

const JSON: &str = "content-type: application/json\r\n";

/// A session of Streamable HTTP may have several streams (MCP 2025-11-25, "Multiple Connections"), so
/// that a second GET of who opened it is served, and takes nothing from the first. For anybody else
/// there is no such session.
#[tokio::test]
async fn a_second_get_with_a_live_session_s_id_takes_nothing_from_the_first() {
    let (server, _) = guarded([token("one"), token("two")]);
    let mut talk = Talk::begin(&server, Door::Session, "one").await;
    let own = format!("{}{}", bearer("one"), talk.named());
    let (mut client, mut first) = listen(&server, &own).await;
    let foreign = format!(
        "{}{}accept: text/event-stream\r\n",
        bearer("two"),
        talk.named()
    );
    for resumed in ["", "last-event-id: 0\r\n"] {
        let headers = format!("{foreign}{resumed}");
        let answer = server.ask("GET", "/mcp", &headers).await;
        assert_told(&answer, "GET", NO_SESSION, resumed);
    }
    // More than the SDK keeps beside the first.
    let mut more = Vec::new();
    for _ in 0..40 {
        more.push(listen(&server, &own).await);
    }
    drop(more);
    let list = talk.ask(&server, "tools/list", json!({})).await;
    assert!(list["result"].is_object(), "{list}");
    assert_eq!(server.metric("tonl_sessions_opened_total"), 1);
    server.signal().await;
    let mut last = Vec::new();
    while let Some(piece) = client.piece(&mut first).await {
        last = piece;
    }
    assert!(first.is_whole, "the first stream was cut");
    assert_eq!(last, b"event: shutdown\ndata: {}\n\n");
}

/// On the older transport the stream is the session: an id can't be opened twice, by nobody.
#[tokio::test]
async fn a_second_get_with_a_live_stream_s_id_opens_nothing() {
    let (server, _) = guarded([token("one"), token("two")]);
    let chosen: Told = (
        400,
        r#"{"error":"The server chooses the ids of sessions: leave sessionId out"}"#,
        None,
    );
    for door in Door::STREAMS {
        let mut talk = Talk::begin(&server, door, "one").await;
        let id = talk.session.clone().unwrap();
        for who in ["one", "two"] {
            for path in ["/mcp", "/sse"] {
                let target = format!("{path}?sessionId={id}");
                let answer = server.ask("GET", &target, &bearer(who)).await;
                assert_told(&answer, "GET", chosen, &format!("{door:?} {who} {path}"));
            }
            let named = format!("{}mcp-session-id: {id}\r\n", bearer(who));
            for resumed in ["", "last-event-id: 0\r\n"] {
                let headers = format!("{named}{resumed}accept: text/event-stream\r\n");
                let answer = server.ask("GET", "/mcp", &headers).await;
                assert_told(&answer, "GET", NO_SESSION, &format!("{door:?} {who}"));
            }
            // A header of the other transport proposes nothing here: the id is a new one.
            let other = Talk::with(&server, Door::Sse, &named).await;
            assert_ne!(other.session.as_deref(), Some(id.as_str()));
        }
        talk.greet(&server).await;
        let list = talk.ask(&server, "tools/list", json!({})).await;
        assert!(list["result"].is_object(), "{door:?} {list}");
    }
}

/// Asks in every way in which a session can be named.
async fn assert_no_session(server: &TestServer, id: &str) {
    let own = format!("{}{JSON}", bearer("one"));
    let named =
        format!("{own}mcp-session-id: {id}\r\naccept: application/json, text/event-stream\r\n");
    let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let in_query: String = form_urlencoded::byte_serialize(id.as_bytes()).collect();
    let answers = [
        ("POST", server.post("/mcp", &named, body).await),
        ("GET", server.ask("GET", "/mcp", &named).await),
        ("HEAD", server.ask("HEAD", "/mcp", &named).await),
        ("DELETE", server.ask("DELETE", "/mcp", &named).await),
        (
            "POST",
            server
                .post(&format!("/mcp?sessionId={in_query}"), &own, body)
                .await,
        ),
        (
            "POST",
            server
                .post(&format!("/messages?sessionId={in_query}"), &own, body)
                .await,
        ),
    ];
    for (method, answer) in answers {
        assert_told(&answer, method, NO_SESSION, &format!("{method} {id:?}"));
    }
}

#[tokio::test]
async fn a_post_with_a_guessed_id_finds_nothing() {
    let (server, _) = guarded([token("one")]);
    let live = Talk::begin(&server, Door::Session, "one").await;
    let id = live.session.clone().unwrap();
    let (start, end) = id.split_at(63);
    let near = format!("{start}{}", if end == "0" { "1" } else { "0" });
    let (zeros, upper) = ("0".repeat(64), "F".repeat(64));
    for guess in [
        "0",
        "-1",
        "1e9",
        "null",
        "undefined",
        "*",
        "%",
        "..",
        "/",
        "../../etc/passwd",
        "'or'1'='1",
        start,
        &near,
        &zeros,
        &upper,
        &"a".repeat(10_000),
    ] {
        assert_no_session(&server, guess).await;
    }
    assert_eq!(server.metric("tonl_sessions_opened_total"), 1);
    assert_eq!(refusals(&server, "unknown_session"), 16 * 6);
}

#[tokio::test]
async fn the_ids_proto_and_constructor_are_guesses_like_others() {
    let (server, _) = guarded([token("one")]);
    for guess in [
        "__proto__",
        "constructor",
        "prototype",
        "__proto__.constructor",
        "toString",
        "hasOwnProperty",
        "valueOf",
    ] {
        assert_no_session(&server, guess).await;
    }
    assert_eq!(server.metric("tonl_sessions_opened_total"), 0);
    // Nor does such a name among members do anything but be data.
    let mut talk = Talk::begin(&server, Door::Session, "one").await;
    let rows: serde_json::Value =
        serde_json::from_str(r#"[{"__proto__":{"admin":true},"constructor":1}]"#).unwrap();
    let options = json!({ "includeStats": false });
    let arguments = json!({ "data": rows, "options": options });
    let result = talk.call(&server, "convert_to_tonl", arguments).await;
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(
        text.contains("__proto__") && text.contains("constructor"),
        "{text}"
    );
}

/// A session is looked for in the head, so that a wrong one costs no memory.
#[tokio::test]
async fn a_guessed_id_is_refused_before_a_byte_of_its_body() {
    let (server, _) = guarded([token("one")]);
    let zeros = "0".repeat(64);
    let named = format!("mcp-session-id: {zeros}\r\n");
    let targets = [
        ("/mcp".to_owned(), named.as_str()),
        (format!("/mcp?sessionId={zeros}"), ""),
        (format!("/messages?sessionId={zeros}"), ""),
    ];
    for (target, named) in targets {
        let headers = format!(
            "{}{JSON}accept: application/json, text/event-stream\r\n{named}content-length: 52428800\r\n",
            bearer("one")
        );
        let mut client = server.connect().await;
        client.send(head("POST", &target, &headers)).await;
        let answer = client.answer().await;
        assert_told(&answer, "POST", NO_SESSION, &target);
        assert_eq!(answer.header("connection"), Some("close"));
    }
}

#[tokio::test]
async fn a_session_of_one_transport_is_none_of_another() {
    let (server, _) = guarded([token("one")]);
    let session = Talk::begin(&server, Door::Session, "one").await;
    let stream = Talk::begin(&server, Door::Mcp, "one").await;
    let own = format!("{}{JSON}", bearer("one"));
    let body = br#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    for path in ["/mcp", "/messages"] {
        let target = format!("{path}?sessionId={}", session.session.as_ref().unwrap());
        let answer = server.post(&target, &own, body).await;
        assert_told(&answer, "POST", NO_SESSION, path);
    }
    let named = format!(
        "{own}mcp-session-id: {}\r\n",
        stream.session.as_ref().unwrap()
    );
    let answer = server.post("/mcp", &named, body).await;
    assert_told(&answer, "POST", NO_SESSION, "of a stream");
    let answer = server.ask("DELETE", "/mcp", &named).await;
    assert_told(&answer, "DELETE", NO_SESSION, "of a stream");
}

#[tokio::test]
async fn a_session_past_its_idle_time_is_gone_and_every_ping_sets_it_back() {
    let (server, hands) = guarded([token("one")]);
    let almost = Duration::from_secs(299);
    let mut talk = Talk::begin(&server, Door::Session, "one").await;
    for _ in 0..3 {
        hands.advance(almost);
        let pong = talk.ask(&server, "ping", json!({})).await;
        assert_eq!(pong["result"], json!({}));
    }
    hands.advance(almost + Duration::from_secs(1));
    let late = talk.post(&server, "ping", json!({})).await;
    assert_told(&late, "POST", NO_SESSION, "idle for 300 s");
    server.metric_becomes("tonl_sessions_active", 0).await;
    let idle = server.metric(r#"tonl_sessions_closed_total{reason="idle"}"#);
    assert_eq!(idle, 1);
    // Who listens is not idle, be it for a day.
    for door in Door::WITH_SESSION {
        let mut talk = Talk::begin(&server, door, "one").await;
        talk.greet(&server).await;
        let own = format!("{}{}", bearer("one"), talk.named());
        let _listening = match door {
            Door::Session => Some(listen(&server, &own).await),
            _ => None,
        };
        hands.advance(Duration::from_secs(86_400));
        let pong = talk.ask(&server, "ping", json!({})).await;
        assert_eq!(pong["result"], json!({}), "{door:?}");
    }
}

/// Opens so many sessions on one connection.
async fn fill(server: &TestServer, count: usize) -> String {
    let mut client: Client = server.connect().await;
    let headers = format!(
        "{}{JSON}accept: application/json, text/event-stream\r\n",
        bearer(TOKEN)
    );
    let hello = super::initialize().to_string();
    let mut last = String::new();
    for number in 0..count {
        let answer = client.post("/mcp", &headers, hello.as_bytes()).await;
        assert_eq!(answer.status, 200, "session {number}: {answer:?}");
        answer
            .header("mcp-session-id")
            .unwrap()
            .clone_into(&mut last);
    }
    last
}

async fn assert_full(server: &TestServer, text: &'static str) {
    for door in Door::WITH_SESSION {
        let (_client, answer) = door.knock(server, &bearer(TOKEN)).await;
        assert_told(&answer, "POST", (503, text, None), &format!("{door:?}"));
        assert_eq!(answer.header("retry-after"), Some("10"), "{door:?}");
        assert_eq!(answer.header("mcp-session-id"), None, "{door:?}");
    }
    // Who needs none is served.
    Talk::begin(server, Door::Alone, TOKEN).await;
    assert_eq!(refusals(server, "too_many_sessions"), 3);
}

#[tokio::test]
async fn the_1001st_session_is_told_at_every_door_when_to_come_again() {
    let server = TestServer::with(|setup| {
        assert_eq!(setup.app.sessions.most, 1_000);
        setup.app.sessions.most_per_address = 2_000;
    });
    let last = fill(&server, 1_000).await;
    assert_full(&server, r#"{"error":"Too many sessions"}"#).await;
    assert_eq!(server.metric("tonl_sessions_active"), 1_000);
    let gone = format!("{}mcp-session-id: {last}\r\n", bearer(TOKEN));
    assert_eq!(server.ask("DELETE", "/mcp", &gone).await.status, 204);
    for door in Door::STREAMS {
        // It leaves again, and its place is free.
        drop(Talk::begin(&server, door, TOKEN).await);
        server.metric_becomes("tonl_sessions_active", 999).await;
    }
    Talk::begin(&server, Door::Session, TOKEN).await;
}

#[tokio::test]
async fn the_51st_session_of_one_address_is_told_at_every_door_when_to_come_again() {
    let server = TestServer::start();
    fill(&server, 50).await;
    assert_full(
        &server,
        r#"{"error":"Too many sessions from this address"}"#,
    )
    .await;
}
