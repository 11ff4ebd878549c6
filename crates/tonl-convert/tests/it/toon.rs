//! TOON as its users see it: any value comes back, or the sink says that it will not; any text is
//! read or refused with a place.

use crate::round_trip::{numbers, object, strings};
use proptest::collection::vec;
use proptest::prelude::*;
use tonl::{Limits, Number, Value, ValueBuilder};
use tonl_convert::sink::{TextSink, ToonSink};
use tonl_convert::toon::{
    self, Delimiter, Fidelity, Strictness, ToonReadOptions, ToonWriteOptions,
};
use tonl_convert::{ErrorKind, Format, Input, Job, Verify};
use tonl_testkit::Random;
use tonl_testkit::generate::document_of;
use tonl_testkit::mutate::mutated;
use tonl_testkit::targets;

fn options(delimiter: Delimiter, fidelity: Fidelity) -> ToonWriteOptions {
    let mut options = ToonWriteOptions::default();
    options.delimiter = delimiter;
    options.fidelity = fidelity;
    options
}

fn write(value: &Value, options: ToonWriteOptions) -> (String, Vec<String>) {
    let mut sink = ToonSink::new(options);
    value.emit(&mut sink).unwrap();
    sink.finish().unwrap();
    let losses = sink.losses();
    (
        String::from_utf8(std::mem::take(sink.buffer())).unwrap(),
        losses,
    )
}

fn read(text: &str, strictness: Strictness) -> tonl::Result<Value> {
    let mut options = ToonReadOptions::default();
    options.strictness = strictness;
    let mut builder = ValueBuilder::new();
    toon::parse(text, &options, &mut builder)?;
    let mut values = builder.take();
    assert_eq!(values.len(), 1, "a text is one value");
    Ok(values.remove(0))
}

fn check(value: &Value) {
    for delimiter in [Delimiter::Comma, Delimiter::Tab, Delimiter::Pipe] {
        let (text, losses) = write(value, options(delimiter, Fidelity::Exact));
        assert!(losses.is_empty());
        for strictness in [Strictness::Strict, Strictness::Lenient] {
            match read(&text, strictness) {
                Ok(read) => assert_eq!(&read, value, "{text}"),
                Err(error) => panic!("{error}\n{text}"),
            }
        }
        assert!(!text.ends_with('\n'));
        assert!(text.split('\n').all(|line| !line.ends_with(' ')), "{text}");
    }
    // What is not told as lost is not lost, and what is told is.
    let (text, losses) = write(value, options(Delimiter::Comma, Fidelity::Canonical));
    let is_same = &read(&text, Strictness::Strict).unwrap() == value;
    assert_eq!(losses.is_empty(), is_same, "{losses:?}\n{text}");
    let mut refusing = ToonSink::new(options(Delimiter::Comma, Fidelity::Refused));
    let refused = value.emit(&mut refusing).and_then(|()| refusing.finish());
    assert_eq!(refused.is_ok(), is_same);
}

#[test]
fn random_documents_come_back_or_are_told_to_change() {
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
fn damaged_and_cut_texts_are_read_or_refused_with_a_place() {
    for seed in 0..1_000 {
        let mut random = Random::new(seed);
        let delimiter = [Delimiter::Comma, Delimiter::Tab, Delimiter::Pipe][random.below(3)];
        let text = write(&document_of(seed), options(delimiter, Fidelity::Canonical)).0;
        for _ in 0..4 {
            targets::toon(mutated(&text, &mut random).as_bytes());
        }
        let cut = random.below(text.chars().count() + 1);
        let cut: String = text.chars().take(cut).collect();
        targets::toon(cut.as_bytes());
    }
}

#[test]
fn any_bytes_are_read_or_refused() {
    let mut random = Random::new(7);
    for _ in 0..5_000 {
        let length = random.below(60);
        let bytes: Vec<u8> = (0..length)
            .map(|_| {
                let is_mark = random.chance(70);
                let marks = b"[]{}:-,|\"\\#\n\n\n  \t\r0123a";
                let mark = *random.pick(marks);
                if is_mark {
                    mark
                } else {
                    random.bits().to_le_bytes()[0]
                }
            })
            .collect();
        let input = Input::from_bytes("bytes", bytes.clone());
        let options = ToonReadOptions::default();
        match toon::read(&input, &options, &mut ValueBuilder::new()) {
            Ok(()) => targets::toon(&bytes),
            Err(error) => assert_eq!(error.kind(), ErrorKind::Content),
        }
    }
}

#[test]
fn a_file_is_read_as_its_text_is_in_memory() {
    for seed in 0..500 {
        let text = write(&document_of(seed), ToonWriteOptions::default()).0;
        for text in [text.clone(), format!("\u{FEFF}{text}\r\n")] {
            let input = Input::from_bytes("a.toon", text.clone().into_bytes());
            let mut builder = ValueBuilder::new();
            toon::read(&input, &ToonReadOptions::default(), &mut builder).unwrap();
            let plain = text.trim_start_matches('\u{FEFF}');
            let value = read(plain, Strictness::Strict).unwrap();
            assert_eq!(builder.take(), [value]);
        }
    }
}

#[test]
fn conversions_report_losses_and_verifying_finds_them() {
    let convert = |json: &str, verify, indent| {
        let input = Input::from_bytes("a.json", json.as_bytes().to_vec());
        let mut job = Job::new(Format::Json, Format::Toon);
        job.verify = verify;
        job.toon.indent = indent;
        let mut out = Vec::new();
        tonl_convert::convert(&input, &mut out, &job).map(|report| (report, out))
    };
    let lossless = r#"[{"a":1,"b":{"c":["x"]}},{"a":2}]"#;
    let (report, text) = convert(lossless, Verify::Compare, 4).unwrap();
    assert_eq!((report.records, report.losses.len()), (Some(2), 0));
    assert_eq!(report.bytes_out, text.len() as u64);
    let lossy = r#"[{"a":1.50}]"#;
    let (report, text) = convert(lossy, Verify::Trust, 2).unwrap();
    assert_eq!(text, b"[1]{a}:\n  1.5");
    assert!(report.losses[0].contains("1.50 became 1.5"));
    let error = convert(lossy, Verify::Compare, 2).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Different);
}

#[test]
fn every_format_converts_from_and_to_toon() {
    let toon = "[2]{id,name}:\n  1,Ada\n  2,\"Bob, Jr.\"";
    for format in Format::ALL {
        let convert = |from, to, text: &[u8]| {
            let input = Input::from_bytes("text", text.to_vec());
            let mut out = Vec::new();
            tonl_convert::convert(&input, &mut out, &Job::new(from, to)).unwrap();
            out
        };
        let there = convert(Format::Toon, *format, toon.as_bytes());
        let back = convert(*format, Format::Toon, &there);
        assert_eq!(String::from_utf8(back).unwrap(), toon, "{format}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_string_comes_back_as_value_key_and_cell(text in strings()) {
        let string = Value::String(text.clone());
        let row = object(vec![(text.clone(), string.clone())]);
        check(&string);
        check(&row);
        check(&Value::Array(vec![string.clone(), row.clone()]));
        check(&Value::Array(vec![row.clone(), row.clone()]));
        check(&Value::Array(vec![string.clone(), string]));
        check(&object(vec![(text.clone(), row.clone()), (format!("{text}x"), row)]));
    }

    #[test]
    fn any_number_comes_back_or_is_told_to_change(text in numbers()) {
        let number = Value::Number(Number::new(&text).unwrap());
        check(&number);
        check(&Value::Array(vec![number.clone(), object(vec![("a".to_owned(), number)])]));
    }

    #[test]
    fn any_pieces_are_read_or_refused_with_a_place(text in toon_like()) {
        targets::toon(text.as_bytes());
    }

    #[test]
    fn rows_in_any_key_order_come_back_or_are_told_to_change(value in rows()) {
        check(&value);
    }
}

/// Pieces of TOON in any order: mostly refused, never a panic.
fn toon_like() -> impl Strategy<Value = String> {
    let pieces = vec![
        "a",
        "b",
        "a: 1",
        "b:",
        "c: x",
        ":",
        ": ",
        "- ",
        "-",
        "\n",
        "\n  ",
        "\n    ",
        "\n- ",
        "\n  - ",
        "\n    - ",
        "[1]",
        "[2]",
        "[2]:",
        "[1]: ",
        "[2:]",
        "[1|]",
        "[2\t]",
        "{a}",
        "{a,b}",
        "{a{b},c}",
        "{",
        "}",
        "{}",
        "[",
        "]",
        "[]",
        "1",
        "2,3",
        "x,y",
        "\"",
        "\"q\"",
        "\"a:b\"",
        "\\",
        "\\u0041",
        ",",
        "|",
        "\t",
        " ",
        "#",
        "# x\n",
        "\r",
        "\r\n",
        "\n\n",
        "-0",
        "1e5",
        "05",
        "null",
        "é",
        "\u{FEFF}",
        "\u{A0}",
        "[2]{a}:\n  1\n  2",
        "m[2:]{v}:\n  a: 1\n  b: 2",
    ];
    vec(prop::sample::select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

/// Tables whose rows have the same keys in an order of their own, on two levels.
fn rows() -> impl Strategy<Value = Value> {
    let keys = || Just(vec!["a", "b", "c", "d"]).prop_shuffle();
    vec((keys(), keys(), any::<bool>()), 1..5).prop_map(|rows| {
        let number = |text: &str| Value::Number(Number::new(text).unwrap());
        let members = |keys: &[&str]| {
            let members = keys.iter().enumerate();
            members
                .map(|(at, key)| ((*key).to_owned(), number(&at.to_string())))
                .collect::<Vec<_>>()
        };
        let is_keyed = rows.first().is_some_and(|(_, _, is_keyed)| *is_keyed);
        let rows = rows.iter().map(|(outer, inner, _)| {
            let mut row = members(outer);
            row.insert(2, ("in".to_owned(), object(members(inner))));
            object(row)
        });
        if is_keyed {
            return object(
                rows.enumerate()
                    .map(|(at, row)| (format!("k{at}"), row))
                    .collect(),
            );
        }
        Value::Array(rows.collect())
    })
}
