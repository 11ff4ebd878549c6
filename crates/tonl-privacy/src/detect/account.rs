//! International bank account numbers.
//!
//! *Source:* ISO 13616; the lengths are those of the IBAN registry.

use super::text::{Text, is_word};
use super::{Detector, Found};

/// Finds account numbers, with single spaces between their characters or without.
pub(super) fn scan(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut at = 0;
    while at < text.len() {
        match account(text, at) {
            Some(end) => {
                found.push(Found::new(at, end, Detector::Iban));
                at = end;
            }
            None => at += 1,
        }
    }
}

fn account(text: &Text<'_>, start: usize) -> Option<usize> {
    let country = [text.at(start), text.at(start + 1)].map(|byte| byte.to_ascii_uppercase());
    let is_begin = country.iter().all(u8::is_ascii_uppercase)
        && text.at(start + 2).is_ascii_digit()
        && !text.follows_word(start);
    if !is_begin {
        return None;
    }
    let length = length_in(country)?;
    let mut characters = Vec::with_capacity(length);
    let mut at = start;
    while characters.len() < length {
        match text.at(at) {
            byte if byte.is_ascii_alphanumeric() => characters.push(byte.to_ascii_uppercase()),
            b' ' if text.at(at + 1).is_ascii_alphanumeric() => {}
            _ => return None,
        }
        at += 1;
    }
    (!is_word(text.at(at)) && remainder(&characters) == 1).then_some(at)
}

/// The remainder modulo 97 of the number that the characters stand for, the first four at the end.
fn remainder(characters: &[u8]) -> u32 {
    let rotated = characters.iter().skip(4).chain(characters.iter().take(4));
    rotated.fold(0, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        _ => (rest * 100 + u32::from(byte.saturating_sub(b'A')) + 10) % 97,
    })
}

/// How many characters an account number of this country has.
fn length_in(country: [u8; 2]) -> Option<usize> {
    let found = LENGTHS.iter().find(|(_, countries)| {
        countries
            .as_bytes()
            .chunks(3)
            .any(|c| c.starts_with(&country))
    });
    found.map(|(length, _)| *length)
}

/// The countries with account numbers of one length, three bytes each.
const LENGTHS: &[(usize, &str)] = &[
    (15, "NO"),
    (16, "BE"),
    (18, "DK FI FK FO GL NL SD"),
    (19, "MK SI"),
    (20, "AT BA EE KZ LT LU MN XK"),
    (21, "CH HR LI LV"),
    (22, "BG BH CR DE GB GE IE ME RS VA"),
    (23, "AE GI IL IQ OM SO TL"),
    (24, "AD CZ ES MD PK RO SA SE SK TN VG"),
    (25, "LY PT ST"),
    (26, "IS TR"),
    (27, "BI DJ FR GR IT MC MR SM"),
    (28, "AL AZ BY CY DO GT HN HU LB NI PL SV"),
    (29, "BR EG PS QA UA"),
    (30, "JO KW MU YE"),
    (31, "MT SC"),
    (32, "LC"),
    (33, "RU"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_judged_modulo_97() {
        assert_eq!(remainder(b"GB82WEST12345698765432"), 1);
        assert_ne!(remainder(b"GB82WEST12345698765433"), 1);
    }

    #[test]
    fn every_country_is_listed_once() {
        let mut all: Vec<&str> = LENGTHS
            .iter()
            .flat_map(|(_, list)| list.split(' '))
            .collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(all.iter().all(|country| country.len() == 2));
        assert_eq!(length_in(*b"DE"), Some(22));
        assert_eq!(length_in(*b"US"), None);
        assert_eq!(length_in(*b" D"), None);
    }
}
