//! Streams, refusals and the end of the MCP endpoint, on both HTTP transports.

use crate::client::{Answer, Client, bearer, head, soon};
use crate::server::{TOKEN, TestServer};
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::sync::Notify;
use tonl_mcp::McpServer;
use tonl_mcp::rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ServerCapabilities,
    ServerConfig,
};
use tonl_mcp::rmcp::service::RequestContext;
use tonl_mcp::rmcp::{ErrorData, RoleServer, ServerHandler};

const ACCEPT: &str = "accept: application/json, text/event-stream\r\n";
const JSON: &str = "content-type: application/json\r\n";

/// A handler whose only tool waits until it may answer.
#[derive(Clone, Debug, Default)]
struct Waiting {
    begun: Arc<Notify>,
    released: Arc<Notify>,
}

impl ServerHandler for Waiting {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.begun.notify_one();
        self.released.notified().await;
        Ok(CallToolResult::success(vec![ContentBlock::text("answered")]).into())
    }
}

fn initialize() -> Value {
    json!({
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": { "name": "test", "version": "1" },
        },
    })
}

async fn post(server: &TestServer, headers: &str, message: &Value) -> Answer {
    let headers = format!("{}{ACCEPT}{JSON}{headers}", bearer(TOKEN));
    server
        .post("/mcp", &headers, message.to_string().as_bytes())
        .await
}

/// Opens a session and gives the header that names it.
async fn session(server: &TestServer) -> String {
    let answer = post(server, "", &initialize()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let id = answer.header("mcp-session-id").unwrap();
    let named = format!("mcp-session-id: {id}\r\n");
    let begun = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(post(server, &named, &begun).await.status, 202);
    named
}

/// The data of the events that have some.
fn data(answer: &Answer) -> Vec<Value> {
    let lines = answer.text().lines();
    let data = lines.filter_map(|line| line.strip_prefix("data: "));
    let data = data.filter(|data| !data.is_empty());
    data.map(|data| serde_json::from_str(data).unwrap())
        .collect()
}

/// Opens a stream, and reads its head and its first event.
async fn listen(server: &TestServer, target: &str, headers: &str) -> (Client, Answer) {
    let mut client = server.connect().await;
    let headers = format!("accept: text/event-stream\r\n{}{headers}", bearer(TOKEN));
    client.send(head("GET", target, &headers)).await;
    let mut answer = client.head().await;
    answer.body = client.piece(&mut answer).await.unwrap();
    (client, answer)
}

#[tokio::test]
async fn a_session_is_opened_used_and_ended() {
    let server = TestServer::start();
    let named = session(&server).await;
    let ping = json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" });
    let answer = post(&server, &named, &ping).await;
    assert_eq!(
        data(&answer),
        [json!({ "jsonrpc": "2.0", "id": 2, "result": {} })]
    );
    let headers = format!("{}{named}", bearer(TOKEN));
    assert_eq!(server.ask("DELETE", "/mcp", &headers).await.status, 204);
    let gone = post(&server, &named, &ping).await;
    assert_eq!(
        (gone.status, gone.text()),
        (404, r#"{"error":"Session not found"}"#)
    );
}

#[tokio::test]
async fn streams_are_kept_by_no_cache_and_changed_by_no_proxy() {
    let server = TestServer::start();
    let named = session(&server).await;
    let (_client, of_session) = listen(&server, "/mcp", &named).await;
    let (_other, of_older) = listen(&server, "/mcp", "").await;
    let of_call = post(&server, "", &initialize()).await;
    for answer in [of_session, of_older, of_call] {
        let cache = answer.header("cache-control");
        assert_eq!(cache, Some("no-cache, no-transform"), "{answer:?}");
        assert_eq!(answer.header("x-accel-buffering"), Some("no"));
    }
}

#[tokio::test]
async fn refusals_of_the_sdk_are_json() {
    let server = TestServer::start();
    let token = bearer(TOKEN);
    let named = session(&server).await;
    let ping = json!({ "jsonrpc": "2.0", "id": 2, "method": "ping" });
    let old = format!("{named}mcp-protocol-version: 1999-01-01\r\n");
    let version = "mcp-protocol-version: 2025-11-25\r\n";
    let cases = [
        (
            post(&server, "", &ping).await,
            400,
            "Session ID is required",
        ),
        (post(&server, &old, &ping).await, 400, "1999-01-01"),
        (
            server
                .ask("GET", "/mcp", &format!("{token}{version}"))
                .await,
            406,
            "text/event-stream",
        ),
        (
            server.ask("DELETE", "/mcp", &token).await,
            400,
            "Session ID is required",
        ),
    ];
    for (answer, status, words) in cases {
        assert_eq!(answer.status, status, "{answer:?}");
        let content_type = answer.header("content-type");
        assert_eq!(content_type, Some("application/json; charset=utf-8"));
        let body: Value = serde_json::from_str(answer.text()).unwrap();
        let error = body["error"].as_str().unwrap();
        assert!(error.contains(words), "{error} lacks {words}");
    }
}

#[tokio::test]
async fn every_result_of_the_newest_era_says_that_it_is_complete() {
    let server = TestServer::start();
    let argument = json!({ "name": "model", "value": "gpt" });
    let reference = json!({ "type": "ref/prompt", "name": "compress_and_answer" });
    let tool = json!({ "name": "parse_tonl", "arguments": { "tonl": "a: 1" } });
    let cases = [
        ("server/discover", "", json!({})),
        ("tools/list", "", json!({})),
        ("tools/call", "parse_tonl", tool),
        ("prompts/list", "", json!({})),
        ("prompts/get", "read_tonl", json!({ "name": "read_tonl" })),
        ("resources/list", "", json!({})),
        ("resources/templates/list", "", json!({})),
        (
            "resources/read",
            "tonl://format",
            json!({ "uri": "tonl://format" }),
        ),
        (
            "completion/complete",
            "",
            json!({ "ref": reference, "argument": argument }),
        ),
    ];
    for (method, name, mut params) in cases {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
            "io.modelcontextprotocol/clientCapabilities": {},
        });
        let named = if name.is_empty() {
            String::new()
        } else {
            format!("mcp-name: {name}\r\n")
        };
        let headers =
            format!("mcp-protocol-version: 2026-07-28\r\nmcp-method: {method}\r\n{named}");
        let asked = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = post(&server, &headers, &asked).await;
        let results = data(&answer);
        assert_eq!(
            results[0]["result"]["resultType"], "complete",
            "{method}: {answer:?}"
        );
    }
}

// S54
#[tokio::test]
async fn streams_are_told_that_the_server_leaves_and_end() {
    let server = TestServer::start();
    let named = session(&server).await;
    let (mut of_session, mut first) = listen(&server, "/mcp", &named).await;
    let (mut of_older, mut second) = listen(&server, "/sse", "").await;
    server.signal().await;
    for (client, answer) in [(&mut of_session, &mut first), (&mut of_older, &mut second)] {
        let told = soon("the last event", client.piece(answer)).await.unwrap();
        assert_eq!(told, b"event: shutdown\ndata: {}\n\n");
        assert_eq!(client.piece(answer).await, None);
        assert!(answer.is_whole);
    }
    assert_eq!(server.stopped().await.cut, 0);
}

// S54
#[tokio::test]
async fn a_call_that_was_begun_is_answered_after_the_listener_closed() {
    let handler = Waiting::default();
    let mcp = McpServer::new(handler.clone(), 1 << 20);
    let server = TestServer::with(|setup| setup.app.mcp = Some(mcp));
    let named = session(&server).await;
    let call = json!({
        "jsonrpc": "2.0",
        "id": 2,
        "method": "tools/call",
        "params": { "name": "wait", "arguments": {} },
    });
    let asking = post(&server, &named, &call);
    let leaving = async {
        soon("the call", handler.begun.notified()).await;
        server.signal().await;
        while tokio::net::TcpStream::connect(server.addr).await.is_ok() {
            tokio::task::yield_now().await;
        }
        handler.released.notify_one();
    };
    let (answer, ()) = tokio::join!(asking, leaving);
    assert!(answer.is_whole, "{answer:?}");
    let data = data(&answer);
    assert_eq!(
        data[0]["result"]["content"][0]["text"], "answered",
        "{data:?}"
    );
    assert_eq!(server.stopped().await.cut, 0);
}
