//! Files to TONL, each beside its source or in a folder that keeps their folders: what `batch` and
//! `watch` share.
//!
//! Two sources never share a target: [`pairs`] refuses them before anything is written. A source that is
//! TONL already is a failure, because its target would be the source itself.

use super::convert::plan::derived;
use super::convert::report::savings_value;
use super::counting::{Counted, counted as counted_tokens};
use crate::failure::{Failure, Result};
use crate::input;
use crate::interrupt::Unfinished;
use crate::output::{Output, Overwrite};
use crate::render::Voice;
use crate::render::figures::{counted, grouped, saved_percent, saving};
use crate::sources::Source;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tonl::{Limits, WriteOptions};
use tonl_convert::{Compression, Format, Input, Job, Report};
use tonl_tokens::{Model, Savings};

/// A source and the file it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub(super) source: PathBuf,
    pub(super) target: PathBuf,
}

/// The targets of sources, beside them or below `folder`.
///
/// # Errors
/// Two sources that would become the same file.
pub(super) fn pairs(sources: Vec<Source>, folder: Option<&Path>) -> Result<Vec<Pair>> {
    let mut taken: BTreeMap<PathBuf, PathBuf> = BTreeMap::new();
    let mut pairs = Vec::new();
    for source in sources {
        let pair = pair(source, folder);
        if let Some(other) = taken.insert(pair.target.clone(), pair.source.clone()) {
            let message = format!(
                "{} and {} would both become {}",
                other.display(),
                pair.source.display(),
                pair.target.display()
            );
            return Err(Failure::configuration(message)
                .with_hint("rename one of them, or convert them into different folders"));
        }
        pairs.push(pair);
    }
    Ok(pairs)
}

/// The target of one source.
pub(super) fn pair(source: Source, folder: Option<&Path>) -> Pair {
    let place = match folder {
        Some(folder) => folder.join(&source.below),
        None => source.path.clone(),
    };
    Pair {
        target: derived(&place, Format::Tonl),
        source: source.path,
    }
}

/// How all files of one run are converted.
#[derive(Debug)]
pub(super) struct ToTonl {
    /// What is read, whatever the names say.
    pub(super) from: Option<Format>,
    pub(super) write: WriteOptions,
    pub(super) limits: Limits,
    pub(super) overwrite: Overwrite,
    /// The model whose tokens are counted, if any are.
    pub(super) model: Option<&'static Model>,
    pub(super) unfinished: Unfinished,
}

/// A file that was converted.
#[derive(Clone, Debug)]
pub(super) struct Converted {
    pub(super) pair: Pair,
    pub(super) from: Format,
    pub(super) report: Report,
    /// Against compact JSON, if tokens were counted.
    pub(super) savings: Option<Savings>,
}

impl ToTonl {
    /// Converts one file; its target is replaced whole or not at all.
    ///
    /// # Errors
    /// A source that cannot be read or is not valid, a target that cannot be written.
    pub(super) fn convert(&self, pair: &Pair) -> Result<Converted> {
        let source = input::open(&pair.source)?;
        let from = match self.from {
            Some(format) => format,
            None => input::format(&source, &pair.source)?,
        };
        if from == Format::Tonl || is_same_file(&pair.source, &pair.target) {
            let message = format!("{} is TONL already, or is named so", pair.source.display());
            return Err(Failure::new(message).with_hint("to write TONL again: tonl fmt"));
        }
        if let Some(folder) = pair.target.parent() {
            std::fs::create_dir_all(folder).map_err(|error| {
                Failure::io("create", folder, &error)
                    .with_hint("name a folder that exists or can be made with --output-dir")
            })?;
        }
        let output = Output::replacing(&pair.target, self.overwrite, &self.unfinished)?;
        let (report, savings) = self.write(&source, from, output, &pair.source)?;
        Ok(Converted {
            pair: pair.clone(),
            from,
            report,
            savings,
        })
    }

    fn write(
        &self,
        source: &Input,
        from: Format,
        mut output: Output,
        path: &Path,
    ) -> Result<Counted> {
        let mut job = Job::new(from, Format::Tonl);
        job.write = self.write.clone();
        job.read.tonl.limits = self.limits;
        let written = output.compressed(Compression::None, |writer| {
            counted_tokens(source, writer, &job, self.model, |writer| {
                tonl_convert::convert(source, writer, &job)
            })
        });
        let placed = output.finish(written.map_err(|error| input::failed(&error, path)))?;
        placed
            .ok_or_else(|| Failure::new(format_args!("{}: the output was closed", path.display())))
    }
}

impl Converted {
    /// Tells a person: one line, and one for each warning.
    pub(super) fn tell(&self, voice: Voice) {
        let source = self.pair.source.display();
        let rows = self.report.records.map(|records| counted(records, "row"));
        let report = &self.report;
        let bytes = format!(
            "{} -> {} bytes, {}",
            grouped(report.bytes_in),
            grouped(report.bytes_out),
            saving(report.bytes_in, report.bytes_out)
        );
        let tokens = self
            .savings
            .as_ref()
            .map(|savings| tokens(savings, " tokens"));
        let parts: Vec<String> = rows.into_iter().chain([bytes]).chain(tokens).collect();
        voice.say(format_args!(
            "{source} -> {}: {}",
            self.pair.target.display(),
            parts.join("; ")
        ));
        for note in self.report.warnings.iter().chain(&self.report.losses) {
            voice.warn(format_args!("{source}: {note}"));
        }
    }

    /// The same for machines.
    pub(super) fn value(&self) -> Value {
        let report = &self.report;
        json!({
            "input": self.pair.source.display().to_string(),
            "output": self.pair.target.display().to_string(),
            "from": self.from.as_str(),
            "records": report.records,
            "bytes_in": report.bytes_in,
            "bytes_out": report.bytes_out,
            "saved_percent": rounded_saving(report.bytes_in, report.bytes_out),
            "warnings": report.warnings,
            "losses": report.losses,
            "tokens": self.savings.as_ref().map(savings_value),
        })
    }
}

/// Whether two paths lead to the same existing file.
fn is_same_file(left: &Path, right: &Path) -> bool {
    match (left.canonicalize(), right.canonicalize()) {
        (Ok(left), Ok(right)) => left == right,
        _ => false,
    }
}

/// `1,402 -> 604 tokens, saved 56.9 %`, with the unit that is asked for.
pub(super) fn tokens(savings: &Savings, unit: &str) -> String {
    format!(
        "{} -> {}{unit}, saved {:.1} %",
        grouped(savings.original_tokens),
        grouped(savings.compressed_tokens),
        savings.rounded_percent(),
    )
}

/// The share of bytes saved, with one decimal.
pub(super) fn rounded_saving(bytes_in: u64, bytes_out: u64) -> f64 {
    (saved_percent(bytes_in, bytes_out) * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(path: &str, below: &str) -> Source {
        Source {
            path: path.into(),
            below: below.into(),
        }
    }

    #[test]
    fn targets_stand_beside_their_sources_or_below_the_folder() {
        let beside = pair(source("in/s/a.json.gz", "s/a.json.gz"), None);
        assert_eq!(beside.target, Path::new("in/s/a.tonl"));
        let below = pair(source("in/s/a.json", "s/a.json"), Some(Path::new("out")));
        assert_eq!(below.target, Path::new("out/s/a.tonl"));
    }

    #[test]
    fn two_sources_of_one_target_are_refused() {
        let both = vec![source("a.json", "a.json"), source("a.yaml", "a.yaml")];
        let failure = pairs(both, None).unwrap_err();
        assert_eq!(
            failure.message(),
            "a.json and a.yaml would both become a.tonl"
        );
    }
}
