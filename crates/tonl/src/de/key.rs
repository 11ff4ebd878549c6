//! The keys of objects, which are text and may be asked for as something else.

use super::{NUMBER, VALUE};
use crate::error::{Error, Result};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, Deserializer, Unexpected, Visitor};

/// Hands out a key as a string, or as the number or boolean that its text spells.
#[derive(Clone, Copy, Debug)]
pub(super) struct KeyDeserializer<'de> {
    pub(super) key: &'de str,
}

macro_rules! spelled {
    ($($method:ident, $visit:ident: $type:ty;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            match self.key.parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(de::Error::invalid_value(Unexpected::Str(self.key), &visitor)),
            }
        }
    )+};
}

impl<'de> Deserializer<'de> for KeyDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_str(self.key)
    }

    spelled!(
        deserialize_bool, visit_bool: bool;
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
        deserialize_f32, visit_f32: f32;
        deserialize_f64, visit_f64: f64;
    );

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value> {
        match name {
            NUMBER | VALUE => visitor.visit_borrowed_str(self.key),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        let variant = BorrowedStrDeserializer::<Error>::new(self.key);
        variant.deserialize_enum(name, variants, visitor)
    }

    serde::forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct
        identifier ignored_any
    }
}
