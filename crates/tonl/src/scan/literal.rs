//! String literals, scanned 32 bytes a step.
//!
//! One pass finds the closing quote, checks escapes and control characters, and notes what the
//! writer needs to know to decide on quotes. The text must already be valid UTF-8.

use super::Fault;
use super::lanes::{self, STEP, Step, WideSeen};
use crate::error::Code;
use crate::write::Ink as _;

/// What a string literal holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Literal {
    /// Byte offset of the first character inside the quotes.
    pub start: usize,
    /// Byte offset of the closing quote.
    pub end: usize,
    /// What was seen on the way.
    pub traits: Traits,
}

/// A set of facts about a literal's characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits(u8);

impl Traits {
    /// It holds an escape sequence.
    pub const ESCAPED: Self = Self(1);
    /// It holds an escape that TONL does not write as JSON has it (`\/` or `\u`).
    pub const DECODE: Self = Self(2);
    /// It holds one of `, { } [ ]`.
    pub const STRUCTURAL: Self = Self(4);
    /// It holds a character beyond printable ASCII (DEL included).
    pub const WIDE: Self = Self(8);

    #[inline]
    fn of((has_structural, has_wide): (bool, bool)) -> Self {
        let structural = if has_structural {
            Self::STRUCTURAL.0
        } else {
            0
        };
        Self(structural | if has_wide { Self::WIDE.0 } else { 0 })
    }

    /// Whether any of `other` is in the set.
    #[inline]
    pub fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Both sets together.
    #[inline]
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether the set is empty.
    #[inline]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// Scans the literal whose first character (behind the opening quote) is at byte `start`.
///
/// # Errors
/// [`Code::UnterminatedQuote`], [`Code::ControlCharacter`], [`Code::BadEscape`] or
/// [`Code::LoneSurrogate`], at the byte where the literal stops being one.
#[inline]
pub fn scan(text: &[u8], start: usize) -> Result<Literal, Fault> {
    let run = opening_run(text, start);
    if text.get(run.end) == Some(&b'"') {
        return Ok(run);
    }
    scan_escaped(text, start, run.end, run.traits)
}

/// The literal's characters before its first quote, escape or fault, as if they were all of it.
#[inline]
pub(crate) fn opening_run(text: &[u8], start: usize) -> Literal {
    let step = Step::at(text, start);
    let stops = step.stops();
    if stops == 0 {
        return long_run(text, start, step);
    }
    // Most strings end within the first step.
    let run = stops.trailing_zeros();
    let traits = Traits::of(step.holds(run));
    Literal {
        start,
        end: start + run as usize,
        traits,
    }
}

/// Goes on behind a first step without an end.
fn long_run(text: &[u8], start: usize, first: Step) -> Literal {
    let at = start + STEP;
    let second = Step::at(text, at);
    let stops = second.stops();
    if stops == 0 {
        return longer_run(text, start, first, second);
    }
    let run = stops.trailing_zeros();
    let (structural, wide) = second.holds(run);
    let traits = Traits::of((structural || first.is_structural(), wide || first.is_wide()));
    Literal {
        start,
        end: at + run as usize,
        traits,
    }
}

/// Goes on behind two steps. Long strings hold commas or escapes soon enough, so that structural
/// characters are only looked for when there was no escape.
fn longer_run(text: &[u8], start: usize, first: Step, second: Step) -> Literal {
    let mut wide = WideSeen::default();
    wide.add(first);
    wide.add(second);
    let mut at = start + 2 * STEP;
    loop {
        let step = Step::at(text, at);
        let stops = step.stops();
        wide.add(step);
        if stops != 0 {
            let end = at + stops.trailing_zeros() as usize;
            let is_whole = text.get(end) == Some(&b'"');
            let content = text.get(start..end).unwrap_or_default();
            let structural = is_whole && lanes::has_structural(content);
            return Literal {
                start,
                end,
                traits: Traits::of((structural, wide.any())),
            };
        }
        at += STEP;
    }
}

/// Goes on from the first escape (or fault) at byte `at`.
///
/// Structural characters are not looked for any more: a string with an escape is quoted whatever
/// else it holds, or decoded and looked at again.
fn scan_escaped(
    text: &[u8],
    start: usize,
    mut at: usize,
    mut traits: Traits,
) -> Result<Literal, Fault> {
    loop {
        match text.get(at) {
            Some(b'"') => {
                return Ok(Literal {
                    start,
                    end: at,
                    traits,
                });
            }
            Some(b'\\') => {
                let (end, found) = escape(text, at)?;
                traits = traits.with(found);
                at = end;
                if text.get(at) == Some(&b'\\') {
                    continue;
                }
            }
            Some(0..=0x1F) => {
                let expected = "an escape such as \\n instead of a raw control character";
                return Err(Fault::new(at, Code::ControlCharacter, expected));
            }
            None => return Err(Fault::new(text.len(), Code::UnterminatedQuote, "'\"'")),
            Some(_) => {}
        }
        at = plain_run(text, at, &mut traits);
    }
}

/// The end of the run of plain characters at byte `at`.
#[inline]
fn plain_run(text: &[u8], mut at: usize, traits: &mut Traits) -> usize {
    let mut seen = WideSeen::default();
    loop {
        let step = Step::at(text, at);
        let stops = step.stops();
        seen.add(step);
        if stops != 0 {
            if seen.any() {
                *traits = traits.with(Traits::WIDE);
            }
            return (at + stops.trailing_zeros() as usize).min(text.len());
        }
        at += STEP;
    }
}

/// Checks the escape at byte `at`; gives the byte behind it.
fn escape(text: &[u8], at: usize) -> Result<(usize, Traits), Fault> {
    match text.get(at + 1) {
        Some(b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') => Ok((at + 2, Traits::ESCAPED)),
        Some(b'/') => Ok((at + 2, Traits::ESCAPED.with(Traits::DECODE))),
        Some(b'u') => {
            let end = unicode_escape(text, at)?.1;
            Ok((end, Traits::ESCAPED.with(Traits::DECODE)))
        }
        None => Err(Fault::new(
            text.len(),
            Code::UnterminatedQuote,
            "the rest of an escape",
        )),
        Some(_) => Err(bad_escape(at)),
    }
}

/// The fault of an escape that JSON does not know.
#[cold]
pub(super) fn bad_escape(at: usize) -> Fault {
    Fault::new(
        at,
        Code::BadEscape,
        "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u",
    )
}

/// The character of the `\u` escape at byte `at`, with its partner if it is a surrogate, and the
/// byte behind it.
#[inline]
pub(super) fn unicode_escape(text: &[u8], at: usize) -> Result<(char, usize), Fault> {
    let first = hex4(text, at)?;
    if let Some(c) = char::from_u32(first) {
        return Ok((c, at + 6));
    }
    let lone = Fault::new(
        at,
        Code::LoneSurrogate,
        "a surrogate pair such as \\ud83d\\ude00",
    );
    if first >= 0xDC00 {
        return Err(lone);
    }
    match (text.get(at + 6), text.get(at + 7)) {
        (Some(b'\\'), Some(b'u')) => {}
        (None, _) | (Some(b'\\'), None) => {
            return Err(Fault::new(
                text.len(),
                Code::UnterminatedQuote,
                "a low surrogate",
            ));
        }
        _ => return Err(lone),
    }
    let second = hex4(text, at + 6)?;
    let joined = 0x1_0000 + ((first - 0xD800) << 10) + (second.wrapping_sub(0xDC00) & 0x3FF);
    match char::from_u32(joined) {
        Some(c) if (0xDC00..0xE000).contains(&second) => Ok((c, at + 12)),
        _ => Err(lone),
    }
}

#[inline]
fn hex4(text: &[u8], at: usize) -> Result<u32, Fault> {
    let Some([_, _, digits @ ..]) = text.get(at..).and_then(<[u8]>::first_chunk::<6>) else {
        return Err(hex_fault(text, at));
    };
    let value = |digit: &u8| HEX.get(usize::from(*digit)).copied().unwrap_or(NO_DIGIT);
    let joined = digits
        .iter()
        .fold(0, |joined, digit| joined << 4 | value(digit));
    if joined > 0xFFFF {
        Err(hex_fault(text, at))
    } else {
        Ok(joined)
    }
}

#[cold]
fn hex_fault(text: &[u8], at: usize) -> Fault {
    let digits = text.get(at + 2..).unwrap_or_default().iter().take(4);
    if digits.len() < 4 && digits.clone().all(u8::is_ascii_hexdigit) {
        return Fault::new(
            text.len(),
            Code::UnterminatedQuote,
            "four hexadecimal digits",
        );
    }
    Fault::new(at, Code::BadEscape, "four hexadecimal digits after \\u")
}

/// Stands for a byte that is no hexadecimal digit: it survives the shifts of the digits after it.
const NO_DIGIT: u32 = 0x1_0000;

const HEX: [u32; 256] = hex_values();

const fn hex_values() -> [u32; 256] {
    let mut table = [NO_DIGIT; 256];
    let mut value = 0;
    while value < 16 {
        let digit = b"0123456789abcdef";
        #[expect(
            clippy::indexing_slicing,
            reason = "a byte is a valid index of 256 entries"
        )]
        {
            table[digit[value as usize] as usize] = value;
            table[digit[value as usize].to_ascii_uppercase() as usize] = value;
        }
        value += 1;
    }
    table
}

/// Appends the characters that a checked literal's content (without quotes) stands for.
///
/// # Errors
/// The faults of [`scan`], if the content was not checked; offsets count from its beginning.
pub fn decode(content: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut at = 0;
    loop {
        let run = backslash(content, at);
        out.put_part(content, at, run);
        if run >= content.len() {
            return Ok(());
        }
        at = decode_escape(content, run, out)?;
    }
}

/// The first backslash at or after byte `at`, or the text's end.
#[inline]
fn backslash(text: &[u8], mut at: usize) -> usize {
    loop {
        let found = Step::at(text, at).backslashes();
        if found != 0 {
            return at + found.trailing_zeros() as usize;
        }
        at += STEP;
        if at >= text.len() {
            return text.len();
        }
    }
}

fn decode_escape(content: &[u8], at: usize, out: &mut Vec<u8>) -> Result<usize, Fault> {
    let byte = match content.get(at + 1) {
        Some(b'u') => {
            let (c, end) = unicode_escape(content, at)?;
            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            return Ok(end);
        }
        Some(b'b') => 0x08,
        Some(b'f') => 0x0C,
        Some(b'n') => b'\n',
        Some(b'r') => b'\r',
        Some(b't') => b'\t',
        Some(byte @ (b'"' | b'\\' | b'/')) => *byte,
        _ => return Err(Fault::new(at, Code::BadEscape, "a JSON escape")),
    };
    out.push(byte);
    Ok(at + 2)
}

#[cfg(test)]
mod tests;
