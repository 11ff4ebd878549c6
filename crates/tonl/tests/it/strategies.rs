//! Documents for proptest, which shrinks what fails to its smallest form.

use proptest::prelude::*;
use tonl::{Number, Value};
use tonl_testkit::{Random, generate};

/// Any document: nested values, tables, records that drift, deep nesting.
pub(crate) fn document() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => nested(),
        3 => table(),
        2 => drifted(),
        1 => keyed(),
        1 => deep(),
        1 => (key(), table(), key(), scalar())
            .prop_map(|(a, rows, b, value)| generate::object_of(vec![(a, rows), (b, value)])),
    ]
}

/// Records as they come in a stream.
pub(crate) fn records() -> impl Strategy<Value = Vec<Value>> {
    let items = prop_oneof![table(), drifted()].prop_map(|value| match value {
        Value::Array(items) => items,
        other => vec![other],
    });
    prop::collection::vec(items, 0..4).prop_map(|parts| parts.concat())
}

/// A string that some format trips over, or any at all.
pub(crate) fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => any::<u64>().prop_map(|seed| generate::string(&mut Random::new(seed))),
        1 => any::<String>(),
        1 => "[ -~]{0,12}",
    ]
}

/// A key: mostly short.
pub(crate) fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => "[a-d]",
        2 => any::<u64>().prop_map(|seed| generate::key(&mut Random::new(seed))),
    ]
}

/// Any number of JSON's grammar.
pub(crate) fn number() -> impl Strategy<Value = Value> {
    let text = "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,3})?";
    prop_oneof![
        any::<u64>().prop_map(|seed| generate::number(&mut Random::new(seed))),
        text.prop_map(|text| Value::Number(Number::new(&text).unwrap())),
    ]
}

/// Any scalar.
pub(crate) fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => Just(Value::Null),
        1 => any::<bool>().prop_map(Value::Bool),
        3 => number(),
        4 => string().prop_map(Value::String),
    ]
}

/// Any value of a few levels.
pub(crate) fn nested() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(5, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((key(), inner), 0..6).prop_map(generate::object_of),
        ]
    })
}

/// Records of one shape, some members missing or null; cells may be groups and arrays of objects.
fn table() -> impl Strategy<Value = Value> {
    let shape = any::<u64>();
    (shape, 0..10_u64).prop_map(|(shape, rows)| {
        let mut shape = Random::new(shape);
        let keys: Vec<String> = (0..=shape.below(4))
            .map(|_| generate::key(&mut shape))
            .collect();
        let kinds = shape.bits();
        let record = |row| {
            let mut random = Random::new(kinds ^ row);
            let member =
                |(key, at): (&String, usize)| (key.clone(), cell(kinds >> (4 * at), &mut random));
            generate::object_of(keys.iter().zip(0..).map(member).collect())
        };
        Value::Array((0..rows).map(record).collect())
    })
}

/// A cell of the kind that the lowest bits say.
fn cell(kind: u64, random: &mut Random) -> Value {
    match kind % 8 {
        0 => generate::number(random),
        1 => Value::String(generate::string(random)),
        2 => Value::Bool(random.chance(50)),
        3 => generate::object_of(vec![
            ("x".to_owned(), generate::number(random)),
            ("y".to_owned(), Value::String(generate::string(random))),
        ]),
        4 => {
            let element = |random: &mut Random| {
                generate::object_of(vec![(
                    "sku".to_owned(),
                    Value::String(generate::string(random)),
                )])
            };
            Value::Array((0..random.below(3)).map(|_| element(random)).collect())
        }
        5 => generate::any(random, 2),
        _ => generate::scalar(random),
    }
}

/// Records whose keys come, go and change places.
fn drifted() -> impl Strategy<Value = Value> {
    let record = prop::collection::vec((key(), scalar()), 0..5).prop_map(generate::object_of);
    prop::collection::vec(prop_oneof![9 => record, 1 => scalar()], 0..12).prop_map(Value::Array)
}

/// An object of like objects.
fn keyed() -> impl Strategy<Value = Value> {
    let record = (scalar(), scalar())
        .prop_map(|(a, b)| generate::object_of(vec![("a".to_owned(), a), ("b".to_owned(), b)]));
    prop::collection::vec((key(), record), 0..8).prop_map(generate::object_of)
}

/// Up to the default limit of nesting.
fn deep() -> impl Strategy<Value = Value> {
    (prop::collection::vec(any::<bool>(), 0..500), scalar()).prop_map(|(levels, scalar)| {
        levels.into_iter().fold(scalar, |inner, is_array| {
            if is_array {
                Value::Array(vec![inner])
            } else {
                generate::object_of(vec![("k".to_owned(), inner)])
            }
        })
    })
}
