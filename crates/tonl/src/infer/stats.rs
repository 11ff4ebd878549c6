//! What a survey remembers of the records: per key and per key sequence, never per record.

use crate::scan::quote;
use crate::write::ExpectedKey;
use std::collections::HashMap;

/// What a set of records (a table's rows, a group's objects, a tuple column's elements) holds.
#[derive(Debug, Default)]
pub(crate) struct RecordStats {
    /// Every key seen, in the order of first sight.
    pub(crate) keys: Vec<KeyStats>,
    by_name: HashMap<Box<[u8]>, u32>,
    /// The distinct key sequences, in the order of first sight.
    pub(crate) sequences: Vec<Sequence>,
    by_keys: HashMap<Box<[u32]>, usize>,
    /// Which sequence the last record had: the guess for the next one.
    pub(crate) predicted: usize,
    /// How many objects were begun, those with a fault included.
    pub(crate) begun: u64,
    /// Objects with at least one key.
    pub(crate) objects: u64,
    /// Objects without a key.
    pub(crate) empty: u64,
    /// Values that are no objects.
    pub(crate) others: u64,
    /// Characters of all values as flow.
    pub(crate) flow: u64,
}

/// A key sequence that some records have.
#[derive(Debug)]
pub(crate) struct Sequence {
    pub(crate) keys: Box<[u32]>,
    pub(crate) rows: u64,
    /// Characters of its records as flow.
    pub(crate) flow: u64,
}

/// What stands under one key.
#[derive(Debug)]
pub(crate) struct KeyStats {
    pub(crate) name: String,
    pub(crate) expected: ExpectedKey,
    /// Characters of the key as TONL writes it.
    pub(crate) size: u64,
    /// The object (its number among those begun) that had it last.
    pub(crate) seen_in: u64,
    pub(crate) column: ColumnStats,
}

/// The values under one key.
#[derive(Debug, Default)]
pub(crate) struct ColumnStats {
    pub(crate) nulls: u64,
    pub(crate) bools: u64,
    pub(crate) strings: u64,
    pub(crate) integers: u64,
    pub(crate) fractions: u64,
    pub(crate) arrays: u64,
    /// Arrays that hold something.
    pub(crate) filled_arrays: u64,
    pub(crate) objects: u64,
    /// The widest integer.
    pub(crate) width: IntegerWidth,
    /// Whether a number is not finite as a double.
    pub(crate) has_infinite: bool,
    /// Strings quoted only because they look like something else.
    pub(crate) look_alikes: u64,
    /// Strings bare in flow but not in a tuple.
    pub(crate) parenthesised: u64,
    /// Strings that are `YYYY-MM-DD`, and strings that begin with an ISO date and time.
    pub(crate) dates: u64,
    pub(crate) datetimes: u64,
    /// Characters of all values as flow.
    pub(crate) flow: u64,
    /// The objects' members.
    pub(crate) members: Option<Box<RecordStats>>,
    /// The arrays' elements.
    pub(crate) elements: Option<Box<RecordStats>>,
}

/// The smallest class that holds an integer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum IntegerWidth {
    #[default]
    I8,
    I16,
    I32,
    /// Up to 18 digits.
    Digits18,
    I64,
    Beyond,
}

/// The most distinct key sequences that one set of records keeps.
pub(crate) const MAX_SEQUENCES: usize = 256;

/// The memory that one survey may still use, in bytes: it does not grow with the records.
#[derive(Debug)]
pub(crate) struct Budget(usize);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(4 << 20)
    }

    fn take(&mut self, bytes: usize) -> bool {
        let fits = bytes <= self.0;
        if fits {
            self.0 -= bytes;
        }
        fits
    }
}

impl ColumnStats {
    /// How many records hold the key.
    pub(crate) fn present(&self) -> u64 {
        self.nulls + self.present_values()
    }

    /// How many records hold something but null under the key.
    pub(crate) fn present_values(&self) -> u64 {
        self.bools + self.strings + self.numbers() + self.arrays + self.objects
    }

    pub(crate) fn numbers(&self) -> u64 {
        self.integers + self.fractions
    }
}

impl RecordStats {
    /// All records.
    pub(crate) fn records(&self) -> u64 {
        self.objects + self.empty + self.others
    }

    /// Whether all records are objects of one key sequence with at least one key.
    pub(crate) fn has_one_shape(&self) -> bool {
        self.sequences
            .first()
            .is_some_and(|sequence| sequence.rows == self.records())
    }

    /// The index of a decoded key (UTF-8), added if the budget allows it.
    pub(crate) fn key(&mut self, name: &[u8], budget: &mut Budget) -> Option<u32> {
        if let Some(at) = self.by_name.get(name) {
            return Some(*at);
        }
        if !budget.take(3 * name.len() + size_of::<KeyStats>() + 64) {
            return None;
        }
        let at = u32::try_from(self.keys.len()).ok()?;
        self.keys
            .push(KeyStats::new(std::str::from_utf8(name).ok()?));
        self.by_name.insert(name.into(), at);
        Some(at)
    }

    /// Counts a record with these keys and this size.
    pub(crate) fn count(&mut self, keys: &[u32], flow: u64, budget: &mut Budget) {
        if self
            .sequences
            .get(self.predicted)
            .is_none_or(|sequence| *sequence.keys != *keys)
        {
            let Some(at) = self.sequence(keys, budget) else {
                return;
            };
            self.predicted = at;
        }
        if let Some(sequence) = self.sequences.get_mut(self.predicted) {
            sequence.rows += 1;
            sequence.flow += flow;
        }
    }

    fn sequence(&mut self, keys: &[u32], budget: &mut Budget) -> Option<usize> {
        if let Some(at) = self.by_keys.get(keys) {
            return Some(*at);
        }
        let at = self.sequences.len();
        if at >= MAX_SEQUENCES || !budget.take(2 * size_of_val(keys) + 128) {
            return None;
        }
        self.sequences.push(Sequence {
            keys: keys.into(),
            rows: 0,
            flow: 0,
        });
        self.by_keys.insert(keys.into(), at);
        Some(at)
    }
}

impl KeyStats {
    fn new(name: &str) -> Self {
        let mut written = Vec::new();
        quote::write_key(&mut written, name.as_bytes());
        Self {
            name: name.to_owned(),
            expected: ExpectedKey::new(name),
            size: characters(&written),
            seen_in: 0,
            column: ColumnStats::default(),
        }
    }
}

/// How many characters a UTF-8 text has.
pub(crate) fn characters(text: &[u8]) -> u64 {
    text.iter().filter(|byte| (**byte & 0xC0) != 0x80).count() as u64
}
