use super::*;
use crate::source::csv::{CsvOptions, read};
use crate::{Input, Result};
use tonl::{Limits, Position};

fn written(json: &str, separator: u8) -> tonl::Result<(String, Vec<String>)> {
    let mut columns = CsvColumns::new(4_096);
    tonl::json::parse(json.as_bytes(), &Limits::default(), &mut columns)?;
    let mut sink = CsvSink::new(columns, separator);
    tonl::json::parse(json.as_bytes(), &Limits::default(), &mut sink)?;
    sink.finish()?;
    let losses = sink.losses();
    Ok((String::from_utf8(sink.out).unwrap(), losses))
}

fn read_back(csv: &str) -> Result<String> {
    let mut sink = JsonSink::new(Layout::Compact);
    let input = Input::from_bytes("t.csv", csv.as_bytes());
    read(&input, &CsvOptions::default(), &mut sink)?;
    Ok(String::from_utf8(std::mem::take(sink.buffer())).unwrap())
}

#[test]
fn tables_without_losses_come_back() {
    for (json, csv) in [
        ("[]", ""),
        (
            r#"[{"id":1,"n":"a"},{"id":-2.50,"n":""}]"#,
            "id,n\n1,a\n-2.50,\"\"\n",
        ),
        (
            r#"[{"a":null,"b":true},{"a":1e400,"b":null}]"#,
            "a,b\n,true\n1e400,\n",
        ),
        (
            r#"[{"a":"x,\"y\"\nz\r","":"007"}]"#,
            "a,\"\"\n\"x,\"\"y\"\"\nz\r\",007\n",
        ),
        (r#"[{"a":null},{"a":1}]"#, "a\n\"\"\n1\n"),
        ("[{\"\u{FEFF}a\":1}]", "\"\u{FEFF}a\"\n1\n"),
    ] {
        let (found, losses) = written(json, b',').unwrap();
        assert_eq!(found, csv);
        assert_eq!(losses, Vec::<String>::new());
        assert_eq!(read_back(csv).unwrap(), json);
    }
}

#[test]
fn what_csv_cannot_hold_is_counted() {
    let json = r#"[{"a":{"x":[1]},"b":"12","c":1,"d":null},{"b":"","c":"x","d":"y"},
        {"e":[],"f":"true","a":"z","d":null}]"#;
    let (csv, losses) = written(json, b'\t').unwrap();
    assert_eq!(
        csv,
        "a\tb\tc\td\te\tf\n\"{\"\"x\"\":[1]}\"\t12\t1\t\t\t\n\t\"\"\tx\ty\t\t\nz\t\t\t\t[]\ttrue\n"
    );
    assert_eq!(
        losses,
        [
            "2 nested values became JSON text: a, e",
            "7 missing members became empty cells: a, b, c and 2 more",
            "2 nulls will be read as empty strings: d",
            "1 empty strings will be read as null: b",
            "3 values will be read as another kind (string, number or boolean): b, c, f",
        ]
    );
}

#[test]
fn what_is_no_table_is_refused() {
    for (json, column) in [
        ("5", 1),
        ("{}", 1),
        ("\"x\"", 1),
        ("[1]", 2),
        ("[{\"a\":1},[]]", 10),
        ("[{\"a\":1},null]", 10),
        ("[{}]", 2),
        (r#"[{"a\u0000":1}]"#, 2),
    ] {
        let error = written(json, b',').unwrap_err();
        assert_eq!(error.code(), Code::Unrepresentable, "{json}");
        assert_eq!(
            error.position(),
            Some(Position { line: 1, column }),
            "{json}"
        );
        assert!(error.hint().is_some());
    }
}

#[test]
fn columns_are_limited() {
    let mut columns = CsvColumns::new(1);
    let json = br#"[{"a":1},{"a":2,"b":3}]"#;
    let error = tonl::json::parse(json, &Limits::default(), &mut columns).unwrap_err();
    assert_eq!(error.code(), Code::ColumnLimit);
}
