//! Bare tokens: where they end, which characters they may hold, and what they mean.
//!
//! *Source:* `spec/tonl.md`, sections "Grammar" and "Reading a bare token".

use super::line::Line;
use crate::error::{Code, Error, Result};
use crate::event::Event;
use crate::options::Ranges;
use crate::scan::{number, quote};
use crate::schema::ColumnType;
use wide::u8x32;

/// What each byte means while a bare token is scanned.
pub(crate) type Classes = [u8; 256];

/// The token ends before this byte.
pub(crate) const END: u8 = 1;
/// This byte may not stand in the token.
const REFUSED: u8 = 2;
/// Part of a character beyond ASCII, which may need a closer look.
const WIDE: u8 = 4;

#[expect(
    clippy::indexing_slicing,
    reason = "evaluated at compile time, on a table of 256 bytes"
)]
const fn classes(ends: &[u8], refused: &[u8]) -> Classes {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        if byte < 0x20 || byte == 0x7F {
            table[byte] = REFUSED;
        } else if byte >= 0x80 {
            table[byte] = WIDE;
        }
        byte += 1;
    }
    let mut at = 0;
    while at < refused.len() {
        table[refused[at] as usize] = REFUSED;
        at += 1;
    }
    at = 0;
    while at < ends.len() {
        table[ends[at] as usize] = END;
        at += 1;
    }
    table
}

/// A token that only the end of the line ends.
pub(crate) static REST: Classes = classes(b"", b"\"\\");
/// A token inside a flow value.
pub(crate) static FLOW: Classes = classes(b",]}", b"{[\"\\");
/// A token directly inside a tuple.
pub(crate) static TUPLE: Classes = classes(b",)", b"{}[](\"\\");

const KEY_ENDS: &[u8] = b":,{}[]\"\\|";
/// A bare key. What it may not hold ends it, so that who reads the key can say what is missing.
pub(crate) static KEY: Classes = classes(KEY_ENDS, b"");
static KEY_SEMICOLON: Classes = classes(b":,{}[]\"\\|;", b"");
static KEY_TAB: Classes = classes(b":,{}[]\"\\|\t", b"");

static CELL_COMMA: Classes = classes(b",", b"\"\\{}[]");
static CELL_PIPE: Classes = classes(b"|", b"\"\\{}[]");
static CELL_SEMICOLON: Classes = classes(b";", b"\"\\{}[]");
static CELL_TAB: Classes = classes(b"\t", b"\"\\{}[]");

/// The character between the cells of a table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Delimiter {
    #[default]
    Comma,
    Pipe,
    Semicolon,
    Tab,
}

impl Delimiter {
    /// The delimiter that this byte is.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            b',' => Self::Comma,
            b'|' => Self::Pipe,
            b';' => Self::Semicolon,
            b'\t' => Self::Tab,
            _ => return None,
        })
    }

    /// Its byte.
    #[inline]
    pub(crate) fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Pipe => b'|',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// The classes of a bare cell.
    pub(crate) fn cell(self) -> &'static Classes {
        match self {
            Self::Comma => &CELL_COMMA,
            Self::Pipe => &CELL_PIPE,
            Self::Semicolon => &CELL_SEMICOLON,
            Self::Tab => &CELL_TAB,
        }
    }

    /// The classes of a bare column name or row key.
    pub(crate) fn key(self) -> &'static Classes {
        match self {
            Self::Comma | Self::Pipe => &KEY,
            Self::Semicolon => &KEY_SEMICOLON,
            Self::Tab => &KEY_TAB,
        }
    }
}

/// The class of a byte; that of an end at the end of the line.
#[inline]
pub(crate) fn class_of(byte: Option<u8>, classes: &Classes) -> u8 {
    byte.map_or(END, |byte| {
        classes.get(usize::from(byte)).copied().unwrap_or(END)
    })
}

/// The end of the bare token that begins at byte `start`, its characters checked.
#[inline]
pub(crate) fn scan(line: Line<'_>, start: usize, classes: &Classes) -> Result<usize> {
    let rest = line.bytes().get(start..).unwrap_or_default();
    let mut union = 0;
    let mut end = line.bytes().len();
    for (at, byte) in rest.iter().enumerate() {
        let class = class_of(Some(*byte), classes);
        if class & (END | REFUSED) != 0 {
            if class & REFUSED != 0 {
                return Err(refused(line, start + at));
            }
            end = start + at;
            break;
        }
        union |= class;
    }
    let token = line.bytes().get(start..end).unwrap_or_default();
    let is_odd = match token {
        [] => false,
        [b' ' | b'#' | b'@' | b'*', ..] | [.., b' '] => true,
        _ => union & WIDE != 0 && quote::has_hidden_or_outer_space(token),
    };
    if is_odd {
        return Err(odd(line, start, end));
    }
    Ok(end)
}

/// Whether the text is of ASCII characters that may all stand in a bare cell: then only its
/// delimiters are left to find. A TAB is not among them.
#[inline]
pub(crate) fn is_plain(text: &[u8]) -> bool {
    let (steps, rest) = text.as_chunks::<STEP>();
    let mut odd = steps
        .iter()
        .fold(u8x32::splat(0), |odd, step| odd | odd_bytes(*step));
    if !rest.is_empty() {
        let mut last = [b' '; STEP];
        if let Some(to) = last.get_mut(..rest.len()) {
            to.copy_from_slice(rest);
        }
        odd |= odd_bytes(last);
    }
    odd.to_bitmask() == 0
}

const STEP: usize = 32;

/// The bytes that are beyond ASCII, controls, quotes, backslashes or brackets, as all ones.
#[inline]
fn odd_bytes(step: [u8; STEP]) -> u8x32 {
    let bytes = u8x32::new(step);
    let is = |byte: u8| bytes.simd_eq(u8x32::splat(byte));
    let control = bytes.min(u8x32::splat(0x1F)).simd_eq(bytes);
    // `{` and `[`, `}` and `]` differ in one bit.
    let folded = bytes | u8x32::splat(0x20);
    let bracket = folded.simd_eq(u8x32::splat(b'{')) | folded.simd_eq(u8x32::splat(b'}'));
    control | bracket | is(b'"') | is(b'\\') | is(0x7F) | bytes
}

/// The end of the bare cell that begins at byte `start` of a plain line.
#[inline]
pub(crate) fn scan_plain(line: Line<'_>, start: usize, delimiter: u8) -> Result<usize> {
    let end = find(line.bytes(), start, delimiter);
    match line.bytes().get(start..end).unwrap_or_default() {
        [b' ' | b'#' | b'@' | b'*', ..] | [.., b' '] => Err(odd(line, start, end)),
        _ => Ok(end),
    }
}

/// The first place of `byte` at or behind `start`, else the end: eight bytes a step, since cells are
/// short.
#[inline]
fn find(text: &[u8], start: usize, byte: u8) -> usize {
    const LOW: u64 = 0x0101_0101_0101_0101;
    let mut at = start;
    while let Some(step) = text.get(at..).and_then(<[u8]>::first_chunk) {
        let differs = u64::from_le_bytes(*step) ^ (LOW * u64::from(byte));
        let zeros = differs.wrapping_sub(LOW) & !differs & (LOW << 7);
        if zeros != 0 {
            return at + (zeros.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    let rest = text.get(at..).unwrap_or_default();
    rest.iter()
        .position(|found| *found == byte)
        .map_or(text.len(), |found| at + found)
}

/// The error for a character that the token may not hold.
#[cold]
fn refused(line: Line<'_>, at: usize) -> Error {
    let byte = line.byte(at).unwrap_or_default();
    if byte < 0x20 || byte == 0x7F {
        return control(line, at);
    }
    line.error(at, Code::UnquotedCharacter, "a string in quotes")
        .with_hint("a string that holds this character stands in double quotes, escaped as in JSON")
}

fn control(line: Line<'_>, at: usize) -> Error {
    line.error(at, Code::ControlCharacter, "a string in quotes")
        .with_hint("a control character is written as an escape inside double quotes")
}

/// The error for a token that begins, ends or is hidden in a way that needs quotes.
#[cold]
fn odd(line: Line<'_>, start: usize, end: usize) -> Error {
    let token = line.slice(start, end);
    let hidden = token
        .char_indices()
        .find(|(_, c)| c.is_control() || quote::is_hidden(*c));
    if let Some((at, c)) = hidden {
        if c.is_control() {
            return control(line, start + at);
        }
        return line
            .error(start + at, Code::UnquotedCharacter, "a string in quotes")
            .with_hint("this invisible character is written as an escape inside double quotes");
    }
    let kept = token.trim_end().len();
    if kept < token.len() && (kept == 0 || !token.starts_with(char::is_whitespace)) {
        return trailing_space(line, start + kept, end);
    }
    let hint = match token.as_bytes().first() {
        Some(b'*') => {
            "a string that begins with '*' stands in quotes; an escape row is \"* \" and a value"
        }
        Some(b'#') => "a string that begins with '#' stands in quotes; a comment begins its line",
        _ => "a string that begins so stands in quotes",
    };
    line.error(start, Code::UnquotedCharacter, "a string in quotes")
        .with_hint(hint)
}

/// The error for white space at byte `at`, behind a token that ends at byte `end`.
#[cold]
pub(crate) fn trailing_space(line: Line<'_>, at: usize, end: usize) -> Error {
    let code = if end >= line.bytes().len() {
        Code::TrailingSpace
    } else {
        Code::UnquotedCharacter
    };
    line.error_found(at, code, "no space here", "white space that would be lost")
        .with_hint("delete it, or put the string with its spaces into quotes")
}

/// Why a value does not belong into its column.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Misfit(pub(crate) Code);

/// What a bare token means in a column of this type.
#[inline]
pub(crate) fn resolve(
    token: &str,
    column: ColumnType,
    ranges: Ranges,
) -> Result<Event<'_>, Misfit> {
    let bytes = token.as_bytes();
    if bytes == b"null" {
        return Ok(Event::Null);
    }
    if column.is_text() {
        return Ok(Event::String(token));
    }
    let event = match bytes.first() {
        Some(b'-' | b'0'..=b'9') if number::is_number(bytes) => Event::Number(token),
        Some(b't') if bytes == b"true" => Event::Bool(true),
        Some(b'f') if bytes == b"false" => Event::Bool(false),
        _ => Event::String(token),
    };
    check(&event, column, ranges)?;
    Ok(event)
}

/// Whether a scalar other than `null` belongs into a column of this type.
#[inline]
pub(crate) fn check(event: &Event<'_>, column: ColumnType, ranges: Ranges) -> Result<(), Misfit> {
    let fits = match (event, column) {
        (_, ColumnType::Any) => true,
        (Event::String(_), column) => column.is_text(),
        (Event::Bool(_), column) => column == ColumnType::Bool,
        (Event::Number(text), column) if is_numeric(column) => {
            if ranges == Ranges::Checked && !is_in_range(text.as_bytes(), column) {
                return Err(Misfit(Code::OutOfRange));
            }
            true
        }
        (Event::BeginArray, column) => column == ColumnType::Arr,
        (Event::BeginObject, column) => column == ColumnType::Obj,
        _ => false,
    };
    if fits {
        Ok(())
    } else {
        Err(Misfit(Code::WrongType))
    }
}

#[inline]
fn is_numeric(column: ColumnType) -> bool {
    !matches!(
        column,
        ColumnType::Any
            | ColumnType::Str
            | ColumnType::Bool
            | ColumnType::Null
            | ColumnType::Date
            | ColumnType::Datetime
            | ColumnType::Arr
            | ColumnType::Obj
    )
}

/// Whether a number's text lies in the range of a numeric type.
fn is_in_range(text: &[u8], column: ColumnType) -> bool {
    let (min, max) = match column {
        ColumnType::I8 => (i8::MIN.into(), i8::MAX.into()),
        ColumnType::I16 => (i16::MIN.into(), i16::MAX.into()),
        ColumnType::I32 => (i32::MIN.into(), i32::MAX.into()),
        ColumnType::I64 => (i64::MIN.into(), i64::MAX.into()),
        ColumnType::U8 => (0, u8::MAX.into()),
        ColumnType::U16 => (0, u16::MAX.into()),
        ColumnType::U32 => (0, u32::MAX.into()),
        ColumnType::U64 => (0, u64::MAX.into()),
        ColumnType::F32 => return number::is_finite_f32(text),
        _ => return number::is_finite_f64(text),
    };
    let is_integer = !text.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
    is_integer && number::is_within(text, min, max)
}

/// What a column of this type takes, for an error message.
pub(crate) fn takes(column: ColumnType) -> &'static str {
    match column {
        ColumnType::Any => "a value",
        ColumnType::Str => "a string (str)",
        ColumnType::Date => "a string (date)",
        ColumnType::Datetime => "a string (datetime)",
        ColumnType::Bool => "true or false (bool)",
        ColumnType::Null => "null",
        ColumnType::Arr => "an array (arr)",
        ColumnType::Obj => "an object (obj)",
        ColumnType::I8 => "a number (i8)",
        ColumnType::I16 => "a number (i16)",
        ColumnType::I32 => "a number (i32)",
        ColumnType::I64 => "a number (i64)",
        ColumnType::U8 => "a number (u8)",
        ColumnType::U16 => "a number (u16)",
        ColumnType::U32 => "a number (u32)",
        ColumnType::U64 => "a number (u64)",
        ColumnType::F32 => "a number (f32)",
        ColumnType::F64 => "a number (f64)",
    }
}
