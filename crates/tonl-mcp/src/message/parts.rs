//! The arguments of a call apart from its message.
//!
//! The SDK reads a message several times over and keeps what it read in pieces, which takes some
//! hundred bytes of memory for each value, on threads that others wait for. Arguments may be large, and
//! nothing but a tool looks into them: so they travel beside the message as the text that they are, and
//! are read where the tool computes, with all their digits.

use super::Malformed;
use bytes::Bytes;
use std::any::Any;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// The most bytes of a message without its arguments.
pub const MOST_REST: usize = 64 << 10;

/// A message, and its arguments if they travel beside it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Parts {
    /// The message; where its arguments were stands an empty object.
    pub message: Bytes,
    /// The arguments, an object.
    pub arguments: Option<ArgumentsText>,
}

/// Arguments as the text that came. Cloning is cheap.
#[derive(Clone)]
pub struct ArgumentsText {
    text: Bytes,
    guard: Option<Arc<dyn Any + Send + Sync>>,
}

impl ArgumentsText {
    /// The text: a JSON object.
    pub fn as_bytes(&self) -> &[u8] {
        &self.text
    }

    /// The same, with something that is held as long as the arguments are.
    #[must_use]
    pub fn holding<G: Send + Sync + 'static>(mut self, guard: G) -> Self {
        self.guard = Some(Arc::new(guard));
        self
    }
}

impl fmt::Debug for ArgumentsText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ArgumentsText({} bytes)", self.text.len())
    }
}

impl Parts {
    /// The message as a whole.
    pub(crate) fn whole(text: Bytes) -> Self {
        Self {
            message: text,
            arguments: None,
        }
    }

    /// Takes the arguments out of a message that passed [`super::check`].
    pub(crate) fn split(text: Bytes) -> Result<Self, Malformed> {
        let parts = match place(&text) {
            None => Self::whole(text),
            Some(place) => {
                let before = text.slice(..place.start);
                let behind = text.slice(place.end..);
                Self {
                    message: [&before[..], b"{}", &behind[..]].concat().into(),
                    arguments: Some(ArgumentsText {
                        text: text.slice(place),
                        guard: None,
                    }),
                }
            }
        };
        if parts.message.len() > MOST_REST {
            return Err(Malformed::Crowded);
        }
        Ok(parts)
    }
}

/// Where `params.arguments` stands, if it is an object.
fn place(text: &[u8]) -> Option<Range<usize>> {
    let params = member(text, 0, b"params")?;
    let arguments = member(text, params.start, b"arguments")?;
    (text.get(arguments.start) == Some(&b'{')).then_some(arguments)
}

/// Where the value of a member of the object stands that begins here, or behind white space. A name
/// that is written with escapes is not found.
fn member(text: &[u8], from: usize, name: &[u8]) -> Option<Range<usize>> {
    let mut at = space(text, from);
    if text.get(at) != Some(&b'{') {
        return None;
    }
    loop {
        let key = space(text, at + 1);
        let end = string(text, key)?;
        let colon = space(text, end);
        let value = space(text, colon + 1);
        let behind = skip(text, value)?;
        if text.get(key + 1..end - 1) == Some(name) {
            return Some(value..behind);
        }
        at = space(text, behind);
        if text.get(at) != Some(&b',') {
            return None;
        }
    }
}

fn space(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
    from + blank.count()
}

/// The end of the string that begins here.
fn string(text: &[u8], from: usize) -> Option<usize> {
    if text.get(from) != Some(&b'"') {
        return None;
    }
    let mut at = from + 1;
    loop {
        at += memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        match text.get(at) {
            Some(b'"') => return Some(at + 1),
            _ => at += 2,
        }
    }
}

/// The end of the value that begins here.
fn skip(text: &[u8], from: usize) -> Option<usize> {
    let (mut at, mut depth) = (from, 0_usize);
    loop {
        match text.get(at)? {
            b'"' => at = string(text, at)?,
            b'{' | b'[' => {
                depth += 1;
                at += 1;
            }
            b'}' | b']' => {
                depth = depth.checked_sub(1)?;
                at += 1;
            }
            b',' | b':' => at += 1,
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => at = scalar(text, at),
        }
        if depth == 0 {
            return Some(at);
        }
    }
}

/// The end of the number or word that begins here.
fn scalar(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
    from + rest.iter().position(is_end).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;
    use serde_json::{Value, json};
    use tonl_testkit::Random;
    use tonl_testkit::generate::document;
    use tonl_testkit::json::spaced_text;

    fn split(text: &str) -> (String, Option<String>) {
        check(text.as_bytes()).unwrap();
        let parts = Parts::split(Bytes::copy_from_slice(text.as_bytes())).unwrap();
        let owned = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let arguments = parts.arguments.as_ref();
        (
            owned(&parts.message),
            arguments.map(|arguments| owned(arguments.as_bytes())),
        )
    }

    #[test]
    fn arguments_are_taken_out_as_they_were_written() {
        let text = r#" { "a":"}\\\"{" , "params" :{"x":[{"arguments":{"no":1}}],"arguments" : {"n":1.10,"s":"\\"} ,"name":"t"}, "id":1} "#;
        let (message, arguments) = split(text);
        assert_eq!(arguments.as_deref(), Some(r#"{"n":1.10,"s":"\\"}"#));
        let left: Value = serde_json::from_str(&message).unwrap();
        assert_eq!(left["params"]["arguments"], json!({}));
        assert_eq!(left["params"]["name"], "t");
        assert_eq!(left["id"], 1);
    }

    #[test]
    fn what_has_no_such_object_stays_whole() {
        for text in [
            r#"{"id":1}"#,
            r#"{"params":7}"#,
            r#"{"params":[{"arguments":{}}]}"#,
            r#"{"params":{"arguments":[1]}}"#,
            r#"{"params":{"arguments":null}}"#,
            r#"{"arguments":{"a":1}}"#,
            r#"{"params":{"argum\u0065nts":{"a":1}}}"#,
        ] {
            assert_eq!(split(text), (text.to_owned(), None));
        }
    }

    #[test]
    fn a_message_that_is_large_beside_its_arguments_is_refused() {
        let large = "x".repeat(MOST_REST);
        let beside = format!(r#"{{"params":{{"arguments":{{}},"name":"{large}"}}}}"#);
        let split = Parts::split(Bytes::from(beside));
        assert_eq!(split.unwrap_err(), Malformed::Crowded);
        let inside = format!(r#"{{"params":{{"arguments":{{"a":"{large}"}}}}}}"#);
        assert!(Parts::split(Bytes::from(inside)).is_ok());
    }

    #[test]
    fn the_parts_together_are_the_message() {
        const SPACES: &[&str] = &["", "", " ", "\n\t"];
        let mut random = Random::new(11);
        for _ in 0..2_000 {
            let mut text = || spaced_text(&document(&mut random), &mut Random::new(7), SPACES);
            let (before, meta, data, after) = (text(), text(), text(), text());
            let arguments = format!("{{ \"\\\"\\\\\" : 1 , \"data\":{data}}}");
            let left = |arguments: &str| {
                format!(
                    "{{\"before\": {before},\n\"params\":{{\"_meta\":{meta} , \"arguments\" :{arguments},\"after\":{after}}}}}"
                )
            };
            let parts = Parts::split(Bytes::from(left(&arguments))).unwrap();
            assert_eq!(parts.message, left("{}"));
            assert_eq!(parts.arguments.unwrap().as_bytes(), arguments.as_bytes());
        }
    }
}
