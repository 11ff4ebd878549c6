use super::{from_reader, from_slice, from_str, from_value, read_value};
use crate::error::Code;
use crate::json::parse_value;
use crate::limits::Limits;
use crate::options::ReadOptions;
use crate::value::{Number, Object, Value};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

fn value(json: &str) -> Value {
    parse_value(json.as_bytes(), &Limits::default()).unwrap()
}

fn read<T: DeserializeOwned>(json: &str) -> T {
    from_value(&value(json)).unwrap_or_else(|error| panic!("{error} in {json}"))
}

#[track_caller]
fn refused<T: DeserializeOwned + std::fmt::Debug>(json: &str) {
    let error = from_value::<T>(&value(json)).unwrap_err();
    assert_eq!(error.code(), Code::Mismatch, "{error} in {json}");
}

#[derive(Debug, Deserialize, PartialEq)]
struct Order {
    id: u64,
    note: Option<String>,
    #[serde(default)]
    tags: Vec<String>,
    price: f64,
    at: (i8, char),
}

#[derive(Debug, Deserialize, PartialEq)]
enum Shape {
    Unit,
    Newtype(i32),
    Tuple(i32, f64),
    Struct { a: bool },
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
struct Id(i32);

#[test]
fn records_read_as_structs() {
    let text = "o[2]{id:i64,note:str,tags,price:f64,at:arr}:\n 18446744073709551615,null,[a],0.1,[-1,x]\n 2,,,1e2,[0,é]\n";
    let orders: Vec<Order> = from_str(text).unwrap();
    assert_eq!(orders[0].id, u64::MAX);
    assert_eq!(orders[1].at, (0, 'é'));
    assert_eq!((orders[0].tags.len(), orders[1].tags.len()), (1, 0));
    assert_eq!((orders[0].price, orders[1].price), (0.1, 100.0));
    assert_eq!(from_slice::<Vec<Order>>(text.as_bytes()).unwrap(), orders);
    assert_eq!(from_reader::<Vec<Order>>(text.as_bytes()).unwrap(), orders);
}

#[test]
fn a_fault_in_the_text_has_its_place() {
    let error = from_str::<Value>("d[1]{a}:\n 1,2\n").unwrap_err();
    assert_eq!(error.code(), Code::LongRow);
    assert_eq!(error.position().unwrap().line, 2);
}

#[test]
fn a_source_that_fails_is_an_io_error() {
    struct Broken;
    impl std::io::Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
            Err(std::io::Error::other("gone"))
        }
    }
    assert_eq!(from_reader::<Value>(Broken).unwrap_err().code(), Code::Io);
}

#[test]
fn integers_of_every_width_are_exact() {
    assert_eq!(read::<u128>(&u128::MAX.to_string()), u128::MAX);
    assert_eq!(read::<i128>(&i128::MIN.to_string()), i128::MIN);
    assert_eq!(read::<i64>("-9223372036854775808"), i64::MIN);
    assert_eq!(read::<u8>("255"), 255);
    refused::<u8>("256");
    refused::<u32>("-1");
    refused::<i32>("1.0");
    refused::<i32>("1e2");
    refused::<i32>("\"1\"");
}

#[test]
fn floats_are_read_from_their_text() {
    assert_eq!(read::<f32>("0.1").to_bits(), 0.1_f32.to_bits());
    let wide: f64 = read("12345678901234567890123");
    assert_eq!(wide.to_bits(), 12_345_678_901_234_567_890_123_f64.to_bits());
    assert!(read::<f64>("-0").is_sign_negative());
    refused::<f64>("1e400");
    refused::<f32>("1e39");
    refused::<f64>("null");
}

#[test]
fn enums_are_tagged_from_outside() {
    assert_eq!(read::<Shape>("\"Unit\""), Shape::Unit);
    assert_eq!(read::<Shape>("{\"Unit\":null}"), Shape::Unit);
    assert_eq!(read::<Shape>("{\"Newtype\":1}"), Shape::Newtype(1));
    assert_eq!(read::<Shape>("{\"Tuple\":[1,2]}"), Shape::Tuple(1, 2.0));
    assert_eq!(
        read::<Shape>("{\"Struct\":{\"a\":true}}"),
        Shape::Struct { a: true }
    );
    for json in [
        "\"None\"",
        "\"Newtype\"",
        "{}",
        "{\"Unit\":null,\"Newtype\":1}",
        "5",
        "{\"Tuple\":[1]}",
        "{\"Tuple\":[1,2,3]}",
    ] {
        refused::<Shape>(json);
    }
}

#[test]
fn options_newtypes_and_tuples_read() {
    assert_eq!(read::<Option<Id>>("null"), None);
    assert_eq!(read::<Option<Id>>("5"), Some(Id(5)));
    assert_eq!(read::<(Id, bool)>("[1,true]"), (Id(1), true));
    assert_eq!(read::<Vec<u8>>("[1,255]"), [1, 255]);
    refused::<(Id, bool)>("[1,true,2]");
    refused::<(Id, bool)>("[1]");
    refused::<Order>("{\"id\":1}");
}

#[test]
fn keys_that_spell_scalars_read_as_them() {
    assert_eq!(
        read::<BTreeMap<i64, i32>>(r#"{"-1":2,"10":3}"#),
        BTreeMap::from([(-1, 2), (10, 3)])
    );
    assert_eq!(
        read::<BTreeMap<bool, u8>>(r#"{"true":0}"#),
        BTreeMap::from([(true, 0)])
    );
    assert_eq!(
        read::<BTreeMap<Id, i32>>(r#"{"7":1}"#),
        BTreeMap::from([(Id(7), 1)])
    );
    refused::<BTreeMap<u8, i32>>(r#"{"x":1}"#);
    refused::<BTreeMap<u8, i32>>(r#"{"256":1}"#);
}

#[test]
fn strings_can_be_borrowed_from_a_value() {
    let value = value(r#"{"a":"x"}"#);
    let map: BTreeMap<&str, &str> = from_value(&value).unwrap();
    assert_eq!(map, BTreeMap::from([("a", "x")]));
}

#[test]
fn values_keep_the_text_of_their_numbers() {
    let text = "d: {a:[1e400,-0,1.50,12345678901234567890.10],b:{c:null,d:true}}\n";
    let direct = read_value(text.as_bytes(), &ReadOptions::default()).unwrap();
    assert_eq!(from_str::<Value>(text).unwrap(), direct);
    assert_eq!(from_str::<BTreeMap<String, Value>>(text).unwrap().len(), 2);
    assert_eq!(from_str::<Object>(text).unwrap().len(), 2);
    assert_eq!(read::<Number>("1.50").as_str(), "1.50");
    refused::<Number>("\"1.50\"");
    let mut json = Vec::new();
    crate::ser::to_json(&direct, &mut json).unwrap();
    assert_eq!(parse_value(&json, &Limits::default()).unwrap(), direct);
}

#[test]
fn values_are_taken_from_other_formats() {
    let value: Value =
        serde_json::from_str(r#"{"a":[1,-2,0.5,1e400,"1",null,true],"b":{}}"#).unwrap();
    assert_eq!(
        format!("{value:?}"),
        r#"Object({"a": Array([Number(Number(1)), Number(Number(-2)), Number(Number(0.5)), Number(Number(1e+400)), String("1"), Null, Bool(true)]), "b": Object({})})"#
    );
    assert!(serde_json::from_str::<Value>(r#"{"a":1,"a":2}"#).is_err());
    assert_eq!(serde_json::from_str::<Number>("5").unwrap().as_str(), "5");
    assert!(serde_json::from_str::<Number>("\"5\"").is_err());
}

#[test]
fn values_are_untagged_content_too() {
    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(untagged)]
    enum Either {
        Number(u64),
        Text(String),
    }
    assert_eq!(read::<Either>("5"), Either::Number(5));
    assert_eq!(read::<Either>("\"5\""), Either::Text("5".to_owned()));
}

#[test]
fn values_too_deep_are_refused() {
    let deep = (0..=Limits::MAX_DEPTH).fold(Value::Null, |value, _| Value::Array(vec![value]));
    assert_eq!(
        from_value::<Value>(&deep).unwrap_err().code(),
        Code::DepthLimit
    );
    let text = format!("d: {}{}\n", "[".repeat(512), "]".repeat(512));
    assert!(from_str::<Value>(&text).is_ok());
    let mut builder = crate::ValueBuilder::new();
    assert_eq!(
        deep.emit(&mut builder).unwrap_err().code(),
        Code::DepthLimit
    );
}
