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

    /// How many there are, for [`Warnings::reset`].
    pub(crate) fn mark(&self) -> u64 {
        self.count
    }

    /// Forgets all but the first `count`.
    pub(crate) fn reset(&mut self, count: u64) {
        self.count = count;
        self.kept
            .truncate(usize::try_from(count).unwrap_or(usize::MAX));
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
