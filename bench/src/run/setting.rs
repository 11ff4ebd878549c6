//! What all sections share: the sizes, the binary under test, and a folder for generated files.

use crate::clock::median;
use crate::layout::{self, Form};
use crate::measure::{Cost, Meter};
use crate::shape::Shape;
use crate::size::Size;
use anyhow::{Context, Result, bail};
use std::ffi::OsString;
use std::fs::File;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What was asked for on the command line.
#[derive(Debug)]
pub(super) struct Wish {
    /// The shapes to measure.
    pub(super) shapes: Vec<Shape>,
    /// Bytes of each shape in memory.
    pub(super) size: Size,
    /// Bytes of each generated file.
    pub(super) file_size: Size,
    /// Interleaved runs.
    pub(super) rounds: u32,
    /// Whether files of 1 GB are measured too.
    pub(super) large: bool,
    /// The seed of the data.
    pub(super) seed: u64,
    /// The binary under test.
    pub(super) tonl: PathBuf,
    /// The `tonl-bench` binary that starts and measures children.
    pub(super) launcher: PathBuf,
    /// Where the folder for generated files is made.
    pub(super) dir: PathBuf,
}

/// The wish, and the means to fulfil it; the generated files go when it is dropped.
#[derive(Debug)]
pub(super) struct Setting {
    /// What was asked for.
    pub(super) wish: Wish,
    meter: Meter,
    folder: TempDir,
}

/// A generated file.
#[derive(Debug)]
pub(super) struct Data {
    /// Where it is.
    pub(super) path: PathBuf,
    /// Records in it.
    pub(super) records: u64,
    /// Its length.
    pub(super) bytes: u64,
}

impl Setting {
    /// Makes the folder for generated files.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub(super) fn new(wish: Wish) -> Result<Self> {
        let folder = tempfile::Builder::new()
            .prefix("tonl-bench-")
            .tempdir_in(&wish.dir)
            .with_context(|| format!("cannot make a folder in {}", wish.dir.display()))?;
        let meter = Meter::new(wish.launcher.clone());
        Ok(Self {
            wish,
            meter,
            folder,
        })
    }

    /// Generates a file in place of the last one of its kind: lines, or an array.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub(super) fn data(&self, shape: Shape, form: Form, size: Size) -> Result<Data> {
        let path = self.folder.path().join(match form {
            Form::Ndjson => "input.ndjson",
            Form::ArrayLine | Form::ArrayPretty => "input.json",
        });
        let mut file = File::create(&path)?;
        let written = layout::write(shape, self.wish.seed, form, size, &mut file)?;
        Ok(Data {
            path,
            records: written.records,
            bytes: written.bytes,
        })
    }

    /// A path in the folder, for a file a section writes by itself.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The binary under test.
    ///
    /// # Errors
    /// When there is none; the message says how to build it.
    pub(super) fn tonl(&self) -> Result<&Path> {
        let path = &self.wish.tonl;
        if !path.is_file() {
            bail!(
                "no binary {}: build it with `cargo build --release -p tonl-cli`",
                path.display()
            );
        }
        Ok(path)
    }

    /// The cost of `tonl stream` on a file, on one thread: the medians of some runs.
    ///
    /// # Errors
    /// When a run fails.
    pub(super) fn stream(&self, input: &Path) -> Result<Cost> {
        self.stream_on(1, input)
    }

    /// As [`Setting::stream`] with a number of threads.
    ///
    /// # Errors
    /// When a run fails.
    pub(super) fn stream_on(&self, threads: u32, input: &Path) -> Result<Cost> {
        let words: [OsString; 7] = [
            "stream".into(),
            "-i".into(),
            input.into(),
            "-o".into(),
            self.output().into(),
            "--threads".into(),
            threads.to_string().into(),
        ];
        self.cost(&words)
    }

    /// The cost of `tonl convert` on a file: the medians of some runs.
    ///
    /// # Errors
    /// When a run fails.
    pub(super) fn convert(&self, input: &Path) -> Result<Cost> {
        let words: [OsString; 4] = [
            "convert".into(),
            input.into(),
            self.output().into(),
            "-f".into(),
        ];
        self.cost(&words)
    }

    /// Where the last run left its output.
    pub(super) fn output(&self) -> PathBuf {
        self.path("output.tonl")
    }

    fn cost(&self, words: &[OsString]) -> Result<Cost> {
        let mut command = vec![self.tonl()?.as_os_str().to_owned()];
        command.extend_from_slice(words);
        let mut costs = Vec::new();
        for _ in 0..self.wish.rounds.min(MOST_RUNS) {
            if self.output().exists() {
                std::fs::remove_file(self.output())?;
            }
            costs.push(self.meter.cost(&command)?);
        }
        let cpu = median(&costs.iter().map(|cost| cost.cpu).collect::<Vec<_>>());
        let peak = costs.iter().map(|cost| cost.peak).max();
        cpu.zip(peak)
            .map(|(cpu, peak)| Cost { cpu, peak })
            .context("no run")
    }
}

/// Runs of a child on a file: processor time varies less there than in short passes.
const MOST_RUNS: u32 = 3;
