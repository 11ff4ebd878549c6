use super::*;

/// What the elements of a JSON array hold under the key `a`.
fn column(json: &str, profile: Profile) -> ColumnStats {
    let mut stats = RecordStats::default();
    let mut surveyor = Surveyor::new(512, Wishes::of(profile));
    let text = json.as_bytes();
    let mut at = 1;
    while at < text.len() {
        at = surveyor.record(&mut stats, text, at, 1).unwrap().end + 1;
    }
    assert_eq!(stats.keys[0].name, "a");
    std::mem::take(&mut stats.keys[0].column)
}

#[test]
fn look_alikes_are_counted_however_json_spells_them() {
    for (json, look_alikes) in [
        (r#"[{"a":"1"},{"a":"x"}]"#, 1),
        (r#"[{"a":"\u0031"},{"a":"1\u0032"},{"a":"x\u0031"}]"#, 2),
        (r#"[{"a":"\u0074rue"},{"a":"\u0074rue\n"},{"a":"1\t"}]"#, 1),
        (r#"[{"a":"1\/2"},{"a":"\u006eull"},{"a":"\"1"}]"#, 0),
    ] {
        assert_eq!(
            column(json, Profile::Compact).look_alikes,
            look_alikes,
            "{json}"
        );
    }
}

#[test]
fn dates_are_counted_however_json_spells_them() {
    for (json, dates, datetimes) in [
        (r#"[{"a":"2024-01-02"},{"a":"2024-01-02T03:04:05Z"}]"#, 1, 1),
        (
            r#"[{"a":"2024\u002d01-02"},{"a":"2024-01-02T03:04:0\u0035\n"}]"#,
            1,
            1,
        ),
        (r#"[{"a":"2024-01-02\n"},{"a":"2024-01-02\u0031"}]"#, 0, 0),
        (
            r#"[{"a":"2024-01-0"},{"a":"2024/01/02"},{"a":"2024-01-02 03:04:05"}]"#,
            0,
            0,
        ),
    ] {
        let column = column(json, Profile::Classic);
        assert_eq!(
            (column.dates, column.datetimes),
            (dates, datetimes),
            "{json}"
        );
    }
    assert_eq!(column(r#"[{"a":"2024-01-02"}]"#, Profile::Compact).dates, 0);
}

#[test]
fn strings_with_parentheses_are_counted_only_in_tuples_and_only_if_bare() {
    let counted = |json: &str| {
        let column = column(json, Profile::Compact);
        let inner = column
            .elements
            .map_or(0, |elements| elements.keys[0].column.parenthesised);
        (column.parenthesised, inner)
    };
    assert_eq!(counted(r#"[{"a":"(x)"}]"#), (0, 0));
    assert_eq!(
        counted(r#"[{"a":[{"b":"(x)"},{"b":"\u0028"},{"b":"\/)"}]}]"#),
        (0, 3)
    );
    assert_eq!(
        counted(r#"[{"a":[{"b":"(,)"},{"b":"()\n"},{"b":"\u0028,"}]}]"#),
        (0, 0)
    );
}

#[test]
fn integers_have_the_width_of_the_smallest_class() {
    use IntegerWidth::{Beyond, Digits18, I8, I16, I32, I64};
    for (text, width) in [
        ("0", I8),
        ("-0", I8),
        ("127", I8),
        ("128", I16),
        ("-128", I8),
        ("-129", I16),
        ("32767", I16),
        ("32768", I32),
        ("-32768", I16),
        ("-32769", I32),
        ("2147483647", I32),
        ("2147483648", Digits18),
        ("-2147483648", I32),
        ("-2147483649", Digits18),
        ("999999999999999999", Digits18),
        ("-999999999999999999", Digits18),
        ("1000000000000000000", I64),
        ("9223372036854775807", I64),
        ("9223372036854775808", Beyond),
        ("-9223372036854775808", I64),
        ("-9223372036854775809", Beyond),
        ("10000000000000000000", Beyond),
    ] {
        assert_eq!(integer_width(text.as_bytes()), width, "{text}");
    }
}

#[test]
fn a_fault_leaves_a_surveyor_that_goes_on() {
    let mut surveyor = Surveyor::new(3, Wishes::of(Profile::Compact));
    let mut stats = RecordStats::default();
    for broken in [
        r#"{"a":{"b":x}}"#,
        r#"{"a":1,"a":2}"#,
        r#"{"a":[{"b":[[]]}]}"#,
        "{",
    ] {
        assert!(
            surveyor
                .record(&mut stats, broken.as_bytes(), 0, 1)
                .is_err(),
            "{broken}"
        );
    }
    let mut stats = RecordStats::default();
    let text = br#"{"x":1,"y":{"x":1}}"#;
    let seen = surveyor.record(&mut stats, text, 0, 1).unwrap();
    assert_eq!((seen.end, seen.flow), (text.len(), 13));
    assert!(stats.has_one_shape());
}
