//! `tonl roi`. Amounts follow from the one table of prices and are looked up there.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use serde_json::Value;
use tonl_tokens::Model;
use tonl_tokens::model::MODELS;

const ROI: [&str; 7] = ["roi", "-b", "1000", "-a", "530", "-q", "2000"];

fn value(arguments: &[&str]) -> Value {
    let all = [&ROI, arguments, &["--json"]].concat();
    serde_json::from_str(&Sandbox::new().tonl(&all).data()).unwrap()
}

#[track_caller]
fn assert_near(value: &Value, expected: f64) {
    let found = value.as_f64().unwrap();
    assert!((found - expected).abs() < 1e-5, "{found} {expected}");
}

#[test]
fn the_worth_of_a_saving_is_a_table_a_line_or_more() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.tonl(&ROI).without_amounts(), @"
    exit 0
    --- stdout
    gpt-5: 1,000 -> 530 tokens, saved 470 (47.0 %)

    cost of input before after saved
    1,000 requests $# $# $#
    1M requests $# $# $#
    a day (2,000 queries) $# $# $#
    a month (30 days) $# $# $#
    a year (365 days) $# $# $#

    recommendation: strongly use TONL
    --- stderr
    ");
    let summary = sandbox.tonl(&[&ROI[..], &["--summary"]].concat());
    assert_snapshot!(summary.without_amounts(), @"
    exit 0
    --- stdout
    gpt-5: 1,000 -> 530 tokens, saved 470 (47.0 %); $# a year at 2,000 queries a day
    --- stderr
    ");
    let verbose = sandbox.tonl(&[&ROI[..], &["--verbose", "-c", "jpy"]].concat());
    assert!(verbose.stdout.contains("100M requests"), "{verbose}");
    assert!(
        verbose.stdout.contains(Model::default_model().price.date),
        "{verbose}"
    );
    assert!(
        verbose
            .stdout
            .contains("1 USD = 150.7636 JPY on 2025-02-28"),
        "{verbose}"
    );
}

#[test]
fn queries_a_day_are_really_used() {
    let value = value(&["-m", "gpt-4o"]);
    let model = Model::find("gpt-4o").unwrap();
    let a_day = model.input_cost(470) * 2_000.0;
    assert_near(&value["savings"]["perDay"], a_day);
    assert_near(&value["savings"]["perMonth"], a_day * 30.0);
    assert_near(&value["savings"]["perYear"], a_day * 365.0);
    assert_near(
        &value["costs"]["json"]["per1M"],
        model.input_cost(1_000) * 1e6,
    );
    assert_eq!(value["model"]["name"], "gpt-4o");
    assert_eq!(value["recommendation"], "STRONGLY_USE_TONL");
}

#[test]
fn a_saving_alone_stands_for_a_thousand_tokens() {
    let sandbox = Sandbox::new();
    for saving in ["47%", "47", "0.47"] {
        let text = sandbox
            .tonl(&["roi", "-s", saving, "-q", "5", "--json"])
            .data();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&value["jsonTokens"], &value["tonlTokens"]),
            (&1000.into(), &530.into())
        );
    }
}

#[test]
fn more_tokens_after_are_a_negative_saving() {
    let arguments = ["roi", "-b", "100", "-a", "125", "-q", "1000", "--summary"];
    assert_snapshot!(Sandbox::new().tonl(&arguments).without_amounts(), @"
    exit 0
    --- stdout
    gpt-5: 100 -> 125 tokens, saved -25 (-25.0 %); -$# a year at 1,000 queries a day
    --- stderr
    ");
}

#[test]
fn a_given_rate_is_used_for_any_currency() {
    let value = value(&["-c", "SEK", "-r", "10"]);
    let dollars = Model::default_model().input_cost(470) * 2_000.0;
    assert_near(&value["savings"]["perDay"], dollars * 10.0);
    assert_eq!(value["currency"]["code"], "SEK");
}

#[test]
fn the_models_are_listed_without_any_number() {
    let sandbox = Sandbox::new();
    let listed = sandbox.tonl(&["roi", "--list-models"]).data();
    assert_eq!(listed, sandbox.tonl(&["models"]).data());
    assert_eq!(listed.lines().count(), MODELS.len() + 1);
}

#[test]
fn impossible_numbers_are_usage_errors() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.tonl(&["roi", "-b", "-5", "-a", "1", "-q", "1"]), @"
    exit 2
    --- stdout
    --- stderr
    error: invalid value '-5' for '--tokens-before <N>': expected a whole number from 0 to 1,000,000,000,000,000

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.tonl(&["roi", "-s", "101%", "-q", "1"]), @"
    exit 2
    --- stdout
    --- stderr
    error: invalid value '101%' for '--savings <PERCENT>': expected 0% to 100%, or a share from 0 to 1

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.tonl(&["roi", "-s", "NaN", "-q", "1"]), @"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'NaN' for '--savings <PERCENT>': expected 0% to 100%, or a share from 0 to 1

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.tonl(&["roi", "-s", "0.4", "-q", "-1"]), @"
    exit 2
    --- stdout
    --- stderr
    error: invalid value '-1' for '--queries-per-day <N>': expected a whole number from 0 to 1,000,000,000,000,000

    For more information, try '--help'.
    ");
}

#[test]
fn missing_numbers_and_unknown_models_are_usage_errors() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.tonl(&["roi", "-b", "5"]), @"
    exit 2
    --- stdout
    --- stderr
    error: the following required arguments were not provided:
      --tokens-after <N>
      --queries-per-day <N>

    Usage: tonl roi --tokens-before <N> --tokens-after <N> --queries-per-day <N>

    For more information, try '--help'.
    ");
    assert_snapshot!(sandbox.tonl(&["roi", "-s", "40", "-q", "1", "-m", "claude-5"]), @"
    exit 64
    --- stdout
    --- stderr
    error: no model is called claude-5
    hint: did you mean claude-4, claude-4.5-opus, claude-3.5-haiku?
    ");
}

#[test]
fn a_currency_without_a_rate_is_refused() {
    let outcome = Sandbox::new().tonl(&[&ROI[..], &["-c", "SEK"]].concat());
    assert_snapshot!(outcome, @"
    exit 64
    --- stdout
    --- stderr
    error: the rate of SEK is not built in; known are USD, EUR, GBP, JPY, CHF, CAD, AUD
    hint: give the rate as well, for example: --currency SEK --rate 9.8
    ");
}
