use super::*;
use crate::sink::{JsonSink, Layout, TextSink};

fn convert(text: &[u8], options: &CsvOptions) -> Result<String> {
    let mut sink = JsonSink::new(Layout::Compact);
    read(&Input::from_bytes("t.csv", text), options, &mut sink)?;
    Ok(String::from_utf8(std::mem::take(sink.buffer())).unwrap())
}

#[test]
fn columns_decide_what_their_cells_are() {
    for (csv, json) in [
        ("", "[]"),
        ("\n\n", "[]"),
        ("\u{FEFF}", "[]"),
        ("id,name\n", "[]"),
        ("id\n1\n2", r#"[{"id":1},{"id":2}]"#),
        ("\u{FEFF}\"id\"\r\n1\r\n", r#"[{"id":1}]"#),
        ("n\n1.0\n-0\n1e400\n", r#"[{"n":1.0},{"n":-0},{"n":1e400}]"#),
        ("n\n007\n1\n", r#"[{"n":"007"},{"n":"1"}]"#),
        ("n\n+1\n2\n", r#"[{"n":"+1"},{"n":"2"}]"#),
        ("n,x\n1,\n,a\n", r#"[{"n":1,"x":""},{"n":null,"x":"a"}]"#),
        (
            "b,x\ntrue,1\n,2\nfalse,3\n",
            r#"[{"b":true,"x":1},{"b":null,"x":2},{"b":false,"x":3}]"#,
        ),
        ("b\ntrue\n1\n", r#"[{"b":"true"},{"b":"1"}]"#),
        ("b\nTrue\n", r#"[{"b":"True"}]"#),
        ("e,x\n,1\n,2\n", r#"[{"e":null,"x":1},{"e":null,"x":2}]"#),
        (
            "a,b\n\"x,\"\"y\"\"\nz\",2\n\n\"\",3\n",
            r#"[{"a":"x,\"y\"\nz","b":2},{"a":"","b":3}]"#,
        ),
        ("a,\n1,2\n", r#"[{"a":1,"":2}]"#),
        ("a\n 1\n", r#"[{"a":" 1"}]"#),
        ("a,b\n\"5\",null\n", r#"[{"a":5,"b":"null"}]"#),
    ] {
        assert_eq!(
            convert(csv.as_bytes(), &CsvOptions::default()).unwrap(),
            json,
            "{csv:?}"
        );
    }
}

#[test]
fn as_text_every_cell_is_a_string() {
    let options = CsvOptions {
        separator: b'\t',
        cells: CsvCells::Text,
        ..CsvOptions::default()
    };
    let json = r#"[{"a":"1","b":"true"},{"a":"","b":"x,y"}]"#;
    assert_eq!(convert(b"a\tb\n1\ttrue\n\tx,y\n", &options).unwrap(), json);
}

#[test]
fn faults_are_named_with_code_and_line() {
    for (csv, code, line) in [
        (&b"a,b\n1,2\n3\n"[..], Code::ShortRow, 3),
        (b"a,b\n\"1\n\",2\n3,4,5\n", Code::LongRow, 4),
        (b"a,b,a\n1,2,3\n", Code::DuplicateColumn, 1),
        (b"a,b\n1,\xFF\n", Code::InvalidUtf8, 2),
        (b"a,b\n1,\"x\n2,3\n", Code::UnterminatedQuote, 2),
        (b"a,b\n1,\"x\"\"", Code::UnterminatedQuote, 2),
        (b"\"a", Code::UnterminatedQuote, 1),
    ] {
        let error = convert(csv, &CsvOptions::default()).unwrap_err();
        let content = error.content().unwrap();
        assert_eq!(
            (content.code(), content.position().unwrap().line),
            (code, line),
            "{csv:?}"
        );
        assert_eq!(error.name(), Some("t.csv"));
        assert!(error.hint().is_some(), "{csv:?}");
    }
    let error = convert(b"a,b\n1,2\n3\n", &CsvOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "t.csv: line 3, column 1: expected 2 fields as in the header, found 1 (short-row)"
    );
}

#[test]
fn each_limit_has_its_code() {
    let csv = b"aa,bb\n1,2\n3,4\n";
    let mut limits = [Limits::default(); 4];
    limits[0].columns = 1;
    limits[1].rows = 1;
    limits[2].line_bytes = 4;
    limits[3].total_bytes = 10;
    let codes = [
        Code::ColumnLimit,
        Code::RowLimit,
        Code::LineLimit,
        Code::ByteLimit,
    ];
    for (limits, code) in limits.into_iter().zip(codes) {
        let options = CsvOptions {
            limits,
            ..CsvOptions::default()
        };
        let error = convert(csv, &options).unwrap_err();
        assert_eq!(error.content().unwrap().code(), code);
    }
}
