//! JSON, compact or laid out over lines.

use super::TextSink;
use tonl::{Event, EventSink};

/// How JSON is laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Layout {
    /// On one line, without spaces.
    #[default]
    Compact,
    /// A line each member and element, indented by two spaces; `{}` and `[]` stay together.
    Pretty,
}

/// Writes one value as JSON, with a line end behind it.
#[derive(Debug)]
pub struct JsonSink {
    out: Vec<u8>,
    layout: Layout,
    /// For each open container, whether it has an element or member yet.
    open: Vec<bool>,
    after_key: bool,
}

impl JsonSink {
    /// A sink that lays its text out like this.
    pub fn new(layout: Layout) -> Self {
        Self {
            out: Vec::new(),
            layout,
            open: Vec::new(),
            after_key: false,
        }
    }

    /// A compact sink that writes into this buffer, which must be empty.
    pub(crate) fn reusing(out: Vec<u8>) -> Self {
        Self {
            out,
            ..Self::new(Layout::Compact)
        }
    }

    /// What stands before a value or key: a comma and a new line, where they are due.
    fn separate(&mut self) {
        if std::mem::take(&mut self.after_key) {
            return;
        }
        if let Some(has_items) = self.open.last_mut() {
            if std::mem::replace(has_items, true) {
                self.out.push(b',');
            }
            self.new_line();
        }
    }

    fn new_line(&mut self) {
        if self.layout == Layout::Pretty {
            self.out.push(b'\n');
            for _ in 0..self.open.len() {
                self.out.extend_from_slice(b"  ");
            }
        }
    }

    fn begin(&mut self, bracket: u8) {
        self.separate();
        self.out.push(bracket);
        self.open.push(false);
    }

    fn end(&mut self, bracket: u8) {
        if self.open.pop() == Some(true) {
            self.new_line();
        }
        self.out.push(bracket);
    }

    fn scalar(&mut self, text: &str) {
        self.separate();
        self.out.extend_from_slice(text.as_bytes());
    }
}

impl EventSink for JsonSink {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        match event {
            Event::Null => self.scalar("null"),
            Event::Bool(true) => self.scalar("true"),
            Event::Bool(false) => self.scalar("false"),
            Event::Number(text) => self.scalar(text),
            Event::String(text) => {
                self.separate();
                write_string(&mut self.out, text);
            }
            Event::Key(key) => {
                self.separate();
                write_string(&mut self.out, key);
                let colon: &[u8] = match self.layout {
                    Layout::Compact => b":",
                    Layout::Pretty => b": ",
                };
                self.out.extend_from_slice(colon);
                self.after_key = true;
            }
            Event::BeginObject => self.begin(b'{'),
            Event::EndObject => self.end(b'}'),
            Event::BeginArray => self.begin(b'['),
            Event::EndArray => self.end(b']'),
        }
        Ok(())
    }
}

impl TextSink for JsonSink {
    fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    fn finish(&mut self) -> tonl::Result<()> {
        self.out.push(b'\n');
        Ok(())
    }
}

/// Appends a string in quotes, in the shortest form of RFC 8259: `"`, `\` and U+0000 to U+001F are
/// escaped, everything else stands as it is.
pub fn write_string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let bytes = text.as_bytes();
    let is_special = |byte: &u8| matches!(byte, 0..=0x1F | b'"' | b'\\');
    // Without a branch a byte this runs many bytes a step; most strings need no escape.
    let is_plain = !bytes.iter().fold(false, |any, byte| any | is_special(byte));
    if is_plain {
        out.extend_from_slice(bytes);
        out.push(b'"');
        return;
    }
    let mut copied = 0;
    for (at, byte) in bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| is_special(byte))
    {
        out.extend_from_slice(bytes.get(copied..at).unwrap_or_default());
        write_escape(out, *byte);
        copied = at + 1;
    }
    out.extend_from_slice(bytes.get(copied..).unwrap_or_default());
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, byte: u8) {
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        0x0C => b'f',
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        _ => {
            let hex = |digit: u8| b"0123456789abcdef".get(usize::from(digit)).copied();
            out.extend_from_slice(b"\\u00");
            out.extend(hex(byte >> 4));
            out.extend(hex(byte & 15));
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl::Limits;

    fn written(json: &str, layout: Layout) -> String {
        let mut sink = JsonSink::new(layout);
        tonl::json::parse(json.as_bytes(), &Limits::default(), &mut sink).unwrap();
        sink.finish().unwrap();
        String::from_utf8(sink.out).unwrap()
    }

    const TEXTS: &[&str] = &[
        "null",
        "[]",
        "{}",
        "[[],{},[[]]]",
        "{\"a\":{\"b\":[1,2,{\"c\":null}]},\"d\":[true,false]}",
        "[-0,1e+400,1.0,12345678901234567890.10]",
        "\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\u{7f}\u{2028}é\u{1F600}\"",
        "{\"\":1,\" \":2,\"a\\\"b\":3}",
    ];

    #[test]
    fn compact_text_comes_back_as_it_was() {
        for text in TEXTS.iter().chain(&["[1E400,1e5,0e-0]"]) {
            assert_eq!(written(text, Layout::Compact), format!("{text}\n"));
        }
    }

    #[test]
    fn pretty_text_is_what_serde_json_writes() {
        for text in TEXTS {
            let value: serde_json::Value = serde_json::from_str(text).unwrap();
            let expected = serde_json::to_string_pretty(&value).unwrap();
            assert_eq!(written(text, Layout::Pretty), format!("{expected}\n"));
        }
    }
}
