//! The few things in which the profiles' texts look different.

use crate::options::Profile;

/// The marks of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Style {
    /// One unit of indentation.
    pub(crate) indent: &'static [u8],
    /// What stands between two cells.
    pub(crate) delimiter: &'static [u8],
    /// Whether a cell with a space in it is quoted.
    pub(crate) spaces: Spaces,
}

/// Whether a space inside a string needs quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Spaces {
    Bare,
    Quoted,
}

impl Style {
    pub(crate) fn of(profile: Profile) -> Self {
        match profile {
            Profile::Compact | Profile::Flat => Self {
                indent: b" ",
                delimiter: b",",
                spaces: Spaces::Bare,
            },
            Profile::Classic => Self {
                indent: b"  ",
                delimiter: b", ",
                spaces: Spaces::Quoted,
            },
        }
    }

    /// Appends `level` units of indentation.
    #[inline]
    pub(crate) fn indent(self, level: usize, out: &mut Vec<u8>) {
        for _ in 0..level {
            out.extend_from_slice(self.indent);
        }
    }

    /// Appends one unit of indentation.
    #[inline]
    pub(crate) fn indent_once(self, out: &mut Vec<u8>) {
        match self.indent {
            // Most often; a copy of unknown length would cost more than the byte.
            [byte] => out.push(*byte),
            indent => out.extend_from_slice(indent),
        }
    }

    /// Characters of indentation and line end of a line indented by `level` units.
    pub(crate) fn line_marks(self, level: usize) -> u64 {
        (self.indent.len() * level + 1) as u64
    }
}
