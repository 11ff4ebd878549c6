//! `tonl-bench tokens`: exact counts held against js-tiktoken, and what counting costs beside it.
//!
//! Counts that differ are an error; figures are printed with their goals and fail nothing.

mod peer;
mod texts;

use crate::clock::thread_cpu;
use crate::measure::{Cost, Meter};
use crate::report::{Figure, Goal, Section};
use anyhow::{Result, bail, ensure};
use clap::Args;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;
use texts::Text;
use tonl_tokens::Encoding;

/// Hold token counts against js-tiktoken.
#[derive(Debug, Args)]
pub struct Tokens {
    /// The folder of counts.mjs, in which `npm ci` has been run
    #[arg(long, default_value = "bench/tokens")]
    peer: PathBuf,

    /// Generated lines to compare besides the files
    #[arg(long, default_value_t = 20_000)]
    lines: u32,

    /// A folder whose files are compared too
    #[arg(long)]
    corpora: Option<PathBuf>,

    /// The tonl binary [default: the one beside this program]
    #[arg(long)]
    tonl: Option<PathBuf>,
}

impl Tokens {
    /// Compares and prints.
    ///
    /// # Errors
    /// When a count differs, or the peer cannot be run.
    pub fn run(&self) -> Result<()> {
        let mut texts = texts::generated(self.lines);
        if let Some(folder) = &self.corpora {
            texts.extend(texts::files(folder)?);
        }
        let theirs = peer::counts(&self.peer, &texts)?;
        let mut section = Section {
            name: "tokens",
            title: format!("{} texts counted by both", texts.len()),
            ..Section::default()
        };
        for (at, encoding) in Encoding::ALL.into_iter().enumerate() {
            let (counts, cpu) = ours(encoding, &texts)?;
            compare(encoding, &texts, &counts, &theirs.counts[at])?;
            let row = beside(&texts, &counts, (cpu, theirs.cpu[at]));
            section.rows.push((encoding.name().into(), row));
        }
        let mut out = std::io::stdout().lock();
        writeln!(out, "{section}")?;
        writeln!(out, "{}", long_words()?)?;
        writeln!(out, "{}", self.first_count()?)?;
        Ok(())
    }

    /// What the first count of a process costs beyond starting it.
    fn first_count(&self) -> Result<Section> {
        let tonl = self.tonl()?;
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("text");
        std::fs::write(&file, "Hello world, 12345 times!\n")?;
        let meter = Meter::new(std::env::current_exe()?);
        let start = middle(&meter, &[tonl.clone().into(), "--version".into()])?;
        let mut section = Section {
            name: "first",
            title: "the first count of a process".into(),
            ..Section::default()
        };
        for model in ["gpt-4o", "gpt-4"] {
            let command = ["count", "-m", model].map(OsString::from);
            let mut command = [vec![tonl.clone().into()], command.to_vec()].concat();
            command.push(file.clone().into());
            let cost = middle(&meter, &command)?;
            let beyond = cost.cpu.saturating_sub(start.cpu).as_secs_f64() * 1e3;
            section.rows.push((
                model.into(),
                vec![
                    Figure::with_goal("CPU ms beyond --version", beyond, Goal::AtMost(10.0)),
                    Figure::with_goal("peak MiB", mebibytes(cost.peak), Goal::AtMost(24.0)),
                    Figure::with_goal(
                        "binary MB",
                        megabytes(std::fs::metadata(&tonl)?.len()),
                        Goal::AtMost(20.0),
                    ),
                ],
            ));
        }
        Ok(section)
    }

    fn tonl(&self) -> Result<PathBuf> {
        if let Some(path) = &self.tonl {
            return Ok(path.clone());
        }
        let beside = std::env::current_exe()?.with_file_name("tonl");
        ensure!(beside.is_file(), "{} is missing", beside.display());
        Ok(beside)
    }
}

/// Our counts, and the processor time that they took.
fn ours(encoding: Encoding, texts: &[Text]) -> Result<(Vec<u64>, Duration)> {
    let start = thread_cpu()?;
    let counts = texts
        .iter()
        .map(|text| encoding.count(&text.text))
        .collect();
    Ok((counts, thread_cpu()?.saturating_sub(start)))
}

fn compare(encoding: Encoding, texts: &[Text], ours: &[u64], theirs: &[u64]) -> Result<()> {
    ensure!(theirs.len() == texts.len(), "a count for each text");
    let different: Vec<String> = texts
        .iter()
        .zip(ours.iter().zip(theirs))
        .filter(|(_, (ours, theirs))| ours != theirs)
        .map(|(text, (ours, theirs))| format!("{}: {ours}, js-tiktoken {theirs}", text.name))
        .collect();
    if different.is_empty() {
        return Ok(());
    }
    let shown = different.iter().take(10).cloned().collect::<Vec<_>>();
    bail!(
        "{} of {} counts in {} differ:\n{}",
        different.len(),
        texts.len(),
        encoding.name(),
        shown.join("\n")
    )
}

#[expect(
    clippy::cast_precision_loss,
    reason = "figures are printed with few digits"
)]
fn beside(texts: &[Text], counts: &[u64], (ours, theirs): (Duration, Duration)) -> Vec<Figure> {
    let bytes: usize = texts.iter().map(|text| text.text.len()).sum();
    let rate = |cpu: Duration| bytes as f64 / cpu.as_secs_f64() / 1e6;
    let ratio = theirs.as_secs_f64() / ours.as_secs_f64();
    vec![
        Figure::plain("MB", bytes as f64 / 1e6),
        Figure::plain("tokens", counts.iter().sum::<u64>() as f64),
        Figure::plain("MB/s", rate(ours)),
        Figure::plain("js-tiktoken MB/s", rate(theirs)),
        Figure::with_goal("times as fast", ratio, Goal::AtLeast(30.0)),
    ]
}

/// Words without an end: the cost must grow with their length and not with its square.
fn long_words() -> Result<Section> {
    let mut section = Section {
        name: "words",
        title: "one word of one letter".into(),
        ..Section::default()
    };
    for encoding in Encoding::ALL {
        let (small, large) = (word_cost(encoding, 1)?, word_cost(encoding, 50)?);
        let growth = (large.as_secs_f64() / small.as_secs_f64()).ln() / 50_f64.ln();
        section.rows.push((
            encoding.name().into(),
            vec![
                Figure::with_goal("1 MB, CPU ms", millis(small), Goal::AtMost(100.0)),
                Figure::plain("50 MB, CPU ms", millis(large)),
                Figure::with_goal("exponent", growth, Goal::AtMost(1.05)),
            ],
        ));
    }
    Ok(section)
}

fn word_cost(encoding: Encoding, megabytes: usize) -> Result<Duration> {
    let word = "a".repeat(megabytes * 1_000_000);
    let start = thread_cpu()?;
    std::hint::black_box(encoding.count(&word));
    Ok(thread_cpu()?.saturating_sub(start))
}

/// The middle of nine runs by processor time.
fn middle(meter: &Meter, command: &[OsString]) -> Result<Cost> {
    let mut costs = Vec::new();
    for _ in 0..9 {
        costs.push(meter.cost(command)?);
    }
    costs.sort_by_key(|cost| cost.cpu);
    Ok(costs[costs.len() / 2])
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "printed with few digits")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[expect(clippy::cast_precision_loss, reason = "printed with few digits")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
