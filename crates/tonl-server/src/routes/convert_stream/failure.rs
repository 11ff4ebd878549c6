//! What goes wrong with a conversion, and what the client is told of it before rows have left. After
//! that the transfer is cut, which no client takes for an end.

use crate::pool::NotDone;
use crate::respond;
use axum::body::Body;
use http::{Response, StatusCode};
use serde_json::json;
use std::fmt;
use std::time::Duration;
use tonl_convert::Error;
use tonl_layers::body::BodyError;
use tonl_layers::{Form, Refusal, Rejection};
use tonl_telemetry::events::ErrorType;

/// Why a conversion ended early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The body did not come as it should.
    Body(BodyError),
    /// The body failed in a way that only the connection knows.
    Connection,
    /// What came is not valid.
    Content(Box<Error>),
    /// The work was not done.
    Work(NotDone),
}

impl Failure {
    /// As what it is counted.
    pub(crate) fn kind(&self) -> ErrorType {
        match self {
            Self::Content(_) => ErrorType::Validation,
            Self::Body(_) | Self::Connection => ErrorType::Stream,
            Self::Work(_) => ErrorType::Internal,
        }
    }

    /// The answer, while no row has left.
    pub(crate) fn response(&self) -> Response<Body> {
        match self {
            Self::Body(error) => error.rejection().into_response(),
            Self::Connection => Rejection::new(
                StatusCode::BAD_REQUEST,
                Refusal::MalformedRequest,
                "The request body ended early",
            )
            .into_response(),
            Self::Content(error) => content(error),
            Self::Work(NotDone::Late) => Rejection::new(
                StatusCode::SERVICE_UNAVAILABLE,
                Refusal::Busy,
                "The conversion took too long",
            )
            .retry_after(Duration::from_secs(10))
            .into_response(),
            Self::Work(NotDone::Panicked) => {
                respond::error(StatusCode::INTERNAL_SERVER_ERROR, "Internal Server Error")
            }
        }
    }
}

impl fmt::Display for Failure {
    /// For the client's connection and the log; nothing of the body.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Body(_) | Self::Connection => "the body did not come as it should",
            Self::Content(_) => "the body is not valid",
            Self::Work(_) => "the work was not done",
        })
    }
}

impl std::error::Error for Failure {}

/// 422 with the place of the fault. The message may quote the client's own text, unless it asked to
/// hide some of it.
fn content(error: &Error) -> Response<Body> {
    let mut body = json!({
        "error": "Stream processing failed",
        "message": error.to_string(),
    });
    let position = error.content().and_then(tonl_convert::Fault::position);
    if let (Some(position), Some(object)) = (position, body.as_object_mut()) {
        object.insert("line".to_owned(), position.line.into());
        object.insert("column".to_owned(), position.column.into());
    }
    Rejection::new(
        StatusCode::UNPROCESSABLE_ENTITY,
        Refusal::InvalidData,
        body.to_string(),
    )
    .form(Form::Written)
    .into_response()
}
