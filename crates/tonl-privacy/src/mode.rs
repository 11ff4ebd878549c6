//! How a value is hidden.

use crate::error::{Error, unknown_name};
use std::fmt;
use std::str::FromStr;

/// How a value that a rule or detector hits is hidden. A null stays null, except under
/// [`Mode::Remove`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Mode {
    /// The value becomes the string `[REDACTED]`.
    #[default]
    Redact,
    /// The value keeps its shape and little else; see [`crate::mask`].
    Mask,
    /// The value becomes a name that is the same for the same value and key; see
    /// [`crate::HashKey`].
    Hash,
    /// The member disappears; an element of an array disappears and the array is shorter; an
    /// occurrence inside a text is cut out.
    Remove,
}

impl Mode {
    /// Every mode.
    pub const ALL: &'static [Self] = &[Self::Redact, Self::Mask, Self::Hash, Self::Remove];

    /// The names of all modes, in the order of [`Mode::ALL`].
    pub const NAMES: &'static [&'static str] = &["redact", "mask", "hash", "remove"];

    /// The mode's name in policies and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Redact => "redact",
            Self::Mask => "mask",
            Self::Hash => "hash",
            Self::Remove => "remove",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Mode {
    type Err = Error;

    /// # Errors
    /// [`crate::ErrorKind::UnknownName`], with the nearest name.
    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|mode| mode.as_str() == text);
        found
            .copied()
            .ok_or_else(|| unknown_name("a mode", Self::NAMES, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_is_read_back_from_its_name() {
        for (mode, name) in Mode::ALL.iter().zip(Mode::NAMES) {
            assert_eq!((name.parse::<Mode>(), mode.as_str()), (Ok(*mode), *name));
        }
        assert!("Redact".parse::<Mode>().is_err());
    }
}
