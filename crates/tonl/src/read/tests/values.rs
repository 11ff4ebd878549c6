//! Rows, cells, tuples, flow values and tokens.

use super::{reads, rows_fail, rows_read};
use crate::error::Code;

#[test]
fn null_missing_empty_and_the_text_null_are_four_cells() {
    rows_read(
        "data[4]{id:i32,s:str}: / 1,null / 2,\"null\" / 3, / 4,\"\"",
        r#"[{"id":1,"s":null},{"id":2,"s":"null"},{"id":3},{"id":4,"s":""}]"#,
    );
}

#[test]
fn escape_rows_hold_any_value() {
    rows_read("data[3]{a:i32}: / 1 / * {} / 3", r#"[{"a":1},{},{"a":3}]"#);
    rows_read(
        "data[2]{a:i32,b:i32}: / 1,2 / * {b:1,a:2}",
        r#"[{"a":1,"b":2},{"b":1,"a":2}]"#,
    );
    rows_read(
        "data[4]{a}: / * hello, world / * null / * \"* x\" / * [1,x]",
        r#"["hello, world",null,"* x",[1,"x"]]"#,
    );
}

#[test]
fn look_alikes_are_text_only_in_text_columns() {
    rows_read(
        "data[1]{zip:str,f:str}: / 02134,true",
        r#"[{"zip":"02134","f":"true"}]"#,
    );
    rows_read(
        "data[1]{d:date,t:datetime}: / 2024,1e5",
        r#"[{"d":"2024","t":"1e5"}]"#,
    );
    rows_read(
        "data[3]{v}: / 1 / \"1\" / x",
        r#"[{"v":1},{"v":"1"},{"v":"x"}]"#,
    );
    rows_read(
        "data[6]{v}: / true / false / 1.50 / -0 / 01 / +1",
        r#"[{"v":true},{"v":false},{"v":1.50},{"v":-0},{"v":"01"},{"v":"+1"}]"#,
    );
}

#[test]
fn numbers_keep_their_text() {
    rows_read(
        "data[4]{v}: / 1e400 / -0 / 1.0 / 12345678901234567890.10",
        r#"[{"v":1e400},{"v":-0},{"v":1.0},{"v":12345678901234567890.10}]"#,
    );
}

#[test]
fn groups_are_always_present() {
    rows_read(
        "data[2]{id,g{x,y}}: / 1,, / 2,3,",
        r#"[{"id":1,"g":{}},{"id":2,"g":{"x":3}}]"#,
    );
    rows_read(
        "data[1]{g{h{x},y},z}: / 1,2,3",
        r#"[{"g":{"h":{"x":1},"y":2},"z":3}]"#,
    );
    rows_read("data[1]{a,b}: / ,", "[{}]");
}

#[test]
fn nested_uniform_records_read_back() {
    rows_read(
        "orders[2]{id:i32,customer{name:str,country:str},items[]{sku:str,qty:i32}}: / 1,Ada,DE,[(A1,2),(B2,1)] / 2,\"Bob, Jr.\",FR,[]",
        r#"[{"id":1,"customer":{"name":"Ada","country":"DE"},"items":[{"sku":"A1","qty":2},{"sku":"B2","qty":1}]},{"id":2,"customer":{"name":"Bob, Jr.","country":"FR"},"items":[]}]"#,
    );
}

#[test]
fn tuples_follow_their_columns() {
    rows_read(
        "d[1]{t[]{a,g{x,y}}}: / [(1,2,3),(4,,)]",
        r#"[{"t":[{"a":1,"g":{"x":2,"y":3}},{"a":4,"g":{}}]}]"#,
    );
    rows_read(
        "d[1]{t[]{a,u[]{x}}}: / [(1,[(2),(3)]),(4,[]),(5,),(6,null)]",
        r#"[{"t":[{"a":1,"u":[{"x":2},{"x":3}]},{"a":4,"u":[]},{"a":5},{"a":6,"u":null}]}]"#,
    );
    rows_read(
        "d[1]{t[]{a:obj}}: / [({p:(x)}),({})]",
        r#"[{"t":[{"a":{"p":"(x)"}},{"a":{}}]}]"#,
    );
    rows_read(
        "d[4]{t[]{a},b}: / [()],1 / ,1 / null,1 / [],",
        r#"[{"t":[{}],"b":1},{"b":1},{"t":null,"b":1},{"t":[]}]"#,
    );
    rows_read(
        "d[1]{t[]{a:str,b}}: / [(\"x,)\",[1,2]),(null,)]",
        r#"[{"t":[{"a":"x,)","b":[1,2]},{"a":null}]}]"#,
    );
    rows_read(
        "d[1|]{t[]{a|b}|c}: / [(1,2)]|x",
        r#"[{"t":[{"a":1,"b":2}],"c":"x"}]"#,
    );
}

#[test]
fn parentheses_mean_nothing_in_an_untyped_column() {
    rows_read("d[1]{t}: / [(1,2)]", r#"[{"t":["(1","2)"]}]"#);
}

#[test]
fn other_values_in_a_tuple_column_are_errors() {
    for (cell, column) in [
        ("[1]", 3),
        ("[null]", 3),
        ("[{a:1}]", 3),
        ("{a:1}", 2),
        ("x", 2),
        ("\"x\"", 2),
    ] {
        rows_fail(
            &format!("d[1]{{t[]{{a}}}}: / {cell}"),
            Code::WrongType,
            2,
            column,
        );
    }
    rows_fail("d[1]{t[]{a}}: / [(1), (2)]", Code::UnquotedCharacter, 2, 7);
    rows_fail("d[1]{t[]{a,b}}: / [(1)]", Code::ShortRow, 2, 5);
    rows_fail("d[1]{t[]{a}}: / [(1,2)]", Code::LongRow, 2, 5);
    rows_fail("d[1]{t[]{a}}: / [(1)", Code::Truncated, 2, 6);
    rows_fail("d[1]{t[]{a}}: / [(1", Code::Truncated, 2, 5);
}

#[test]
fn keys_need_quotes_only_where_the_grammar_does() {
    rows_read(
        "data[1]{\"\":i32,\"a:b\":i32,a b:i32}: / 1,2,3",
        r#"[{"":1,"a:b":2,"a b":3}]"#,
    );
    rows_read("data: {a:b:c}", r#"{"a":"b:c"}"#);
    rows_read("data: {1:2,null:3}", r#"{"1":2,"null":3}"#);
    rows_read("data: {\"a,b\":{\"\":[]}}", r#"{"a,b":{"":[]}}"#);
    rows_read("data[1|]{a;b|c}: / 1|2", r#"[{"a;b":1,"c":2}]"#);
}

#[test]
fn strings_in_quotes_are_those_of_json() {
    rows_read(
        "data[1]{a,b,c,d}: / \"a,b\",\"say \\\"hi\\\"\",\"C:\\\\new\",\"line1\\nline2\"",
        r#"[{"a":"a,b","b":"say \"hi\"","c":"C:\\new","d":"line1\nline2"}]"#,
    );
    rows_read(
        "data[1]{a}: / \"\\ud83d\\ude00\\/\"",
        "[{\"a\":\"\u{1F600}/\"}]",
    );
}

#[test]
fn one_space_may_follow_a_delimiter() {
    reads(
        "data[2]{a, b:str}:\n  1, x\n  , \n",
        r#"[{"a":1,"b":"x"},{}]"#,
    );
    reads(
        "data[1]{a, g{x, y}, \"c\"}:\n  1, 2, 3, 4\n",
        r#"[{"a":1,"g":{"x":2,"y":3},"c":4}]"#,
    );
}

#[test]
fn every_type_name_is_known() {
    let names =
        "str bool null i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 date datetime arr list obj any";
    let columns: Vec<String> = names
        .split(' ')
        .map(|name| format!("{name}:{name}"))
        .collect();
    let text = format!(
        "d[1]{{{}}}:\n a,true,null,1,2,3,4,5,6,7,8,9,10,b,c,[],[1],{{}},x\n",
        columns.join(",")
    );
    reads(
        &text,
        r#"[{"str":"a","bool":true,"null":null,"i8":1,"i16":2,"i32":3,"i64":4,"u8":5,"u16":6,"u32":7,"u64":8,"f32":9,"f64":10,"date":"b","datetime":"c","arr":[],"list":[1],"obj":{},"any":"x"}]"#,
    );
}

#[test]
fn null_and_missing_fit_every_type() {
    for name in [
        "str", "bool", "null", "i8", "f64", "date", "arr", "obj", "any",
    ] {
        rows_read(
            &format!("d[2]{{a:{name},b}}: / null,1 / ,2"),
            r#"[{"a":null,"b":1},{"b":2}]"#,
        );
    }
}

#[test]
fn a_value_of_another_kind_is_an_error_in_a_typed_column() {
    for (name, cell) in [
        ("str", "{}"),
        ("str", "[1]"),
        ("date", "[]"),
        ("bool", "1"),
        ("bool", "\"true\""),
        ("bool", "{}"),
        ("null", "x"),
        ("null", "\"null\""),
        ("i32", "x"),
        ("i32", "01"),
        ("i32", "\"1\""),
        ("i32", "true"),
        ("i32", "[]"),
        ("f64", "NaN"),
        ("arr", "x"),
        ("arr", "{}"),
        ("arr", "\"[]\""),
        ("obj", "[]"),
        ("obj", "5"),
        ("obj", "\"\""),
    ] {
        rows_fail(
            &format!("d[1]{{z,a:{name}}}: / 1,{cell}"),
            Code::WrongType,
            2,
            4,
        );
    }
}

#[test]
fn numeric_types_all_mean_number_unless_ranges_are_checked() {
    rows_read("d[1]{a:i8,b:u8}: / 1e400,-5.5", r#"[{"a":1e400,"b":-5.5}]"#);
}

#[test]
fn bare_strings_may_hold_most_characters() {
    rows_read(
        "d[1]{a,b}: / it's (a) b:c; d|e,x\u{A0}y",
        "[{\"a\":\"it's (a) b:c; d|e\",\"b\":\"x\u{A0}y\"}]",
    );
    rows_read("d: {a:x y,b:(z)}", r#"{"a":"x y","b":"(z)"}"#);
    rows_read("d[1;]{a;b}: / x,y;z", r#"[{"a":"x,y","b":"z"}]"#);
}
