//! `tonl-bench callgrind-target`: one pass of ours over a file, for `bench/callgrind.sh` to count.

use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;

/// The file to go over once.
#[derive(Debug, Args)]
pub struct CallgrindTarget {
    /// NDJSON, read into memory first
    file: PathBuf,
}

impl CallgrindTarget {
    /// Reads the file and streams it once.
    ///
    /// # Errors
    /// When the file cannot be read or a line is refused.
    pub fn run(&self) -> Result<()> {
        let lines = std::fs::read(&self.file)
            .with_context(|| format!("cannot read {}", self.file.display()))?;
        crate::stream::pass(&lines, &mut Vec::new())
    }
}
