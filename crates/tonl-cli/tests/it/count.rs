//! `tonl count`.

use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;
use tonl_tokens::{Encoding, Model};

#[test]
fn texts_are_counted_as_they_are_with_their_sum() {
    let sandbox = Sandbox::with("a.txt", "hello world\n").and("b.json", "[1,\n  2]");
    assert_snapshot!(sandbox.tonl(&["count", "a.txt", "b.json", "-m", "gpt-4o"]), @"
    exit 0
    --- stdout
    tokens  file
         2  a.txt
         7  b.json
         9  total
    --- stderr
    exact for gpt-4o, counted by o200k_base
    ");
    assert_snapshot!(sandbox.fed(&["count"], "hello world"), @"
    exit 0
    --- stdout
    tokens  file
         2  standard input
    --- stderr
    exact for gpt-5, counted by o200k_base
    ");
}

#[test]
fn an_estimate_says_so() {
    let sandbox = Sandbox::with("a.txt", "hello world\n");
    let model = Model::find("claude-opus-4.5").unwrap();
    let outcome = sandbox.tonl(&["count", "a.txt", "-m", model.name]);
    let said = format!(
        "estimated for {}, counted by {}",
        model.name,
        model.counted_by()
    );
    assert!(outcome.stderr.contains(&said), "{outcome}");
    let tokens = model.count("hello world").tokens;
    assert!(
        outcome.stdout.contains(&format!("{tokens}  a.txt")),
        "{outcome}"
    );
}

#[test]
fn the_count_for_machines_has_files_and_total() {
    let sandbox = Sandbox::with("a.txt", "hello world\n").and("b.txt", "hello");
    let text = sandbox.tonl(&["count", "--json", "*.txt"]).data();
    let value: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(value["model"], Model::default_model().name);
    assert_eq!(value["method"], "exact");
    assert_eq!(value["files"][0]["tokens"], 2);
    assert_eq!(value["files"][0]["bytes"], 12);
    assert_eq!(value["total"]["tokens"], 3);
}

#[test]
fn lines_are_counted_one_by_one() {
    let sandbox = Sandbox::with("a.txt", "hello world\n\nhello\r\n").and("b.txt", "last");
    assert_snapshot!(sandbox.tonl(&["count", "--lines", "a.txt"]), @"
    exit 0
    --- stdout
    2	1
    0	2
    1	3
    --- stderr
    3 lines, 3 tokens without the line ends
    exact for gpt-5, counted by o200k_base
    ");
    assert_snapshot!(sandbox.tonl(&["count", "--lines", "a.txt", "b.txt", "-q"]), @"
    exit 0
    --- stdout
    2	1	a.txt
    0	2	a.txt
    1	3	a.txt
    1	1	b.txt
    --- stderr
    ");
    assert_snapshot!(sandbox.tonl(&["count", "--lines", "--json", "-q", "a.txt"]), @r#"
    exit 0
    --- stdout
    {"file":"a.txt","line":1,"tokens":2}
    {"file":"a.txt","line":2,"tokens":0}
    {"file":"a.txt","line":3,"tokens":1}
    --- stderr
    "#);
}

#[test]
fn a_line_of_a_pipe_is_counted_before_the_next_one_comes() {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&["count", "--lines", "-q"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(b"hello world\n").unwrap();
    let mut line = [0; 4];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut line).unwrap();
    assert_eq!(&line, b"2\t1\n");
    drop(input);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_compressed_text_counts_as_its_text() {
    let text = "{\"id\":1,\"name\":\"Ada\"}\n".repeat(5_000);
    let mut gzip = tonl_convert::Compression::Gzip.writer(Vec::new()).unwrap();
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let expected = Encoding::O200kBase.count(text.trim_end());
    let sandbox = Sandbox::with("a.ndjson.gz", &gzip);
    for outcome in [
        sandbox.tonl(&["count", "--json", "a.ndjson.gz"]),
        sandbox.fed(&["count", "--json"], &gzip),
    ] {
        let value: Value = serde_json::from_str(&outcome.data()).unwrap();
        assert_eq!(value["total"]["tokens"], expected);
    }
}

#[test]
fn a_text_that_cannot_be_counted_does_not_stop_the_others() {
    let sandbox = Sandbox::with("a.txt", "hello").and("bad.txt", b"ok\n\xFF");
    assert_snapshot!(sandbox.tonl(&["count", "bad.txt", "a.tx", "a.txt"]), @"
    exit 2
    --- stdout
    tokens  file
         1  a.txt
         1  total
    --- stderr
    error: bad.txt: line 2, column 1: expected UTF-8, found the byte 0xFF (invalid-utf8)
    hint: convert it to UTF-8, for example with: iconv -f LATIN1 -t UTF-8
    error: cannot find a.tx
    hint: did you mean a.txt?
    exact for gpt-5, counted by o200k_base
    ");
    let outcome = sandbox.tonl(&["count", "--lines", "bad.txt", "a.txt"]);
    assert_eq!(outcome.code, Some(2), "{outcome}");
    assert!(outcome.stdout.ends_with("1\t1\ta.txt\n"), "{outcome}");
}

#[test]
fn an_unknown_model_is_answered_with_the_nearest() {
    let sandbox = Sandbox::with("a.txt", "hello");
    assert_snapshot!(sandbox.tonl(&["count", "-m", "claude-opus-45", "a.txt"]), @"
    exit 64
    --- stdout
    --- stderr
    error: no model is called claude-opus-45
    hint: did you mean claude-opus-4.5, claude-opus-4, claude-opus-4.1?
    ");
}

#[test]
fn folders_patterns_without_files_and_other_encodings_are_refused() {
    let sandbox = Sandbox::with("data/a.txt", "hello");
    assert_snapshot!(sandbox.tonl(&["count", "data"]), @"
    exit 2
    --- stdout
    --- stderr
    error: data is a directory
    hint: name its files with a pattern, for example 'data/*.json'
    ");
    assert_snapshot!(sandbox.tonl(&["count", "*.md"]), @"
    exit 2
    --- stdout
    --- stderr
    error: no file matches *.md
    ");
    assert_snapshot!(sandbox.fed(&["count"], b"\xFF\xFEh\0"), @"
    exit 2
    --- stdout
    --- stderr
    error: standard input: expected text in UTF-8, found the byte-order mark of UTF-16
    hint: convert it first, for example with: iconv -f UTF-16 -t UTF-8
    ");
}
