//! `tonl analyze`. Amounts follow from the one table of prices and are looked up there.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use serde_json::Value;
use tonl_tokens::Model;

const RECORDS: &str = r#"[
  {"id": 1, "name": "Ada", "active": true},
  {"id": 2, "name": "Bob", "active": false},
  {"id": 3, "name": "Eve", "active": true},
  {"id": 4, "name": "Ida", "active": true},
  {"id": 5, "name": "Leo", "active": true},
  {"id": 6, "name": "Max", "active": true}
]
"#;

fn sandbox() -> Sandbox {
    Sandbox::with("users.json", RECORDS).and("small.json", "{\"a\":1}")
}

fn value(sandbox: &Sandbox, arguments: &[&str]) -> Value {
    let all = [&["analyze"], arguments].concat();
    serde_json::from_str(&sandbox.tonl(&all).data()).unwrap()
}

#[test]
fn one_file_is_told_in_full() {
    let outcome = sandbox().tonl(&["analyze", "users.json"]);
    assert_snapshot!(outcome.without_amounts(), @"
    exit 0
    --- stdout
    users.json (json, 6 records)
    76 -> 51 tokens, saved 25 (32.9 %)

    cost of input JSON TONL saved
    1K requests $# $# $#
    1M requests $# $# $#
    a year (1,000 a day) $# $# $#

    recommendation: strongly use TONL

    tokens: exact for gpt-5, counted by o200k_base
    measured against the same data as JSON without white space
    costs of input tokens by the list price of openai.com of DATE
    --- stderr
    ");
}

#[test]
fn several_files_are_rows_with_their_sum() {
    let outcome = sandbox().tonl(&["analyze", "*.json", "-m", "claude-4"]);
    assert_snapshot!(outcome.without_amounts(), @"
    exit 0
    --- stdout
    file JSON TONL saved percent saved / 1K saved / 1M saved / year advice
    small.json 6 9 -3 -50.0 % -$# -$# -$# Keep JSON
    users.json 92 62 30 32.6 % $# $# $# Strong Adopt
    total 98 71 27 27.6 % $# $# $# Strong Adopt

    tokens: estimated for claude-sonnet-4, counted by o200k_base x 1.20 (estimate)
    measured against the same data as JSON without white space
    costs of input tokens by the list price of claude.com of DATE
    --- stderr
    ");
}

#[test]
fn the_summary_is_one_line_with_its_notes() {
    let outcome = sandbox().tonl(&["analyze", "*.json", "--summary", "-c", "EUR"]);
    assert_snapshot!(outcome.without_amounts(), @"
    exit 0
    --- stdout
    2 files: 81 -> 58 tokens, saved 23 (28.4 %); €# a year at 1,000 requests a day; recommendation: strongly use TONL

    tokens: exact for gpt-5, counted by o200k_base
    measured against the same data as JSON without white space
    costs of input tokens by the list price of openai.com of DATE
    1 USD = 0.9605 EUR on DATE by the euro reference rates of the European Central Bank; --rate sets another
    --- stderr
    ");
}

#[test]
fn markdown_is_a_table_and_a_list() {
    let sandbox = Sandbox::with("a|b.json", RECORDS);
    let outcome = sandbox.tonl(&["analyze", "a|b.json", "--format", "markdown"]);
    assert_snapshot!(outcome.without_amounts(), @r"
    exit 0
    --- stdout
    | file | JSON | TONL | saved | percent | saved / 1K | saved / 1M | saved / year | advice |
    |-----------|------|------|-------|---------|------------|------------|--------------|--------------|
    | a\|b.json | 76 | 51 | 25 | 32.9 % | $# | $# | $# | Strong Adopt |

    - tokens: exact for gpt-5, counted by o200k_base
    - measured against the same data as JSON without white space
    - costs of input tokens by the list price of openai.com of DATE
    --- stderr
    ");
    let outcome = sandbox.tonl(&["analyze", "a|b.json", "-f", "markdown", "--summary"]);
    assert!(outcome.stdout.contains("| total |"), "{outcome}");
}

#[test]
fn json_is_an_array_with_the_documented_keys() {
    let sandbox = sandbox();
    let value = value(&sandbox, &["users.json", "small.json", "-f", "json"]);
    let (model, users) = (Model::default_model(), &value[0]);
    let compact = RECORDS.replace(['\n', ' '], "");
    let tokens = model.count(&compact).tokens;
    assert_eq!(users["jsonTokens"], tokens);
    let saved = users["savedTokens"].as_i64().unwrap();
    #[expect(clippy::cast_precision_loss, reason = "small numbers")]
    let percent = saved as f64 / tokens as f64 * 100.0;
    assert!((users["savingsPercent"].as_f64().unwrap() - percent).abs() < 1e-9);
    assert_eq!(users["model"]["name"], model.name);
    assert_eq!(users["method"], "exact");
    assert_eq!(users["baseline"], "compact-json");
    assert_eq!(users["records"], 6);
    let year = model.input_cost(1) * 365_000.0 * f64::from(i32::try_from(saved).unwrap());
    let told = users["annualSavingsAt1KPerDay"].as_f64().unwrap();
    assert!((told - year).abs() < 1e-5, "{told} {year}");
    assert_eq!(value[1]["recommendation"], "KEEP_JSON");
    assert!(value[1]["savingsPercent"].as_f64().unwrap() <= 0.0);
}

#[test]
fn the_summary_for_machines_is_an_object_with_the_sums() {
    let value = value(&sandbox(), &["*.json", "-f", "json", "--summary"]);
    assert_eq!(value["files"], 2);
    assert!(value["savedTokens"].as_i64().unwrap() > 0);
}

#[test]
fn the_text_as_it_was_given_can_be_the_baseline() {
    let sandbox = sandbox();
    let value = value(
        &sandbox,
        &["users.json", "-f", "json", "--baseline", "as-given"],
    );
    let tokens = Model::default_model().count(RECORDS.trim_end()).tokens;
    assert_eq!(value[0]["jsonTokens"], tokens);
    assert_eq!(value[0]["baseline"], "as-given");
}

#[test]
fn an_export_is_csv_that_no_spreadsheet_runs() {
    let sandbox = Sandbox::with("=cmd(), \"x\".json", RECORDS).and("b.json", "[1,2,3]");
    let outcome = sandbox.tonl(&["analyze", "*.json", "--export", "out.csv", "-c", "JPY"]);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    let csv = sandbox.read("out.csv");
    let mut lines = csv.lines();
    assert_eq!(
        lines.next().unwrap(),
        "Timestamp,File,Model,Currency,Original Tokens,TONL Tokens,Savings %,\
         Cost per 1K Requests JSON (¥),Cost per 1K Requests TONL (¥),\
         Net Savings per 1M Requests (¥),Projected Annual Savings at 1K/day (¥),Recommendation"
    );
    let row = lines.next().unwrap();
    assert!(
        row.contains(",\"'=cmd(), \"\"x\"\".json\",gpt-5,JPY,"),
        "{row}"
    );
    let cells = row.rsplit(',').skip(1).take(4);
    assert!(cells.clone().all(|cell| !cell.contains('.')), "{row}");
    assert_eq!(lines.count(), 1);
    let again = sandbox.tonl(&["analyze", "b.json", "--export", "out.csv"]);
    assert_eq!(again.code, Some(2), "{again}");
    assert!(again.stderr.contains("out.csv exists already"), "{again}");
    assert_eq!(again.stdout, "", "it is said before anything is counted");
    let forced = sandbox.tonl(&["analyze", "b.json", "--export", "out.csv", "--force"]);
    assert_eq!(forced.code, Some(0), "{forced}");
    let printed = sandbox.tonl(&["analyze", "b.json", "-f", "csv"]).data();
    assert_eq!(printed.lines().count(), 2);
}

#[test]
fn a_bad_file_is_reported_and_the_others_go_on() {
    let sandbox = sandbox().and("bad.json", "[1,");
    let outcome = sandbox.tonl(&[
        "analyze",
        "bad.json",
        "user.json",
        "small.json",
        "-f",
        "json",
    ]);
    assert_eq!(outcome.code, Some(2), "{outcome}");
    let value: Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(value.as_array().unwrap().len(), 1);
    assert_snapshot!(outcome.stderr, @"
    error: bad.json: line 1, column 4: expected a JSON value, found the end of the text (truncated)
      |
    1 | [1,
      |    ^
    hint: the text ends too early: get the whole file again, or add what is missing
    error: cannot find user.json
    hint: did you mean users.json, bad.json?
    ");
    let none = sandbox.tonl(&["analyze", "bad.json", "-q"]);
    assert_eq!((none.code, none.stdout.as_str()), (Some(2), ""));
    let empty = sandbox.tonl(&["analyze", "bad.json", "-f", "json"]);
    assert_eq!((empty.code, empty.stdout.as_str()), (Some(2), "[]\n"));
}

#[test]
fn generated_folders_and_tonl_files_are_left_out_of_patterns() {
    let sandbox = sandbox()
        .and("node_modules/x.json", "[]")
        .and("dist/y.json", "[]")
        .and("users.tonl", "data: 1\n");
    let value = value(&sandbox, &["**/*", "-f", "json"]);
    let files: Vec<&str> = value.as_array().unwrap().iter().map(name).collect();
    assert_eq!(files, ["small.json", "users.json"]);
}

fn name(file: &Value) -> &str {
    file["file"].as_str().unwrap()
}

#[test]
fn the_models_are_listed_without_any_file() {
    let sandbox = Sandbox::new();
    let listed = sandbox.tonl(&["analyze", "--list-models"]).data();
    assert_eq!(listed, sandbox.tonl(&["models"]).data());
    let json = sandbox
        .tonl(&["analyze", "--list-models", "-f", "json"])
        .data();
    assert_eq!(json, sandbox.tonl(&["models", "--json"]).data());
}

#[test]
fn unknown_formats_models_and_currencies_are_refused() {
    let sandbox = sandbox();
    assert_snapshot!(sandbox.tonl(&["analyze", "users.json", "--format", "xml"]), @"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'xml' for '--format <FORMAT>'
      [possible values: text, json, markdown, csv]

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.tonl(&["analyze", "users.json", "-m", "gpt-6"]), @"
    exit 64
    --- stdout
    --- stderr
    error: no model is called gpt-6
    hint: did you mean gpt-4, gpt-5, gpt-4o?
    ");
    assert_snapshot!(sandbox.tonl(&["analyze", "users.json", "-c", "XYZ"]), @"
    exit 64
    --- stdout
    --- stderr
    error: the rate of XYZ is not built in; known are USD, EUR, GBP, JPY, CHF, CAD, AUD
    hint: give the rate as well, for example: --currency SEK --rate 9.8
    ");
    assert_snapshot!(sandbox.tonl(&["analyze"]), @"
    exit 2
    --- stdout
    --- stderr
    error: the following required arguments were not provided:
      <FILE>...

    Usage: tonl analyze <FILE>...

    For more information, try '--help'.
    ");
}

#[test]
fn an_export_without_any_figures_leaves_the_file() {
    let sandbox = Sandbox::with("bad.json", "[").and("out.csv", "old");
    let outcome = sandbox.tonl(&["analyze", "bad.json", "--export", "out.csv", "--force"]);
    assert_eq!(outcome.code, Some(2), "{outcome}");
    assert_eq!(sandbox.read("out.csv"), "old");
    assert_eq!(sandbox.names(), ["bad.json", "out.csv"]);
}

#[test]
fn a_pipe_can_be_analysed() {
    let outcome = Sandbox::new().fed(&["analyze", "-", "-f", "json"], RECORDS);
    let value: Value = serde_json::from_str(&outcome.data()).unwrap();
    assert_eq!(value[0]["file"], "standard input");
    assert_eq!(value[0]["format"], "json");
}

#[test]
fn a_dashboard_needs_a_terminal_and_nothing_beside_it() {
    let sandbox = sandbox();
    assert_snapshot!(sandbox.tonl(&["analyze", "users.json", "--visual"]), @"
    exit 64
    --- stdout
    --- stderr
    error: --visual needs a terminal, standard output is none
    hint: leave --visual out, or choose a report with --format
    ");
    assert_snapshot!(sandbox.tonl(&["analyze", "users.json", "--visual", "-f", "json"]), @"
    exit 2
    --- stdout
    --- stderr
    error: the argument '--visual' cannot be used with '--format <FORMAT>'

    Usage: tonl analyze --visual <FILE>...

    For more information, try '--help'.
    ");
}
