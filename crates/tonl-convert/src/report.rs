//! What a conversion did: counts for people and machines.

use crate::choose::Decision;
use tonl_privacy::Findings;

/// The result of one conversion.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Report {
    /// Elements of the root array; nothing if the root is another value.
    pub records: Option<u64>,
    /// Lines of a stream that were not valid and were left out.
    pub skipped: Skipped,
    /// Bytes read, after decompression.
    pub bytes_in: u64,
    /// Bytes written, before compression.
    pub bytes_out: u64,
    /// What a lenient reader put up with, a sentence each.
    pub warnings: Vec<String>,
    /// What the target could not hold as it was, a sentence each.
    pub losses: Vec<String>,
    /// Which form was chosen and why, if that was left open.
    pub decision: Option<Decision>,
    /// What the policy hid, if there is one.
    pub privacy: Option<Findings>,
}

/// The invalid lines of a stream: how many, and where the first of them are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Skipped {
    /// How many lines were left out.
    pub count: u64,
    /// One-based numbers of the first of them, at most [`Skipped::MAX_LINES`].
    pub first_lines: Vec<u64>,
}

impl Skipped {
    /// The most line numbers that are kept.
    pub const MAX_LINES: usize = 10;

    /// Counts one more line.
    pub fn add(&mut self, line: u64) {
        self.count += 1;
        if self.first_lines.len() < Self::MAX_LINES {
            self.first_lines.push(line);
        }
    }

    /// Whether no line was left out.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_skipped_line_is_counted_and_the_first_ten_are_named() {
        let mut skipped = Skipped::default();
        assert!(skipped.is_empty());
        (1..=25).for_each(|line| skipped.add(line));
        assert_eq!(skipped.count, 25);
        assert_eq!(skipped.first_lines, (1..=10).collect::<Vec<_>>());
    }
}
