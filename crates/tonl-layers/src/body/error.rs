//! Why a body cannot be read, and which answer the client gets for it.

use super::coding::Coding;
use crate::rejection::{Refusal, Rejection};
use http::StatusCode;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

/// Any error that a body may end with.
pub type BoxError = Box<dyn Error + Send + Sync>;

/// Why a request's body could not be read to its end.
///
/// All but `Busy` are the client's fault or its network's; only after `Busy` does the same request
/// have a chance.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BodyError {
    /// It has more bytes than allowed, as sent or after decoding.
    #[error("the body is larger than {limit} bytes")]
    TooLarge {
        /// How many bytes are allowed.
        limit: u64,
    },
    /// It grows too much when it is decoded.
    #[error("the body grows to more than {limit} times its size when it is decoded")]
    Ratio {
        /// How many bytes one byte as sent may become.
        limit: u64,
    },
    /// It is not what its coding promises; a checksum that does not fit is this too.
    #[error("the body is not well-formed {coding}")]
    Malformed {
        /// The coding that the head named.
        coding: Coding,
    },
    /// It ends before its coding is complete.
    #[error("the body ends in the middle of its {coding} data")]
    Truncated {
        /// The coding that the head named.
        coding: Coding,
    },
    /// Something follows after the end of the coded data.
    #[error("something follows after the end of the body's {coding} data")]
    Trailing {
        /// The coding that the head named.
        coding: Coding,
    },
    /// Nothing came for too long.
    #[error("no byte of the body came for {} ms", waited.as_millis())]
    IdleTimeout {
        /// How long the client was waited for.
        waited: Duration,
    },
    /// Too little came for too long.
    #[error("the body comes more slowly than {rate} bytes a second")]
    TooSlow {
        /// The rate that is asked for, in bytes as sent per second.
        rate: u64,
    },
    /// It took too long in all.
    #[error("the body took more than {} ms", within.as_millis())]
    Late {
        /// How long it may take.
        within: Duration,
    },
    /// Too many bytes of bodies are held already, in all or for this client.
    #[error("no memory is left for bodies now")]
    Busy,
    /// The connection broke, or the body's framing did.
    #[error("the body broke off")]
    Disconnected(#[source] Arc<dyn Error + Send + Sync>),
}

impl BodyError {
    /// The first body error among this error and its sources; frameworks wrap errors.
    pub fn of<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Self> {
        let mut next = Some(error);
        for _ in 0..MAX_SOURCES {
            let error: &'a (dyn Error + 'static) = next?;
            if let Some(found) = error.downcast_ref() {
                return Some(found);
            }
            next = error.source();
        }
        None
    }

    /// The body error in this error, or a broken connection if there is none.
    pub fn found_in(error: BoxError) -> Self {
        match Self::of(error.as_ref()) {
            Some(found) => found.clone(),
            None => Self::Disconnected(Arc::from(error)),
        }
    }

    /// The answer: 413, 400, 408 or 503 with `Retry-After`, each as JSON.
    pub fn rejection(&self) -> Rejection {
        let (status, reason, text) = match self {
            Self::TooLarge { limit } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Refusal::TooLarge,
                format!("Payload too large: the limit is {limit} bytes").into(),
            ),
            Self::Ratio { limit } => (
                StatusCode::PAYLOAD_TOO_LARGE,
                Refusal::Ratio,
                format!("Payload too large: it may grow {limit} times when it is decompressed")
                    .into(),
            ),
            Self::Malformed { coding } => malformed(format!("Invalid {coding} data")),
            Self::Truncated { coding } => malformed(format!("Incomplete {coding} data")),
            Self::Trailing { coding } => malformed(format!("Unexpected bytes after {coding} data")),
            Self::Disconnected(_) => malformed("Incomplete request body"),
            Self::IdleTimeout { .. } | Self::TooSlow { .. } | Self::Late { .. } => (
                StatusCode::REQUEST_TIMEOUT,
                Refusal::Timeout,
                "Request body timeout".into(),
            ),
            Self::Busy => {
                return Rejection::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    Refusal::Busy,
                    "Service busy",
                )
                .retry_after(BUSY_RETRY);
            }
        };
        Rejection::new(status, reason, text)
    }
}

fn malformed(
    text: impl Into<std::borrow::Cow<'static, str>>,
) -> (StatusCode, Refusal, std::borrow::Cow<'static, str>) {
    (
        StatusCode::BAD_REQUEST,
        Refusal::MalformedRequest,
        text.into(),
    )
}

/// When a client that met a full budget may come again.
const BUSY_RETRY: Duration = Duration::from_secs(1);

/// How deep an error is searched for its source.
const MAX_SOURCES: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use http::Response;

    #[derive(Debug, thiserror::Error)]
    #[error("wrapped")]
    struct Wrapped(#[source] BoxError);

    #[test]
    fn a_body_error_is_found_behind_its_wrappers() {
        let inner = Wrapped(Box::new(BodyError::TooLarge { limit: 7 }));
        let outer = Wrapped(Box::new(inner));
        assert!(matches!(
            BodyError::of(&outer),
            Some(BodyError::TooLarge { limit: 7 })
        ));
        assert!(matches!(
            BodyError::found_in(Box::new(outer)),
            BodyError::TooLarge { limit: 7 }
        ));
        let foreign = Wrapped("no body error".into());
        assert!(BodyError::of(&foreign).is_none());
        assert!(matches!(
            BodyError::found_in(Box::new(foreign)),
            BodyError::Disconnected(_)
        ));
    }

    #[test]
    fn each_error_has_its_answer() {
        let coding = Coding::Gzip;
        let cases = [
            (
                BodyError::TooLarge { limit: 52_428_800 },
                413,
                r#"{"error":"Payload too large: the limit is 52428800 bytes"}"#,
            ),
            (
                BodyError::Ratio { limit: 100 },
                413,
                r#"{"error":"Payload too large: it may grow 100 times when it is decompressed"}"#,
            ),
            (
                BodyError::Malformed { coding },
                400,
                r#"{"error":"Invalid gzip data"}"#,
            ),
            (
                BodyError::Truncated { coding },
                400,
                r#"{"error":"Incomplete gzip data"}"#,
            ),
            (
                BodyError::Trailing { coding },
                400,
                r#"{"error":"Unexpected bytes after gzip data"}"#,
            ),
            (
                BodyError::IdleTimeout {
                    waited: Duration::ZERO,
                },
                408,
                r#"{"error":"Request body timeout"}"#,
            ),
            (
                BodyError::TooSlow { rate: 1 },
                408,
                r#"{"error":"Request body timeout"}"#,
            ),
            (
                BodyError::Late {
                    within: Duration::ZERO,
                },
                408,
                r#"{"error":"Request body timeout"}"#,
            ),
            (
                BodyError::Disconnected(Arc::from(BoxError::from("secret inside"))),
                400,
                r#"{"error":"Incomplete request body"}"#,
            ),
            (BodyError::Busy, 503, r#"{"error":"Service busy"}"#),
        ];
        for (error, status, text) in cases {
            let response: Response<Bytes> = error.rejection().into_response();
            assert_eq!(response.status(), status, "{error}");
            assert_eq!(response.body(), text, "{error}");
            assert_eq!(
                response.headers().contains_key("retry-after"),
                status == 503
            );
        }
    }
}
