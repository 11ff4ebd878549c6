//! Numbers in JSON's grammar (RFC 8259 section 6), kept as text.

use super::Fault;
use crate::error::Code;

/// What a number's text says about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Number {
    /// Byte offset behind its last character.
    pub end: usize,
    /// How it is spelled.
    pub form: Form,
}

/// How a number is spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(
    clippy::exhaustive_enums,
    reason = "JSON's grammar has these forms and no others"
)]
pub enum Form {
    /// Digits only.
    Integer,
    /// With a `.`, without an exponent.
    Fraction,
    /// With `e` or `E`.
    Exponent,
}

/// Scans the number that begins at byte `start`.
///
/// # Errors
/// [`Code::JsonSyntax`] where the grammar is left.
#[inline]
pub fn scan(text: &[u8], start: usize) -> Result<Number, Fault> {
    let mut at = start + usize::from(text.get(start) == Some(&b'-'));
    match text.get(at) {
        Some(b'0') => {
            at += 1;
            if text.get(at).is_some_and(u8::is_ascii_digit) {
                return Err(Fault::new(
                    at,
                    Code::JsonSyntax,
                    "a number without leading zeros",
                ));
            }
        }
        Some(b'1'..=b'9') => at = digits(text, at + 1),
        _ => return Err(Fault::new(at, Code::JsonSyntax, "a digit")),
    }
    match text.get(at) {
        Some(b'.' | b'e' | b'E') => fraction_and_exponent(text, at),
        _ => Ok(Number {
            end: at,
            form: Form::Integer,
        }),
    }
}

fn fraction_and_exponent(text: &[u8], mut at: usize) -> Result<Number, Fault> {
    if text.get(at) == Some(&b'.') {
        at = some_digits(text, at + 1)?;
    }
    if !matches!(text.get(at), Some(b'e' | b'E')) {
        return Ok(Number {
            end: at,
            form: Form::Fraction,
        });
    }
    at += 1;
    at += usize::from(matches!(text.get(at), Some(b'+' | b'-')));
    Ok(Number {
        end: some_digits(text, at)?,
        form: Form::Exponent,
    })
}

#[inline]
fn digits(text: &[u8], at: usize) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    at + rest
        .iter()
        .position(|byte| !byte.is_ascii_digit())
        .unwrap_or(rest.len())
}

fn some_digits(text: &[u8], at: usize) -> Result<usize, Fault> {
    let end = digits(text, at);
    if end == at {
        Err(Fault::new(at, Code::JsonSyntax, "a digit"))
    } else {
        Ok(end)
    }
}

/// Whether the whole text is one number.
pub fn is_number(text: &[u8]) -> bool {
    scan(text, 0).is_ok_and(|number| number.end == text.len())
}

/// Whether an integer's text lies within `min..=max`; the text must be an integer's.
pub fn is_within(text: &[u8], min: i128, max: i128) -> bool {
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse::<i128>().ok())
        .is_some_and(|value| (min..=max).contains(&value))
}

/// Whether a number's text of this form is finite as a double.
#[inline]
pub fn is_finite(text: &[u8], form: Form) -> bool {
    // No double is so small that it has 300 digits before its point.
    form != Form::Exponent && text.len() <= 300 || is_finite_f64(text)
}

/// Whether a number's text is finite as a double.
pub fn is_finite_f64(text: &[u8]) -> bool {
    let short = text.len() <= 300 && !text.iter().any(|byte| matches!(byte, b'e' | b'E'));
    short
        || std::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse::<f64>().ok())
            .is_some_and(f64::is_finite)
}

/// Whether a number's text is finite in single precision.
pub fn is_finite_f32(text: &[u8]) -> bool {
    std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse::<f32>().ok())
        .is_some_and(f32::is_finite)
}
