//! The cutting rule of `o200k_base`.

use super::{Class, classify, contraction, number, run, signs, space};

/// The byte behind the piece that begins at byte `at`:
///
/// ```text
/// [^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?
/// |[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?
/// |\p{N}{1,3}
/// | ?[^\s\p{L}\p{N}]+[\r\n/]*
/// |\s*[\r\n]+|\s+(?!\S)|\s+
/// ```
pub(crate) fn end(text: &[u8], at: usize) -> usize {
    let (first, len) = classify(text, at);
    let word = match first {
        Class::Upper | Class::Lower | Class::Caseless => Word::at(text, at).end(),
        Class::Number => return number(text, at, len),
        Class::LineEnd => return space(text, at),
        Class::End => return at,
        Class::Other | Class::Space => Word::at(text, at + len).end(),
        // A mark may lead a word or be its first character; to lead is tried first.
        Class::Mark => {
            let led = Word::at(text, at + len).lower_end;
            led.or_else(|| Word::at(text, at).end())
        }
    };
    match word {
        Some(end) => contraction(text, end).unwrap_or(end),
        None => signs(text, at, b"\r\n/").unwrap_or_else(|| space(text, at)),
    }
}

/// What the two rules for words match at a place.
struct Word {
    /// The byte behind `[upper]*[lower]+`, where characters without case and marks are both.
    lower_end: Option<usize>,
    /// The byte behind `[upper]+`.
    upper_end: Option<usize>,
}

impl Word {
    #[inline]
    fn at(text: &[u8], start: usize) -> Self {
        let mut at = start;
        // Where `[upper]*` can leave a character to `[lower]+` if nothing lower follows.
        let mut both_end = None;
        loop {
            let (class, len) = classify(text, at);
            if !class.is_upper() {
                break;
            }
            at += len;
            if class.is_lower() {
                both_end = Some(at);
            }
        }
        let lower_end = run(text, at, Class::is_lower);
        Self {
            lower_end: if lower_end > at {
                Some(lower_end)
            } else {
                both_end
            },
            upper_end: (at > start).then_some(at),
        }
    }

    fn end(&self) -> Option<usize> {
        self.lower_end.or(self.upper_end)
    }
}
