//! The limits that commands share.

use super::size::Size;
use clap::Args;

/// What is accepted before a run stops with an error.
#[derive(Clone, Copy, Debug, Default, Args)]
#[command(next_help_heading = "Limits")]
#[expect(
    clippy::struct_field_names,
    reason = "a field is the name of its option"
)]
pub(crate) struct LimitArgs {
    /// Deepest nesting, at most 2048 [default: 512]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(0..=MAX_DEPTH))]
    limit_depth: Option<u16>,

    /// Most columns in one header [default: 4096]
    #[arg(long, value_name = "N")]
    limit_columns: Option<usize>,

    /// Most rows in one table
    #[arg(long, value_name = "N")]
    limit_rows: Option<u64>,

    /// Longest line of text, for example 10MB or 64KiB; memory grows with the longest record
    #[arg(long, value_name = "SIZE")]
    limit_line: Option<Size>,

    /// Most bytes in one input
    #[arg(long, value_name = "SIZE")]
    limit_bytes: Option<Size>,
}

/// [`tonl::Limits::MAX_DEPTH`] as the option's parser counts.
const MAX_DEPTH: i64 = 2_048;

impl LimitArgs {
    /// The library's limits: its defaults, and what was asked for.
    pub(crate) fn limits(&self) -> tonl::Limits {
        let mut limits = tonl::Limits::default();
        limits.depth = self.limit_depth.map_or(limits.depth, usize::from);
        limits.columns = self.limit_columns.unwrap_or(limits.columns);
        limits.rows = self.limit_rows.unwrap_or(limits.rows);
        limits.line_bytes = self.limit_line.map_or(limits.line_bytes, Size::in_memory);
        limits.total_bytes = self.limit_bytes.map_or(limits.total_bytes, Size::bytes);
        limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_greatest_depth_is_that_of_the_library() {
        assert_eq!(usize::try_from(MAX_DEPTH), Ok(tonl::Limits::MAX_DEPTH));
    }
}
