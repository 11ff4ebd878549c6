//! Bodies that are too large, and calls that compute for too long.

use super::{Door, Talk};
use crate::client::{bearer, head};
use crate::server::{TOKEN, TestServer};
use serde_json::json;
use std::fmt::Write as _;
use std::time::Duration;

const MIB: usize = 1 << 20;
const TOO_LARGE: &str = r#"{"error":"Payload too large: the limit is 52428800 bytes"}"#;

/// Where a door takes messages, and with which headers.
fn place(talk: &Talk) -> (String, String) {
    let headers = format!(
        "{}content-type: application/json\r\naccept: application/json, text/event-stream\r\n{}",
        bearer(TOKEN),
        talk.named()
    );
    (talk.target.clone(), headers)
}

// S34
#[tokio::test]
async fn a_body_of_64_mib_is_refused_unread_where_its_length_is_told() {
    let server = TestServer::start();
    for door in Door::ALL {
        let talk = Talk::begin(&server, door, TOKEN).await;
        let (target, headers) = place(&talk);
        let headers = format!("{headers}content-length: {}\r\n", 64 * MIB);
        let mut client = server.connect().await;
        client.send(head("POST", &target, &headers)).await;
        // Nothing of it was sent.
        let answer = client.answer().await;
        assert_eq!((answer.status, answer.text()), (413, TOO_LARGE), "{door:?}");
        assert_eq!(answer.header("connection"), Some("close"), "{door:?}");
    }
}

/// 64 MiB are also all that one client may have in memory, so that one after the other is refused for
/// its size, and not for want of room, only if each gives back what it took.
// S34
#[tokio::test]
async fn a_body_of_64_mib_is_refused_while_it_comes_and_gives_its_memory_back() {
    let server = TestServer::start();
    let mut chunk = format!("{MIB:x}\r\n").into_bytes();
    chunk.resize(chunk.len() + MIB, b' ');
    chunk.extend_from_slice(b"\r\n");
    for door in Door::ALL {
        let mut talk = Talk::begin(&server, door, TOKEN).await;
        let (target, headers) = place(&talk);
        let headers = format!("{headers}transfer-encoding: chunked\r\n");
        let mut client = server.connect().await;
        client.send(head("POST", &target, &headers)).await;
        let mut sent = 0;
        while sent < 64 && client.try_send(&chunk).await {
            sent += 1;
        }
        assert!(sent >= 50, "{door:?}: {sent} MiB were taken");
        let answer = client.answer().await;
        assert_eq!((answer.status, answer.text()), (413, TOO_LARGE), "{door:?}");
        talk.greet(&server).await;
        let list = talk.ask(&server, "tools/list", json!({})).await;
        assert!(list["result"].is_object(), "{door:?} {list}");
    }
    server.metric_becomes("tonl_body_budget_bytes", 0).await;
}

#[tokio::test]
async fn a_call_that_computes_past_its_deadline_is_an_error_and_the_next_one_is_answered() {
    let server = TestServer::with(|setup| {
        setup.app.work_deadline = Duration::from_millis(250);
    });
    let mut words = String::new();
    while words.len() < 24 * MIB {
        let number = words.len();
        let _never = write!(words, "word{number} of a text that is long to count; ");
    }
    for door in Door::ALL {
        let mut talk = Talk::begin(&server, door, TOKEN).await;
        talk.greet(&server).await;
        let much = json!({ "jsonData": words, "tonlData": "" });
        let late = talk.call(&server, "calculate_savings", much).await;
        assert_eq!(late["isError"], true, "{door:?}");
        let text = &late["content"][0]["text"];
        let told = "The call took longer than it may; send less data at once";
        assert_eq!(text, told, "{door:?}");
        let little = json!({ "jsonData": "[1]", "tonlData": "[1]" });
        let next = talk.call(&server, "calculate_savings", little).await;
        assert!(next["isError"].is_null(), "{door:?}: {next}");
    }
}
