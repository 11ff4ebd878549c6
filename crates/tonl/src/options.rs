//! What a caller may choose: the writer's profile and types, the reader's strictness, the label.

use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use std::fmt;
use std::str::FromStr;

/// How the writer makes the text look. The reader takes all of them.
///
/// *Source:* `spec/tonl.md`, section "Profiles".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Profile {
    /// The smallest text: one space of indentation, groups, tuples and keyed tables.
    #[default]
    Compact,
    /// As compact, without groups, tuples and keyed tables: for readers of the documented syntax.
    Flat,
    /// The look of TONL-MCP Bridge 1.0.0 on an array of objects; any other root as [`Self::Flat`].
    Classic,
}

/// Which column types the writer puts into headers.
///
/// *Source:* `spec/tonl.md`, section "Profiles".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Types {
    /// A type for every column that has one.
    #[default]
    Always,
    /// Only `str`, and only where it saves quotes.
    Auto,
    /// No types.
    Never,
}

macro_rules! spelled {
    ($type:ident, $what:literal, $($name:ident = $text:literal),+) => {
        impl $type {
            /// The spellings accepted, in the order of the variants.
            pub const NAMES: &'static [&'static str] = &[$($text),+];

            /// The name as it is written on a command line.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }
        }

        impl FromStr for $type {
            type Err = Error;

            fn from_str(text: &str) -> Result<Self> {
                match text {
                    $($text => Ok(Self::$name),)+
                    other => Err(Error::new(
                        Code::Mismatch,
                        format!("{}: {}", $what, Self::NAMES.join(", ")),
                        format!("{other:?}"),
                    )),
                }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

spelled!(
    Profile,
    "a profile",
    Compact = "compact",
    Flat = "flat",
    Classic = "classic"
);
spelled!(
    Types,
    "types",
    Always = "always",
    Auto = "auto",
    Never = "never"
);

/// The name of a document's root: 1 to 256 of `A-Z a-z 0-9 _ -`, never quoted. It is not data.
///
/// *Source:* S38 and `spec/tonl.md`, section "Data model".
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Label(Box<str>);

impl Label {
    /// The most characters of a label.
    pub const MAX_LEN: usize = 256;

    /// Checks and takes a label.
    ///
    /// # Errors
    /// [`Code::HeaderSyntax`] if it is empty, too long, or has another character.
    pub fn new(text: &str) -> Result<Self> {
        let fits = !text.is_empty()
            && text.len() <= Self::MAX_LEN
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
        if fits {
            return Ok(Self(text.into()));
        }
        Err(Error::new(
            Code::HeaderSyntax,
            "a label of 1 to 256 letters, digits, '_' or '-'",
            format!("{text:?}"),
        ))
    }

    /// The label's text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for Label {
    fn default() -> Self {
        Self("data".into())
    }
}

impl FromStr for Label {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::new(text)
    }
}

impl fmt::Display for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What the writer is asked for.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WriteOptions {
    /// The look of the text.
    pub profile: Profile,
    /// Which column types are written.
    pub types: Types,
    /// The root's name.
    pub label: Label,
    /// What is accepted; the writer stays within it by falling back to flow, or stops.
    pub limits: Limits,
}

/// How a reader treats what the specification does not allow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Strictness {
    /// Every deviation is an error.
    #[default]
    Strict,
    /// The deviations of section "Reading others" are taken, with warnings.
    Lenient,
}

/// Whether numbers are checked against the range of their column's type.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ranges {
    /// Every numeric type means "number".
    #[default]
    Ignored,
    /// An integer type takes only integers of its range; `f32` and `f64` what is finite as such.
    Checked,
}

/// What the reader is asked for.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ReadOptions {
    /// Whether foreign deviations are taken.
    pub strictness: Strictness,
    /// Whether numeric ranges are checked ("strict types").
    pub ranges: Ranges,
    /// What is accepted.
    pub limits: Limits,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_profiles_and_types_are_read_as_they_are_written() {
        for name in Profile::NAMES {
            assert_eq!(name.parse::<Profile>().unwrap().to_string(), *name);
        }
        for name in Types::NAMES {
            assert_eq!(name.parse::<Types>().unwrap().as_str(), *name);
        }
        let error = "Compact".parse::<Profile>().unwrap_err();
        let expected = "expected a profile: compact, flat, classic, found \"Compact\" (mismatch)";
        assert_eq!(error.to_string(), expected);
        assert_eq!("".parse::<Types>().unwrap_err().code(), Code::Mismatch);
    }

    #[test]
    fn labels_are_letters_digits_and_two_marks_up_to_256() {
        let longest = "x".repeat(Label::MAX_LEN);
        for text in ["data", "app-logs", "2024", "_", "A-z_0", &longest] {
            assert_eq!(text.parse::<Label>().unwrap().to_string(), text);
        }
        let longer = "x".repeat(Label::MAX_LEN + 1);
        for text in ["", "a b", "a.b", "é", "a\n", "#a", &longer] {
            assert_eq!(
                Label::new(text).unwrap_err().code(),
                Code::HeaderSyntax,
                "{text}"
            );
        }
        assert_eq!(Label::default().as_str(), "data");
    }
}
