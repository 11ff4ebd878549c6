//! Any value that is written as JSON, NDJSON or YAML is read back as the same value: number texts,
//! key order and every character included.

use proptest::collection::vec;
use proptest::prelude::*;
use tonl::{Event, EventSink, Limits, Number, Object, Value, ValueBuilder};
use tonl_convert::sink::{JsonSink, Layout, NdjsonSink, TextSink, YamlSink};
use tonl_convert::source::yaml::{self, YamlOptions};
use tonl_testkit::generate::document_of;

fn write(value: &Value, mut sink: impl TextSink) -> String {
    value.emit(&mut sink).unwrap();
    sink.finish().unwrap();
    String::from_utf8(std::mem::take(sink.buffer())).unwrap()
}

fn read_json(text: &str) -> Value {
    tonl::json::parse_value(text.as_bytes(), &Limits::default()).unwrap()
}

fn read_yaml(text: &str) -> Value {
    let mut builder = ValueBuilder::new();
    if let Err(error) = yaml::parse(text, &YamlOptions::default(), &mut builder) {
        panic!("{error}\n{text}");
    }
    builder.take().pop().unwrap()
}

fn check(value: &Value) {
    for layout in [Layout::Compact, Layout::Pretty] {
        assert_eq!(&read_json(&write(value, JsonSink::new(layout))), value);
    }
    let lines: Vec<Value> = write(value, NdjsonSink::new())
        .split_terminator('\n')
        .map(read_json)
        .collect();
    match value {
        Value::Array(items) => assert_eq!(&lines, items),
        value => assert_eq!(lines, std::slice::from_ref(value)),
    }
    let yaml = write(value, YamlSink::new());
    assert_eq!(&read_yaml(&yaml), value, "{yaml}");
}

#[test]
fn random_documents_come_back() {
    for seed in 0..3_000 {
        check(&document_of(seed));
    }
}

#[test]
fn the_json_corpus_comes_back() {
    let Some(folder) = crate::corpora().map(|folder| folder.join("json")) else {
        println!("did nothing: TONL_CORPORA is not set");
        return;
    };
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read(entry.unwrap().path()).unwrap();
        check(&tonl::json::parse_value(&text, &Limits::default()).unwrap());
        count += 1;
    }
    assert!(count > 0);
}

#[test]
fn deep_documents_come_back() {
    let mut value = Value::Null;
    for level in 0..512 {
        value = if level % 3 == 0 {
            object(vec![
                ("k".repeat(level * 3), value),
                ("z".to_owned(), Value::Null),
            ])
        } else {
            Value::Array(vec![value, Value::Bool(true)])
        };
    }
    check(&value);
}

#[test]
fn a_sink_may_be_drained_after_every_event() {
    struct Drained<S>(S, Vec<u8>);
    impl<S: TextSink> EventSink for Drained<S> {
        fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
            self.0.event(event)?;
            self.1.append(self.0.buffer());
            Ok(())
        }
    }
    fn compare(value: &Value, once: impl TextSink, often: impl TextSink) {
        let mut drained = Drained(often, Vec::new());
        value.emit(&mut drained).unwrap();
        drained.0.finish().unwrap();
        drained.1.append(drained.0.buffer());
        assert_eq!(String::from_utf8(drained.1).unwrap(), write(value, once));
    }
    for seed in 0..300 {
        let value = document_of(seed);
        compare(&value, YamlSink::new(), YamlSink::new());
        compare(&value, NdjsonSink::new(), NdjsonSink::new());
        let pretty = || JsonSink::new(Layout::Pretty);
        compare(&value, pretty(), pretty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_value_comes_back(value in values()) {
        check(&value);
    }

    #[test]
    fn any_string_comes_back_as_value_and_key(text in strings()) {
        let string = Value::String(text.clone());
        check(&string);
        check(&Value::Array(vec![string.clone(), object(vec![(text, string)])]));
    }

    #[test]
    fn any_text_is_read_as_yaml_or_refused_with_a_place(text in yaml_like()) {
        let mut builder = ValueBuilder::new();
        match yaml::parse(&text, &YamlOptions::default(), &mut builder) {
            Ok(()) => prop_assert_eq!(builder.take().len(), 1),
            Err(error) => prop_assert!(error.position().is_some()),
        }
    }
}

/// Pieces of YAML in any order: mostly refused, never a panic.
fn yaml_like() -> impl Strategy<Value = String> {
    let pieces = vec![
        "- ",
        "? ",
        ": ",
        "a",
        "b: ",
        "\n",
        "\n  ",
        "\n    ",
        " ",
        "\t",
        "[",
        "]",
        "{",
        "}",
        ",",
        "&x ",
        "*x",
        "*x ",
        "<<: ",
        "!!str ",
        "!!int ",
        "!",
        "|\n",
        ">-\n",
        "'",
        "\"",
        "#",
        "---\n",
        "...\n",
        "%TAG ! x\n",
        "~",
        "12",
        ".inf",
        "0x1F",
        "é",
        "\u{FEFF}",
        "\\",
        "\r\n",
        "\0",
    ];
    vec(prop::sample::select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

pub(crate) fn object(members: Vec<(String, Value)>) -> Value {
    Value::Object(Object::from_members(members).unwrap())
}

fn values() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        numbers().prop_map(|text| Value::Number(Number::new(&text).unwrap())),
        strings().prop_map(Value::String),
    ];
    scalar.prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::btree_map(strings(), inner, 0..6)
                .prop_map(|members| object(members.into_iter().rev().collect())),
        ]
    })
}

pub(crate) fn numbers() -> impl Strategy<Value = String> {
    "-?(0|[1-9][0-9]{0,25})(\\.[0-9]{1,25})?([eE][-+]?[0-9]{1,4})?"
}

pub(crate) fn strings() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        "",
        " ",
        "\n",
        "\n\n",
        "\t",
        "\r",
        "\r\n",
        ":",
        ": ",
        "#",
        " #",
        "- ",
        "-",
        "? ",
        "a",
        "b c",
        "'",
        "\"",
        "\\",
        "\\n",
        "{",
        "}",
        "[",
        "]",
        ",",
        "&",
        "*",
        "!",
        "|",
        ">",
        "%",
        "@",
        "`",
        "~",
        "null",
        "true",
        "yes",
        "No",
        ".inf",
        "0x1F",
        "1e5",
        "012",
        "<<",
        "=",
        "---",
        "...",
        "  x",
        "\u{0}",
        "\u{7F}",
        "\u{85}",
        "\u{A0}",
        "\u{2028}",
        "\u{FEFF}",
        "\u{FFFE}",
        "é",
        "\u{1F600}",
    ];
    prop_oneof![
        vec(prop::sample::select(PIECES), 0..6).prop_map(|pieces| pieces.concat()),
        any::<String>(),
        "[ -~\n]{0,20}",
        "[a-z \n]{0,30}",
    ]
}
