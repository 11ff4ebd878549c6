//! The JSON text of a value, plain or with everything that JSON allows and nobody needs.

use crate::random::Random;
use std::fmt::Write as _;
use tonl::Value;

/// The value as compact JSON; numbers keep their text.
pub fn text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out, &mut |_| {}, &|_| false);
    out
}

/// The value as JSON with white space at random places. `spaces` says which may be used: a
/// stream's lines must not hold line ends.
pub fn spaced_text(value: &Value, random: &mut Random, spaces: &[&str]) -> String {
    let mut out = String::new();
    let mut space = |out: &mut String| {
        if random.chance(30) {
            out.push_str(random.pick::<&str>(spaces));
        }
    };
    write(value, &mut out, &mut space, &|_| false);
    out
}

/// The value as JSON that writes nearly every character as an escape.
pub fn escaped_text(value: &Value) -> String {
    let mut out = String::new();
    write(value, &mut out, &mut |_| {}, &|c| c != 'a');
    out
}

type Space<'f> = &'f mut dyn FnMut(&mut String);

fn write(value: &Value, out: &mut String, space: Space<'_>, escapes: &dyn Fn(char) -> bool) {
    space(out);
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(number.as_str()),
        Value::String(text) => write_string(text, out, escapes),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write(item, out, space, escapes);
            }
            space(out);
            out.push(']');
        }
        Value::Object(object) => {
            out.push('{');
            for (at, (key, item)) in object.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                space(out);
                write_string(key, out, escapes);
                space(out);
                out.push(':');
                write(item, out, space, escapes);
            }
            space(out);
            out.push('}');
        }
    }
    space(out);
}

fn write_string(text: &str, out: &mut String, escapes: &dyn Fn(char) -> bool) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' || escapes(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a string cannot fail.
                    let _written = write!(out, "\\u{unit:04X}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate;
    use tonl::Limits;

    #[test]
    fn texts_of_random_documents_read_as_the_same_documents() {
        for seed in 0..2_000 {
            let value = generate::document_of(seed);
            let spaced = spaced_text(&value, &mut Random::new(seed), &[" ", "\n", "\t\r"]);
            for text in [text(&value), spaced, escaped_text(&value)] {
                let read = tonl::json::parse_value(text.as_bytes(), &Limits::default());
                assert_eq!(read.unwrap(), value, "seed {seed}: {text}");
            }
        }
    }
}
