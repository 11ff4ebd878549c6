//! Headers that tell a browser to be careful, on every answer.
//!
//! **Threat.** A browser guesses types, frames pages, sends referrers and loads resources across
//! origins unless told otherwise; a server's name and version tell which holes to try.
//!
//! **What it does.** Adds these, and leaves a header that a route set itself as the route set it:
//!
//! | header | value |
//! |---|---|
//! | `Cross-Origin-Opener-Policy` | `same-origin` |
//! | `Cross-Origin-Resource-Policy` | `same-origin` |
//! | `Origin-Agent-Cluster` | `?1` |
//! | `Referrer-Policy` | `no-referrer` |
//! | `X-Content-Type-Options` | `nosniff` |
//! | `X-DNS-Prefetch-Control` | `off` |
//! | `X-Download-Options` | `noopen` |
//! | `X-Frame-Options` | `SAMEORIGIN` |
//! | `X-Permitted-Cross-Domain-Policies` | `none` |
//! | `X-XSS-Protection` | `0` |
//! | `X-API-Version` | `1.0.0`, the version of the HTTP contract |
//! | `Strict-Transport-Security` | `max-age=31536000; includeSubDomains`, to clients that speak HTTPS |
//!
//! `Server` and `X-Powered-By` are removed. There is no Content-Security-Policy and no
//! Cross-Origin-Embedder-Policy: streams of events need them off, and no page is served.
//!
//! **Setting.** [`Config::with_header`] adds fixed headers, also a Content-Security-Policy. It may
//! not name one of the table, so that the promise above holds whatever is configured, nor one that
//! another layer or the protocol owns.
//!
//! **Order.** Behind the client's address, which says whether the client speaks HTTPS, and before
//! everything that may refuse. What turns a panic into an answer belongs behind it too.
//!
//! [`NoStore`] adds `Cache-Control: no-store` to the answers of routes that must not be kept.
//!
//! Sources: S26 to S29; security contract, section 4; RFC 6797 for the transport header.

mod fixed;
mod no_store;

pub use fixed::{Config, HeaderError};
pub use no_store::NoStore;

use crate::{Client, Defence, Peer, Verdict};
use http::header::{HeaderName, HeaderValue, SERVER, STRICT_TRANSPORT_SECURITY};
use http::{request, response};
use std::sync::Arc;

/// Puts the headers of the module's table on every answer.
#[derive(Clone, Debug)]
pub struct SecurityHeaders {
    fixed: Arc<[(HeaderName, HeaderValue)]>,
}

impl SecurityHeaders {
    /// With the headers of the table and those of the configuration.
    pub fn new(config: Config) -> Self {
        let table = ALWAYS.iter().cloned();
        Self {
            fixed: table.chain(config.into_headers()).collect(),
        }
    }
}

impl Defence for SecurityHeaders {
    /// Whether the client speaks HTTPS.
    type Memo = bool;

    fn check(&self, head: &mut request::Parts) -> Verdict<bool> {
        let client = head.extensions.get::<Client>().map(|client| client.https);
        let peer = || head.extensions.get::<Peer>().is_some_and(|peer| peer.tls);
        Verdict::Pass(client.unwrap_or_else(peer))
    }

    fn answer(&self, https: bool, head: &mut response::Parts) {
        let headers = &mut head.headers;
        headers.remove(SERVER);
        headers.remove(&POWERED_BY);
        headers.reserve(self.fixed.len() + 1);
        for (name, value) in self.fixed.iter() {
            headers.entry(name).or_insert_with(|| value.clone());
        }
        if https {
            let hsts = || HeaderValue::from_static("max-age=31536000; includeSubDomains");
            headers
                .entry(STRICT_TRANSPORT_SECURITY)
                .or_insert_with(hsts);
        }
    }
}

/// What every answer gets. If you add a header here, add it to the table above.
static ALWAYS: [(HeaderName, HeaderValue); 11] = [
    fixed::header("cross-origin-opener-policy", "same-origin"),
    fixed::header("cross-origin-resource-policy", "same-origin"),
    fixed::header("origin-agent-cluster", "?1"),
    fixed::header("referrer-policy", "no-referrer"),
    fixed::header("x-content-type-options", "nosniff"),
    fixed::header("x-dns-prefetch-control", "off"),
    fixed::header("x-download-options", "noopen"),
    fixed::header("x-frame-options", "SAMEORIGIN"),
    fixed::header("x-permitted-cross-domain-policies", "none"),
    fixed::header("x-xss-protection", "0"),
    fixed::header("x-api-version", "1.0.0"),
];

static POWERED_BY: HeaderName = HeaderName::from_static("x-powered-by");
