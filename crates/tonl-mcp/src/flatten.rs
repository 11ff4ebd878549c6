//! Nested objects of records as columns of their own: `{"a":{"b":1}}` becomes `{"a_b":1}`.
//!
//! Arrays stay as they are, and so does an object without members, which has no column to stand in.
//! Two values under one name are an error: neither is dropped.

use crate::outcome::Failure;
use serde_json::map::Entry;
use serde_json::{Map, Value};

/// Flattens the elements of an array, or one object. The value must not be nested deeper than the
/// stack bears: its depth was checked before.
///
/// # Errors
/// Two values under one name.
pub(crate) fn flatten(value: Value) -> Result<Value, Failure> {
    Ok(match value {
        Value::Array(items) => {
            let items: Result<_, _> = items.into_iter().map(record).collect();
            Value::Array(items?)
        }
        other => record(other)?,
    })
}

fn record(value: Value) -> Result<Value, Failure> {
    let Value::Object(members) = value else {
        return Ok(value);
    };
    let mut flat = Map::new();
    add(&mut flat, "", members)?;
    Ok(Value::Object(flat))
}

fn add(
    flat: &mut Map<String, Value>,
    prefix: &str,
    members: Map<String, Value>,
) -> Result<(), Failure> {
    for (key, value) in members {
        let name = format!("{prefix}{key}");
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                add(flat, &format!("{name}_"), inner)?;
            }
            other => match flat.entry(name) {
                Entry::Vacant(place) => {
                    place.insert(other);
                }
                Entry::Occupied(place) => {
                    let text = format!(
                        "flattenNested would give two values the name {:?}; rename one of the fields \
                         or leave flattenNested out",
                        place.key()
                    );
                    return Err(Failure::Failed(text));
                }
            },
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn nested_objects_become_columns_and_nothing_else_changes() {
        let nested = json!([
            { "id": 1, "a": { "b": { "c": 1.0 }, "d": [{ "e": 1 }] }, "f": {} },
            5,
        ]);
        let flat = flatten(nested).unwrap();
        assert_eq!(
            flat.to_string(),
            r#"[{"id":1,"a_b_c":1.0,"a_d":[{"e":1}],"f":{}},5]"#
        );
        assert_eq!(
            flatten(json!({ "a": { "b": 1 } })).unwrap().to_string(),
            r#"{"a_b":1}"#
        );
    }

    #[test]
    fn two_values_of_one_name_are_an_error() {
        let Err(Failure::Failed(text)) = flatten(json!([{ "a_b": 1, "a": { "b": 2 } }])) else {
            panic!("it must fail");
        };
        assert!(text.contains("\"a_b\""), "{text}");
    }
}
