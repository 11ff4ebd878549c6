//! Runs every case of `spec/fixtures/*.json`.
//!
//! A case is one of: `encode` (JSON in, exactly this text out), `decode` (text in, this JSON out),
//! `both`, or `fail` (a text, or a JSON text, that is refused with this code at this place).
//! With `TONL_UPDATE_FIXTURES` set, the texts of `encode` and `both` and the places of errors are
//! written anew from what the crate does; the difference is then read by a person.

mod update;

use serde::Deserialize;
use std::path::{Path, PathBuf};
use tonl::read::Reader;
use tonl::write::{EndLine, StreamWriter};
use tonl::{
    Code, Error, Label, Limits, Profile, Ranges, ReadOptions, Strictness, Types, Value,
    ValueBuilder, WriteOptions,
};

/// One file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    description: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Case {
    name: String,
    kind: Kind,
    /// A JSON text; lines of them for a stream.
    json: Option<String>,
    tonl: Option<String>,
    #[serde(default)]
    options: Options,
    error: Option<ExpectedError>,
    warnings: Option<u64>,
}

#[derive(Clone, Copy, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Encode,
    Decode,
    Both,
    Fail,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Options {
    profile: Option<String>,
    types: Option<String>,
    label: Option<String>,
    strict_types: bool,
    lenient: bool,
    limits: LimitOptions,
    /// The JSON text is lines of records, written as a stream.
    stream: Option<Ending>,
}

/// How a written stream ends.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Ending {
    /// With its last row.
    Open,
    /// With an `#end` line.
    Counted,
}

#[derive(Deserialize, Default, PartialEq)]
#[serde(deny_unknown_fields, default)]
struct LimitOptions {
    depth: Option<usize>,
    columns: Option<usize>,
    rows: Option<u64>,
    line_bytes: Option<usize>,
    total_bytes: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedError {
    code: String,
    line: Option<u64>,
    column: Option<u64>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/fixtures")
}

fn paths() -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "json")
        })
        .collect();
    paths.sort();
    paths
}

fn files() -> Vec<(String, File)> {
    update::update_if_asked();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        let file = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, file)
    };
    paths().into_iter().map(read).collect()
}

/// Runs `check` on every case and reports all that fail.
fn every_case(check: impl Fn(&Case) -> Result<(), String>) {
    let mut failures = Vec::new();
    let mut cases = 0;
    for (file, content) in files() {
        assert!(
            !content.description.is_empty(),
            "{file} says what it is for"
        );
        for case in &content.cases {
            cases += 1;
            if let Err(failure) = check(case) {
                failures.push(format!("{file}: {}\n{failure}", case.name));
            }
        }
    }
    assert!(cases >= 330, "{cases} cases");
    assert!(
        failures.is_empty(),
        "{} of {cases} cases fail\n\n{}",
        failures.len(),
        failures.join("\n\n")
    );
}

impl LimitOptions {
    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.depth = self.depth.unwrap_or(limits.depth);
        limits.columns = self.columns.unwrap_or(limits.columns);
        limits.rows = self.rows.unwrap_or(limits.rows);
        limits.line_bytes = self.line_bytes.unwrap_or(limits.line_bytes);
        limits.total_bytes = self.total_bytes.unwrap_or(limits.total_bytes);
        limits
    }
}

impl Options {
    fn read_options(&self) -> ReadOptions {
        let mut options = ReadOptions::default();
        if self.strict_types {
            options.ranges = Ranges::Checked;
        }
        if self.lenient {
            options.strictness = Strictness::Lenient;
        }
        options.limits = self.limits.limits();
        options
    }

    fn write_options(&self) -> WriteOptions {
        let mut options = WriteOptions::default();
        let profile: Option<Profile> = self.profile.as_ref().map(|name| name.parse().unwrap());
        let types: Option<Types> = self.types.as_ref().map(|name| name.parse().unwrap());
        let label = self.label.as_ref().map(|name| Label::new(name).unwrap());
        options.profile = profile.unwrap_or_default();
        options.types = types.unwrap_or_default();
        options.label = label.unwrap_or_default();
        options.limits = self.limits.limits();
        options
    }
}

impl Case {
    /// What the reader makes of the case's text, which comes in pieces of so many bytes.
    fn read(&self, piece: usize) -> Result<(Value, u64), Error> {
        let mut builder = ValueBuilder::new();
        let mut reader = Reader::new(self.options.read_options());
        for bytes in self.tonl().as_bytes().chunks(piece) {
            reader.push(bytes, &mut builder)?;
        }
        reader.finish(&mut builder)?;
        let mut values = builder.take();
        assert_eq!(values.len(), 1, "a document is one value");
        Ok((values.pop().unwrap(), reader.warning_count()))
    }

    fn check_read(&self, piece: usize) -> Result<(), String> {
        let read = self.read(piece);
        if self.kind == Kind::Fail {
            return self.check_error(read);
        }
        let (value, warnings) = read.map_err(|error| error.to_string())?;
        let expected = self.value();
        if value != expected {
            return Err(format!("{value:?}\ninstead of {expected:?}"));
        }
        let is_allowed = match self.warnings {
            Some(expected) => warnings == expected,
            None => self.options.lenient || warnings == 0,
        };
        if is_allowed {
            return Ok(());
        }
        Err(format!(
            "{warnings} warnings instead of {:?}",
            self.warnings
        ))
    }

    /// What the writer makes of the case's JSON text.
    fn write(&self) -> Result<String, Error> {
        let options = self.options.write_options();
        let mut out = Vec::new();
        let Some(ending) = self.options.stream else {
            tonl::write::document(self.json().as_bytes(), &options, &mut out)?;
            return Ok(String::from_utf8(out).unwrap());
        };
        let mut writer = StreamWriter::new(&options);
        let json = self.json().trim_start_matches('\u{FEFF}');
        for (line, number) in json.lines().zip(0..) {
            if !line.trim().is_empty() {
                let written = writer.record(line.as_bytes(), &mut out);
                written.map_err(|error| error.moved_down(number))?;
            }
        }
        let end = match ending {
            Ending::Counted => EndLine::Count,
            Ending::Open => EndLine::None,
        };
        writer.finish(end, &mut out);
        Ok(String::from_utf8(out).unwrap())
    }

    /// Compares an error with the one expected.
    fn check_error<T>(&self, result: Result<T, Error>) -> Result<(), String> {
        let expected = self.error.as_ref().unwrap();
        let Err(error) = result else {
            return Err(format!("no error instead of {}", expected.code));
        };
        let position = error.position();
        let (line, column) = (position.map(|p| p.line), position.map(|p| p.column));
        let is_same = error.code().as_str() == expected.code
            && (expected.line.is_none() || expected.line == line)
            && (expected.column.is_none() || expected.column == column);
        if is_same {
            return Ok(());
        }
        let place = (expected.line.unwrap_or(0), expected.column.unwrap_or(0));
        Err(format!(
            "{error}\ninstead of {} at {place:?}",
            expected.code
        ))
    }

    fn json(&self) -> &str {
        self.json.as_deref().unwrap_or_default()
    }

    fn tonl(&self) -> &str {
        self.tonl.as_deref().unwrap_or_default()
    }

    /// The document that the case's JSON stands for; a stream is an array.
    fn value(&self) -> Value {
        let limits = Limits::default();
        let text = self.json().as_bytes();
        if self.options.stream.is_none() {
            return tonl::json::parse_value(text, &limits).unwrap();
        }
        let records = self.json().trim_start_matches('\u{FEFF}').lines();
        let records = records.filter(|line| !line.trim().is_empty());
        let parse = |line: &str| tonl::json::parse_value(line.as_bytes(), &limits).unwrap();
        Value::Array(records.map(parse).collect())
    }
}

#[test]
fn names_are_unique_in_a_file_and_cases_are_complete() {
    let mut seen = std::collections::HashSet::new();
    for (file, content) in files() {
        for case in content.cases {
            let (json, tonl) = (case.json.is_some(), case.tonl.is_some());
            let complete = match case.kind {
                Kind::Fail => case.error.is_some() && json != tonl,
                _ => case.error.is_none() && json && tonl,
            };
            assert!(complete, "{file}: {}", case.name);
            if let Some(error) = case.error {
                let is_known = Code::ALL.iter().any(|code| code.as_str() == error.code);
                assert!(is_known, "{file}: {}: {}", case.name, error.code);
                assert!(
                    error.column.is_none() || error.line.is_some(),
                    "{file}: {}",
                    case.name
                );
            }
            assert!(
                case.warnings.is_none() || case.options.lenient,
                "{file}: {}",
                case.name
            );
            assert!(
                seen.insert((file.clone(), case.name.clone())),
                "{file}: {}",
                case.name
            );
        }
    }
}

#[test]
fn every_file_is_laid_out_as_an_update_writes_it() {
    update::update_if_asked();
    for path in paths() {
        let text = std::fs::read_to_string(&path).unwrap();
        let file = serde_json::from_str(&text).unwrap();
        assert_eq!(text, update::layout(&file), "{}", path.display());
    }
}

#[test]
fn the_reader_gives_the_values_and_errors_of_every_case() {
    every_case(|case| match case.tonl {
        Some(_) if case.kind != Kind::Encode => case.check_read(usize::MAX),
        _ => Ok(()),
    });
}

#[test]
fn the_reader_gives_the_same_byte_by_byte() {
    every_case(|case| match case.tonl {
        Some(_) if case.kind != Kind::Encode => case.check_read(1),
        _ => Ok(()),
    });
}

#[test]
fn the_writer_gives_exactly_the_texts_of_encode_and_both() {
    every_case(|case| {
        if !matches!(case.kind, Kind::Encode | Kind::Both) {
            return Ok(());
        }
        match case.write() {
            Ok(text) if text == case.tonl() => Ok(()),
            Ok(text) => Err(format!("{text}instead of\n{}", case.tonl())),
            Err(error) => Err(error.to_string()),
        }
    });
}

#[test]
fn the_writer_refuses_what_it_must_at_its_place() {
    every_case(|case| match case.json {
        Some(_) if case.kind == Kind::Fail => case.check_error(case.write()),
        _ => Ok(()),
    });
}

#[test]
fn the_oracle_agrees_with_every_case_of_strict_reading() {
    every_case(|case| {
        let options = &case.options;
        let is_plain = !options.lenient
            && !options.strict_types
            && (options.limits == LimitOptions::default() || case.kind != Kind::Fail);
        if !is_plain || case.tonl.is_none() {
            return Ok(());
        }
        let decoded = tonl_testkit::oracle::decode(case.tonl());
        match (case.kind, decoded) {
            (Kind::Fail, Ok(value)) => Err(format!("reads as {value:?}")),
            (Kind::Fail, Err(_)) => Ok(()),
            (_, Ok(value)) if value == case.value() => Ok(()),
            (_, other) => Err(format!("{other:?}\ninstead of {:?}", case.value())),
        }
    });
}
