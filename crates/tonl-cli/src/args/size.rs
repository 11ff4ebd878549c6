//! Sizes as people write them: `4096`, `10MB`, `64KiB`.

use std::str::FromStr;

/// A number of bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(u64);

/// The units, longest spelling first so that `KiB` is not read as `B`.
const UNITS: &[(&str, u64)] = &[
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
    ("tib", 1 << 40),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("tb", 1_000_000_000_000),
    ("b", 1),
];

impl Size {
    /// The size in bytes.
    pub(crate) fn bytes(self) -> u64 {
        self.0
    }

    /// The size in bytes as this machine counts memory; what is larger than memory can be is all
    /// of it.
    pub(crate) fn in_memory(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.trim().to_ascii_lowercase();
        let (digits, factor) = UNITS
            .iter()
            .find_map(|(unit, factor)| Some((lower.strip_suffix(unit)?, *factor)))
            .unwrap_or((&lower, 1));
        let number: u64 = digits
            .trim_end()
            .parse()
            .map_err(|_| "expected a number of bytes such as 4096, 64KiB or 10MB".to_owned())?;
        let bytes = number
            .checked_mul(factor)
            .ok_or_else(|| "this is more than 16 EiB".to_owned())?;
        Ok(Self(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_decimal_and_binary_units() {
        for (text, bytes) in [
            ("4096", 4_096),
            ("12B", 12),
            ("10MB", 10_000_000),
            ("64KiB", 65_536),
            ("1 GiB", 1 << 30),
            ("2tb", 2_000_000_000_000),
        ] {
            assert_eq!(text.parse(), Ok(Size(bytes)), "{text}");
        }
    }

    #[test]
    fn what_is_not_a_size_is_refused() {
        for text in ["", "MB", "-1", "1.5MB", "10 apples", "99999999999 GB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
