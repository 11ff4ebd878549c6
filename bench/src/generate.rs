//! `tonl-bench generate`: writes a file of a shape.

use crate::layout::{self, Form};
use crate::shape::Shape;
use crate::size::Size;
use anyhow::{Context, Result};
use clap::Args;
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;

/// What to generate, and where to.
#[derive(Debug, Args)]
pub struct Generate {
    /// What the records look like
    shape: Shape,
    /// How many bytes: 100MB, 1GB, 8MiB
    size: Size,
    /// Another seed gives other bytes; the same seed gives the same bytes everywhere
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The file to write, else standard output
    #[arg(short, long)]
    output: Option<PathBuf>,
    /// How the records lie in the file
    #[arg(long, value_enum, default_value = "ndjson")]
    form: Form,
}

impl Generate {
    /// Writes the file and says on standard error what is in it.
    ///
    /// # Errors
    /// When the output cannot be created or written.
    pub fn run(&self) -> Result<()> {
        let mut output: Box<dyn Write> = match &self.output {
            Some(path) => Box::new(
                File::create(path).with_context(|| format!("cannot create {}", path.display()))?,
            ),
            None => Box::new(io::stdout().lock()),
        };
        let written = layout::write(self.shape, self.seed, self.form, self.size, &mut *output)
            .context("cannot write the records")?;
        let (records, bytes) = (written.records, written.bytes);
        writeln!(
            io::stderr(),
            "{}: {records} records, {bytes} bytes, {} a record",
            self.shape.name(),
            bytes / records
        )?;
        Ok(())
    }
}
