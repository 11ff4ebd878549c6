//! How far a conversion is, for whoever tells its end: also when it is dropped in the middle.

use std::sync::atomic::{AtomicU64, Ordering};

/// Records taken and lines left out so far.
#[derive(Debug, Default)]
pub(super) struct Counts {
    records: AtomicU64,
    skipped: AtomicU64,
}

impl Counts {
    /// There were so many records and so many skipped lines.
    pub(super) fn set(&self, (records, skipped): (u64, u64)) {
        // One task writes, and nothing else depends on them.
        self.records.store(records, Ordering::Relaxed);
        self.skipped.store(skipped, Ordering::Relaxed);
    }

    /// How many records and skipped lines there were.
    pub(super) fn get(&self) -> (u64, u64) {
        (
            self.records.load(Ordering::Relaxed),
            self.skipped.load(Ordering::Relaxed),
        )
    }
}
