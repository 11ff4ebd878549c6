//! `/mcp`, `/sse` and `/messages`: which transport a request is for, and who it is from.
//!
//! | request | goes to |
//! |---|---|
//! | POST with `?sessionId=` | a message of the older transport ([`legacy`]) |
//! | POST otherwise, DELETE, GET that names a session | Streamable HTTP ([`streamable`]) |
//! | GET otherwise | opens a stream of the older transport, unless that is switched off: 405 |
//!
//! Sessions are ours: their ids are random, bound to who opened them, counted and swept. What the SDK
//! calls its sessions is never seen outside.
//!
//! A request that names a session is refused for it before a byte of its body is read, and what headers
//! say of a message is compared with the message before anything runs ([`agreement`]).

mod agreement;
mod legacy;
mod links;
mod stream;
mod streamable;

pub(crate) use links::Links;

use crate::app::LegacySse;
use crate::lifecycle::Lifecycle;
use crate::pool::{NotDone, Pool};
use crate::respond;
use axum::body::Body;
use bytes::Bytes;
use http::header::ACCEPT;
use http::{HeaderMap, Request, Response, StatusCode, request};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;
use tonl_layers::auth::insufficient_scope;
use tonl_layers::body::{BodyError, BodyLimit, Budget, Permit, collect};
use tonl_layers::request_id::RequestId;
use tonl_layers::session::{Opened, Sessions};
use tonl_layers::{Client, Principal, Rejection, Scope};
use tonl_mcp::message::{self, Envelope, Malformed, Parts};
use tonl_mcp::{Caller, IdentityKey, McpServer, Toolbox};
use tonl_telemetry::Telemetry;
use tonl_telemetry::events::{McpEra, McpMessage, McpTransport, SessionOpened};
use tracing::info;

/// An answer that refuses; boxed, because answers are large.
type Refusal = Box<Response<Body>>;

/// The headers by which a GET says that it belongs to Streamable HTTP.
const STREAMABLE: [&str; 3] = ["mcp-session-id", "mcp-protocol-version", "last-event-id"];

/// What the MCP routes share.
#[derive(Debug)]
pub(crate) struct Front {
    pub(crate) server: McpServer,
    pub(crate) sessions: Sessions,
    pub(crate) links: Links,
    /// Where large messages are looked through.
    pub(crate) pool: Pool,
    /// Whether the older transport is served.
    pub(crate) legacy_sse: LegacySse,
    pub(crate) telemetry: Telemetry,
    pub(crate) budget: Budget,
    /// The largest body in bytes.
    pub(crate) largest: u64,
    /// How long a body may take to come.
    pub(crate) within: Duration,
    /// The conversations of the older transport.
    pub(crate) conversations: TaskTracker,
    /// The calls of Streamable HTTP that are not answered yet.
    pub(crate) calls: TaskTracker,
    pub(crate) lifecycle: Lifecycle,
}

/// Answers a POST on `/mcp`.
pub(crate) async fn post(front: Arc<Front>, request: Request<Body>) -> Response<Body> {
    match session_id(request.uri().query()) {
        Ok(None) => streamable::post(&front, request).await,
        Ok(Some(session)) => legacy::message(&front, &session, request).await,
        Err(refusal) => *refusal,
    }
}

/// Answers a GET on `/mcp`.
pub(crate) async fn get(front: Arc<Front>, request: Request<Body>) -> Response<Body> {
    let headers = request.headers();
    if STREAMABLE.iter().any(|name| headers.contains_key(*name)) {
        let (head, _) = request.into_parts();
        return streamable::get(&front, head).await;
    }
    if front.legacy_sse == LegacySse::Refused {
        let text =
            "Method Not Allowed: this server speaks Streamable HTTP alone; POST to this address";
        return respond::error(StatusCode::METHOD_NOT_ALLOWED, text);
    }
    open(&front, request, crate::routes::MCP)
}

/// Answers a DELETE on `/mcp`.
pub(crate) async fn delete(front: Arc<Front>, request: Request<Body>) -> Response<Body> {
    let (head, _) = request.into_parts();
    streamable::delete(&front, head).await
}

/// Answers a GET on `/sse`.
pub(crate) fn sse(front: &Arc<Front>, request: Request<Body>) -> Response<Body> {
    open(front, request, crate::routes::MESSAGES)
}

/// Answers a POST with a message for a stream of the older transport.
pub(crate) async fn message(front: Arc<Front>, request: Request<Body>) -> Response<Body> {
    match session_id(request.uri().query()) {
        Ok(Some(session)) => legacy::message(&front, &session, request).await,
        Ok(None) => {
            let text = "No sessionId: POST to the address that the stream's endpoint event names";
            respond::error(StatusCode::BAD_REQUEST, text)
        }
        Err(refusal) => *refusal,
    }
}

fn open(front: &Arc<Front>, request: Request<Body>, messages: &str) -> Response<Body> {
    let (head, _) = request.into_parts();
    if !accepts_events(&head.headers) {
        let text = "Not Acceptable: this address answers with text/event-stream";
        return respond::error(StatusCode::NOT_ACCEPTABLE, text);
    }
    match session_id(head.uri.query()) {
        Ok(None) => legacy::open(front, &head, messages),
        Ok(Some(_)) => {
            let text = "The server chooses the ids of sessions: leave sessionId out";
            respond::error(StatusCode::BAD_REQUEST, text)
        }
        Err(refusal) => *refusal,
    }
}

/// A body that is a message, and says what its headers say.
struct Read {
    parts: Parts,
    envelope: Envelope,
    /// The room of its body, unless its arguments hold it until they are no longer needed.
    permit: Option<Permit>,
}

async fn read(
    front: &Front,
    head: &request::Parts,
    body: Body,
    transport: McpTransport,
) -> Result<Read, Refusal> {
    let principal = principal(head)?;
    let share = front.budget.of_request(&head.extensions);
    let collecting = collect(body, BodyLimit::Bytes(front.largest), &share);
    let within = front.within;
    let collected = tokio::time::timeout(within, collecting).await;
    let collected = collected.unwrap_or(Err(BodyError::Late { within }));
    let collected = collected.map_err(|error| Box::new(error.rejection().into_response()))?;
    let (text, permit) = collected.into_parts();
    let (envelope, mut parts) = looked_through(front, Bytes::from(text)).await?;
    let permit = room(&mut parts, permit)?;
    agreement::check(&head.headers, &envelope).map_err(|found| {
        let answer = found.response(message::id(&parts.message).as_ref());
        Box::new(respond::json_text(StatusCode::BAD_REQUEST, answer))
    })?;
    front.telemetry.emit(McpMessage {
        transport,
        era: if envelope.is_stateless {
            McpEra::Stateless
        } else {
            McpEra::Session
        },
        method: envelope.method.as_deref().unwrap_or_default(),
    });
    if let Some(tool) = envelope.tool()
        && !principal.scopes().may_call(tool)
    {
        return Err(Box::new(closed_tool(&principal, tool).into_response()));
    }
    Ok(Read {
        parts,
        envelope,
        permit,
    })
}

/// Larger messages than this are looked through on threads that may be busy.
const LIGHT: usize = 64 << 10;

/// Checks a message, and takes it apart as the server wants it.
async fn looked_through(front: &Front, text: Bytes) -> Result<(Envelope, Parts), Refusal> {
    let (server, whole) = (front.server.clone(), text.clone());
    let look = move || {
        message::check(&whole)?;
        let parts = server.parts(whole)?;
        Ok((message::envelope(&parts.message), parts))
    };
    let looked: Result<_, Malformed> = if text.len() <= LIGHT {
        look()
    } else {
        let looked = front.pool.run(look).await;
        looked.map_err(|why| Box::new(not_done(why)))?
    };
    looked.map_err(|malformed| Box::new(refuse(&malformed, &text)))
}

fn not_done(why: NotDone) -> Response<Body> {
    match why {
        NotDone::Late => BodyError::Busy.rejection().into_response(),
        NotDone::Panicked => {
            respond::error(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
        }
    }
}

/// What a byte of a message takes at most when the SDK has read it.
const READ_BYTE: u64 = 64;

/// Holds the room that a message takes until its call is over: its text, and what the SDK makes of what
/// is not arguments.
fn room(parts: &mut Parts, mut permit: Permit) -> Result<Option<Permit>, Refusal> {
    if !permit.try_grow(parts.message.len() as u64 * READ_BYTE) {
        return Err(Box::new(BodyError::Busy.rejection().into_response()));
    }
    let Some(arguments) = parts.arguments.take() else {
        return Ok(Some(permit));
    };
    parts.arguments = Some(arguments.holding(permit));
    Ok(None)
}

/// A tool that a token does not open. Only a name of ours goes into the answer's header.
fn closed_tool(principal: &Principal, tool: &str) -> Rejection {
    let known = Toolbox::tool_names().find(|name| *name == tool);
    let scope = known.map_or_else(
        || Scope::Mcp.name().to_owned(),
        |name| format!("mcp:{name}"),
    );
    insufficient_scope(principal, &scope)
}

/// 400, with an error of the protocol.
fn refuse(malformed: &Malformed, text: &[u8]) -> Response<Body> {
    respond::json_text(
        StatusCode::BAD_REQUEST,
        malformed.response(message::id(text).as_ref()),
    )
}

/// Who asks. The guard of the route has put it there.
fn principal(head: &request::Parts) -> Result<Principal, Refusal> {
    let principal = head.extensions.get::<Principal>().cloned();
    principal.ok_or_else(|| Box::new(respond::error(StatusCode::UNAUTHORIZED, "Unauthorized")))
}

fn caller(principal: &Principal) -> Caller {
    Caller::new(IdentityKey::of(principal.identity().as_bytes()))
        .with_tools(principal.scopes().tools().cloned())
}

/// Opens a session and puts it on record.
fn open_session(
    front: &Front,
    head: &request::Parts,
    who: &Principal,
    transport: McpTransport,
) -> Result<Opened, Rejection> {
    let client = head.extensions.get::<Client>();
    let ip = client.map_or(std::net::Ipv4Addr::UNSPECIFIED.into(), |client| client.ip);
    let opened = front.sessions.open(who, ip);
    let opened = opened.map_err(|error| error.rejection(who))?;
    let id = opened.session.id();
    if opened.token.is_some() {
        let life = in_words(opened.token_life);
        info!(
            event = "session_token",
            "🔑 Generated session token for {id} (valid for {life})"
        );
    }
    let request_id = head.extensions.get::<RequestId>();
    front.telemetry.emit(SessionOpened {
        session: &id.to_string(),
        transport,
        client: ip,
        token: Some(who.name()),
        request_id: request_id.map_or("", RequestId::as_str),
    });
    Ok(opened)
}

/// A length of time in the largest unit that says it exactly.
fn in_words(time: Duration) -> String {
    let seconds = time.as_secs();
    let (count, unit) = match seconds {
        0 => (0, "second"),
        _ if seconds.is_multiple_of(3_600) => (seconds / 3_600, "hour"),
        _ if seconds.is_multiple_of(60) => (seconds / 60, "minute"),
        _ => (seconds, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

/// The one `sessionId` of a query, if it has one.
fn session_id(query: Option<&str>) -> Result<Option<String>, Refusal> {
    let pairs = form_urlencoded::parse(query.unwrap_or_default().as_bytes());
    let mut ids = pairs.filter(|(name, _)| name == "sessionId");
    let found = ids.next();
    if ids.next().is_some() {
        let text = "sessionId stands more than once in the query";
        return Err(Box::new(respond::error(StatusCode::BAD_REQUEST, text)));
    }
    Ok(found.map(|(_, id)| id.into_owned()))
}

/// Whether events are accepted; who does not say takes anything (RFC 9110, 12.5.1).
fn accepts_events(headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(ACCEPT).iter().peekable();
    if values.peek().is_none() {
        return true;
    }
    let mut types = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','));
    types.any(|accepted| {
        let essence = accepted.split(';').next().unwrap_or_default().trim();
        ["text/event-stream", "text/*", "*/*"]
            .iter()
            .any(|wanted| essence.eq_ignore_ascii_case(wanted))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn the_session_of_a_query_is_clear() {
        assert_eq!(session_id(None).unwrap(), None);
        assert_eq!(session_id(Some("a=1")).unwrap(), None);
        assert_eq!(session_id(Some("sessionId=")).unwrap().unwrap(), "");
        assert_eq!(
            session_id(Some("a=1&sessionId=x%20y")).unwrap().unwrap(),
            "x y"
        );
        assert!(session_id(Some("sessionId=a&sessionId=a")).is_err());
    }

    #[test]
    fn events_are_accepted_by_name_by_wildcard_and_by_silence() {
        let cases = [
            (None, true),
            (Some("*/*"), true),
            (Some("text/*;q=0.5"), true),
            (Some("application/json, Text/Event-Stream"), true),
            (Some("application/json"), false),
            (Some(""), false),
        ];
        for (accept, expected) in cases {
            let mut headers = HeaderMap::new();
            if let Some(accept) = accept {
                headers.insert(ACCEPT, HeaderValue::from_static(accept));
            }
            assert_eq!(accepts_events(&headers), expected, "{accept:?}");
        }
    }

    // S17
    #[test]
    fn the_life_of_a_token_is_told_in_words() {
        for (seconds, words) in [
            (3_600, "1 hour"),
            (7_200, "2 hours"),
            (60, "1 minute"),
            (5_400, "90 minutes"),
            (61, "61 seconds"),
            (1, "1 second"),
            (0, "0 seconds"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
