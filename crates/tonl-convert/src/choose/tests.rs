use super::*;
use tonl_testkit::{Random, generate};

const O200K: Encoding = Encoding::O200kBase;

fn smallest(text: &str, settings: &ChoiceSettings) -> (String, Decision) {
    let input = Input::from_bytes("test", text.as_bytes());
    let mut out = Vec::new();
    let job = Job::new(Format::Json, Format::Json);
    let smallest = super::smallest(&input, &job, settings).unwrap();
    let report = smallest.write(&mut out).unwrap();
    (String::from_utf8(out).unwrap(), report.decision.unwrap())
}

/// Settings under which every token counts.
fn eager() -> ChoiceSettings {
    let mut settings = ChoiceSettings::new(O200K);
    settings.forms.push(Form::Toon);
    settings.min_percent = 0.0;
    settings.min_tokens = 0;
    settings
}

/// Settings without CSV, which is smaller for small flat tables.
fn tonl_only() -> ChoiceSettings {
    let mut settings = ChoiceSettings::new(O200K);
    settings.forms.retain(|form| *form != Form::Csv);
    settings
}

fn users(count: usize) -> String {
    let records: Vec<String> = (0..count)
        .map(|id| format!("{{\"id\":{id},\"name\":\"user {id}\",\"active\":true}}"))
        .collect();
    format!("[{}]", records.join(","))
}

#[test]
fn a_table_leaves_json_and_a_small_value_stays() {
    let settings = tonl_only();
    let (text, decision) = smallest(&users(100), &settings);
    assert_eq!(decision.form.format(), Format::Tonl, "{decision:?}");
    assert!(text.starts_with("data[100]{"), "{text}");
    assert!(matches!(decision.reason, Reason::Smallest { percent } if percent > 30.0));
    for small in ["{}", "[]", "5", "\"text\"", "{\"a\":[1,2,3]}"] {
        let (text, decision) = smallest(small, &settings);
        assert_eq!(text.trim_end(), small);
        assert_eq!(decision.form, Form::Json, "{decision:?}");
    }
}

#[test]
fn what_saves_too_little_stays_json_and_the_reason_says_how_little() {
    let mut settings = ChoiceSettings::new(O200K);
    settings.min_percent = 99.0;
    let (_, decision) = smallest(&users(100), &settings);
    assert_eq!(decision.form, Form::Json);
    let reason = decision.reason.to_string();
    assert!(reason.contains("would save only"), "{reason}");
    settings.min_percent = 0.0;
    settings.min_tokens = 1_000_000;
    let (_, decision) = smallest(&users(100), &settings);
    assert!(matches!(decision.reason, Reason::TooLittle { .. }));
}

#[test]
fn json_wins_ties_and_counts_are_those_of_the_text() {
    let settings = eager();
    for seed in 0..300 {
        let value = generate::document(&mut Random::new(seed));
        let json = tonl_testkit::json::text(&value);
        let (text, decision) = smallest(&json, &settings);
        let tokens = O200K.count(text.strip_suffix('\n').unwrap_or(&text));
        assert_eq!(decision.tokens(decision.form), Some(tokens), "{json}");
        let least = decision.candidates.first().map(|best| best.tokens);
        assert_eq!(least, Some(tokens), "{json}");
        if decision.tokens(Form::Json) == Some(tokens) {
            assert_eq!(decision.form, Form::Json, "{json}");
        }
    }
}

#[test]
fn what_is_chosen_decodes_to_the_same_value() {
    let settings = eager();
    for seed in 0..300 {
        let value = generate::document(&mut Random::new(seed));
        let json = tonl_testkit::json::text(&value);
        let (text, decision) = smallest(&json, &settings);
        let input = Input::from_bytes("back", text.into_bytes());
        let mut back = Vec::new();
        let mut job = Job::new(decision.form.format(), Format::Json);
        job.json = crate::sink::Layout::Compact;
        convert(&input, &mut back, &job).unwrap();
        let parsed = tonl::json::parse_value(&back, &tonl::Limits::default()).unwrap();
        assert_eq!(parsed, value, "{json}");
    }
}

#[test]
fn a_large_input_is_decided_on_its_first_records_and_says_so() {
    let mut settings = tonl_only();
    settings.sample_bytes = 2_000;
    let (text, decision) = smallest(&users(500), &settings);
    let sample = decision.sample.unwrap();
    assert!((2_000..2_100).contains(&sample.bytes), "{sample:?}");
    assert!(sample.records < 100, "{sample:?}");
    assert!(text.starts_with("data[500]{"), "{text}");
    let object = format!("{{\"users\":{}}}", users(500));
    let (_, decision) = smallest(&object, &settings);
    assert_eq!(
        decision.sample, None,
        "a root that is no array is looked at whole"
    );
}

#[test]
fn a_form_that_turns_out_to_lose_something_is_given_up() {
    // The first records are flat; later ones tell null from missing, which CSV cannot.
    let mut records = vec!["{\"a\":1,\"b\":\"x\"}".to_owned(); 300];
    records.push("{\"a\":null}".to_owned());
    let json = format!("[{}]", records.join(","));
    let mut settings = ChoiceSettings::new(O200K);
    settings.forms = vec![Form::Csv];
    settings.sample_bytes = 500;
    let (text, decision) = smallest(&json, &settings);
    assert_eq!(decision.form, Form::Json);
    assert_eq!(text.trim_end(), json);
    assert_eq!(decision.given_up, [Form::Csv]);
    settings.forms = Form::USUAL.to_vec();
    let (text, decision) = smallest(&json, &settings);
    assert!(
        text.starts_with("data[301]{"),
        "the next best: {decision:?}"
    );
}

#[test]
fn faults_of_the_input_are_errors() {
    let input = Input::from_bytes("bad.json", &b"[1,"[..]);
    let job = Job::new(Format::Json, Format::Json);
    let settings = ChoiceSettings::new(O200K);
    assert!(choose(&input, &job, &settings).is_err());
}

#[test]
fn what_a_policy_hides_is_neither_counted_nor_written() {
    let email: tonl_privacy::FieldPath = "email".parse().unwrap();
    let policy = tonl_privacy::Policy::builder().rule(email, tonl_privacy::Mode::Redact);
    let mut job = Job::new(Format::Json, Format::Json);
    job.privacy = Some(policy.build().unwrap());
    let record = r#"{"id":1,"email":"a.very.long.address.of.somebody@mail.example.com"}"#;
    let json = format!("[{}]", vec![record; 400].join(","));
    let input = Input::from_bytes("test", json.into_bytes());
    for sample_bytes in [1_000, 1_000_000] {
        let mut settings = ChoiceSettings::new(O200K);
        settings.sample_bytes = sample_bytes;
        let mut out = Vec::new();
        let smallest = super::smallest(&input, &job, &settings).unwrap();
        let report = smallest.write(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(!text.contains("somebody"), "{text}");
        let decision = report.decision.unwrap();
        let records = decision.sample.map_or(400, |sample| sample.records);
        let redacted = r#"{"id":1,"email":"[REDACTED]"}"#;
        let json = format!(
            "[{}]",
            vec![redacted; usize::try_from(records).unwrap()].join(",")
        );
        assert_eq!(decision.tokens(Form::Json), Some(O200K.count(&json)));
    }
}

#[test]
fn a_form_that_grows_with_columns_times_rows_is_not_written_to_its_end() {
    // Each record has a column of its own: as CSV a row has thousands of empty cells.
    let records: Vec<String> = (0..3_000).map(|id| format!("{{\"k{id}\":{id}}}")).collect();
    let json = format!("[{}]", records.join(","));
    let mut settings = ChoiceSettings::new(O200K);
    settings.forms = vec![Form::Csv];
    let (text, decision) = smallest(&json, &settings);
    assert_eq!(text.trim_end(), json);
    assert_eq!(decision.tokens(Form::Csv), None, "{decision:?}");
    // And if only the sample looked flat.
    settings.sample_bytes = 2_000;
    settings.min_percent = 0.0;
    settings.min_tokens = 0;
    let flat = vec!["{\"name\":\"somebody\",\"id\":7}".to_owned(); 100];
    let json = format!("[{}]", [flat, records].concat().join(","));
    let (text, decision) = smallest(&json, &settings);
    assert_eq!(text.trim_end(), json);
    assert_eq!(decision.given_up, [Form::Csv]);
}
