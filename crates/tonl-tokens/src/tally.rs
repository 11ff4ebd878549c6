//! Counts a text that comes in parts, in constant memory.
//!
//! Every encoding ends a piece between an ASCII letter or digit and a following ASCII sign or space:
//! what lies before such a place can be counted alone. The apostrophe is no such sign, because
//! contractions belong to the word before them.

use crate::encoding::Encoding;

/// A count of tokens that goes on as text comes.
#[derive(Clone, Debug)]
pub struct Tally {
    encoding: Encoding,
    tokens: u64,
    bytes: u64,
    pending: Vec<u8>,
    /// How many of them have no seam among them.
    searched: usize,
}

/// How many bytes are collected before they are counted.
const ENOUGH: usize = 64 << 10;

impl Tally {
    /// A count that has seen nothing.
    pub fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            tokens: 0,
            bytes: 0,
            pending: Vec::new(),
            searched: 0,
        }
    }

    /// Takes the next bytes of the text, which may end inside a character.
    pub fn push(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.pending.extend_from_slice(bytes);
        if self.pending.len() >= ENOUGH {
            self.settle();
        }
    }

    /// A number of tokens that the text has at least: those that are counted so far.
    pub fn at_least(&self) -> u64 {
        self.tokens
    }

    /// How many bytes came so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The number of tokens of the whole text. Bytes that are not UTF-8 count as the replacement
    /// character.
    pub fn finish(mut self) -> u64 {
        self.tokens += self.count(&self.pending);
        self.tokens
    }

    /// Counts what can be counted alone.
    fn settle(&mut self) {
        let new = self.pending.get(self.searched..).unwrap_or_default();
        let Some(seam) = last_seam(new).map(|at| self.searched + at) else {
            self.searched = self.pending.len() - 1;
            return;
        };
        self.searched = 0;
        self.tokens += self.count(self.pending.get(..seam).unwrap_or_default());
        self.pending.drain(..seam);
    }

    fn count(&self, bytes: &[u8]) -> u64 {
        self.encoding.count(&String::from_utf8_lossy(bytes))
    }
}

/// The last place between an ASCII letter or digit and a sign or space that ends its piece.
fn last_seam(bytes: &[u8]) -> Option<usize> {
    let pairs = bytes.windows(2);
    let is_seam = |pair: &[u8]| match pair {
        [before, behind] => {
            before.is_ascii_alphanumeric()
                && behind.is_ascii()
                && !behind.is_ascii_alphanumeric()
                && *behind != b'\''
        }
        _ => false,
    };
    pairs.rev().position(is_seam).map(|at| bytes.len() - 1 - at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    #[test]
    fn a_text_in_parts_counts_as_the_whole() {
        let pieces = [
            "word", "Word", "don't", "'s", " ", "  ", "\n", "\n  ", "/", "\"", ",", "{", "12",
            "1234", "é", "日本", "e\u{301}", "😀", "\t", "x'y", ".", ":", "\"a\":1,", "\u{A0}",
        ];
        for seed in 0..60 {
            let mut random = Random::new(seed);
            let mut text = String::new();
            while text.len() < 3 * ENOUGH {
                text += random.pick::<&str>(&pieces);
            }
            for encoding in Encoding::ALL {
                let mut tally = Tally::new(encoding);
                for part in text.as_bytes().chunks(1 + random.below(20_000)) {
                    tally.push(part);
                }
                assert_eq!(tally.bytes(), text.len() as u64);
                assert_eq!(tally.finish(), encoding.count(&text), "seed {seed}");
            }
        }
    }

    #[test]
    fn memory_is_bounded_where_words_end() {
        let mut tally = Tally::new(Encoding::O200kBase);
        for _ in 0..1_000 {
            tally.push(&b"{\"id\":1,\"name\":\"Ada\"},".repeat(100));
            assert!(tally.pending.len() < 2 * ENOUGH);
        }
        assert_eq!(tally.bytes(), 1_000 * 2_200);
    }
}
