//! Development mode: no token is configured, so the process makes its own (S8 to S18).
//!
//! Only here can a request pass a [`Guard`] without a token, and only one that the route calls an
//! opening of a session. That such a guard can't be made in production is a matter of types: a
//! [`Development`] is made of a [`RunToken`] and a session store and takes no other verifier.
//!
//! The traps: a proxy on this machine makes the whole world look local, and so does a page that turns
//! its own name to 127.0.0.1 (DNS rebinding). A request that shows the marks of a proxy, or names
//! another host than this machine, is asked for a token.

use super::{AnyOf, AuthConfig, Authenticator, Guard, RunToken, Verifier};
use crate::authority::Authority;
use crate::host;
use crate::peer::Client;
use crate::principal::Scope;
use crate::session::Sessions;
use http::header::AUTHORIZATION;
use http::{Version, request};
use std::sync::Arc;

/// Checks the tokens of development mode: that of the run, and those of its sessions.
#[derive(Clone, Debug)]
pub struct Development(Authenticator);

impl Development {
    /// Development mode of this run, with the clock of its sessions.
    pub fn new(run: RunToken, sessions: &Sessions, config: AuthConfig) -> Self {
        let verifiers: Vec<Arc<dyn Verifier>> = vec![Arc::new(run), Arc::new(sessions.clone())];
        let verifier = Arc::new(AnyOf::new(verifiers));
        let clock = sessions.clock().clone();
        Self(Authenticator::new(verifier, config, clock))
    }

    /// A guard that lets pass who has the run's token or that of a live session.
    pub fn require(&self, scope: Scope) -> Guard {
        self.0.require(scope)
    }

    /// The same, and lets a client of this machine pass that has no token and asks for what `opens`
    /// calls an opening of a session. It gets an anonymous principal, which opens a session and is of
    /// no other use: see [`Sessions::open`].
    pub fn require_or_open_session(
        &self,
        scope: Scope,
        opens: fn(&request::Parts) -> bool,
    ) -> Guard {
        Guard {
            opens: Some(opens),
            ..self.0.require(scope)
        }
    }

    /// The authenticator behind the guards, for its upkeep.
    pub fn authenticator(&self) -> &Authenticator {
        &self.0
    }
}

/// Whether a client of this machine asks directly and by a name of this machine, without any
/// `Authorization` header.
///
/// The name counts whatever the server is bound to: a page whose own name was turned to 127.0.0.1
/// comes from this machine and with an origin that fits.
pub(super) fn is_local_without_token(head: &request::Parts) -> bool {
    let client = head.extensions.get::<Client>();
    client.is_some_and(|client| client.ip.to_canonical().is_loopback())
        && Authority::of(head).is_ok_and(|named| host::is_loopback(named.host))
        && !shows_proxy(head)
        && !head.headers.contains_key(AUTHORIZATION)
}

/// Whether the head has marks of a proxy. HTTP/1.0 is one: nginx speaks it to servers behind it
/// unless it is told otherwise, and no client of sessions does.
fn shows_proxy(head: &request::Parts) -> bool {
    head.version < Version::HTTP_11
        || head.headers.keys().any(|name| {
            let name = name.as_str();
            MARKS.contains(&name) || MARK_PREFIXES.iter().any(|mark| name.starts_with(mark))
        })
}

/// Headers that proxies add, in small letters.
const MARKS: [&str; 8] = [
    "fastly-client-ip",
    "forwarded",
    "true-client-ip",
    "via",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
    "x-real-ip",
];
/// How the names of further ones begin.
const MARK_PREFIXES: [&str; 4] = ["cf-", "fly-", "x-envoy-", "x-forwarded-"];
