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
}
