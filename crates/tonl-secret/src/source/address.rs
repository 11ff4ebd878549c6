//! The address of a store of secrets, checked before anything is sent there.

use crate::error::{SourceError, SourceErrorKind};
use std::fmt;
use std::net::IpAddr;
use ureq::http::Uri;

/// Whether a secret may travel without TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlainHttp {
    /// To this machine alone.
    LoopbackOnly,
    /// To anywhere: whoever sees the traffic sees the secret.
    Allowed,
}

/// A base address such as `https://vault.example.com:8200`, without user, query or fragment.
#[derive(Clone, PartialEq, Eq)]
pub struct Address {
    scheme: &'static str,
    authority: String,
    prefix: String,
}

impl Address {
    /// Checks an address.
    ///
    /// # Errors
    /// [`SourceErrorKind::Address`] if it is not `http://` or `https://` with a host, if it holds a user or
    /// a query, or if it is plain HTTP to another machine without [`PlainHttp::Allowed`]. The
    /// text is not quoted: it may hold a password.
    pub fn parse(text: &str, plain: PlainHttp) -> Result<Self, SourceError> {
        let malformed = || {
            SourceError::new(
                SourceErrorKind::Address,
                "the address is not well formed",
                "write it as https://host:port, without user, password, query or fragment",
            )
        };
        if text.contains(['#', '?', '@']) {
            return Err(malformed());
        }
        let uri: Uri = text.parse().map_err(|_| malformed())?;
        let authority = uri.authority().ok_or_else(malformed)?;
        let scheme = match uri.scheme_str() {
            Some("https") => "https",
            Some("http") => "http",
            _ => return Err(malformed()),
        };
        if authority.host().is_empty() {
            return Err(malformed());
        }
        if scheme == "http" && plain == PlainHttp::LoopbackOnly && !is_loopback(authority.host()) {
            return Err(SourceError::new(
                SourceErrorKind::Address,
                "the address is plain http to another machine",
                "use https, or allow plain http explicitly where the network is trusted",
            ));
        }
        Ok(Self {
            scheme,
            authority: authority.as_str().to_owned(),
            prefix: uri.path().trim_end_matches('/').to_owned(),
        })
    }

    /// Host and port, the value of the header `Host`.
    pub(super) fn authority(&self) -> &str {
        &self.authority
    }

    /// The path that comes before every other, without a slash at its end; mostly empty.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}{}", self.scheme, self.authority, self.prefix)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Address({self})")
    }
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, SourceError> {
        Address::parse(text, PlainHttp::LoopbackOnly).map(|address| address.to_string())
    }

    // S43
    #[test]
    fn https_goes_anywhere_and_plain_http_only_to_this_machine() {
        for (text, read) in [
            (
                "https://vault.example.com:8200",
                "https://vault.example.com:8200",
            ),
            ("https://vault.example.com/", "https://vault.example.com"),
            ("https://example.com/vault/", "https://example.com/vault"),
            ("http://127.0.0.1:8200", "http://127.0.0.1:8200"),
            ("http://127.9.9.9:8200", "http://127.9.9.9:8200"),
            ("http://LOCALHOST:8200", "http://LOCALHOST:8200"),
            ("http://[::1]:8200", "http://[::1]:8200"),
        ] {
            assert_eq!(parse(text).unwrap(), read);
        }
        for text in [
            "http://vault:8200",
            "http://10.0.0.1",
            "http://localhost.example.com",
        ] {
            assert!(
                parse(text).unwrap_err().problem().contains("plain http"),
                "{text}"
            );
            assert!(Address::parse(text, PlainHttp::Allowed).is_ok());
        }
    }

    // S5
    #[test]
    fn anything_else_is_refused_without_being_quoted() {
        for text in [
            "",
            "vault",
            "vault:8200",
            "/v1",
            "ftp://vault",
            "https://",
            "https://user:hunter2@vault",
            "https://vault?token=hunter2",
            "https://vault#hunter2",
            "https://va ult/hunter2",
            "hunter2",
        ] {
            let error = parse(text).unwrap_err();
            assert_eq!(error.kind(), SourceErrorKind::Address, "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{text}");
        }
    }
}
