use super::{to_json, to_value};
use crate::error::Code;
use crate::json::parse_value;
use crate::limits::Limits;
use crate::value::{Number, Value};
use serde::Serialize;
use std::collections::BTreeMap;

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    let mut out = b"before ".to_vec();
    to_json(value, &mut out).unwrap();
    String::from_utf8(out).unwrap().split_off(7)
}

fn refused<T: Serialize + ?Sized>(value: &T) -> Code {
    let mut out = b"before".to_vec();
    let error = to_json(value, &mut out).unwrap_err();
    assert_eq!(out, b"before");
    error.code()
}

#[derive(Serialize)]
enum Shape {
    Unit,
    Newtype(i32),
    Tuple(i32, f64),
    Struct { a: bool },
}

#[derive(Serialize)]
struct Unit;

/// A map whose key is a [`Number`].
struct Keyed;

impl Serialize for Keyed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map([(Number::new("1.50").unwrap(), 1)])
    }
}

#[derive(Serialize)]
struct Wrapper(u8);

#[test]
fn scalars_are_exact() {
    assert_eq!(json(&i128::MIN), i128::MIN.to_string());
    assert_eq!(json(&u128::MAX), u128::MAX.to_string());
    assert_eq!(json(&1.0_f64), "1.0");
    assert_eq!(json(&-0.0_f64), "-0.0");
    assert_eq!(json(&1e300_f64), "1e300");
    assert_eq!(json(&0.1_f32), "0.1");
    assert_eq!(json(&'\n'), "\"\\n\"");
    assert_eq!(json(&None::<i32>), "null");
    assert_eq!(json(&Some(())), "null");
    assert_eq!(json("a\"b\\\u{2028}"), "\"a\\\"b\\\\\\u2028\"");
}

#[test]
fn enums_are_tagged_from_outside() {
    assert_eq!(json(&Shape::Unit), "\"Unit\"");
    assert_eq!(json(&Shape::Newtype(1)), r#"{"Newtype":1}"#);
    assert_eq!(json(&Shape::Tuple(1, 0.5)), r#"{"Tuple":[1,0.5]}"#);
    assert_eq!(json(&Shape::Struct { a: true }), r#"{"Struct":{"a":true}}"#);
    assert_eq!(json(&(Unit, Wrapper(3))), "[null,3]");
    assert_eq!(json(&[(1, "x"), (2, "y")]), r#"[[1,"x"],[2,"y"]]"#);
}

#[test]
fn scalar_map_keys_are_text() {
    assert_eq!(
        json(&BTreeMap::from([(-1, 2), (10, 3)])),
        r#"{"-1":2,"10":3}"#
    );
    assert_eq!(json(&BTreeMap::from([(true, 0)])), r#"{"true":0}"#);
    assert_eq!(json(&BTreeMap::from([('x', Some("y"))])), r#"{"x":"y"}"#);
    assert_eq!(
        json(&BTreeMap::from([("", BTreeMap::<String, i32>::new())])),
        r#"{"":{}}"#
    );
}

#[test]
fn what_json_cannot_hold_is_refused() {
    assert_eq!(refused(&f64::NAN), Code::Unrepresentable);
    assert_eq!(refused(&[1.0, f32::INFINITY]), Code::Unrepresentable);
    assert_eq!(
        refused(&BTreeMap::from([(vec![1], 2)])),
        Code::Unrepresentable
    );
    assert_eq!(
        refused(&BTreeMap::from([(None::<i32>, 2)])),
        Code::Unrepresentable
    );
}

#[test]
fn a_key_twice_is_refused_decoded() {
    struct Twice;
    impl Serialize for Twice {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.collect_map([("1\n", 1), ("2", 2), ("1\n", 3)])
        }
    }
    assert_eq!(refused(&Twice), Code::DuplicateKey);
    assert_eq!(refused(&[Twice]), Code::DuplicateKey);
}

#[test]
fn values_too_deep_are_refused() {
    let nested = |depth: usize| {
        (1..depth).fold(Value::Array(Vec::new()), |value, _| {
            Value::Array(vec![value])
        })
    };
    assert_eq!(json(&nested(100)).len(), 200);
    assert_eq!(refused(&nested(Limits::MAX_DEPTH + 1)), Code::DepthLimit);
}

#[test]
fn values_keep_the_text_of_their_numbers() {
    let text = r#"{"a":[1e400,-0,1.50,12345678901234567890.10,true,null,"é"],"b":{}}"#;
    let value = parse_value(text.as_bytes(), &Limits::default()).unwrap();
    assert_eq!(json(&value), text);
    assert_eq!(json(&Keyed), r#"{"1.50":1}"#);
}

#[test]
fn any_type_becomes_a_value() {
    let value = to_value(&[Some(1), None]).unwrap();
    assert_eq!(json(&value), "[1,null]");
}

#[test]
fn other_serializers_get_a_number_or_else_its_text() {
    let shown = |text: &str| serde_json::to_string(&Number::new(text).unwrap()).unwrap();
    assert_eq!(shown("-5"), "-5");
    assert_eq!(shown("18446744073709551615"), "18446744073709551615");
    assert_eq!(shown("1.50"), "1.5");
    assert_eq!(shown("1E3"), "1000.0");
    assert_eq!(shown("-0"), "-0.0");
    assert_eq!(shown("0e5"), "0.0");
    assert_eq!(shown("1e400"), "\"1e400\"");
    assert_eq!(
        shown("12345678901234567890.10"),
        "\"12345678901234567890.10\""
    );
    assert_eq!(
        shown("1e99999999999999999999"),
        "\"1e99999999999999999999\""
    );
}
