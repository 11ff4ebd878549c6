//! Documents as a whole: roots, blocks, lists, keyed tables, streams, comments, line ends.

use super::{reads, rows_read};

#[test]
fn a_text_of_nothing_is_an_empty_array() {
    for text in ["", "\n", "  \n\n", "\u{FEFF}", "\u{FEFF}\r\n", "   "] {
        reads(text, "[]");
    }
}

#[test]
fn a_root_may_be_any_scalar() {
    reads("data: 5\n", "5");
    reads("data: \"5\"\n", "\"5\"");
    reads("data: null\n", "null");
    reads("data: true", "true");
    reads("x: 1e400\n", "1e400");
    reads("x: -0\n", "-0");
    reads("x: 007\n", "\"007\"");
    reads("x: NaN\n", "\"NaN\"");
    reads("data: a,b{c}[d]: e\n", "\"a,b{c}[d]: e\"");
    reads("data: \"\"\n", "\"\"");
}

#[test]
fn a_root_may_be_empty_or_flow() {
    reads("data[0]{}:\n", "[]");
    reads("data[0]:\n", "[]");
    reads("data: []\n", "[]");
    reads("data: {}\n", "{}");
    reads(
        "data: {a:1,b:[x,{c:null}]}\n",
        r#"{"a":1,"b":["x",{"c":null}]}"#,
    );
}

#[test]
fn labels_may_hold_letters_digits_lines_and_hyphens() {
    reads("app-logs: 1\n", "1");
    reads("2024[0]{}:\n", "[]");
    reads("_: 1\n", "1");
    reads(&format!("{}: 1\n", "x".repeat(256)), "1");
}

#[test]
fn the_label_is_known_after_reading() {
    let mut reader = crate::Reader::new(crate::ReadOptions::default());
    reader
        .push(b"app-logs: 1\n", &mut crate::ValueBuilder::new())
        .unwrap();
    assert_eq!(reader.label(), "app-logs");
}

#[test]
fn blocks_hold_entries_of_every_kind() {
    let text = "data:\n  a: 1\n  \"b:c\":\n    d: x\n    e[2]{id}:\n      1\n      2\n  f[1]: q\n  g[1:]{v}:\n    k,1\n  h: {}\n";
    let json =
        r#"{"a":1,"b:c":{"d":"x","e":[{"id":1},{"id":2}]},"f":["q"],"g":{"k":{"v":1}},"h":{}}"#;
    reads(text, json);
}

#[test]
fn any_unit_of_one_to_eight_spaces_is_taken() {
    for unit in 1..=8 {
        let space = " ".repeat(unit);
        let text = format!("data:\n{space}a:\n{space}{space}b: 1\n");
        reads(&text, r#"{"a":{"b":1}}"#);
    }
}

#[test]
fn lists_stand_in_a_line_or_in_lines() {
    rows_read("data[3]: a,2,null", r#"["a",2,null]"#);
    rows_read("data[3]: a, 2, \"x, y\"", r#"["a",2,"x, y"]"#);
    rows_read("data[2|]: a,b|c", r#"["a,b","c"]"#);
    rows_read(
        "data[4]: / a,b / {c:1} / \"d\" / [[]]",
        r#"["a,b",{"c":1},"d",[[]]]"#,
    );
}

#[test]
fn keyed_tables_read_as_objects() {
    rows_read(
        "mime[2:]{source:str,compressible:bool}: / text/css,iana,true / * x/y:{other:1}",
        r#"{"text/css":{"source":"iana","compressible":true},"x/y":{"other":1}}"#,
    );
    rows_read(
        "data[5:]{n}: / null,1 / 007,1 / \"\",1 / \"a,b\",1 / __proto__,1",
        r#"{"null":{"n":1},"007":{"n":1},"":{"n":1},"a,b":{"n":1},"__proto__":{"n":1}}"#,
    );
    rows_read("data[1:]{n}: / k,", r#"{"k":{}}"#);
    rows_read("data[1:]{n}: / k, 1", r#"{"k":{"n":1}}"#);
    rows_read("data[1:]{n}: / * \"a b\":c, d", r#"{"a b":"c, d"}"#);
    rows_read("data[0:]{}:", "{}");
    rows_read("data[1:;]{a;b}: / k;1;x,y", r#"{"k":{"a":1,"b":"x,y"}}"#);
}

#[test]
fn streams_read_as_one_array() {
    reads("data[]{}:\n", "[]");
    reads("data[]{a}:\n 1\n 2\n", r#"[{"a":1},{"a":2}]"#);
    reads("data[]{}:\n * 5\n * {a:1}\n", r#"[5,{"a":1}]"#);
    reads(
        "data[]{a}:\n 1\ndata[]{b,c}:\n 1,2\n# note\ndata[;]{d}:\n x\n",
        r#"[{"a":1},{"b":1,"c":2},{"d":"x"}]"#,
    );
}

#[test]
fn an_end_line_counts_the_rows_of_all_segments() {
    reads(
        "data[]{a}:\n 1\ndata[]{b}:\n 2\n#end 2\n",
        r#"[{"a":1},{"b":2}]"#,
    );
    reads(
        "data[]{a}:\n 1\n# note\n#end 1\n# more\n#end 9\n",
        r#"[{"a":1}]"#,
    );
    reads("data[]{}:\n#end 0\n", "[]");
}

#[test]
fn other_lines_that_begin_as_an_end_line_are_comments() {
    reads(
        "data[]{a}:\n 1\n#end 01\n#end +1\n#end 5 \n#end\n#ending 7\n",
        r#"[{"a":1}]"#,
    );
    reads("data[1]{a}:\n 1\n#end 7\n", r#"[{"a":1}]"#);
}

#[test]
fn comments_stand_before_and_after_the_root() {
    reads("# a\n#b\ndata: 1\n# c\n\n", "1");
    reads("#version 1.0\ndata:\n a: 1\n# end\n", r#"{"a":1}"#);
    reads("data[1]{a}:\n 1\n# end\n#x", r#"[{"a":1}]"#);
}

#[test]
fn the_document_names_its_delimiter() {
    reads(
        "#delimiter |\ndata[1]{a|b}:\n 1|x,y\n",
        r#"[{"a":1,"b":"x,y"}]"#,
    );
    reads(
        "#delimiter \\t\ndata[1]{a\tb}:\n 1\tx\n",
        r#"[{"a":1,"b":"x"}]"#,
    );
    reads("#delimiter \t\ndata[1]{a\tb}:\n \tx\n", r#"[{"b":"x"}]"#);
    reads(
        "#delimiter ;\ndata[1|]{a|b}:\n 1|x;y\n",
        r#"[{"a":1,"b":"x;y"}]"#,
    );
    reads("#delimiter ;\n#delimiter ,\ndata[2]: a,b\n", r#"["a","b"]"#);
}

#[test]
fn line_ends_are_lf_or_cr_lf_and_the_last_may_be_absent() {
    reads(
        "data[2]{a,b}:\r\n 1,x\r\n 2,\r\n",
        r#"[{"a":1,"b":"x"},{"a":2}]"#,
    );
    reads("data[1]{a}:\n 1", r#"[{"a":1}]"#);
    reads("\u{FEFF}data: 1\r\n \r\n\r\n", "1");
}
