//! Taking one string out of a JSON answer, without a copy of it staying behind in a tree.

use serde_json::{Map, Value};
use zeroize::Zeroize;

/// A parsed answer whose strings are zeroed when it goes.
pub(super) struct Answered(Value);

impl Answered {
    /// Parses an answer; `None` if it is not JSON. The parser's depth is bounded.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok().map(Self)
    }

    /// The value behind these keys.
    pub(super) fn get(&self, keys: &[&str]) -> Option<&Value> {
        keys.iter().try_fold(&self.0, |value, key| value.get(key))
    }

    /// The object behind these keys.
    pub(super) fn object(&self, keys: &[&str]) -> Option<&Map<String, Value>> {
        self.get(keys)?.as_object()
    }

    /// The string behind these keys.
    pub(super) fn text(&self, keys: &[&str]) -> Option<&str> {
        self.get(keys)?.as_str()
    }
}

impl Drop for Answered {
    fn drop(&mut self) {
        // A stack of our own: the depth of the answer is not ours.
        let mut values = vec![self.0.take()];
        while let Some(value) = values.pop() {
            match value {
                Value::String(mut text) => text.zeroize(),
                Value::Array(items) => values.extend(items),
                Value::Object(members) => {
                    values.extend(members.into_iter().map(|(_, value)| value));
                }
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_found_by_its_keys() {
        let answer = Answered::parse(br#"{"a":{"b":{"c":"x"},"n":1}}"#).unwrap();
        assert_eq!(answer.text(&["a", "b", "c"]), Some("x"));
        assert_eq!(answer.text(&["a", "n"]), None);
        assert!(answer.object(&["a", "b"]).is_some());
        assert!(answer.get(&["a", "x", "y"]).is_none());
    }

    #[test]
    fn what_is_not_json_or_is_nested_too_deeply_is_none() {
        assert!(Answered::parse(b"<html>").is_none());
        assert!(Answered::parse("[".repeat(100_000).as_bytes()).is_none());
    }
}
