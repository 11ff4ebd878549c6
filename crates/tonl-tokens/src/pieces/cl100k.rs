//! The cutting rule of `cl100k_base`.

use super::{Class, classify, contraction, number, run, signs, space};

/// The byte behind the piece that begins at byte `at`:
///
/// ```text
/// (?i:'s|'t|'re|'ve|'m|'ll|'d)
/// |[^\r\n\p{L}\p{N}]?\p{L}+
/// |\p{N}{1,3}
/// | ?[^\s\p{L}\p{N}]+[\r\n]*
/// |\s*[\r\n]+|\s+(?!\S)|\s+
/// ```
pub(crate) fn end(text: &[u8], at: usize) -> usize {
    let (first, len) = classify(text, at);
    match first {
        Class::Upper | Class::Lower | Class::Caseless => {
            return run(text, at + len, Class::is_letter);
        }
        Class::Number => return number(text, at, len),
        Class::LineEnd => return space(text, at),
        Class::End => return at,
        Class::Other | Class::Mark | Class::Space => {}
    }
    if let Some(end) = contraction(text, at) {
        return end;
    }
    let end = run(text, at + len, Class::is_letter);
    if end > at + len {
        return end;
    }
    signs(text, at, b"\r\n").unwrap_or_else(|| space(text, at))
}
