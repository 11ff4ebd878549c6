//! A text as detectors read it: byte by byte, and counted in tests.

#[cfg(test)]
use std::cell::Cell;

/// A text with reads that never fail: before the start and behind the end there are NUL bytes.
pub(super) struct Text<'t> {
    text: &'t str,
    /// How many bytes were read.
    #[cfg(test)]
    reads: Cell<u64>,
}

impl<'t> Text<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            #[cfg(test)]
            reads: Cell::new(0),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// The byte at `at`; NUL behind the end.
    #[inline]
    pub(super) fn at(&self, at: usize) -> u8 {
        self.count(1);
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// The byte before `at`; NUL before the start.
    #[inline]
    pub(super) fn before(&self, at: usize) -> u8 {
        at.checked_sub(1).map_or(0, |before| self.at(before))
    }

    /// A part of the text; empty if a border is inside a character.
    pub(super) fn part(&self, start: usize, end: usize) -> &'t str {
        self.count(end.saturating_sub(start));
        self.text.get(start..end).unwrap_or_default()
    }

    /// The characters with their first bytes' places.
    pub(super) fn chars(&self) -> impl Iterator<Item = (usize, char)> {
        self.count(self.len());
        self.text.char_indices()
    }

    /// The first place at or behind `from` whose byte is not in the class.
    pub(super) fn run_end(&self, from: usize, class: impl Fn(u8) -> bool) -> usize {
        let mut end = from;
        while end < self.len() && class(self.at(end)) {
            end += 1;
        }
        end
    }

    /// Whether a word of letters, digits or `_` ends right before `at`.
    pub(super) fn follows_word(&self, at: usize) -> bool {
        is_word(self.before(at))
    }

    /// Whether digits end right before `at`, with or without one of these separators.
    pub(super) fn follows_digits(&self, at: usize, separators: &[u8]) -> bool {
        let before = self.before(at);
        before.is_ascii_digit()
            || (separators.contains(&before) && at > 1 && self.before(at - 1).is_ascii_digit())
    }

    /// Whether digits begin at `at`, with or without one of these separators.
    pub(super) fn precedes_digits(&self, at: usize, separators: &[u8]) -> bool {
        let next = self.at(at);
        next.is_ascii_digit() || (separators.contains(&next) && self.at(at + 1).is_ascii_digit())
    }

    #[cfg(test)]
    pub(super) fn reads(&self) -> u64 {
        self.reads.get()
    }

    #[cfg(test)]
    fn count(&self, bytes: usize) {
        self.reads.set(self.reads.get() + bytes as u64);
    }

    #[cfg(not(test))]
    #[expect(clippy::unused_self, reason = "counts in tests alone")]
    fn count(&self, _bytes: usize) {}
}

/// A letter or digit of ASCII, or `_`: what makes a neighbouring number a part of a longer word.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
