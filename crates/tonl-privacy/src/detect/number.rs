//! Numbers for people: payment cards, social security numbers, phone numbers.
//!
//! A number begins where no word ends, so that in a long run of digits one place is tried, and from
//! each place a bounded number of bytes is read.

use super::text::{Text, is_word};
use super::{Detector, Found};

/// Calls `look` at every place that may begin a number; it gives the end of what it found.
fn each_start(
    text: &Text<'_>,
    detector: Detector,
    found: &mut Vec<Found>,
    look: impl Fn(&Text<'_>, usize) -> Option<usize>,
) {
    let mut at = 0;
    while at < text.len() {
        let may_begin = matches!(text.at(at), b'0'..=b'9' | b'+' | b'(');
        let begins = may_begin && !text.follows_word(at);
        at = match begins.then(|| look(text, at)).flatten() {
            Some(end) => {
                found.push(Found::new(at, end, detector));
                end
            }
            None => at + 1,
        };
    }
}

/// Finds payment cards.
pub(super) fn cards(text: &Text<'_>, found: &mut Vec<Found>) {
    each_start(text, Detector::Card, found, card);
}

fn card(text: &Text<'_>, start: usize) -> Option<usize> {
    if text.follows_digits(start, b".") {
        return None;
    }
    let mut digits = Vec::with_capacity(CARD_DIGITS);
    let mut end = None;
    let mut at = start;
    while digits.len() < CARD_DIGITS {
        match text.at(at) {
            digit @ b'0'..=b'9' => digits.push(digit),
            b' ' | b'-' if !digits.is_empty() && text.at(at + 1).is_ascii_digit() => {
                at += 1;
                continue;
            }
            _ => break,
        }
        at += 1;
        if is_card_number(&digits) && !text.precedes_digits(at, b".") && !is_word(text.at(at)) {
            end = Some(at);
        }
    }
    end
}

const CARD_DIGITS: usize = 19;

/// The digits of a JSON number that is a card: `4111111111111111`, also with a sign, with zeros behind
/// the point, or with an exponent.
pub(crate) fn card_digits(number: &str) -> Option<String> {
    let number = number.strip_prefix('-').unwrap_or(number);
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let fraction = fraction.trim_end_matches('0');
    let exponent: i64 = exponent.parse().ok()?;
    let zeros = usize::try_from(exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?).ok();
    let mut digits = format!("{whole}{fraction}");
    match zeros {
        Some(zeros) if zeros <= CARD_DIGITS => digits.extend(std::iter::repeat_n('0', zeros)),
        // Digits behind the point may be zeros of the whole: 41111111111111110e-1.
        None if fraction.is_empty() => {
            let cut = usize::try_from(exponent.checked_neg()?).ok()?;
            let kept = digits.len().checked_sub(cut)?;
            let rest = digits.split_off(kept);
            if rest.bytes().any(|digit| digit != b'0') {
                return None;
            }
        }
        Some(_) | None => return None,
    }
    let digits = digits.trim_start_matches('0');
    is_card_number(digits.as_bytes()).then(|| digits.to_owned())
}

/// Whether these are the digits (as ASCII) of a card of a known issuer, the check digit right.
fn is_card_number(digits: &[u8]) -> bool {
    let prefix = digits
        .iter()
        .take(2)
        .fold(0, |number, digit| number * 10 + u32::from(digit - b'0'));
    let is_issued = match digits.len() {
        13 => (40..50).contains(&prefix),
        14 => matches!(prefix, 30 | 36 | 38 | 39),
        15 => matches!(prefix, 34 | 37),
        16 => matches!(prefix, 22..=27 | 35 | 40..=69),
        17..=CARD_DIGITS => (40..70).contains(&prefix),
        _ => false,
    };
    is_issued && is_luhn(digits)
}

/// Whether the last of these digits (as ASCII) is the check digit of the others. No digits, and
/// nothing but zeros, have none.
pub(crate) fn is_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(place, digit)| {
            let value = u32::from(digit.wrapping_sub(b'0') % 10) << (place % 2);
            value / 10 + value % 10
        })
        .sum();
    sum > 0 && sum.is_multiple_of(10)
}

/// Finds social security numbers.
pub(super) fn social_security(text: &Text<'_>, found: &mut Vec<Found>) {
    each_start(text, Detector::Ssn, found, |text, start| {
        let separator @ (b'-' | b' ') = text.at(start + 3) else {
            return None;
        };
        let end = grouped(text, start, &[3, 2, 4], separator)?;
        let is_alone = !text.follows_digits(start, b"-.")
            && !is_word(text.at(end))
            && !text.precedes_digits(end, b"-.");
        let number = |from, to| text.part(start + from, start + to);
        let area = number(0, 3);
        let is_issued = !matches!(area, "000" | "666")
            && !area.starts_with('9')
            && number(4, 6) != "00"
            && number(7, 11) != "0000";
        (is_alone && is_issued).then_some(end)
    });
}

/// The end of groups of so many digits with this separator between them.
fn grouped(text: &Text<'_>, start: usize, groups: &[usize], separator: u8) -> Option<usize> {
    let mut at = start;
    for (number, length) in groups.iter().enumerate() {
        if number > 0 {
            if text.at(at) != separator {
                return None;
            }
            at += 1;
        }
        for _ in 0..*length {
            if !text.at(at).is_ascii_digit() {
                return None;
            }
            at += 1;
        }
    }
    Some(at)
}

/// Finds phone numbers.
pub(super) fn phones(text: &Text<'_>, found: &mut Vec<Found>) {
    each_start(text, Detector::Phone, found, |text, start| {
        let end = international(text, start).or_else(|| north_american(text, start))?;
        (!is_word(text.at(end))).then_some(end)
    });
}

/// `+`, then 8 to 15 digits (E.164) with at most two separators between two of them.
fn international(text: &Text<'_>, start: usize) -> Option<usize> {
    if text.at(start) != b'+' || !matches!(text.at(start + 1), b'1'..=b'9' | b'(') {
        return None;
    }
    let (mut digits, mut separators) = (0, 0);
    let mut at = start + 1;
    let mut end = at;
    loop {
        match text.at(at) {
            b'0'..=b'9' if digits == PHONE_DIGITS => break,
            b'0'..=b'9' => {
                (digits, separators) = (digits + 1, 0);
                end = at + 1;
            }
            b' ' | b'-' | b'.' | b'(' | b')' | b'/' if separators < 2 => separators += 1,
            _ => break,
        }
        at += 1;
    }
    let is_whole = !text.at(end).is_ascii_digit();
    (digits >= 8 && is_whole).then_some(end)
}

const PHONE_DIGITS: usize = 15;

/// `ddd-ddd-dddd` with one separator throughout, or `(ddd) ddd-dddd`; before it perhaps a 1.
fn north_american(text: &Text<'_>, start: usize) -> Option<usize> {
    if text.follows_digits(start, b"-.") {
        return None;
    }
    let country = text.at(start) == b'1' && matches!(text.at(start + 1), b' ' | b'-' | b'.');
    let area = if country { start + 2 } else { start };
    let end = if text.at(area) == b'(' {
        let closed = grouped(text, area + 1, &[3], b'-').filter(|at| text.at(*at) == b')')?;
        let next = closed + 1 + usize::from(text.at(closed + 1) == b' ');
        [b'-', b' ', b'.']
            .iter()
            .find_map(|separator| grouped(text, next, &[3, 4], *separator))?
    } else {
        let separator = text.at(area + 3);
        if !matches!(separator, b'-' | b'.' | b' ') {
            return None;
        }
        grouped(text, area, &[3, 3, 4], separator)?
    };
    let first = text.at(area + usize::from(text.at(area) == b'('));
    let is_alone = !text.precedes_digits(end, b"-.");
    (is_alone && matches!(first, b'2'..=b'9')).then_some(end)
}
