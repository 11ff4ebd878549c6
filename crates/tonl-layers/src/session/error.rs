//! Why a session is not opened or not found, and what the client is told.

use super::id::SessionId;
use crate::auth::{NoRandomness, invalid_token};
use crate::principal::{Principal, PrincipalKind};
use crate::rejection::{Refusal, Rejection};
use http::StatusCode;
use std::time::Duration;
use thiserror::Error;

/// Why no session was opened.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum OpenError {
    /// There are as many as there may be.
    #[error("there are too many sessions")]
    Full,
    /// The client's address has as many as it may have.
    #[error("there are too many sessions of this address")]
    TooManyFromAddress,
    /// A session's token came; it opens no other session.
    #[error("a session's token cannot open another session")]
    SessionToken,
    /// No id could be made.
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

impl OpenError {
    /// What the client is told. Our records get the name of the token.
    pub fn rejection(self, principal: &Principal) -> Rejection {
        named(self.told(), principal)
    }

    fn told(self) -> Rejection {
        let busy = |reason, text, wait| {
            Rejection::new(StatusCode::SERVICE_UNAVAILABLE, reason, text)
                .retry_after(Duration::from_secs(wait))
        };
        match self {
            Self::Full => busy(Refusal::TooManySessions, "Too many sessions", 10),
            Self::TooManyFromAddress => busy(
                Refusal::TooManySessions,
                "Too many sessions from this address",
                10,
            ),
            Self::SessionToken => invalid_token(StatusCode::FORBIDDEN, Refusal::ForeignSession),
            Self::NoRandomness(_) => busy(Refusal::Busy, "No session can be opened now", 1),
        }
    }
}

/// Why a session was not found for a principal.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missed {
    /// There is none of this id, or it has ended.
    #[error("there is no such session")]
    Unknown,
    /// It belongs to another identity. The client is told that there is none.
    #[error("the session belongs to another identity")]
    OtherIdentity,
    /// A session's token came for another session.
    #[error("the token belongs to another session")]
    ForeignToken,
}

impl Missed {
    /// What the client is told: nothing that tells an unknown session from another identity's. Our
    /// records get the name of the token, and the id that was asked for if it is one.
    pub fn rejection(self, id: &str, principal: &Principal) -> Rejection {
        let rejection = named(self.told(), principal);
        match SessionId::parse(id) {
            Some(id) => rejection.of_session(id.to_string()),
            None => rejection,
        }
    }

    fn told(self) -> Rejection {
        let not_found = |reason| Rejection::new(StatusCode::NOT_FOUND, reason, "Session not found");
        match self {
            Self::Unknown => not_found(Refusal::UnknownSession),
            Self::OtherIdentity => not_found(Refusal::ForeignSession),
            Self::ForeignToken => invalid_token(StatusCode::FORBIDDEN, Refusal::ForeignSession),
        }
    }
}

fn named(rejection: Rejection, principal: &Principal) -> Rejection {
    match principal.kind() {
        PrincipalKind::Anonymous => rejection,
        PrincipalKind::Token | PrincipalKind::Run | PrincipalKind::Session(_) => {
            rejection.of_token(principal.name())
        }
    }
}
