//! The host and port that a request names: read strictly, compared as what they mean.
//!
//! `Host`, `:authority`, `X-Forwarded-Host` and the middle of an origin are one grammar (RFC 9110,
//! 7.2; RFC 3986, 3.2). Read here is the part of it that a server meets: a DNS name of letters,
//! digits, `-`, `.`, `_` and `~`, an IPv4 address or a bracketed IPv6 address, and a port. User
//! information, percent escapes and the other marks that RFC 3986 allows in names are not read: no
//! name in DNS has them, and two readers can understand them differently. A name written in another
//! script comes as its ASCII form (`xn--...`) from every browser; nothing here converts it.
//!
//! The trap: a host is what the client *says*. A page that rebinds its own DNS name to this server
//! sends that name here, and then every comparison of `Origin` with `Host` agrees. Only a list of
//! the server's own names ([`crate::host`]) stops that.

use http::header::HOST;
use http::request::Parts;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A host and perhaps a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Authority<'t> {
    /// The host.
    pub host: Host<'t>,
    /// The port, if one was written. `host:` with nothing behind the colon writes none.
    pub port: Option<u16>,
}

/// The host of an [`Authority`]. Names are equal when they differ in the case of letters only.
#[derive(Clone, Copy, Debug)]
pub enum Host<'t> {
    /// A DNS name as it was written, at most 255 bytes.
    Name(&'t str),
    /// An IPv4 address in its ordinary form of four decimal numbers.
    V4(Ipv4Addr),
    /// An IPv6 address that stood in brackets.
    V6(Ipv6Addr),
}

/// Why the head of a request does not say for which host it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unclear {
    /// It names none.
    Missing,
    /// It has more than one `Host` line.
    Several,
    /// What it names is no host.
    Invalid,
    /// Its target names one host, and its `Host` line another (RFC 9112, 3.2.2; RFC 9113, 8.3.1).
    Contradiction,
}

impl<'t> Authority<'t> {
    /// Reads `host`, `host:port`, `[v6]` or `[v6]:port`; nothing before, between or behind.
    pub fn parse(text: &'t [u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        if let Some(rest) = text.strip_prefix('[') {
            let (address, rest) = rest.split_once(']')?;
            let port = match rest.strip_prefix(':') {
                Some(digits) => Port::parse(digits)?.number(),
                None if rest.is_empty() => None,
                None => return None,
            };
            let host = Host::V6(address.parse().ok()?);
            return Some(Self { host, port });
        }
        let (host, port) = match text.rsplit_once(':') {
            Some((host, digits)) => (host, Port::parse(digits)?.number()),
            None => (text, None),
        };
        Some(Self {
            host: Host::unbracketed(host)?,
            port,
        })
    }

    /// The host that a request is for: that of its target or `:authority`, else its one `Host` line.
    ///
    /// # Errors
    /// [`Unclear`], if it names none, several, a contradictory one, or something else.
    pub fn of(head: &'t Parts) -> Result<Self, Unclear> {
        let mut lines = head.headers.get_all(HOST).iter();
        let line = lines.next();
        if lines.next().is_some() {
            return Err(Unclear::Several);
        }
        let line = line.map(|line| Self::parse(line.as_bytes()).ok_or(Unclear::Invalid));
        let target = head.uri.authority();
        let target = target.map(|it| Self::parse(it.as_str().as_bytes()).ok_or(Unclear::Invalid));
        match (target, line) {
            (Some(target), None) => target,
            (None, Some(line)) => line,
            (Some(target), Some(line)) if target? == line? => target,
            (Some(_), Some(_)) => Err(Unclear::Contradiction),
            (None, None) => Err(Unclear::Missing),
        }
    }

    /// The port written, or this one.
    pub(crate) fn port_or(&self, default: u16) -> u16 {
        self.port.unwrap_or(default)
    }
}

impl<'t> Host<'t> {
    /// A name or an IPv4 address.
    fn unbracketed(text: &'t str) -> Option<Self> {
        if let Ok(address) = text.parse() {
            return Some(Self::V4(address));
        }
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let is_name = !text.is_empty()
            && text.len() <= MOST_NAME_BYTES
            && text.bytes().all(known)
            && !text.starts_with('.')
            && !text.contains("..");
        is_name.then_some(Self::Name(text))
    }

    /// The address, if it is one; IPv4 also where it came mapped into IPv6.
    pub(crate) fn ip(&self) -> Option<IpAddr> {
        match *self {
            Self::Name(_) => None,
            Self::V4(address) => Some(IpAddr::V4(address)),
            Self::V6(address) => Some(IpAddr::V6(address).to_canonical()),
        }
    }
}

impl PartialEq for Host<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Name(one), Self::Name(other)) => one.eq_ignore_ascii_case(other),
            (Self::V4(one), Self::V4(other)) => one == other,
            (Self::V6(one), Self::V6(other)) => one == other,
            _ => false,
        }
    }
}

impl Eq for Host<'_> {}

impl fmt::Display for Host<'_> {
    /// Names in small letters, IPv6 in brackets.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => out.write_str(&name.to_ascii_lowercase()),
            Self::V4(address) => write!(out, "{address}"),
            Self::V6(address) => write!(out, "[{address}]"),
        }
    }
}

/// What stands behind the colon of a port.
enum Port {
    Unwritten,
    Written(u16),
}

impl Port {
    fn parse(digits: &str) -> Option<Self> {
        if digits.is_empty() {
            return Some(Self::Unwritten);
        }
        let plain = digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain
            .then(|| digits.parse().ok())
            .flatten()
            .map(Self::Written)
    }

    fn number(self) -> Option<u16> {
        match self {
            Self::Unwritten => None,
            Self::Written(number) => Some(number),
        }
    }
}

/// The longest name in DNS (RFC 1035, 2.3.4).
const MOST_NAME_BYTES: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;
    use http::Request;

    fn read(text: &str) -> Option<(String, Option<u16>)> {
        let authority = Authority::parse(text.as_bytes())?;
        Some((authority.host.to_string(), authority.port))
    }

    #[test]
    fn hosts_are_read_with_and_without_port() {
        let cases = [
            ("Example.COM", "example.com", None),
            ("example.com.:80", "example.com.", Some(80)),
            ("a:", "a", None),
            ("127.0.0.1:3000", "127.0.0.1", Some(3000)),
            ("[::1]", "[::1]", None),
            ("[0:0::1]:65535", "[::1]", Some(65535)),
            ("a_b-c~d", "a_b-c~d", None),
        ];
        for (text, host, port) in cases {
            assert_eq!(read(text), Some((host.into(), port)), "{text}");
        }
    }

    #[test]
    fn whatever_is_no_host_is_not_read() {
        let long = "a".repeat(256);
        for text in [
            "",
            " ",
            ":80",
            "a b",
            "a,b",
            "user@a",
            "a/b",
            "a?b",
            "a#b",
            "%61",
            "::1",
            "[::1",
            "[]",
            "[::1]x",
            "[::1]:x",
            "a:+1",
            "a:65536",
            "a:1:2",
            ".a",
            "a..b",
            "ä",
            "a\t",
            "[fe80::1%1]",
            &long,
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }

    #[test]
    fn one_host_speaks_for_a_request_and_two_for_none() {
        let of = |uri: &str, hosts: &[&str]| {
            let mut request = Request::builder().uri(uri);
            for host in hosts {
                request = request.header("host", *host);
            }
            let (head, ()) = request.body(()).unwrap().into_parts();
            Authority::of(&head).map(|it| it.host.to_string())
        };
        assert_eq!(of("/", &["a"]), Ok("a".into()));
        assert_eq!(of("http://b/", &[]), Ok("b".into()));
        assert_eq!(of("http://b/", &["B"]), Ok("b".into()));
        assert_eq!(of("http://b/", &["a"]), Err(Unclear::Contradiction));
        assert_eq!(of("http://b:1/", &["b"]), Err(Unclear::Contradiction));
        assert_eq!(of("http://u@b/", &[]), Err(Unclear::Invalid));
        assert_eq!(of("/", &[]), Err(Unclear::Missing));
        assert_eq!(of("/", &[""]), Err(Unclear::Invalid));
        assert_eq!(of("/", &["a", "a"]), Err(Unclear::Several));
    }
}
