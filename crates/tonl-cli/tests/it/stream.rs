//! `tonl stream` on lines that are good, bad and too long.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;

const LINES: &str = "{\"id\":1,\"level\":\"info\"}\n\n{\"id\":2,\"level\":\"warn\"}\n";
const BROKEN: &str = "{\"id\":1}\nnot JSON\n{\"id\":2}\n{\"id\":\n";

#[test]
fn lines_become_rows_and_blank_lines_are_ignored() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.fed(&["stream"], LINES), @r#"
    exit 0
    --- stdout
    data[]{id:i64,level:str}:
     1,info
     2,warn
    --- stderr
    "#);
}

#[test]
fn a_stream_has_the_name_that_was_asked_for() {
    let sandbox = Sandbox::new();
    let text = sandbox.fed(&["stream", "-n", "2026-logs"], LINES).data();
    assert!(text.starts_with("2026-logs[]{"), "{text}");
}

#[test]
fn a_broken_line_is_skipped_and_counted() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.fed(&["stream"], BROKEN), @r#"
    exit 0
    --- stdout
    data[]{id:i64}:
     1
     2
    --- stderr
    warning: skipped 2 lines that are not valid: lines 2, 4
    "#);
    let explicit = sandbox.fed(&["stream", "--no-skip-invalid", "--skip-invalid"], BROKEN);
    assert_eq!(explicit.code, Some(0), "the last of the two options counts");
}

#[test]
fn no_skip_invalid_stops_at_the_first_broken_line() {
    let sandbox = Sandbox::new();
    assert_snapshot!(sandbox.fed(&["stream", "--no-skip-invalid"], BROKEN), @r#"
    exit 2
    --- stdout
    data[]{id:i64}:
     1
    --- stderr
    error: standard input: line 2, column 2: expected true, false or null, found 'o' (json-syntax)
    hint: correct the text there
    "#);
}

#[test]
fn a_broken_line_of_a_file_is_shown() {
    let sandbox = Sandbox::with("a.ndjson", BROKEN);
    let arguments = ["stream", "-i", "a.ndjson", "--no-skip-invalid"];
    assert_snapshot!(sandbox.tonl(&arguments), @r#"
    exit 2
    --- stdout
    data[]{id:i64}:
     1
    --- stderr
    error: a.ndjson: line 2, column 2: expected true, false or null, found 'o' (json-syntax)
      |
    2 | not JSON
      |  ^
    hint: correct the line, or leave such lines out with: tonl stream --skip-invalid
    "#);
}

#[test]
fn a_line_over_the_limit_is_invalid() {
    let sandbox = Sandbox::new();
    let lines = format!(
        "{{\"a\":1}}\n{{\"a\":\"{}\"}}\n{{\"a\":2}}\n",
        "x".repeat(5_000)
    );
    let outcome = sandbox.fed(&["stream", "--max-line", "1KiB"], &lines);
    assert!(
        outcome
            .stderr
            .contains("skipped 1 line that is not valid: line 2"),
        "{outcome}"
    );
    let outcome = sandbox.fed(
        &["stream", "--max-line", "1KiB", "--no-skip-invalid"],
        &lines,
    );
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.stderr.contains("line 2"), "{outcome}");
    assert!(outcome.stderr.contains("(line-limit)"), "{outcome}");
}

#[test]
fn a_file_gets_the_line_that_counts_its_rows() {
    let sandbox = Sandbox::with("a.ndjson", LINES);
    let outcome = sandbox.tonl(&["stream", "-i", "a.ndjson", "-o", "a.tonl"]);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert_eq!(
        sandbox.read("a.tonl"),
        "data[]{id:i64,level:str}:\n 1,info\n 2,warn\n#end 2\n"
    );
}

#[test]
fn an_existing_output_is_not_replaced_without_force() {
    let sandbox = Sandbox::with("a.ndjson", LINES).and("a.tonl", "precious\n");
    let arguments = ["stream", "-i", "a.ndjson", "-o", "a.tonl"];
    assert_snapshot!(sandbox.tonl(&arguments), @r#"
    exit 2
    --- stdout
    --- stderr
    error: a.tonl exists already
    hint: use --force to replace it
    "#);
    assert_eq!(sandbox.read("a.tonl"), "precious\n");
    let forced = sandbox.tonl(&[&arguments[..], &["--force"]].concat());
    assert_eq!(forced.code, Some(0));
    assert!(sandbox.read("a.tonl").ends_with("#end 2\n"));
}

#[test]
fn an_empty_stream_is_an_empty_table() {
    let sandbox = Sandbox::new();
    assert_eq!(sandbox.fed(&["stream"], "").data(), "data[]{}:\n");
}

#[test]
fn stats_count_rows_and_bytes_on_standard_error() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.fed(&["stream", "--stats"], LINES);
    assert!(outcome.stderr.starts_with("2 rows in "), "{outcome}");
    assert!(outcome.stderr.contains(" bytes -> "), "{outcome}");
}

#[test]
fn compressed_files_are_streamed_in_and_out() {
    let sandbox = Sandbox::with("a.ndjson", LINES);
    let packed = ["convert", "a.ndjson", "b.ndjson.gz", "--to", "ndjson"];
    assert_eq!(sandbox.tonl(&packed).code, Some(0));
    let text = sandbox.tonl(&["stream", "-i", "b.ndjson.gz"]).data();
    assert_eq!(text, "data[]{id:i64,level:str}:\n 1,info\n 2,warn\n");
    let arguments = ["stream", "-i", "b.ndjson.gz", "-o", "c.tonl.zst"];
    assert_eq!(sandbox.tonl(&arguments).code, Some(0));
    let back = sandbox
        .tonl(&["convert", "c.tonl.zst", "-", "--compact"])
        .data();
    assert_eq!(
        back.trim_end(),
        r#"[{"id":1,"level":"info"},{"id":2,"level":"warn"}]"#
    );
}

#[test]
fn a_longest_line_of_nothing_is_refused() {
    let outcome = Sandbox::new().fed(&["stream", "--max-line", "0"], "{\"a\":1}\n");
    assert_eq!(outcome.code, Some(2), "{outcome}");
    assert!(outcome.stderr.contains("at least 1 byte"), "{outcome}");
}

#[test]
fn the_name_of_a_model_does_not_steer_a_terminal() {
    let outcome = Sandbox::new().fed(&["stream", "-m", "\u{1b}[31mx"], "");
    assert_eq!(outcome.code, Some(64), "{outcome}");
    assert!(!outcome.stderr.contains('\u{1b}'), "{outcome}");
}
