//! E-mail addresses.

use super::text::Text;
use super::{Detector, Found};
use unicode_normalization::char::is_combining_mark;

/// Looks at each run of characters that addresses have. What stands before the address without a
/// space is hidden with it where it may be a part of it: `user=a@b.example`. In a run with several `@` everything up to
/// the last domain is taken: a rest would show a part of somebody's address.
pub(super) fn scan(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut run: Option<(usize, bool)> = None;
    for (at, character) in text.chars().chain([(text.len(), '\0')]) {
        if is_part(character) {
            let (_, has_sign) = run.get_or_insert((at, false));
            *has_sign |= character == '@';
        } else if let Some((start, true)) = run.take() {
            look_at(start, text.part(start, at), found);
        }
    }
}

fn look_at(offset: usize, run: &str, found: &mut Vec<Found>) {
    let begin = |from: usize| {
        let rest = run.get(from..).unwrap_or_default();
        from + rest.find(is_letter_or_digit).unwrap_or(rest.len())
    };
    let mut push = |start: usize, end: Option<usize>| {
        if let Some(end) = end {
            found.push(Found::new(offset + start, offset + end, Detector::Email));
        }
    };
    let mut start = begin(0);
    let mut end = None;
    let mut at = 0;
    for (number, piece) in run.split('@').enumerate() {
        // The sign stands at `at - 1`; something must stand between the start and it.
        let has_local = number > 0 && start + 1 < at;
        if let Some(length) = domain_length(piece).filter(|_| has_local) {
            end = Some(at + length);
            let rest = piece.get(length..).unwrap_or_default();
            if rest.starts_with(is_separator) {
                push(start, end.take());
                start = begin(at + length);
            }
        }
        at += piece.len() + 1;
    }
    push(start, end);
}

fn is_part(character: char) -> bool {
    is_word(character)
        || is_separator(character)
        || matches!(
            character,
            '@' | '.' | '_' | '%' | '+' | '-' | '\'' | '&' | '~'
        )
}

/// What a local part may hold (RFC 5322, `atext`), and what ends an address if it stands behind a
/// domain.
fn is_separator(character: char) -> bool {
    matches!(
        character,
        '!' | '#' | '$' | '*' | '/' | '=' | '?' | '^' | '`' | '{' | '|' | '}'
    )
}

/// A letter, a digit, or a mark that belongs to one: an accent, a vowel sign, a tone.
fn is_word(character: char) -> bool {
    character.is_alphanumeric() || (!character.is_ascii() && is_combining_mark(character))
}

fn is_letter_or_digit(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// Whether the whole text is a domain with at least one dot.
pub(crate) fn ends_in_domain(text: &str) -> bool {
    domain_length(text) == Some(text.len())
}

/// How many bytes at the beginning are a domain: at least two labels, the last of letters.
fn domain_length(text: &str) -> Option<usize> {
    let in_domain = |c: char| is_word(c) || matches!(c, '-' | '.');
    let end = text.find(|c| !in_domain(c)).unwrap_or(text.len());
    let mut length = None;
    let mut at = 0;
    let domain = text.get(..end)?.trim_end_matches(['-', '.']);
    for (number, label) in domain.split('.').enumerate() {
        if label.is_empty() || label.starts_with('-') || label.ends_with('-') {
            break;
        }
        at += label.len();
        if number > 0 && is_top(label) {
            length = Some(at);
        }
        at += 1;
    }
    length
}

fn is_top(label: &str) -> bool {
    let is_letter = |c: char| is_word(c) && !c.is_numeric();
    let letters = label.chars().all(is_letter) && label.chars().nth(1).is_some();
    letters || label.starts_with("xn--")
}
