//! The passes over the same bytes that the table compares: ours, the parsers that only look, and
//! the floors of copying and counting lines.
//!
//! Every parser gets one line at a time and splits the lines by the same search, as ours does.

use anyhow::{Context, Result};
use serde::de::IgnoredAny;
use std::hint::black_box;

/// One way to go over NDJSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// NDJSON to TONL by this project's stream writer.
    Ours,
    /// `serde_json` ignoring every value.
    SerdeJson,
    /// `sonic-rs` ignoring every value.
    SonicIgnore,
    /// `sonic-rs` keeping the text of the line as a lazy value.
    SonicLazy,
    /// A copy of the bytes.
    Copy,
    /// A count of the line ends.
    Newlines,
}

impl Pass {
    /// All passes in the order of the table.
    pub const ALL: [Self; 6] = [
        Self::Ours,
        Self::SerdeJson,
        Self::SonicIgnore,
        Self::SonicLazy,
        Self::Copy,
        Self::Newlines,
    ];

    /// The passes that read JSON and make nothing of it.
    pub const PARSE_ONLY: [Self; 3] = [Self::SerdeJson, Self::SonicIgnore, Self::SonicLazy];

    /// The heading of its column.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours => "tonl stream",
            Self::SerdeJson => "serde_json",
            Self::SonicIgnore => "sonic ignore",
            Self::SonicLazy => "sonic lazy",
            Self::Copy => "copy",
            Self::Newlines => "newlines",
        }
    }

    /// Goes once over the lines.
    ///
    /// # Errors
    /// When a line is refused, which the generated data never causes.
    pub fn run(self, lines: &[u8], buffer: &mut Vec<u8>) -> Result<()> {
        buffer.clear();
        match self {
            Self::Ours => crate::stream::pass(lines, buffer),
            Self::SerdeJson => each_line(lines, |line| {
                black_box(serde_json::from_slice::<IgnoredAny>(line)?);
                Ok(())
            }),
            Self::SonicIgnore => each_line(lines, |line| {
                black_box(sonic_rs::from_slice::<IgnoredAny>(line)?);
                Ok(())
            }),
            Self::SonicLazy => each_line(lines, |line| {
                black_box(sonic_rs::from_slice::<sonic_rs::LazyValue<'_>>(line)?);
                Ok(())
            }),
            Self::Copy => {
                buffer.extend_from_slice(black_box(lines));
                black_box(buffer);
                Ok(())
            }
            Self::Newlines => {
                black_box(memchr::memchr_iter(b'\n', lines).count());
                Ok(())
            }
        }
    }
}

/// Calls `parse` with each line, without its line end.
///
/// # Errors
/// The first error of `parse`, with the number of the line.
pub fn each_line(lines: &[u8], mut parse: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    let mut start = 0;
    for (index, end) in memchr::memchr_iter(b'\n', lines).enumerate() {
        parse(&lines[start..end]).with_context(|| format!("line {}", index + 1))?;
        start = end + 1;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Records, Shape};

    #[test]
    fn every_parser_takes_every_shape() {
        for shape in Shape::TABLE {
            let lines = Records::new(shape, 42).lines(200_000);
            for pass in Pass::PARSE_ONLY {
                pass.run(&lines, &mut Vec::new()).unwrap();
            }
        }
    }

    #[test]
    fn every_parser_looks_at_the_whole_line() {
        for pass in Pass::PARSE_ONLY {
            let error = pass
                .run(b"{\"a\":1}\n{\"a\":[1,}\n", &mut Vec::new())
                .unwrap_err();
            assert_eq!(error.to_string(), "line 2", "{}", pass.name());
        }
    }
}
