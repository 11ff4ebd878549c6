//! Merges key sequences into one order of columns.
//!
//! The most frequent sequence comes first, ties in the order of first sight. A new key follows its
//! predecessor. A sequence that needs another order, or whose new columns cost more characters than
//! its escape rows, is left out: its records become escape rows.

use super::choose::Choice;
use super::stats::{RecordStats, Sequence};
use crate::options::Profile;
use std::collections::HashMap;

/// The merged order of columns.
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// Indices of keys, in column order.
    pub(super) order: Vec<u32>,
    /// Records whose sequence is part of the order.
    pub(super) plain_rows: u64,
    /// Characters of all values of those records as flow, keys and marks not counted.
    pub(super) plain_flow: u64,
    /// Characters of those records as flow, keys and marks included.
    pub(super) plain_records_flow: u64,
    /// Whether every sequence is part of the order.
    pub(super) is_complete: bool,
    /// How many of those records have each key, by its index.
    plain_rows_with: HashMap<u32, u64>,
}

impl Merged {
    /// How many records whose sequence is part of the order have this key.
    pub(super) fn plain_rows_with(&self, key: u32) -> u64 {
        self.plain_rows_with.get(&key).copied().unwrap_or(0)
    }
}

/// Whether sequences may be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Leave {
    /// A table: they become escape rows.
    Allowed,
    /// A group or tuple column: every sequence must fit.
    Forbidden,
}

pub(super) fn merge(stats: &RecordStats, choice: &Choice, leave: Leave) -> Merged {
    let mut merging = Merging {
        stats,
        position: HashMap::new(),
        merged: Merged::default(),
    };
    let mut by_rows: Vec<&Sequence> = stats.sequences.iter().collect();
    if choice.profile == Profile::Classic && leave == Leave::Allowed {
        let all = stats.keys.len().min(choice.max_columns);
        merging.reorder((0..).take(all).collect());
    } else {
        by_rows.sort_by_key(|sequence| std::cmp::Reverse(sequence.rows));
    }
    by_rows.retain(|sequence| {
        let order = merging.extended(sequence).filter(|order| {
            order.len() <= choice.max_columns
                && (leave == Leave::Forbidden || merging.is_worth(sequence, order))
        });
        !merging.took(sequence, order)
    });
    // The columns that came with later sequences may be all that one lacked.
    by_rows.retain(|sequence| {
        let known = merging.merged.order.len();
        let order = merging.extended(sequence);
        !merging.took(sequence, order.filter(|order| order.len() == known))
    });
    merging.merged.is_complete = by_rows.is_empty();
    merging.merged
}

struct Merging<'s> {
    stats: &'s RecordStats,
    /// Where each key stands in the order.
    position: HashMap<u32, usize>,
    merged: Merged,
}

impl Merging<'_> {
    fn reorder(&mut self, order: Vec<u32>) {
        self.position = order
            .iter()
            .enumerate()
            .map(|(at, key)| (*key, at))
            .collect();
        self.merged.order = order;
    }

    /// The order with the sequence's new keys behind their predecessors; `None` if the sequence
    /// contradicts the order.
    fn extended(&self, sequence: &Sequence) -> Option<Vec<u32>> {
        let mut next = 0;
        let mut order = Vec::with_capacity(self.merged.order.len() + 1);
        for key in &sequence.keys {
            if let Some(at) = self.position.get(key) {
                order.extend_from_slice(self.merged.order.get(next..=*at)?);
                next = at + 1;
            } else {
                order.push(*key);
            }
        }
        order.extend_from_slice(self.merged.order.get(next..)?);
        Some(order)
    }

    /// Whether the new columns cost no more than the sequence's escape rows.
    fn is_worth(&self, sequence: &Sequence, order: &[u32]) -> bool {
        let new = (order.len() - self.merged.order.len()) as u64;
        if new == 0 || self.merged.order.is_empty() {
            return true;
        }
        let is_new = |key: &&u32| !self.position.contains_key(key);
        let sizes = sequence
            .keys
            .iter()
            .filter(is_new)
            .filter_map(|key| self.size(*key));
        let header: u64 = sizes.map(|size| size + TYPE_AND_DELIMITER).sum();
        let delimiters = (order.len() as u64 - 1) * sequence.rows;
        let plain = values_flow(self.stats, sequence) + delimiters;
        let wider_rows = new * self.merged.plain_rows;
        header + plain + wider_rows <= sequence.flow + ESCAPE_MARK * sequence.rows
    }

    fn size(&self, key: u32) -> Option<u64> {
        self.stats.keys.get(key as usize).map(|key| key.size)
    }

    /// Takes a sequence if there is an order for it; whether there is.
    fn took(&mut self, sequence: &Sequence, order: Option<Vec<u32>>) -> bool {
        let Some(order) = order else { return false };
        for key in &sequence.keys {
            *self.merged.plain_rows_with.entry(*key).or_default() += sequence.rows;
        }
        self.merged.plain_rows += sequence.rows;
        self.merged.plain_records_flow += sequence.flow;
        self.merged.plain_flow += values_flow(self.stats, sequence);
        if order.len() > self.merged.order.len() {
            self.reorder(order);
        }
        true
    }
}

/// What a column's type and the delimiter before it take in a header, near enough.
const TYPE_AND_DELIMITER: u64 = 5;

/// `* ` before an escape row.
pub(super) const ESCAPE_MARK: u64 = 2;

/// Characters of a sequence's values as flow, without braces, keys, colons and commas.
fn values_flow(stats: &RecordStats, sequence: &Sequence) -> u64 {
    let keys: u64 = sequence
        .keys
        .iter()
        .filter_map(|key| stats.keys.get(*key as usize))
        .map(|key| key.size + 1)
        .sum();
    let marks = 2 + (sequence.keys.len() as u64).saturating_sub(1);
    sequence.flow.saturating_sub(sequence.rows * (keys + marks))
}
