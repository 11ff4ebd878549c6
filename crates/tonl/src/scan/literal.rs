//! String literals, scanned 32 bytes a step.
//!
//! One pass finds the closing quote, checks escapes and control characters, and notes what the
//! writer needs to know to decide on quotes. The text must already be valid UTF-8.

use super::Fault;
use crate::error::Code;
use wide::u8x32;

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

const STEP: usize = 32;

/// Which bytes of one step end the plain run, need quotes, or lie beyond ASCII; a bit a byte.
struct Masks {
    stop: u32,
    structural: u32,
    wide: u32,
}

#[inline]
fn masks(step: [u8; STEP]) -> Masks {
    let bytes = u8x32::new(step);
    let is = |byte: u8| bytes.simd_eq(u8x32::splat(byte));
    let control = bytes.min(u8x32::splat(0x1F)).simd_eq(bytes);
    let stop = is(b'"') | is(b'\\') | control;
    // `{` and `[`, `}` and `]` differ in one bit.
    let folded = bytes | u8x32::splat(0x20);
    let structural =
        is(b',') | folded.simd_eq(u8x32::splat(b'{')) | folded.simd_eq(u8x32::splat(b'}'));
    Masks {
        stop: stop.to_bitmask(),
        structural: structural.to_bitmask(),
        // One more than each byte has its high bit set for DEL, which is never bare either; 0xFF,
        // where this would overflow, is not part of UTF-8.
        wide: (bytes + u8x32::splat(1)).to_bitmask(),
    }
}

#[inline]
fn step_at(text: &[u8], at: usize) -> [u8; STEP] {
    match text.get(at..).and_then(<[u8]>::first_chunk) {
        Some(step) => *step,
        None => last_step(text.get(at..).unwrap_or_default()),
    }
}

/// The text's last bytes, filled up with NUL, which ends every run.
#[cold]
fn last_step(rest: &[u8]) -> [u8; STEP] {
    let mut step = [0; STEP];
    for (to, from) in step.iter_mut().zip(rest) {
        *to = *from;
    }
    step
}

/// Scans the literal whose first character (behind the opening quote) is at byte `start`.
///
/// # Errors
/// [`Code::UnterminatedQuote`], [`Code::ControlCharacter`], [`Code::BadEscape`] or
/// [`Code::LoneSurrogate`], at the byte where the literal stops being one.
#[inline]
pub fn scan(text: &[u8], start: usize) -> Result<Literal, Fault> {
    let mut at = start;
    let mut structural = 0;
    let mut wide = 0;
    loop {
        let step = masks(step_at(text, at));
        if step.stop == 0 {
            structural |= step.structural;
            wide |= step.wide;
            at += STEP;
            continue;
        }
        let run = step.stop.trailing_zeros();
        let below = (1_u32 << run) - 1;
        structural |= step.structural & below;
        wide |= step.wide & below;
        at += run as usize;
        let traits = Traits(
            if structural == 0 {
                0
            } else {
                Traits::STRUCTURAL.0
            } | if wide == 0 { 0 } else { Traits::WIDE.0 },
        );
        if text.get(at) == Some(&b'"') {
            return Ok(Literal {
                start,
                end: at,
                traits,
            });
        }
        return scan_escaped(text, start, at, traits);
    }
}

/// Goes on from the first escape (or fault) at byte `at`.
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
            }
            Some(0..=0x1F) => {
                let expected = "an escape such as \\n instead of a raw control character";
                let code = Code::ControlCharacter;
                return Err(Fault::new(at, code, expected));
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
    loop {
        let step = masks(step_at(text, at));
        let run = step.stop.trailing_zeros();
        let below = if run == 32 {
            u32::MAX
        } else {
            (1_u32 << run) - 1
        };
        if step.structural & below != 0 {
            *traits = traits.with(Traits::STRUCTURAL);
        }
        if step.wide & below != 0 {
            *traits = traits.with(Traits::WIDE);
        }
        at += run as usize;
        if run < 32 {
            return at.min(text.len());
        }
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
        Some(_) => Err(Fault::new(
            at,
            Code::BadEscape,
            "one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u",
        )),
    }
}

/// The character of the `\u` escape at byte `at`, with its partner if it is a surrogate, and the
/// byte behind it.
fn unicode_escape(text: &[u8], at: usize) -> Result<(char, usize), Fault> {
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

fn hex4(text: &[u8], at: usize) -> Result<u32, Fault> {
    let mut value = 0;
    for offset in 2..6 {
        let Some(byte) = text.get(at + offset) else {
            return Err(Fault::new(
                text.len(),
                Code::UnterminatedQuote,
                "four hexadecimal digits",
            ));
        };
        let Some(digit) = char::from(*byte).to_digit(16) else {
            return Err(Fault::new(
                at,
                Code::BadEscape,
                "four hexadecimal digits after \\u",
            ));
        };
        value = value << 4 | digit;
    }
    Ok(value)
}

/// Appends the characters that a checked literal's content (without quotes) stands for.
///
/// # Errors
/// The faults of [`scan`], if the content was not checked; offsets count from its beginning.
pub fn decode(content: &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
    let mut at = 0;
    while let Some(run) = memchr::memchr(b'\\', content.get(at..).unwrap_or_default()) {
        out.extend_from_slice(content.get(at..at + run).unwrap_or_default());
        at += run;
        at = decode_escape(content, at, out)?;
    }
    out.extend_from_slice(content.get(at..).unwrap_or_default());
    Ok(())
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
