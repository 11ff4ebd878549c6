//! When columns are fixed, when a segment opens, and what a refused record leaves behind.

use super::*;
use crate::error::Position;
use crate::options::Profile;

fn writer() -> StreamWriter {
    StreamWriter::new(&WriteOptions::default())
}

/// The text of a stream of these records.
fn written(records: &[&str]) -> String {
    let mut out = Vec::new();
    let mut writer = writer();
    for record in records {
        writer.record(record.as_bytes(), &mut out).unwrap();
    }
    writer.finish(EndLine::None, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn an_empty_stream_is_a_header() {
    assert_eq!(written(&[]), "data[]{}:\n");
    let mut out = Vec::new();
    writer().finish(EndLine::Count, &mut out);
    assert_eq!(out, b"data[]{}:\n#end 0\n");
}

#[test]
fn a_pause_fixes_the_columns_by_what_has_come() {
    let mut out = Vec::new();
    let mut writer = writer();
    writer.pause(&mut out);
    writer.record(br#"{"a":1}"#, &mut out).unwrap();
    assert_eq!(out, b"", "held back");
    writer.pause(&mut out);
    assert_eq!(out, b"data[]{a:i64}:\n 1\n");
    writer.pause(&mut out);
    writer.record(br#"{"a":2}"#, &mut out).unwrap();
    writer.record(br#"{"a":"x"}"#, &mut out).unwrap();
    writer.record(b"5", &mut out).unwrap();
    assert_eq!(writer.records(), 4);
    writer.finish(EndLine::Count, &mut out);
    assert_eq!(out, b"data[]{a:i64}:\n 1\n 2\n * {a:x}\n * 5\n#end 4\n");
}

#[test]
fn sixty_four_records_or_as_many_kibibytes_fix_the_columns() {
    let mut out = Vec::new();
    let mut writer = writer();
    for _ in 1..HEAD_RECORDS {
        writer.record(b"{\"a\":1}", &mut out).unwrap();
    }
    assert_eq!(out, b"");
    writer.record(b"{\"a\":1}", &mut out).unwrap();
    assert_eq!(memchr::memchr_iter(b'\n', &out).count(), 1 + HEAD_RECORDS);

    let mut out = Vec::new();
    let mut writer = self::writer();
    let half = format!("{{\"a\":\"{}\"}}", "x".repeat(HEAD_BYTES / 2));
    writer.record(half.as_bytes(), &mut out).unwrap();
    assert_eq!(out, b"");
    writer.record(half.as_bytes(), &mut out).unwrap();
    assert!(out.len() > HEAD_BYTES);
}

/// A stream of `{a}` whose columns are fixed, and then these records.
fn after_head(records: &[&str]) -> String {
    let mut out = Vec::new();
    let mut writer = writer();
    writer.record(b"{\"a\":1}", &mut out).unwrap();
    writer.pause(&mut out);
    out.clear();
    for record in records {
        writer.record(record.as_bytes(), &mut out).unwrap();
    }
    String::from_utf8(out).unwrap()
}

const OTHER: &str = r#"{"b":1,"c":2}"#;

#[test]
fn the_ninth_escape_row_of_one_shape_opens_a_segment() {
    let eight = " * {b:1,c:2}\n".repeat(8);
    assert_eq!(after_head(&[OTHER; 8]), eight);
    assert_eq!(
        after_head(&[OTHER; 9]),
        format!("{eight}data[]{{b:i64,c:i64}}:\n 1,2\n")
    );
    let ten = after_head(&[OTHER; 10]);
    assert!(ten.ends_with(":\n 1,2\n 1,2\n"), "{ten}");
    let escaped = [OTHER, r#"{"\u0062":1, "c":2}"#].repeat(5);
    assert!(
        after_head(&escaped[..9]).ends_with(":\n 1,2\n"),
        "keys are compared decoded"
    );
}

#[test]
fn whatever_comes_between_begins_the_count_anew() {
    for between in [
        r#"{"a":7}"#,
        r#"{"c":2,"b":1}"#,
        r#"{"b":1}"#,
        "{}",
        "5",
        "[]",
    ] {
        let mut records = vec![OTHER; 8];
        records.push(between);
        records.extend([OTHER; 8]);
        let out = after_head(&records);
        assert!(!out.contains("data"), "{between}: {out}");
        records.push(OTHER);
        assert!(
            after_head(&records).contains("data[]{b:i64,c:i64}:"),
            "{between}"
        );
    }
}

#[test]
fn records_of_more_than_a_mebibyte_open_no_segment() {
    let large = format!("{{\"b\":\"{}\"}}", "x".repeat(1 << 17));
    assert!(!after_head(&[large.as_str(); 20]).contains("data[]"));
    let huge = format!("{{\"b\":\"{}\"}}", "x".repeat(1 << 21));
    assert!(!after_head(&[huge.as_str(); 9]).contains("data[]"));
}

#[test]
fn a_refused_record_leaves_no_trace_and_the_stream_goes_on() {
    for fixed in [false, true] {
        let mut out = Vec::new();
        let mut writer = writer();
        writer.record(b"{\"a\":1}", &mut out).unwrap();
        if fixed {
            writer.pause(&mut out);
        }
        for (record, code, column) in [
            (&b"{\"a\":1,\"a\":2}"[..], Code::DuplicateKey, 9),
            (b"{\"a\":1} x", Code::TrailingContent, 9),
            (b"{\"a\":1}{\"a\":2}", Code::TrailingContent, 8),
            (b"{\"a\":", Code::Truncated, 6),
            (b"{\"a\":tru}", Code::JsonSyntax, 9),
            (b"{\"a\":\"\\ud800\"}", Code::LoneSurrogate, 7),
            (b"{\"a\":\"\xFF\"}", Code::InvalidUtf8, 7),
            (b"", Code::Truncated, 1),
        ] {
            let before = out.clone();
            let error = writer.record(record, &mut out).unwrap_err();
            let place = Position { line: 1, column };
            assert_eq!(
                (error.code(), error.position()),
                (code, Some(place)),
                "{error}"
            );
            assert_eq!(out, before);
        }
        writer.record(b" {\"a\":2} ", &mut out).unwrap();
        assert_eq!(writer.records(), 2);
        writer.finish(EndLine::None, &mut out);
        assert_eq!(out, b"data[]{a:i64}:\n 1\n 2\n");
    }
}

#[test]
fn a_record_ends_where_its_range_ends() {
    let text = br#"{"a":1}{"a":2} {"a":3,"b":"#;
    let mut out = Vec::new();
    let mut writer = writer();
    writer.record_in(text, 0..7, &mut out).unwrap();
    writer.pause(&mut out);
    writer.record_in(text, 7..15, &mut out).unwrap();
    let cut = writer.record_in(text, 7..13, &mut out).unwrap_err();
    assert_eq!(
        (cut.code(), cut.position()),
        (Code::Truncated, Some(Position { line: 1, column: 7 }))
    );
    let two = writer.record_in(text, 0..14, &mut out).unwrap_err();
    assert_eq!(two.code(), Code::TrailingContent);
    assert_eq!(out, b"data[]{a:i64}:\n 1\n 2\n");
}

#[test]
fn a_plain_line_is_taken_whole_or_not_at_all() {
    let mut out = Vec::new();
    let mut writer = writer();
    let take = |writer: &mut StreamWriter, text: &str, out: &mut Vec<u8>| {
        let before = out.clone();
        let taken = writer.plain_line(text.as_bytes(), 0, out);
        assert!(taken.is_some() || *out == before, "{text:?} leaves a trace");
        taken
    };
    assert_eq!(
        take(&mut writer, "{\"a\":[1]}\n", &mut out),
        None,
        "the columns are open"
    );
    writer.record(b"{\"a\":[1],\"b\":2}", &mut out).unwrap();
    writer.pause(&mut out);
    for (line, taken) in [
        ("{\"a\":[1]}\n{", Some(10)),
        ("{\"a\": [1], \"b\":3}\n", Some(18)),
        ("{\"a\":[1]}", None),
        ("{\"a\":[1]} \n", None),
        ("{\"a\":[1]}\r\n", None),
        ("{\"a\":[1,\n2]}\n", None),
        ("{\"a\":[1],\n\"b\":2}\n", None),
        ("{\"a\":1}\n", None),
        ("{\"c\":1}\n", None),
        (" {\"a\":[1]}\n", None),
        ("{}\n", None),
    ] {
        assert_eq!(take(&mut writer, line, &mut out), taken, "{line:?}");
    }
    assert_eq!(writer.records(), 3);
}

#[test]
fn rows_beyond_the_limit_are_refused() {
    let mut options = WriteOptions::default();
    options.limits.rows = 2;
    options.profile = Profile::Flat;
    let mut writer = StreamWriter::new(&options);
    let mut out = Vec::new();
    writer.record(b"{\"a\":1}", &mut out).unwrap();
    writer.record(b"{\"a\":1}", &mut out).unwrap();
    let error = writer.record(b"{\"a\":1}", &mut out).unwrap_err();
    assert_eq!(error.code(), Code::RowLimit);
    writer.pause(&mut out);
    assert_eq!(writer.plain_line(b"{\"a\":1}\n", 0, &mut out), None);
    assert_eq!(writer.records(), 2);
}

/// A record with this many members `a0`, `a1` and so on.
fn wide(members: usize) -> String {
    let members: Vec<String> = (0..members).map(|n| format!("\"a{n}\":{n}")).collect();
    format!("{{{}}}", members.join(","))
}

#[test]
fn short_records_under_many_columns_do_not_make_the_text_grow() {
    let mut out = Vec::new();
    let mut writer = writer();
    writer.record(wide(4_000).as_bytes(), &mut out).unwrap();
    writer.pause(&mut out);
    let begun = out.len();
    let mut given = 0;
    for number in 0..2_000 {
        // Changing keys, so that no segment is opened for them.
        let key = number % 7 * 500;
        let lines = format!("{{\"a{key}\":1}}\n");
        given += lines.len();
        if writer.plain_line(lines.as_bytes(), 0, &mut out).is_none() {
            writer
                .record(lines.trim_end().as_bytes(), &mut out)
                .unwrap();
        }
    }
    let rows = out.len() - begun;
    assert!(
        rows <= 8 * given,
        "{rows} bytes of rows for {given} of records"
    );
}

#[test]
fn a_plain_row_may_leave_as_many_cells_empty_as_its_text_is_worth() {
    // The record's 8 bytes allow 32 and 16 empty cells.
    for (columns, row) in [(49, " 1"), (50, " * {a0:1}")] {
        let mut out = Vec::new();
        let mut writer = writer();
        writer.record(wide(columns).as_bytes(), &mut out).unwrap();
        writer.pause(&mut out);
        writer.record(b"{\"a0\":1}", &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        let last = text.lines().next_back().unwrap();
        assert_eq!(last.trim_end_matches(','), row, "{columns} columns");
    }
}

#[test]
fn a_record_too_long_to_be_held_back_decides_on_the_columns_too() {
    let long = format!(r#"{{"a":2,"b":"{}"}}"#, "x".repeat(HEAD_BYTES));
    let text = written(&[r#"{"a":1,"b":"y"}"#, &long, r#"{"a":3,"b":"z"}"#]);
    let row = "x".repeat(HEAD_BYTES);
    assert_eq!(
        text,
        format!("data[]{{a:i64,b:str}}:\n 1,y\n 2,{row}\n 3,z\n")
    );
    let alone = written(&[&long]);
    assert_eq!(alone, format!("data[]{{a:i64,b:str}}:\n 2,{row}\n"));
}
