//! Answers: JSON and text, with their types.

use axum::body::Body;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};
use serde_json::Value;

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const EVENTS: HeaderValue = HeaderValue::from_static("text/event-stream; charset=utf-8");

/// A JSON answer.
pub(crate) fn json(status: StatusCode, value: &Value) -> Response<Body> {
    json_text(status, value.to_string())
}

/// An answer of text that is JSON.
pub(crate) fn json_text(status: StatusCode, text: String) -> Response<Body> {
    with_type(status, JSON, Body::from(text))
}

/// `{"error": text}`.
pub(crate) fn error(status: StatusCode, text: &str) -> Response<Body> {
    json(status, &serde_json::json!({ "error": text }))
}

/// A text of this type; without a type, plain text.
pub(crate) fn text(content_type: Option<&'static str>, body: impl Into<Body>) -> Response<Body> {
    let content_type = content_type.map_or(TEXT, HeaderValue::from_static);
    with_type(StatusCode::OK, content_type, body.into())
}

/// A stream of server-sent events, which no cache or proxy may hold back.
pub(crate) fn events(body: Body) -> Response<Body> {
    let mut response = with_type(StatusCode::OK, EVENTS, body);
    let headers = response.headers_mut();
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("no-cache, no-transform"),
    );
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn with_type(status: StatusCode, content_type: HeaderValue, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, content_type);
    response
}
