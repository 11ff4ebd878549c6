//! Refuses requests that name a host which is not one of the server's.
//!
//! **Threat.** DNS rebinding: a page on `evil.example` lets its own name point to 127.0.0.1 and
//! speaks to a server on the visitor's machine as if it were its own. No browser sees a foreign
//! origin then, and neither does [`crate::origin`]. What remains to be seen is the name.
//!
//! **What it does.** Where it is on, `Host` or `:authority` must be an allowed name, and so must the
//! host of a trusted `X-Forwarded-Host`: *both*, because that header is plain text to a page that
//! shares our address with a trusted proxy. Else 403 `{"error":"Host not allowed"}`. A request that
//! names no host, or not clearly one, is refused too.
//!
//! **Setting.** A list of names, each with or without a port; without one it stands for every port.
//! Bound to loopback, the check is always on, and the loopback names are allowed with any port:
//! `localhost`, every name under it (RFC 6761, 6.3: nobody can own one), 127.0.0.0/8 and `[::1]`;
//! `0.0.0.0` is none of them. Bound elsewhere, it is on only if the list has names: which names lead
//! here is not ours to know.
//!
//! **Order.** On routes that do something, before the origin check. Never on health and metrics
//! routes: probes send the addresses of containers.
//!
//! Sources: S30, S62; security contract, section 5.

use crate::authority::{Authority, Host};
use crate::{Client, Defence, Refusal, Rejection, Verdict};
use http::StatusCode;
use http::request::Parts;
use std::net::IpAddr;
use std::sync::Arc;

/// The hosts by which a server may be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedHosts {
    loopback: bool,
    names: Vec<Name>,
}

/// A part of a list of hosts that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no host: expected a name or address, with or without a port, as api.example.com or \
     [2001:db8::1]:3000; there are no wildcards"
)]
pub struct HostError(String);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Name {
    /// As [`Host`] is displayed, without the dot that may end a name.
    host: String,
    /// None stands for every port.
    port: Option<u16>,
}

impl AllowedHosts {
    /// The hosts for a server bound to `bound`: the names of a list with commas, and the loopback
    /// names if that address is one.
    ///
    /// # Errors
    /// Every part that is no host, in order.
    pub fn parse(bound: IpAddr, list: &str) -> Result<Self, Vec<HostError>> {
        let mut names = Vec::new();
        let mut bad = Vec::new();
        for part in list.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            match Authority::parse(part.as_bytes()) {
                Some(authority) => names.push(Name {
                    host: plain(authority.host),
                    port: authority.port,
                }),
                None => bad.push(HostError(part.to_owned())),
            }
        }
        let loopback = bound.to_canonical().is_loopback();
        if bad.is_empty() {
            Ok(Self { loopback, names })
        } else {
            Err(bad)
        }
    }

    /// Whether anything is checked.
    pub fn is_on(&self) -> bool {
        self.loopback || !self.names.is_empty()
    }

    /// Whether a request for this host may pass; `default` is the port that no port means.
    fn allows(&self, authority: Authority<'_>, default: u16) -> bool {
        if self.loopback && is_loopback(authority.host) {
            return true;
        }
        if self.names.is_empty() {
            return false;
        }
        let host = plain(authority.host);
        let port = authority.port_or(default);
        let mut names = self.names.iter();
        names.any(|name| name.host == host && name.port.is_none_or(|it| it == port))
    }
}

/// Refuses requests for other hosts.
#[derive(Clone, Debug)]
pub struct HostGuard {
    allowed: Arc<AllowedHosts>,
}

impl HostGuard {
    /// Lets requests for these hosts pass.
    pub fn new(allowed: AllowedHosts) -> Self {
        Self {
            allowed: Arc::new(allowed),
        }
    }

    /// The refusal of this request; none if it may pass.
    pub(crate) fn refusal(&self, head: &Parts) -> Option<Rejection> {
        if !self.allowed.is_on() || self.passes(head) {
            return None;
        }
        let text = "Host not allowed";
        let reason = Refusal::HostNotAllowed;
        Some(Rejection::new(StatusCode::FORBIDDEN, reason, text))
    }

    fn passes(&self, head: &Parts) -> bool {
        let Ok(named) = Authority::of(head) else {
            return false;
        };
        let client = head.extensions.get::<Client>();
        let default = client.map_or(80, |client| if client.https { 443 } else { 80 });
        let forwarded = client.and_then(|client| client.forwarded_host.as_deref());
        let forwarded_passes = forwarded.is_none_or(|host| {
            Authority::parse(host.as_bytes()).is_some_and(|it| self.allowed.allows(it, default))
        });
        forwarded_passes && self.allowed.allows(named, default)
    }
}

impl Defence for HostGuard {
    type Memo = ();

    fn check(&self, head: &mut Parts) -> Verdict<()> {
        self.refusal(head)
            .map_or(Verdict::Pass(()), Verdict::Refuse)
    }
}

/// Whether the host is a name or an address that leads to the machine itself.
pub(crate) fn is_loopback(host: Host<'_>) -> bool {
    match host {
        Host::Name(name) => {
            let name = name.strip_suffix('.').unwrap_or(name);
            let last = name.rsplit('.').next();
            last.is_some_and(|label| label.eq_ignore_ascii_case("localhost"))
        }
        Host::V4(_) | Host::V6(_) => host.ip().is_some_and(|ip| ip.is_loopback()),
    }
}

/// The host as text that can be compared: `a.example.` and `A.example` are one.
fn plain(host: Host<'_>) -> String {
    let mut text = host.to_string();
    if text.ends_with('.') {
        text.pop();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_part_of_a_list_is_reported() {
        let bad = AllowedHosts::parse([127, 0, 0, 1].into(), "a, *.b, http://c, d:x").unwrap_err();
        let parts: Vec<&str> = bad.iter().map(|HostError(part)| part.as_str()).collect();
        assert_eq!(parts, ["*.b", "http://c", "d:x"]);
        assert!(bad[0].to_string().contains("there are no wildcards"));
    }

    #[test]
    fn it_is_on_where_loopback_is_bound_or_names_are_given() {
        let on = |bound: &str, list| {
            let hosts = AllowedHosts::parse(bound.parse().unwrap(), list);
            hosts.unwrap().is_on()
        };
        assert!(on("127.0.0.1", ""));
        assert!(on("::1", ""));
        assert!(on("::ffff:127.0.0.1", ""));
        assert!(on("0.0.0.0", "api.example"));
        assert!(!on("0.0.0.0", " , "));
        assert!(!on("::", ""));
    }
}
