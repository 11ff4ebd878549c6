//! Token counts and the choice of form in `tonl convert`.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

/// Records whose keys cost more than their values.
fn sensors() -> String {
    let records: Vec<String> = (0..20)
        .map(|id| format!(r#"{{"sensor":{{"id":{id},"place":"hall {id}"}},"temperature":{id}.5}}"#))
        .collect();
    format!("[{}]", records.join(","))
}

#[test]
fn stats_are_the_tokens_of_the_result_against_compact_json() {
    let sandbox = Sandbox::with("sensors.json", sensors());
    assert_snapshot!(sandbox.tonl(&["convert", "sensors.json", "-s"]), @"
    exit 0
    --- stdout
    --- stderr
    sensors.json (json) -> sensors.tonl (tonl)
    20 rows; 1,131 bytes -> 362 bytes, saved 68.0 %
    382 tokens as compact JSON -> 236 tokens, saved 38.2 % (gpt-5, o200k_base)
    ");
    let outcome = sandbox.tonl(&["convert", "sensors.json", "-f", "-m", "claude-opus-4.5"]);
    assert_snapshot!(outcome, @"
    exit 0
    --- stdout
    --- stderr
    sensors.json (json) -> sensors.tonl (tonl)
    20 rows; 1,131 bytes -> 362 bytes, saved 68.0 %
    459 tokens as compact JSON -> 284 tokens, saved 38.1 % (claude-opus-4.5, o200k_base x 1.20 (estimate))
    ");
}

#[test]
fn auto_writes_the_smallest_form_and_says_why() {
    let sandbox = Sandbox::with("sensors.json", sensors());
    assert_snapshot!(sandbox.tonl(&["convert", "sensors.json", "--to", "auto"]), @"
    exit 0
    --- stdout
    --- stderr
    sensors.json (json) -> sensors.tonl (tonl)
    20 rows; 1,131 bytes -> 350 bytes, saved 69.1 %
    chosen: tonl-types-auto: fewest tokens, 39.5 % fewer than compact JSON
    tokens by o200k_base: tonl-types-auto 231, tonl-types-never 231, tonl 236, json 382
    ");
    assert_eq!(sandbox.names(), ["sensors.json", "sensors.tonl"]);
}

#[test]
fn auto_leaves_json_where_it_is_if_nothing_is_smaller() {
    let sandbox = Sandbox::with("small.json", r#"{"a":[1,2],"b":"text"}"#);
    assert_snapshot!(sandbox.tonl(&["convert", "small.json", "--to", "auto"]), @"
    exit 0
    --- stdout
    --- stderr
    small.json stays as it is; name an output to have it without white space
    chosen: json: no form has fewer tokens than compact JSON
    tokens by o200k_base: json 11, tonl 12, tonl-types-auto 12, tonl-types-never 12
    ");
    assert_eq!(sandbox.names(), ["small.json"]);
    let outcome = sandbox.tonl(&["convert", "small.json", "-", "--to", "auto", "-q"]);
    assert_eq!(outcome.data(), "{\"a\":[1,2],\"b\":\"text\"}\n");
}

#[test]
fn the_thresholds_of_auto_can_be_set() {
    let sandbox = Sandbox::with("sensors.json", sensors());
    for high in [["--min-saving", "90"], ["--min-saved-tokens", "9000"]] {
        let outcome = sandbox.tonl(&["convert", "sensors.json", "--to", "auto", high[0], high[1]]);
        assert_eq!(outcome.code, Some(0));
        assert_eq!(sandbox.names(), ["sensors.json"]);
    }
}

#[test]
fn a_report_for_machines_has_the_savings_and_the_decision() {
    let sandbox = Sandbox::with("sensors.json", sensors());
    let outcome = sandbox.tonl(&["convert", "sensors.json", "--to", "auto", "-s", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.data()).unwrap();
    let tokens = &report["tokens"];
    assert_eq!(tokens["model"], "gpt-5");
    assert_eq!(tokens["method"], "exact");
    assert_eq!(tokens["baseline"], "compact-json");
    let decision = &report["decision"];
    let best = &decision["candidates"][0];
    assert_eq!(best["form"], decision["form"]);
    assert_eq!(best["tokens"], tokens["compressedTokens"]);
}

#[test]
fn an_unknown_model_is_refused_with_the_nearest_names() {
    let sandbox = Sandbox::with("sensors.json", sensors());
    assert_snapshot!(sandbox.tonl(&["convert", "sensors.json", "-m", "gpt-4oo"]), @"
    exit 64
    --- stdout
    --- stderr
    error: no model is called gpt-4oo
    hint: did you mean gpt-4o, gpt-4, gpt-4.1?
    ");
    assert_eq!(sandbox.names(), ["sensors.json"]);
}

#[test]
fn a_stream_counts_the_tokens_of_its_lines_and_rows_if_asked_to() {
    let lines: Vec<String> = (0..50)
        .map(|id| format!("{{\"level\":\"info\",\"message\":\"request {id} done\"}}\n"))
        .collect();
    let sandbox = Sandbox::with("app.ndjson", lines.concat());
    let arguments = [
        "stream",
        "-i",
        "app.ndjson",
        "-o",
        "app.tonl",
        "-m",
        "gpt-4o",
        "-v",
    ];
    assert_snapshot!(sandbox.tonl(&arguments), @"
    exit 0
    --- stdout
    --- stderr
    600 tokens as given -> 362 tokens, saved 39.7 % (gpt-4o, o200k_base)
    ");
    let unknown = ["stream", "-i", "app.ndjson", "-m", "gpt"];
    assert_snapshot!(sandbox.tonl(&unknown), @"
    exit 64
    --- stdout
    --- stderr
    error: no model is called gpt
    hint: did you mean gpt-4, gpt-5, gpt-4o?
    ");
}

#[test]
fn auto_never_leaves_in_place_what_a_policy_must_hide() {
    let person = r#"[{"email":"alice@example.com","id":1}]"#;
    let sandbox = Sandbox::with("users.json", person);
    let arguments = [
        "convert",
        "users.json",
        "--to",
        "auto",
        "--anonymize",
        "email",
    ];
    assert_snapshot!(sandbox.tonl(&arguments), @"
    exit 2
    --- stdout
    --- stderr
    error: users.json exists already
    hint: use --force to replace it
    ");
    let forced = [&arguments[..], &["--force"]].concat();
    assert_eq!(sandbox.tonl(&forced).code, Some(0));
    assert!(!sandbox.read("users.json").contains("alice"));
}

#[test]
fn auto_shows_no_line_of_the_input_where_a_policy_hides_values() {
    let broken = r#"[{"email":"alice@example.com","ssn":"123-45-6789" "id":1}]"#;
    let sandbox = Sandbox::with("broken.json", broken);
    for to in ["auto", "tonl", "json"] {
        let arguments = [
            "convert",
            "broken.json",
            "-",
            "--to",
            to,
            "--anonymize",
            "email,ssn",
        ];
        let outcome = sandbox.tonl(&arguments);
        assert_eq!(outcome.code, Some(2));
        let said = outcome.to_string();
        assert!(!said.contains("alice") && !said.contains("6789"), "{said}");
    }
}

#[test]
fn a_form_that_is_given_up_does_not_name_the_output() {
    let flat = r#"{"id":1,"name":"somebody with a name of some length","active":true}"#;
    let mut records = vec![flat.to_owned(); 70_000];
    records.push(r#"{"id":2,"name":{"first":"x"},"active":null}"#.to_owned());
    let sandbox = Sandbox::with("big.json", format!("[{}]", records.join(",")));
    let outcome = sandbox.tonl(&["convert", "big.json", "--to", "auto", "--json"]);
    let report: serde_json::Value = serde_json::from_str(&outcome.data()).unwrap();
    assert_eq!(report["decision"]["given_up"][0], "csv");
    assert_eq!(report["to"], "tonl");
    assert_eq!(report["output"], "big.tonl");
    assert_eq!(sandbox.names(), ["big.json", "big.tonl"]);
    assert_eq!(sandbox.tonl(&["check", "big.tonl", "-q"]).code, Some(0));
}

#[test]
fn a_name_that_says_another_format_than_the_form_is_warned_of() {
    let sandbox = Sandbox::with("sensors.json", sensors());
    assert_snapshot!(sandbox.tonl(&["convert", "sensors.json", "out.csv", "--to", "auto"]), @"
    exit 0
    --- stdout
    --- stderr
    warning: out.csv is named as csv and holds tonl
    sensors.json (json) -> out.csv (tonl)
    20 rows; 1,131 bytes -> 350 bytes, saved 69.1 %
    chosen: tonl-types-auto: fewest tokens, 39.5 % fewer than compact JSON
    tokens by o200k_base: tonl-types-auto 231, tonl-types-never 231, tonl 236, json 382
    ");
}

#[test]
fn what_is_no_share_and_what_auto_alone_obeys_is_refused() {
    let sandbox = Sandbox::with("sensors.json", sensors());
    for wrong in ["nan", "inf", "-1", "101", "x"] {
        let saving = format!("--min-saving={wrong}");
        let outcome = sandbox.tonl(&["convert", "sensors.json", "--to", "auto", &saving]);
        assert_eq!(outcome.code, Some(2), "{wrong}");
    }
    assert_snapshot!(sandbox.tonl(&["convert", "sensors.json", "--try-toon"]), @"
    exit 64
    --- stdout
    --- stderr
    error: --min-saving, --min-saved-tokens and --try-toon need --to auto
    ");
    assert_eq!(sandbox.names(), ["sensors.json"]);
}

#[test]
fn a_tonl_file_stays_only_if_it_is_the_smallest_text_itself() {
    let sandbox = Sandbox::with("sensors.json", sensors());
    sandbox.tonl(&["convert", "sensors.json", "--profile", "classic"]);
    let outcome = sandbox.tonl(&["convert", "sensors.tonl", "--to", "auto"]);
    assert_eq!(outcome.code, Some(2), "{outcome}");
    let smallest = ["convert", "sensors.tonl", "--to", "auto", "--force"];
    assert_eq!(sandbox.tonl(&smallest).code, Some(0));
    let again = sandbox.tonl(&["convert", "sensors.tonl", "--to", "auto"]);
    assert_eq!(again.code, Some(0), "{again}");
    assert!(again.to_string().contains("stays as it is"), "{again}");
}
