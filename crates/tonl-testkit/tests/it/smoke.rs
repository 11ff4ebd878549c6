//! Runs the bodies of the fuzz targets.

use std::path::{Path, PathBuf};
use tonl::Value;
use tonl_testkit::{Random, codec, generate, json, mutate, targets};

/// How often each seed is damaged.
const DAMAGES: u64 = 20;

/// How many random inputs each target gets.
const INPUTS: u64 = 1_500;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The checked-in inputs of a target.
fn seeds(target: &str) -> Vec<String> {
    let folder = root().join("fuzz/seeds").join(target);
    let mut paths: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{target} has seeds");
    let read = |path: &PathBuf| std::fs::read_to_string(path).unwrap();
    paths.iter().map(read).collect()
}

/// One member of every case of the fixtures.
fn fixtures(member: &str) -> Vec<String> {
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(root().join("spec/fixtures")).unwrap() {
        let text = std::fs::read(entry.unwrap().path()).unwrap();
        let file = tonl::json::parse_value(&text, &tonl::Limits::default()).unwrap();
        let Value::Object(file) = file else { continue };
        let Some(Value::Array(cases)) = file.get("cases") else {
            continue;
        };
        texts.extend(cases.iter().filter_map(|case| match case {
            Value::Object(case) => match case.get(member) {
                Some(Value::String(text)) => Some(text.clone()),
                _ => None,
            },
            _ => None,
        }));
    }
    assert!(texts.len() > 300, "the fixtures hold {}", texts.len());
    texts.sort();
    texts.dedup();
    texts
}

/// Runs a target on the texts as they are and damaged.
fn run(target: impl Fn(&[u8]), texts: &[String], damages: u64) {
    for text in texts {
        target(text.as_bytes());
        for seed in 0..damages {
            target(mutate::mutated(text, &mut Random::new(seed)).as_bytes());
        }
    }
}

/// Bytes that are no text, so that invalid UTF-8 is met too.
fn noise(random: &mut Random) -> Vec<u8> {
    let length = random.below(60);
    let byte = |random: &mut Random| u8::try_from(random.below(256)).unwrap_or(0);
    (0..length).map(|_| byte(random)).collect()
}

#[test]
fn the_reader_keeps_its_promises_on_any_bytes() {
    run(targets::reader, &seeds("reader"), DAMAGES * 10);
    run(targets::reader, &fixtures("tonl"), DAMAGES / 4);
    let options = codec::all_write_options();
    for seed in 0..INPUTS {
        let mut random = Random::new(seed);
        let text = codec::write(&generate::document(&mut random), random.pick(&options)).unwrap();
        let mut bytes = mutate::mutated(&text, &mut random).into_bytes();
        targets::reader(&bytes);
        let at = random.below(bytes.len() + 1);
        bytes.splice(at..at, noise(&mut random));
        targets::reader(&bytes);
    }
}

#[test]
fn any_json_comes_back_from_every_profile() {
    run(targets::round_trip, &seeds("round_trip"), DAMAGES * 10);
    run(targets::round_trip, &fixtures("json"), DAMAGES / 4);
    for seed in 0..INPUTS {
        let mut random = Random::new(seed);
        let text = json::text(&generate::document(&mut random));
        targets::round_trip(mutate::mutated(&text, &mut random).as_bytes());
        targets::round_trip(&noise(&mut random));
    }
}

#[test]
fn any_lines_come_back_from_a_stream() {
    run(
        targets::ndjson_chunks,
        &seeds("ndjson_chunks"),
        DAMAGES * 10,
    );
    for seed in 0..INPUTS / 5 {
        let mut random = Random::new(seed);
        let records = generate::stream(&mut random);
        let lines: Vec<String> = records.iter().map(json::text).collect();
        let text = lines.join("\n");
        targets::ndjson_chunks(mutate::mutated(&text, &mut random).as_bytes());
    }
}

#[cfg(feature = "convert")]
#[test]
fn yaml_stays_within_its_budget() {
    run(targets::yaml_budget, &seeds("yaml_budget"), DAMAGES * 50);
    for seed in 0..INPUTS {
        let mut random = Random::new(seed);
        let text = json::text(&generate::document(&mut random));
        targets::yaml_budget(mutate::mutated(&text, &mut random).as_bytes());
    }
}

#[cfg(feature = "convert")]
#[test]
fn toon_comes_back_or_is_refused_with_a_place() {
    run(targets::toon, &seeds("toon"), DAMAGES * 50);
    for seed in 0..INPUTS {
        targets::toon(&noise(&mut Random::new(seed)));
    }
}
