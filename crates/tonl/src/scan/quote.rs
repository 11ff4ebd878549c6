//! When a string or a key may stand without quotes, and how it is written with them.
//!
//! The writer's rules are stricter than the reader's: what the writer leaves bare every reader takes
//! back as the same string.
//!
//! *Source:* `spec/tonl.md`, section "Strings and keys".

use super::lanes;
use crate::write::Ink as _;
use std::ops::Range;

/// Where a string is written; it decides which characters need quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the grammar has these places and no others"
)]
pub enum Place {
    /// In a cell of a table.
    Cell,
    /// Directly in a tuple.
    Tuple,
    /// In a flow value, also in one inside a tuple.
    Flow,
    /// As the rest of a line: after `key: `, a list item, or a value behind `* `.
    RestOfLine,
}

/// Whether a string that looks like a number, a boolean or a special float must be quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a column is text or it is not")]
pub enum Column {
    /// A `str`, `date` or `datetime` column: a bare cell is a string, look-alikes included.
    Text,
    /// Anything else: look-alikes are quoted.
    Other,
}

const COMMA: u8 = 1;
const BRACKET: u8 = 2;
/// Begins neither a look-alike nor anything but a bare string, `null` included.
const SURE: u8 = 4;
const QUOTE: u8 = 8;
const CONTROL: u8 = 16;
const WIDE: u8 = 32;
const KEY: u8 = 64;

const CLASS: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte: u8 = 0;
    loop {
        #[expect(
            clippy::indexing_slicing,
            reason = "a byte is a valid index of 256 entries"
        )]
        {
            table[byte as usize] = class(byte);
        }
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

const fn class(byte: u8) -> u8 {
    match byte {
        b',' => COMMA,
        b'{' | b'}' | b'[' | b']' => BRACKET,
        b'"' | b'\\' => QUOTE,
        b':' | b'|' => KEY,
        b't' | b'f' | b'n' | b'N' | b'I' => 0,
        b'a'..=b'z' | b'A'..=b'Z' | b'/' | b'_' => SURE,
        0..=0x1F | 0x7F => CONTROL,
        0x80..=0xFF => WIDE,
        _ => 0,
    }
}

#[inline]
fn class_union(text: &[u8]) -> u8 {
    text.iter().fold(0, |union, byte| {
        union | CLASS.get(usize::from(*byte)).copied().unwrap_or(0)
    })
}

/// Whether `c` is one of the invisible line and byte-order marks that never stand bare.
#[inline]
pub fn is_hidden(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

/// Whether the writer leaves `text` (UTF-8) bare at this place.
pub fn is_bare(text: &[u8], place: Place, column: Column) -> bool {
    let contents = lanes::contents(text);
    let is_refused = contents.has_stops || contents.has_wide && has_hidden_or_outer_space(text);
    !is_refused && is_bare_plain(text, contents.has_structural, place, column)
}

/// Whether the writer leaves a string bare at this place that has no quotes, backslashes, controls
/// or hidden marks; `structural` says whether it has one of `, { } [ ]`.
#[inline]
pub(crate) fn is_bare_plain(text: &[u8], structural: bool, place: Place, column: Column) -> bool {
    !(structural && place != Place::RestOfLine
        || place == Place::Tuple && memchr::memchr2(b'(', b')', text).is_some())
        && has_bare_shape(text)
        && (column == Column::Text || !is_look_alike(text))
}

/// The conditions on a bare string that its ASCII characters decide, apart from forbidden ones:
/// not empty, not `null`, no space at the ends, no opening character that means something else.
#[inline]
pub fn has_bare_shape(text: &[u8]) -> bool {
    !matches!(
        text,
        [] | [b' ' | b'#' | b'@' | b'*' | b'"' | b'{' | b'[', ..] | [.., b' '] | b"null"
    )
}

/// Whether the first and the last character already tell that a string is bare in any column, if it
/// has no quotes, backslashes, brackets, commas, controls or characters beyond ASCII. Most are.
#[inline]
pub(crate) fn is_surely_bare(text: &[u8]) -> bool {
    let sure = |byte: &u8| {
        CLASS
            .get(usize::from(*byte))
            .is_some_and(|class| class & SURE != 0)
    };
    text.first().is_some_and(sure) && text.last() != Some(&b' ')
}

/// Whether a text (UTF-8) with characters beyond printable ASCII holds one that never stands bare,
/// or begins or ends with white space.
pub fn has_hidden_or_outer_space(text: &[u8]) -> bool {
    has_outer_wide_space(text) || holds_hidden(text)
}

/// Whether a text (UTF-8) begins or ends with white space beyond ASCII.
pub(crate) fn has_outer_wide_space(text: &[u8]) -> bool {
    is_wide_space(text) || ends_in_wide_space(text)
}

/// Whether a text begins with white space beyond ASCII (Unicode's `White_Space`).
fn is_wide_space(text: &[u8]) -> bool {
    matches!(text, [0xC2, 0x85 | 0xA0, ..])
        || text
            .first_chunk()
            .is_some_and(|bytes| is_three_byte_space(*bytes))
}

fn ends_in_wide_space(text: &[u8]) -> bool {
    matches!(text, [.., 0xC2, 0x85 | 0xA0])
        || text
            .last_chunk()
            .is_some_and(|bytes| is_three_byte_space(*bytes))
}

fn is_three_byte_space(bytes: [u8; 3]) -> bool {
    matches!(
        bytes,
        [0xE1, 0x9A, 0x80]
            | [0xE2, 0x80, 0x80..=0x8A | 0xA8 | 0xA9 | 0xAF]
            | [0xE2, 0x81, 0x9F]
            | [0xE3, 0x80, 0x80]
    )
}

/// Whether a text (UTF-8) holds a hidden mark, DEL, or a control beyond ASCII.
pub fn holds_hidden(text: &[u8]) -> bool {
    holds_hidden_within(text, 0..text.len())
}

/// As [`holds_hidden`], for a part of a text, which is faster than cutting it out.
#[inline]
pub(crate) fn holds_hidden_within(text: &[u8], part: Range<usize>) -> bool {
    lanes::suspects(text, part).any(|at| is_hidden_at(text, at))
}

fn is_hidden_at(text: &[u8], at: usize) -> bool {
    matches!(
        text.get(at..),
        Some(
            [0x7F, ..]
                | [0xC2, 0x80..=0x9F, ..]
                | [0xE2, 0x80, 0xA8 | 0xA9, ..]
                | [0xEF, 0xBB, 0xBF, ..]
        )
    )
}

/// Whether the writer leaves `key` (UTF-8) bare, in headers, rows, blocks and flow alike.
#[inline]
pub fn is_bare_key(key: &[u8]) -> bool {
    let union = class_union(key);
    union & (COMMA | BRACKET | QUOTE | CONTROL | KEY) == 0
        && !matches!(key, [] | [b' ' | b'#' | b'@' | b'*', ..] | [.., b' '])
        && (union & WIDE == 0 || !has_hidden_or_outer_space(key))
}

/// Whether the writer leaves a key bare that has no quotes, backslashes, brackets, commas, controls
/// or characters beyond ASCII.
#[inline]
pub(crate) fn is_bare_plain_key(key: &[u8]) -> bool {
    !lanes::holds_either(key, b':', b'|')
        && !matches!(key, [] | [b' ' | b'#' | b'@' | b'*', ..] | [.., b' '])
}

/// Whether a string looks like a number, a boolean or a special float to some reader, so that it
/// is quoted outside text columns.
#[inline]
pub fn is_look_alike(text: &[u8]) -> bool {
    let Some(first) = text.first() else {
        return false;
    };
    // The words are told by their lengths first: many strings begin with a `t` or an `f`.
    let is_word_long = matches!(text.len(), 3 | 4 | 5 | 8);
    let is_numeric = first.is_ascii_digit() | matches!(first, b'+' | b'-' | b'.');
    let is_word = is_word_long & matches!(first, b't' | b'f' | b'N' | b'I');
    is_numeric | is_word && is_slow_look_alike(text)
}

#[inline(never)]
fn is_slow_look_alike(text: &[u8]) -> bool {
    matches!(text, b"true" | b"false" | b"NaN" | b"Infinity") || is_numeric_look_alike(text)
}

fn is_numeric_look_alike(text: &[u8]) -> bool {
    let unsigned = match text {
        [b'+' | b'-', rest @ ..] => rest,
        _ => text,
    };
    let all = |rest: &[u8], accept: fn(&u8) -> bool| !rest.is_empty() && rest.iter().all(accept);
    match unsigned {
        b"NaN" | b"Infinity" => true,
        [b'0', b'x' | b'X', rest @ ..] => all(rest, u8::is_ascii_hexdigit),
        [b'0', b'o' | b'O', rest @ ..] => all(rest, |byte| matches!(byte, b'0'..=b'7')),
        [b'0', b'b' | b'B', rest @ ..] => all(rest, |byte| matches!(byte, b'0' | b'1')),
        _ => is_decimal_look_alike(unsigned),
    }
}

/// `([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?`
fn is_decimal_look_alike(text: &[u8]) -> bool {
    let split = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = split(text);
    let mut rest = text.get(whole..).unwrap_or_default();
    let mut digits = whole;
    if let [b'.', tail @ ..] = rest {
        let fraction = split(tail);
        digits += fraction;
        rest = tail.get(fraction..).unwrap_or_default();
    }
    if digits == 0 {
        return false;
    }
    match rest {
        [] => true,
        [b'e' | b'E', b'+' | b'-', tail @ ..] | [b'e' | b'E', tail @ ..] => {
            !tail.is_empty() && tail.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

/// Appends a string (UTF-8), bare where it may be, else quoted.
pub fn write_string(out: &mut Vec<u8>, text: &[u8], place: Place, column: Column) {
    let contents = lanes::contents(text);
    let hidden = if contents.has_wide && holds_hidden(text) {
        Hidden::Some
    } else {
        Hidden::None
    };
    let is_plain = !contents.has_stops && hidden == Hidden::None;
    let is_bare = is_plain
        && !(contents.has_wide && has_outer_wide_space(text))
        && is_bare_plain(text, contents.has_structural, place, column);
    if is_bare {
        out.extend_from_slice(text);
    } else {
        write_quoted_knowing(out, text, hidden);
    }
}

/// Appends a key (UTF-8), bare where it may be, else quoted.
pub fn write_key(out: &mut Vec<u8>, key: &[u8]) {
    if is_bare_key(key) {
        out.extend_from_slice(key);
    } else {
        write_quoted(out, key);
    }
}

/// Appends a string (UTF-8) in quotes; escapes `"`, `\\`, controls and hidden marks, nothing else.
pub fn write_quoted(out: &mut Vec<u8>, text: &[u8]) {
    let hidden = if holds_hidden(text) {
        Hidden::Some
    } else {
        Hidden::None
    };
    write_quoted_knowing(out, text, hidden);
}

/// Appends one character of a quoted string; whether it is one that only stands inside quotes.
#[inline]
pub(super) fn write_quoted_char(out: &mut Vec<u8>, c: char) -> bool {
    if is_always_escaped(c) {
        write_escape(out, u16::try_from(u32::from(c)).unwrap_or(0xFFFD));
        return true;
    }
    let mut bytes = [0; 4];
    let len = out.len() + c.encode_utf8(&mut bytes).len();
    out.extend_from_slice(&bytes);
    out.truncate(len);
    false
}

/// Whether a character never stands as it is.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "characters that were escaped are so mixed that a branch a test is mostly guessed wrong"
)]
#[inline]
fn is_always_escaped(c: char) -> bool {
    let point = u32::from(c);
    (point < 0x20)
        | (point == 0x22)
        | (point == 0x5C)
        | (point.wrapping_sub(0x7F) <= 0x9F - 0x7F)
        | (point & !1 == 0x2028)
        | (point == 0xFEFF)
}

/// Whether a text holds characters beyond quotes, backslashes and ASCII controls that are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hidden {
    None,
    Some,
}

fn write_quoted_knowing(out: &mut Vec<u8>, text: &[u8], hidden: Hidden) {
    out.push(b'"');
    let mut at = 0;
    loop {
        let end = match hidden {
            Hidden::None => lanes::plain_run(text, at),
            Hidden::Some => careful_run(text, at),
        };
        out.put_part(text, at, end);
        let Some((unit, len)) = escaped_character(text, end) else {
            break;
        };
        write_escape(out, unit);
        at = end + len;
    }
    out.push(b'"');
}

/// The first character at or after byte `at` that is always escaped, or the text's end.
fn careful_run(text: &[u8], at: usize) -> usize {
    (at..text.len())
        .find(|at| escaped_character(text, *at).is_some())
        .unwrap_or(text.len())
}

/// The character at byte `at`, if it is one that is always escaped, and its length in bytes.
fn escaped_character(text: &[u8], at: usize) -> Option<(u16, usize)> {
    match text.get(at..)? {
        [byte @ (0..=0x1F | 0x7F | b'"' | b'\\'), ..] => Some((u16::from(*byte), 1)),
        [0xC2, byte @ 0x80..=0x9F, ..] => Some((u16::from(*byte), 2)),
        [0xE2, 0x80, byte @ (0xA8 | 0xA9), ..] => Some((0x2000 + u16::from(*byte) - 0x80, 3)),
        [0xEF, 0xBB, 0xBF, ..] => Some((0xFEFF, 3)),
        _ => None,
    }
}

fn write_escape(out: &mut Vec<u8>, unit: u16) {
    let short = match unit {
        0x22 => b'"',
        0x5C => b'\\',
        0x08 => b'b',
        0x0C => b'f',
        0x0A => b'n',
        0x0D => b'r',
        0x09 => b't',
        _ => {
            out.extend_from_slice(b"\\u");
            out.extend([12, 8, 4, 0].map(|shift| hex_digit(unit >> shift)));
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

fn hex_digit(value: u16) -> u8 {
    b"0123456789abcdef"
        .get(usize::from(value & 0xF))
        .copied()
        .unwrap_or(b'0')
}

#[cfg(test)]
mod tests;
