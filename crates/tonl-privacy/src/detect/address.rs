//! Addresses of machines.

use super::text::{Text, is_word};
use super::{Detector, Found};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Finds IPv4 addresses: four numbers from 0 to 255 that are no part of a longer chain.
pub(super) fn v4(text: &Text<'_>, found: &mut Vec<Found>) {
    let class = |byte: u8| byte.is_ascii_digit() || byte == b'.';
    runs(text, class, |start, part| {
        let end = start + part.len();
        let is_address = part.len() <= V4_BYTES && part.parse::<Ipv4Addr>().is_ok();
        if is_address && !text.follows_word(start) && !is_word(text.at(end)) {
            found.push(Found::new(start, end, Detector::Ipv4));
        }
    });
}

const V4_BYTES: usize = 15;
const V6_BYTES: usize = 45;

/// Finds IPv6 addresses with at least two groups of digits, and `::1`. What stands before a colon may
/// be a word instead of the first group: `source:2001:db8::1`, `node:`, `ip6:`.
pub(super) fn v6(text: &Text<'_>, found: &mut Vec<Found>) {
    let class = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    runs(text, class, |start, part| {
        // A colon beside an address belongs to the sentence, a double one to the address.
        let part = match part.strip_suffix(':') {
            Some(shorter) if !shorter.ends_with(':') => shorter,
            _ => part,
        };
        let end = start + part.len();
        let behind = part.find(':').map_or(part.len(), |colon| colon + 1);
        let address = [0, behind].into_iter().find(|skipped| {
            let rest = part.get(*skipped..).unwrap_or_default();
            is_v6(rest) && !text.follows_word(start + skipped)
        });
        if let Some(skipped) = address.filter(|_| !is_word(text.at(end))) {
            found.push(Found::new(start + skipped, end, Detector::Ipv6));
        }
    });
}

fn is_v6(part: &str) -> bool {
    if part.len() > V6_BYTES || part.parse::<Ipv6Addr>().is_err() {
        return false;
    }
    part == "::1" || part.split(':').filter(|group| !group.is_empty()).count() >= 2
}

/// Shows every longest run of bytes of a class, without full stops at its ends. Several in a row
/// part two runs: `10.0.0.1..10.0.0.20`.
fn runs(text: &Text<'_>, class: impl Fn(u8) -> bool, mut look: impl FnMut(usize, &str)) {
    let mut at = 0;
    while at < text.len() {
        let end = text.run_end(at, &class);
        let mut start = at;
        for part in text.part(at, end).split("..") {
            let leading = part.len() - part.trim_start_matches('.').len();
            let trimmed = part.trim_matches('.');
            if !trimmed.is_empty() {
                look(start + leading, trimmed);
            }
            start += part.len() + 2;
        }
        at = end + 1;
    }
}
