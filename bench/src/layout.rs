//! How records lie in a file: a line each, or one JSON array in one line or pretty.

use crate::shape::{Records, Shape};
use crate::size::Size;
use clap::ValueEnum;
use std::io::{self, Write};

/// The layout of a generated file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// One record a line.
    Ndjson,
    /// One JSON array, all in one line.
    ArrayLine,
    /// One JSON array, indented by two spaces.
    ArrayPretty,
}

/// What was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Records in the file.
    pub records: u64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Writes as many whole records as fit into `size`, at least one, in constant memory.
///
/// # Errors
/// What the output refuses.
pub fn write(
    shape: Shape,
    seed: u64,
    form: Form,
    size: Size,
    output: &mut dyn Write,
) -> io::Result<Written> {
    let mut records = Records::new(shape, seed);
    let (open, between, close) = form.frame();
    let mut block = open.to_vec();
    let (mut compact, mut entry) = (Vec::new(), Vec::new());
    let mut written = Written {
        records: 0,
        bytes: (open.len() + close.len()) as u64,
    };
    loop {
        entry.clear();
        if form == Form::ArrayPretty {
            compact.clear();
            records.append(&mut compact);
            indent(&compact, &mut entry);
        } else {
            records.append(&mut entry);
        }
        let separator = if written.records == 0 {
            &[][..]
        } else {
            between
        };
        let grown = written.bytes + (separator.len() + entry.len()) as u64;
        if grown > size.0 && written.records > 0 {
            break;
        }
        written = Written {
            records: written.records + 1,
            bytes: grown,
        };
        block.extend_from_slice(separator);
        block.extend_from_slice(&entry);
        if block.len() >= BLOCK {
            output.write_all(&block)?;
            block.clear();
        }
    }
    block.extend_from_slice(close);
    output.write_all(&block)?;
    output.flush()?;
    Ok(written)
}

impl Form {
    /// What stands before the first record, between two, and after the last.
    fn frame(self) -> (&'static [u8], &'static [u8], &'static [u8]) {
        match self {
            Self::Ndjson => (b"", b"\n", b"\n"),
            Self::ArrayLine => (b"[", b",", b"]\n"),
            Self::ArrayPretty => (b"[\n  ", b",\n  ", b"\n]\n"),
        }
    }
}

/// Copies compact JSON with line ends and two spaces a level, as an entry of an array.
fn indent(compact: &[u8], out: &mut Vec<u8>) {
    let mut depth = 1;
    let mut rest = compact.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        match byte {
            b'"' => string(&mut rest, out),
            b'{' | b'[' if rest.peek().is_some_and(|next| *next != byte + 2) => {
                depth += 1;
                out.push(byte);
                line(out, depth);
            }
            b'}' | b']' if out.last().is_some_and(|last| *last != byte - 2) => {
                depth -= 1;
                line(out, depth);
                out.push(byte);
            }
            b',' => {
                out.push(byte);
                line(out, depth);
            }
            b':' => out.extend_from_slice(b": "),
            _ => out.push(byte),
        }
    }
}

/// Copies a string whose opening quote was just read, up to and with its closing quote.
fn string(rest: &mut impl Iterator<Item = u8>, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut escaped = false;
    for byte in rest {
        out.push(byte);
        if byte == b'"' && !escaped {
            return;
        }
        escaped = byte == b'\\' && !escaped;
    }
}

fn line(out: &mut Vec<u8>, depth: usize) {
    out.push(b'\n');
    out.resize(out.len() + 2 * depth, b' ');
}

const BLOCK: usize = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn written(shape: Shape, form: Form, size: u64) -> (Vec<u8>, Written) {
        let mut out = Vec::new();
        let written = write(shape, 42, form, Size(size), &mut out).unwrap();
        (out, written)
    }

    #[test]
    fn the_report_agrees_with_the_file_and_the_size_is_not_exceeded() {
        for form in [Form::Ndjson, Form::ArrayLine, Form::ArrayPretty] {
            let (out, written) = written(Shape::Logs, form, 3_000_000);
            assert_eq!(out.len() as u64, written.bytes);
            assert!(
                (2_990_000..=3_000_000).contains(&written.bytes),
                "{written:?}"
            );
        }
    }

    #[test]
    fn lines_are_those_of_the_in_memory_passes() {
        let (out, _) = written(Shape::Drift, Form::Ndjson, 200_000);
        assert_eq!(out, Records::new(Shape::Drift, 42).lines(200_000));
    }

    #[test]
    fn both_arrays_hold_the_records_of_the_lines() {
        for shape in Shape::TABLE {
            let (lines, _) = written(shape, Form::Ndjson, 50_000);
            let records: Vec<Value> = lines
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(|line| serde_json::from_slice(line).unwrap())
                .collect();
            for form in [Form::ArrayLine, Form::ArrayPretty] {
                let (array, written) = written(shape, form, 40_000);
                let entries: Vec<Value> = serde_json::from_slice(&array).unwrap();
                assert_eq!(entries.len() as u64, written.records);
                assert_eq!(entries[..], records[..entries.len()]);
            }
        }
    }

    #[test]
    fn pretty_looks_as_serde_json_prints_it() {
        let (array, _) = written(Shape::Nested, Form::ArrayPretty, 20_000);
        let value: Value = serde_json::from_slice(&array).unwrap();
        assert_eq!(String::from_utf8(array).unwrap(), format!("{value:#}\n"));
    }

    #[test]
    fn at_least_one_record_is_written() {
        assert_eq!(written(Shape::Rag, Form::Ndjson, 1).1.records, 1);
    }
}
