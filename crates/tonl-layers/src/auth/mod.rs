//! Bearer tokens: who may use a route (S4, S7, S15).
//!
//! A [`Guard`] stands in front of a route and asks a [`Verifier`] whose token came. It decides from
//! the head alone, puts the [`Principal`] into the extensions of the request and of the answer, and
//! makes what is answered `no-store`.
//!
//! | what came | answer |
//! |---|---|
//! | no `Authorization`, another scheme, or a scheme without a token | 401 |
//! | a wrong, malformed, expired or second token | 403, or 401 by setting |
//! | too many wrong ones from that address | 429 |
//! | a good token without the scope | 403, `insufficient_scope` |
//!
//! Not here: comparing tokens (a verifier does, in constant time), where they come from, and sessions.
//!
//! The trap: a verifier that keeps tokens must live as long as they do. Sessions made in development
//! mode are verified by the very store that made them; [`Development`] puts the two together.

mod bearer;
mod development;
mod failures;
mod verifier;

pub use development::Development;
pub use verifier::{AnyOf, NewToken, NoRandomness, RunToken, Verified, Verifier};
pub(crate) use verifier::{digest, hex, random};

use crate::clock::{Clock, Moment};
use crate::defence::{Defence, Verdict};
use crate::peer::Client;
use crate::principal::{Principal, Scope};
use crate::rate_limit::Key;
use crate::rejection::{Refusal, Rejection};
use bearer::{Credentials, credentials};
use failures::Failures;
use http::header::{CACHE_CONTROL, HeaderMap, HeaderValue, WWW_AUTHENTICATE};
use http::{Extensions, StatusCode, request, response};
use std::sync::Arc;

const INVALID: &str = r#"Bearer realm="tonl-mcp-bridge", error="invalid_token""#;
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// The status of a wrong token's answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidStatus {
    /// 403, the product's own.
    #[default]
    Forbidden,
    /// 401, for clients that renew a token only then (RFC 6750, 3.1).
    Unauthorized,
}

/// How wrong tokens are answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthConfig {
    /// The status for a wrong token.
    pub invalid_status: InvalidStatus,
    /// How many wrong tokens an address may send at once before one in ten seconds; 0 is no limit.
    pub failure_max: u32,
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            invalid_status: InvalidStatus::default(),
            failure_max: 20,
        }
    }
}

/// Checks tokens for all routes; they share the count of failures. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Authenticator(Arc<Checks>);

#[derive(Debug)]
struct Checks {
    verifier: Arc<dyn Verifier>,
    config: AuthConfig,
    failures: Failures,
    clock: Clock,
}

impl Authenticator {
    /// Checks tokens with this verifier.
    pub fn new(verifier: Arc<dyn Verifier>, config: AuthConfig, clock: Clock) -> Self {
        Self(Arc::new(Checks {
            verifier,
            config,
            failures: Failures::new(config.failure_max),
            clock,
        }))
    }

    /// A guard that lets pass who has a good token with this scope.
    pub fn require(&self, scope: Scope) -> Guard {
        Guard {
            authenticator: self.clone(),
            scope,
            opens: None,
        }
    }

    /// Forgets addresses from which nothing wrong came for long; for quiet times.
    pub fn sweep(&self) {
        self.0.failures.sweep(self.0.clock.now());
    }

    /// How many addresses with wrong tokens it knows.
    pub fn addresses(&self) -> usize {
        self.0.failures.addresses()
    }

    fn check(&self, headers: &HeaderMap, extensions: &Extensions) -> Result<Principal, Rejection> {
        let now = self.0.clock.now();
        let token = match credentials(headers) {
            Credentials::None | Credentials::OtherScheme => return Err(missing()),
            Credentials::Malformed => {
                return Err(self.wrong(Refusal::MalformedCredentials, extensions, now));
            }
            Credentials::Token(token) => token,
        };
        match self.0.verifier.verify(token, now) {
            Verified::Valid(principal) => Ok(principal),
            Verified::Expired { name } => Err(self.invalid(Refusal::ExpiredToken).of_token(&*name)),
            Verified::NotYet { name } => {
                Err(self.invalid(Refusal::NotYetValidToken).of_token(&*name))
            }
            Verified::Unknown => Err(self.wrong(Refusal::InvalidToken, extensions, now)),
        }
    }

    fn wrong(&self, reason: Refusal, extensions: &Extensions, now: Moment) -> Rejection {
        let client = extensions.get::<Client>();
        let key = client.map_or_else(Key::unknown, |client| Key::address(client.ip));
        match self.0.failures.count(key, now) {
            None => self.invalid(reason),
            Some(wait) => Rejection::new(
                StatusCode::TOO_MANY_REQUESTS,
                Refusal::TooManyFailures,
                "Too many failed authentication attempts",
            )
            .header(CACHE_CONTROL, NO_STORE)
            .retry_after(wait),
        }
    }

    fn invalid(&self, reason: Refusal) -> Rejection {
        let status = match self.0.config.invalid_status {
            InvalidStatus::Forbidden => StatusCode::FORBIDDEN,
            InvalidStatus::Unauthorized => StatusCode::UNAUTHORIZED,
        };
        invalid_token(status, reason)
    }
}

/// The answer to no credentials (S51: the audit line is made of its reason).
fn missing() -> Rejection {
    let challenge = HeaderValue::from_static(r#"Bearer realm="tonl-mcp-bridge""#);
    Rejection::new(
        StatusCode::UNAUTHORIZED,
        Refusal::MissingToken,
        "Unauthorized: Missing Bearer token",
    )
    .header(WWW_AUTHENTICATE, challenge)
    .header(CACHE_CONTROL, NO_STORE)
}

/// The answer to a token that is not good here.
pub(crate) fn invalid_token(status: StatusCode, reason: Refusal) -> Rejection {
    Rejection::new(status, reason, "Forbidden: Invalid token")
        .header(WWW_AUTHENTICATE, HeaderValue::from_static(INVALID))
        .header(CACHE_CONTROL, NO_STORE)
}

/// The answer to a good token that does not open what is asked for (RFC 6750, 3.1). The scope that
/// would is one of ours or the name of a tool that there is: it goes into a header as it stands.
pub fn insufficient_scope(principal: &Principal, scope: &str) -> Rejection {
    let challenge = format!(
        "Bearer realm=\"tonl-mcp-bridge\", error=\"insufficient_scope\", scope=\"{scope}\""
    );
    let rejection = Rejection::new(
        StatusCode::FORBIDDEN,
        Refusal::WrongScope,
        "Forbidden: Insufficient scope",
    )
    .header(CACHE_CONTROL, NO_STORE)
    .of_token(principal.name());
    match HeaderValue::from_str(&challenge) {
        Ok(challenge) => rejection.header(WWW_AUTHENTICATE, challenge),
        Err(_) => rejection,
    }
}

/// Stands in front of a route and lets pass who may use it. Made by [`Authenticator::require`],
/// [`Development::require`] or [`Development::require_or_open_session`].
#[derive(Clone, Debug)]
pub struct Guard {
    authenticator: Authenticator,
    scope: Scope,
    /// Which requests may come without a token from this machine, in development mode alone.
    opens: Option<fn(&request::Parts) -> bool>,
}

impl Guard {
    fn admit(&self, head: &request::Parts) -> Result<Principal, Rejection> {
        if let Some(opens) = self.opens
            && development::is_local_without_token(head)
            && opens(head)
        {
            return Ok(Principal::anonymous(self.scope));
        }
        let principal = self.authenticator.check(&head.headers, &head.extensions)?;
        if principal.scopes().contains(self.scope) {
            Ok(principal)
        } else {
            Err(insufficient_scope(&principal, self.scope.name()))
        }
    }
}

impl Defence for Guard {
    type Memo = Principal;

    fn check(&self, head: &mut request::Parts) -> Verdict<Principal> {
        // What an outer layer may have put there by mistake must not outlive the check.
        head.extensions.remove::<Principal>();
        match self.admit(head) {
            Ok(principal) => {
                head.extensions.insert(principal.clone());
                Verdict::Pass(principal)
            }
            Err(rejection) => Verdict::Refuse(rejection),
        }
    }

    fn answer(&self, principal: Principal, head: &mut response::Parts) {
        head.headers.entry(CACHE_CONTROL).or_insert(NO_STORE);
        head.extensions.insert(principal);
    }
}
