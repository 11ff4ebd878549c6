//! Every case of `spec/fixtures/*.json`, as a user of the command meets it.
//!
//! The library's own tests look at values; here the same tables go through arguments, pipes and exit
//! codes.

use crate::sandbox::{Outcome, Sandbox};
use serde_json::Value;
use std::path::{Path, PathBuf};

/// One case with the file it stands in.
struct Case {
    place: String,
    fields: Value,
}

impl Case {
    fn text(&self, field: &str) -> Option<&str> {
        self.fields[field].as_str()
    }

    fn kind(&self) -> &str {
        self.text("kind").unwrap()
    }

    /// The case's options as arguments of `convert`.
    fn arguments(&self) -> Vec<String> {
        let options = &self.fields["options"];
        let mut arguments = Vec::new();
        for (field, flag) in [
            ("profile", "--profile"),
            ("types", "--types"),
            ("label", "--name"),
        ] {
            if let Some(value) = options[field].as_str() {
                arguments.extend([flag.to_owned(), value.to_owned()]);
            }
        }
        for (field, flag) in [
            ("depth", "--limit-depth"),
            ("columns", "--limit-columns"),
            ("rows", "--limit-rows"),
            ("line_bytes", "--limit-line"),
            ("total_bytes", "--limit-bytes"),
        ] {
            if let Some(value) = options["limits"][field].as_u64() {
                arguments.extend([flag.to_owned(), value.to_string()]);
            }
        }
        for (field, flag) in [("lenient", "--lenient"), ("strict_types", "--strict-types")] {
            if options[field] == true {
                arguments.push(flag.to_owned());
            }
        }
        arguments
    }

    fn convert(&self, sandbox: &Sandbox, from: &str, to: &str, input: &str) -> Outcome {
        let mut arguments = vec!["convert", "-", "--from", from, "--to", to, "--compact"];
        let options = self.arguments();
        arguments.extend(options.iter().map(String::as_str));
        sandbox.fed(&arguments, input)
    }

    /// What the command makes of the case's JSON text.
    fn encode(&self, sandbox: &Sandbox) -> Outcome {
        let json = self.text("json").unwrap();
        let Some(ending) = self.fields["options"]["stream"].as_str() else {
            return self.convert(sandbox, "json", "tonl", json);
        };
        let options = self.arguments();
        let mut arguments = vec!["stream", "--no-skip-invalid"];
        arguments.extend(options.iter().map(String::as_str));
        if ending == "open" {
            return sandbox.fed(&arguments, json);
        }
        arguments.extend(["--output", "out.tonl", "--force"]);
        let mut outcome = sandbox.fed(&arguments, json);
        outcome.stdout = sandbox.read("out.tonl");
        outcome
    }

    /// The JSON that the case's text stands for; the lines of a stream are an array.
    fn expected_value(&self) -> tonl::Value {
        let json = self.text("json").unwrap();
        if self.fields["options"]["stream"].is_null() {
            return parsed(json);
        }
        let records = json.trim_start_matches('\u{feff}').lines();
        let records: Vec<&str> = records.filter(|line| !line.trim().is_empty()).collect();
        parsed(&format!("[{}]", records.join(",")))
    }

    fn check(&self, sandbox: &Sandbox) -> Result<(), String> {
        if self.kind() == "fail" {
            return self.check_failure(sandbox);
        }
        if matches!(self.kind(), "encode" | "both") {
            let outcome = self.encode(sandbox);
            let expected = self.text("tonl").unwrap();
            if outcome.code != Some(0) || outcome.stdout != expected {
                return Err(format!("{outcome}\ninstead of\n{expected}"));
            }
        }
        if matches!(self.kind(), "decode" | "both") {
            self.check_decoding(sandbox)?;
        }
        Ok(())
    }

    fn check_decoding(&self, sandbox: &Sandbox) -> Result<(), String> {
        let tonl = self.text("tonl").unwrap();
        let outcome = self.convert(sandbox, "tonl", "json", tonl);
        if outcome.code != Some(0) || parsed(&outcome.stdout) != self.expected_value() {
            return Err(format!("{outcome}\ninstead of\n{}", self.fields["json"]));
        }
        let warnings = outcome.stderr.matches("warning:").count() as u64;
        match self.fields["warnings"].as_u64() {
            Some(expected) if expected != warnings => Err(format!(
                "{outcome}\n{warnings} warnings instead of {expected}"
            )),
            _ => Ok(()),
        }
    }

    fn check_failure(&self, sandbox: &Sandbox) -> Result<(), String> {
        let outcome = match self.text("tonl") {
            Some(tonl) => self.convert(sandbox, "tonl", "json", tonl),
            None => self.encode(sandbox),
        };
        let error = &self.fields["error"];
        let code = error["code"].as_str().unwrap();
        let mut parts = vec![format!("({code})")];
        parts.extend(error["line"].as_u64().map(|line| format!("line {line}, ")));
        parts.extend(
            error["column"]
                .as_u64()
                .map(|column| format!("column {column}:")),
        );
        let says_so = parts.iter().all(|part| outcome.stderr.contains(part));
        if outcome.code == Some(2) && says_so {
            return Ok(());
        }
        Err(format!("{outcome}\ninstead of {}", parts.join(" ")))
    }
}

/// The value of a JSON text, with the text of its numbers and the order of its keys.
fn parsed(json: &str) -> tonl::Value {
    let limits = tonl::Limits::default();
    let value = tonl::json::parse_value(json.trim_end().as_bytes(), &limits);
    value.unwrap_or_else(|error| panic!("{error}: {json}"))
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../spec/fixtures");
    let entries = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    let mut cases = Vec::new();
    for path in files {
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        let table: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for fields in table["cases"].as_array().unwrap() {
            let name = fields["name"].as_str().unwrap();
            cases.push(Case {
                place: format!("{file}: {name}"),
                fields: fields.clone(),
            });
        }
    }
    cases
}

#[test]
fn the_command_keeps_to_every_fixture_of_the_specification() {
    let cases = cases();
    assert!(cases.len() >= 330, "{} cases", cases.len());
    let sandbox = Sandbox::new();
    let failures: Vec<String> = cases
        .iter()
        .filter_map(|case| {
            let failure = case.check(&sandbox).err()?;
            Some(format!("{}\n{failure}", case.place))
        })
        .collect();
    assert!(
        failures.is_empty(),
        "{} of {} cases fail\n\n{}",
        failures.len(),
        cases.len(),
        failures.join("\n\n")
    );
}
