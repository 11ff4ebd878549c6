//! The encodings whose vocabularies are public, and their exact counts.

use crate::merge::Merger;
use crate::pieces::{self, Cut};
use crate::vocabulary::Vocabulary;

/// How a family of models cuts text into tokens.
///
/// *Source:* the vocabularies and rules of OpenAI's tiktoken, special tokens left out: text that
/// looks like one is text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Encoding {
    /// `o200k_base`: GPT-4o and all later models of OpenAI.
    O200kBase,
    /// `cl100k_base`: GPT-4 and GPT-3.5 Turbo.
    Cl100kBase,
}

/// So many bytes, or steps through a word, are between two questions.
pub(crate) const STRIDE: usize = 64 << 10;

static O200K_BASE: &[u8] = include_bytes!("../data/o200k_base.vocabulary");
static CL100K_BASE: &[u8] = include_bytes!("../data/cl100k_base.vocabulary");

impl Encoding {
    /// All encodings.
    pub const ALL: [Self; 2] = [Self::O200kBase, Self::Cl100kBase];

    /// The name that its publisher gives it.
    pub fn name(self) -> &'static str {
        match self {
            Self::O200kBase => "o200k_base",
            Self::Cl100kBase => "cl100k_base",
        }
    }

    /// How many tokens a text has; exact. Takes time in proportion to the text's bytes, and memory
    /// in proportion to its longest word.
    pub fn count(self, text: &str) -> u64 {
        let mut count = 0;
        self.each_token(text, |_| count += 1);
        count
    }

    /// As [`Encoding::count`], but asks every now and then, at least once in 64 KiB of text and once
    /// in as many steps through one long word, whether it is to go on. Nothing if it is not.
    pub fn count_while(self, text: &str, mut going: impl FnMut() -> bool) -> Option<u64> {
        let mut count = 0;
        let is_whole = self.each_token_while(text, |_| count += 1, &mut going);
        is_whole.then_some(count)
    }

    /// The numbers of a text's tokens, in order.
    pub fn tokens(self, text: &str) -> Vec<u32> {
        let mut tokens = Vec::new();
        let vocabulary = self.vocabulary();
        self.each_token(text, |token| tokens.extend(vocabulary.find(token)));
        tokens
    }

    fn each_token<'t>(self, text: &'t str, token: impl FnMut(&'t [u8])) {
        self.each_token_while(text, token, &mut || true);
    }

    /// Whether it came to the text's end.
    fn each_token_while<'t>(
        self,
        text: &'t str,
        mut token: impl FnMut(&'t [u8]),
        going: &mut impl FnMut() -> bool,
    ) -> bool {
        let (vocabulary, cut) = (self.vocabulary(), self.cut());
        let mut merger = Merger::default();
        let text = text.as_bytes();
        let (mut at, mut ask_at) = (0, STRIDE);
        while at < text.len() {
            if at >= ask_at {
                ask_at = at + STRIDE;
                if !going() {
                    return false;
                }
            }
            // A rule that gave nothing would stop all.
            let end = cut(text, at).max(at + 1);
            let piece = text.get(at..end).unwrap_or_default();
            if vocabulary.find(piece).is_some() {
                token(piece);
            } else if !merger.merge(&vocabulary, piece, &mut token, going) {
                return false;
            }
            at = end;
        }
        true
    }

    fn cut(self) -> Cut {
        match self {
            Self::O200kBase => pieces::o200k,
            Self::Cl100kBase => pieces::cl100k,
        }
    }

    /// The vocabulary; a test reads both, so that the embedded blocks are whole.
    pub(crate) fn vocabulary(self) -> Vocabulary<'static> {
        let block = match self {
            Self::O200kBase => O200K_BASE,
            Self::Cl100kBase => CL100K_BASE,
        };
        Vocabulary::new(block).unwrap_or(Vocabulary::EMPTY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_that_asks_is_the_same_count_and_ends_when_told() {
        let texts = [
            "{\"id\":1,\"name\":\"Ada\"},".repeat(20_000),
            "a".repeat(600_000),
            "日本語".repeat(60_000),
            String::new(),
        ];
        for encoding in Encoding::ALL {
            for text in &texts {
                let mut asked = 0;
                let count = encoding.count_while(text, || {
                    asked += 1;
                    true
                });
                assert_eq!(count, Some(encoding.count(text)));
                assert!(text.is_empty() || asked > 0);
                let mut left = asked;
                let stopped = encoding.count_while(text, || {
                    left -= 1;
                    left > 0
                });
                assert_eq!(stopped, if text.is_empty() { Some(0) } else { None });
            }
        }
    }
}
