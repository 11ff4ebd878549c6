use super::*;
use crate::sink::{JsonSink, Layout, TextSink};

fn convert_with(yaml: &str, options: &YamlOptions) -> tonl::Result<String> {
    let mut sink = JsonSink::new(Layout::Compact);
    parse(yaml, options, &mut sink)?;
    Ok(String::from_utf8(std::mem::take(sink.buffer())).unwrap())
}

fn convert(yaml: &str) -> tonl::Result<String> {
    convert_with(yaml, &YamlOptions::default())
}

fn check(table: &[(&str, &str)]) {
    for (yaml, json) in table {
        match convert(yaml) {
            Ok(found) => assert_eq!(found, *json, "{yaml}"),
            Err(error) => panic!("{yaml}: {error}"),
        }
    }
}

fn check_refused(table: &[(&str, Code, (u64, u64))]) {
    for (yaml, code, (line, column)) in table {
        let error = convert(yaml).expect_err(yaml);
        let place = Position {
            line: *line,
            column: *column,
        };
        assert_eq!(
            (error.code(), error.position()),
            (*code, Some(place)),
            "{yaml}\n{error}"
        );
    }
}

#[test]
fn documents_become_one_value() {
    check(&[
        ("", "null"),
        ("# only a comment\n", "null"),
        ("---\n", "null"),
        ("---\n...\n", "null"),
        ("a\n", "\"a\""),
        ("--- 5\n...\n", "5"),
        ("%YAML 1.2\n---\n- 1\n", "[1]"),
        ("# c\n---\na: 1\n", r#"{"a":1}"#),
        ("a\n---\nb\n", r#"["a","b"]"#),
        ("---\n[1]\n---\n---\n{}\n", "[[1],null,{}]"),
        ("a\n...\nb\n", r#"["a","b"]"#),
        ("a\n...\n# end\n", "\"a\""),
        ("a\r---\rb\r", r#"["a","b"]"#),
        ("a\n...\n\u{FEFF}--- b\n", r#"["a","b"]"#),
        ("a: |\n  x\n  ---\n", r#"{"a":"x\n---\n"}"#),
    ]);
}

#[test]
fn scalars_follow_the_core_schema() {
    check(&[
        (
            "[1, 1.0, 0x10, +3, .5, 1e400, -0]",
            "[1,1.0,16,3,0.5,1e400,-0]",
        ),
        (
            "[yes, no, on, 1_0, 0b1, 12:30, 2024-01-01]",
            r#"["yes","no","on","1_0","0b1","12:30","2024-01-01"]"#,
        ),
        (
            "[null, ~, , NULL, 'null', \"~\"]"
                .replace(", ,", ",")
                .as_str(),
            r#"[null,null,null,"null","~"]"#,
        ),
        ("[true, True, FALSE, 'true']", r#"[true,true,false,"true"]"#),
        (
            "[\"12\", '1.5', ! 12, !!str 12, !!int \"12\", !!float '1']",
            r#"["12","1.5","12","12",12,1]"#,
        ),
        ("a: >\n  x\n  y\nb: |-\n  12\n", r#"{"a":"x y\n","b":"12"}"#),
        (
            "[!local 12, !!set {a}, !!omap [a: 1], !!binary aGk=]",
            r#"[12,{"a":null},[{"a":1}],"aGk="]"#,
        ),
        (
            "- \"\\u263A \\x41\\n\"\n- 'it''s'\n",
            "[\"☺ A\\n\",\"it's\"]",
        ),
    ]);
}

#[test]
fn keys_become_their_text() {
    check(&[
        (
            "1: a\nnull: b\n~: c\ntrue: d\n1.50: e\n: f\n",
            r#"{"1":"a","null":"b","~":"c","true":"d","1.50":"e","":"f"}"#,
        ),
        ("? a\n? b\n", r#"{"a":null,"b":null}"#),
        (
            "&k key: 1\nother: *k\n*k : 2\n"
                .replace("*k : 2\n", "x: {*k : 2}\n")
                .as_str(),
            r#"{"key":1,"other":"key","x":{"key":2}}"#,
        ),
    ]);
}

#[test]
fn aliases_are_replayed() {
    check(&[
        ("a: &x 1\nb: *x\n", r#"{"a":1,"b":1}"#),
        (
            "a: &x {k: [1, &y {z: ~}]}\nb: *x\nc: *y\n",
            r#"{"a":{"k":[1,{"z":null}]},"b":{"k":[1,{"z":null}]},"c":{"z":null}}"#,
        ),
        (
            "- &a [1]\n- &b [*a, *a]\n- [*b, 0x10]\n",
            "[[1],[[1],[1]],[[[1],[1]],16]]",
        ),
        ("- &a 1\n- &a 2\n- *a\n", "[1,2,2]"),
        ("- &a\n- *a\n- &b ''\n- *b\n", r#"[null,null,"",""]"#),
    ]);
}

#[test]
fn merge_keys_add_members_that_are_not_there() {
    check(&[
        (
            "- &b {x: 1, y: [2]}\n- <<: *b\n  y: 3\n  z: 4\n",
            r#"[{"x":1,"y":[2]},{"x":1,"y":3,"z":4}]"#,
        ),
        (
            "- &b {x: 1}\n- y: 3\n  <<: *b\n  x: 4\n",
            r#"[{"x":1},{"y":3,"x":4}]"#,
        ),
        (
            "- &a {x: 1}\n- &b {x: 2, y: 2}\n- <<: [*a, *b]\n",
            r#"[{"x":1},{"x":2,"y":2},{"x":1,"y":2}]"#,
        ),
        (
            "- <<: {x: 1, y: 2}\n  y: 0\n- {<<: [{p: 1}, {p: 2, q: 3}]}\n",
            r#"[{"x":1,"y":0},{"p":1,"q":3}]"#,
        ),
        (
            "- &a {x: 1}\n- &b {<<: *a, y: 2}\n- {<<: *b, z: {<<: *a}}\n- *b\n",
            r#"[{"x":1},{"x":1,"y":2},{"x":1,"y":2,"z":{"x":1}},{"x":1,"y":2}]"#,
        ),
        (
            "- {<<: {x: &v [1]}, y: &w {u: 2}}\n- *v\n- *w\n",
            r#"[{"x":[1],"y":{"u":2}},[1],{"u":2}]"#,
        ),
        ("- <<: []\n- <<: {}\n  a: 1\n", r#"[{},{"a":1}]"#),
        ("\"<<\": 1\n", r#"{"<<":1}"#),
        ("- <<\n- a: <<\n", r#"["<<",{"a":"<<"}]"#),
        ("!!merge \"<<\": {a: 1}\n", r#"{"a":1}"#),
    ]);
}

#[test]
fn faults_are_named_with_code_and_place() {
    check_refused(&[
        ("a: 1\nb: 2\na: 3\n", Code::DuplicateKey, (3, 1)),
        ("{1: a, \"1\": b}", Code::DuplicateKey, (1, 8)),
        ("a: {<<: {}, <<: {}}", Code::DuplicateKey, (1, 13)),
        ("- a\n- [.inf]\n", Code::Unrepresentable, (2, 4)),
        ("a: .NaN\n", Code::Unrepresentable, (1, 4)),
        ("? [a]\n: 1\n", Code::Unrepresentable, (1, 3)),
        ("? {a: 1}\n: 1\n", Code::Unrepresentable, (1, 3)),
        ("- &a [1]\n- {*a : 1}\n", Code::Unrepresentable, (2, 4)),
        ("a: &x [1, *x]\n", Code::Unrepresentable, (1, 11)),
        ("&x a: 1\nb: &y\n  <<: *y\n", Code::Unrepresentable, (3, 7)),
        ("- &a 1\n- *b\n", Code::YamlSyntax, (2, 3)),
        ("--- &a 1\n--- *a\n", Code::YamlSyntax, (2, 5)),
        ("<<: 1\n", Code::WrongType, (1, 5)),
        ("<<: [{}, 1]\n", Code::WrongType, (1, 11)),
        ("a: !!int x\n", Code::WrongType, (1, 4)),
        ("!!seq {a: 1}\n", Code::WrongType, (1, 1)),
        ("a: b: c\n", Code::YamlSyntax, (1, 5)),
        ("a:\n\t- b\n", Code::YamlSyntax, (2, 2)),
        ("a: [1,\n", Code::Truncated, (2, 1)),
    ]);
}

#[test]
fn nesting_is_limited_as_it_is_after_expansion() {
    let mut options = YamlOptions::default();
    options.limits.depth = 3;
    assert!(convert_with("[[[1]]]", &options).is_ok());
    let expanded = "- &a [1]\n- &b [*a]\n- [*b]\n";
    for yaml in ["[[[[1]]]]", "- - - - 1", expanded] {
        let error = convert_with(yaml, &options).unwrap_err();
        assert_eq!(error.code(), Code::DepthLimit, "{yaml}");
        assert!(error.position().is_some());
    }
    for yaml in [
        "[".repeat(100_000),
        "- ".repeat(100_000),
        "{a: ".repeat(100_000),
    ] {
        assert_eq!(convert(&yaml).unwrap_err().code(), Code::DepthLimit);
    }
}

#[test]
fn expansion_is_limited() {
    let mut bomb = "- &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n".to_owned();
    bomb.extend((1..30).map(|level| {
        let aliases = vec![format!("*a{}", level - 1); 9].join(", ");
        format!("- &a{level} [{aliases}]\n")
    }));
    let error = convert(&bomb).unwrap_err();
    assert_eq!(error.code(), Code::ExpansionLimit);
    assert!(error.position().is_some() && error.hint().is_some());

    let mut merges = "- &m0 {k0: 1}\n".to_owned();
    merges.extend(
        (1..3_000).map(|level| format!("- &m{level} {{<<: *m{}, k{level}: 1}}\n", level - 1)),
    );
    assert_eq!(convert(&merges).unwrap_err().code(), Code::ExpansionLimit);

    let options = YamlOptions {
        expansion_bytes: Some(9 + 8),
        ..YamlOptions::default()
    };
    assert!(convert_with("- &a x\n- *a\n", &options).is_ok());
    for yaml in ["- &a [xx]\n- *a\n", "- &a 0123456789\n- {*a : 1}\n"] {
        let error = convert_with(yaml, &options).unwrap_err();
        assert_eq!(error.code(), Code::ExpansionLimit, "{yaml}");
    }
}

#[test]
fn a_nul_character_is_named_wherever_it_stands() {
    check_refused(&[
        ("a: \"x\0y\"\n", Code::ControlCharacter, (1, 6)),
        ("a: 1\n\0b: 2\n", Code::ControlCharacter, (2, 1)),
        ("a: 1 # \0\n", Code::ControlCharacter, (1, 8)),
        ("\u{b} #P\"\n...\n-n# n :", Code::ControlCharacter, (1, 1)),
        ("a: \u{1b}[0m\n", Code::ControlCharacter, (1, 4)),
    ]);
}
