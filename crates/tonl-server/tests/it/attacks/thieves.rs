//! A good token where it opens nothing: that of another session, and that of another identity.

use super::tokens::tries;
use super::{Door, INVALID, NO_SESSION, Talk, assert_told, guarded, refusals, token};
use crate::client::bearer;
use crate::server::TestServer;
use serde_json::json;

// S13, S15: a session's token opens its session alone, and nothing that belongs to no session.
#[tokio::test]
async fn another_session_s_token_is_refused_at_every_door() {
    let server = TestServer::development_with(|setup| setup.app.auth.failure_max = 0);
    let run = bearer(server.run_token.as_ref().unwrap().expose());
    let mut thief = Talk::with(&server, Door::Mcp, "").await;
    thief.greet(&server).await;
    let stolen = bearer(&thief.token.clone().unwrap());
    let victims = [
        (Door::Session, run.as_str()),
        (Door::Alone, &run),
        (Door::Mcp, ""),
        (Door::Sse, ""),
        (Door::Mcp, &run),
    ];
    for (door, headers) in victims {
        let mut victim = Talk::with(&server, door, headers).await;
        for (what, answer) in tries(&server, &victim, &stolen).await {
            assert_told(&answer, "POST", INVALID, &format!("{door:?} {what}"));
        }
        victim.greet(&server).await;
        let list = victim.ask(&server, "tools/list", json!({})).await;
        assert!(list["result"].is_object(), "{door:?} {list}");
    }
    for named in [
        "mcp-protocol-version: 2025-11-25\r\n",
        "last-event-id: 0\r\n",
    ] {
        let headers = format!("{stolen}accept: text/event-stream\r\n{named}");
        let answer = server.ask("GET", "/mcp", &headers).await;
        assert_told(&answer, "GET", INVALID, named);
    }
    let answer = server.ask("DELETE", "/mcp", &stolen).await;
    assert_told(&answer, "DELETE", INVALID, "the end of no session");
    assert!(refusals(&server, "foreign_session") > 10);
    let list = thief.ask(&server, "tools/list", json!({})).await;
    assert!(list["result"].is_object(), "its own session: {list}");
}

// S16
#[tokio::test]
async fn a_session_s_token_is_worth_nothing_after_the_disconnect() {
    let server = TestServer::development();
    for door in Door::STREAMS {
        let talk = Talk::with(&server, door, "").await;
        let own = bearer(&talk.token.clone().unwrap());
        let target = talk.target.clone();
        drop(talk);
        server.metric_becomes("tonl_sessions_active", 0).await;
        let json = format!("{own}content-type: application/json\r\n");
        let answer = server.post(&target, &json, b"{}").await;
        assert_told(&answer, "POST", INVALID, &format!("{door:?}"));
        let answer = server.ask("GET", "/metrics/live", &own).await;
        assert_told(&answer, "GET", INVALID, "live metrics");
    }
}

#[tokio::test]
async fn another_identity_s_session_is_none_for_every_request() {
    let (server, _) = guarded([token("one"), token("two")]);
    for door in Door::WITH_SESSION {
        let mut talk = Talk::begin(&server, door, "one").await;
        let opened = server.metric("tonl_sessions_opened_total");
        for (what, answer) in tries(&server, &talk, &bearer("two")).await {
            if what != "opening" {
                assert_told(&answer, "POST", NO_SESSION, &format!("{door:?} {what}"));
            }
        }
        // It may open one of its own, which is another one.
        assert_eq!(server.metric("tonl_sessions_opened_total"), opened + 1);
        talk.greet(&server).await;
        let list = talk.ask(&server, "tools/list", json!({})).await;
        assert!(list["result"].is_object(), "{door:?} {list}");
    }
    assert!(refusals(&server, "foreign_session") >= 5);
}
