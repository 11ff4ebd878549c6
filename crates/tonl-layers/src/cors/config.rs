//! What is allowed to the pages of allowed origins.

use super::AllowedOrigins;
use http::Method;
use http::header::{HeaderName, HeaderValue};
use std::time::Duration;

/// Whether pages may send the visitor's credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Credentials {
    /// They may: `Access-Control-Allow-Credentials: true`.
    #[default]
    Allowed,
    /// The header is left out.
    Withheld,
}

/// The checked settings of [`super::Cors`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub(super) origins: AllowedOrigins,
    pub(super) credentials: Credentials,
    pub(super) methods: HeaderValue,
    pub(super) headers: HeaderValue,
    pub(super) exposed: HeaderValue,
    pub(super) max_age: Duration,
}

/// A part of a list of methods or headers that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ListError {
    /// It is no method.
    #[error("{0:?} is no method: expected a list as GET,POST,DELETE")]
    Method(String),
    /// It is no header's name.
    #[error("{0:?} is no header name: expected a list as Authorization,Content-Type")]
    Header(String),
    /// Wildcards are not used.
    #[error("\"*\" means nothing to a browser that sends credentials: list each one by name")]
    Wildcard,
}

impl Config {
    /// These origins with the defaults: credentials allowed, methods `GET,POST,DELETE`, request
    /// headers `Authorization,Content-Type,Mcp-Session-Id,MCP-Protocol-Version,Mcp-Method,Mcp-Name,
    /// Last-Event-ID`, an age of 600 s; exposed are the limits of rates, `Retry-After`,
    /// `X-Collection-Name`, `X-Request-ID` and `Mcp-Session-Id`.
    pub fn new(origins: AllowedOrigins) -> Self {
        Self {
            origins,
            credentials: Credentials::default(),
            methods: HeaderValue::from_static(METHODS),
            headers: HeaderValue::from_static(HEADERS),
            exposed: HeaderValue::from_static(EXPOSED),
            max_age: Duration::from_secs(600),
        }
    }

    /// The same with credentials allowed or withheld.
    #[must_use]
    pub fn with_credentials(mut self, credentials: Credentials) -> Self {
        self.credentials = credentials;
        self
    }

    /// The same with these methods, a list with commas. The case of letters matters.
    ///
    /// # Errors
    /// Every part that is no method, in order.
    pub fn with_methods(mut self, list: &str) -> Result<Self, Vec<ListError>> {
        self.methods = checked(list, |part| match Method::from_bytes(part.as_bytes()) {
            Ok(_) => Ok(()),
            Err(_) => Err(ListError::Method(part.to_owned())),
        })?;
        Ok(self)
    }

    /// The same with these request headers, a list with commas.
    ///
    /// # Errors
    /// Every part that is no header's name, in order.
    pub fn with_headers(mut self, list: &str) -> Result<Self, Vec<ListError>> {
        self.headers = checked(list, header_name)?;
        Ok(self)
    }

    /// The same with these headers of answers shown to pages, a list with commas.
    ///
    /// # Errors
    /// Every part that is no header's name, in order.
    pub fn with_exposed(mut self, list: &str) -> Result<Self, Vec<ListError>> {
        self.exposed = checked(list, header_name)?;
        Ok(self)
    }

    /// The same with another time for which a browser may keep a preflight's answer; whole seconds.
    #[must_use]
    pub fn with_max_age(mut self, age: Duration) -> Self {
        self.max_age = age;
        self
    }
}

/// The parts of a list joined again, if each is what it should be.
fn checked(
    list: &str,
    judge: impl Fn(&str) -> Result<(), ListError>,
) -> Result<HeaderValue, Vec<ListError>> {
    let parts: Vec<&str> = list
        .split(',')
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    let judged = parts.iter().map(|part| match *part {
        "*" => Err(ListError::Wildcard),
        part => judge(part),
    });
    let bad: Vec<ListError> = judged.filter_map(Result::err).collect();
    if !bad.is_empty() {
        return Err(bad);
    }
    let joined = parts.join(", ");
    HeaderValue::from_str(&joined).map_err(|_| vec![ListError::Header(joined)])
}

fn header_name(part: &str) -> Result<(), ListError> {
    match HeaderName::from_bytes(part.as_bytes()) {
        Ok(_) => Ok(()),
        Err(_) => Err(ListError::Header(part.to_owned())),
    }
}

const METHODS: &str = "GET, POST, DELETE";

const HEADERS: &str = "Authorization, Content-Type, Mcp-Session-Id, MCP-Protocol-Version, \
    Mcp-Method, Mcp-Name, Last-Event-ID";

const EXPOSED: &str = "RateLimit-Policy, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, \
    Retry-After, X-Collection-Name, X-Request-ID, Mcp-Session-Id";

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Config {
        Config::new(AllowedOrigins::default())
    }

    #[test]
    fn lists_are_written_out_as_they_were_given() {
        let config = config()
            .with_methods("GET,PUT ,")
            .unwrap()
            .with_headers("X-One, x-two")
            .unwrap()
            .with_exposed("")
            .unwrap();
        assert_eq!(config.methods, "GET, PUT");
        assert_eq!(config.headers, "X-One, x-two");
        assert_eq!(config.exposed, "");
    }

    #[test]
    fn every_bad_part_of_a_list_is_reported() {
        let bad = config().with_methods("GET, A B, *").unwrap_err();
        assert_eq!(bad, [ListError::Method("A B".into()), ListError::Wildcard]);
        let bad = config().with_headers("a b, ok, ü, *").unwrap_err();
        assert_eq!(bad.len(), 3);
        assert!(config().with_exposed("*").is_err());
    }
}
