//! Detectors: personal data and secrets that stand somewhere inside a text.
//!
//! Each detector runs once over the text and looks a bounded number of bytes ahead, or at each run
//! of bytes once, so the cost grows linearly with the text whatever it holds. A new detector is a
//! variant of [`Detector`], its name, a function below one of the modules, and its mask.

mod account;
mod address;
mod email;
mod number;
mod text;
mod token;

use crate::error::{Error, unknown_name};
use crate::mask;
use std::fmt;
use std::str::FromStr;
use text::Text;

pub(crate) use email::ends_in_domain;
pub(crate) use number::{card_digits, is_luhn};

/// What can be found inside texts. All are off unless a policy names them.
///
/// Numbers are looked at by [`Detector::Card`] alone. The keys of objects are not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Detector {
    /// E-mail addresses, also with letters of other scripts; not those with a quoted local part or
    /// a domain without a dot.
    Email,
    /// International phone numbers with `+`, and North American ones in the usual groups. Digits
    /// without a separator are not taken for a phone number.
    Phone,
    /// Social security numbers of the United States in three groups, of ranges that are issued.
    Ssn,
    /// Payment cards: 13 to 19 digits, with single spaces or dashes or none, of a known issuer and
    /// with a right check digit (ISO/IEC 7812, Luhn).
    Card,
    /// International bank account numbers of the registered countries, their check digits right
    /// (ISO 13616, modulo 97).
    Iban,
    /// IPv4 addresses; four-part version numbers look the same and are hit too.
    Ipv4,
    /// IPv6 addresses (RFC 4291).
    Ipv6,
    /// JSON web tokens (RFC 7519).
    Jwt,
    /// Keys and tokens of services that mark theirs with a prefix, for example `ghp_` or `AKIA`.
    ApiKey,
}

impl Detector {
    /// Every detector.
    pub const ALL: &'static [Self] = &[
        Self::Email,
        Self::Phone,
        Self::Ssn,
        Self::Card,
        Self::Iban,
        Self::Ipv4,
        Self::Ipv6,
        Self::Jwt,
        Self::ApiKey,
    ];

    /// The names of all detectors, in the order of [`Detector::ALL`].
    pub const NAMES: &'static [&'static str] = &[
        "email", "phone", "ssn", "card", "iban", "ipv4", "ipv6", "jwt", "api-key",
    ];

    /// The detector's name in policies and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Ssn => "ssn",
            Self::Card => "card",
            Self::Iban => "iban",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Jwt => "jwt",
            Self::ApiKey => "api-key",
        }
    }

    fn scan(self, text: &Text<'_>, found: &mut Vec<Found>) {
        match self {
            Self::Email => email::scan(text, found),
            Self::Phone => number::phones(text, found),
            Self::Ssn => number::social_security(text, found),
            Self::Card => number::cards(text, found),
            Self::Iban => account::scan(text, found),
            Self::Ipv4 => address::v4(text, found),
            Self::Ipv6 => address::v6(text, found),
            Self::Jwt => token::web_tokens(text, found),
            Self::ApiKey => token::api_keys(text, found),
        }
    }

    /// Appends the masked form of an occurrence.
    pub(crate) fn mask(self, occurrence: &str, out: &mut String) {
        match self {
            Self::Email => mask::mask_email(occurrence, out),
            Self::Phone => mask::mask_phone(occurrence, out),
            Self::Ssn => mask::mask_social_security(occurrence, out),
            Self::Card => mask::mask_card(occurrence, out),
            Self::Iban | Self::Ipv4 | Self::Ipv6 | Self::Jwt | Self::ApiKey => {
                out.push_str(mask::OPAQUE);
            }
        }
    }
}

impl fmt::Display for Detector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Detector {
    type Err = Error;

    /// # Errors
    /// [`crate::ErrorKind::UnknownName`], with the nearest name.
    fn from_str(text: &str) -> Result<Self, Error> {
        let found = Self::ALL.iter().find(|detector| detector.as_str() == text);
        found
            .copied()
            .ok_or_else(|| unknown_name("a detector", Self::NAMES, text))
    }
}

/// An occurrence: the bytes `start..end` of the text, both at the borders of characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) detector: Detector,
    /// Whether another occurrence overlapped this one; both are hidden as one then.
    pub(crate) is_joined: bool,
}

impl Found {
    fn new(start: usize, end: usize, detector: Detector) -> Self {
        Self {
            start,
            end,
            detector,
            is_joined: false,
        }
    }
}

/// Puts all occurrences in `text` into `found`, in order and without overlap.
pub(crate) fn find(text: &str, detectors: impl Iterator<Item = Detector>, found: &mut Vec<Found>) {
    find_in(&Text::new(text), detectors, found);
}

fn find_in(text: &Text<'_>, detectors: impl Iterator<Item = Detector>, found: &mut Vec<Found>) {
    found.clear();
    for detector in detectors {
        detector.scan(text, found);
    }
    found.sort_by_key(|found| (found.start, usize::MAX - found.end));
    found.dedup_by(|next, before| {
        if next.start >= before.end {
            return false;
        }
        if next.end > before.end {
            before.end = next.end;
            before.is_joined = true;
        }
        true
    });
}

#[cfg(test)]
mod tests;
