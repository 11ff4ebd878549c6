//! Refuses what pages of foreign origins ask, before anything runs.
//!
//! **Threat.** Any page can make a visitor's browser send requests to a server that only this
//! browser reaches. It cannot read the answers, but requests have effects.
//!
//! **What it does.** With an `Origin` header, the request passes if that origin is the server's own
//! or in the list, else 403 `{"error":"Not allowed by CORS"}`. `null` (sandboxed frames, local
//! files), several `Origin` lines and text that is no origin are refused. Without the header,
//! `Sec-Fetch-Site: cross-site` is refused alike: browsers leave `Origin` out where a page only
//! embeds or links. Clients that are no browsers send neither and pass.
//!
//! The server's own origin is the scheme and host by which the client reached us: `https` and the
//! host of [`Client`] behind a trusted proxy, else `Host` or `:authority`. Scheme, host and port must
//! all be equal; ports 80 and 443 are the same as none; case and the spelling of IPv6 do not matter.
//! A proxy that hides a port other than the default one from us (`Host $host` in nginx) makes the
//! own origin look foreign: let it pass `$http_host`, or list the origin.
//!
//! **The trap.** Under DNS rebinding the page's origin *is* the host that the request names, and
//! this check passes. The [host check](crate::host) in front is what stops that; use both.
//!
//! **Setting.** [`AllowedOrigins`], by default none; the same list serves [`crate::cors`].
//!
//! Sources: S30, S32; security contract, section 5; RFC 6454; the Fetch Metadata specification.

mod allowed;

pub use allowed::{AllowedOrigins, Origin, OriginError};

use crate::authority::Authority;
use crate::{Client, Defence, Refusal, Rejection, Verdict};
use http::StatusCode;
use http::header::{HeaderName, HeaderValue, ORIGIN};
use http::request::Parts;
use std::sync::Arc;

/// Refuses requests of foreign pages.
#[derive(Clone, Debug)]
pub struct OriginGuard {
    allowed: Arc<AllowedOrigins>,
}

impl OriginGuard {
    /// Lets same-origin requests pass, and those of these origins.
    pub fn new(allowed: AllowedOrigins) -> Self {
        Self {
            allowed: Arc::new(allowed),
        }
    }

    fn allows(&self, head: &Parts) -> bool {
        let mut lines = head.headers.get_all(ORIGIN).iter();
        let Some(line) = lines.next() else {
            return !is_cross_site(head);
        };
        if lines.next().is_some() {
            return false;
        }
        let Some(origin) = of_header(line) else {
            return false;
        };
        self.allowed.contains(&origin) || own(head).is_some_and(|own| own == origin)
    }
}

impl Defence for OriginGuard {
    type Memo = ();

    fn check(&self, head: &mut Parts) -> Verdict<()> {
        if self.allows(head) {
            Verdict::Pass(())
        } else {
            Verdict::Refuse(rejection())
        }
    }
}

/// The refusal that foreign origins get, here and from [`crate::cors`].
pub(crate) fn rejection() -> Rejection {
    let text = "Not allowed by CORS";
    Rejection::new(StatusCode::FORBIDDEN, Refusal::OriginNotAllowed, text)
}

/// The origin that an `Origin` header names; `null` names none.
pub(crate) fn of_header(line: &HeaderValue) -> Option<Origin> {
    line.to_str().ok()?.parse().ok()
}

/// The origin under which the client reached us.
fn own(head: &Parts) -> Option<Origin> {
    let client = head.extensions.get::<Client>();
    let scheme = match client {
        Some(client) if client.https => "https",
        _ => "http",
    };
    let forwarded = client.and_then(|client| client.forwarded_host.as_deref());
    let authority = match forwarded {
        Some(host) => Authority::parse(host.as_bytes())?,
        None => Authority::of(head).ok()?,
    };
    Some(Origin::new(scheme, authority))
}

fn is_cross_site(head: &Parts) -> bool {
    let mut lines = head.headers.get_all(&FETCH_SITE).iter();
    lines.any(|line| {
        line.as_bytes()
            .trim_ascii()
            .eq_ignore_ascii_case(b"cross-site")
    })
}

static FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
