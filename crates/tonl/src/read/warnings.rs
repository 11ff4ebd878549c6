//! What lenient reading took although the specification does not allow it.

use crate::error::Error;

/// The first deviations of a document, and the number of all of them.
#[derive(Debug, Default)]
pub(crate) struct Warnings {
    kept: Vec<Error>,
    count: u64,
}

/// How many warnings are kept; the rest are only counted.
pub(crate) const KEPT: usize = 100;

impl Warnings {
    /// Takes note of a deviation.
    pub(crate) fn add(&mut self, warning: Error) {
        self.count += 1;
        if self.kept.len() < KEPT {
            self.kept.push(warning);
        }
    }

    /// The first warnings.
    pub(crate) fn kept(&self) -> &[Error] {
        &self.kept
    }

    /// How many there were.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }
}
