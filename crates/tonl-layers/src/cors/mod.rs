//! Tells browsers which foreign pages may read answers. Without this layer they may read none.
//!
//! **Threat.** A wildcard, or an origin echoed without being compared, lets every page a visitor
//! opens read this server's answers with the visitor's credentials.
//!
//! **What it does.** Answers to an origin of the list carry `Access-Control-Allow-Origin` with that
//! origin, `Access-Control-Allow-Credentials: true` if set, and `Access-Control-Expose-Headers`,
//! whatever their status. A preflight (`OPTIONS` with `Origin` and `Access-Control-Request-Method`)
//! is answered here: 204 to an origin of the list, 403 `{"error":"Not allowed by CORS"}` to others.
//! Every answer gets `Vary: Origin`, refusals too, so that no cache serves one page's answer to
//! another. Private network access is never granted.
//!
//! It refuses no request but preflights: that a foreign page cannot *do* anything is the work of
//! [`crate::origin`], with the same list. The two agree because they share [`AllowedOrigins`].
//!
//! **Setting.** [`Config`]: origins, methods, headers, credentials, age. Origins are compared whole;
//! `*` is refused there, and among the headers, where browsers ignore it together with credentials.
//! Off by default: then leave the layer out, and no answer has an `Access-Control-*` header.
//!
//! **Order.** Before the authentication, which a preflight never passes, and before everything else
//! whose refusals a page should be able to read. So it stands before the host check as well, and asks
//! that check itself about preflights ([`Cors::under_names`]), which never come to it.
//!
//! Sources: S30 to S33; security contract, section 5; the Fetch standard, 3.2.

mod config;

pub use config::{Config, Credentials, ListError};

use crate::host::HostGuard;
use crate::origin::{self, AllowedOrigins};
use crate::{Defence, Rejection, Verdict};
use bytes::Bytes;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN, VARY,
};
use http::{HeaderMap, Method, Response, StatusCode, request, response};
use std::sync::Arc;

/// Answers preflights, and adds what browsers ask for to the answers of others.
#[derive(Clone, Debug)]
pub struct Cors {
    config: Arc<Config>,
    hosts: Option<HostGuard>,
}

impl Cors {
    /// With this configuration.
    pub fn new(config: Config) -> Self {
        Self {
            config: Arc::new(config),
            hosts: None,
        }
    }

    /// The same, for a server that may be asked under these names alone: a preflight for another one
    /// is refused as every request for it is.
    #[must_use]
    pub fn under_names(self, hosts: HostGuard) -> Self {
        Self {
            hosts: Some(hosts),
            ..self
        }
    }

    /// The one `Origin` of the request as it was written, if it is allowed.
    fn allowed(&self, headers: &HeaderMap) -> Option<HeaderValue> {
        let mut lines = headers.get_all(ORIGIN).iter();
        let line = lines.next().filter(|_| lines.next().is_none())?;
        let origin = origin::of_header(line)?;
        self.config.origins.contains(&origin).then(|| line.clone())
    }

    /// What each answer to this origin gets.
    fn grant(&self, origin: HeaderValue, headers: &mut HeaderMap) {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        if self.config.credentials == Credentials::Allowed {
            let yes = HeaderValue::from_static("true");
            headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, yes);
        }
    }

    fn preflight(&self, origin: Option<HeaderValue>) -> Verdict<Option<HeaderValue>> {
        let Some(origin) = origin else {
            return refuse(origin::rejection());
        };
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::NO_CONTENT;
        let headers = response.headers_mut();
        self.grant(origin, headers);
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, self.config.methods.clone());
        headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, self.config.headers.clone());
        let age = HeaderValue::from(self.config.max_age.as_secs());
        headers.insert(ACCESS_CONTROL_MAX_AGE, age);
        vary_by_origin(headers);
        Verdict::Answer(response)
    }
}

impl Defence for Cors {
    /// The origin to which the answer may be shown.
    type Memo = Option<HeaderValue>;

    fn check(&self, head: &mut request::Parts) -> Verdict<Option<HeaderValue>> {
        let origin = self.allowed(&head.headers);
        let is_preflight = head.method == Method::OPTIONS
            && head.headers.contains_key(ORIGIN)
            && head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if is_preflight {
            let refused = self.hosts.as_ref().and_then(|hosts| hosts.refusal(head));
            return match refused {
                Some(rejection) => refuse(rejection),
                None => self.preflight(origin),
            };
        }
        Verdict::Pass(origin)
    }

    fn answer(&self, origin: Option<HeaderValue>, head: &mut response::Parts) {
        vary_by_origin(&mut head.headers);
        if let Some(origin) = origin {
            self.grant(origin, &mut head.headers);
            let exposed = self.config.exposed.clone();
            if !exposed.is_empty() {
                head.headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
            }
        }
    }
}

fn refuse(rejection: Rejection) -> Verdict<Option<HeaderValue>> {
    Verdict::Refuse(rejection.header(VARY, HeaderValue::from_static("Origin")))
}

/// Adds `Vary: Origin` beside what is there, unless it is there.
fn vary_by_origin(headers: &mut HeaderMap) {
    let mut lines = headers.get_all(VARY).iter();
    let is_there = lines.any(|line| {
        let mut names = line.as_bytes().split(|byte| *byte == b',');
        names.any(|name| name.trim_ascii().eq_ignore_ascii_case(b"origin"))
    });
    if !is_there {
        headers.append(VARY, HeaderValue::from_static("Origin"));
    }
}
