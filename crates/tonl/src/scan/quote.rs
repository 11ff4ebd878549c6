//! When a string or a key may stand without quotes, and how it is written with them.
//!
//! The writer's rules are stricter than the reader's: what the writer leaves bare every reader takes
//! back as the same string.
//!
//! *Source:* `spec/tonl.md`, section "Strings and keys".

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
const PAREN: u8 = 4;
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
        b'(' | b')' => PAREN,
        b'"' | b'\\' => QUOTE,
        b':' | b'|' => KEY,
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
#[inline]
pub fn is_bare(text: &[u8], place: Place, column: Column) -> bool {
    let union = class_union(text);
    let refused = CONTROL
        | QUOTE
        | match place {
            Place::Cell | Place::Flow => COMMA | BRACKET,
            Place::Tuple => COMMA | BRACKET | PAREN,
            Place::RestOfLine => 0,
        };
    union & refused == 0
        && (union & WIDE == 0 || !has_hidden_or_outer_space(text))
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

/// Whether a text (UTF-8) with characters beyond printable ASCII holds one that never stands bare,
/// or begins or ends with white space.
pub fn has_hidden_or_outer_space(text: &[u8]) -> bool {
    if holds_hidden(text) {
        return true;
    }
    let Ok(text) = std::str::from_utf8(text) else {
        return true;
    };
    text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace)
}

/// Whether a text (UTF-8) holds a hidden mark, DEL, or a control beyond ASCII.
pub fn holds_hidden(text: &[u8]) -> bool {
    let mut rest = text;
    while let Some(at) = memchr::memchr3(0xC2, 0xE2, 0xEF, rest) {
        rest = rest.get(at..).unwrap_or_default();
        match rest {
            [0xC2, 0x80..=0x9F, ..] | [0xE2, 0x80, 0xA8 | 0xA9, ..] | [0xEF, 0xBB, 0xBF, ..] => {
                return true;
            }
            _ => rest = rest.get(2..).unwrap_or_default(),
        }
    }
    memchr::memchr(0x7F, text).is_some()
}

/// Whether the writer leaves `key` (UTF-8) bare, in headers, rows, blocks and flow alike.
#[inline]
pub fn is_bare_key(key: &[u8]) -> bool {
    let union = class_union(key);
    union & (COMMA | BRACKET | QUOTE | CONTROL | KEY) == 0
        && !matches!(key, [] | [b' ' | b'#' | b'@' | b'*', ..] | [.., b' '])
        && (union & WIDE == 0 || !has_hidden_or_outer_space(key))
}

/// Whether a string looks like a number, a boolean or a special float to some reader, so that it
/// is quoted outside text columns.
#[inline]
pub fn is_look_alike(text: &[u8]) -> bool {
    match text.first() {
        Some(b'0'..=b'9' | b'+' | b'-' | b'.') => is_numeric_look_alike(text),
        Some(b't' | b'f' | b'N' | b'I') => {
            matches!(text, b"true" | b"false" | b"NaN" | b"Infinity")
        }
        _ => false,
    }
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

/// Appends a string, bare where it may be, else quoted.
pub fn write_string(out: &mut Vec<u8>, text: &str, place: Place, column: Column) {
    if is_bare(text.as_bytes(), place, column) {
        out.extend_from_slice(text.as_bytes());
    } else {
        write_quoted(out, text);
    }
}

/// Appends a key, bare where it may be, else quoted.
pub fn write_key(out: &mut Vec<u8>, key: &str) {
    if is_bare_key(key.as_bytes()) {
        out.extend_from_slice(key.as_bytes());
    } else {
        write_quoted(out, key);
    }
}

/// Appends a string in quotes; escapes `"`, `\`, controls and hidden marks, nothing else.
pub fn write_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut copied = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| needs_escape(*c)) {
        out.extend_from_slice(text.as_bytes().get(copied..at).unwrap_or_default());
        write_escape(out, c);
        copied = at + c.len_utf8();
    }
    out.extend_from_slice(text.as_bytes().get(copied..).unwrap_or_default());
    out.push(b'"');
}

fn needs_escape(c: char) -> bool {
    matches!(c, '"' | '\\') || c.is_control() || is_hidden(c)
}

fn write_escape(out: &mut Vec<u8>, c: char) {
    let short = match c {
        '"' => b"\\\"",
        '\\' => b"\\\\",
        '\u{8}' => b"\\b",
        '\u{C}' => b"\\f",
        '\n' => b"\\n",
        '\r' => b"\\r",
        '\t' => b"\\t",
        _ => {
            out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
            return;
        }
    };
    out.extend_from_slice(short);
}
