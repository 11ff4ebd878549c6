//! Any `Serialize` type as a JSON text, for the writer to read.
//!
//! The text is compact and exact: integers of every width, the shortest text of floats that reads
//! back as the same float, and the text of a [`crate::Number`] as it is. The data model is mapped as
//! `serde_json` does it: enums are tagged from outside, bytes are arrays, integers as map keys are
//! text.

mod compound;
mod number;
#[cfg(test)]
mod tests;
mod value;

use crate::error::{Code, Error, Result};
use crate::json::{MemberKeys, OpenKeys};
use crate::limits::Limits;
use crate::scan::{literal, number as digits, quote};
use crate::value::{Value, one_level_less};
use compound::{Items, Members};
use serde::ser::{self, Serialize};
use std::fmt;
use std::io::Write;

/// The name under which [`crate::Number`] hands its text to this crate's own serializer and
/// deserializer.
pub(crate) const NUMBER: &str = "$tonl::Number";

/// Makes a [`Value`] of anything that can be serialized.
///
/// # Errors
/// [`Code::Unrepresentable`] for NaN, infinities and map keys that are no scalars,
/// [`Code::DuplicateKey`] for a map that holds a key twice, [`Code::DepthLimit`] beyond
/// [`Limits::MAX_DEPTH`], or what the type itself reports.
pub fn to_value<T: Serialize + ?Sized>(value: &T) -> Result<Value> {
    let mut text = Vec::new();
    to_json(value, &mut text)?;
    let limits = Limits {
        depth: Limits::MAX_DEPTH,
        ..Limits::default()
    };
    crate::json::parse_value(&text, &limits)
}

/// Appends the JSON text of `value` to `out`; on an error `out` is left as it was.
///
/// # Errors
/// As [`to_value`].
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T, out: &mut Vec<u8>) -> Result<()> {
    let before = out.len();
    let mut serializer = JsonSerializer {
        out,
        keys: MemberKeys::default(),
        levels: Limits::MAX_DEPTH,
    };
    let done = value.serialize(&mut serializer);
    if done.is_err() {
        out.truncate(before);
    }
    done
}

/// Writes JSON text.
#[derive(Debug)]
pub(crate) struct JsonSerializer<'o> {
    out: &'o mut Vec<u8>,
    keys: MemberKeys,
    /// How many more levels of containers may be opened.
    levels: usize,
}

impl JsonSerializer<'_> {
    fn display(&mut self, value: impl fmt::Display) -> Result<()> {
        write!(self.out, "{value}").map_err(|error| {
            let expected = "memory for the text";
            Error::new(Code::Io, expected, error.to_string())
        })
    }

    fn float(&mut self, is_finite: bool, value: impl fmt::Debug) -> Result<()> {
        if is_finite {
            return self.display(format_args!("{value:?}"));
        }
        Err(Error::new(
            Code::Unrepresentable,
            "a finite number",
            format!("{value:?}"),
        )
        .with_hint("JSON has no NaN and no infinity: use null or a string"))
    }

    fn open(&mut self, opening: u8) -> Result<()> {
        self.levels = one_level_less(self.levels)?;
        self.out.push(opening);
        Ok(())
    }

    fn close(&mut self, closing: u8) {
        self.levels += 1;
        self.out.push(closing);
    }

    /// Opens `{"variant":`, which [`Self::close`] ends.
    fn open_variant(&mut self, variant: &str) -> Result<()> {
        self.open(b'{')?;
        quote::write_quoted(self.out, variant.as_bytes());
        self.out.push(b':');
        Ok(())
    }

    fn array(&mut self) -> Result<Items<'_, Self>>
    where
        Self: Sized,
    {
        self.open(b'[')?;
        Ok(Items {
            serializer: self,
            is_first: true,
            in_variant: false,
        })
    }

    /// Writes a map key: a string as it is, another scalar as a string of its text.
    fn key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<()> {
        let start = self.out.len();
        key.serialize(&mut *self)?;
        let written = self.out.get(start..).unwrap_or_default();
        match written {
            [b'"', ..] => {}
            b"true" | b"false" => self.wrap_in_quotes(start),
            text if digits::is_number(text) => self.wrap_in_quotes(start),
            _ => {
                let expected = "a key that is a string, a number, a boolean or a unit variant";
                let found = String::from_utf8_lossy(written).into_owned();
                return Err(Error::new(Code::Unrepresentable, expected, found));
            }
        }
        let (start, end) = (start + 1, self.out.len() - 1);
        let has_escapes = memchr::memchr(b'\\', self.out.get(start..end).unwrap_or_default());
        self.keys.add(self.out, start, end, has_escapes.is_some());
        Ok(())
    }

    fn wrap_in_quotes(&mut self, start: usize) {
        self.out.insert(start, b'"');
        self.out.push(b'"');
    }

    fn close_keys(&mut self, open: OpenKeys) -> Result<()> {
        let Err(fault) = self.keys.close(self.out, open) else {
            return Ok(());
        };
        let end = literal::scan(self.out, fault.at).map_or(fault.at, |key| key.end);
        let key = self.out.get(fault.at..end).unwrap_or_default();
        let found = format!("\"{}\" a second time", String::from_utf8_lossy(key));
        Err(Error::new(fault.code, fault.expected, found))
    }
}

macro_rules! integers {
    ($($method:ident: $type:ty),+) => {$(
        fn $method(self, value: $type) -> Result<()> {
            self.display(value)
        }
    )+};
}

impl<'a, 'o> ser::Serializer for &'a mut JsonSerializer<'o> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Items<'a, JsonSerializer<'o>>;
    type SerializeTuple = Items<'a, JsonSerializer<'o>>;
    type SerializeTupleStruct = Items<'a, JsonSerializer<'o>>;
    type SerializeTupleVariant = Items<'a, JsonSerializer<'o>>;
    type SerializeMap = Members<'a, JsonSerializer<'o>>;
    type SerializeStruct = Members<'a, JsonSerializer<'o>>;
    type SerializeStructVariant = Members<'a, JsonSerializer<'o>>;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_i128: i128, serialize_u8: u8, serialize_u16: u16, serialize_u32: u32,
        serialize_u64: u64, serialize_u128: u128, serialize_bool: bool
    );

    fn serialize_f32(self, value: f32) -> Result<()> {
        self.float(value.is_finite(), value)
    }

    fn serialize_f64(self, value: f64) -> Result<()> {
        self.float(value.is_finite(), value)
    }

    fn serialize_char(self, value: char) -> Result<()> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<()> {
        quote::write_quoted(self.out, value.as_bytes());
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<()> {
        let mut items = self.array()?;
        value.iter().try_for_each(|byte| items.item(byte))?;
        items.finish();
        Ok(())
    }

    fn serialize_none(self) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<()> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<()> {
        self.out.extend_from_slice(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<()> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<()> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<()> {
        let start = self.out.len();
        value.serialize(&mut *self)?;
        if name == NUMBER {
            // The text came in quotes, which a number's text never needs escapes in.
            self.out.pop();
            self.out.remove(start);
        }
        Ok(())
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<()> {
        self.open_variant(variant)?;
        value.serialize(&mut *self)?;
        self.close(b'}');
        Ok(())
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Self::SerializeSeq> {
        self.array()
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self::SerializeTuple> {
        self.array()
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleStruct> {
        self.array()
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeTupleVariant> {
        self.open_variant(variant)?;
        let mut items = self.array()?;
        items.in_variant = true;
        Ok(items)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap> {
        self.open(b'{')?;
        let open = self.keys.open();
        Ok(Members {
            serializer: self,
            is_first: true,
            in_variant: false,
            open,
        })
    }

    fn serialize_struct(self, _name: &'static str, len: usize) -> Result<Self::SerializeStruct> {
        self.serialize_map(Some(len))
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeStructVariant> {
        self.open_variant(variant)?;
        let mut members = self.serialize_map(Some(len))?;
        members.in_variant = true;
        Ok(members)
    }
}

impl ser::Error for Error {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(
            Code::Unrepresentable,
            "a value that can be written",
            message.to_string(),
        )
    }
}
