//! `tonl-bench savings`: what each form of the same data costs in tokens, as a table in Markdown.
//!
//! The baseline is compact JSON. Forms that cannot hold the data without a loss have no figure.

mod table;

use crate::shape::{Records, Shape};
use anyhow::{Context, Result};
use clap::Args;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use tonl::{Code, Profile};
use tonl_convert::choose::{self, ChoiceSettings};
use tonl_convert::sink::Layout;
use tonl_convert::toon::Fidelity;
use tonl_convert::{Format, Input, Job, tokens};
use tonl_tokens::Encoding;

/// Compare the tokens of all forms.
#[derive(Debug, Args)]
pub struct Savings {
    /// A folder with `json` and `ndjson`, whose files are compared too
    #[arg(long)]
    corpora: Option<PathBuf>,

    /// Write the page to this file instead of standard output
    #[arg(short, long)]
    output: Option<PathBuf>,
}

/// One set of data.
#[derive(Debug)]
struct Set {
    name: String,
    input: Input,
    format: Format,
}

/// A form of a set, one column of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    PrettyJson,
    Text(Format),
    Tonl(Profile),
    Auto,
}

const COLUMNS: [Column; 8] = [
    Column::PrettyJson,
    Column::Text(Format::Yaml),
    Column::Text(Format::Csv),
    Column::Text(Format::Toon),
    Column::Tonl(Profile::Classic),
    Column::Tonl(Profile::Flat),
    Column::Tonl(Profile::Compact),
    Column::Auto,
];

/// The tokens of a set.
#[derive(Debug)]
struct Row {
    name: String,
    json: u64,
    /// One for each of the columns; nothing where the form cannot hold the data.
    forms: Vec<Option<u64>>,
}

impl Savings {
    /// Counts all forms and writes the page.
    ///
    /// # Errors
    /// When a set cannot be read or the page not be written.
    pub fn run(&self) -> Result<()> {
        let sets = self.sets()?;
        let mut page = table::Page::new(&commit());
        for encoding in Encoding::ALL {
            let rows: Vec<Row> = sets
                .iter()
                .map(|set| row(set, encoding))
                .collect::<Result<_>>()?;
            page.add(encoding, &rows);
        }
        let text = page.finish();
        match &self.output {
            Some(path) => std::fs::write(path, text)
                .with_context(|| format!("cannot write {}", path.display())),
            None => Ok(std::io::stdout().write_all(text.as_bytes())?),
        }
    }

    fn sets(&self) -> Result<Vec<Set>> {
        let mut sets: Vec<Set> = Shape::TABLE.into_iter().map(generated).collect();
        if let Some(folder) = &self.corpora {
            sets.extend(files(&folder.join("json"), Format::Json)?);
            sets.extend(files(&folder.join("ndjson"), Format::Ndjson)?);
        }
        Ok(sets)
    }
}

impl Column {
    fn heading(self) -> &'static str {
        match self {
            Self::PrettyJson => "pretty JSON",
            Self::Text(Format::Yaml) => "YAML",
            Self::Text(Format::Csv) => "CSV",
            Self::Text(Format::Toon) => "TOON",
            Self::Text(format) => format.as_str(),
            Self::Tonl(Profile::Classic) => "TONL classic",
            Self::Tonl(Profile::Flat) => "TONL flat",
            Self::Tonl(_) => "TONL",
            Self::Auto => "auto",
        }
    }

    /// Its tokens; nothing where it cannot hold the data.
    fn tokens(self, set: &Set, encoding: Encoding) -> Result<Option<u64>> {
        let mut job = Job::new(set.format, Format::Json);
        match self {
            Self::PrettyJson => job.json = Layout::Pretty,
            Self::Text(format) => {
                job.to = format;
                job.toon.fidelity = Fidelity::Exact;
            }
            Self::Tonl(profile) => {
                job.to = Format::Tonl;
                job.write.profile = profile;
            }
            Self::Auto => {
                let settings = ChoiceSettings::new(encoding);
                let decision = choose::choose(&set.input, &job, &settings)?;
                return Ok(decision.tokens(decision.form));
            }
        }
        match tokens::count(&set.input, &job, encoding) {
            Ok(counted) if counted.report.losses.is_empty() => Ok(Some(counted.tokens)),
            Ok(_) => Ok(None),
            Err(error) if is_unrepresentable(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

fn is_unrepresentable(error: &tonl_convert::Error) -> bool {
    let content = error.content();
    content.is_some_and(|fault| fault.code() == Code::Unrepresentable)
}

fn row(set: &Set, encoding: Encoding) -> Result<Row> {
    let job = Job::new(set.format, Format::Json);
    let forms = COLUMNS
        .into_iter()
        .map(|column| column.tokens(set, encoding));
    Ok(Row {
        name: set.name.clone(),
        json: tokens::count_compact_json(&set.input, &job, encoding)?,
        forms: forms.collect::<Result<_>>()?,
    })
}

/// How many bytes of a generated shape are compared.
const BYTES: usize = 300_000;

fn generated(shape: Shape) -> Set {
    let lines = Records::new(shape, 42).lines(BYTES);
    Set {
        name: format!("{} (generated)", shape.name()),
        input: Input::from_bytes(shape.name(), lines),
        format: Format::Ndjson,
    }
}

fn files(folder: &Path, format: Format) -> Result<Vec<Set>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_>>()?;
    paths.sort();
    let set = |path: &PathBuf| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        Ok(Set {
            name: name.to_string_lossy().into_owned(),
            input: Input::from_path(path)?,
            format,
        })
    };
    paths.iter().map(set).collect()
}

/// The commit that is measured, if that can be told.
fn commit() -> String {
    let output = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output();
    match output {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        _ => "an unknown commit".to_owned(),
    }
}
