//! Fixed headers that an operator adds to every answer.

use super::ALWAYS;
use http::header::{HeaderName, HeaderValue};

/// Further headers for every answer; by default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A header that cannot be added.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    /// Its name is none.
    #[error("{0:?} is no header name: expected letters, digits and dashes")]
    Name(String),
    /// Its value would not survive on the wire.
    #[error(
        "the value of header {0} has characters that headers cannot carry: use printable ASCII"
    )]
    Value(HeaderName),
    /// The server sets it itself.
    #[error("header {0} is set by the server itself: leave it out")]
    Taken(HeaderName),
    /// It was added before.
    #[error("header {0} is given twice: join the values into one")]
    Twice(HeaderName),
}

impl Config {
    /// The same with one more header. The value is printable ASCII, not empty.
    ///
    /// # Errors
    /// The name or the value is not valid, or the header is not the operator's to set.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, HeaderError> {
        let name = HeaderName::from_bytes(name.trim().as_bytes())
            .map_err(|_| HeaderError::Name(name.to_owned()))?;
        if is_taken(&name) {
            return Err(HeaderError::Taken(name));
        }
        if self.headers.iter().any(|(other, _)| *other == name) {
            return Err(HeaderError::Twice(name));
        }
        let value = value.trim();
        let is_plain = !value.is_empty() && value.bytes().all(|it| (0x20..0x7f).contains(&it));
        match HeaderValue::from_str(value) {
            Ok(value) if is_plain => self.headers.push((name, value)),
            _ => return Err(HeaderError::Value(name)),
        }
        Ok(self)
    }

    pub(super) fn into_headers(self) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
        self.headers.into_iter()
    }
}

/// A header of static text, for the table.
pub(super) const fn header(name: &'static str, value: &'static str) -> (HeaderName, HeaderValue) {
    (
        HeaderName::from_static(name),
        HeaderValue::from_static(value),
    )
}

fn is_taken(name: &HeaderName) -> bool {
    let text = name.as_str();
    ALWAYS.iter().any(|(taken, _)| taken == name)
        || TAKEN.contains(&text)
        || TAKEN_PREFIXES.iter().any(|prefix| text.starts_with(prefix))
}

/// Headers of other layers, of the routes and of the protocol.
const TAKEN: &[&str] = &[
    "allow",
    "cache-control",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "date",
    "keep-alive",
    "location",
    "retry-after",
    "server",
    "set-cookie",
    "strict-transport-security",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
    "www-authenticate",
    "x-powered-by",
    "x-request-id",
];

const TAKEN_PREFIXES: &[&str] = &["access-control-", "proxy-", "ratelimit", "x-ratelimit-"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_nobody_owns_is_added() {
        let config = Config::default()
            .with_header("Content-Security-Policy", " default-src 'none' ")
            .unwrap();
        let headers: Vec<_> = config.into_headers().collect();
        assert_eq!(
            headers,
            [header("content-security-policy", "default-src 'none'")]
        );
    }

    #[test]
    fn a_header_of_the_server_or_of_the_protocol_is_refused() {
        for name in [
            "X-Frame-Options",
            "X-API-Version",
            "Strict-Transport-Security",
            "Server",
            "Content-Length",
            "Access-Control-Allow-Origin",
            "RateLimit-Limit",
        ] {
            let error = Config::default().with_header(name, "x").unwrap_err();
            assert!(matches!(error, HeaderError::Taken(_)), "{name}: {error}");
        }
    }

    #[test]
    fn names_and_values_that_break_a_head_are_refused() {
        let add = |name, value| Config::default().with_header(name, value).unwrap_err();
        assert!(matches!(add("a b", "x"), HeaderError::Name(_)));
        assert!(matches!(add("", "x"), HeaderError::Name(_)));
        for value in ["", " ", "a\r\nb: c", "a\tb", "ü", "\u{202e}"] {
            assert!(
                matches!(add("a", value), HeaderError::Value(_)),
                "{value:?}"
            );
        }
        let twice = Config::default().with_header("a", "1").unwrap();
        let error = twice.with_header("A", "2").unwrap_err();
        assert_eq!(
            error.to_string(),
            "header a is given twice: join the values into one"
        );
    }
}
