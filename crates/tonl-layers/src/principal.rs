//! Who a request speaks for, once its token was checked. The auth layer puts a [`Principal`] into
//! the request's extensions, and into those of the answer.
//!
//! No value here can be made from a request's own words: the name, the identity and the scopes come
//! from the token's record.

use crate::session::SessionId;
use std::fmt;
use std::sync::Arc;
pub use tonl_secret::{Scope, Scopes};

/// What tells one identity from another: the SHA-256 of its token, or random bytes. It is not
/// printed: of a weak token it would let somebody test guesses.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Identity([u8; 32]);

impl Identity {
    /// The identity with this digest.
    pub fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// The digest.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// What kind of credential a principal came with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrincipalKind {
    /// A token that the operator has set.
    Token,
    /// The token made for this run in development mode.
    Run,
    /// The token of this session, which opens no other.
    Session(SessionId),
    /// No token: somebody at this machine, who may open a session in development mode and no more.
    Anonymous,
}

/// Who a request speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Principal {
    name: Arc<str>,
    identity: Identity,
    kind: PrincipalKind,
    scopes: Scopes,
}

impl Principal {
    /// The holder of a token that the operator has set.
    pub fn token(name: impl Into<Arc<str>>, identity: Identity, scopes: Scopes) -> Self {
        Self {
            name: name.into(),
            identity,
            kind: PrincipalKind::Token,
            scopes,
        }
    }

    pub(crate) fn run(identity: Identity) -> Self {
        Self {
            name: Arc::from("run"),
            identity,
            kind: PrincipalKind::Run,
            scopes: Scopes::all(),
        }
    }

    /// The holder of a session's token: the session itself and live metrics, while it lives (S18).
    pub(crate) fn session(id: SessionId, identity: Identity) -> Self {
        Self {
            name: Arc::from("session"),
            identity,
            kind: PrincipalKind::Session(id),
            scopes: Scopes::all(),
        }
    }

    pub(crate) fn anonymous(scope: Scope) -> Self {
        Self {
            name: Arc::from("anonymous"),
            identity: Identity([0; 32]),
            kind: PrincipalKind::Anonymous,
            scopes: Scopes::from_iter([scope]),
        }
    }

    /// The token's name; never its value.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What sessions are bound to.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The kind of credential.
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// What it may be used for.
    pub fn scopes(&self) -> &Scopes {
        &self.scopes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_of_scopes_holds_what_was_put_in() {
        let set: Scopes = [Scope::Mcp, Scope::Stream].into_iter().collect();
        assert!(set.contains(Scope::Mcp) && set.contains(Scope::Stream));
        assert!(!set.contains(Scope::Metrics));
        let all: Scopes = [Scope::Mcp, Scope::Metrics, Scope::Stream]
            .into_iter()
            .collect();
        assert_eq!(all, Scopes::all());
        assert!(!Scopes::default().contains(Scope::Mcp));
    }

    #[test]
    fn debug_shows_a_name_and_no_digest() {
        let principal = Principal::token("ci", Identity::new([0xAB; 32]), Scopes::all());
        let shown = format!("{principal:?}").to_lowercase();
        assert!(shown.contains("ci"), "{shown}");
        assert!(
            !shown.contains("ab, ab") && !shown.contains("171"),
            "{shown}"
        );
    }
}
