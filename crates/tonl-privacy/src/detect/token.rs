//! Secrets of machines: web tokens, and keys with a known prefix.

use super::text::{Text, is_word};
use super::{Detector, Found};

/// Finds web tokens: three parts of base64url with dots between them, the first two being JSON
/// objects, which begin with `eyJ`. The last part may be empty.
pub(super) fn web_tokens(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut at = 0;
    while at < text.len() {
        if text.at(at) != b'e' || text.at(at + 1) != b'y' || text.at(at + 2) != b'J' {
            at += 1;
            continue;
        }
        if text.before(at).is_ascii_alphanumeric() {
            at += 3;
            continue;
        }
        // Whatever comes out, this part is not read again, and the next one at most once.
        let header = text.run_end(at, is_base64url);
        if text.at(header) != b'.' || text.part(header + 1, header + 4) != "eyJ" {
            at = header;
            continue;
        }
        let claims = text.run_end(header + 1, is_base64url);
        if text.at(claims) != b'.' {
            at = claims;
            continue;
        }
        let end = text.run_end(claims + 1, is_base64url);
        found.push(Found::new(at, end, Detector::Jwt));
        at = end;
    }
}

fn is_base64url(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

/// Finds keys: a known prefix at the start of a run of letters, digits, `_` and `-`.
pub(super) fn api_keys(text: &Text<'_>, found: &mut Vec<Found>) {
    let mut at = 0;
    while at < text.len() {
        let end = text.run_end(at, is_base64url);
        if let Some(end) = key(text, at, end) {
            found.push(Found::new(at, end, Detector::ApiKey));
            at = end;
        } else {
            at = end + 1;
        }
    }
}

/// The end of the key that begins at `start`, of which the run ends at `end`.
fn key(text: &Text<'_>, start: usize, end: usize) -> Option<usize> {
    let head = text.part(start, end.min(start + LONGEST_PREFIX));
    let (prefix, least) = PREFIXES
        .iter()
        .find(|(prefix, _)| head.starts_with(prefix))?;
    let rest = end - start - prefix.len().min(end - start);
    (rest >= *least).then_some(end)
}

const LONGEST_PREFIX: usize = 16;

/// Prefixes and how many characters at least follow them.
const PREFIXES: &[(&str, usize)] = &[
    ("sk-", 16),
    ("sk_live_", 10),
    ("sk_test_", 10),
    ("rk_live_", 10),
    ("rk_test_", 10),
    ("whsec_", 16),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("AKIA", 16),
    ("ASIA", 16),
    ("AIza", 30),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xoxr-", 10),
    ("xoxs-", 10),
    ("xapp-", 10),
    ("npm_", 30),
    ("pypi-", 30),
    ("hf_", 20),
    ("dop_v1_", 30),
    ("shpat_", 20),
    ("lin_api_", 20),
    ("pcsk_", 20),
    ("tvly-", 16),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_prefix_is_longer_than_what_is_looked_at_or_hidden_by_another() {
        for (at, (prefix, least)) in PREFIXES.iter().enumerate() {
            assert!(prefix.len() <= LONGEST_PREFIX && *least >= 10);
            let earlier = PREFIXES.iter().take(at);
            assert!(
                earlier
                    .into_iter()
                    .all(|(other, _)| !prefix.starts_with(other))
            );
        }
    }
}
