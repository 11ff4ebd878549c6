//! What a command says when it cannot go on.

use crate::exit::Exit;
use std::fmt;
use std::io;
use std::path::Path;

/// The result of what a command does.
pub(crate) type Result<T, E = Failure> = std::result::Result<T, E>;

/// An error as a person sees it: one sentence, perhaps the line it is about, and advice.
#[derive(Debug)]
pub(crate) struct Failure {
    exit: Exit,
    message: String,
    excerpt: Option<String>,
    hints: Vec<String>,
}

impl Failure {
    /// A failure with exit code 2.
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Error,
            message: message.to_string(),
            excerpt: None,
            hints: Vec::new(),
        }
    }

    /// Options that do not fit together, with exit code 64.
    pub(crate) fn configuration(message: impl fmt::Display) -> Self {
        Self {
            exit: Exit::Configuration,
            ..Self::new(message)
        }
    }

    /// A file operation that failed: `cannot <verb> <path>: <reason>`.
    pub(crate) fn io(verb: &str, path: &Path, error: &io::Error) -> Self {
        Self::new(format_args!(
            "cannot {verb} {}: {}",
            path.display(),
            reason(error)
        ))
    }

    /// The same failure with the source line it is about.
    pub(crate) fn with_excerpt(mut self, excerpt: Option<String>) -> Self {
        self.excerpt = excerpt;
        self
    }

    /// The same failure with one more piece of advice.
    pub(crate) fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The exit code it leads to.
    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    /// The sentence.
    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    /// The source line with its caret.
    pub(crate) fn excerpt(&self) -> Option<&str> {
        self.excerpt.as_deref()
    }

    /// The advice, one line each.
    pub(crate) fn hints(&self) -> &[String] {
        &self.hints
    }
}

/// The system's words for an error in the style of ours: lower case, without its number.
pub(crate) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error ").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_lowercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_error_is_said_in_our_style() {
        let full = io::Error::from_raw_os_error(28);
        assert_eq!(reason(&full), "no space left on device");
    }
}
