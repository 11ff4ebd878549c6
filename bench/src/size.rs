//! A number of bytes as people write it.

use std::fmt;
use std::str::FromStr;

/// A number of bytes: `64MB` (decimal), `8MiB` (binary), `500`; the units are K, M and G.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Size(pub u64);

impl Size {
    /// The number of bytes as a length in memory.
    pub fn in_memory(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

impl FromStr for Size {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Self> {
        let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let unit = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
        let factor = match unit.to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "k" | "kb" => 1_000,
            "m" | "mb" => 1_000_000,
            "g" | "gb" => 1_000_000_000,
            "kib" => 1 << 10,
            "mib" => 1 << 20,
            "gib" => 1 << 30,
            _ => anyhow::bail!("unknown unit {unit:?}: write for example 64MB or 8MiB"),
        };
        let count: u64 = digits.parse()?;
        let bytes = count.checked_mul(factor);
        bytes
            .map(Self)
            .ok_or_else(|| anyhow::anyhow!("{text} is more bytes than can be counted"))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
        match units
            .into_iter()
            .find(|(unit, _)| self.0 >= *unit && self.0.is_multiple_of(*unit))
        {
            Some((unit, name)) => write!(f, "{} {name}", self.0 / unit),
            None => write!(f, "{} B", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_decimal_and_binary_units() {
        for (text, bytes) in [
            ("500", 500),
            ("64MB", 64_000_000),
            ("8MiB", 8 << 20),
            ("1g", 1_000_000_000),
        ] {
            assert_eq!(text.parse::<Size>().unwrap(), Size(bytes));
        }
    }

    #[test]
    fn a_size_without_a_number_or_with_an_unknown_unit_is_refused() {
        for text in [
            "",
            "MB",
            "12 parsecs",
            "-1",
            "99999999999999999999",
            "99999999999GB",
        ] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
