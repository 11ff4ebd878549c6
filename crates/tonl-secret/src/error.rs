//! What can be wrong with the place a token comes from.
//!
//! An error says where, what is wrong and what to do. It never holds a piece of a secret: whatever
//! is quoted has been checked to be a name first, and texts of other libraries that may quote
//! their input are left out.

use std::fmt;

/// The kinds of [`SourceError`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceErrorKind {
    /// There is nothing in it, or nothing but a line end.
    Empty,
    /// There is no such file, secret or field.
    NotFound,
    /// The system does not let us read it.
    Unreadable,
    /// A directory, a pipe, a socket or a device where a file belongs.
    NotAFile,
    /// Larger than is accepted.
    TooLarge,
    /// More than one line where one token belongs.
    SeveralLines,
    /// NUL or another control character.
    ControlCharacter,
    /// A character that a bearer token cannot have.
    BadCharacter,
    /// A tokens file that is not TOML, or JSON that is not JSON.
    Syntax,
    /// An entry of a tokens file that does not hold together.
    Entry,
    /// A URL or address of a secret that is not well formed or not safe.
    Address,
    /// The store of secrets refuses us.
    Refused,
    /// The store of secrets could not be reached in time.
    Unreachable,
    /// The store of secrets answered with something unexpected.
    Answer,
}

/// An error of a source: its kind, where, what is wrong and what to do.
///
/// It prints on one line as `where: what: what to do`, without a full stop.
#[derive(Clone, PartialEq, Eq)]
pub struct SourceError {
    inner: Box<Inner>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Inner {
    kind: SourceErrorKind,
    place: String,
    problem: String,
    advice: String,
    position: Option<usize>,
}

impl SourceError {
    pub(crate) fn new(
        kind: SourceErrorKind,
        problem: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        let inner = Inner {
            kind,
            place: String::new(),
            problem: problem.into(),
            advice: advice.into(),
            position: None,
        };
        Self {
            inner: Box::new(inner),
        }
    }

    /// The same error with its place; a place that is already known is kept behind it.
    pub(crate) fn at(mut self, place: impl fmt::Display) -> Self {
        let inner = std::mem::take(&mut self.inner.place);
        self.inner.place = if inner.is_empty() {
            place.to_string()
        } else {
            format!("{place}: {inner}")
        };
        self
    }

    pub(crate) fn at_position(mut self, position: usize) -> Self {
        self.inner.position = Some(position);
        self
    }

    /// The kind of this error.
    pub fn kind(&self) -> SourceErrorKind {
        self.inner.kind
    }

    /// Where it is, for example a path or the name of an entry.
    pub fn place(&self) -> &str {
        &self.inner.place
    }

    /// What is wrong.
    pub fn problem(&self) -> &str {
        &self.inner.problem
    }

    /// What to do about it.
    pub fn advice(&self) -> &str {
        &self.inner.advice
    }

    /// Which character of a token is wrong, one-based, in characters.
    pub fn position(&self) -> Option<usize> {
        self.inner.position
    }

    /// Whether the same source may work later without anybody's doing.
    pub fn is_temporary(&self) -> bool {
        self.kind() == SourceErrorKind::Unreachable
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.place().is_empty() {
            write!(f, "{}: ", self.place())?;
        }
        write!(f, "{}: {}", self.problem(), self.advice())
    }
}

impl fmt::Debug for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}

impl std::error::Error for SourceError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_where_what_is_wrong_and_what_to_do() {
        let error = SourceError::new(
            SourceErrorKind::Empty,
            "it is empty",
            "write a token into it",
        )
        .at("entry \"ci\"")
        .at("tokens.toml");
        assert_eq!(
            error.to_string(),
            "tokens.toml: entry \"ci\": it is empty: write a token into it"
        );
        assert_eq!(error.kind(), SourceErrorKind::Empty);
        assert!(!error.is_temporary());
    }
}
