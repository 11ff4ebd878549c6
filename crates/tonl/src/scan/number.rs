//! Numbers in JSON's grammar (RFC 8259 section 6), kept as text.

use super::Fault;
use super::lanes::{self, HALF, STEP, Step};
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
    match short(text, start) {
        Some(number) => Ok(number),
        None => scan_longer(text, start),
    }
}

/// A number without an exponent that ends within half a step of a longer text: almost every one.
#[inline]
fn short(text: &[u8], start: usize) -> Option<Number> {
    let bytes = text.get(start..)?.first_chunk::<HALF>()?;
    within(bytes, u32::from(!lanes::digits(*bytes)), start)
}

#[inline(never)]
fn scan_longer(text: &[u8], start: usize) -> Result<Number, Fault> {
    let step = text.get(start..).and_then(<[u8]>::first_chunk::<STEP>);
    let number = step.and_then(|step| within(step, !Step::new(*step).digits(), start));
    match number {
        Some(number) => Ok(number),
        None => scan_by_bytes(text, start),
    }
}

/// A number without an exponent that ends within these bytes, which begin at `start`; `others` has a
/// bit for each of them that is no digit.
#[inline]
fn within(bytes: &[u8], others: u32, start: usize) -> Option<Number> {
    let sign = u32::from(bytes.first() == Some(&b'-'));
    let behind = |at: u32| bytes.get(at as usize);
    let whole = run_of_digits(others, sign)?;
    if behind(sign) == Some(&b'0') && whole > sign + 1 {
        return None;
    }
    let (end, form) = match behind(whole)? {
        b'.' => (run_of_digits(others, whole + 1)?, Form::Fraction),
        _ => (whole, Form::Integer),
    };
    let has_exponent = matches!(behind(end), Some(b'e' | b'E'));
    (!has_exponent).then_some(Number {
        end: start + end as usize,
        form,
    })
}

/// The byte behind the digits at byte `at` of a step, if there are some and they end within it.
#[inline]
fn run_of_digits(others: u32, at: u32) -> Option<u32> {
    let ahead = others.checked_shr(at)?;
    let digits = ahead.trailing_zeros();
    (digits != 0 && ahead != 0).then_some(at + digits)
}

fn scan_by_bytes(text: &[u8], start: usize) -> Result<Number, Fault> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    #[test]
    fn numbers_end_where_their_grammar_ends() {
        for (text, end, form) in [
            ("0", 1, Form::Integer),
            ("-0,", 2, Form::Integer),
            ("12]", 2, Form::Integer),
            ("0.50 ", 4, Form::Fraction),
            ("-1.0x", 4, Form::Fraction),
            ("1e5", 3, Form::Exponent),
            ("1E+05}", 5, Form::Exponent),
            ("1.5e-10.5", 7, Form::Exponent),
            ("12345678901234567890123", 23, Form::Integer),
        ] {
            assert_eq!(scan(text.as_bytes(), 0), Ok(Number { end, form }), "{text}");
            let later = format!("  {text}");
            assert_eq!(scan(later.as_bytes(), 2), Ok(Number { end: end + 2, form }));
            assert_eq!(is_number(text.as_bytes()), end == text.len(), "{text}");
        }
    }

    #[test]
    fn a_step_of_many_bytes_and_single_bytes_see_the_same_number() {
        let pieces = [
            "-", "0", "00", "1", "07", "12345678", ".", "e", "E-", "+", ",", " ", "x",
        ];
        for seed in 0..20_000 {
            let mut random = Random::new(seed);
            let mut text = String::new();
            for _ in 0..=random.below(8) {
                text += random.pick::<&str>(&pieces);
            }
            text += &"5".repeat(random.below(2) * random.below(40));
            text += random.pick::<&str>(&["", "]", ".5", ","]);
            text += &" ".repeat(random.below(40));
            let found = scan(text.as_bytes(), 0);
            assert_eq!(found, scan_by_bytes(text.as_bytes(), 0), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_number_says_where() {
        for (text, at) in [
            ("", 0),
            ("-", 1),
            ("-a", 1),
            ("+1", 0),
            (".5", 0),
            ("01", 1),
            ("-00", 2),
            ("1.", 2),
            ("1.e5", 2),
            ("1e", 2),
            ("1e+", 3),
            ("1e-x", 3),
        ] {
            let fault = scan(text.as_bytes(), 0).unwrap_err();
            assert_eq!((fault.code, fault.at), (Code::JsonSyntax, at), "{text}");
            assert!(!is_number(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn integers_are_compared_exactly() {
        let (min, max) = (i64::MIN.into(), i64::MAX.into());
        for (text, is_in) in [
            ("9223372036854775807", true),
            ("9223372036854775808", false),
            ("-9223372036854775808", true),
            ("-9223372036854775809", false),
            ("-0", true),
            ("1000000000000000000000000000000000000000000", false),
        ] {
            assert_eq!(is_within(text.as_bytes(), min, max), is_in, "{text}");
        }
    }

    #[test]
    fn numbers_are_finite_up_to_the_greatest_double_and_single() {
        let long = "9".repeat(309);
        for (text, double, single) in [
            ("1.7976931348623157e308", true, false),
            ("1.8e308", false, false),
            ("-1e309", false, false),
            ("1e-400", true, true),
            ("3.4e38", true, true),
            ("3.5e38", true, false),
            ("0.5", true, true),
            (&"9".repeat(300), true, false),
            (&long, false, false),
        ] {
            let Number { form, .. } = scan(text.as_bytes(), 0).unwrap();
            assert_eq!(is_finite(text.as_bytes(), form), double, "{text}");
            assert_eq!(is_finite_f64(text.as_bytes()), double, "{text}");
            assert_eq!(is_finite_f32(text.as_bytes()), single, "{text}");
        }
    }
}
