//! What can be wrong with a policy. Errors of this crate quote the policy, never data.

use std::fmt;

/// The result of this crate's fallible functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A field path that does not follow the grammar of [`crate::FieldPath`].
    Path,
    /// A name of a mode, detector, preset or setting that is not known.
    UnknownName,
    /// A policy file that is not TOML, or has a value of another kind than expected.
    Syntax,
    /// A key for hashing that is missing or too short.
    Key,
    /// More rules than are accepted, or rules whose combinations are too many.
    TooComplex,
}

/// An error of a policy: its kind, the place, what was expected, what was found, and advice.
///
/// It prints on one line, without a full stop.
#[derive(Clone, PartialEq, Eq)]
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: ErrorKind,
    place: Option<String>,
    expected: String,
    found: String,
    hint: Option<String>,
}

impl Error {
    pub(crate) fn new(
        kind: ErrorKind,
        expected: impl Into<String>,
        found: impl Into<String>,
    ) -> Self {
        let inner = Inner {
            kind,
            place: None,
            expected: expected.into(),
            found: found.into(),
            hint: None,
        };
        Self {
            inner: Box::new(inner),
        }
    }

    /// The same error with its place in words. A place that is already known is kept behind it.
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        self.inner.place = Some(match self.inner.place.take() {
            Some(inner) => format!("{place}: {inner}"),
            None => place.to_string(),
        });
        self
    }

    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.inner.hint = Some(hint.into());
        self
    }

    /// The kind of this error.
    pub fn kind(&self) -> ErrorKind {
        self.inner.kind
    }

    /// Where in the policy it is, in words, for example `line 3` or `character 5 of "a..b"`;
    /// lines and characters are one-based.
    pub fn place(&self) -> Option<&str> {
        self.inner.place.as_deref()
    }

    /// What would have been right there.
    pub fn expected(&self) -> &str {
        &self.inner.expected
    }

    /// What stood there instead.
    pub fn found(&self) -> &str {
        &self.inner.found
    }

    /// What to do about it, where that can be said.
    pub fn hint(&self) -> Option<&str> {
        self.inner.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = self.place() {
            write!(f, "{place}: ")?;
        }
        write!(f, "expected {}, found {}", self.expected(), self.found())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}

impl std::error::Error for Error {}

/// The error for a name that is not among `known`, with the nearest one.
pub(crate) fn unknown_name(what: &str, known: &[&str], found: &str) -> Error {
    let expected = format!("{what}: {}", known.join(", "));
    let error = Error::new(ErrorKind::UnknownName, expected, format!("{found:?}"));
    match nearest(known, found) {
        Some(name) => error.with_hint(format!("did you mean {name}?")),
        None => error,
    }
}

fn nearest<'n>(known: &[&'n str], found: &str) -> Option<&'n str> {
    let found = found.get(..64).unwrap_or(found).to_lowercase();
    let near = known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(name, &found), *name));
    let (distance, name) = near.min_by_key(|(distance, _)| *distance)?;
    (distance <= 1 + name.len() / 3).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_what_was_expected_and_what_was_found() {
        let error = Error::new(ErrorKind::Path, "a key", "'.'")
            .at("character 3")
            .at("rule 2")
            .with_hint("remove it");
        assert_eq!(
            error.to_string(),
            "rule 2: character 3: expected a key, found '.'"
        );
        assert_eq!(error.hint(), Some("remove it"));
    }

    #[test]
    fn an_unknown_name_is_answered_with_the_nearest_or_none() {
        let known = ["redact", "mask", "hash", "remove"];
        let hint = |found| {
            unknown_name("a mode", &known, found)
                .hint()
                .map(str::to_owned)
        };
        assert_eq!(hint("redcat").unwrap(), "did you mean redact?");
        assert_eq!(hint("MASK").unwrap(), "did you mean mask?");
        assert_eq!(hint("encrypt-everything"), None);
    }
}
