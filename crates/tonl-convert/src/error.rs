//! What can go wrong in a conversion, with the name of the input or output it went wrong in.
//!
//! A fault of content is a [`tonl::Error`] with its position and code; this crate's [`Error`] adds
//! whose content it was, and the failures that have no position: files, formats, compression.

use crate::format::Format;
use std::borrow::Cow;
use std::fmt;
use std::io;

/// The result of this crate's fallible functions.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error of a conversion: its kind, the input or output it concerns, and where one helps, a
/// hint.
///
/// It prints on one line, without a full stop: `log.json: line 3, column 7: expected ...`.
pub struct Error {
    inner: Box<Inner>,
}

#[derive(Debug)]
struct Inner {
    name: Option<String>,
    cause: Cause,
    hint: Option<Cow<'static, str>>,
    quotes: Quotes,
}

#[derive(Debug)]
enum Cause {
    Content(tonl::Error),
    Io {
        action: &'static str,
        error: io::Error,
    },
    UnknownFormat(String),
    Damaged(Damaged),
    Directory,
    Encoding(&'static str),
    Different {
        expected: String,
        found: String,
    },
}

/// The kinds of [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The content is not valid, or the target cannot hold it; see [`Error::content`].
    Content,
    /// A file or stream failed; see [`Error::io_error`].
    Io,
    /// The format was not recognised, or its name is not known.
    UnknownFormat,
    /// A compressed stream is cut off or damaged.
    Damaged,
    /// The input is a directory.
    Directory,
    /// What was written does not decode to the value that was read.
    Different,
    /// The text is not UTF-8 from its first bytes on: UTF-16, UTF-32 or binary.
    Encoding,
}

impl Error {
    /// What kind of error this is.
    pub fn kind(&self) -> ErrorKind {
        match &self.inner.cause {
            Cause::Content(_) => ErrorKind::Content,
            Cause::Io { .. } => ErrorKind::Io,
            Cause::UnknownFormat(_) => ErrorKind::UnknownFormat,
            Cause::Damaged(_) => ErrorKind::Damaged,
            Cause::Directory => ErrorKind::Directory,
            Cause::Encoding(_) => ErrorKind::Encoding,
            Cause::Different { .. } => ErrorKind::Different,
        }
    }

    /// The input or output it concerns, as the caller named it.
    pub fn name(&self) -> Option<&str> {
        self.inner.name.as_deref()
    }

    /// The fault of content, with its code and position.
    pub fn content(&self) -> Option<&tonl::Error> {
        match &self.inner.cause {
            Cause::Content(error) => Some(error),
            _ => None,
        }
    }

    /// The failure of a file or stream, for example to recognise a broken pipe.
    pub fn io_error(&self) -> Option<&io::Error> {
        match &self.inner.cause {
            Cause::Io { error, .. } => Some(error),
            _ => None,
        }
    }

    /// What to do about it, where that can be said.
    pub fn hint(&self) -> Option<&str> {
        let own = self.inner.hint.as_deref();
        own.or_else(|| self.content().and_then(tonl::Error::hint))
    }

    /// A failure of a file or stream; `action` completes "cannot", for example `read`.
    ///
    /// Errors that a reader of this crate has put inside an [`io::Error`] come out as what they
    /// were: faults of content and damaged compression.
    pub fn io(action: &'static str, error: io::Error) -> Self {
        let damaged = error.get_ref().and_then(|e| e.downcast_ref::<Damaged>());
        if let Some(damaged) = damaged {
            let hint = "the file is incomplete or corrupt; fetch or create it again";
            return Self::new(Cause::Damaged(damaged.clone())).with_hint(hint);
        }
        match error.downcast::<tonl::Error>() {
            Ok(content) => Self::from(content),
            Err(error) => Self::new(Cause::Io { action, error }),
        }
    }

    /// The same error, for the input or output called `name`. A name already known is kept.
    #[must_use]
    pub fn named(mut self, name: &str) -> Self {
        self.inner.name.get_or_insert_with(|| name.to_owned());
        self
    }

    /// The same error with advice on what to do.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.inner.hint = Some(hint.into());
        self
    }

    /// The same error without what was found in the input; see [`Quotes::Hidden`].
    pub(crate) fn without_quotes(mut self) -> Self {
        self.inner.cause = match self.inner.cause {
            Cause::Content(error) => Cause::Content(without_quotes(&error)),
            other => other,
        };
        self.inner.quotes = Quotes::Hidden;
        self
    }

    /// Whether a policy hides values of the input: whoever shows the error must not show the line of
    /// the input that it is about.
    pub fn hides_input(&self) -> bool {
        self.inner.quotes == Quotes::Hidden
    }

    /// A limit was exceeded; `expected` says by how much at most.
    pub(crate) fn limit(code: tonl::Code, expected: String) -> tonl::Error {
        tonl::Error::new(code, expected, "more").with_hint("raise the limit if this is intended")
    }

    /// No format was recognised; `what` says in which words or place.
    pub(crate) fn unknown_format(what: impl Into<String>) -> Self {
        Self::new(Cause::UnknownFormat(what.into()))
    }

    pub(crate) fn directory() -> Self {
        Self::new(Cause::Directory).with_hint("name a file in it, or several with a pattern")
    }

    /// What was written decodes to another value.
    pub(crate) fn different(expected: String, found: String) -> Self {
        Self::new(Cause::Different { expected, found })
            .with_hint("the target format cannot hold this value exactly; TONL and JSON can")
    }

    pub(crate) fn encoding(found: &'static str) -> Self {
        Self::new(Cause::Encoding(found))
    }

    fn new(cause: Cause) -> Self {
        Self {
            inner: Box::new(Inner {
                name: None,
                cause,
                hint: None,
                quotes: Quotes::Shown,
            }),
        }
    }
}

impl From<tonl::Error> for Error {
    fn from(error: tonl::Error) -> Self {
        Self::new(Cause::Content(error))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.inner.name {
            write!(f, "{name}: ")?;
        }
        match &self.inner.cause {
            Cause::Content(error) => error.fmt(f),
            Cause::Io { action, error } => write!(f, "cannot {action}: {error}"),
            Cause::UnknownFormat(what) => {
                write!(f, "{what}; supported: {}", Format::NAMES.join(", "))
            }
            Cause::Damaged(damaged) => damaged.fmt(f),
            Cause::Directory => f.write_str("is a directory, expected a file"),
            Cause::Different { expected, found } => {
                write!(
                    f,
                    "the output does not decode to the input: expected {expected}, found {found}"
                )
            }
            Cause::Encoding(found) => write!(f, "expected text in UTF-8, found {found}"),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.inner, f)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.inner.cause {
            Cause::Content(error) => Some(error),
            Cause::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// Whether errors and warnings may quote what stands in the input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Quotes {
    #[default]
    Shown,
    /// A policy hides values: a quoted cell or character might be one of them.
    Hidden,
}

/// The same fault of content, what was found replaced unless it is the end of something.
pub(crate) fn without_quotes(error: &tonl::Error) -> tonl::Error {
    const NOT_SHOWN: &str = "something else, not shown because a privacy policy is in force";
    let found = match error.found() {
        "the end of the text" => "the end of the text",
        "the end of the line" => "the end of the line",
        _ => NOT_SHOWN,
    };
    let mut hidden = tonl::Error::new(error.code(), error.expected().to_owned(), found);
    if let Some(position) = error.position() {
        hidden = hidden.at(position);
    }
    match error.hint() {
        Some(hint) => hidden.with_hint(hint.to_owned()),
        None => hidden,
    }
}

/// A compressed stream that cannot be read to its end; travels inside an [`io::Error`].
#[derive(Clone, Debug)]
pub(crate) struct Damaged {
    pub(crate) codec: &'static str,
    pub(crate) detail: String,
}

impl fmt::Display for Damaged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the {} stream is {}", self.codec, self.detail)
    }
}

impl std::error::Error for Damaged {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_keeps_its_code_position_and_hint() {
        let inner = tonl::Error::new(tonl::Code::Truncated, "more", "the end")
            .at(tonl::Position { line: 3, column: 7 })
            .with_hint("add it");
        let error = Error::from(inner).named("a.json").named("b.json");
        assert_eq!(error.kind(), ErrorKind::Content);
        assert_eq!(
            error.to_string(),
            "a.json: line 3, column 7: expected more, found the end (truncated)"
        );
        assert_eq!(error.hint(), Some("add it"));
    }

    #[test]
    fn what_was_found_is_not_quoted_where_values_are_hidden() {
        let place = tonl::Position { line: 3, column: 7 };
        let error = |found: &str| {
            let inner = tonl::Error::new(tonl::Code::WrongType, "a number", found.to_owned());
            Error::from(inner.at(place).with_hint("correct it")).without_quotes()
        };
        let hidden = error("'secret'");
        assert!(!format!("{hidden} {hidden:?}").contains("secret"));
        assert!(
            hidden
                .to_string()
                .starts_with("line 3, column 7: expected a number, ")
        );
        assert_eq!(hidden.hint(), Some("correct it"));
        assert!(
            error("the end of the text")
                .to_string()
                .contains("the end of the text")
        );
    }

    #[test]
    fn content_inside_an_io_error_comes_out_as_content() {
        let inner = tonl::Error::new(tonl::Code::InvalidUtf8, "UTF-8", "the byte 0xFF");
        let error = Error::io("read", io::Error::new(io::ErrorKind::InvalidData, inner));
        assert_eq!(
            error.content().map(tonl::Error::code),
            Some(tonl::Code::InvalidUtf8)
        );
    }

    #[test]
    fn an_io_failure_names_the_action_and_keeps_its_kind() {
        let error = Error::io("open", io::Error::from(io::ErrorKind::NotFound)).named("x.json");
        assert!(error.to_string().starts_with("x.json: cannot open: "));
        assert_eq!(
            error.io_error().map(io::Error::kind),
            Some(io::ErrorKind::NotFound)
        );
    }
}
