//! Reads what kind of body a request says it brings, and refuses kinds that nobody reads.
//!
//! **Threat.** A body read as something else than its sender meant is a lost or forged record; and a
//! form's types (`text/plain`, `multipart/form-data`) are those that foreign pages can send without
//! a preflight.
//!
//! **What it does.** Reads `Content-Type` by the grammar (RFC 9110, 8.3.1), not by searching in it:
//! `text/plain; a=json` is no JSON. Accepted are the types of the [`Config`], of all cases, with any
//! well-formed parameters; a `charset` must be `utf-8`, or `us-ascii`, which is a part of it, because
//! the bytes are read as UTF-8 whatever it says. Several `Content-Type` lines, parameters that break
//! the grammar, a second `charset` and everything else are refused with 400 and the two-member text
//! of the configuration. No header, or an empty one, says nothing and passes. [`BodyKind`] stands in
//! the request's extensions.
//!
//! **Order.** Behind the authentication: it is the last to look at the head.
//!
//! **Setting.** [`Config`]; [`Config::records`] is that of streams of records.
//!
//! Sources: S36; security contract, section 6.

mod media_type;

use crate::{Defence, Form, Refusal, Rejection, Verdict};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;
use media_type::{Charset, MediaType};
use std::sync::Arc;

/// What a body is said to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BodyKind {
    /// One JSON text a line.
    Lines,
    /// One JSON text, or several.
    Json,
    /// Nothing was said.
    Unsaid,
}

/// The types that are accepted, and what a refusal says was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    accepted: Vec<(Accepted, BodyKind)>,
    expected: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Accepted {
    /// This type, in any case.
    Essence(String),
    /// Every type whose name ends so, as `+json` (RFC 6839, 3.1).
    Suffix(String),
}

/// A type that cannot be accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no media type: expected one as application/json without parameters, or */*+json")]
pub struct TypeError(String);

impl Config {
    /// Nothing is accepted yet but bodies without a type.
    pub fn new(expected: impl Into<String>) -> Self {
        Self {
            accepted: Vec::new(),
            expected: expected.into(),
        }
    }

    /// The types of records as JSON: `application/x-ndjson`, `application/ndjson`,
    /// `application/jsonl` and `application/x-jsonl` are lines, `application/json` and `*/*+json`
    /// are JSON.
    pub fn records() -> Self {
        let essence = |text: &str| Accepted::Essence(text.to_owned());
        let lines = ["x-ndjson", "ndjson", "jsonl", "x-jsonl"].into_iter();
        let mut accepted: Vec<_> = lines
            .map(|it| (essence(&format!("application/{it}")), BodyKind::Lines))
            .collect();
        accepted.push((essence("application/json"), BodyKind::Json));
        accepted.push((Accepted::Suffix("+json".to_owned()), BodyKind::Json));
        Self {
            accepted,
            expected: "application/x-ndjson or application/json".to_owned(),
        }
    }

    /// `application/json` alone.
    pub fn json() -> Self {
        let json = Accepted::Essence("application/json".to_owned());
        Self {
            accepted: vec![(json, BodyKind::Json)],
            expected: "application/json".to_owned(),
        }
    }

    /// The same with one more type; `*/*+suffix` stands for all types that end so.
    ///
    /// # Errors
    /// It is no media type, or has parameters.
    pub fn accepting(mut self, text: &str, kind: BodyKind) -> Result<Self, TypeError> {
        let accepted = match text.strip_prefix("*/*") {
            Some(suffix) if suffix.starts_with('+') && media_type::is_token(suffix) => {
                Accepted::Suffix(suffix.to_owned())
            }
            Some(_) => return Err(TypeError(text.to_owned())),
            None => match MediaType::parse(text.as_bytes()) {
                Some(media) if media.essence() == text => Accepted::Essence(text.to_owned()),
                _ => return Err(TypeError(text.to_owned())),
            },
        };
        self.accepted.push((accepted, kind));
        Ok(self)
    }

    fn kind(&self, media: &MediaType<'_>) -> Option<BodyKind> {
        if media.charset() == Charset::Other {
            return None;
        }
        let mut accepted = self.accepted.iter();
        let (_, kind) = accepted.find(|(accepted, _)| match accepted {
            Accepted::Essence(essence) => media.essence().eq_ignore_ascii_case(essence),
            Accepted::Suffix(suffix) => media.has_suffix(suffix),
        })?;
        Some(*kind)
    }
}

/// Refuses bodies of other types.
#[derive(Clone, Debug)]
pub struct ContentTypes {
    config: Arc<Config>,
}

impl ContentTypes {
    /// Accepts the types of this configuration.
    pub fn new(config: Config) -> Self {
        Self {
            config: Arc::new(config),
        }
    }

    fn kind(&self, head: &Parts) -> Option<BodyKind> {
        let mut lines = head.headers.get_all(CONTENT_TYPE).iter();
        let Some(line) = lines.next() else {
            return Some(BodyKind::Unsaid);
        };
        if lines.next().is_some() {
            return None;
        }
        match line.as_bytes().trim_ascii() {
            [] => Some(BodyKind::Unsaid),
            text => self.config.kind(&MediaType::parse(text)?),
        }
    }

    fn rejection(&self) -> Rejection {
        let expected = &self.config.expected;
        let text = serde_json::json!({ "error": "Invalid Content-Type", "expected": expected });
        let text = text.to_string();
        Rejection::new(StatusCode::BAD_REQUEST, Refusal::ContentType, text).form(Form::Written)
    }
}

impl Defence for ContentTypes {
    type Memo = ();

    fn check(&self, head: &mut Parts) -> Verdict<()> {
        match self.kind(head) {
            Some(kind) => {
                head.extensions.insert(kind);
                Verdict::Pass(())
            }
            None => Verdict::Refuse(self.rejection()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_configuration_takes_media_types_and_suffixes_alone() {
        for text in ["text/csv", "*/*+xml"] {
            assert!(Config::new("x").accepting(text, BodyKind::Lines).is_ok());
        }
        for text in [
            "", "csv", "*/*", "*/*xml", "a/*", "a/b;c=d", "a/b ", "*/*+a b", "a b/c",
        ] {
            let refused = Config::new("x").accepting(text, BodyKind::Lines);
            // An asterisk is a letter of tokens, so `a/*` is a type, if one that nobody sends.
            assert_eq!(refused.is_err(), text != "a/*", "{text:?}");
        }
    }
}
