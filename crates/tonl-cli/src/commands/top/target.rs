//! Where a server's metrics are: one address for the page, one for the live stream.

use crate::failure::{Failure, Result};
use crate::render::table::visible;
use std::net::IpAddr;
use ureq::http::Uri;

/// Where a server started without settings has them.
pub(super) const USUAL: &str = "http://localhost:3000/metrics";

const PAGE: &str = "/metrics";
const LIVE: &str = "/live";

/// The addresses of one server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    page: String,
    host: String,
    is_encrypted: bool,
}

impl Target {
    /// Reads an address as a person gives it: the scheme may be left out, and so may `/metrics`.
    ///
    /// # Errors
    /// What is no address of a page, has another scheme, or holds a password or a query.
    pub(super) fn parse(text: &str) -> Result<Self> {
        let text = text.trim();
        let text = if text.contains("://") {
            text.to_owned()
        } else {
            format!("http://{text}")
        };
        // Nothing of the address is told before it is known to hold no password.
        if text.contains('@') {
            return Err(
                bad("the address of the server has a user or a password in it").with_hint(
                    "leave it out; the server takes a token: --token-file or TONL_AUTH_TOKEN",
                ),
            );
        }
        if text.contains(['?', '#']) {
            return Err(
                bad("the address of the server has a query or a fragment in it")
                    .with_hint("name the page alone, for example http://localhost:3000/metrics"),
            );
        }
        let uri: Uri = text.parse().map_err(|_| no_address(&text))?;
        let host = uri.host().filter(|host| !host.is_empty());
        let (Some(host), Some(authority)) = (host, uri.authority()) else {
            return Err(no_address(&text));
        };
        let is_encrypted = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => {
                return Err(bad(format!("{} is neither http nor https", visible(&text))));
            }
        };
        let path = uri.path().trim_end_matches('/');
        let path = path
            .strip_suffix(LIVE)
            .filter(|path| path.ends_with(PAGE))
            .unwrap_or(path);
        let path = path.strip_suffix(PAGE).unwrap_or(path);
        let scheme = if is_encrypted { "https" } else { "http" };
        Ok(Self {
            page: format!("{scheme}://{authority}{path}{PAGE}"),
            host: host.trim_matches(['[', ']']).to_owned(),
            is_encrypted,
        })
    }

    /// The address of the page.
    pub(super) fn page(&self) -> &str {
        &self.page
    }

    /// The address of the live stream.
    pub(super) fn live(&self) -> String {
        format!("{}{LIVE}", self.page)
    }

    /// The host that others on the way to could listen, if what is sent there is not encrypted.
    pub(super) fn exposed_host(&self) -> Option<&str> {
        let is_local = match self.host.parse::<IpAddr>() {
            Ok(address) => address.is_loopback(),
            Err(_) => self.host == "localhost" || self.host.ends_with(".localhost"),
        };
        (!self.is_encrypted && !is_local).then_some(&self.host)
    }
}

fn bad(message: impl std::fmt::Display) -> Failure {
    Failure::configuration(message)
}

fn no_address(text: &str) -> Failure {
    bad(format!("{} is no address of a server", visible(text)))
        .with_hint("give one such as http://localhost:3000/metrics")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_leave_out_what_follows_from_the_rest() {
        for (text, page) in [
            (
                "http://localhost:3000/metrics",
                "http://localhost:3000/metrics",
            ),
            ("http://localhost:3000", "http://localhost:3000/metrics"),
            ("http://localhost:3000/", "http://localhost:3000/metrics"),
            (
                "http://localhost:3000/metrics/",
                "http://localhost:3000/metrics",
            ),
            (
                "http://localhost:3000/metrics/live",
                "http://localhost:3000/metrics",
            ),
            ("localhost:3000", "http://localhost:3000/metrics"),
            (
                " HTTPS://Example.org/tonl ",
                "https://Example.org/tonl/metrics",
            ),
            ("http://[::1]:8080", "http://[::1]:8080/metrics"),
            ("http://example.org/live", "http://example.org/live/metrics"),
        ] {
            let target = Target::parse(text).unwrap();
            assert_eq!(target.page(), page, "{text}");
            assert_eq!(target.live(), format!("{page}/live"));
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (text, wanted) in [
            ("", "http:// is no address of a server"),
            ("http://", "http:// is no address of a server"),
            ("http://a b/", "http://a b/ is no address of a server"),
            ("ftp://a/", "ftp://a/ is neither http nor https"),
            (
                "http://a/\u{1b}[2J",
                "http://a/\\u{1b}[2J is no address of a server",
            ),
            (
                "http://a/metrics?token=x",
                "the address of the server has a query or a fragment in it",
            ),
        ] {
            assert_eq!(Target::parse(text).unwrap_err().message(), wanted, "{text}");
        }
    }

    #[test]
    fn a_password_in_an_address_is_refused_and_not_repeated() {
        let failure = Target::parse("http://me:hunter2@localhost/").unwrap_err();
        assert!(!format!("{failure:?}").contains("hunter2"), "{failure:?}");
    }

    #[test]
    fn an_exposed_host_is_one_beyond_this_machine_without_encryption() {
        for (text, host) in [
            ("http://localhost:3000", None),
            ("http://127.0.0.9", None),
            ("http://[::1]:3000", None),
            ("https://example.org", None),
            ("http://example.org:3000", Some("example.org")),
            ("http://[2001:db8::1]", Some("2001:db8::1")),
            (
                "http://localhost.example.org",
                Some("localhost.example.org"),
            ),
        ] {
            assert_eq!(Target::parse(text).unwrap().exposed_host(), host, "{text}");
        }
    }
}
