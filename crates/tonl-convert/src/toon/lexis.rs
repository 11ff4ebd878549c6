//! The words of TOON: quoted strings, when a string or key may stand without quotes, scalars, and
//! the cells of a line (§4, §7, §11). No other file knows these rules.

use super::options::Delimiter;
use std::borrow::Cow;
use std::ops::Range;
use tonl::scan::{Fault, number::is_number};
use tonl::{Code, Event};

/// A quoted string of a line.
pub(super) struct Quoted<'t> {
    /// The string, decoded.
    pub(super) text: Cow<'t, str>,
    /// Byte offset behind the closing quote.
    pub(super) end: usize,
}

/// Reads the quoted string whose opening quote is at byte `at` of a line (§7.1).
pub(super) fn quoted(line: &str, at: usize) -> Result<Quoted<'_>, Fault> {
    let mut text = Cow::Borrowed("");
    let mut from = at + 1;
    loop {
        let rest = line.get(from..).unwrap_or_default();
        let Some(length) = memchr::memchr2(b'"', b'\\', rest.as_bytes()) else {
            let expected = "a closing quote on the same line";
            return Err(Fault::new(line.len(), Code::UnterminatedQuote, expected));
        };
        let part = rest.get(..length).unwrap_or_default();
        if let Some(at) = part.bytes().position(|byte| byte < b' ' && byte != b'\t') {
            let expected = "control characters as escapes";
            return Err(Fault::new(from + at, Code::ControlCharacter, expected));
        }
        match &mut text {
            text if text.is_empty() => *text = Cow::Borrowed(part),
            text => text.to_mut().push_str(part),
        }
        let stop = from + length;
        if line.as_bytes().get(stop) == Some(&b'"') {
            return Ok(Quoted {
                text,
                end: stop + 1,
            });
        }
        let (c, length) = escape(line, stop)?;
        text.to_mut().push(c);
        from = stop + length;
    }
}

/// The character that the escape at byte `at` stands for, and the escape's length in bytes.
fn escape(line: &str, at: usize) -> Result<(char, usize), Fault> {
    let c = match line.as_bytes().get(at + 1) {
        Some(b'\\') => '\\',
        Some(b'"') => '"',
        Some(b'n') => '\n',
        Some(b'r') => '\r',
        Some(b't') => '\t',
        Some(b'u') => return Ok((scalar_value(line, at)?, 6)),
        _ => {
            let expected = r#"one of the escapes \\ \" \n \r \t \uXXXX"#;
            return Err(Fault::new(at + 1, Code::BadEscape, expected));
        }
    };
    Ok((c, 2))
}

fn scalar_value(line: &str, at: usize) -> Result<char, Fault> {
    let digits = line.get(at + 2..at + 6).unwrap_or_default();
    let is_hexadecimal = digits.len() == 4 && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let value = u32::from_str_radix(digits, 16).ok();
    let Some(value) = value.filter(|_| is_hexadecimal) else {
        let expected = r"four hexadecimal digits after \u";
        return Err(Fault::new(at + 2, Code::BadEscape, expected));
    };
    char::from_u32(value).ok_or_else(|| {
        let expected = "a character that is no surrogate; others than U+0000 to U+FFFF stand raw";
        Fault::new(at, Code::LoneSurrogate, expected)
    })
}

/// Appends a string, in quotes where it needs them next to this delimiter (§7.2).
pub(super) fn write_string(out: &mut Vec<u8>, text: &str, delimiter: Delimiter) {
    if is_bare(text, delimiter) {
        out.extend_from_slice(text.as_bytes());
    } else {
        write_quoted(out, text);
    }
}

/// Appends a key or the name of a field, in quotes unless it is a plain word (§7.3).
pub(super) fn write_key(out: &mut Vec<u8>, key: &str) {
    let mut bytes = key.bytes();
    let begins = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    let goes_on = |byte: u8| begins(byte) || byte.is_ascii_digit() || byte == b'.';
    if bytes.next().is_some_and(begins) && bytes.all(goes_on) {
        out.extend_from_slice(key.as_bytes());
    } else {
        write_quoted(out, key);
    }
}

fn write_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    for byte in text.bytes() {
        match byte {
            b'"' => out.extend_from_slice(b"\\\""),
            b'\\' => out.extend_from_slice(b"\\\\"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            0..0x20 => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}

/// Whether a string may stand without quotes. White space of any kind at its ends needs them here,
/// and so does a byte-order mark, because some readers take it away.
fn is_bare(text: &str, delimiter: Delimiter) -> bool {
    let is_lost = |c: char| c.is_whitespace() || c == '\u{FEFF}';
    let separates = |byte: u8| {
        byte < b' '
            || byte == delimiter.byte()
            || matches!(byte, b':' | b'"' | b'\\' | b'[' | b']' | b'{' | b'}')
    };
    !text.is_empty()
        && !text.starts_with(['-', '#'])
        && !text.starts_with(is_lost)
        && !text.ends_with(is_lost)
        && !matches!(text, "true" | "false" | "null")
        && !text.bytes().any(separates)
        && !looks_numeric(text)
}

/// Whether some reader might take the text for a number: also with a plus or with leading zeros.
fn looks_numeric(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let has_power =
        exponent.is_none_or(|power| digits(power.strip_prefix(['+', '-']).unwrap_or(power)));
    let has_digits = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    has_power && has_digits
}

/// The value of a token without quotes (§4).
fn bare(token: &str) -> Event<'_> {
    match token {
        "null" => Event::Null,
        "true" => Event::Bool(true),
        "false" => Event::Bool(false),
        _ if is_number(token.as_bytes()) => Event::Number(token),
        _ => Event::String(token),
    }
}

/// Sends the value of the token at these bytes of a line, which has no spaces at its ends.
pub(super) fn scalar<T>(
    line: &str,
    at: &Range<usize>,
    send: impl FnOnce(Event<'_>) -> T,
) -> Result<T, Fault> {
    let token = line.get(at.clone()).unwrap_or_default();
    if !token.starts_with('"') {
        return Ok(send(bare(token)));
    }
    let string = quoted(line, at.start)?;
    if string.end != at.end {
        return Err(behind_quote(string.end));
    }
    Ok(send(Event::String(&string.text)))
}

/// Finds the cells between byte `from` and the end of a line, spaces around them left out. Nothing
/// but spaces is no cell.
pub(super) fn cells(
    line: &str,
    from: usize,
    delimiter: Delimiter,
    cells: &mut Vec<Range<usize>>,
) -> Result<(), Fault> {
    cells.clear();
    let bytes = line.as_bytes();
    let Range { start, end } = trimmed(line, from..line.len());
    let mut at = start;
    while at < end || !cells.is_empty() {
        at = skip_spaces(line, at).min(end);
        let stop = if at < end && bytes.get(at) == Some(&b'"') {
            let stop = skip_spaces(line, quoted(line, at)?.end).min(end);
            if stop < end && bytes.get(stop) != Some(&delimiter.byte()) {
                return Err(behind_quote(stop));
            }
            stop
        } else {
            let delimiter = delimiter.byte();
            find_outside_quotes(line, at..end, delimiter, delimiter).unwrap_or(end)
        };
        cells.push(trimmed(line, at..stop));
        if stop >= end {
            break;
        }
        at = stop + 1;
    }
    Ok(())
}

/// The first of two characters that stands outside quotes. A quote may open within a word; one that
/// is not closed hides the rest.
pub(super) fn find_outside_quotes(
    line: &str,
    within: Range<usize>,
    one: u8,
    other: u8,
) -> Option<usize> {
    let bytes = line.as_bytes().get(..within.end)?;
    let mut at = within.start;
    loop {
        at += memchr::memchr3(one, other, b'"', bytes.get(at..)?)?;
        if bytes.get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
        loop {
            at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
            if bytes.get(at) == Some(&b'"') {
                break;
            }
            at += 2;
        }
        at += 1;
    }
}

fn behind_quote(at: usize) -> Fault {
    let expected = "a delimiter or the end of the line after the closing quote";
    Fault::new(at, Code::UnquotedCharacter, expected)
}

/// These bytes of a line without the spaces at both ends; no other white space counts (§12).
pub(super) fn trimmed(line: &str, at: Range<usize>) -> Range<usize> {
    let text = line.get(at.clone()).unwrap_or_default();
    let start = at.start + (text.len() - text.trim_start_matches(' ').len());
    let end = at.start + text.trim_end_matches(' ').len();
    start..end.max(start)
}

/// The first byte at or after `at` that is no space.
pub(super) fn skip_spaces(line: &str, at: usize) -> usize {
    trimmed(line, at..line.len()).start
}
