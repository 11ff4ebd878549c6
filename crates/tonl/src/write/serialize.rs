//! Rust values into TONL: through their JSON text, which is what the writer takes.

use super::document;
use crate::error::{Code, Error, Result};
use crate::options::WriteOptions;
use serde::Serialize;
use std::io::Write;

/// Writes a value as a TONL document with default options.
///
/// ```
/// #[derive(serde::Serialize)]
/// struct User {
///     id: u32,
///     name: &'static str,
/// }
/// let users = [User { id: 1, name: "Ada" }, User { id: 2, name: "Bob, Jr." }];
/// let text = tonl::to_string(&users)?;
/// assert_eq!(text, "data[2]{id:i32,name:str}:\n 1,Ada\n 2,\"Bob, Jr.\"\n");
/// # Ok::<(), tonl::Error>(())
/// ```
///
/// # Errors
/// [`Code::Unrepresentable`] for what JSON cannot hold: NaN, infinities, map keys that are no
/// strings, numbers or booleans; [`Code::DuplicateKey`] for a map that gives a key twice; limits.
pub fn to_string<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    let text = to_vec(value, &WriteOptions::default())?;
    String::from_utf8(text).map_err(|_| Error::new(Code::InvalidUtf8, "UTF-8", "other bytes"))
}

/// Writes a value as a TONL document in UTF-8.
///
/// # Errors
/// As [`to_string`].
pub fn to_vec<T: Serialize + ?Sized>(value: &T, options: &WriteOptions) -> Result<Vec<u8>> {
    let mut json = Vec::new();
    crate::ser::to_json(value, &mut json)?;
    let mut text = Vec::new();
    document(&json, options, &mut text)?;
    Ok(text)
}

/// Writes a value as a TONL document to `writer`, which is not flushed.
///
/// # Errors
/// As [`to_string`]; [`Code::Io`] if the writer fails.
pub fn to_writer<T: Serialize + ?Sized>(
    mut writer: impl Write,
    value: &T,
    options: &WriteOptions,
) -> Result<()> {
    let text = to_vec(value, options)?;
    let failed = |error: std::io::Error| {
        Error::new(Code::Io, "a writer that takes the text", error.to_string())
    };
    writer.write_all(&text).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Profile, Value, from_str};
    use serde::Deserialize;
    use std::collections::BTreeMap;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Order {
        id: u64,
        note: Option<String>,
        items: Vec<Item>,
        totals: BTreeMap<String, f64>,
        state: State,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Item {
        sku: String,
        quantity: i8,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum State {
        Open,
        Shipped { by: String },
    }

    fn orders() -> Vec<Order> {
        (0..4)
            .map(|id| Order {
                id: u64::MAX - id,
                note: (id % 2 == 0).then(|| "null".to_owned()),
                items: vec![Item {
                    sku: "007".into(),
                    quantity: -1,
                }],
                totals: BTreeMap::from([("net, EUR".into(), 0.1), ("gross".into(), 1e300)]),
                state: if id == 3 {
                    State::Shipped { by: "#1".into() }
                } else {
                    State::Open
                },
            })
            .collect()
    }

    #[test]
    fn rust_values_come_back_in_every_profile() {
        for profile in [Profile::Compact, Profile::Flat, Profile::Classic] {
            let options = WriteOptions {
                profile,
                ..WriteOptions::default()
            };
            let text = to_vec(&orders(), &options).unwrap();
            let back: Vec<Order> = crate::from_slice(&text).unwrap();
            assert_eq!(back, orders(), "{profile}");
        }
    }

    #[test]
    fn a_value_keeps_its_number_text() {
        let text = "data: [1e400,-0,1.0,12345678901234567890.10]\n";
        let value: Value = from_str(text).unwrap();
        assert_eq!(to_string(&value).unwrap(), text);
    }

    #[test]
    fn what_json_cannot_hold_is_refused() {
        assert_eq!(
            to_string(&f64::NAN).unwrap_err().code(),
            Code::Unrepresentable
        );
        let by_pair = BTreeMap::from([((1, 2), 3)]);
        assert_eq!(
            to_string(&by_pair).unwrap_err().code(),
            Code::Unrepresentable
        );
    }

    #[test]
    fn a_failing_writer_is_an_io_error() {
        let mut full: &mut [u8] = &mut [0; 4];
        let error = to_writer(&mut full, &orders(), &WriteOptions::default()).unwrap_err();
        assert_eq!(error.code(), Code::Io);
    }
}
