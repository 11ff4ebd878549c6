//! Without a token, with a wrong one, with one whose time is over or has not come.

use super::{Door, INVALID, MISSING, Talk, Told, assert_told, guarded, refusals, set, token};
use crate::client::{Answer, Client, bearer, head};
use crate::server::TestServer;
use serde_json::json;
use std::time::{Duration, SystemTime};
use tonl_layers::Clock;

const HOUR: Duration = Duration::from_secs(3_600);
const ALMOST_AN_HOUR: Duration = Duration::from_secs(3_599);
const SECOND: Duration = Duration::from_secs(1);
const EVENTS: &str = "accept: text/event-stream\r\n";

/// Everything that a client may ask at a door, with these headers in the place of its own: to open it
/// once more, to send a message, and to listen to and to end its session.
pub(super) async fn tries(
    server: &TestServer,
    talk: &Talk,
    headers: &str,
) -> Vec<(&'static str, Answer)> {
    let (_client, opening) = talk.door().knock(server, headers).await;
    let message = talk
        .post_with(server, headers, ("tools/list", json!({})))
        .await;
    let mut answers = vec![("opening", opening), ("message", message)];
    if talk.door() == Door::Session {
        let headers = format!("{headers}{EVENTS}{}", talk.named());
        answers.push(("stream", server.ask("GET", "/mcp", &headers).await));
        answers.push(("end", server.ask("DELETE", "/mcp", &headers).await));
    }
    answers
}

/// Sees that with these headers nobody gets in, and that who is in does not notice.
async fn assert_shut(server: &TestServer, headers: &[&str], told: Told) {
    for door in Door::ALL {
        let mut talk = Talk::begin(server, door, "good").await;
        let opened = server.metric("tonl_sessions_opened_total");
        for headers in headers {
            for (what, answer) in tries(server, &talk, headers).await {
                assert_told(
                    &answer,
                    "POST",
                    told,
                    &format!("{door:?} {what} {headers:?}"),
                );
            }
        }
        assert_eq!(server.metric("tonl_sessions_opened_total"), opened);
        talk.greet(server).await;
        let list = talk.ask(server, "tools/list", json!({})).await;
        assert!(list["result"]["tools"].is_array(), "{door:?} {list}");
    }
}

// S3, S4, S7
#[tokio::test]
async fn no_token_is_refused_at_every_door() {
    let (server, _) = guarded([token("good")]);
    let headers = [
        "",
        "authorization: Basic Z29vZDpnb29k\r\n",
        "authorization: Bearer\r\n",
        "authorization: Bearer \r\n",
        "cookie: token=good\r\n",
        "x-api-key: good\r\n",
    ];
    assert_shut(&server, &headers, MISSING).await;
    assert_eq!(refusals(&server, "invalid_token"), 0);
}

// S4, S7
#[tokio::test]
async fn a_wrong_token_is_refused_at_every_door() {
    let (server, _) = guarded([token("good")]);
    let long = bearer(&"g".repeat(8_000));
    let headers = [
        "authorization: Bearer wrong\r\n",
        "authorization: Bearer Good\r\n",
        "authorization: Bearer goo\r\n",
        "authorization: Bearer goodd\r\n",
        "authorization: Bearer good good\r\n",
        "authorization: Bearer good\r\nauthorization: Bearer good\r\n",
        &long,
    ];
    assert_shut(&server, &headers, INVALID).await;
}

/// Opens the stream of a session.
pub(super) async fn listen(server: &TestServer, headers: &str) -> (Client, Answer) {
    let mut client = server.connect().await;
    let headers = format!("{headers}{EVENTS}");
    client.send(head("GET", "/mcp", &headers)).await;
    let answer = client.head().await;
    assert_eq!(answer.status, 200, "{answer:?}");
    (client, answer)
}

// S6, S7, S16: an entry of the tokens file whose `expires` passes while it is in use.
#[tokio::test]
async fn an_expired_token_is_refused_at_every_door_and_its_sessions_end() {
    let (server, hands) = guarded([token("unused")]);
    let now = SystemTime::now();
    let brief = tonl_secret::Token {
        expires: Some(now + 2 * HOUR),
        ..token("brief")
    };
    let tokens = set([brief, token("good")]);
    server.keyring.install(tokens, now, Duration::ZERO);
    let mut talks = Vec::new();
    for door in Door::ALL {
        let mut talk = Talk::begin(&server, door, "brief").await;
        talk.greet(&server).await;
        talks.push(talk);
    }
    let headers = format!("{}{}", bearer("brief"), talks[0].named());
    let (mut listening, mut stream) = listen(&server, &headers).await;
    let mut other = Talk::begin(&server, Door::Mcp, "good").await;
    other.greet(&server).await;
    hands.advance(HOUR);
    for talk in &mut talks {
        let list = talk.ask(&server, "tools/list", json!({})).await;
        assert!(list["result"].is_object(), "{:?} {list}", talk.door());
    }
    hands.advance(HOUR + SECOND);
    for talk in &mut talks {
        for (what, answer) in tries(&server, talk, &bearer("brief")).await {
            let of = format!("{:?} {what}", talk.door());
            assert_told(&answer, "POST", INVALID, &of);
        }
    }
    assert_eq!(refusals(&server, "expired_token"), 10);
    // Streams that are open end in order, and with them the sessions; those of others go on.
    assert!(talks[2].ends().await && talks[3].ends().await);
    while listening.piece(&mut stream).await.is_some() {}
    assert!(stream.is_whole);
    server.metric_becomes("tonl_sessions_active", 1).await;
    let revoked = server.metric(r#"tonl_sessions_closed_total{reason="token_revoked"}"#);
    assert_eq!(revoked, 3);
    let list = other.ask(&server, "tools/list", json!({})).await;
    assert!(list["result"].is_object(), "{list}");
}

// S6
#[tokio::test]
async fn a_token_whose_time_has_not_come_is_refused_at_every_door() {
    let (server, hands) = guarded([token("unused")]);
    let now = SystemTime::now();
    let early = tonl_secret::Token {
        not_before: Some(now + HOUR),
        ..token("early")
    };
    server.keyring.install(set([early]), now, Duration::ZERO);
    for door in Door::ALL {
        let (_client, answer) = door.knock(&server, &bearer("early")).await;
        assert_told(&answer, "POST", INVALID, &format!("{door:?}"));
    }
    assert_eq!(refusals(&server, "not_yet_valid_token"), 4);
    hands.advance(HOUR + SECOND);
    for door in Door::ALL {
        Talk::begin(&server, door, "early").await;
    }
}

/// A UUID, the milliseconds since 1970 when it was made to the base of 36, and 256 bits.
fn assert_shape(token: &str, made: SystemTime) {
    let parts: Vec<&str> = token.rsplitn(3, '-').collect();
    let [secret, time, uuid] = parts[..] else {
        panic!("{token} has not three parts");
    };
    let lengths: Vec<usize> = uuid.split('-').map(str::len).collect();
    assert_eq!(lengths, [8, 4, 4, 4, 12], "{token}");
    let is_hex = |text: &str| text.bytes().all(|c| c.is_ascii_hexdigit() || c == b'-');
    assert!(
        is_hex(uuid) && is_hex(secret) && secret.len() == 64,
        "{token}"
    );
    let made = made.duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let time = u128::from_str_radix(time, 36).unwrap();
    assert_eq!(time, made.as_millis(), "{token}");
}

// S9 to S12, S14, S16, S18
#[tokio::test]
async fn an_expired_session_token_is_refused_and_its_stream_ends() {
    let (clock, hands) = Clock::stopped(SystemTime::now());
    let server = TestServer::development_with(|setup| setup.app.clock = clock.clone());
    for door in Door::STREAMS {
        let mut talk = Talk::with(&server, door, "").await;
        talk.greet(&server).await;
        let token = talk.token.clone().unwrap();
        assert_shape(&token, clock.now().wall);
        let own = bearer(&token);
        hands.advance(ALMOST_AN_HOUR);
        let list = talk.ask(&server, "tools/list", json!({})).await;
        assert!(list["result"].is_object(), "{door:?} {list}");
        hands.advance(SECOND);
        let late = talk.post(&server, "tools/list", json!({})).await;
        assert_told(&late, "POST", INVALID, &format!("{door:?}"));
        let live = server.ask("GET", "/metrics/live", &own).await;
        assert_told(&live, "GET", INVALID, "live metrics");
        assert!(talk.ends().await, "{door:?}: the stream was cut");
        server.metric_becomes("tonl_sessions_active", 0).await;
        // Nothing of it is left for the next one.
        let mut next = Talk::with(&server, door, "").await;
        assert_ne!(next.token, talk.token);
        let (_client, again) = door.knock(&server, &own).await;
        assert_told(&again, "GET", INVALID, &format!("{door:?} again"));
        next.greet(&server).await;
        drop(next);
        server.metric_becomes("tonl_sessions_active", 0).await;
    }
    let expired = server.metric(r#"tonl_sessions_closed_total{reason="expired"}"#);
    assert_eq!(expired, 2);
}
