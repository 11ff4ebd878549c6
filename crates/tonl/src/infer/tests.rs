//! Orders of columns, their types, and when a column is a group or holds tuples.

use super::choose::{Choice, choose_table};
use super::merge::{Leave, merge};
use super::stats::RecordStats;
use super::survey::{Surveyor, Wishes};
use crate::header::{Count, write_table_header};
use crate::options::{Profile, Types, WriteOptions};

/// What the records that stand between commas hold.
fn surveyed(records: &str, profile: Profile) -> RecordStats {
    let mut stats = RecordStats::default();
    let mut surveyor = Surveyor::new(512, Wishes::of(profile));
    let text = records.as_bytes();
    let mut at = 0;
    while at < text.len() {
        at = surveyor.record(&mut stats, text, at, 1).unwrap().end + 1;
    }
    stats
}

fn choice(profile: Profile, types: Types) -> Choice {
    Choice::counted(&WriteOptions {
        profile,
        types,
        ..WriteOptions::default()
    })
}

/// The header for the records, from its first brace to its last.
fn columns(records: &str, choice: &Choice) -> String {
    let stats = surveyed(records, choice.profile);
    let mut out = Vec::new();
    write_table_header(&mut out, Count::Open, &choose_table(&stats, choice).columns);
    let out = String::from_utf8(out).unwrap();
    out.trim_start_matches("[]")
        .trim_end_matches(':')
        .to_owned()
}

#[test]
fn types_are_those_of_the_profile_and_hold_in_a_stream() {
    for (values, compact, classic, stream) in [
        ("1,-2,null", "i32", "i8", "i64"),
        ("200", "i32", "i16", "i64"),
        ("40000", "i32", "i32", "i64"),
        ("2147483647", "i32", "i32", "i64"),
        ("2147483648", "i64", "i64", "i64"),
        ("-999999999999999999", "i64", "i64", "i64"),
        ("9223372036854775807", "f64", "i64", "f64"),
        ("9223372036854775808", "f64", "f64", "f64"),
        ("1.5,2.5e0", "f64", "f32", "f64"),
        ("1.5,2", "f64", "f64", "f64"),
        ("1e400", "", "", ""),
        ("true,false", "bool", "bool", "bool"),
        ("null", "null", "null", ""),
        ("[1],[]", "arr", "arr", "arr"),
        ("{},null", "obj", "obj", "obj"),
        (r#""x",null"#, "str", "str", "str"),
        (r#""2024-01-02""#, "str", "date", "str"),
        (r#""2024-01-02T03:04:05Z""#, "str", "datetime", "str"),
        (r#""2024-01-02","x""#, "str", "str", "str"),
        (r#"1,"x""#, "", "", ""),
        ("true,0", "", "", ""),
        ("[],{}", "", "", ""),
    ] {
        let parts: Vec<&str> = values.split(',').collect();
        let records: Vec<String> = parts
            .iter()
            .map(|part| format!("{{\"a\":{part}}}"))
            .collect();
        let records = records.join(",");
        let typed = |name: &str| match name {
            "" => "{a}".to_owned(),
            name => format!("{{a:{name}}}"),
        };
        for (profile, counted) in [
            (Profile::Compact, compact),
            (Profile::Flat, compact),
            (Profile::Classic, classic),
        ] {
            let choice = choice(profile, Types::Always);
            assert_eq!(
                columns(&records, &choice),
                typed(counted),
                "{profile} {values}"
            );
            let choice = Choice {
                is_stream: true,
                ..choice
            };
            assert_eq!(
                columns(&records, &choice),
                typed(stream),
                "{profile} stream {values}"
            );
            let never = Choice {
                types: Types::Never,
                ..choice
            };
            assert_eq!(columns(&records, &never), "{a}", "{values}");
        }
    }
}

#[test]
fn automatic_types_are_those_that_save_quotes() {
    for (values, expected) in [
        (r#"{"a":"x"}"#, "{a}"),
        (r#"{"a":"x"},{"a":"007"}"#, "{a:str}"),
        (r#"{"a":"007"},{"a":7}"#, "{a}"),
        (r#"{"a":7}"#, "{a}"),
        (r#"{"a":"null"},{"a":"a,b"}"#, "{a}"),
    ] {
        assert_eq!(
            columns(values, &choice(Profile::Flat, Types::Auto)),
            expected,
            "{values}"
        );
    }
    let dates = r#"{"a":"2024-01-02"}"#;
    assert_eq!(
        columns(dates, &choice(Profile::Classic, Types::Auto)),
        "{a}"
    );
}

/// The merged order of the records' keys, how many records fit it, and whether all sequences do.
fn merged(records: &str, choice: &Choice, leave: Leave) -> (String, u64, bool) {
    let stats = surveyed(records, choice.profile);
    let merged = merge(&stats, choice, leave);
    let names: Vec<&str> = merged
        .order
        .iter()
        .map(|at| stats.keys[*at as usize].name.as_str())
        .collect();
    for (at, key) in stats.keys.iter().enumerate() {
        let most = key.column.present();
        assert!(merged.plain_rows_with(u32::try_from(at).unwrap()) <= most);
    }
    (names.join(" "), merged.plain_rows, merged.is_complete)
}

/// Records with keys of eight letters: each word of a line is a record's keys.
fn records(keys: &str) -> String {
    let record = |word: &str| {
        let members = word
            .chars()
            .map(|c| format!("\"{}\":1", String::from(c).repeat(8)));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    };
    keys.split(' ').map(record).collect::<Vec<_>>().join(",")
}

#[test]
fn key_sequences_merge_into_one_order() {
    let compact = choice(Profile::Compact, Types::Always);
    for (keys, expected, plain, complete) in [
        ("ba ab ab", "a b", 2, false),
        ("ba ab ba ab", "b a", 2, false),
        ("ac ac abc", "a b c", 3, true),
        ("b ab", "a b", 2, true),
        ("ab a b ab", "a b", 4, true),
        ("a ab abc", "a b c", 3, true),
        ("ab bc ca", "a b c", 2, false),
        ("ac bc ac bc", "b a c", 4, true),
    ] {
        let (order, rows, all) = merged(&records(keys), &compact, Leave::Allowed);
        let order: Vec<&str> = order
            .split(' ')
            .map(|name| name.get(..1).unwrap())
            .collect();
        assert_eq!(
            (order.join(" ").as_str(), rows, all),
            (expected, plain, complete),
            "{keys}"
        );
    }
}

#[test]
fn a_key_that_costs_more_than_its_escape_rows_gets_no_column() {
    let compact = choice(Profile::Compact, Types::Always);
    let many = "{\"id\":1},".repeat(40) + r#"{"id":1,"x":1}"#;
    assert_eq!(
        merged(&many, &compact, Leave::Allowed),
        ("id".to_owned(), 40, false)
    );
    assert_eq!(
        merged(&many, &compact, Leave::Forbidden),
        ("id x".to_owned(), 41, true)
    );
}

#[test]
fn a_sequence_that_later_columns_make_fit_is_taken() {
    let compact = choice(Profile::Compact, Types::Always);
    let text = concat!(
        r#"{"data":1e-5},{"a\nb":"2019-11-01","@a":null,"data":-3.15514317460315216951},"#,
        r#"{"@a":null,"data":-129},{"a\nb":"2005-11-01T08:00:00Z","data":1.50}"#
    );
    assert_eq!(
        merged(text, &compact, Leave::Allowed),
        ("a\nb @a data".to_owned(), 4, true)
    );
}

#[test]
fn the_limit_of_columns_leaves_sequences_out() {
    let limited = |max_columns| Choice {
        max_columns,
        ..choice(Profile::Flat, Types::Never)
    };
    let text = records("a ab abc");
    let rows = |max| merged(&text, &limited(max), Leave::Allowed).1;
    assert_eq!([rows(0), rows(1), rows(2), rows(3)], [0, 1, 2, 3]);
}

#[test]
fn the_classic_order_is_that_of_first_sight() {
    let classic = choice(Profile::Classic, Types::Always);
    let (order, rows, all) = merged(
        r#"{"b":1,"a":1},{"a":1,"b":1},{"a":1,"c":1}"#,
        &classic,
        Leave::Allowed,
    );
    assert_eq!((order.as_str(), rows, all), ("b a c", 2, false));
}

#[test]
fn groups_and_tuples_stand_where_all_values_allow_them_and_they_are_no_larger() {
    let compact = choice(Profile::Compact, Types::Always);
    for (records, expected) in [
        (r#"{"g":{"x":1}}"#, "{g{x:i32}}"),
        (r#"{"g":{"x":1,"y":1}},{"g":{"y":1}}"#, "{g{x:i32,y:i32}}"),
        (r#"{"g":{"x":{"y":1}}}"#, "{g{x{y:i32}}}"),
        (r#"{"g":{"x":1}},{"g":null}"#, "{g:obj}"),
        (r#"{"g":{"x":1}},{"g":{}}"#, "{g:obj}"),
        (r#"{"g":{"x":1}},{"g":1}"#, "{g}"),
        (r#"{"g":{"x":1,"y":1}},{"g":{"y":1,"x":1}}"#, "{g:obj}"),
        (r#"{"k":1,"g":{"x":1}},{"k":1}"#, "{k:i32,g:obj}"),
        (r#"{"t":[{"x":1},{"x":2}]}"#, "{t:arr}"),
        (r#"{"t":[{"x":1},{"x":2},{"x":3}]}"#, "{t[]{x:i32}}"),
        (
            r#"{"t":[{"x":1},{"x":2},{},{"x":3}]},{"t":null},{"t":[]}"#,
            "{t[]{x:i32}}",
        ),
        (r#"{"t":[{"x":1},{"x":2},{"x":3},4]}"#, "{t:arr}"),
        (r#"{"t":[{"x":1},{"x":2},{"x":3}]},{"t":1}"#, "{t}"),
        (
            r#"{"t":[{"g":{"x":1}},{"g":{"x":1}},{"g":{"x":1}}]}"#,
            "{t[]{g{x:i32}}}",
        ),
        (
            r#"{"t":[{"g":{"x":1}},{"g":{"x":1}},{"g":{"x":1}},{}]}"#,
            "{t[]{g:obj}}",
        ),
    ] {
        assert_eq!(columns(records, &compact), expected, "{records}");
        let flat = columns(records, &choice(Profile::Flat, Types::Never));
        assert!(!flat.get(1..).unwrap().contains(['{', '[']), "{flat}");
    }
}

#[test]
fn nested_columns_count_towards_the_limit_and_end_eight_deep() {
    let limited = |max_columns| Choice {
        max_columns,
        ..choice(Profile::Compact, Types::Never)
    };
    let text = r#"{"id":1,"g":{"x":1,"y":2}}"#;
    assert_eq!(columns(text, &limited(3)), "{id,g}");
    assert_eq!(columns(text, &limited(4)), "{id,g{x,y}}");
    let deep = "{\"a\":".repeat(12) + "1" + &"}".repeat(12);
    let groups = columns(&deep, &choice(Profile::Compact, Types::Never));
    assert_eq!(groups, "{a".repeat(9) + &"}".repeat(9));
}

#[test]
fn what_escape_rows_hold_counts_less() {
    let compact = choice(Profile::Compact, Types::Always);
    // The arrays that tuples would make smaller stand in records whose order is another.
    let plain = r#"{"key":1,"t":[]},"#.repeat(3);
    let escaped = [r#"{"t":[{"x":1},{"x":2}],"key":1}"#; 2].join(",");
    assert_eq!(
        columns(&(plain.clone() + &escaped), &compact),
        "{key:i32,t:arr}"
    );
    let fitting = escaped
        .replace("{\"t\"", "{\"key\":1,\"t\"")
        .replace(",\"key\":1}", "}");
    assert_eq!(
        columns(&(plain + &fitting), &compact),
        "{key:i32,t[]{x:i32}}"
    );
}

#[test]
fn sequences_beyond_the_most_that_are_kept_are_not_counted() {
    let record = |n: u32| format!("{{\"k{n}\":1}}");
    let all: Vec<String> = (0..300).map(record).collect();
    let stats = surveyed(&all.join(","), Profile::Compact);
    assert_eq!(stats.sequences.len(), super::stats::MAX_SEQUENCES);
    assert_eq!(
        (stats.records(), stats.objects, stats.empty, stats.others),
        (300, 300, 0, 0)
    );
    let mixed = surveyed(r#"{},1,{"a":1},"x",[{}]"#, Profile::Compact);
    assert_eq!(
        (mixed.records(), mixed.objects, mixed.empty, mixed.others),
        (5, 1, 1, 3)
    );
    assert!(!mixed.has_one_shape());
}
