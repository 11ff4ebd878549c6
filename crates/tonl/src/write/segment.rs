//! Watches for records that stopped fitting the columns of a stream.

use super::row::RECORD_DEPTH;
use crate::infer::{RecordStats, Surveyor};
use crate::scan::skip_space;

/// The latest escape rows in a row whose records are objects of one key sequence.
#[derive(Debug, Default)]
pub(super) struct EscapeRun {
    records: Vec<u8>,
    ends: Vec<usize>,
    survey: Option<(Surveyor, RecordStats)>,
}

/// So many records of one shape make a new segment.
const SEGMENT_RECORDS: usize = 9;

/// So many bytes at most are remembered for it.
const SEGMENT_BYTES: usize = 1 << 20;

impl EscapeRun {
    /// A row was plain: the records fit again.
    #[inline]
    pub(super) fn clear(&mut self) {
        if !self.ends.is_empty() {
            self.forget();
        }
    }

    fn forget(&mut self) {
        self.records.clear();
        self.ends.clear();
        self.survey = None;
    }

    /// Takes the record of another escape row. Once enough of one shape stand in a row, gives what
    /// they hold, and begins anew.
    ///
    /// The first of a run is only remembered, because most runs end with it.
    pub(super) fn add(
        &mut self,
        record: &[u8],
        surveyor: impl FnOnce() -> Surveyor,
    ) -> Option<RecordStats> {
        if self.records.len() + record.len() > SEGMENT_BYTES {
            self.forget();
            if record.len() > SEGMENT_BYTES {
                return None;
            }
        }
        self.records.extend_from_slice(record);
        self.ends.push(self.records.len());
        if self.ends.len() < 2 {
            return None;
        }
        self.survey_new(surveyor);
        let is_one_shape = self
            .survey
            .as_ref()
            .is_some_and(|(_, stats)| stats.has_one_shape());
        if !is_one_shape {
            self.forget();
            self.records.extend_from_slice(record);
            self.ends.push(record.len());
            return None;
        }
        if self.ends.len() < SEGMENT_RECORDS {
            return None;
        }
        let (_, stats) = self.survey.take()?;
        self.forget();
        Some(stats)
    }

    /// Looks at the records that were only remembered so far.
    fn survey_new(&mut self, surveyor: impl FnOnce() -> Surveyor) {
        let (surveyor, stats) = self
            .survey
            .get_or_insert_with(|| (surveyor(), RecordStats::default()));
        let seen = usize::try_from(stats.records()).unwrap_or(usize::MAX);
        let mut start = seen
            .checked_sub(1)
            .and_then(|at| self.ends.get(at))
            .copied()
            .unwrap_or(0);
        for end in self.ends.iter().skip(seen) {
            let text = self.records.get(..*end).unwrap_or_default();
            // Each record was checked when its row was written.
            surveyor
                .record(stats, text, skip_space(text, start), RECORD_DEPTH)
                .ok();
            start = *end;
        }
    }
}
