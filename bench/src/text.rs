//! Pieces of JSON text the shapes are built from: numbers, dates, words, people.
//!
//! Everything is appended to a byte buffer; nothing is formatted through `std::fmt`, because the
//! generator has to be faster than what it measures.

use crate::random::Random;

/// Given names, ASCII so that they can be used in e-mail addresses.
pub const GIVEN: [&str; 16] = [
    "Ada", "Boris", "Carla", "Dmitri", "Elena", "Farid", "Greta", "Hiro", "Ines", "Jonas", "Katia",
    "Liam", "Marta", "Nils", "Olga", "Pedro",
];

/// Family names, ASCII for the same reason.
pub const FAMILY: [&str; 16] = [
    "Abbott",
    "Berger",
    "Castillo",
    "Dubois",
    "Eriksen",
    "Fontana",
    "Gupta",
    "Hansen",
    "Ito",
    "Jankowski",
    "Keller",
    "Lindqvist",
    "Moreau",
    "Novak",
    "Okafor",
    "Petrov",
];

/// Words of the paragraphs and titles.
pub const WORDS: [&str; 48] = [
    "retrieval",
    "a",
    "context",
    "of",
    "document",
    "the",
    "window",
    "token",
    "with",
    "embedding",
    "and",
    "index",
    "query",
    "for",
    "latency",
    "chunk",
    "in",
    "model",
    "budget",
    "overlap",
    "to",
    "score",
    "is",
    "ranking",
    "source",
    "from",
    "passage",
    "summary",
    "on",
    "vector",
    "store",
    "cache",
    "each",
    "answer",
    "grounded",
    "by",
    "citation",
    "recall",
    "precision",
    "when",
    "noise",
    "threshold",
    "hybrid",
    "search",
    "keeps",
    "results",
    "stable",
    "across",
];

/// Appends a number in decimal.
pub fn number(out: &mut Vec<u8>, mut value: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

/// Appends the last `width` decimal digits of `value`, zeros in front.
pub fn padded(out: &mut Vec<u8>, mut value: u32, width: usize) {
    let start = out.len();
    out.resize(start + width, b'0');
    for digit in out[start..].iter_mut().rev() {
        *digit = b'0' + u8::try_from(value % 10).unwrap_or(0);
        value /= 10;
    }
}

/// Appends text as it is.
pub fn raw(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// Appends text between quotes; the text must not need escapes.
pub fn quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    raw(out, text);
    out.push(b'"');
}

/// Appends `count` characters of an alphabet of 16.
pub fn code(out: &mut Vec<u8>, random: &mut Random, count: usize, alphabet: &[u8; 16]) {
    let mut bits = 0;
    for index in 0..count {
        if index % 16 == 0 {
            bits = random.bits();
        }
        out.push(alphabet[usize::try_from(bits & 15).unwrap_or(0)]);
        bits >>= 4;
    }
}

/// The digits of hexadecimal codes.
pub const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends `2026-MM-DD`.
pub fn date(out: &mut Vec<u8>, random: &mut Random) {
    raw(out, "2026-");
    padded(out, random.between(1, 12), 2);
    out.push(b'-');
    padded(out, random.between(1, 28), 2);
}

/// Appends `2026-11-DDTHH:MM:SS.mmmZ`.
pub fn timestamp(out: &mut Vec<u8>, random: &mut Random) {
    raw(out, "2026-11-");
    padded(out, random.between(1, 28), 2);
    for (mark, bound, width) in [(b'T', 24, 2), (b':', 60, 2), (b':', 60, 2), (b'.', 1000, 3)] {
        out.push(mark);
        padded(out, random.below(bound), width);
    }
    out.push(b'Z');
}

/// Appends a version 4 UUID.
pub fn uuid(out: &mut Vec<u8>, random: &mut Random) {
    code(out, random, 8, HEX);
    out.push(b'-');
    code(out, random, 4, HEX);
    raw(out, "-4");
    code(out, random, 3, HEX);
    raw(out, "-a");
    code(out, random, 3, HEX);
    out.push(b'-');
    code(out, random, 12, HEX);
}

/// Appends `count` words with a space between them, the first with a capital letter.
pub fn words(out: &mut Vec<u8>, random: &mut Random, count: u32) {
    let start = out.len();
    for index in 0..count {
        if index > 0 {
            out.push(b' ');
        }
        raw(out, random.pick(&WORDS));
    }
    if let Some(first) = out.get_mut(start) {
        first.make_ascii_uppercase();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_rust_writes_them() {
        for value in [0, 7, 10, 999, 1_000_000, u64::MAX] {
            let mut out = Vec::new();
            number(&mut out, value);
            assert_eq!(String::from_utf8(out).unwrap(), value.to_string());
        }
    }

    #[test]
    fn padding_keeps_the_low_digits() {
        let mut out = Vec::new();
        padded(&mut out, 7, 3);
        padded(&mut out, 1234, 2);
        assert_eq!(out, b"00734");
    }
}
