//! Real documents and the JSON test suite, when `TONL_CORPORA` names their folder.
//!
//! The corpora are not part of the repository. Without the variable these tests say on stderr that
//! they looked at nothing.

use std::path::{Path, PathBuf};
use tonl::{Code, Limits, ReadOptions, Value};
use tonl_testkit::{Random, codec, compare, targets};

#[expect(
    clippy::disallowed_methods,
    reason = "where the corpora are is the one setting of these tests"
)]
fn folder(name: &str) -> Option<PathBuf> {
    let Some(corpora) = std::env::var_os("TONL_CORPORA") else {
        eprintln!("TONL_CORPORA is not set: {name} is not looked at");
        return None;
    };
    Some(Path::new(&corpora).join(name))
}

/// The files of one corpus with their bytes, in order; none if the corpora are not there.
fn corpus(name: &str, extension: &str) -> Vec<(String, Vec<u8>)> {
    let Some(folder) = folder(name) else {
        return Vec::new();
    };
    let entries = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> = entries
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} holds files", folder.display());
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    let read = |path: PathBuf| (name(&path), std::fs::read(&path).unwrap());
    paths.into_iter().map(read).collect()
}

/// What every profile makes of a JSON text reads as the same value.
fn survives(file: &str, text: &[u8], value: &Value) {
    for options in codec::all_write_options() {
        let tonl = codec::write_json(text, &options).unwrap();
        let read = codec::read(tonl.as_bytes(), &ReadOptions::default());
        let read = read.unwrap_or_else(|error| panic!("{file}: {options:?}: {error}"));
        let difference = compare::difference(value, &read);
        assert!(difference.is_none(), "{file}: {options:?}: {difference:?}");
    }
}

const DUPLICATES: [&str; 2] = [
    "y_object_duplicated_key.json",
    "y_object_duplicated_key_and_value.json",
];

#[test]
fn the_json_test_suite_is_judged_as_it_says() {
    for (file, text) in corpus("jsontestsuite", "json") {
        let parsed = tonl::json::parse_value(&text, &Limits::default());
        let prefix = file.split('_').next().unwrap();
        match (prefix, parsed) {
            ("y", Err(error)) if DUPLICATES.contains(&file.as_str()) => {
                assert_eq!(error.code(), Code::DuplicateKey, "{file}");
            }
            ("y", Err(error)) => panic!("{file}: {error}"),
            ("n", Ok(value)) => panic!("{file}: {value:?}"),
            (_, Ok(value)) => {
                assert!(!DUPLICATES.contains(&file.as_str()), "{file}");
                survives(&file, &text, &value);
            }
            (_, Err(error)) => assert!(error.position().is_some(), "{file}: {error}"),
        }
        targets::round_trip(&text);
    }
}

#[test]
fn real_documents_lose_nothing() {
    for (file, text) in corpus("json", "json") {
        let value = tonl::json::parse_value(&text, &Limits::default())
            .unwrap_or_else(|error| panic!("{file}: {error}"));
        survives(&file, &text, &value);
    }
}

#[test]
fn real_streams_lose_nothing_and_pass_strict_types() {
    for (file, text) in corpus("ndjson", "ndjson") {
        let lines = text.split(|byte| *byte == b'\n');
        let records: Vec<Value> = lines
            .filter(|line| !line.trim_ascii().is_empty())
            .map(|line| tonl::json::parse_value(line, &Limits::default()).unwrap())
            .collect();
        assert!(!records.is_empty(), "{file}");
        for options in codec::all_write_options() {
            targets::stream_is_strict(&records, &options, &mut Random::new(1));
        }
    }
}
