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
    clock: Clock,
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
                    clock.clone(),
                ),
                keyring,
            },
            Access::Development(run) => Mode::Development(Development::new(run, &sessions, config)),
        };
        Self {
            mode,
            sessions,
            clock,
        }
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

    /// Whether a principal that passed once may go on with what asks for this scope: its token is
    /// still in force and has the scope as it is now, which may be less than what it came with.
    pub(crate) fn is_still_good(&self, principal: &Principal, scope: Scope) -> bool {
        match (&self.mode, principal.kind()) {
            (Mode::Tokens { keyring, .. }, PrincipalKind::Token) => {
                let digest = Digest::from_bytes(*principal.identity().as_bytes());
                opens(keyring, &digest, scope, self.clock.now().wall)
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
                let now = self.clock.now().wall;
                let swept = keyring.sweep(now).into_iter();
                for digest in swept.filter(|digest| !opens(keyring, digest, Scope::Mcp, now)) {
                    let identity = Identity::new(digest.to_bytes());
                    self.sessions.close_of(&identity, CloseReason::TokenRevoked);
                }
            }
            Mode::Development(development) => development.authenticator().sweep(),
        }
    }
}

/// Whether the token with this digest may be used now for what asks for this scope.
fn opens(keyring: &Keyring, digest: &Digest, scope: Scope, now: SystemTime) -> bool {
    let found = keyring.with_digest(digest, now);
    found.is_some_and(|found| found.is_valid() && found.token.scopes.contains(scope))
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
                found.token.scopes.clone(),
            )),
            Verdict::NotYet => Verified::NotYet { name },
            Verdict::Expired => Verified::Expired { name },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::{IpAddr, Ipv4Addr};
    use std::time::Duration;
    use tonl_layers::session::SessionConfig;
    use tonl_secret::{Token, TokenSet};

    fn set(scopes: &[Scope]) -> TokenSet {
        let token = |name: &str, scopes: &[Scope]| Token {
            name: name.to_owned(),
            digest: Digest::of(name.as_bytes()),
            scopes: scopes.iter().copied().collect(),
            not_before: None,
            expires: None,
        };
        TokenSet::new([token("ci", scopes), token("other", &Scope::ALL)]).unwrap()
    }

    fn principal(gate: &Gate, token: &str) -> Principal {
        let Mode::Tokens { keyring, .. } = &gate.mode else {
            panic!("not the mode of the test");
        };
        let ring = Ring(Arc::clone(keyring));
        let now = Clock::system().now();
        let Verified::Valid(principal) = ring.verify(token.as_bytes(), now) else {
            panic!("{token} is not valid");
        };
        principal
    }

    fn gate(keyring: &Arc<Keyring>) -> Gate {
        let clock = Clock::system();
        let sessions = Sessions::new(SessionConfig::production(), clock.clone(), |_, _| {});
        let access = Access::Tokens(Arc::clone(keyring));
        Gate::new(access, AuthConfig::default(), sessions, clock)
    }

    // S6
    #[test]
    fn who_passed_once_goes_on_as_long_as_the_token_has_the_scope() {
        let keyring = Arc::new(Keyring::new(set(&Scope::ALL)));
        let gate = gate(&keyring);
        let principal = principal(&gate, "ci");
        let may = |scope| gate.is_still_good(&principal, scope);
        assert!(may(Scope::Metrics) && may(Scope::Mcp));
        let install = |set| keyring.install(set, SystemTime::now(), Duration::ZERO);
        install(set(&[Scope::Mcp]));
        assert!(!may(Scope::Metrics) && may(Scope::Mcp));
        install(set(&[]));
        assert!(!may(Scope::Metrics) && !may(Scope::Mcp));
    }

    // S6, S16
    #[test]
    fn a_session_ends_when_its_token_loses_the_scope_and_not_for_another_one() {
        let keyring = Arc::new(Keyring::new(set(&Scope::ALL)));
        let gate = gate(&keyring);
        let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let open = |name| {
            let opened = gate.sessions.open(&principal(&gate, name), here);
            opened.unwrap().session
        };
        let (session, other) = (open("ci"), open("other"));
        let install = |scopes: &[Scope]| {
            keyring.install(set(scopes), SystemTime::now(), Duration::from_secs(60));
            gate.sweep();
        };
        install(&[Scope::Mcp]);
        assert_eq!(session.close_reason(), None);
        install(&[Scope::Metrics]);
        assert_eq!(session.close_reason(), Some(CloseReason::TokenRevoked));
        assert_eq!(other.close_reason(), None);
    }
}
