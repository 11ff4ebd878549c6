//! Streamable HTTP: our sessions in front of the SDK's.
//!
//! A client sees our session ids alone. `initialize` opens a session before the SDK sees it, so that
//! the limit of sessions holds; requests of a session reach the SDK only from who opened it.

use super::links::Link;
use super::stream::{Purpose, held};
use super::{Front, Read, Refusal, caller, open_session, principal, read, refuse};
use crate::respond;
use axum::body::Body;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{HeaderMap, Request, Response, StatusCode, request};
use tonl_layers::session::{Attached, CloseReason, Ending, Missed, OpenError, Session};
use tonl_layers::{Principal, PrincipalKind};
use tonl_mcp::{SessionName, message};
use tonl_telemetry::events::McpTransport;

const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");

/// Answers a POST.
pub(super) async fn post(front: &Front, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let answer = call(front, head, body).await;
    answer.unwrap_or_else(|refusal| *refusal)
}

async fn call(
    front: &Front,
    mut head: request::Parts,
    body: Body,
) -> Result<Response<Body>, Refusal> {
    let principal = principal(&head)?;
    let entered = admit(front, &mut head, &principal)?;
    let Read {
        parts,
        envelope,
        permit,
    } = read(front, &head, body, McpTransport::StreamableHttp).await?;
    let text = parts.message;
    if let Some(arguments) = parts.arguments {
        head.extensions.insert(arguments);
    }
    let method = envelope.method.as_deref();
    // Held until the answer is complete, so that a server that leaves waits for it.
    let call = front.calls.token();
    let opens = entered.is_none() && method == Some("initialize");
    let answer = if opens {
        initialize(front, head, text.clone(), &principal).await
    } else {
        forward(front, head, text.clone(), &principal).await
    };
    let answer = readable(answer, &text).await;
    if method == Some("subscriptions/listen") {
        let listening = Purpose::Listening(front.lifecycle.watch());
        return Ok(held(answer, listening, (entered, permit)));
    }
    Ok(held(answer, Purpose::Call, (entered, call, permit)))
}

/// Answers a GET: the stream of a session.
pub(super) async fn get(front: &Front, mut head: request::Parts) -> Response<Body> {
    let entered = principal(&head).and_then(|principal| {
        let entered = admit(front, &mut head, &principal)?;
        Ok((principal, entered))
    });
    let (principal, entered) = match entered {
        Ok(entered) => entered,
        Err(refusal) => return *refusal,
    };
    let answer = forward(front, head, Bytes::new(), &principal).await;
    let answer = in_json(answer).await;
    let listening = Purpose::Listening(front.lifecycle.watch());
    held(answer, listening, entered)
}

/// Answers a DELETE: ends a session. Clients expect 204 of something that is done.
pub(super) async fn delete(front: &Front, mut head: request::Parts) -> Response<Body> {
    let entered = principal(&head).and_then(|principal| {
        let entered = admit(front, &mut head, &principal)?;
        Ok((principal, entered))
    });
    match entered {
        Err(refusal) => *refusal,
        Ok((principal, None)) => {
            in_json(forward(front, head, Bytes::new(), &principal).await).await
        }
        Ok((_, Some(entered))) => {
            let id = entered.session.id();
            front.sessions.close(id, CloseReason::Deleted);
            let mut done = Response::new(Body::empty());
            *done.status_mut() = StatusCode::NO_CONTENT;
            done
        }
    }
}

/// Opens a session of ours around one of the SDK's.
async fn initialize(
    front: &Front,
    head: request::Parts,
    text: Bytes,
    principal: &Principal,
) -> Response<Body> {
    let session = match open_session(front, &head, principal, McpTransport::StreamableHttp) {
        Ok(opened) => opened.session,
        Err(rejection) => return rejection.into_response(),
    };
    let closing = Closing {
        front,
        session: &session,
        is_open: false,
    };
    let mut answer = forward(front, head, text, principal).await;
    let Some(name) = answer
        .headers()
        .get(SESSION)
        .and_then(|name| name.to_str().ok())
    else {
        return answer;
    };
    let link = Link::Streamable(SessionName::from(name));
    front.links.insert(session.id(), link);
    if session.close_reason().is_some() {
        front.links.forget(session.id());
    }
    if let Ok(id) = HeaderValue::from_str(&session.id().to_string()) {
        answer.headers_mut().insert(SESSION, id);
    }
    closing.stays();
    answer
}

/// A session that ends unless it is said to stay: also when the client leaves meanwhile.
struct Closing<'a> {
    front: &'a Front,
    session: &'a Session,
    is_open: bool,
}

impl Closing<'_> {
    fn stays(mut self) {
        self.is_open = true;
    }
}

impl Drop for Closing<'_> {
    fn drop(&mut self) {
        if !self.is_open {
            let id = self.session.id();
            self.front.sessions.close(id, CloseReason::Disconnected);
        }
    }
}

/// A session that a request is in, until its answer is complete.
struct Entered {
    session: Session,
    _attached: Option<Attached>,
}

/// The session that a request names, if it names one. A session's own token is good for requests of
/// that session alone, so not for one that names none (S13).
fn admit(
    front: &Front,
    head: &mut request::Parts,
    principal: &Principal,
) -> Result<Option<Entered>, Refusal> {
    if head.headers.contains_key(SESSION) {
        return enter(front, head, principal).map(Some);
    }
    match principal.kind() {
        PrincipalKind::Session(_) => {
            let rejection = OpenError::SessionToken.rejection(principal);
            Err(Box::new(rejection.into_response()))
        }
        _ => Ok(None),
    }
}

/// The session that a request names, if it belongs to who asks; the SDK's name takes its place.
fn enter(
    front: &Front,
    head: &mut request::Parts,
    principal: &Principal,
) -> Result<Entered, Refusal> {
    let id = named(&head.headers);
    let missed = |missed: Missed| Box::new(missed.rejection(&id, principal).into_response());
    let session = front.sessions.get(&id, principal).map_err(missed)?;
    let Some(Link::Streamable(name)) = front.links.get(session.id()) else {
        return Err(missed(Missed::Unknown));
    };
    let Ok(name) = HeaderValue::from_str(&name) else {
        return Err(missed(Missed::Unknown));
    };
    head.headers.insert(SESSION, name);
    let attached = front.sessions.attach(&session, Ending::KeepsSession);
    Ok(Entered {
        session,
        _attached: attached,
    })
}

/// The session id of the headers; nothing that is an id if there are several.
fn named(headers: &HeaderMap) -> String {
    let mut values = headers.get_all(SESSION).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().unwrap_or_default().to_owned(),
        _ => String::new(),
    }
}

async fn forward(
    front: &Front,
    mut head: request::Parts,
    text: Bytes,
    principal: &Principal,
) -> Response<Body> {
    head.extensions.insert(caller(principal));
    let request = Request::from_parts(head, text);
    front.server.streamable_http(request).await.map(Body::new)
}

/// The SDK answers a body that is no message with 415, which speaks of its type.
async fn readable(answer: Response<Body>, text: &[u8]) -> Response<Body> {
    if answer.status() == StatusCode::UNSUPPORTED_MEDIA_TYPE
        && let Err(malformed) = message::shape(text)
    {
        return refuse(&malformed, text);
    }
    in_json(answer).await
}

/// The most bytes of an error's words.
const WORDS: usize = 4096;

/// The SDK's refusals that are no errors of the protocol are plain words; ours are JSON. What failed
/// inside stays inside.
async fn in_json(answer: Response<Body>) -> Response<Body> {
    let status = answer.status();
    let is_error = status.is_client_error() || status.is_server_error();
    if !is_error || answer.headers().contains_key(CONTENT_TYPE) {
        return answer;
    }
    if status.is_server_error() {
        return respond::error(status, "Internal Server Error");
    }
    let words = axum::body::to_bytes(answer.into_body(), WORDS).await;
    let words = words.unwrap_or_default();
    respond::error(status, &String::from_utf8_lossy(&words))
}
