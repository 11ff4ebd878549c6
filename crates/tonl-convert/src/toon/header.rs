//! What begins on a line: a header, a member, or neither (§6, §8).

use super::field::{self, Fields};
use super::lexis;
use super::options::{Delimiter, Strictness};
use std::borrow::Cow;
use tonl::Code;
use tonl::scan::Fault;

/// The brackets of a header and what follows them, down to the colon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// How many values, rows or entries it announces.
    pub(super) count: u64,
    /// Whether it announces the entries of an object.
    pub(super) is_keyed: bool,
    pub(super) delimiter: Delimiter,
    pub(super) fields: Option<Fields>,
    /// Byte offset behind the colon.
    pub(super) end: usize,
}

/// What a line, or the rest of a list item's line, begins with.
pub(super) enum Entry<'t> {
    /// A header, at the root and in lists perhaps without a key.
    Header(Option<Cow<'t, str>>, Header),
    /// A key, and the byte offset behind its colon.
    Member(Cow<'t, str>, usize),
    /// No colon: a scalar.
    Scalar,
}

/// Reads what begins at byte `at` of a line, which is no space.
///
/// # Errors
/// A quoted key without a colon, a malformed header; see [`Strictness::Lenient`].
pub(super) fn entry(line: &str, at: usize, strictness: Strictness) -> Result<Entry<'_>, Fault> {
    let rest = line.get(at..).unwrap_or_default();
    if rest.starts_with('"') {
        return quoted_entry(line, at, strictness);
    }
    let Some(colon) = lexis::find_outside_quotes(line, at..line.len(), b':', b':') else {
        return Ok(Entry::Scalar);
    };
    let member = || {
        let key = line.get(at..colon).unwrap_or_default();
        Entry::Member(Cow::Borrowed(key.trim_end_matches(' ')), colon + 1)
    };
    let Some(bracket) = lexis::find_outside_quotes(line, at..colon, b'[', b'[') else {
        return Ok(member());
    };
    let key = line.get(at..bracket).unwrap_or_default();
    if key.ends_with(' ') {
        let expected = "no space between a key and its brackets";
        return Err(Fault::new(bracket - 1, Code::HeaderSyntax, expected));
    }
    match header(line, bracket, strictness) {
        Ok(header) => {
            let key = (!key.is_empty()).then_some(Cow::Borrowed(key));
            Ok(Entry::Header(key, header))
        }
        Err(_) if strictness == Strictness::Lenient && !key.is_empty() => Ok(member()),
        Err(fault) => Err(fault),
    }
}

fn quoted_entry(line: &str, at: usize, strictness: Strictness) -> Result<Entry<'_>, Fault> {
    let key = lexis::quoted(line, at)?;
    let next = lexis::skip_spaces(line, key.end);
    match line.as_bytes().get(next) {
        None => Ok(Entry::Scalar),
        Some(b':') => Ok(Entry::Member(key.text, next + 1)),
        Some(b'[') if next == key.end => {
            let header = header(line, next, strictness)?;
            Ok(Entry::Header(Some(key.text), header))
        }
        Some(_) => {
            let expected = "a colon after the key";
            Err(Fault::new(next, Code::HeaderSyntax, expected))
        }
    }
}

/// Splits an entry of a keyed header at its first colon outside quotes: the key, and the byte offset
/// behind the colon (§9.5).
pub(super) fn keyed_entry(line: &str, at: usize) -> Result<(Cow<'_, str>, usize), Fault> {
    if line.as_bytes().get(at) == Some(&b'"') {
        let key = lexis::quoted(line, at)?;
        let next = lexis::skip_spaces(line, key.end);
        if line.as_bytes().get(next) == Some(&b':') {
            return Ok((key.text, next + 1));
        }
    } else if let Some(colon) = lexis::find_outside_quotes(line, at..line.len(), b':', b':') {
        let key = line.get(at..colon).unwrap_or_default();
        return Ok((Cow::Borrowed(key.trim_end_matches(' ')), colon + 1));
    }
    let expected = "an entry: a key, a colon and cells";
    Err(Fault::new(at, Code::HeaderSyntax, expected))
}

/// Reads the header whose opening bracket is at byte `at`.
fn header(line: &str, at: usize, strictness: Strictness) -> Result<Header, Fault> {
    let fault = |at, expected| Err(Fault::new(at, Code::HeaderSyntax, expected));
    let bytes = line.as_bytes();
    let rest = line.get(at + 1..).unwrap_or_default();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let count = rest.get(..digits).unwrap_or_default();
    let has_zeros = digits > 1 && count.starts_with('0');
    let Some(count) = count.parse().ok().filter(|_| !has_zeros) else {
        return fault(at + 1, "a count without sign and leading zeros");
    };
    let mut at = at + 1 + digits;
    let is_keyed = bytes.get(at) == Some(&b':');
    at += usize::from(is_keyed);
    let delimiter = match bytes.get(at) {
        Some(b'\t') => Delimiter::Tab,
        Some(b'|') => Delimiter::Pipe,
        _ => Delimiter::Comma,
    };
    at += usize::from(delimiter != Delimiter::Comma);
    if bytes.get(at) != Some(&b']') {
        return fault(at, "the closing bracket of the header");
    }
    at += 1;
    let mut fields = None;
    if bytes.get(at) == Some(&b'{') {
        let (parsed, end) = field::parse(line, at, delimiter, strictness)?;
        fields = Some(parsed);
        at = end;
    }
    if bytes.get(at) != Some(&b':') {
        return fault(at, "a colon right after the header");
    }
    if is_keyed && fields.is_none() {
        return fault(at, "fields in braces, as a header with [N:] has");
    }
    let end = at + 1;
    if fields.is_some() && lexis::skip_spaces(line, end) < line.len() {
        return fault(end, "the end of the line after a header with fields");
    }
    Ok(Header {
        count,
        is_keyed,
        delimiter,
        fields,
        end,
    })
}
