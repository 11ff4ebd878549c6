//! Arrays and objects that are being written, piece by piece.

use super::JsonSerializer;
use crate::error::{Error, Result};
use crate::json::OpenKeys;
use serde::ser::{self, Serialize};

/// The items of an array that is being written.
#[derive(Debug)]
pub(crate) struct Items<'a, S> {
    pub(super) serializer: &'a mut S,
    pub(super) is_first: bool,
    /// Whether the array is the content of an enum's variant.
    pub(super) in_variant: bool,
}

impl Items<'_, JsonSerializer<'_>> {
    pub(super) fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        if !std::mem::take(&mut self.is_first) {
            self.serializer.out.push(b',');
        }
        value.serialize(&mut *self.serializer)
    }

    pub(super) fn finish(self) {
        self.serializer.close(b']');
        if self.in_variant {
            self.serializer.close(b'}');
        }
    }
}

/// The members of an object that is being written.
#[derive(Debug)]
pub(crate) struct Members<'a, S> {
    pub(super) serializer: &'a mut S,
    pub(super) is_first: bool,
    pub(super) in_variant: bool,
    pub(super) open: OpenKeys,
}

impl Members<'_, JsonSerializer<'_>> {
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        if !std::mem::take(&mut self.is_first) {
            self.serializer.out.push(b',');
        }
        self.serializer.key(key)?;
        self.serializer.out.push(b':');
        Ok(())
    }

    fn finish(self) -> Result<()> {
        self.serializer.close_keys(self.open)?;
        self.serializer.close(b'}');
        if self.in_variant {
            self.serializer.close(b'}');
        }
        Ok(())
    }
}

macro_rules! items {
    ($($trait:ident: $method:ident),+) => {$(
        impl ser::$trait for Items<'_, JsonSerializer<'_>> {
            type Ok = ();
            type Error = Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
                self.item(value)
            }

            fn end(self) -> Result<()> {
                self.finish();
                Ok(())
            }
        }
    )+};
}

items!(
    SerializeSeq: serialize_element,
    SerializeTuple: serialize_element,
    SerializeTupleStruct: serialize_field,
    SerializeTupleVariant: serialize_field
);

impl ser::SerializeMap for Members<'_, JsonSerializer<'_>> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        self.key(key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<()> {
        value.serialize(&mut *self.serializer)
    }

    fn end(self) -> Result<()> {
        self.finish()
    }
}

macro_rules! members {
    ($($trait:ident),+) => {$(
        impl ser::$trait for Members<'_, JsonSerializer<'_>> {
            type Ok = ();
            type Error = Error;

            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                key: &'static str,
                value: &T,
            ) -> Result<()> {
                self.key(key)?;
                value.serialize(&mut *self.serializer)
            }

            fn end(self) -> Result<()> {
                self.finish()
            }
        }
    )+};
}

members!(SerializeStruct, SerializeStructVariant);
