//! The conformance fixtures of TOON 4.0, if `TONL_CORPORA` names a folder that holds them as
//! `toon-spec`: files of cases for the encoder and for the decoder.
//!
//! Cases that are optional leniencies may be left out: they stand in [`LEFT_OUT`] with a reason. The
//! list may only shrink, so a case of it that passes is a fault.

use serde_json::Value;
use std::path::Path;
use tonl::Limits;
use tonl_convert::sink::{JsonSink, Layout, TextSink, ToonSink};
use tonl_convert::toon::{self, Delimiter, Strictness, ToonReadOptions, ToonWriteOptions};

/// The names of cases that do not pass, each with the reason.
const LEFT_OUT: &[(&str, &str)] = &[];

#[test]
fn the_toon_fixtures_pass() {
    let Some(folder) = crate::corpora().map(|folder| folder.join("toon-spec/fixtures")) else {
        println!("did nothing: TONL_CORPORA is not set");
        return;
    };
    let mut faults = Vec::new();
    for (kind, judge, least) in [
        (
            "encode",
            judge_encode as fn(&Value) -> Result<(), String>,
            173,
        ),
        ("decode", judge_decode, 343),
    ] {
        let cases = cases(&folder.join(kind));
        println!("{} cases of {kind}", cases.len());
        assert!(cases.len() >= least, "too few cases of {kind}");
        for case in cases {
            let name = case["name"].as_str().unwrap();
            let is_left_out = LEFT_OUT.iter().any(|(left_out, _)| *left_out == name);
            match judge(&case) {
                Ok(()) if is_left_out => {
                    faults.push(format!("{kind}: {name}: passes, so unlist it"));
                }
                Err(fault) if !is_left_out => faults.push(format!("{kind}: {name}: {fault}")),
                _ => {}
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn cases(folder: &Path) -> Vec<Value> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut cases = Vec::new();
    for path in paths {
        let mut file: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        cases.append(file["tests"].as_array_mut().unwrap());
    }
    cases
}

fn judge_encode(case: &Value) -> Result<(), String> {
    let mut options = ToonWriteOptions::default();
    options.indent = indent(case);
    options.delimiter = match case["options"]["delimiter"].as_str() {
        Some("\t") => Delimiter::Tab,
        Some("|") => Delimiter::Pipe,
        _ => Delimiter::Comma,
    };
    let json = case["input"].to_string();
    let mut sink = ToonSink::new(options);
    tonl::json::parse(json.as_bytes(), &Limits::default(), &mut sink)
        .and_then(|()| sink.finish())
        .map_err(|error| error.to_string())?;
    let found = String::from_utf8(std::mem::take(sink.buffer())).unwrap();
    let expected = case["expected"].as_str().unwrap();
    if found == expected {
        Ok(())
    } else {
        Err(format!("written as {found:?}, expected {expected:?}"))
    }
}

fn judge_decode(case: &Value) -> Result<(), String> {
    let mut options = ToonReadOptions::default();
    options.indent = indent(case);
    if case["options"]["strict"] == Value::Bool(false) {
        options.strictness = Strictness::Lenient;
    }
    let text = case["input"].as_str().unwrap();
    let mut sink = JsonSink::new(Layout::Compact);
    let read = toon::parse(text, &options, &mut sink);
    let found = String::from_utf8(std::mem::take(sink.buffer())).unwrap();
    match read {
        Err(error) if error.position().is_none() => Err(format!("no position: {error}")),
        Err(_) if case["shouldError"] == Value::Bool(true) => Ok(()),
        Err(error) => Err(format!("refused: {error}")),
        Ok(()) if case["shouldError"] == Value::Bool(true) => {
            Err(format!("must be refused, was read as {found}"))
        }
        Ok(()) => {
            let found: Value = serde_json::from_str(&found).unwrap();
            let is_same = same(&found, &case["expected"]);
            let fault = || format!("read as {found}, expected {}", case["expected"]);
            is_same.then_some(()).ok_or_else(fault)
        }
    }
}

fn indent(case: &Value) -> usize {
    let indent = case["options"]["indentSize"].as_u64().unwrap_or(2);
    usize::try_from(indent).unwrap()
}

/// Equal, the order of members included, numbers by their value.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            let members = a.iter().zip(b);
            a.len() == b.len() && { members }
                .all(|((a_key, a), (b_key, b))| a_key == b_key && same(a, b))
        }
        (Value::Number(a), Value::Number(b)) => a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}
