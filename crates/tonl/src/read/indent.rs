//! Indentation: the unit of a document, and how many units a line has.
//!
//! *Source:* `spec/tonl.md`, section "Grammar", `IND`.

use super::line::Line;
use crate::error::{Code, Result};

/// The number of spaces in one level, once it is known.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Indent {
    unit: Option<usize>,
}

/// The widest unit.
const WIDEST: usize = 8;

impl Indent {
    /// How many levels a line that begins with this many spaces is indented. The first indented
    /// line fixes the unit.
    #[inline]
    pub(super) fn level(
        &mut self,
        line: Line<'_>,
        spaces: usize,
        takes_tabs: bool,
    ) -> Result<usize> {
        if line.byte(spaces) == Some(b'\t') && !(takes_tabs && spaces > 0) {
            return Err(line
                .error_found(spaces, Code::Tab, "spaces as indentation", "a TAB")
                .with_hint("indent with one to eight spaces a level"));
        }
        match self.unit {
            _ if spaces == 0 => Ok(0),
            Some(unit) if spaces.is_multiple_of(unit) => Ok(spaces / unit),
            None if spaces <= WIDEST => {
                self.unit = Some(spaces);
                Ok(1)
            }
            unit => {
                let expected = match unit {
                    Some(unit) => format!("a multiple of {unit} spaces"),
                    None => format!("at most {WIDEST} spaces a level"),
                };
                Err(line.error_found(spaces, Code::BadIndentation, expected, spaces.to_string()))
            }
        }
    }
}
