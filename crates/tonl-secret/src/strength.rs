//! How hard a token is to guess, as an estimate from its text alone.
//!
//! It knows no dictionary: `correct-horse-battery-staple` looks better than it is. It never calls
//! a token of 256 random bits weak, as hexadecimal or as base64, but for odds of less than one in
//! a hundred million; every rule below is set with that in mind.

use std::collections::BTreeSet;
use zeroize::Zeroizing;

/// The strength that a token should have, in bits.
pub const RECOMMENDED_BITS: u32 = 256;

/// How long a repeated piece must be, in characters, to be no chance.
const PIECE: usize = 8;

/// An estimate of how hard a token is to guess.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Strength {
    /// The base-2 logarithm of the number of guesses.
    pub bits: u32,
}

impl Strength {
    /// Whether it is below [`RECOMMENDED_BITS`].
    pub fn is_weak(self) -> bool {
        self.bits < RECOMMENDED_BITS
    }
}

/// Estimates a token.
///
/// 1. `=` at the end is padding and counts nothing.
/// 2. If at least half of the characters repeat their neighbour, go on counting (`abcd`, `9753`) or
///    end a piece of eight characters that stood before, those count nothing.
/// 3. Each character that is left counts 4 bits if the text consists of hexadecimal digits (with or
///    without hyphens, which count nothing), else 6 bits; but never more than fits to the number of
///    different characters: a text of two letters counts one bit each.
///
/// *Source:* S55.
///
/// ```
/// assert_eq!(tonl_secret::estimate(b"hunter2").bits, 42);
/// assert!(tonl_secret::estimate(&[b'a'; 1000]).is_weak());
/// ```
pub fn estimate(token: &[u8]) -> Strength {
    let padding = token.iter().rev().take_while(|byte| **byte == b'=').count();
    let token = token.get(..token.len() - padding).unwrap_or_default();
    let text = String::from_utf8_lossy(token);
    let hexadecimal = text.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    let counts = |c: &char| !(hexadecimal && *c == '-');
    let characters: Vec<u32> = text.chars().filter(counts).map(u32::from).collect();
    let characters = Zeroizing::new(characters);
    let counted = characters.len() - foreseeable(&characters);
    let most = if hexadecimal { 4 } else { 6 };
    let bits = variety(&characters).min(most) * u32::try_from(counted).unwrap_or(u32::MAX / 8);
    Strength { bits }
}

/// How many characters follow from the ones before, if that is at least half of them, else zero.
fn foreseeable(text: &[u32]) -> usize {
    let mut count = 0;
    let mut step = None;
    let mut seen = BTreeSet::new();
    for (at, here) in text.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        let this = before.map(|before| here.wrapping_sub(*before));
        let start = (at + 1).checked_sub(PIECE);
        let known = start.is_some_and(|start| !seen.insert(text.get(start..=at)));
        let counts_on = this.is_some() && this == step;
        count += usize::from(known || this == Some(0) || counts_on);
        step = this;
    }
    if count * 2 >= text.len() { count } else { 0 }
}

/// The bits a character that the number of different ones allows for: a random text over an
/// alphabet of `2^bits` would show at least two thirds of what is expected of it.
fn variety(text: &[u32]) -> u32 {
    let distinct = text.iter().collect::<BTreeSet<_>>().len();
    let distinct = f64::from(u32::try_from(distinct).unwrap_or(u32::MAX));
    let length = i32::try_from(text.len()).unwrap_or(i32::MAX);
    (1..=6)
        .rev()
        .find(|bits| {
            let size = f64::from(1_u32 << bits);
            let expected = size * (1.0 - (1.0 - 1.0 / size).powi(length));
            distinct >= expected * 2.0 / 3.0 && distinct > 1.0 || text.len() == 1
        })
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    fn bits(token: &str) -> u32 {
        estimate(token.as_bytes()).bits
    }

    // S3, S55
    #[test]
    fn hexadecimal_counts_four_and_other_characters_at_most_six_bits() {
        for (token, expected) in [
            ("", 0),
            ("=", 0),
            ("a", 4),
            ("g", 6),
            ("hunter2", 42),
            ("0f", 8),
            ("6c1f93ea", 32),
            ("6C1F93ea", 32),
            ("6c1f93eg", 48),
            ("3f1c9e2a-7b60-4d58-9a31-0c5e8f7d2b46", 128),
        ] {
            assert_eq!(bits(token), expected, "{token}");
        }
        assert!(
            !estimate(b"4fb0c8b7ad6e0f6ca5d7bb35d4df8a4d41f2b3cc2b55f7bb4ef69e15bc9a7f40")
                .is_weak()
        );
        assert!(!estimate(b"rZ5mT1qYc0n7sKf8bWxL3vHdJgA9uE2oPiQhNtMyR6w=").is_weak());
    }

    // S55
    #[test]
    fn runs_cycles_and_tiny_alphabets_do_not_make_a_token_strong() {
        let letters: String = ('a'..='z').chain('A'..='Z').chain('0'..='9').collect();
        let doubled: String = letters.chars().flat_map(|c| [c, c]).collect();
        let blocks: String = "0123456789abcdef".chars().flat_map(|c| [c; 9]).collect();
        for token in [
            "a".repeat(4096),
            "ab".repeat(200),
            "deadbeef".repeat(64),
            "my-secret-token".repeat(16),
            format!("{}b", "deadbeef".repeat(64)),
            letters.clone(),
            letters.chars().rev().collect(),
            blocks,
            "0123456789abcdef".repeat(8),
            "my-secret-token".to_owned(),
            "=".repeat(300),
        ] {
            assert!(
                estimate(token.as_bytes()).is_weak(),
                "{token}: {}",
                bits(&token)
            );
        }
        assert!(bits(&doubled) <= 62 * 6);
    }

    // S3, S55
    #[test]
    fn no_random_token_of_256_bits_is_called_weak() {
        let hexadecimal: Vec<char> = "0123456789abcdef".chars().collect();
        let base64: Vec<char> = ('a'..='z')
            .chain('A'..='Z')
            .chain('0'..='9')
            .chain(['-', '_'])
            .collect();
        let mut random = Random::new(1);
        for _ in 0..20_000 {
            for (alphabet, length) in [(&hexadecimal, 64), (&base64, 43)] {
                let token: String = (0..length).map(|_| *random.pick(alphabet)).collect();
                assert!(
                    !estimate(token.as_bytes()).is_weak(),
                    "{token}: {}",
                    bits(&token)
                );
            }
        }
    }

    #[test]
    fn any_bytes_have_an_estimate_of_at_most_six_bits_a_byte() {
        let mut random = Random::new(2);
        for length in 0..400 {
            let bytes: Vec<u8> = (0..length)
                .map(|_| random.bits().to_le_bytes()[0])
                .collect();
            assert!(estimate(&bytes).bits <= 6 * length);
        }
        assert_eq!(bits("äö"), 12);
    }
}
