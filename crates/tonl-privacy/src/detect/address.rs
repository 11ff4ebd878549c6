//! Addresses of machines.

use super::text::{Text, is_word};
use super::{Detector, Found};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Finds IPv4 addresses: four numbers from 0 to 255 that are no part of a longer chain.
pub(super) fn v4(text: &Text<'_>, found: &mut Vec<Found>) {
    runs(
        text,
        |byte| byte.is_ascii_digit() || byte == b'.',
        |start, end| {
            let part = text.part(start, end);
            let start = start + part.len() - part.trim_start_matches('.').len();
            let part = part.trim_matches('.');
            let end = start + part.len();
            let is_address = part.len() <= V4_BYTES && part.parse::<Ipv4Addr>().is_ok();
            if is_address && !text.follows_word(start) && !is_word(text.at(end)) {
                found.push(Found::new(start, end, Detector::Ipv4));
            }
        },
    );
}

const V4_BYTES: usize = 15;
const V6_BYTES: usize = 45;

/// Finds IPv6 addresses with at least two groups of digits, and `::1`.
pub(super) fn v6(text: &Text<'_>, found: &mut Vec<Found>) {
    let class = |byte: u8| byte.is_ascii_hexdigit() || matches!(byte, b':' | b'.');
    runs(text, class, |start, end| {
        let part = text.part(start, end).trim_end_matches('.');
        // A colon beside an address belongs to the sentence, a double one to the address.
        let single = |shorter: &&str| !shorter.starts_with(':');
        let (start, part) = match part.strip_prefix(':').filter(single) {
            Some(shorter) => (start + 1, shorter),
            None => (start, part),
        };
        let part = match part.strip_suffix(':') {
            Some(shorter) if !shorter.ends_with(':') => shorter,
            _ => part,
        };
        let end = start + part.len();
        let groups = part.split(':').filter(|group| !group.is_empty()).count();
        let is_address = part.len() <= V6_BYTES
            && (groups >= 2 || part == "::1")
            && part.parse::<Ipv6Addr>().is_ok();
        if is_address && !text.follows_word(start) && !is_word(text.at(end)) {
            found.push(Found::new(start, end, Detector::Ipv6));
        }
    });
}

/// Shows every longest run of bytes of a class.
fn runs(text: &Text<'_>, class: impl Fn(u8) -> bool, mut look: impl FnMut(usize, usize)) {
    let mut at = 0;
    while at < text.len() {
        let end = text.run_end(at, &class);
        if end > at {
            look(at, end);
        }
        at = end + 1;
    }
}
