//! Headers that say something else than the message: what a gateway lets pass must be what runs.

use super::door::{NEWEST, meta, request};
use super::{Door, Talk, guarded, initialize, token};
use crate::client::{Answer, bearer};
use crate::server::TestServer;
use serde_json::{Value, json};

const BOTH: &str =
    "content-type: application/json\r\naccept: application/json, text/event-stream\r\n";
/// The error code of headers that do not match.
const MISMATCH: i64 = -32020;

fn call(tool: &str, with_meta: bool) -> Value {
    let mut params = json!({ "name": tool, "arguments": { "tonl": "a: 1" } });
    if with_meta {
        params["_meta"] = meta();
    }
    request(5, "tools/call", &params)
}

async fn post(server: &TestServer, target: &str, headers: &str, message: &Value) -> Answer {
    let headers = format!("{}{BOTH}{headers}", bearer("one"));
    server
        .post(target, &headers, message.to_string().as_bytes())
        .await
}

#[track_caller]
fn assert_mismatch(answer: &Answer, codes: &[i64], of: &str) {
    assert_eq!(answer.status, 400, "{of}: {answer:?}");
    let body: Value = serde_json::from_str(answer.text()).unwrap();
    let code = body["error"]["code"].as_i64().unwrap();
    assert!(codes.contains(&code), "{of}: {body}");
    assert_eq!(body["id"], 5, "{of}: {body}");
}

/// How many calls have run.
fn run(server: &TestServer) -> u64 {
    server.metric(r#"tonl_conversion_requests_total{operation="tonl_to_json",status="success"}"#)
}

#[tokio::test]
async fn a_header_and_a_body_that_disagree_are_refused_in_the_newest_revision() {
    let (server, _) = guarded([token("one")]);
    let call = call("parse_tonl", true);
    let version = format!("mcp-protocol-version: {NEWEST}\r\n");
    let method = "mcp-method: tools/call\r\n";
    let name = "mcp-name: parse_tonl\r\n";
    let good = post(&server, "/mcp", &format!("{version}{method}{name}"), &call).await;
    assert_eq!((good.status, run(&server)), (200, 1), "{good:?}");
    let old = "mcp-protocol-version: 2025-11-25\r\n";
    let cases = [
        // Mcp-Method
        format!("{version}mcp-method: tools/list\r\n{name}"),
        format!("{version}mcp-method: TOOLS/CALL\r\n{name}"),
        format!("{version}mcp-method:\r\n{name}"),
        format!("{version}{name}"),
        format!("{version}{method}mcp-method: tools/list\r\n{name}"),
        format!("{version}mcp-method: tools/list\r\n{method}{name}"),
        format!("{version}{method}{method}{name}"),
        // Mcp-Name
        format!("{version}{method}mcp-name: convert_to_tonl\r\n"),
        format!("{version}{method}mcp-name: =?base64?Y29udmVydF90b190b25s?=\r\n"),
        format!("{version}{method}mcp-name: =?base64?***?=\r\n"),
        format!("{version}{method}"),
        format!("{version}{method}{name}mcp-name: convert_to_tonl\r\n"),
        format!("{version}{method}mcp-name: convert_to_tonl\r\n{name}"),
        // MCP-Protocol-Version
        format!("{old}{method}{name}"),
        format!("{method}{name}"),
        format!("{version}{old}{method}{name}"),
        format!("{old}{version}{method}{name}"),
    ];
    for headers in &cases {
        let answer = post(&server, "/mcp", headers, &call).await;
        assert_mismatch(&answer, &[MISMATCH], headers);
    }
    // An encoded name that is the right one is none.
    let encoded = "mcp-name: =?base64?cGFyc2VfdG9ubA==?=\r\n";
    let good = post(
        &server,
        "/mcp",
        &format!("{version}{method}{encoded}"),
        &call,
    )
    .await;
    assert_eq!((good.status, run(&server)), (200, 2), "{good:?}");
}

/// A client that names an older revision, or speaks the older transport, is not free of it.
#[tokio::test]
async fn a_header_and_a_body_that_disagree_are_refused_in_every_session() {
    let (server, _) = guarded([token("one")]);
    let call = call("parse_tonl", false);
    for door in Door::WITH_SESSION {
        let mut talk = Talk::begin(&server, door, "one").await;
        talk.greet(&server).await;
        let cases = [
            "mcp-method: tools/list\r\n",
            "mcp-method: tools/list\r\nmcp-method: tools/call\r\n",
            "mcp-method: tools/call\r\nmcp-method: tools/list\r\n",
            "mcp-name: convert_to_tonl\r\n",
            "mcp-method: tools/call\r\nmcp-name: convert_to_tonl\r\n",
            "mcp-name: =?base64?Y29udmVydF90b190b25s?=\r\n",
            "mcp-protocol-version: 2025-11-25\r\nmcp-name: convert_to_tonl\r\n",
            "mcp-protocol-version: 2025-11-25\r\nmcp-protocol-version: 2025-06-18\r\n",
        ];
        let before = run(&server);
        for headers in cases {
            let headers = format!("{}{headers}", talk.named());
            let answer = post(&server, &talk.target, &headers, &call).await;
            assert_mismatch(&answer, &[MISMATCH], &format!("{door:?} {headers}"));
        }
        assert_eq!(run(&server), before, "{door:?}: a call has run");
        let params = call["params"].clone();
        let answer = talk.ask(&server, "tools/call", params).await;
        assert!(answer["result"].is_object(), "{answer}");
    }
}

#[tokio::test]
async fn an_initialize_that_its_headers_do_not_announce_opens_no_session() {
    let (server, _) = guarded([token("one")]);
    let mut hello = initialize();
    hello["id"] = json!(5);
    for (headers, codes) in [
        ("mcp-protocol-version: 2025-06-18\r\n", &[-32600][..]),
        ("mcp-protocol-version: 2026-07-28\r\n", &[-32600]),
        ("mcp-method: tools/list\r\n", &[MISMATCH]),
        (
            "mcp-method: initialize\r\nmcp-method: tools/list\r\n",
            &[MISMATCH],
        ),
    ] {
        let answer = post(&server, "/mcp", headers, &hello).await;
        assert_mismatch(&answer, codes, headers);
    }
    server.metric_becomes("tonl_sessions_active", 0).await;
    let good = "mcp-protocol-version: 2025-11-25\r\nmcp-method: initialize\r\n";
    assert_eq!(post(&server, "/mcp", good, &hello).await.status, 200);
}
