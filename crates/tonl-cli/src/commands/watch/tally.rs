//! What a watch has done, for its last word.

use crate::render::figures::counted;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts that another thread may read at any moment.
#[derive(Debug, Default)]
pub(super) struct Tally {
    converted: AtomicU64,
    failed: AtomicU64,
    gone: AtomicU64,
}

impl Tally {
    /// A file was converted.
    pub(super) fn converted(&self) {
        self.converted.fetch_add(1, Ordering::Relaxed);
    }

    /// A file could not be converted.
    pub(super) fn failed(&self) {
        self.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// A file was deleted.
    pub(super) fn gone(&self) {
        self.gone.fetch_add(1, Ordering::Relaxed);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = |count: &AtomicU64, noun| counted(count.load(Ordering::Relaxed), noun);
        let converted = of(&self.converted, "conversion");
        let failed = of(&self.failed, "failure");
        let gone = of(&self.gone, "deletion");
        write!(f, "{converted}, {failed}, {gone}")
    }
}
