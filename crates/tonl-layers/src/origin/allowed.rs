//! Origins as browsers write them, and the list of those allowed.

use crate::authority::Authority;
use std::fmt;
use std::str::FromStr;

/// A serialised origin (RFC 6454, 6.2): scheme, host, and a port unless it is the scheme's own. Two
/// that mean the same are equal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// A text that is no origin, or no origin that can be allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// It is not of the form of an origin.
    #[error(
        "{0:?} is no origin: expected scheme://host or scheme://host:port, with no path behind, \
         as https://app.example.com"
    )]
    Unreadable(String),
    /// A wildcard.
    #[error(
        "{0:?} would let every page use this server in its visitors' names: list each origin in full"
    )]
    Wildcard(String),
    /// The origin of sandboxed frames and local files, which anybody can have.
    #[error("\"null\" is the origin of any sandboxed page: list each origin in full")]
    Null,
}

impl Origin {
    /// The origin of this scheme, in small letters, and host.
    pub(super) fn new(scheme: &str, authority: Authority<'_>) -> Self {
        let default = default_port(scheme);
        let host = authority.host;
        match authority.port.filter(|port| Some(*port) != default) {
            Some(port) => Self(format!("{scheme}://{host}:{port}")),
            None => Self(format!("{scheme}://{host}")),
        }
    }

    /// The text, in small letters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    /// Reads an origin. Schemes other than `http` and `https` are read too: editors' views have
    /// their own.
    fn from_str(text: &str) -> Result<Self, OriginError> {
        let unreadable = || OriginError::Unreadable(text.to_owned());
        if text == "null" {
            return Err(OriginError::Null);
        }
        let (scheme, authority) = text.split_once("://").ok_or_else(unreadable)?;
        if !is_scheme(scheme) {
            return Err(unreadable());
        }
        let authority = Authority::parse(authority.as_bytes()).ok_or_else(unreadable)?;
        Ok(Self::new(&scheme.to_ascii_lowercase(), authority))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The origins whose pages may use the server. Exact ones alone; by default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedOrigins {
    origins: Vec<Origin>,
}

impl AllowedOrigins {
    /// Reads a list with commas of exact origins. One slash at the end of an origin is left out.
    ///
    /// # Errors
    /// Every part that is no origin, in order; `*` and `null` among them.
    pub fn parse(list: &str) -> Result<Self, Vec<OriginError>> {
        let mut origins = Vec::new();
        let mut bad = Vec::new();
        for part in list.split(',').map(str::trim).filter(|it| !it.is_empty()) {
            if part.contains('*') {
                bad.push(OriginError::Wildcard(part.to_owned()));
                continue;
            }
            match part.strip_suffix('/').unwrap_or(part).parse() {
                Ok(origin) => origins.push(origin),
                Err(error) => bad.push(error),
            }
        }
        if bad.is_empty() {
            Ok(Self { origins })
        } else {
            Err(bad)
        }
    }

    /// Whether the list has this origin.
    pub fn contains(&self, origin: &Origin) -> bool {
        self.origins.contains(origin)
    }

    /// Whether the list has none.
    pub fn is_empty(&self) -> bool {
        self.origins.is_empty()
    }

    /// The origins, as they are compared.
    pub fn iter(&self) -> impl Iterator<Item = &Origin> {
        self.origins.iter()
    }
}

/// RFC 3986, 3.1.
fn is_scheme(text: &str) -> bool {
    let known = |byte: u8| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte);
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(known)
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_that_mean_the_same_are_equal() {
        let cases = [
            ("https://App.Example.com", "https://app.example.com"),
            ("HTTPS://a:443", "https://a"),
            ("http://a:80", "http://a"),
            ("http://a:443", "http://a:443"),
            ("http://[0:0::1]:3000", "http://[::1]:3000"),
            ("vscode-webview://abc", "vscode-webview://abc"),
            (
                "https://xn--bcher-kva.example",
                "https://xn--bcher-kva.example",
            ),
        ];
        for (text, expected) in cases {
            let origin: Origin = text.parse().unwrap();
            assert_eq!(origin.as_str(), expected);
            assert_eq!(origin.as_str().parse(), Ok(origin));
        }
    }

    #[test]
    fn whatever_is_no_origin_is_refused() {
        for text in [
            "",
            "null",
            "a",
            "https:",
            "https://",
            "://a",
            "1s://a",
            "https://a/",
            "https://a/b",
            "https://a?b",
            "https://u@a",
            "https://a b",
            "https://a:99999",
            "https://bücher.example",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_list_reports_every_part_it_cannot_use() {
        let list = AllowedOrigins::parse("https://a/, http://b:80 ,").unwrap();
        assert_eq!(
            list.iter().map(Origin::as_str).collect::<Vec<_>>(),
            ["https://a", "http://b"]
        );
        let bad = AllowedOrigins::parse("*, https://a, null, https://*.b, c/d").unwrap_err();
        assert_eq!(bad.len(), 4);
        assert!(bad[0].to_string().starts_with("\"*\" would let every page"));
        assert_eq!(bad[1], OriginError::Null);
        assert!(matches!(bad[2], OriginError::Wildcard(_)));
        assert!(
            bad[3]
                .to_string()
                .starts_with("\"c/d\" is no origin: expected")
        );
    }
}
