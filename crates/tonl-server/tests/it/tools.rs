//! What of MCP a server's settings and a token's scopes open, and what the metrics tell of it.

use crate::client::{Answer, bearer};
use crate::server::TestServer;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};
use tonl_mcp::{Structured, TextForm};
use tonl_secret::{Digest, Scopes, Token, TokenSet};
use tonl_server::LegacySse;

const HEADERS: &str =
    "content-type: application/json\r\naccept: application/json, text/event-stream\r\n";

/// A server whose tokens are called as the scopes that they have.
fn server(scopes: &[&[&str]]) -> TestServer {
    let server = TestServer::start();
    let tokens = scopes.iter().enumerate().map(|(at, names)| Token {
        name: format!("t{at}"),
        digest: Digest::of(secret(at).as_bytes()),
        scopes: Scopes::from_names(names.iter().copied()).unwrap(),
        not_before: None,
        expires: None,
    });
    let set = TokenSet::new(tokens).unwrap();
    server
        .keyring
        .install(set, SystemTime::now(), Duration::ZERO);
    server
}

fn secret(at: usize) -> String {
    format!("{at}f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")
}

/// Sends a message of the newest era.
async fn ask(server: &TestServer, token: &str, method: &str, params: Value) -> Answer {
    let mut params = params;
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let name = params["name"]
        .as_str()
        .map(|name| format!("mcp-name: {name}\r\n"));
    let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    let headers = format!(
        "{}{HEADERS}mcp-protocol-version: 2026-07-28\r\nmcp-method: {method}\r\n{}",
        bearer(token),
        name.unwrap_or_default()
    );
    server
        .post("/mcp", &headers, message.to_string().as_bytes())
        .await
}

fn result(answer: &Answer) -> Value {
    let text = answer.text();
    let data = text.lines().find_map(|line| line.strip_prefix("data: {"));
    let text = data.map_or_else(|| text.to_owned(), |data| format!("{{{data}"));
    let message: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{answer:?}"));
    message["result"].clone()
}

async fn tools(server: &TestServer, token: &str) -> Vec<String> {
    let listed = result(&ask(server, token, "tools/list", json!({})).await);
    let tools = listed["tools"].as_array().unwrap().iter();
    tools
        .map(|tool| tool["name"].as_str().unwrap().to_owned())
        .collect()
}

fn parse() -> Value {
    json!({ "name": "parse_tonl", "arguments": { "tonl": "a: 1.10" } })
}

fn convert() -> Value {
    json!({ "name": "convert_to_tonl", "arguments": { "data": [{ "id": 1 }] } })
}

// S4
#[tokio::test]
async fn the_scopes_of_a_token_decide_which_tools_it_may_call() {
    let server = server(&[&["mcp"], &["mcp:parse_tonl"], &["metrics"]]);
    let (all, one, none) = (secret(0), secret(1), secret(2));
    assert_eq!(tools(&server, &all).await.len(), 4);
    assert_eq!(tools(&server, &one).await, ["parse_tonl"]);
    for token in [&all, &one] {
        let called = ask(&server, token, "tools/call", parse()).await;
        let text = result(&called).to_string();
        assert!(text.contains("1.10"), "{text}");
    }
    let refused = ask(&server, &one, "tools/call", convert()).await;
    assert_eq!(refused.status, 403);
    assert_eq!(
        refused.text(),
        r#"{"error":"Forbidden: Insufficient scope"}"#
    );
    assert_eq!(
        refused.header("www-authenticate").unwrap(),
        "Bearer realm=\"tonl-mcp-bridge\", error=\"insufficient_scope\", scope=\"mcp:convert_to_tonl\""
    );
    assert_eq!(
        server.metric("tonl_refusals_total{reason=\"wrong_scope\"}"),
        1
    );
    // A name that is none of ours goes into no header.
    let odd = json!({ "name": "x\", scope=\"mcp", "arguments": {} });
    let odd = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": odd });
    let headers = format!("{}{HEADERS}", bearer(&one));
    let refused = server
        .post("/mcp", &headers, odd.to_string().as_bytes())
        .await;
    assert_eq!(refused.status, 403);
    let challenge = refused.header("www-authenticate").unwrap();
    assert!(challenge.ends_with("scope=\"mcp\""), "{challenge}");
    // Without any scope for the endpoint nothing of it is open.
    assert_eq!(
        ask(&server, &none, "tools/list", json!({})).await.status,
        403
    );
}

#[tokio::test]
async fn messages_and_sessions_are_counted_by_transport_and_era() {
    let server = server(&[&["mcp"]]);
    let token = secret(0);
    ask(&server, &token, "tools/call", parse()).await;
    let count = |era: &str, method: &str| {
        server.metric(&format!(
            "tonl_mcp_messages_total{{transport=\"streamable_http\",era=\"{era}\",method=\"{method}\"}}"
        ))
    };
    assert_eq!(count("stateless", "tools/call"), 1);
    let initialize = json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {},
        "clientInfo": { "name": "test", "version": "1" } } });
    let headers = format!("{}{HEADERS}", bearer(&token));
    let body = initialize.to_string();
    let opened = server.post("/mcp", &headers, body.as_bytes()).await;
    assert_eq!(opened.status, 200, "{opened:?}");
    assert_eq!(count("session", "initialize"), 1);
    let sessions = "tonl_mcp_sessions_opened_total{transport=\"streamable_http\"}";
    assert_eq!(server.metric(sessions), 1);
    let mut client = server.connect().await;
    let request = crate::client::head(
        "GET",
        "/mcp",
        &format!("{}accept: text/event-stream\r\n", bearer(&token)),
    );
    client.send(request).await;
    server
        .metric_becomes("tonl_mcp_sessions_opened_total{transport=\"sse\"}", 1)
        .await;
}

#[tokio::test]
async fn the_older_transport_can_be_switched_off() {
    let server = TestServer::with(|setup| setup.app.legacy_sse = LegacySse::Refused);
    let headers = format!(
        "{}accept: text/event-stream\r\n",
        bearer(crate::server::TOKEN)
    );
    let answer = server.ask("GET", "/mcp", &headers).await;
    assert_eq!(answer.status, 405);
    assert!(answer.text().contains("Streamable HTTP"), "{answer:?}");
    assert_eq!(server.ask("GET", "/sse", &headers).await.status, 404);
    let messages = "/messages?sessionId=x";
    assert_eq!(server.post(messages, &headers, b"{}").await.status, 404);
    let answer = ask(&server, crate::server::TOKEN, "tools/list", json!({})).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

#[tokio::test]
async fn results_have_the_form_of_the_settings() {
    let server = TestServer::with(|setup| {
        setup.app.tools.text_form = TextForm::Tonl;
        setup.app.tools.structured = Structured::Without;
    });
    let called = ask(&server, crate::server::TOKEN, "tools/call", convert()).await;
    let result = result(&called);
    assert!(result.get("structuredContent").is_none(), "{result}");
    let text = result["content"][0]["text"].as_str().unwrap();
    assert!(text.starts_with("data"), "{text}");
}

/// Sends a call of the newest era with these arguments as they are written.
async fn call(server: &TestServer, tool: &str, arguments: &str) -> Answer {
    let meta = r#"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{}}"#;
    let message = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments},"_meta":{meta}}}}}"#
    );
    let headers = format!(
        "{}{HEADERS}mcp-protocol-version: 2026-07-28\r\nmcp-method: tools/call\r\nmcp-name: {tool}\r\n",
        bearer(crate::server::TOKEN)
    );
    server.post("/mcp", &headers, message.as_bytes()).await
}

#[tokio::test]
async fn arguments_reach_a_tool_digit_by_digit() {
    let server = TestServer::start();
    let data = r#"[{"a":1e400,"b":12345678901234567890.10,"c":-0},{"a":{"$serde_json::private::Number":"7"},"b":1.0,"c":"\u0000"}]"#;
    let arguments = format!(r#"{{"data":{data},"name":"n","options":{{"includeStats":false}}}}"#);
    let converted = result(&call(&server, "convert_to_tonl", &arguments).await);
    let tonl = converted["structuredContent"]["tonl"].as_str().unwrap();
    let back = json!({ "tonl": tonl }).to_string();
    let parsed = call(&server, "parse_tonl", &back).await;
    // The text of the answer, for a reader of values has other digits.
    let text = parsed.text().replace("\\\"", "\"");
    for piece in [
        "1e400",
        "12345678901234567890.10",
        "-0",
        "1.0",
        "private::Number",
    ] {
        assert!(tonl.contains(piece), "{piece} is not in {tonl}");
        assert!(text.contains(piece), "{piece} is not in {text}");
    }
}

// S38, S62
#[tokio::test]
async fn arguments_that_would_fill_the_memory_are_refused_with_the_limit() {
    let server = TestServer::start();
    let data = format!(r#"{{"data":[{}1]}}"#, "[],".repeat(1_100_000));
    let refused = call(&server, "convert_to_tonl", &data).await;
    let refused = result(&refused);
    assert_eq!(refused["isError"], true);
    let text = refused["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("at most 2000000 values"), "{text}");
    // Beside its arguments a message is small.
    let headers = format!("{}{HEADERS}", bearer(crate::server::TOKEN));
    let large = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping", "params": { "_meta": { "x": "y".repeat(70_000) } } });
    let refused = server
        .post("/mcp", &headers, large.to_string().as_bytes())
        .await;
    assert_eq!(refused.status, 400);
    assert!(refused.text().contains("65536 bytes"), "{refused:?}");
}
