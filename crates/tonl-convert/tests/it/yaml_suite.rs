//! The YAML test suite, if `TONL_CORPORA` names a folder that holds it as `yaml-test-suite`:
//! `ID.yaml` with its value in `ID.json` (several JSON values for several documents), or with an
//! `ID.error` if it must be refused. There are no exceptions.

use serde_json::Value;
use std::path::{Path, PathBuf};
use tonl_convert::sink::{JsonSink, Layout, TextSink};
use tonl_convert::source::yaml::{self, YamlOptions};

#[test]
fn the_yaml_test_suite_is_read_as_it_says() {
    let Some(folder) = crate::corpora().map(|folder| folder.join("yaml-test-suite")) else {
        println!("did nothing: TONL_CORPORA is not set");
        return;
    };
    let judged: Vec<_> = cases(&folder)
        .into_iter()
        .filter_map(|path| judge(&path).map(|result| (path, result)))
        .collect();
    let faults: Vec<_> = judged
        .iter()
        .filter_map(|(path, result)| {
            let fault = result.as_ref().err()?;
            Some(format!("{}: {fault}", path.display()))
        })
        .collect();
    println!("{} cases", judged.len());
    assert!(judged.len() > 100, "too few cases in {}", folder.display());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .collect();
    paths.sort();
    paths
}

/// Nothing if the suite says nothing that could be compared.
fn judge(path: &Path) -> Option<Result<(), String>> {
    let yaml = std::fs::read_to_string(path).unwrap();
    let mut sink = JsonSink::new(Layout::Compact);
    let result = yaml::parse(&yaml, &YamlOptions::default(), &mut sink);
    let found = String::from_utf8(std::mem::take(sink.buffer())).unwrap();
    if path.with_extension("error").exists() {
        return Some(match result {
            Ok(()) => Err(format!("must be refused, was read as {found}")),
            Err(error) if error.position().is_none() => Err(format!("no position: {error}")),
            Err(_) => Ok(()),
        });
    }
    let json = std::fs::read_to_string(path.with_extension("json")).ok()?;
    let expected = documents(&json);
    Some(match result {
        Err(error) => Err(format!("refused: {error}")),
        Ok(()) if same(&serde_json::from_str(&found).unwrap(), &expected) => Ok(()),
        Ok(()) => Err(format!("read as {found}, expected {expected}")),
    })
}

fn documents(json: &str) -> Value {
    let mut values: Vec<Value> = serde_json::Deserializer::from_str(json)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    match values.len() {
        0 => Value::Null,
        1 => values.remove(0),
        _ => Value::Array(values),
    }
}

/// Equal apart from the order of members and the spelling of numbers.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => a == b,
    }
}
