//! The ways in: each transport as a client uses it.

use crate::client::{Answer, Client, bearer, head};
use crate::server::TestServer;
use serde_json::{Value, json};

/// What every POST says of itself.
const BOTH: &str =
    "content-type: application/json\r\naccept: application/json, text/event-stream\r\n";
pub(crate) const NEWEST: &str = "2026-07-28";

/// A transport.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Door {
    /// Streamable HTTP with a session, as of 2025-11-25.
    Session,
    /// Streamable HTTP of 2026-07-28, each request for itself.
    Alone,
    /// The older transport on `/mcp`.
    Mcp,
    /// The older transport on `/sse` and `/messages`.
    Sse,
}

impl Door {
    pub(crate) const ALL: [Self; 4] = [Self::Session, Self::Alone, Self::Mcp, Self::Sse];
    /// Those that open sessions.
    pub(crate) const WITH_SESSION: [Self; 3] = [Self::Session, Self::Mcp, Self::Sse];
    /// Those whose session is a stream.
    pub(crate) const STREAMS: [Self; 2] = [Self::Mcp, Self::Sse];

    /// The first request, which opens a session where there are sessions: its answer, as far as it does
    /// not go on, and the connection.
    pub(crate) async fn knock(self, server: &TestServer, headers: &str) -> (Client, Answer) {
        let mut client = server.connect().await;
        let answer = match self {
            Self::Session => {
                let headers = format!("{BOTH}{headers}");
                let message = initialize().to_string();
                client.post("/mcp", &headers, message.as_bytes()).await
            }
            Self::Alone => {
                let (headers, message) = alone(headers, "server/discover", 1, json!({}));
                client.post("/mcp", &headers, message.as_bytes()).await
            }
            Self::Mcp | Self::Sse => {
                let path = if self == Self::Mcp { "/mcp" } else { "/sse" };
                client.send(head("GET", path, headers)).await;
                let mut answer = client.head().await;
                if answer.status != 200 {
                    client.body_of(&mut answer).await;
                }
                answer
            }
        };
        (client, answer)
    }
}

/// A client that is in.
pub(crate) struct Talk {
    door: Door,
    client: Client,
    /// The answer that goes on, on the older transport.
    answer: Answer,
    /// The headers that every request has.
    headers: String,
    /// The session, where there is one.
    pub(crate) session: Option<String>,
    /// Its own token, where it was given one.
    pub(crate) token: Option<String>,
    /// Where messages go.
    pub(crate) target: String,
}

impl Talk {
    /// Enters with this token.
    pub(crate) async fn begin(server: &TestServer, door: Door, token: &str) -> Self {
        Self::with(server, door, &bearer(token)).await
    }

    /// Enters with these headers; if the session has a token of its own, further requests have that.
    pub(crate) async fn with(server: &TestServer, door: Door, headers: &str) -> Self {
        let (client, answer) = door.knock(server, headers).await;
        assert_eq!(answer.status, 200, "{door:?} {answer:?}");
        let mut talk = Self {
            door,
            client,
            session: answer.header("mcp-session-id").map(str::to_owned),
            answer,
            headers: headers.to_owned(),
            token: None,
            target: "/mcp".to_owned(),
        };
        if Door::STREAMS.contains(&door) {
            talk.read_greeting(headers.is_empty()).await;
        }
        talk
    }

    async fn read_greeting(&mut self, has_token: bool) {
        let event = self.event().await.expect("the first event");
        let target = event.strip_prefix("event: endpoint\ndata: ").unwrap();
        target.trim_end().clone_into(&mut self.target);
        let (_, session) = self.target.split_once("?sessionId=").unwrap();
        self.session = Some(session.to_owned());
        if has_token {
            let event = self.event().await.expect("the token");
            let data = event.strip_prefix("event: session-token\ndata: ").unwrap();
            let data: Value = serde_json::from_str(data).unwrap();
            assert_eq!(data["expiresIn"], 3_600);
            let token = data["token"].as_str().unwrap();
            self.headers = bearer(token);
            self.token = Some(token.to_owned());
        }
    }

    pub(crate) fn door(&self) -> Door {
        self.door
    }

    /// The next event of a stream that is no sign of life; `None` at its end.
    pub(crate) async fn event(&mut self) -> Option<String> {
        loop {
            let piece = self.client.piece(&mut self.answer).await?;
            let text = String::from_utf8(piece).unwrap();
            if !text.starts_with(':') {
                return Some(text);
            }
        }
    }

    /// Reads the stream to its end, and says whether it is whole.
    pub(crate) async fn ends(&mut self) -> bool {
        while self.event().await.is_some() {}
        self.answer.is_whole
    }

    /// The header that names the session, where it is named by one.
    pub(crate) fn named(&self) -> String {
        match (&self.session, self.door) {
            (Some(session), Door::Session) => format!("mcp-session-id: {session}\r\n"),
            _ => String::new(),
        }
    }

    /// Sends a request with these headers in the place of those of the client, and gives the answer to
    /// the request itself.
    pub(crate) async fn post_with(
        &self,
        server: &TestServer,
        headers: &str,
        (method, params): (&str, Value),
    ) -> Answer {
        let (headers, message) = match self.door {
            Door::Alone => alone(headers, method, 7, params),
            _ => (
                format!("{BOTH}{headers}{}", self.named()),
                request(7, method, &params).to_string(),
            ),
        };
        server
            .post(&self.target, &headers, message.as_bytes())
            .await
    }

    /// Sends a request, and gives the answer to the request itself.
    pub(crate) async fn post(&self, server: &TestServer, method: &str, params: Value) -> Answer {
        self.post_with(server, &self.headers, (method, params))
            .await
    }

    /// Sends a request and gives the message that answers it, wherever it comes.
    pub(crate) async fn ask(&mut self, server: &TestServer, method: &str, params: Value) -> Value {
        let answer = self.post(server, method, params).await;
        if !Door::STREAMS.contains(&self.door) {
            assert_eq!(answer.status, 200, "{:?} {answer:?}", self.door);
            return message(answer.text());
        }
        assert_eq!((answer.status, answer.text()), (202, "Accepted"));
        loop {
            let event = self.event().await.expect("an answer on the stream");
            let found = message(&event);
            if found["id"] == 7 {
                return found;
            }
        }
    }

    /// Says hello on the older transport, whose stream is open before anybody has.
    pub(crate) async fn greet(&mut self, server: &TestServer) {
        if !Door::STREAMS.contains(&self.door) {
            return;
        }
        let params = initialize()["params"].clone();
        let welcome = self.ask(server, "initialize", params).await;
        assert!(welcome["result"].is_object(), "{welcome}");
    }

    /// Calls a tool and gives its result.
    pub(crate) async fn call(
        &mut self,
        server: &TestServer,
        tool: &str,
        arguments: Value,
    ) -> Value {
        let params = json!({ "name": tool, "arguments": arguments });
        let answer = self.ask(server, "tools/call", params).await;
        assert!(answer["result"].is_object(), "{answer}");
        answer["result"].clone()
    }
}

pub(crate) fn request(id: u64, method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

pub(crate) fn initialize() -> Value {
    let client = json!({ "name": "test", "version": "1" });
    let params =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    request(1, "initialize", &params)
}

/// What a message of the newest revision says of itself.
pub(crate) fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": NEWEST,
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

/// Headers and message of a request that stands alone, with these headers before its own.
fn alone(headers: &str, method: &str, id: u64, mut params: Value) -> (String, String) {
    params["_meta"] = meta();
    let name = ["name", "uri"].iter().find_map(|it| params[*it].as_str());
    let name = name.map_or_else(String::new, |name| format!("mcp-name: {name}\r\n"));
    let headers =
        format!("{BOTH}{headers}mcp-protocol-version: {NEWEST}\r\nmcp-method: {method}\r\n{name}");
    (headers, request(id, method, &params).to_string())
}

/// The message of an answer, be it JSON or the first message among events.
pub(crate) fn message(text: &str) -> Value {
    if text.starts_with('{') {
        return serde_json::from_str(text).unwrap();
    }
    let mut data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    let found = data.find(|data| data.starts_with('{'));
    serde_json::from_str(found.unwrap_or_else(|| panic!("no message in {text:?}"))).unwrap()
}
