//! What the command says when it is given something it cannot take.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

#[test]
fn a_fault_of_content_is_shown_with_its_line_and_a_caret() {
    let sandbox = Sandbox::with("a.json", "[{\"id\": 1},\n {\"id\" 2}]\n");
    assert_snapshot!(sandbox.tonl(&["convert", "a.json"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.json: line 2, column 8: expected ':', found '2' (json-syntax)
      |
    2 |  {"id" 2}]
      |        ^
    hint: correct the text there, or name its format with --from
    "#);
}

#[test]
fn a_short_row_is_shown_with_its_line() {
    let sandbox = Sandbox::with("a.tonl", "data[2]{id:i32,name:str}:\n 1,Ada\n 2\n");
    assert_snapshot!(sandbox.tonl(&["convert", "a.tonl"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.tonl: line 3, column 3: expected 2 cells, found 1 (short-row)
      |
    3 |  2
      |   ^
    hint: a missing cell is left empty, its delimiter stays
    "#);
}

#[test]
fn a_value_of_the_wrong_type_is_shown_with_its_line() {
    let sandbox = Sandbox::with("a.tonl", "data[1]{id:i32}:\n one\n");
    assert_snapshot!(sandbox.tonl(&["convert", "a.tonl"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.tonl: line 2, column 2: expected a number (i32), null or nothing, found 'one' (wrong-type)
      |
    2 |  one
      |  ^
    hint: correct the cell, or the type of its column in the header
    "#);
}

#[test]
fn a_cut_table_says_how_far_it_came() {
    let sandbox = Sandbox::with("a.tonl", "data[3]{id:i32}:\n 1\n 2\n");
    assert_snapshot!(sandbox.tonl(&["convert", "a.tonl"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.tonl: line 4, column 1: expected row 3 of 3, found the end after row 2 of 3 (truncated)
    hint: the text ends too early: get the whole file again, or add what is missing
    "#);
}

#[test]
fn a_missing_file_is_answered_with_its_neighbours() {
    let sandbox = Sandbox::with("orders.json", "[]").and("users.csv", "id\n");
    assert_snapshot!(sandbox.tonl(&["convert", "order.json"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot find order.json
    hint: did you mean orders.json?
    "#);
    assert_snapshot!(sandbox.tonl(&["stream", "-i", "order.json"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot find order.json
    hint: did you mean orders.json?
    "#);
    assert_snapshot!(sandbox.tonl(&["check", "order.json"]), @r#"
    exit 2
    --- stdout
    --- stderr
    result     format      records  file
    unknown    -                 -  order.json
    error: cannot find order.json
    hint: did you mean orders.json?
    "#);
}

#[test]
fn a_directory_is_refused_with_a_pattern_to_use() {
    let sandbox = Sandbox::with("data/a.json", "[]");
    assert_snapshot!(sandbox.tonl(&["convert", "data"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: data is a directory
    hint: name its files with a pattern, for example 'data/*.json'
    "#);
}

#[test]
fn a_directory_as_output_is_refused() {
    let sandbox = Sandbox::with("data/a.json", "[]");
    assert_snapshot!(sandbox.tonl(&["convert", "data/a.json", "data", "--to", "tonl"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: cannot write data: it is a directory
    hint: name a file, or use --output-dir
    "#);
}

#[test]
fn an_unknown_extension_is_answered_with_the_known_ones() {
    let sandbox = Sandbox::with("a.json", "[]").and("a.docx", "a word or two");
    assert_snapshot!(sandbox.tonl(&["convert", "a.json", "b.docx"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: b.docx: the extension names no format
    hint: supported: .json, .ndjson, .jsonl, .yaml, .yml, .csv, .tsv, .tonl, .toon; or name the format with --to
    "#);
    assert_snapshot!(sandbox.tonl(&["convert", "a.docx"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.docx: the format cannot be recognised from the content; supported: json, ndjson, yaml, csv, tsv, tonl, toon
    hint: name the format, for example with --from csv
    "#);
}

#[test]
fn bytes_that_are_not_utf_8_are_refused_with_their_place() {
    let sandbox = Sandbox::with("a.json", b"[\"ok\",\n\"\xff\"]");
    assert_snapshot!(sandbox.tonl(&["convert", "a.json"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.json: line 2, column 2: expected UTF-8, found the byte 0xFF (invalid-utf8)
    hint: convert it to UTF-8, for example with: iconv -f LATIN1 -t UTF-8
    "#);
}

#[test]
fn nul_bytes_are_refused() {
    let sandbox = Sandbox::with("a.json", "\0\0\0\0").and("b.json", "[\"abcdef\0g\"]");
    assert_snapshot!(sandbox.tonl(&["convert", "a.json"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.json: expected text in UTF-8, found NUL bytes, as in UTF-16 without a byte-order mark
    hint: convert it first, for example with: iconv -f UTF-16LE -t UTF-8
    "#);
    assert_snapshot!(sandbox.tonl(&["convert", "b.json"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: b.json: line 1, column 9: expected an escape such as \n instead of a raw control character, found the character U+0000 (control-character)
      |
    1 | ["abcdef�g"]
      |         ^
    hint: write the character as an escape, for example \u0000
    "#);
}

#[test]
fn a_key_twice_is_refused_by_that_name() {
    let sandbox = Sandbox::with("a.json", "{\"a\":1,\n\"a\":2}");
    assert_snapshot!(sandbox.tonl(&["convert", "a.json"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.json: line 2, column 2: expected each key once in an object, found "a" a second time (duplicate-key)
      |
    2 | "a":2}
      |  ^
    hint: rename one of the two or remove it
    "#);
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let text = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let sandbox = Sandbox::with("a.json", &text).and("b.tonl", format!("data: {text}\n"));
    for name in ["a.json", "b.tonl"] {
        let outcome = sandbox.tonl(&["convert", name]);
        assert_eq!(outcome.code, Some(2), "{name}");
        assert!(outcome.stderr.contains("(depth-limit)"), "{outcome}");
    }
}

#[test]
fn every_limit_has_its_own_error() {
    let sandbox = Sandbox::with(
        "a.json",
        "[{\"name\":1,\"b\":[[2]]},{\"name\":3,\"b\":[[4]]}]\n",
    );
    for (option, value, code) in [
        ("--limit-depth", "2", "(depth-limit)"),
        ("--limit-bytes", "16", "(byte-limit)"),
        ("--limit-line", "20", "(line-limit)"),
    ] {
        let outcome = sandbox.tonl(&["convert", "a.json", "-", option, value]);
        assert_eq!(outcome.code, Some(2), "{option}: {outcome}");
        assert!(outcome.stderr.contains(code), "{option}: {outcome}");
    }
    let sandbox = Sandbox::with("a.tonl", "data[2]{a,b,c}:\n 1,2,3\n 4,5,6\n");
    for (option, value, code) in [
        ("--limit-columns", "2", "(column-limit)"),
        ("--limit-rows", "1", "(row-limit)"),
        ("--limit-line", "8B", "(line-limit)"),
    ] {
        let outcome = sandbox.tonl(&["convert", "a.tonl", "-", option, value]);
        assert_eq!(outcome.code, Some(2), "{option}: {outcome}");
        assert!(outcome.stderr.contains(code), "{option}: {outcome}");
    }
}

#[test]
fn numbers_out_of_range_are_refused_only_when_asked_for() {
    let sandbox = Sandbox::with("a.tonl", "data[1]{n:i8}:\n 1000\n");
    assert_eq!(sandbox.tonl(&["convert", "a.tonl", "-"]).code, Some(0));
    let strict = sandbox.tonl(&["convert", "a.tonl", "-", "--strict-types"]);
    assert!(strict.stderr.contains("(out-of-range)"), "{strict}");
}

#[test]
fn a_lenient_reader_warns_of_what_it_puts_up_with() {
    let sandbox = Sandbox::with("a.tonl", "data[3]{a,b}:\n 1,x\n\n 2\n");
    assert_eq!(sandbox.tonl(&["convert", "a.tonl", "-"]).code, Some(2));
    let lenient = ["convert", "a.tonl", "-", "--lenient", "--compact"];
    assert_snapshot!(sandbox.tonl(&lenient), @r#"
    exit 0
    --- stdout
    [{"a":1,"b":"x"},{"a":2}]
    --- stderr
    a.tonl (tonl) -> standard output (json)
    2 rows; 23 bytes -> 26 bytes, saved -13.0 %
    warning: a.tonl: line 3, column 1: expected no blank line before the end of the document, found a blank line (blank-row)
    warning: a.tonl: line 4, column 3: expected 2 cells, found 1 (short-row)
    warning: a.tonl: line 5, column 1: expected row 3 of 3, found the end after row 2 of 3 (truncated)
    "#);
}

#[test]
fn an_unknown_option_is_a_usage_error() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.tonl(&["convert", "a.json", "--verfiy"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: unexpected argument '--verfiy' found

      tip: a similar argument exists: '--verify'

    Usage: tonl convert [OPTIONS] <INPUT> [OUTPUT]
           tonl convert [OPTIONS] --output-dir <DIR> <INPUT>...

    For more information, try '--help'.
    "#);
}

#[test]
fn a_size_without_a_number_is_a_usage_error() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.tonl(&["convert", "a.json", "--limit-bytes", "lots"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'lots' for '--limit-bytes <SIZE>': expected a number of bytes such as 4096, 64KiB or 10MB

    For more information, try '--help'.
    "#);
}

#[test]
fn a_depth_that_cannot_be_had_is_a_usage_error() {
    let sandbox = Sandbox::with("a.json", "[]");
    let outcome = sandbox.tonl(&["convert", "a.json", "-", "--limit-depth", "2049"]);
    assert_eq!(outcome.code, Some(2), "{outcome}");
    assert!(outcome.stderr.contains("2048"), "{outcome}");
    let most = sandbox.tonl(&["convert", "a.json", "-", "--limit-depth", "2048"]);
    assert_eq!(most.code, Some(0), "{most}");
}

#[test]
fn records_in_a_file_called_json_are_answered_with_the_format() {
    let sandbox = Sandbox::with("a.json", "{\"id\":1}\n{\"id\":2}\n");
    assert_snapshot!(sandbox.tonl(&["convert", "a.json"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.json: line 2, column 1: expected the end of the text, found '{' (trailing-content)
      |
    2 | {"id":2}
      | ^
    hint: if every line is a record of its own: --from ndjson
    "#);
}

#[test]
fn a_nul_character_in_yaml_is_named_and_a_pipe_of_utf_16_refused() {
    let sandbox = Sandbox::with("a.yaml", "a: \"x\0\"\n");
    assert_snapshot!(sandbox.tonl(&["convert", "a.yaml"]), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.yaml: line 1, column 6: expected characters that YAML allows, found the character U+0000 (control-character)
      |
    1 | a: "x�"
      |      ^
    hint: remove it, or write it as \x00 inside double quotes
    "#);
    let piped = sandbox.fed(&["stream"], b"\xFF\xFE{\0}\0\n\0");
    assert_snapshot!(piped, @r#"
    exit 2
    --- stdout
    --- stderr
    error: standard input: expected text in UTF-8, found the byte-order mark of UTF-16
    hint: convert it first, for example with: iconv -f UTF-16 -t UTF-8
    "#);
}

// S59
#[test]
fn a_password_in_the_address_of_a_health_check_is_not_shown() {
    let sandbox = Sandbox::with("a.json", "[]");
    assert_snapshot!(sandbox.tonl(&["healthcheck", "--url", "http://user:hunter2@127.0.0.1:1/health"]), @r"
    exit 64
    --- stdout
    --- stderr
    error: --url has a user or a password in it: leave it out, no check needs one
    ");
}
