//! The grammar by example, without the specification's own cases.

use super::*;
use crate::sink::{JsonSink, Layout, TextSink};
use tonl::{Code, Event, EventSink, Limits, Position};

fn read_with(text: &str, options: &ToonReadOptions) -> tonl::Result<String> {
    let mut sink = JsonSink::new(Layout::Compact);
    parse(text, options, &mut sink)?;
    sink.finish()?;
    let json = String::from_utf8(std::mem::take(sink.buffer())).unwrap();
    Ok(json.trim_end().to_owned())
}

fn read(text: &str) -> tonl::Result<String> {
    read_with(text, &ToonReadOptions::default())
}

fn read_leniently(text: &str) -> tonl::Result<String> {
    let options = ToonReadOptions {
        strictness: Strictness::Lenient,
        ..ToonReadOptions::default()
    };
    read_with(text, &options)
}

fn write(json: &str, options: ToonWriteOptions) -> tonl::Result<(String, Vec<String>)> {
    let mut sink = ToonSink::new(options);
    tonl::json::parse(json.as_bytes(), &Limits::default(), &mut sink)?;
    sink.finish()?;
    let losses = sink.losses();
    let text = String::from_utf8(std::mem::take(sink.buffer())).unwrap();
    Ok((text, losses))
}

fn of(fidelity: Fidelity) -> ToonWriteOptions {
    ToonWriteOptions {
        fidelity,
        ..ToonWriteOptions::default()
    }
}

#[test]
fn values_are_written_in_their_shortest_form_and_read_back() {
    for (json, toon) in [
        ("{}", ""),
        ("[]", "[]"),
        ("null", "null"),
        (r#""a,b""#, r#""a,b""#),
        ("[[],{},[[]]]", "[3]:\n  - [0]:\n  -\n  - [1]:\n    - [0]:"),
        (r#"{"a":{"b":{}},"c":[]}"#, "a:\n  b:\nc: []"),
        (
            r#"[{"a":{"b":[{"c":1},{"c":2}],"d":3}},{"e":[4]}]"#,
            "[2]:\n  - a:\n      b[2]{c}:\n        1\n        2\n      d: 3\n  - e[1]: 4",
        ),
        (
            r#"{"t":[{"a":{"b":1,"c":{"d":2}},"e":"x y"},{"a":{"b":3,"c":{"d":4}},"e":""}]}"#,
            "t[2]{a{b,c{d}},e}:\n  1,2,x y\n  3,4,\"\"",
        ),
        (
            r#"[[{"a":1},{"a":2}],{"k":{"x":{"n":1},"y":{"n":2}}}]"#,
            "[2]:\n  - [2]:\n    - a: 1\n    - a: 2\n  - k[2:]{n}:\n      x: 1\n      y: 2",
        ),
        (
            r#"{"a b":{"c:d":{"v":null},"":{"v":true}}}"#,
            "\"a b\"[2:]{v}:\n  \"c:d\": null\n  \"\": true",
        ),
        ("[1e400,-1E-30,1e21]", "[3]: 1e400,-1E-30,1e21"),
    ] {
        let (text, losses) = write(json, ToonWriteOptions::default()).unwrap();
        assert_eq!(text, toon, "{json}");
        assert_eq!(losses, Vec::<String>::new(), "{json}");
        assert_eq!(read(toon).unwrap(), json, "{toon}");
        assert_eq!(read_leniently(toon).unwrap(), json, "{toon}");
    }
}

#[test]
fn spellings_that_no_writer_uses_are_read() {
    for (toon, json) in [
        ("a:1", r#"{"a":1}"#),
        (": 1", r#"{"":1}"#),
        ("x\"y:z\": 1", r#"{"x\"y:z\"":1}"#),
        ("x\"y:z", r#""x\"y:z""#),
        ("x[1]{\"y:z\"}", r#""x[1]{\"y:z\"}""#),
        ("m[1:]{v}:\n  : 1", r#"{"m":{"":{"v":1}}}"#),
        ("a[2]: x\"y,\\\"z\",1", r#"{"a":["x\"y,\\\"z\"",1]}"#),
        ("a : 1 ", r#"{"a":1}"#),
        ("\"a\" : 1", r#"{"a":1}"#),
        ("a-b c: x:y [z]", r#"{"a-b c":"x:y [z]"}"#),
        ("a[1]:\n  -   x  ", r#"{"a":["x"]}"#),
        ("a[3]: ,,", r#"{"a":["","",""]}"#),
        (
            "a[2]{ x , \"y\" { z } }:\n  1,2\n  3,4",
            r#"{"a":[{"x":1,"y":{"z":2}},{"x":3,"y":{"z":4}}]}"#,
        ),
        ("x[1\t]{a\tb}:\n  1\t2", r#"{"x":[{"a":1,"b":2}]}"#),
        ("[5]", r#""[5]""#),
        ("-0.0", "-0.0"),
        ("\"\\u00e9\\u0000\"", "\"é\\u0000\""),
        ("a[1]:\n  # one\n\n# two\n  - 1\r\n", r#"{"a":[1]}"#),
    ] {
        assert_eq!(read(toon).unwrap(), json, "{toon}");
    }
}

#[test]
fn faults_are_found_where_they_are() {
    for (toon, code, line, column) in [
        ("a: 1\nb", Code::HeaderSyntax, 2, 2),
        ("a\nb: 1", Code::HeaderSyntax, 1, 2),
        ("  a: 1", Code::BadIndentation, 1, 3),
        ("a:\n   b: 1", Code::BadIndentation, 2, 4),
        ("a: 1\n  b: 1", Code::BadIndentation, 2, 3),
        ("a:\n \tb: 1", Code::Tab, 2, 2),
        ("a: \"x", Code::UnterminatedQuote, 1, 6),
        ("é: \"x\\q\"", Code::BadEscape, 1, 7),
        ("a: \"\\u00g0\"", Code::BadEscape, 1, 7),
        ("a: \"\\u+123\"", Code::BadEscape, 1, 7),
        ("a: \"\\ud83d\\ude00\"", Code::LoneSurrogate, 1, 5),
        ("a: \"x\u{1}\"", Code::ControlCharacter, 1, 6),
        ("a: \"x\" y", Code::UnquotedCharacter, 1, 7),
        ("a[2]: \"x\"y,z", Code::UnquotedCharacter, 1, 10),
        ("a: 1\na: 2", Code::DuplicateKey, 2, 1),
        ("a[1]{b,b}:\n  1,2", Code::DuplicateColumn, 1, 8),
        ("a[2]{b}:\n  1", Code::Truncated, 3, 1),
        ("a[2]{b}:\n  1\nc: 1", Code::RowCount, 3, 1),
        ("a[1]{b}:\n  1\n  2", Code::RowCount, 3, 3),
        ("a[2]: 1", Code::RowCount, 1, 6),
        ("a[2]: x\"y,z", Code::RowCount, 1, 6),
        ("a[1]{b,c}:\n  1", Code::ShortRow, 2, 4),
        ("a[1]{b}:\n  1,2", Code::LongRow, 2, 5),
        ("a[1]{b}:\n  x:y", Code::UnquotedCharacter, 2, 4),
        ("a[2]:\n  - 1\n\n  - 2", Code::BlankRow, 3, 1),
        ("a[1]:\n  x", Code::HeaderSyntax, 2, 3),
        ("a[1]:\n  -x", Code::HeaderSyntax, 2, 4),
        ("a[1]:\n  -\n    b: 1", Code::BadIndentation, 3, 5),
        ("a[01]: 1", Code::HeaderSyntax, 1, 3),
        ("a[99999999999999999999]: 1", Code::HeaderSyntax, 1, 3),
        ("a [1]: 1", Code::HeaderSyntax, 1, 2),
        ("a[1]{b: 1", Code::HeaderSyntax, 1, 7),
        ("a[1|]{b,c}:\n  1|2", Code::HeaderSyntax, 1, 8),
        ("a[1]{}:\n  1", Code::HeaderSyntax, 1, 6),
        ("a[1:]: 1", Code::HeaderSyntax, 1, 6),
        ("a[1]{b}: 1", Code::HeaderSyntax, 1, 9),
        ("a: 1\n[1]: 1", Code::HeaderSyntax, 2, 1),
        ("a[1]:\n  - [1]{b}:", Code::HeaderSyntax, 2, 5),
        ("a[1:]{b}:\n  1", Code::HeaderSyntax, 2, 3),
        ("a[1:]{b}:\n  c:", Code::ShortRow, 2, 5),
        ("[]\na: 1", Code::TrailingContent, 2, 1),
        ("[1]: 1\n[1]: 1", Code::TrailingContent, 2, 1),
    ] {
        let error = read(toon).unwrap_err();
        let place = Some(Position { line, column });
        assert_eq!(
            (error.code(), error.position()),
            (code, place),
            "{toon}: {error}"
        );
    }
}

#[test]
fn a_lenient_reader_takes_what_the_specification_names() {
    for (toon, json) in [
        ("a[3]: 1", r#"{"a":[1]}"#),
        ("a[1]:\n  - 1\n\n  - 2", r#"{"a":[1,2]}"#),
        ("a: 1\nb: 2\na: 3", r#"{"a":3,"b":2}"#),
        ("a[1]{b,b{c}}:\n  1,2", r#"{"a":[{"b":{"c":2}}]}"#),
        ("a[x]: 1", r#"{"a[x]":1}"#),
        ("a:\n\tb: 1\n\tc:\n\t\td: 2", r#"{"a":{"b":1,"c":{"d":2}}}"#),
        (
            "a:\n      b: 1\n      c: 2\nd: 3",
            r#"{"a":{"b":1,"c":2},"d":3}"#,
        ),
    ] {
        assert!(read(toon).is_err(), "{toon}");
        assert_eq!(read_leniently(toon).unwrap(), json, "{toon}");
    }
    for toon in ["a: 1\n    b: 2", "a[1]{b}:\n  1,2", "\"a\"x: 1", "[x]: 1"] {
        assert!(read_leniently(toon).is_err(), "{toon}");
    }
}

#[test]
fn what_the_forms_do_not_hold_is_counted_kept_or_refused() {
    let number = r#"{"a":[1.0,2,-0]}"#;
    let (text, losses) = write(number, of(Fidelity::Canonical)).unwrap();
    assert_eq!(text, "a[3]: 1,2,0");
    let expected = "2 numbers got TOON's spelling, which is the same value in another text: 1.0 \
                    became 1";
    assert_eq!(losses, [expected]);
    let (text, losses) = write(number, of(Fidelity::Exact)).unwrap();
    assert_eq!((text.as_str(), losses.len()), ("a[3]: 1.0,2,-0", 0));
    assert_eq!(read(&text).unwrap(), number);

    let rows = r#"[{"a":{"b":1,"c":2},"d":3},{"d":4,"a":{"c":5,"b":6}}]"#;
    let (text, losses) = write(rows, of(Fidelity::Canonical)).unwrap();
    assert_eq!(text, "[2]{a{b,c},d}:\n  1,2,3\n  6,5,4");
    assert_eq!(
        losses,
        ["1 rows got the key order of their table's first row"]
    );
    let (text, losses) = write(rows, of(Fidelity::Exact)).unwrap();
    assert_eq!(losses, Vec::<String>::new());
    assert_eq!(read(&text).unwrap(), rows);

    let entries = r#"{"x":{"a":1,"b":2},"y":{"b":3,"a":4}}"#;
    let (text, losses) = write(entries, of(Fidelity::Canonical)).unwrap();
    assert_eq!(text, "[2:]{a,b}:\n  x: 1,2\n  y: 4,3");
    assert_eq!(losses.len(), 1);
    let (text, _) = write(entries, of(Fidelity::Exact)).unwrap();
    assert_eq!(read(&text).unwrap(), entries);

    for lossy in [number, rows, entries] {
        let error = write(lossy, of(Fidelity::Refused)).unwrap_err();
        assert_eq!(error.code(), Code::Unrepresentable, "{error}");
        assert!(error.hint().is_some());
    }
    // A list has no fields, so its items keep their order.
    let list = r#"[[{"a":1,"b":2},{"b":3,"a":4}]]"#;
    let (text, _) = write(list, of(Fidelity::Refused)).unwrap();
    assert_eq!(read(&text).unwrap(), list);
}

#[test]
fn limits_have_their_own_codes() {
    let mut options = ToonReadOptions::default();
    options.limits.depth = 3;
    options.limits.columns = 2;
    options.limits.rows = 2;
    for toon in [
        "a:\n  b:\n    c: 1",
        "a[1]:\n  - b: 1",
        "a[1]{b}:\n  1",
        "[1]{a{b}}:\n  1",
        "a:\n  b[1]: 1",
    ] {
        assert!(read_with(toon, &options).is_ok(), "{toon}");
    }
    for (toon, code) in [
        ("a:\n  b:\n    c:", Code::DepthLimit),
        ("a:\n  b:\n    c: []", Code::DepthLimit),
        ("a[1]:\n  - b[1]: 1", Code::DepthLimit),
        ("a:\n  b[1]{c}:\n    1", Code::DepthLimit),
        ("a[1]{b{c}}:\n  1", Code::DepthLimit),
        ("[1]{a,b,c}:\n  1,2,3", Code::ColumnLimit),
        ("[3]{a}:\n  1\n  2\n  3", Code::RowLimit),
        ("[3]:\n  - 1\n  - 2\n  - 3", Code::RowLimit),
    ] {
        assert_eq!(
            read_with(toon, &options).unwrap_err().code(),
            code,
            "{toon}"
        );
    }
}

#[test]
fn the_greatest_depth_is_written_and_read_in_every_form() {
    let depth = Limits::MAX_DEPTH;
    let mut options = ToonReadOptions::default();
    options.limits.depth = depth;
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[1,{\"b\":1,\"a\":", "}]")] {
        let levels = depth / (1 + usize::from(close.len() > 1)) - 1;
        let json = format!("{}[7]{}", open.repeat(levels), close.repeat(levels));
        let mut limits = Limits::default();
        limits.depth = depth;
        let mut sink = ToonSink::default();
        tonl::json::parse(json.as_bytes(), &limits, &mut sink).unwrap();
        sink.finish().unwrap();
        let text = String::from_utf8(std::mem::take(sink.buffer())).unwrap();
        assert_eq!(read_with(&text, &options).unwrap(), json);
        options.strictness = Strictness::Lenient;
        assert_eq!(read_with(&text, &options).unwrap(), json);
        options.strictness = Strictness::Strict;
    }
    let fields = format!("[1]{{{}x{}}}:\n  1", "a{".repeat(2_046), "}".repeat(2_046));
    assert!(read_with(&fields, &options).is_ok());
    let more = format!("[1]{{{}x{}}}:\n  1", "a{".repeat(2_047), "}".repeat(2_047));
    assert_eq!(
        read_with(&more, &options).unwrap_err().code(),
        Code::DepthLimit
    );
}

#[test]
fn a_sink_refuses_what_is_too_deep_to_read() {
    let mut sink = ToonSink::default();
    for _ in 0..Limits::MAX_DEPTH {
        sink.event(Event::BeginArray).unwrap();
    }
    let error = sink.event(Event::BeginArray).unwrap_err();
    assert_eq!(error.code(), Code::DepthLimit);
}

#[test]
fn indentation_and_delimiters_are_the_callers_choice() {
    let json = r#"{"a":{"b":["x,y","x|y","x\ty"]}}"#;
    for (delimiter, row) in [
        (Delimiter::Comma, "[3]: \"x,y\",x|y,\"x\\ty\""),
        (Delimiter::Pipe, "[3|]: x,y|\"x|y\"|\"x\\ty\""),
        (Delimiter::Tab, "[3\t]: x,y\tx|y\t\"x\\ty\""),
    ] {
        let options = ToonWriteOptions {
            delimiter,
            indent: 3,
            ..ToonWriteOptions::default()
        };
        let (text, _) = write(json, options).unwrap();
        assert_eq!(text, format!("a:\n   b{row}"));
        let options = ToonReadOptions {
            indent: 3,
            ..ToonReadOptions::default()
        };
        assert_eq!(read_with(&text, &options).unwrap(), json);
    }
}
