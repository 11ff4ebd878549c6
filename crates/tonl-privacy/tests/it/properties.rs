//! Any document under any policy: the result is a value, what no rule names is as it was, and the
//! same comes out again. The judge is a slow matcher that looks at every rule for every member.

use crate::filtered;
use tonl::{Limits, Object, Value};
use tonl_privacy::{Detector, HashKey, Mode, Policy};
use tonl_testkit::{Random, generate, json};

#[derive(Debug)]
enum Step {
    Key(String),
    Any,
    Deep,
}

#[derive(Debug)]
struct Rule {
    steps: Vec<Step>,
    elements: bool,
    mode: Mode,
}

impl Rule {
    fn random(random: &mut Random, keys: &[String]) -> Self {
        let mut steps = Vec::new();
        for _ in 0..=random.below(3) {
            let after_deep = matches!(steps.last(), Some(Step::Deep));
            match random.below(6) {
                0 if !after_deep => steps.push(Step::Deep),
                1 => steps.push(Step::Any),
                _ => steps.push(Step::Key(random.pick(keys).clone())),
            }
        }
        if matches!(steps.last(), Some(Step::Deep)) {
            steps.push(Step::Key(random.pick(keys).clone()));
        }
        Self {
            steps,
            elements: random.chance(30),
            mode: *random.pick(&[Mode::Redact, Mode::Mask, Mode::Remove]),
        }
    }

    fn path(&self) -> String {
        let quoted =
            |key: &String| format!("\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""));
        let step = |step: &Step| match step {
            Step::Key(key) => quoted(key),
            Step::Any => "*".to_owned(),
            Step::Deep => "**".to_owned(),
        };
        let steps: Vec<String> = self.steps.iter().map(step).collect();
        steps.join(".") + if self.elements { "[]" } else { "" }
    }

    fn hits(&self, path: &[String]) -> bool {
        if let [Step::Key(key)] = self.steps.as_slice() {
            return path.last() == Some(key);
        }
        fits(&self.steps, path)
    }
}

fn fits(steps: &[Step], path: &[String]) -> bool {
    match (steps, path) {
        ([], []) => true,
        ([Step::Deep, rest @ ..], _) => (0..=path.len()).any(|skip| fits(rest, &path[skip..])),
        ([Step::Any, rest @ ..], [_, below @ ..]) => fits(rest, below),
        ([Step::Key(key), rest @ ..], [first, below @ ..]) => key == first && fits(rest, below),
        _ => false,
    }
}

/// The keys of a document, and some that it may not have.
fn keys_of(value: &Value, keys: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (key, value) in object.iter() {
                keys.push(key.to_owned());
                let parts = key.split('.').filter(|part| part.len() < key.len());
                keys.extend(parts.map(str::to_owned));
                keys_of(value, keys);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys_of(item, keys)),
        _ => {}
    }
}

/// What should come out of a value that these paths lead to: keys with dots have several.
fn expected(value: &Value, paths: &[Vec<String>], rules: &[Rule]) -> Value {
    match value {
        Value::Object(object) => {
            let members = object.iter().filter_map(|(key, value)| {
                Some((key.to_owned(), member(key, value, paths, rules)?))
            });
            Value::Object(Object::from_members(members.collect()).unwrap())
        }
        Value::Array(items) => Value::Array(
            items
                .iter()
                .map(|item| expected(item, paths, rules))
                .collect(),
        ),
        other => other.clone(),
    }
}

fn member(key: &str, value: &Value, paths: &[Vec<String>], rules: &[Rule]) -> Option<Value> {
    let first = |path: &Vec<String>| rules.iter().position(|rule| rule.hits(path));
    let (mut below, mut hits) = (Vec::new(), Vec::new());
    for path in paths {
        let whole = [&path[..], &[key.to_owned()]].concat();
        hits.extend(first(&whole));
        let mut parts = path.clone();
        hits.extend(key.split('.').filter_map(|part| {
            parts.push(part.to_owned());
            first(&parts)
        }));
        below.extend([whole, parts]);
    }
    below.sort();
    below.dedup();
    let Some(rule) = hits.into_iter().min().map(|at| &rules[at]) else {
        return Some(expected(value, &below, rules));
    };
    match value {
        Value::Array(items) if rule.elements => {
            let hidden = items.iter().filter_map(|item| hide(item, rule.mode));
            Some(Value::Array(hidden.collect()))
        }
        _ => hide(value, rule.mode),
    }
}

fn hide(value: &Value, mode: Mode) -> Option<Value> {
    let text = match (mode, value) {
        (Mode::Remove, _) => return None,
        (_, Value::Null) => return Some(Value::Null),
        (Mode::Mask, Value::String(text)) => tonl_privacy::mask(text),
        (Mode::Mask, _) => "***".to_owned(),
        _ => "[REDACTED]".to_owned(),
    };
    Some(Value::String(text))
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test's own variable, read by no library"
)]
fn documents() -> u64 {
    let wanted = std::env::var("TONL_RANDOM_DOCUMENTS");
    wanted.map_or(3_000, |count| count.parse().unwrap())
}

/// Compares the filter with the slow matcher; gives the number of hits.
fn compare(seed: u64, document: &Value, random: &mut Random) -> u64 {
    let mut keys = vec!["never".to_owned()];
    keys_of(document, &mut keys);
    let rules: Vec<Rule> = (0..random.below(6))
        .map(|_| Rule::random(random, &keys))
        .collect();
    let mut builder = Policy::builder();
    for rule in &rules {
        builder = builder.rule(rule.path().parse().unwrap(), rule.mode);
    }
    let policy = builder.build().unwrap();
    let text = json::text(document);
    let (out, findings) = filtered(&policy, &text);
    let judged = json::text(&expected(document, &[Vec::new()], &rules));
    assert_eq!(out, judged, "seed {seed}: {text}\n{rules:?}");
    assert_eq!(filtered(&policy, &text), (out, findings.clone()));
    findings.count()
}

#[test]
fn any_document_under_any_rules_is_as_the_slow_matcher_says() {
    let hits: u64 = (0..documents())
        .map(|seed| {
            let random = &mut Random::new(seed ^ 0x5EED);
            compare(seed, &generate::document_of(seed), random)
        })
        .sum();
    assert!(
        hits > documents() / 2,
        "too few hits to mean anything: {hits}"
    );
}

/// An object whose keys are few and often flat: `a.b` beside `a`.
fn flat(random: &mut Random, depth: usize) -> Value {
    let keys = ["a", "b", "a.b", "b.a", "a.b.a", "a..b", ".", "\"a.b\""];
    let mut members: Vec<(String, Value)> = Vec::new();
    for key in keys {
        if random.chance(40) {
            let value = if depth > 0 && random.chance(60) {
                flat(random, depth - 1)
            } else {
                Value::String(format!("secret {depth}"))
            };
            let value = if random.chance(20) {
                Value::Array(vec![value])
            } else {
                value
            };
            members.push((key.to_owned(), value));
        }
    }
    Value::Object(Object::from_members(members).unwrap())
}

#[test]
fn flat_keys_under_any_rules_are_as_the_slow_matcher_says() {
    let hits: u64 = (0..documents())
        .map(|seed| {
            let random = &mut Random::new(seed ^ 0xF1A7);
            let document = flat(random, 3);
            compare(seed, &document, random)
        })
        .sum();
    assert!(hits > documents(), "too few hits to mean anything: {hits}");
}

#[test]
fn detectors_leave_valid_texts_and_nothing_that_they_know() {
    let pieces = [
        "a@b.example",
        "+49 30 1234567",
        "123-45-6789",
        "4111111111111111",
        " ",
        "é",
        ",",
        "@",
        "DE89370400440532013000",
        "10.0.0.1",
        "fe80::1",
        "eyJhbGci.eyJzdWIi.sig",
        ".",
        "x",
        "-",
        "ghp_abcdefghijklmnopqrstuvwxyz",
        "1",
        "\\\"",
        "漢",
        "(",
    ];
    let key = HashKey::new(vec![5; 16]).unwrap();
    for seed in 0..documents() {
        let random = &mut Random::new(seed);
        let text: String = (0..random.below(8))
            .map(|_| *random.pick(&pieces))
            .collect();
        let mut builder = Policy::builder().key(key.clone());
        for detector in Detector::ALL {
            builder = builder.detector(*detector, Mode::Redact);
        }
        let policy = builder.build().unwrap();
        let (once, findings) = filtered(&policy, &format!("[\"{text}\"]"));
        let (twice, _) = filtered(&policy, &once);
        assert_eq!(
            findings.count() == 0,
            once == format!("[\"{text}\"]"),
            "{text}"
        );
        tonl::json::parse_value(twice.as_bytes(), &Limits::default()).unwrap();
    }
}
