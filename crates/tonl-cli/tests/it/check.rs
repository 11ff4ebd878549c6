//! `tonl check`.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

#[test]
fn sound_files_of_every_format_are_said_to_be_sound() {
    let sandbox = Sandbox::with("a.json", "[{\"n\":1e400,\"s\":\"007\"},{\"n\":-0}]")
        .and("b.ndjson", "{\"a\":1}\n{\"a\":null}\n{}\n")
        .and("c.yaml", "a: &x [1, 2]\nb: *x\n")
        .and("d.csv", "zip,n\n02134,1\n,2\n")
        .and("e.tonl", "data[1]{a}:\n 1\n");
    let outcome = sandbox.tonl(&["check", "a.json", "b.ndjson", "c.yaml", "d.csv", "e.tonl"]);
    assert_snapshot!(outcome, @r#"
    exit 0
    --- stdout
    --- stderr
    result     format      records  file
    sound      json              2  a.json
    sound      ndjson            3  b.ndjson
    sound      yaml              -  c.yaml
    sound      csv               2  d.csv
    sound      tonl              1  e.tonl
    5 of 5 files sound
    "#);
}

#[test]
fn an_invalid_file_is_a_negative_finding() {
    let sandbox = Sandbox::with("a.tonl", "data[2]{a}:\n 1\n").and("b.json", "[]");
    assert_snapshot!(sandbox.tonl(&["check", "a.tonl", "b.json"]), @r#"
    exit 1
    --- stdout
    --- stderr
    result     format      records  file
    not valid  -                 -  a.tonl
    error: a.tonl: line 3, column 1: expected row 2 of 2, found the end after row 1 of 2 (truncated)
    hint: the text ends too early: get the whole file again, or add what is missing
    sound      json              0  b.json
    1 of 2 files sound
    "#);
}

#[test]
fn the_findings_for_machines_are_a_line_for_each_file() {
    let sandbox = Sandbox::with("a.json", "[1,2]").and("b.json", "[1,2");
    assert_snapshot!(sandbox.tonl(&["check", "--json", "a.json", "b.json"]), @r#"
    exit 1
    --- stdout
    {"file":"a.json","valid":true,"round_trip":true,"format":"json","records":2}
    {"file":"b.json","valid":false,"round_trip":false,"error":"b.json: line 1, column 5: expected ',' or ']', found the end of the text (truncated)"}
    --- stderr
    "#);
}

#[test]
fn a_file_that_cannot_be_read_is_an_error_and_no_finding() {
    let sandbox = Sandbox::with("a.json", "[");
    let outcome = sandbox.tonl(&["check", "a.json", "missing.json"]);
    assert_eq!(outcome.code, Some(2), "{outcome}");
}

#[test]
fn a_directory_and_an_unknown_format_are_no_findings_about_content() {
    let sandbox = Sandbox::with("data/a.json", "[]").and("a.txt", "a word or two");
    assert_snapshot!(sandbox.tonl(&["check", "data"]), @r#"
    exit 2
    --- stdout
    --- stderr
    result     format      records  file
    unknown    -                 -  data
    error: data is a directory
    hint: name its files with a pattern, for example 'data/*.json'
    "#);
    assert_snapshot!(sandbox.tonl(&["check", "a.txt"]), @r#"
    exit 2
    --- stdout
    --- stderr
    result     format      records  file
    unknown    -                 -  a.txt
    error: a.txt: the format cannot be recognised from the content; supported: json, ndjson, yaml, csv, tsv, tonl, toon
    hint: name the format, for example with --from csv
    "#);
}

#[test]
fn standard_input_can_be_checked() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.fed(&["check", "-"], "{\"a\":[1,2,{\"b\":null}]}");
    assert_eq!(outcome.code, Some(0), "{outcome}");
}

#[test]
fn the_shipped_examples_are_sound() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples");
    let sandbox = Sandbox::new();
    for name in ["orders.json", "users.csv", "config.yaml", "logs.ndjson"] {
        let outcome = sandbox.tonl(&["check", &format!("{root}/{name}")]);
        assert_eq!(outcome.code, Some(0), "{outcome}");
    }
}
