//! HTTP with server-sent events, the transport of 2024-11-05: a GET opens a stream, whose first event
//! names the address for messages; answers come on the stream.
//!
//! *Source:* MCP specification 2024-11-05, transports; S8 to S18 for the token of a session.

use super::links::Link;
use super::stream::{Purpose, held};
use super::{Front, Refusal, caller, open_session, principal, read, refuse};
use crate::respond;
use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, stream};
use http::{Request, Response, StatusCode, request};
use serde_json::json;
use std::convert::Infallible;
use std::sync::Arc;
use tokio::sync::mpsc;
use tonl_layers::request_id::RequestId;
use tonl_layers::session::{CloseReason, Ending, Missed, Next, Opened, Session};
use tonl_mcp::transport::conversation::Incoming;
use tonl_telemetry::events::McpTransport;

/// How many messages of one client may wait.
const WAITING: usize = 16;

/// Opens a stream whose messages go to this path.
pub(super) fn open(front: &Arc<Front>, head: &request::Parts, messages: &str) -> Response<Body> {
    let who = match principal(head) {
        Ok(who) => who,
        Err(refusal) => return *refusal,
    };
    let opened = match open_session(front, head, &who, McpTransport::Sse) {
        Ok(opened) => opened,
        Err(rejection) => return rejection.into_response(),
    };
    let request_id = head.extensions.get::<RequestId>();
    tracing::info!(
        event = "legacy_sse",
        requestId = request_id.map_or("", RequestId::as_str),
        "a client uses HTTP+SSE, the transport of 2024-11-05; Streamable HTTP has taken its place"
    );
    let session = opened.session.clone();
    let Some(attached) = front.sessions.attach(&session, Ending::ClosesSession) else {
        let missed = Missed::Unknown.rejection(&session.id().to_string(), &who);
        return missed.into_response();
    };
    for event in greeting(&opened, messages) {
        // A queue that is this small ends its session, and with it the stream.
        let _queued = front.sessions.send(&session, event);
    }
    let (to_server, incoming) = mpsc::channel(WAITING);
    front.links.insert(session.id(), Link::Legacy(to_server));
    let talking = talk(Arc::clone(front), session.clone(), incoming);
    front.conversations.spawn(talking);
    let answer = respond::events(Body::from_stream(events(session)));
    held(
        answer,
        Purpose::Listening(front.lifecycle.watch()),
        attached,
    )
}

/// The first events: where messages go, and the token of the session if it has its own (S9).
fn greeting(opened: &Opened, messages: &str) -> Vec<Bytes> {
    let id = opened.session.id();
    let mut events = vec![event("endpoint", &format!("{messages}?sessionId={id}"))];
    if let Some(token) = &opened.token {
        let expires = opened.token_life.as_secs();
        let data = json!({ "token": token.expose(), "expiresIn": expires });
        events.push(event("session-token", &data.to_string()));
    }
    events
}

/// Serves the client of a session until it ends.
async fn talk(front: Arc<Front>, session: Session, incoming: mpsc::Receiver<Incoming>) {
    let (outlet, mut answers) = mpsc::channel::<String>(1);
    let to_client = async {
        while let Some(text) = answers.recv().await {
            let sent = front.sessions.send(&session, event("message", &text));
            if sent.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        ((), ()) = async { tokio::join!(front.server.converse(incoming, outlet), to_client) } => {}
        _ended = session.closed() => {}
    }
    session.events().finish();
    front
        .sessions
        .close(session.id(), CloseReason::Disconnected);
}

/// Takes a message for a session.
pub(super) async fn message(front: &Front, id: &str, request: Request<Body>) -> Response<Body> {
    match take(front, id, request).await {
        Ok(accepted) => accepted,
        Err(refusal) => *refusal,
    }
}

async fn take(front: &Front, id: &str, request: Request<Body>) -> Result<Response<Body>, Refusal> {
    let (head, body) = request.into_parts();
    let who = principal(&head)?;
    let missed = |missed: Missed| Box::new(missed.rejection(id, &who).into_response());
    let session = front.sessions.get(id, &who).map_err(missed)?;
    let Some(Link::Legacy(to_server)) = front.links.get(session.id()) else {
        return Err(missed(Missed::Unknown));
    };
    let read = read(front, &head, body, McpTransport::Sse).await?;
    let text = read.parts.message.clone();
    let incoming = Incoming::read(read.parts, caller(&who));
    let incoming = incoming.map_err(|malformed| Box::new(refuse(&malformed, &text)))?;
    let sent = to_server.send(incoming).await;
    sent.map_err(|_ended| missed(Missed::Unknown))?;
    let mut answer = respond::text(None, "Accepted");
    *answer.status_mut() = StatusCode::ACCEPTED;
    Ok(answer)
}

/// The events of a session as they come.
fn events(session: Session) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
    stream::unfold(session, |session| async move {
        match session.events().next().await {
            Next::Event(event) => Some((Ok(event), session)),
            Next::End | Next::Overflow => None,
        }
    })
}

/// A named event. Neither ids nor JSON have line breaks, so it is one line of data.
fn event(name: &str, data: &str) -> Bytes {
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}
