//! [`Value`], [`Object`] and [`Number`] out of any format.

use super::VALUE;
use crate::ser::NUMBER;
use crate::value::{Number, Object, Value};
use serde::de::{
    self, Deserialize, Deserializer, EnumAccess, MapAccess, SeqAccess, Unexpected, VariantAccess,
    Visitor,
};
use std::fmt;

/// The key under which `serde_json` hands out a number's text when its feature
/// `arbitrary_precision` is on.
const SERDE_JSON_NUMBER: &str = "$serde_json::private::Number";

/// From this crate's own deserializer a value keeps the text of its numbers; from others it takes
/// integers as they are and floats as the shortest text that reads back as the same float.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(VALUE, ValueVisitor)
    }
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Value::deserialize(deserializer)? {
            Value::Object(object) => Ok(object),
            _ => Err(de::Error::custom("no object")),
        }
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NUMBER, NumberVisitor)
    }
}

struct ValueVisitor;

macro_rules! integers {
    ($($method:ident: $type:ty),+) => {$(
        fn $method<E: de::Error>(self, value: $type) -> Result<Value, E> {
            Ok(Value::Number(value.into()))
        }
    )+};
}

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    integers!(visit_i64: i64, visit_i128: i128, visit_u64: u64, visit_u128: u128);

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Value::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_f32<E: de::Error>(self, value: f32) -> Result<Value, E> {
        float(value.is_finite(), value).map(Value::Number)
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        float(value.is_finite(), value).map(Value::Number)
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(Value::String(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value, E> {
        Ok(Value::String(text))
    }

    fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Value, E> {
        let items = bytes.iter().map(|byte| Value::Number((*byte).into()));
        Ok(Value::Array(items.collect()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = elements.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = access.next_key::<String>()? {
            if members.is_empty() && key == SERDE_JSON_NUMBER {
                let text: String = access.next_value()?;
                return parsed(&text).map(Value::Number);
            }
            members.push((key, access.next_value()?));
        }
        let object = Object::from_members(members);
        object.map(Value::Object).map_err(de::Error::custom)
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let (name, content): (String, _) = access.variant()?;
        if name != NUMBER {
            return Err(de::Error::invalid_type(Unexpected::Enum, &self));
        }
        let text: String = content.newtype_variant()?;
        parsed(&text).map(Value::Number)
    }
}

/// Takes a number's text from this crate's own deserializer, and a number from others.
struct NumberVisitor;

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        parsed(text)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<Number, D::Error> {
        match deserializer.deserialize_any(ValueVisitor)? {
            Value::Number(number) => Ok(number),
            _ => Err(de::Error::custom("no number")),
        }
    }
}

fn parsed<E: de::Error>(text: &str) -> Result<Number, E> {
    Number::new(text).map_err(|_| de::Error::invalid_value(Unexpected::Str(text), &"a number"))
}

fn float<E: de::Error>(is_finite: bool, value: impl fmt::Debug) -> Result<Number, E> {
    let text = format!("{value:?}");
    if is_finite {
        return parsed(&text);
    }
    Err(de::Error::invalid_value(
        Unexpected::Other(&text),
        &"a finite number",
    ))
}
