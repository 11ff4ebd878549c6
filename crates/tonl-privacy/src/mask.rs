//! Masks: what is left of a text so that its kind can still be seen.
//!
//! The shapes are those that the format's first product documents. What they would show of short
//! secrets, of passwords with an `@` and of dates is mended here; see [`mask`].

use crate::detect::{ends_in_domain, is_luhn};

/// What stands for a value of which nothing may be shown.
pub(crate) const REDACTED: &str = "[REDACTED]";
/// What stands for a number, a boolean, an object or an array under a mask.
pub(crate) const OPAQUE: &str = "***";

/// The masked form of a text, the first of these that fits:
///
/// | text | becomes |
/// |---|---|
/// | three characters or fewer | `[REDACTED]` |
/// | an e-mail address: something, `@`, a domain with a dot | its first character, `***@`, the domain behind the last `@`; of a local part of one character nothing |
/// | `ddd-dd-dddd` | `***-**-` and the last four digits |
/// | 16 digits, in groups of four or without groups; 13 to 19 digits with a right check digit | `****-****-****-` and the last four digits |
/// | 8 to 15 digits with a leading `+` or with spaces, dashes or parentheses between them, no date | `***-***-` and the last four digits |
/// | anything else | its first character, `***`, its last character |
///
/// Digits without a separator are no phone number: they may as well be an account number, of which
/// four digits are too many.
pub fn mask(text: &str) -> String {
    let mut out = String::new();
    mask_into(text, &mut out);
    out
}

/// Appends the masked form of a text.
pub(crate) fn mask_into(text: &str, out: &mut String) {
    if text.chars().nth(3).is_none() {
        out.push_str(REDACTED);
    } else if let Some((local, domain)) = address(text) {
        mask_address(local, domain, out);
    } else if is_social_security(text) {
        out.push_str("***-**-");
        last_digits(text, out);
    } else if is_card(text) {
        mask_card(text, out);
    } else if is_phone(text) {
        mask_phone(text, out);
    } else {
        out.extend(text.chars().next());
        out.push_str(OPAQUE);
        out.extend(text.chars().next_back());
    }
}

/// Appends the masked form of an address that is known to be one.
pub(crate) fn mask_email(text: &str, out: &mut String) {
    match text.rsplit_once('@') {
        Some((local, domain)) => mask_address(local, domain, out),
        None => out.push_str(OPAQUE),
    }
}

pub(crate) fn mask_card(text: &str, out: &mut String) {
    out.push_str("****-****-****-");
    last_digits(text, out);
}

pub(crate) fn mask_phone(text: &str, out: &mut String) {
    out.push_str("***-***-");
    last_digits(text, out);
}

pub(crate) fn mask_social_security(text: &str, out: &mut String) {
    out.push_str("***-**-");
    last_digits(text, out);
}

fn mask_address(local: &str, domain: &str, out: &mut String) {
    if local.chars().nth(1).is_some() {
        out.extend(local.chars().next());
    }
    out.push_str("***@");
    out.push_str(domain);
}

fn address(text: &str) -> Option<(&str, &str)> {
    let (local, domain) = text.rsplit_once('@')?;
    ends_in_domain(domain).then_some((local, domain))
}

fn last_digits(text: &str, out: &mut String) {
    let digits = text.bytes().filter(u8::is_ascii_digit);
    let count = digits.clone().count();
    out.extend(digits.skip(count.saturating_sub(4)).map(char::from));
}

/// The text with each digit as `d`; nothing if it is too long to be a number for people.
fn shape(text: &str) -> Option<String> {
    let digit = |c: char| if c.is_ascii_digit() { 'd' } else { c };
    (text.len() <= LONGEST).then(|| text.chars().map(digit).collect())
}

/// Nineteen digits with a separator after each, and some.
const LONGEST: usize = 40;

fn is_social_security(text: &str) -> bool {
    shape(text).is_some_and(|shape| shape == "ddd-dd-dddd")
}

fn is_card(text: &str) -> bool {
    if text.len() > LONGEST || !is_grouped(text, b" -") {
        return false;
    }
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).collect();
    match digits.len() {
        16 => text.split([' ', '-']).all(|group| group.len() % 4 == 0) || is_luhn(&digits),
        13..=19 => is_luhn(&digits),
        _ => false,
    }
}

/// Digits with at most one separator between two of them.
fn is_grouped(text: &str, separators: &[u8]) -> bool {
    let mut may_separate = false;
    let fits = text.bytes().all(|byte| {
        let fits = byte.is_ascii_digit() || (may_separate && separators.contains(&byte));
        may_separate = byte.is_ascii_digit();
        fits
    });
    fits && may_separate
}

fn is_phone(text: &str) -> bool {
    let Some(shape) = shape(text) else {
        return false;
    };
    let body = shape.strip_prefix('+').unwrap_or(&shape);
    let digits = body.bytes().filter(|byte| *byte == b'd').count();
    let fits = body
        .bytes()
        .all(|b| matches!(b, b'd' | b' ' | b'-' | b'(' | b')'));
    let is_written_as_one = shape.starts_with('+') || digits < body.len();
    let is_date = matches!(
        shape.as_str(),
        "dddd-dd-dd" | "dd-dd-dddd" | "dddd dd dd" | "dd dd dddd"
    );
    (8..=15).contains(&digits) && fits && is_written_as_one && !is_date
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_secrets_show_nothing() {
        for text in ["", "1", "12", "123", "äöü", "a@b"] {
            assert_eq!(mask(text), REDACTED, "{text}");
        }
    }

    #[test]
    fn addresses_keep_their_first_character_and_their_domain() {
        for (text, masked) in [
            ("alice@example.com", "a***@example.com"),
            ("ö.x@bücher.example", "ö***@bücher.example"),
            ("a@example.com", "***@example.com"),
            ("@example.com", "***@example.com"),
            ("a@secret@example.com", "a***@example.com"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn a_password_with_an_at_sign_is_no_address() {
        for (text, masked) in [
            ("p@ssw0rd!", "p***!"),
            ("hunter2@", "h***@"),
            ("a@b.c1", "a***1"),
            ("x@my secret.com y", "x***y"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn cards_of_every_length_are_cards() {
        for (text, masked) in [
            ("4532-1234-5678-9010", "****-****-****-9010"),
            ("4532 1234 5678 9010", "****-****-****-9010"),
            ("4532123456789010", "****-****-****-9010"),
            ("3782 822463 10005", "****-****-****-0005"),
            ("378282246310005", "****-****-****-0005"),
            ("30569309025904", "****-****-****-5904"),
            ("4532-1234--5678-9010", "4***0"),
            ("378282246310006", "3***6"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn phones_need_a_sign_that_they_are_one() {
        for (text, masked) in [
            ("+1-555-123-4567", "***-***-4567"),
            ("555-123-4567", "***-***-4567"),
            ("(555) 123 4567", "***-***-4567"),
            ("+4930123456", "***-***-3456"),
            ("5551234567", "5***7"),
            ("2025-01-31", "2***1"),
            ("31-01-2025", "3***5"),
            ("123-4567", "1***7"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn social_security_numbers_show_four_digits() {
        assert_eq!(mask("123-45-6789"), "***-**-6789");
        assert_eq!(mask("123-45-678"), "***-***-5678");
    }

    #[test]
    fn everything_else_shows_its_ends() {
        for (text, masked) in [
            ("HelloWorld", "H***d"),
            ("1234567890", "1***0"),
            ("日本語テキスト", "日***ト"),
            ("abcd", "a***d"),
        ] {
            assert_eq!(mask(text), masked);
        }
    }

    #[test]
    fn a_long_text_is_masked_without_a_detour() {
        let digits = "1 ".repeat(1 << 20);
        assert_eq!(mask(&digits), "1*** ");
    }
}
