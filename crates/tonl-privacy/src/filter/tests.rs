use super::*;
use crate::{HashKey, Preset};
use tonl::json::parse;
use tonl::{Limits, Value, ValueBuilder};

fn policy(rules: &[(&str, Mode)]) -> Policy {
    let mut builder = Policy::builder().key(HashKey::new(vec![9; 16]).unwrap());
    for (path, mode) in rules {
        builder = builder.rule(path.parse().unwrap(), *mode);
    }
    builder.build().unwrap()
}

fn detecting(detectors: &[Detector], mode: Mode) -> Policy {
    let mut builder = Policy::builder().key(HashKey::new(vec![9; 16]).unwrap());
    for detector in detectors {
        builder = builder.detector(*detector, mode);
    }
    builder.build().unwrap()
}

fn filtered(policy: &Policy, json: &str) -> (String, Findings) {
    let mut filter = Filter::new(policy, Detail::Places, ValueBuilder::new());
    parse(json.as_bytes(), &Limits::default(), &mut filter).unwrap();
    let value = filter.sink().take().pop().unwrap();
    (tonl_testkit::json::text(&value), filter.into_findings())
}

#[track_caller]
fn check(rules: &[(&str, Mode)], json: &str, expected: &str) {
    assert_eq!(filtered(&policy(rules), json).0, expected);
}

#[test]
fn members_are_hidden_at_any_depth_and_in_arrays() {
    check(
        &[("email", Mode::Redact)],
        r#"[{"email":"a@b.cd","x":{"email":1}},{"l":[{"email":true,"y":2}]}]"#,
        r#"[{"email":"[REDACTED]","x":{"email":"[REDACTED]"}},{"l":[{"email":"[REDACTED]","y":2}]}]"#,
    );
    check(
        &[("items[].card", Mode::Mask), ("user.email", Mode::Mask)],
        r#"{"items":[{"card":"4532-1234-5678-9010"}],"user":{"email":"alice@x.com"},"email":"b@x.com"}"#,
        r#"{"items":[{"card":"****-****-****-9010"}],"user":{"email":"a***@x.com"},"email":"b@x.com"}"#,
    );
}

#[test]
fn null_stays_null_and_other_kinds_become_opaque() {
    let json = r#"{"a":null,"b":12,"c":false,"d":{"x":1},"e":[1,[2]],"f":"text"}"#;
    let rules = |mode| [("*", mode)];
    check(
        &rules(Mode::Mask),
        json,
        r#"{"a":null,"b":"***","c":"***","d":"***","e":"***","f":"t***t"}"#,
    );
    let all = r#"{"a":null,"b":"R","c":"R","d":"R","e":"R","f":"R"}"#.replace('R', "[REDACTED]");
    check(&rules(Mode::Redact), json, &all);
    check(&rules(Mode::Remove), json, "{}");
}

#[test]
fn removed_members_take_their_keys_along() {
    check(
        &[("a", Mode::Remove)],
        r#"[{"a":1},{"b":2,"a":{"c":[1,{}]},"d":3},{"a":null}]"#,
        r#"[{},{"b":2,"d":3},{}]"#,
    );
}

#[test]
fn elements_are_hidden_one_by_one() {
    let json = r#"{"tags":["alpha",7,null,{"x":1},[2]],"o":{"tags":"alone"}}"#;
    check(
        &[("tags[]", Mode::Mask)],
        json,
        r#"{"tags":["a***a","***",null,"***","***"],"o":{"tags":"a***e"}}"#,
    );
    check(&[("tags[]", Mode::Remove)], json, r#"{"tags":[],"o":{}}"#);
}

#[test]
fn a_hashed_value_is_the_same_wherever_it_stands() {
    let json = r#"[{"a":"x"},{"b":{"a":"x"}},{"a":{"k":[1,2]}},{"a":{"k":[1,3]}}]"#;
    let (text, _) = filtered(&policy(&[("a", Mode::Hash)]), json);
    let value = tonl::json::parse_value(text.as_bytes(), &Limits::default()).unwrap();
    let names: Vec<&str> = text
        .split('"')
        .filter(|part| part.starts_with("hash:"))
        .collect();
    assert!(matches!(value, Value::Array(_)));
    assert_eq!(names.len(), 4);
    assert_eq!(names[0], names[1]);
    assert_ne!(names[2], names[3]);
}

#[test]
fn occurrences_are_replaced_inside_texts() {
    let json = r#"["call +1 555-123-4567 or mail bob@x.com!",4111111111111111,"é 10.0.0.1"]"#;
    let detectors = [
        Detector::Email,
        Detector::Phone,
        Detector::Card,
        Detector::Ipv4,
    ];
    let of = |mode| filtered(&detecting(&detectors, mode), json).0;
    assert_eq!(
        of(Mode::Mask),
        r#"["call ***-***-4567 or mail b***@x.com!","****-****-****-1111","é ***"]"#
    );
    assert_eq!(
        of(Mode::Redact),
        r#"["call [REDACTED] or mail [REDACTED]!","[REDACTED]","é [REDACTED]"]"#
    );
    assert_eq!(of(Mode::Remove), r#"["call  or mail !","","é "]"#);
    assert_eq!(of(Mode::Hash).matches("hash:").count(), 4);
}

#[test]
fn an_occurrence_and_a_whole_field_have_one_name() {
    let by_field = filtered(&policy(&[("a", Mode::Hash)]), r#"{"a":"a@x.com"}"#).0;
    let found = filtered(
        &detecting(&[Detector::Email], Mode::Hash),
        r#"{"a":"a@x.com"}"#,
    );
    assert_eq!(by_field, found.0);
}

#[test]
fn findings_count_and_name_places_and_records_but_no_value() {
    let policy = Policy::builder()
        .rule("email".parse().unwrap(), Mode::Redact)
        .preset(Preset::Gdpr, Mode::Redact)
        .build()
        .unwrap();
    let json = r#"[{"n":1},{"email":"x@secret.com"},{"l":[{"email":"y@secret.com"}],"Last_Name":"Secret",
        "note":"a@secret.com b@secret.com","k@secret.com":{"email":1}}]"#;
    let (text, findings) = filtered(&policy, json);
    assert!(!text.contains("Secret"));
    let told: Vec<String> = findings
        .hits()
        .filter(|hits| hits.count > 0)
        .map(|hits| {
            let places: Vec<String> = hits
                .places
                .iter()
                .map(|place| format!("{}x{}@{}", place.path, place.count, place.first_record))
                .collect();
            format!("{} {} {}", hits.origin, hits.count, places.join(" "))
        })
        .collect();
    assert_eq!(
        told,
        [
            "email 3 emailx1@2 l[].emailx1@3 [REDACTED].emailx1@3",
            "gdpr: lastname 1 Last_Namex1@3",
            "detector email 2 notex2@3",
        ]
    );
    assert!(!format!("{findings:?}").contains("secret.com"));
}

#[test]
fn an_abandoned_line_leaves_no_hits() {
    let policy = policy(&[("a", Mode::Remove)]);
    let mut filter = Filter::new(&policy, Detail::Counts, ValueBuilder::new()).by_line();
    let limits = Limits::default();
    for line in [r#"{"a":1}"#, r#"{"a":{"b":[1"#, "[[1],2]", r#"{"a":2}"#] {
        if parse(line.as_bytes(), &limits, &mut filter).is_err() {
            filter.abandon();
            *filter.sink() = ValueBuilder::new();
        }
    }
    let findings = filter.into_findings();
    let hits = findings.hits().next().unwrap();
    assert_eq!((hits.count, hits.first_record), (2, Some(1)));
}

#[test]
fn memory_grows_with_depth_and_not_with_a_hidden_value() {
    let policy = policy(&[("a", Mode::Hash)]);
    let mut filter = Filter::new(&policy, Detail::Counts, Nothing);
    filter.event(Event::BeginObject).unwrap();
    filter.event(Event::Key("a")).unwrap();
    for _ in 0..100_000 {
        filter.event(Event::BeginArray).unwrap();
    }
    for _ in 0..100_000 {
        filter.event(Event::EndArray).unwrap();
    }
    filter.event(Event::EndObject).unwrap();
    assert!(filter.frames.capacity() < 16);
    assert_eq!(filter.into_findings().count(), 1);
}

struct Nothing;

impl EventSink for Nothing {
    fn event(&mut self, _: Event<'_>) -> Result<()> {
        Ok(())
    }
}

/// Look-ups for a document of so many fields and levels under so many rules.
fn lookups(fields: usize, depth: usize, rules: usize) -> u64 {
    let paths: Vec<String> = (0..rules)
        .flat_map(|n| [format!("f{n}"), format!("o.p{n}.q"), format!("**.r{n}.s")])
        .collect();
    let rules: Vec<(&str, Mode)> = paths.iter().map(|p| (p.as_str(), Mode::Redact)).collect();
    let policy = policy(&rules);
    let mut filter = Filter::new(&policy, Detail::Counts, Nothing);
    for _ in 0..depth {
        filter.event(Event::BeginObject).unwrap();
        for n in 0..fields {
            filter.event(Event::Key(&format!("r{n}"))).unwrap();
            filter.event(Event::Null).unwrap();
        }
        filter.event(Event::Key("o")).unwrap();
    }
    filter.event(Event::Null).unwrap();
    for _ in 0..depth {
        filter.event(Event::EndObject).unwrap();
    }
    filter.looked
}

#[test]
fn matching_costs_grow_with_fields_and_depth_and_not_with_rules() {
    for (fields, depth, rules) in [
        (10, 10, 1),
        (10, 10, 300),
        (1_000, 10, 300),
        (10, 1_000, 300),
    ] {
        let keys = (depth * (fields + 1)) as u64;
        let looked = lookups(fields, depth, rules);
        assert!((keys..=3 * keys).contains(&looked), "{keys}: {looked}");
    }
}

#[test]
fn a_number_is_a_card_however_it_is_written() {
    for text in [
        "4111111111111111",
        "4111111111111111.0",
        "-4111111111111111",
        "4.111111111111111e15",
        "4.111111111111111E+15",
        "41111111111111110e-1",
        "4111111111111111.00e0",
    ] {
        assert!(
            crate::detect::card_digits(text).as_deref() == Some("4111111111111111"),
            "{text}"
        );
    }
    for text in [
        "0.4111111111111111",
        "4111111111111111.5",
        "4111111111111111e1",
        "4111111111111111e-1",
        "1e999999999999999999999",
        "1e-9223372036854775808",
        "4e9223372036854775807",
        "0",
        "-1.5",
    ] {
        assert_eq!(crate::detect::card_digits(text), None, "{text}");
    }
}
