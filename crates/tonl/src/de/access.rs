//! The elements of arrays, the members of objects, the variants of enums.

use super::key::KeyDeserializer;
use super::{NUMBER, ValueDeserializer};
use crate::error::{Code, Error, Result};
use crate::value::{Number, Object, Value};
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, Visitor};

/// The elements of an array that are left.
#[derive(Debug)]
pub(super) struct Elements<'de> {
    items: std::slice::Iter<'de, Value>,
    levels: usize,
}

impl<'de> Elements<'de> {
    pub(super) fn new(items: &'de [Value], levels: usize) -> Self {
        Self {
            items: items.iter(),
            levels,
        }
    }

    /// Checks that all `count` elements were taken.
    pub(super) fn finish(self, count: usize) -> Result<()> {
        all_taken(self.items.len(), count, "elements")
    }
}

impl<'de> de::SeqAccess<'de> for Elements<'de> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        let Some(value) = self.items.next() else {
            return Ok(None);
        };
        let element = ValueDeserializer::new(value, self.levels);
        seed.deserialize(element).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len())
    }
}

/// The members of an object that are left.
pub(super) struct Members<'de> {
    left: Box<dyn ExactSizeIterator<Item = (&'de str, &'de Value)> + 'de>,
    value: Option<&'de Value>,
    levels: usize,
}

impl<'de> Members<'de> {
    pub(super) fn new(object: &'de Object, levels: usize) -> Self {
        Self {
            left: Box::new(object.iter()),
            value: None,
            levels,
        }
    }

    /// Checks that all `count` members were taken.
    pub(super) fn finish(self, count: usize) -> Result<()> {
        all_taken(self.left.len(), count, "members")
    }
}

impl<'de> de::MapAccess<'de> for Members<'de> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>> {
        let Some((key, value)) = self.left.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(KeyDeserializer { key }).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value> {
        let value = self.value.take().unwrap_or(&Value::Null);
        seed.deserialize(ValueDeserializer::new(value, self.levels))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.len())
    }
}

fn all_taken(left: usize, count: usize, what: &str) -> Result<()> {
    if left == 0 {
        return Ok(());
    }
    let expected = format!("{} {what}", count - left);
    Err(Error::new(Code::Mismatch, expected, count.to_string()))
}

/// A variant of an enum: its name, and its content unless it stands alone.
#[derive(Debug)]
pub(super) struct VariantAccess<'de> {
    pub(super) variant: &'de str,
    pub(super) content: Option<ValueDeserializer<'de>>,
}

impl<'de> de::EnumAccess<'de> for VariantAccess<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name = BorrowedStrDeserializer::<Error>::new(self.variant);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> {
    fn content(&self) -> Result<ValueDeserializer<'de>> {
        self.content.ok_or_else(|| {
            let expected = format!("an object with the content of {:?}", self.variant);
            Error::new(Code::Mismatch, expected, "the variant's name alone")
        })
    }
}

impl<'de> de::VariantAccess<'de> for VariantAccess<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        match self.content {
            None => Ok(()),
            Some(content) => de::Deserialize::deserialize(content),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self.content()?)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value> {
        self.content()?.deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.content()?.deserialize_struct("", fields, visitor)
    }
}

/// A number as a variant of this crate's private name, with its text as the content.
#[derive(Debug)]
pub(super) struct NumberAccess<'de>(pub(super) &'de Number);

impl<'de> de::EnumAccess<'de> for NumberAccess<'de> {
    type Error = Error;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self)> {
        let name = BorrowedStrDeserializer::<Error>::new(NUMBER);
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> de::VariantAccess<'de> for NumberAccess<'de> {
    type Error = Error;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(BorrowedStrDeserializer::<Error>::new(self.0.as_str()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _len: usize, visitor: V) -> Result<V::Value> {
        visitor.visit_borrowed_str(self.0.as_str())
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        visitor.visit_borrowed_str(self.0.as_str())
    }
}
