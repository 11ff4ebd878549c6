//! Many clients at once, and many that do not stay.

use super::{Door, Talk, guarded_with, token};
use crate::client::{bearer, soon};
use crate::server::{TOKEN, TestServer};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinSet;

#[tokio::test]
async fn of_32_parallel_clients_with_equal_ids_each_gets_its_own_answers() {
    let server = TestServer::with(|setup| setup.app.sessions.most_per_address = 200);
    let server = Arc::new(server);
    let mut clients = JoinSet::new();
    for door in Door::ALL {
        for number in 0..32 {
            let server = Arc::clone(&server);
            clients.spawn(async move {
                let mut talk = Talk::begin(&server, door, TOKEN).await;
                talk.greet(&server).await;
                for round in 0..3 {
                    let row = format!("{door:?}-{number}-{round}");
                    let options = json!({ "includeStats": false });
                    let arguments = json!({ "data": [{ "row": row }], "options": options });
                    let result = talk.call(&server, "convert_to_tonl", arguments).await;
                    let text = result["structuredContent"]["tonl"].as_str().unwrap();
                    assert_eq!(text, format!("data: [{{row:{row}}}]"));
                }
            });
        }
    }
    let all = async {
        while let Some(client) = clients.join_next().await {
            client.unwrap();
        }
    };
    soon("the answers", all).await;
}

/// Ways to come and go: with nothing, half a head, a stream of either path, and a session.
async fn come_and_go(server: &TestServer, number: usize) {
    let mut client = server.connect().await;
    let headers = bearer(TOKEN);
    match number % 5 {
        0 => {}
        1 => client.send("GET /mcp HTTP/1.1\r\nhost: loc").await,
        2 => drop(Door::Mcp.knock(server, &headers).await),
        3 => drop(Door::Sse.knock(server, &headers).await),
        _ => {
            let hello = super::initialize().to_string();
            let head = format!(
                "content-type: application/json\r\naccept: application/json, text/event-stream\r\n\
                 content-length: {}\r\n{headers}",
                hello.len()
            );
            // Gone before the answer comes.
            client
                .send(crate::client::head("POST", "/mcp", &head))
                .await;
            client.send(hello).await;
        }
    }
}

/// What is left is measured in what the server holds: connections, sessions and tasks. The memory of
/// the process is measured by `tonl-bench hostile`, on a server of its own.
#[tokio::test]
async fn of_10_000_that_connect_and_drop_nothing_is_left() {
    let (server, hands) = guarded_with([token(TOKEN)], |setup| {
        setup.network.connections.max_per_address = 10_000;
        setup.app.sessions.most = 10_000;
        setup.app.sessions.most_per_address = 10_000;
    });
    let tasks = Handle::current().metrics().num_alive_tasks();
    for number in 0..10_000 {
        come_and_go(&server, number).await;
    }
    server.metric_becomes("tonl_connections_open", 0).await;
    assert!(server.metric("tonl_sessions_opened_total") >= 4_000);
    // Sessions of Streamable HTTP outlive their connections, for as long as they may be idle.
    hands.advance(Duration::from_secs(300));
    server.metric_becomes("tonl_sessions_active", 0).await;
    let opened = server.metric("tonl_sessions_opened_total");
    let reasons = ["disconnected", "idle"];
    let closed = reasons.map(|reason| {
        server.metric(&format!(
            "tonl_sessions_closed_total{{reason=\"{reason}\"}}"
        ))
    });
    assert_eq!(closed.iter().sum::<u64>(), opened, "{closed:?}");
    let ended = async {
        while Handle::current().metrics().num_alive_tasks() > tasks {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    soon("the end of all tasks", ended).await;
}
