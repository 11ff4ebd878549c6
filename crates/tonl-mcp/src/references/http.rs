//! URLs over HTTP, within a list of what is allowed.
//!
//! Two checks stand in the way. The URL must begin as an entry of the list does, with whole parts of
//! its path, and without anything that a server could read as another path. And the addresses that its
//! name resolves to are looked at before a connection is made to those same addresses: what is private
//! is left out, so that a name that points inwards leads nowhere. Redirects are not followed.

use super::fetch::{Fetch, FetchError, Fetched};
use crate::context::CallContext;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::time::{Duration, Instant};
use ureq::Agent;
use ureq::http::{Uri, header};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};

/// Fetches what a list allows.
#[derive(Debug)]
pub struct HttpFetch {
    allowed: Vec<AllowedUrl>,
    agent: Agent,
}

/// Which addresses may be connected to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Those of the public network.
    #[default]
    Public,
    /// All of them: for data on the inside, where the list alone decides.
    Any,
}

/// The longest that an answer may take.
const TIMEOUT: Duration = Duration::from_secs(10);

impl HttpFetch {
    /// A fetcher of URLs that begin as one of these.
    pub fn new(allowed: Vec<AllowedUrl>, reach: Reach) -> Self {
        let config = Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .http_status_as_error(false)
            .timeout_global(Some(TIMEOUT))
            .user_agent("tonl-mcp-bridge")
            .build();
        let resolver = Guarded {
            inner: DefaultResolver::default(),
            reach,
        };
        Self {
            allowed,
            agent: Agent::with_parts(config, DefaultConnector::default(), resolver),
        }
    }
}

impl Fetch for HttpFetch {
    fn fetch(&self, url: &str, call: &CallContext) -> Result<Fetched, FetchError> {
        let url = url.parse::<Uri>().map_err(|_| FetchError::NotAllowed)?;
        if !is_plain(&url) || !self.allowed.iter().any(|allowed| allowed.admits(&url)) {
            return Err(FetchError::NotAllowed);
        }
        let left = call
            .deadline()
            .map(|end| end.saturating_duration_since(Instant::now()));
        let timeout = left.unwrap_or(TIMEOUT).min(TIMEOUT);
        let request = self
            .agent
            .get(url)
            .config()
            .timeout_global(Some(timeout))
            .build();
        let answer = request.call().map_err(|_| FetchError::NoAnswer)?;
        let status = answer.status().as_u16();
        if status != 200 {
            return Err(FetchError::Status(status));
        }
        let media_type = answer.headers().get(header::CONTENT_TYPE);
        let media_type = media_type
            .and_then(|value| value.to_str().ok())
            .map(str::to_owned);
        let body = answer.into_body().into_reader();
        Ok(Fetched {
            media_type,
            body: Box::new(body),
        })
    }
}

/// The beginning of URLs that may be asked for: a scheme, a host, and whole parts of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedUrl {
    scheme: String,
    host: String,
    port: u16,
    /// It ends with `/`.
    path: String,
}

/// A text that is no beginning of URLs.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected the beginning of a URL, such as https://data.example.com/public/, found {found:?}"
)]
#[non_exhaustive]
pub struct BadAllowedUrl {
    /// What was given.
    pub found: String,
}

impl FromStr for AllowedUrl {
    type Err = BadAllowedUrl;

    fn from_str(text: &str) -> Result<Self, BadAllowedUrl> {
        let bad = || BadAllowedUrl {
            found: text.to_owned(),
        };
        let url = text.parse::<Uri>().map_err(|_| bad())?;
        if !is_plain(&url) || url.query().is_some() {
            return Err(bad());
        }
        let (scheme, host, port) = origin(&url).ok_or_else(bad)?;
        let mut path = url.path().to_owned();
        if !path.ends_with('/') {
            path.push('/');
        }
        Ok(Self {
            scheme,
            host,
            port,
            path,
        })
    }
}

impl AllowedUrl {
    fn admits(&self, url: &Uri) -> bool {
        let Some((scheme, host, port)) = origin(url) else {
            return false;
        };
        let is_there = self.scheme == scheme && self.host == host && self.port == port;
        let path = url.path();
        is_there && (path.starts_with(&self.path) || self.path.strip_suffix('/') == Some(path))
    }
}

/// Scheme, host and port, lower case.
fn origin(url: &Uri) -> Option<(String, String, u16)> {
    let scheme = url.scheme_str()?.to_ascii_lowercase();
    let usual = match scheme.as_str() {
        "https" => 443,
        "http" => 80,
        _ => return None,
    };
    let host = url
        .host()
        .filter(|host| !host.is_empty())?
        .to_ascii_lowercase();
    Some((scheme, host, url.port_u16().unwrap_or(usual)))
}

/// Whether a URL has no user, and a path that means the same to everybody: nothing that goes up, and
/// no sign of a path in disguise.
fn is_plain(url: &Uri) -> bool {
    let has_user = url
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    let path = url.path().to_ascii_lowercase();
    let disguised = ["%2e", "%2f", "%5c", "\\", "//"];
    let goes_up = path.split('/').any(|part| part == ".." || part == ".");
    !has_user && !goes_up && !disguised.iter().any(|sign| path.contains(sign))
}

/// A resolver that keeps private addresses to itself.
#[derive(Debug)]
struct Guarded {
    inner: DefaultResolver,
    reach: Reach,
}

impl Resolver for Guarded {
    fn resolve(
        &self,
        uri: &Uri,
        config: &ureq::config::Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let found = self.inner.resolve(uri, config, timeout)?;
        if self.reach == Reach::Any {
            return Ok(found);
        }
        let mut public = self.empty();
        for address in found.iter().filter(|address| is_public(address.ip())) {
            public.push(*address);
        }
        if public.is_empty() {
            return Err(ureq::Error::HostNotFound);
        }
        Ok(public)
    }
}

/// Whether an address is one of the public network. What embeds an IPv4 address is judged by that.
///
/// *Source:* the special-purpose address registries, RFC 6890.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        || (a == 100 && (64..128).contains(&b))
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && (b == 18 || b == 19));
    !is_special
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(inner) = address.to_ipv4_mapped() {
        return is_public_v4(inner);
    }
    // Only 2000::/3 is given out, and of that some parts are special: Teredo and other protocols,
    // documentation, and 6to4, which embeds an address as the prefix of translation does (RFC 6052).
    match address.segments() {
        [0x2002, high, low, ..] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            is_public_v4(embedded(high, low))
        }
        [0x2001, second, ..] => second >= 0x200 && second != 0xdb8,
        [0x3fff, second, ..] => second >= 0x1000,
        [first, ..] => (0x2000..0x4000).contains(&first),
    }
}

fn embedded(high: u16, low: u16) -> Ipv4Addr {
    Ipv4Addr::from((u32::from(high) << 16) | u32::from(low))
}

#[cfg(test)]
mod tests;
