//! Watches for records that stopped fitting the columns of a stream.

use super::row::RECORD_DEPTH;
use crate::infer::{RecordStats, Surveyor};
use crate::scan::skip_space;

/// The latest escape rows in a row whose records are objects of one key sequence.
#[derive(Debug, Default)]
pub(super) struct EscapeRun {
    records: Vec<u8>,
    ends: Vec<usize>,
    shape: Option<u64>,
}

/// So many records of one shape make a new segment.
const SEGMENT_RECORDS: usize = 9;

/// So many bytes at most are remembered for it.
const SEGMENT_BYTES: usize = 1 << 20;

/// Room for so many bytes is kept between two runs.
const KEPT_BYTES: usize = 64 << 10;

impl EscapeRun {
    /// A row was plain: the records fit again.
    #[inline]
    pub(super) fn clear(&mut self) {
        if !self.ends.is_empty() {
            self.forget();
        }
    }

    /// How many bytes of records it holds room for.
    pub(super) fn held(&self) -> usize {
        self.records.capacity()
    }

    /// Large room is given back: a stream may rest for long.
    fn forget(&mut self) {
        if self.records.capacity() > KEPT_BYTES {
            self.records = Vec::new();
        }
        self.records.clear();
        self.ends.clear();
    }

    /// Takes the record of another escape row, and the fingerprint of its keys. Once enough of one
    /// shape stand in a row, gives what they hold, and begins anew.
    pub(super) fn add(
        &mut self,
        record: &[u8],
        shape: Option<u64>,
        surveyor: impl FnOnce() -> Surveyor,
    ) -> Option<RecordStats> {
        if shape != self.shape || self.records.len() + record.len() > SEGMENT_BYTES {
            self.forget();
        }
        self.shape = shape;
        if shape.is_none() || record.len() > SEGMENT_BYTES {
            return None;
        }
        self.records.extend_from_slice(record);
        self.ends.push(self.records.len());
        if self.ends.len() < SEGMENT_RECORDS {
            return None;
        }
        let stats = self.survey(surveyor());
        self.forget();
        // Two shapes with one fingerprint would not be one shape.
        stats.has_one_shape().then_some(stats)
    }

    fn survey(&self, mut surveyor: Surveyor) -> RecordStats {
        let mut stats = RecordStats::default();
        let mut start = 0;
        for end in &self.ends {
            let text = self.records.get(..*end).unwrap_or_default();
            // Each record was checked when its row was written.
            surveyor
                .record(&mut stats, text, skip_space(text, start), RECORD_DEPTH)
                .ok();
            start = *end;
        }
        stats
    }
}
