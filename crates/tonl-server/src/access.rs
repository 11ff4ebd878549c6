//! Who may ask: the tokens of the operator, or those of development mode.

use http::{Method, request};
use std::sync::Arc;
use std::time::SystemTime;
use tonl_layers::auth::{
    AuthConfig, Authenticator, Development, Guard, RunToken, Verified, Verifier,
};
use tonl_layers::session::{CloseReason, Sessions};
use tonl_layers::{Clock, Identity, Moment, Principal, PrincipalKind, Scope};
use tonl_secret::Digest;
use tonl_secret::rotate::Keyring;
use tonl_secret::tokens::Verdict;

/// How requests are authenticated.
#[derive(Clone, Debug)]
pub enum Access {
    /// By the tokens of a keyring.
    Tokens(Arc<Keyring>),
    /// By the token of this run, and by those of its sessions (S8 to S18).
    Development(RunToken),
}

/// The guards of routes, and what they share.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    mode: Mode,
    sessions: Sessions,
}

#[derive(Clone, Debug)]
enum Mode {
    Tokens {
        authenticator: Authenticator,
        keyring: Arc<Keyring>,
    },
    Development(Development),
}

impl Gate {
    pub(crate) fn new(
        access: Access,
        config: AuthConfig,
        sessions: Sessions,
        clock: Clock,
    ) -> Self {
        let mode = match access {
            Access::Tokens(keyring) => Mode::Tokens {
                authenticator: Authenticator::new(
                    Arc::new(Ring(Arc::clone(&keyring))),
                    config,
                    clock,
                ),
                keyring,
            },
            Access::Development(run) => Mode::Development(Development::new(run, &sessions, config)),
        };
        Self { mode, sessions }
    }

    /// A guard that asks for a token with this scope.
    pub(crate) fn require(&self, scope: Scope) -> Guard {
        match &self.mode {
            Mode::Tokens { authenticator, .. } => authenticator.require(scope),
            Mode::Development(development) => development.require(scope),
        }
    }

    /// The guard of the MCP endpoint: in development mode a client of this machine may open a
    /// session without a token.
    pub(crate) fn mcp(&self) -> Guard {
        match &self.mode {
            Mode::Tokens { authenticator, .. } => authenticator.require(Scope::Mcp),
            Mode::Development(development) => {
                development.require_or_open_session(Scope::Mcp, opens_session)
            }
        }
    }

    /// The sessions.
    pub(crate) fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Whether a principal that passed once may go on: its token is still in force.
    pub(crate) fn is_still_good(&self, principal: &Principal) -> bool {
        match (&self.mode, principal.kind()) {
            (Mode::Tokens { keyring, .. }, PrincipalKind::Token) => {
                let digest = Digest::from_bytes(*principal.identity().as_bytes());
                keyring.digests_valid(&digest, SystemTime::now())
            }
            (Mode::Development(_), PrincipalKind::Session(id)) => {
                self.sessions.get(&id.to_string(), principal).is_ok()
            }
            (Mode::Development(_), PrincipalKind::Run) => true,
            _ => false,
        }
    }

    /// Forgets what is over; for quiet times.
    pub(crate) fn sweep(&self) {
        match &self.mode {
            Mode::Tokens {
                authenticator,
                keyring,
            } => {
                authenticator.sweep();
                for digest in keyring.sweep(SystemTime::now()) {
                    let identity = Identity::new(digest.to_bytes());
                    self.sessions.close_of(&identity, CloseReason::TokenRevoked);
                }
            }
            Mode::Development(development) => development.authenticator().sweep(),
        }
    }
}

/// A legacy stream is opened by a GET that names no session.
fn opens_session(head: &request::Parts) -> bool {
    head.method == Method::GET
        && !head.headers.contains_key("mcp-session-id")
        && !head.headers.contains_key("last-event-id")
}

/// A keyring as a verifier.
#[derive(Debug)]
struct Ring(Arc<Keyring>);

impl Verifier for Ring {
    fn verify(&self, presented: &[u8], now: Moment) -> Verified {
        let Some(found) = self.0.verify(presented, now.wall) else {
            return Verified::Unknown;
        };
        let name: Arc<str> = Arc::from(found.token.name.as_str());
        match found.verdict {
            Verdict::Valid => Verified::Valid(Principal::token(
                name,
                Identity::new(found.digest().to_bytes()),
                found.token.scopes,
            )),
            Verdict::NotYet => Verified::NotYet { name },
            Verdict::Expired => Verified::Expired { name },
        }
    }
}
