//! What the fuzz targets check. Each takes any bytes and panics if a promise is broken, so that the
//! same checks run under a fuzzer and in ordinary tests.

#![expect(
    clippy::panic,
    reason = "a panic is how a fuzz target reports what is wrong"
)]

#[cfg(feature = "convert")]
mod checked;
#[cfg(feature = "convert")]
mod ndjson;
#[cfg(feature = "convert")]
mod toon;
#[cfg(feature = "convert")]
mod yaml;

use crate::{Random, codec, compare, generate, oracle};
use tonl::write::{EndLine, StreamWriter};
use tonl::{Limits, ReadOptions, Strictness, Value, WriteOptions};
#[cfg(feature = "convert")]
pub use {toon::toon, yaml::yaml_budget};

/// Any bytes as TONL text: no panic; any split reads the same; the oracle agrees; what was read is
/// written and read back as it was. Lenient reading takes what strict reading takes and, but for the
/// empty strings of §13.3, reads the same.
///
/// # Panics
/// If one of that does not hold.
pub fn reader(data: &[u8]) {
    let options = ReadOptions::default();
    let whole = codec::read(data, &options);
    let mut random = Random::new(data.len() as u64);
    let split = codec::read_in_pieces(&codec::pieces(data, &mut random), &options);
    let place = |read: &tonl::Result<Value>| match read {
        Ok(_) => None,
        Err(error) => Some((error.code(), error.position())),
    };
    assert_eq!(place(&whole), place(&split), "a split changes the result");
    if let Ok(text) = std::str::from_utf8(data) {
        agrees_with_oracle(text, &whole);
    }
    let mut lenient = ReadOptions::default();
    lenient.strictness = Strictness::Lenient;
    let leniently = codec::read(data, &lenient);
    if let Ok(value) = whole {
        assert_same(&value, &split.unwrap_or_default(), "read in pieces");
        match leniently {
            Ok(leniently) if may_hold_empty_strings(data) => {
                let (value, leniently) = (without_empty(&value), without_empty(&leniently));
                assert_same(&value, &leniently, "read leniently, empty strings aside");
            }
            Ok(leniently) => assert_same(&value, &leniently, "read leniently"),
            Err(error) => panic!("{error} leniently in {}", String::from_utf8_lossy(data)),
        }
        survives(&value);
    }
}

/// Whether lenient reading may take an empty cell for the empty string, §13.3.
fn may_hold_empty_strings(data: &[u8]) -> bool {
    let holds = |part: &[u8]| data.windows(part.len()).any(|window| window == part);
    let spaces: [&[u8]; 4] = [b", ", b"| ", b"; ", b"\t "];
    holds(b"str") && spaces.into_iter().any(holds)
}

/// The value without the members that are empty strings, at any depth.
fn without_empty(value: &Value) -> Value {
    match value {
        Value::Array(items) => Value::Array(items.iter().map(without_empty).collect()),
        Value::Object(object) => {
            let is_kept = |value: &Value| !matches!(value, Value::String(text) if text.is_empty());
            let kept = object.iter().filter(|(_, value)| is_kept(value));
            let members = kept.map(|(key, value)| (key.to_owned(), without_empty(value)));
            generate::object_of(members.collect())
        }
        other => other.clone(),
    }
}

/// Asserts that the oracle and the reader accept the same texts and read the same values.
///
/// # Panics
/// If they do not.
pub fn agrees_with_oracle(text: &str, read: &tonl::Result<Value>) {
    match (read, oracle::decode(text)) {
        (Ok(value), Ok(expected)) => assert_same(&expected, value, "read"),
        (Err(_), Err(_)) => {}
        (Ok(value), Err(error)) => panic!("{text:?} reads as {value:?}, but: {error}"),
        (Err(error), Ok(value)) => panic!("{text:?} fails with {error}, but reads as {value:?}"),
    }
}

/// Any bytes as JSON: no panic; what the parser takes comes back unchanged from every profile, and as
/// a stream of records.
///
/// # Panics
/// If it does not.
pub fn round_trip(data: &[u8]) {
    #[cfg(feature = "convert")]
    ndjson::documents_are_streams_of_their_records(data);
    let parsed = tonl::json::parse_value(data, &Limits::default());
    for options in codec::all_write_options() {
        let written = codec::write_json(data, &options);
        match (&parsed, written) {
            (Ok(value), Ok(text)) => reads_as(value, &text),
            (Err(_), Err(_)) => {}
            (Ok(_), Err(error)) => panic!("valid JSON is not written: {error}"),
            (Err(error), Ok(text)) => panic!("invalid JSON ({error}) is written as {text:?}"),
        }
    }
}

/// Any bytes as lines of JSON: the stream reads as its valid records, whatever the pauses; the pieces
/// in which the bytes come make no difference, pulled or pushed. The same bytes as a JSON document
/// are refused, or a stream of its records.
///
/// # Panics
/// If it does not.
pub fn ndjson_chunks(data: &[u8]) {
    #[cfg(feature = "convert")]
    {
        ndjson::pieces_make_no_difference(data);
        ndjson::documents_are_streams_of_their_records(data);
    }
    let mut random = Random::new(data.len() as u64);
    for options in codec::all_write_options() {
        let mut records = Vec::new();
        let mut out = Vec::new();
        let mut writer = StreamWriter::new(&options);
        for line in data.split(|byte| *byte == b'\n') {
            // A byte-order mark stands at the beginning of a text, never of a record.
            let has_mark = line.starts_with(b"\xEF\xBB\xBF");
            let parsed = tonl::json::parse_value(line, &options.limits)
                .ok()
                .filter(|_| !has_mark);
            let before = out.len();
            let written = writer.record(line, &mut out);
            assert_eq!(parsed.is_some(), written.is_ok(), "{line:?}: {written:?}");
            match parsed {
                Some(record) => records.push(record),
                None => assert_eq!(before, out.len(), "a refused line leaves a trace"),
            }
            if random.chance(10) {
                writer.pause(&mut out);
            }
        }
        writer.finish(EndLine::Count, &mut out);
        reads_as(&Value::Array(records), &String::from_utf8_lossy(&out));
    }
}

fn survives(value: &Value) {
    for options in codec::all_write_options() {
        match codec::write(value, &options) {
            Ok(text) => reads_as(value, &text),
            Err(error) => panic!("what was read is not written: {error}"),
        }
    }
}

fn reads_as(value: &Value, text: &str) {
    match codec::read(text.as_bytes(), &ReadOptions::default()) {
        Ok(read) => assert_same(value, &read, text),
        Err(error) => panic!("{error} in what was written:\n{text}"),
    }
}

fn assert_same(expected: &Value, value: &Value, what: &str) {
    let difference = compare::difference(expected, value);
    assert!(difference.is_none(), "{difference:?}: {what}");
}

/// The options that a stream is read with to prove that it passes the check of strict types.
pub fn strict_types() -> ReadOptions {
    let mut options = ReadOptions::default();
    options.ranges = tonl::Ranges::Checked;
    options
}

/// A stream's output passes the check of strict types, §10.2.
///
/// # Panics
/// If it does not.
pub fn stream_is_strict(records: &[Value], options: &WriteOptions, random: &mut Random) {
    let text = codec::write_stream(records, options, Some(random))
        .unwrap_or_else(|error| panic!("a record is refused: {error}"));
    match codec::read(text.as_bytes(), &strict_types()) {
        Ok(read) => assert_same(&Value::Array(records.to_vec()), &read, &text),
        Err(error) => panic!("{error} in\n{text}"),
    }
}
