//! YAML in block style, which reads back as exactly the same value.
//!
//! Strings stand plain only where every reader of YAML 1.1 or 1.2 takes them as that string. Numbers
//! keep their text.

mod scalar;

use super::TextSink;
use scalar::Style;
use tonl::{Event, EventSink};

/// Writes one value as YAML.
#[derive(Debug, Default)]
pub struct YamlSink {
    out: Vec<u8>,
    open: Vec<Collection>,
    place: Place,
    /// A collection that has begun and may turn out to be empty.
    begun: Option<Kind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sequence,
    Mapping,
}

#[derive(Clone, Copy, Debug)]
struct Collection {
    kind: Kind,
    /// Spaces before each of its lines.
    indent: usize,
}

/// Where the text ends now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Where a value or an entry may begin: at the start of the text, or behind `- `.
    #[default]
    Ready,
    /// Behind the colon of a key.
    AfterColon,
    /// Behind the end of a line.
    LineStart,
}

impl YamlSink {
    /// A sink that has written nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What stands before a value: nothing, a dash, or a space behind the key's colon.
    fn before_value(&mut self) {
        if self.place == Place::AfterColon {
            self.out.push(b' ');
        } else {
            self.before_item();
        }
    }

    /// The dash of a sequence's next item.
    fn before_item(&mut self) {
        if let Some(Collection {
            kind: Kind::Sequence,
            indent,
        }) = self.open.last().copied()
        {
            self.indent(indent);
            self.out.extend_from_slice(b"- ");
        }
    }

    /// Moves to column `indent` unless the text stands there already.
    fn indent(&mut self, indent: usize) {
        if self.place == Place::LineStart {
            self.out.resize(self.out.len() + indent, b' ');
        }
    }

    fn line(&mut self, text: &[u8]) {
        self.before_value();
        self.out.extend_from_slice(text);
        self.end_line();
    }

    fn end_line(&mut self) {
        self.out.push(b'\n');
        self.place = Place::LineStart;
    }

    fn string(&mut self, text: &str) {
        self.before_value();
        match scalar::style(text) {
            Style::Plain => self.out.extend_from_slice(text.as_bytes()),
            Style::Literal if !self.open.is_empty() => return self.literal(text),
            Style::Literal | Style::Quoted => scalar::write_quoted(&mut self.out, text),
        }
        self.end_line();
    }

    fn literal(&mut self, text: &str) {
        let (header, text) = match text.strip_suffix('\n') {
            Some(text) => ("|", text),
            None => ("|-", text),
        };
        self.out.extend_from_slice(header.as_bytes());
        let indent = self.open.last().map_or(0, |open| open.indent) + 2;
        for line in text.split('\n') {
            self.end_line();
            if !line.is_empty() {
                self.indent(indent);
                self.out.extend_from_slice(line.as_bytes());
            }
        }
        self.end_line();
    }

    fn key(&mut self, key: &str) {
        /// Readers look for the colon of a key within 1,024 characters only.
        const LONGEST: usize = 1_000;
        let indent = self.open.last().map_or(0, |open| open.indent);
        self.indent(indent);
        let start = self.out.len();
        match scalar::style(key) {
            Style::Plain => self.out.extend_from_slice(key.as_bytes()),
            Style::Literal | Style::Quoted => scalar::write_quoted(&mut self.out, key),
        }
        if self.out.len() - start > LONGEST {
            self.out.splice(start..start, *b"? ");
            self.end_line();
            self.indent(indent);
        }
        self.out.push(b':');
        self.place = Place::AfterColon;
    }

    /// Opens a collection that turns out to have an entry.
    fn open(&mut self, kind: Kind) {
        let inner = self.open.last().map_or(0, |open| open.indent + 2);
        if self.place == Place::AfterColon {
            self.end_line();
        } else {
            self.before_item();
            self.place = Place::Ready;
        }
        self.open.push(Collection {
            kind,
            indent: inner,
        });
    }
}

impl EventSink for YamlSink {
    fn event(&mut self, event: Event<'_>) -> tonl::Result<()> {
        if let Some(kind) = self.begun.take() {
            match event {
                Event::EndArray => self.line(b"[]"),
                Event::EndObject => self.line(b"{}"),
                _ => self.open(kind),
            }
            if matches!(event, Event::EndArray | Event::EndObject) {
                return Ok(());
            }
        }
        match event {
            Event::Null => self.line(b"null"),
            Event::Bool(true) => self.line(b"true"),
            Event::Bool(false) => self.line(b"false"),
            Event::Number(text) => self.line(text.as_bytes()),
            Event::String(text) => self.string(text),
            Event::Key(key) => self.key(key),
            Event::BeginArray => self.begun = Some(Kind::Sequence),
            Event::BeginObject => self.begun = Some(Kind::Mapping),
            Event::EndArray | Event::EndObject => {
                self.open.pop();
            }
        }
        Ok(())
    }
}

impl TextSink for YamlSink {
    fn buffer(&mut self) -> &mut Vec<u8> {
        &mut self.out
    }

    fn finish(&mut self) -> tonl::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl::Limits;

    fn written(json: &str) -> String {
        let mut sink = YamlSink::new();
        tonl::json::parse(json.as_bytes(), &Limits::default(), &mut sink).unwrap();
        sink.finish().unwrap();
        String::from_utf8(sink.out).unwrap()
    }

    #[test]
    fn collections_are_laid_out_as_blocks() {
        for (json, yaml) in [
            ("5", "5\n"),
            ("[]", "[]\n"),
            ("{}", "{}\n"),
            (
                "[1,[],{},[2,[3]],{\"a\":1,\"b\":[4,{}]}]",
                "- 1\n- []\n- {}\n- - 2\n  - - 3\n- a: 1\n  b:\n    - 4\n    - {}\n",
            ),
            (
                "{\"a\":{\"b\":{\"c\":null}},\"d\":[[{\"e\":true}]],\"f\":{}}",
                "a:\n  b:\n    c: null\nd:\n  - - e: true\nf: {}\n",
            ),
            ("[-0,1e400,1E5,1.0]", "- -0\n- 1e400\n- 1E5\n- 1.0\n"),
        ] {
            assert_eq!(written(json), yaml);
        }
    }

    #[test]
    fn texts_of_several_lines_are_literal_where_nothing_is_lost() {
        for (json, yaml) in [
            (r#"{"a":"x\n  y\n\nz\n"}"#, "a: |\n  x\n    y\n\n  z\n"),
            (r#"[["x\n# y"]]"#, "- - |-\n    x\n    # y\n"),
            (r#""x\ny""#, "\"x\\ny\"\n"),
            (r#"["x\n\n"]"#, "- \"x\\n\\n\"\n"),
            (r#"[" x\ny"]"#, "- \" x\\ny\"\n"),
            (r#"["x \ny"]"#, "- \"x \\ny\"\n"),
            (r#"["x\r\ny"]"#, "- \"x\\r\\ny\"\n"),
        ] {
            assert_eq!(written(json), yaml);
        }
    }

    #[test]
    fn a_long_key_is_written_with_a_question_mark() {
        let key = "k".repeat(1_001);
        let json = format!("[{{\"{key}\":{{\"a\":[1]}}}}]");
        assert_eq!(
            written(&json),
            format!("- ? {key}\n  :\n    a:\n      - 1\n")
        );
    }
}
