//! Finds the client that a request comes from, also behind proxies, and lets nobody else say it.
//!
//! **Threat.** `X-Forwarded-For` is text that anybody can send. A server that takes its first entry
//! lets each request choose its address: rate limits, caps per address and the audit log are void.
//!
//! **What it does.** A peer that is no trusted proxy is the client, whatever it sends. Behind a
//! trusted one, all lines of `X-Forwarded-For` are one list, read from its right end, where the
//! nearest proxy wrote: trusted addresses are passed over, and the first that is not trusted is the
//! client. If all are trusted, the leftmost is: a client inside the trusted networks. An entry that
//! is no address (empty, `unknown`, a name, a zone) stops the walk, and so does the hundredth hop:
//! then the last address that was read counts, which is that of the trusted proxy that passed the
//! unreadable entry on. Its clients share one address then; none of them gets to choose one.
//!
//! `X-Forwarded-Proto` and `X-Forwarded-Host` are believed from a trusted peer alone, and of several
//! values the rightmost, which that peer wrote. A scheme other than `https` counts as `http`; a host
//! that is none is left out. `Forwarded` (RFC 7239) and `X-Forwarded-Port` are not read.
//!
//! **Setting.** [`TrustedProxies`]; by default none. List the addresses of the proxies and nothing
//! wider: every address of the list can name any client. The proxy must set or append
//! `X-Forwarded-For` itself, and overwrite `X-Forwarded-Proto`; nginx's `proxy_set_header` does.
//!
//! **Order.** Outermost of the defences. It puts [`Client`] into the extensions, on which the
//! others rely. Without a [`Peer`] in the extensions, which is a fault of the server, the client is
//! the unspecified address over plain HTTP: no loopback, no trusted network, one share for all.
//!
//! Sources: S24, S25, S28; security contract, section 3.

mod trusted;

pub use trusted::{BadProxy, TrustedProxies};

use crate::authority::Authority;
use crate::{Client, Defence, Peer, Verdict};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use http::request::Parts;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

/// Puts the [`Client`] into each request's extensions.
#[derive(Clone, Debug)]
pub struct ClientAddr {
    trusted: Arc<TrustedProxies>,
}

impl ClientAddr {
    /// Believes what these proxies say.
    pub fn new(trusted: TrustedProxies) -> Self {
        Self {
            trusted: Arc::new(trusted),
        }
    }

    /// The client for which this peer speaks, by these headers.
    pub fn client(&self, peer: Peer, headers: &HeaderMap) -> Client {
        let direct = Client::direct(peer);
        if !self.trusted.contains(direct.ip) {
            return direct;
        }
        Client {
            ip: self.walk(direct.ip, headers),
            https: last_value(headers, &FORWARDED_PROTO)
                .map_or(direct.https, |proto| proto.eq_ignore_ascii_case(b"https")),
            forwarded_host: last_value(headers, &FORWARDED_HOST)
                .filter(|host| Authority::parse(host).is_some())
                .map(|host| String::from_utf8_lossy(host).into_owned()),
        }
    }

    /// The first untrusted address from the right, else the last one that could be read.
    fn walk(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let lines = headers.get_all(&FORWARDED_FOR).iter().rev();
        let entries = lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','));
        let mut nearest = peer;
        for entry in entries.take(MOST_HOPS) {
            let Some(address) = address(entry.trim_ascii()) else {
                break;
            };
            nearest = address;
            if !self.trusted.contains(address) {
                break;
            }
        }
        nearest
    }
}

impl Defence for ClientAddr {
    type Memo = ();

    fn check(&self, head: &mut Parts) -> Verdict<()> {
        let client = match head.extensions.get::<Peer>() {
            Some(peer) => self.client(*peer, &head.headers),
            None => Client {
                ip: IpAddr::V4(Ipv4Addr::UNSPECIFIED),
                https: false,
                forwarded_host: None,
            },
        };
        head.extensions.insert(client);
        Verdict::Pass(())
    }
}

/// An address with or without a port: `1.2.3.4`, `1.2.3.4:5`, `::1`, `[::1]`, `[::1]:5`.
fn address(entry: &[u8]) -> Option<IpAddr> {
    let text = std::str::from_utf8(entry).ok()?;
    let inner = text.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    let address = match inner {
        Some(inner) => IpAddr::V6(inner.parse().ok()?),
        None => match text.parse::<IpAddr>() {
            Ok(address) => address,
            Err(_) if text.contains('%') => return None,
            Err(_) => text.parse::<SocketAddr>().ok()?.ip(),
        },
    };
    Some(address.to_canonical())
}

/// The rightmost value of a list over all its lines.
fn last_value<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h [u8]> {
    let line: &HeaderValue = headers.get_all(name).iter().next_back()?;
    let value = line.as_bytes().rsplit(|byte| *byte == b',').next()?;
    Some(value.trim_ascii())
}

/// Most entries of `X-Forwarded-For` that are looked at, so that a long header costs little.
const MOST_HOPS: usize = 100;

static FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
static FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
static FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_in_all_their_forms() {
        let cases = [
            ("192.0.2.1", "192.0.2.1"),
            ("192.0.2.1:80", "192.0.2.1"),
            ("2001:db8::1", "2001:db8::1"),
            ("[2001:db8::1]", "2001:db8::1"),
            ("[2001:db8::1]:443", "2001:db8::1"),
            ("::ffff:192.0.2.1", "192.0.2.1"),
            ("[::ffff:c000:201]:9", "192.0.2.1"),
        ];
        for (text, expected) in cases {
            assert_eq!(address(text.as_bytes()), expected.parse().ok(), "{text}");
        }
    }

    #[test]
    fn whatever_else_is_no_address() {
        for text in [
            "",
            "unknown",
            "_hidden",
            "a.example",
            "192.0.2.1:",
            "192.0.2.1:x",
            "192.0.2.01",
            "1.2.3",
            "192.0.2.1/8",
            "[192.0.2.1]",
            "[::1",
            "::1]",
            "fe80::1%eth0",
            "[fe80::1%2]:80",
            "\"::1\"",
            "for=192.0.2.1",
            "192.0.2.1 192.0.2.2",
        ] {
            assert_eq!(address(text.as_bytes()), None, "{text:?}");
        }
        assert_eq!(address(b"\xff"), None);
    }
}
