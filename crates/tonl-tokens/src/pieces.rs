//! Cuts a text into the pieces within which tokens are merged.
//!
//! Each encoding cuts by a regular expression of its own; here they are written out as scanners,
//! because an engine for look-ahead and Unicode classes would take most of the time. The
//! expressions stand at the scanners, and tests compare both on any text.

mod cl100k;
mod class;
mod o200k;

use class::{Class, classify};

/// The rule that cuts a text: the byte behind the piece that begins at byte `at` of a text.
pub(crate) type Cut = fn(text: &[u8], at: usize) -> usize;

pub(crate) use cl100k::end as cl100k;
pub(crate) use o200k::end as o200k;

/// The byte behind the run of characters of some classes from byte `at` on.
#[inline]
fn run(text: &[u8], mut at: usize, accept: impl Fn(Class) -> bool) -> usize {
    loop {
        let (class, len) = classify(text, at);
        if !accept(class) {
            return at;
        }
        at += len;
    }
}

/// `\p{N}{1,3}` at a number of `len` bytes.
fn number(text: &[u8], at: usize, len: usize) -> usize {
    let mut end = at + len;
    for _ in 0..2 {
        let (class, len) = classify(text, end);
        if class != Class::Number {
            break;
        }
        end += len;
    }
    end
}

/// ` ?[^\s\p{L}\p{N}]+` and then all of `tail`, if it matches.
fn signs(text: &[u8], at: usize, tail: &[u8]) -> Option<usize> {
    let start = at + usize::from(text.get(at) == Some(&b' '));
    let end = run(text, start, Class::is_sign);
    if end == start {
        return None;
    }
    let behind = text.get(end..).unwrap_or_default();
    let tail_len = behind.iter().take_while(|byte| tail.contains(byte)).count();
    Some(end + tail_len)
}

/// `\s*[\r\n]+|\s+(?!\S)|\s+` at white space.
fn space(text: &[u8], at: usize) -> usize {
    let mut end = at;
    let mut last = at;
    let mut line_end = None;
    loop {
        let (class, len) = classify(text, end);
        if !class.is_space() {
            break;
        }
        last = end;
        end += len;
        if class == Class::LineEnd {
            line_end = Some(end);
        }
    }
    match line_end {
        Some(line_end) => line_end,
        // The last one belongs to the word behind it.
        None if end < text.len() && last > at => last,
        None => end,
    }
}

/// The byte behind `(?i:'s|'t|'re|'ve|'m|'ll|'d)` at byte `at`, if it matches.
fn contraction(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?.strip_prefix(b"'")?;
    let len = match rest {
        [b's' | b'S' | b't' | b'T' | b'm' | b'M' | b'd' | b'D', ..] => 1,
        // The long s is an s to whoever ignores case.
        [0xC5, 0xBF, ..]
        | [b'r' | b'R' | b'v' | b'V', b'e' | b'E', ..]
        | [b'l' | b'L', b'l' | b'L', ..] => 2,
        _ => return None,
    };
    Some(at + 1 + len)
}

#[cfg(test)]
mod tests;
