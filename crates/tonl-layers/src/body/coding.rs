//! What a request's head says about its body: the coding, and a length that is too large already.

use super::BodyConfig;
use super::error::BodyError;
use crate::rejection::{Refusal, Rejection};
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue, StatusCode};
use std::fmt;

/// How the bytes of a body are coded (RFC 9110, 8.4.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Coding {
    /// Not at all.
    Identity,
    /// RFC 1952; several members after one another count as one body.
    Gzip,
    /// RFC 1950: deflate in its zlib wrapper. Bare deflate, which carries no checksum, is refused.
    Deflate,
    /// RFC 8878, with a window of at most 8 MiB as RFC 9659 asks.
    Zstd,
    /// RFC 7932, without the large window that was added later.
    Brotli,
}

impl Coding {
    /// The most bytes of decoded data that a decoder keeps to refer back to.
    pub(super) fn window(self) -> u64 {
        match self {
            Self::Identity => 0,
            Self::Gzip | Self::Deflate => 32 << 10,
            Self::Zstd => 8 << 20,
            Self::Brotli => 16 << 20,
        }
    }

    /// The coding's name in a header; upper and lower case are the same.
    fn named(name: &str) -> Option<Self> {
        const NAMES: [(&str, Coding); 6] = [
            ("identity", Coding::Identity),
            ("gzip", Coding::Gzip),
            ("x-gzip", Coding::Gzip),
            ("deflate", Coding::Deflate),
            ("zstd", Coding::Zstd),
            ("br", Coding::Brotli),
        ];
        let found = NAMES
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, coding)| *coding)
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Identity => "identity",
            Self::Gzip => "gzip",
            Self::Deflate => "deflate",
            Self::Zstd => "zstd",
            Self::Brotli => "br",
        })
    }
}

/// The coding of the body that follows this head, if the body may come at all.
pub(super) fn check(headers: &HeaderMap, config: &BodyConfig) -> Result<Coding, Rejection> {
    let coding = coding(headers).ok_or_else(unsupported)?;
    for value in headers.get_all(CONTENT_LENGTH) {
        let length: u64 = value
            .to_str()
            .ok()
            .and_then(|text| text.parse().ok())
            .ok_or_else(|| {
                Rejection::new(
                    StatusCode::BAD_REQUEST,
                    Refusal::MalformedRequest,
                    "Invalid Content-Length",
                )
            })?;
        if let Some(limit) = config.limit.exceeded_by(length) {
            return Err(BodyError::TooLarge { limit }.rejection());
        }
    }
    Ok(coding)
}

/// The one coding named; `None` if it is unknown, or if more than one is named.
fn coding(headers: &HeaderMap) -> Option<Coding> {
    let mut found = None;
    for value in headers.get_all(CONTENT_ENCODING) {
        let names = value.to_str().ok()?.split(',').map(str::trim);
        for name in names.filter(|name| !name.is_empty()) {
            if found.replace(Coding::named(name)?).is_some() {
                return None;
            }
        }
    }
    Some(found.unwrap_or(Coding::Identity))
}

/// 415 with the codings that are read (RFC 9110, 12.5.3).
fn unsupported() -> Rejection {
    Rejection::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::ContentType,
        "Unsupported Content-Encoding: send one of gzip, deflate, zstd, br or identity",
    )
    .header(
        ACCEPT_ENCODING,
        HeaderValue::from_static("gzip, deflate, zstd, br, identity"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[&str]) -> Option<Coding> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(CONTENT_ENCODING, HeaderValue::from_str(value).unwrap());
        }
        coding(&headers)
    }

    #[test]
    fn one_known_coding_is_taken_in_any_case() {
        let cases: [(&[&str], Coding); 8] = [
            (&[], Coding::Identity),
            (&[""], Coding::Identity),
            (&["identity"], Coding::Identity),
            (&["GZip"], Coding::Gzip),
            (&[" x-gzip ,"], Coding::Gzip),
            (&["deflate"], Coding::Deflate),
            (&["zstd"], Coding::Zstd),
            (&["br"], Coding::Brotli),
        ];
        for (values, expected) in cases {
            assert_eq!(of(values), Some(expected), "{values:?}");
        }
    }

    #[test]
    fn unknown_and_doubled_codings_are_not() {
        let cases: [&[&str]; 7] = [
            &["gzip, gzip"],
            &["gzip", "gzip"],
            &["identity, gzip"],
            &["gzip;q=1"],
            &["compress"],
            &["gzip gzip"],
            &["*"],
        ];
        for values in cases {
            assert_eq!(of(values), None, "{values:?}");
        }
    }
}
