//! TONL text and [`Value`]s as any `Deserialize` type.
//!
//! The data model is mapped as `serde_json` does it: enums are tagged from outside, map keys that
//! are integers or booleans are read from their text, bytes are arrays. A number is converted from
//! its text to the very type that is asked for, so integers of every width and floats are exact; one
//! that the type cannot hold is an error.

mod access;
mod key;
#[cfg(test)]
mod tests;
mod value;

use crate::error::{Code, Error, Result};
use crate::limits::Limits;
use crate::options::ReadOptions;
use crate::read::Reader;
use crate::ser::NUMBER;
use crate::value::{Number, Value, ValueBuilder, one_level_less};
use access::{Elements, Members, NumberAccess, VariantAccess};
use serde::de::{self, Deserialize, DeserializeOwned, Deserializer, Expected, Unexpected, Visitor};
use std::fmt;
use std::io::Read;

/// The name under which a [`Value`] asks this crate's own deserializer for exact numbers.
pub(crate) const VALUE: &str = "$tonl::Value";

/// Reads a TONL text as a `T`.
///
/// # Errors
/// As [`from_slice`].
///
/// ```
/// #[derive(serde::Deserialize, PartialEq, Debug)]
/// struct User { id: u64, name: String }
///
/// let users: Vec<User> = tonl::from_str("users[1]{id:i32,name:str}:\n 1,Ada\n")?;
/// assert_eq!(users, [User { id: 1, name: "Ada".to_owned() }]);
/// # Ok::<(), tonl::Error>(())
/// ```
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T> {
    from_slice(text.as_bytes())
}

/// Reads a TONL text, given as bytes, as a `T`.
///
/// # Errors
/// Those of [`Reader::push`] with their place in the text, or [`Code::Mismatch`] if the value is no
/// `T`.
pub fn from_slice<T: DeserializeOwned>(text: &[u8]) -> Result<T> {
    from_value(&read_value(text, &ReadOptions::default())?)
}

/// Reads a TONL text from a source of bytes, up to its end, as a `T`.
///
/// # Errors
/// As [`from_slice`], and [`Code::Io`] if the source fails.
pub fn from_reader<T: DeserializeOwned>(mut source: impl Read) -> Result<T> {
    let mut builder = ValueBuilder::new();
    let mut reader = Reader::new(ReadOptions::default());
    let mut buffer = vec![0; 64 * 1024];
    loop {
        let read = match source.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => {
                let found = error.to_string();
                return Err(Error::new(Code::Io, "bytes of the text", found));
            }
        };
        reader.push(buffer.get(..read).unwrap_or_default(), &mut builder)?;
    }
    reader.finish(&mut builder)?;
    from_value(&builder.take().pop().unwrap_or_default())
}

/// Reads a TONL text as a [`Value`].
///
/// # Errors
/// Those of [`Reader::push`] with their place in the text.
pub fn read_value(text: &[u8], options: &ReadOptions) -> Result<Value> {
    let mut builder = ValueBuilder::new();
    crate::read::read(text, options, &mut builder)?;
    Ok(builder.take().pop().unwrap_or_default())
}

/// Reads a [`Value`] as a `T`, which may borrow its strings.
///
/// # Errors
/// [`Code::Mismatch`] if the value is no `T`, [`Code::DepthLimit`] if it is nested deeper than the
/// default of [`Limits::depth`]: the code that derives make for a type needs much stack a level.
pub fn from_value<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T> {
    T::deserialize(ValueDeserializer::new(value, Limits::default().depth))
}

/// Hands out the parts of a value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ValueDeserializer<'de> {
    value: &'de Value,
    /// How many levels of containers may still be entered.
    levels: usize,
}

impl<'de> ValueDeserializer<'de> {
    fn new(value: &'de Value, levels: usize) -> Self {
        Self { value, levels }
    }

    fn unexpected(self, expected: &dyn Expected) -> Error {
        let found = match self.value {
            Value::Null => Unexpected::Unit,
            Value::Bool(value) => Unexpected::Bool(*value),
            Value::Number(number) => return no_such_number(number, expected),
            Value::String(text) => Unexpected::Str(text),
            Value::Array(_) => Unexpected::Seq,
            Value::Object(_) => Unexpected::Map,
        };
        de::Error::invalid_type(found, expected)
    }

    /// Visits the number as what it is: an integer of 64 bits, or a double.
    fn number<V: Visitor<'de>>(number: &Number, visitor: V) -> Result<V::Value> {
        let text = number.as_str();
        if text != "-0" {
            if let Ok(value) = text.parse() {
                return visitor.visit_u64(value);
            }
            if let Ok(value) = text.parse() {
                return visitor.visit_i64(value);
            }
        }
        match finite(text) {
            Some(value) => visitor.visit_f64(value),
            None => Err(no_such_number(number, &visitor)),
        }
    }

    fn elements<V: Visitor<'de>>(self, items: &'de [Value], visitor: V) -> Result<V::Value> {
        let mut elements = Elements::new(items, one_level_less(self.levels)?);
        let value = visitor.visit_seq(&mut elements)?;
        elements.finish(items.len())?;
        Ok(value)
    }

    fn members<V: Visitor<'de>>(self, object: &'de crate::Object, visitor: V) -> Result<V::Value> {
        let mut members = Members::new(object, one_level_less(self.levels)?);
        let value = visitor.visit_map(&mut members)?;
        members.finish(object.len())?;
        Ok(value)
    }
}

/// The double that a number's text stands for, if it is finite.
fn finite(text: &str) -> Option<f64> {
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

#[cold]
fn no_such_number(number: &Number, expected: &dyn Expected) -> Error {
    de::Error::invalid_type(Unexpected::Other(&format!("number {number}")), expected)
}

macro_rules! numbers {
    ($($method:ident, $visit:ident: $type:ty;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.value {
                Value::Number(number) => match number.as_str().parse::<$type>() {
                    Ok(value) => visitor.$visit(value),
                    Err(_) => Err(self.unexpected(&visitor)),
                },
                _ => Err(self.unexpected(&visitor)),
            }
        }
    )+};
}

impl<'de> Deserializer<'de> for ValueDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Number(number) => Self::number(number, visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(items) => self.elements(items, visitor),
            Value::Object(object) => self.members(object, visitor),
        }
    }

    numbers!(
        deserialize_i8, visit_i8: i8;
        deserialize_i16, visit_i16: i16;
        deserialize_i32, visit_i32: i32;
        deserialize_i64, visit_i64: i64;
        deserialize_i128, visit_i128: i128;
        deserialize_u8, visit_u8: u8;
        deserialize_u16, visit_u16: u16;
        deserialize_u32, visit_u32: u32;
        deserialize_u64, visit_u64: u64;
        deserialize_u128, visit_u128: u128;
    );

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let Value::Number(number) = self.value else {
            return Err(self.unexpected(&visitor));
        };
        match number.as_str().parse::<f32>() {
            Ok(value) if value.is_finite() => visitor.visit_f32(value),
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::Number(number) => match finite(number.as_str()) {
                Some(value) => visitor.visit_f64(value),
                None => Err(self.unexpected(&visitor)),
            },
            _ => Err(self.unexpected(&visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.value {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        match (name, self.value) {
            (NUMBER, Value::Number(number)) => visitor.visit_str(number.as_str()),
            (NUMBER, _) => Err(self.unexpected(&visitor)),
            (VALUE, Value::Number(number)) => visitor.visit_enum(NumberAccess(number)),
            (VALUE, _) => self.deserialize_any(visitor),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let expected = "a variant's name, or an object with the name as its one key";
        match self.value {
            Value::String(variant) => visitor.visit_enum(VariantAccess {
                variant,
                content: None,
            }),
            Value::Object(object) => {
                let mut members = object.iter();
                let (Some((variant, content)), None) = (members.next(), members.next()) else {
                    let found = format!("an object of {} members", object.len());
                    return Err(Error::new(Code::Mismatch, expected, found));
                };
                let levels = one_level_less(self.levels)?;
                visitor.visit_enum(VariantAccess {
                    variant,
                    content: Some(Self::new(content, levels)),
                })
            }
            _ => Err(self.unexpected(&expected)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        bool char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier
    }
}

impl de::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(
            Code::Mismatch,
            "a value that fits its type",
            message.to_string(),
        )
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Code::Mismatch, expected.to_string(), found.to_string())
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::new(Code::Mismatch, expected.to_string(), found.to_string())
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        let found = format!("a length of {length}");
        Self::new(Code::Mismatch, expected.to_string(), found)
    }

    fn missing_field(field: &'static str) -> Self {
        let expected = format!("the member {field:?}");
        Self::new(Code::Mismatch, expected, "no such member")
    }
}
