//! How much a reader or writer accepts before it stops with an error of its own code.

/// Upper bounds for one document. Every bound has its own error code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Deepest nesting: 0 for a scalar, 1 for `[]` and `{}`. At most [`Limits::MAX_DEPTH`].
    pub depth: usize,
    /// Most column names in one header, groups and tuple columns included.
    pub columns: usize,
    /// Most rows in one table.
    pub rows: u64,
    /// Longest line in bytes, its line end not counted.
    pub line_bytes: usize,
    /// Most bytes in one document.
    pub total_bytes: u64,
}

impl Limits {
    /// The greatest `depth` that can be asked for; a larger one is read as this.
    pub const MAX_DEPTH: usize = 2_048;

    /// The depth in force: what was asked for, at most [`Limits::MAX_DEPTH`].
    pub fn depth(&self) -> usize {
        self.depth.min(Self::MAX_DEPTH)
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 512,
            columns: 4_096,
            rows: u64::MAX,
            line_bytes: usize::MAX,
            total_bytes: u64::MAX,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_depth_in_force_is_bounded() {
        let asked = |depth| {
            Limits {
                depth,
                ..Limits::default()
            }
            .depth()
        };
        assert_eq!(Limits::default().depth(), 512);
        assert_eq!(
            [asked(0), asked(2_048), asked(usize::MAX)],
            [0, 2_048, 2_048]
        );
    }
}
