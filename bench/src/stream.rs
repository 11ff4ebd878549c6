//! This project's stream writer, called as the passes call the other parsers.

use anyhow::{Context, Result};
use std::hint::black_box;
use tonl::WriteOptions;
use tonl::write::{EndLine, StreamWriter};

/// Converts the lines to TONL; the text goes through `buffer`, which is emptied block by block as a
/// sink would.
///
/// UTF-8 is checked here block by block, which is the writer's contract for parts of a larger text.
///
/// # Errors
/// When a line is refused.
pub fn pass(lines: &[u8], buffer: &mut Vec<u8>) -> Result<()> {
    let mut writer = StreamWriter::new(&WriteOptions::default());
    let mut rest = lines;
    while !rest.is_empty() {
        let (block, behind) = rest.split_at(whole_lines(rest));
        simdutf8::basic::from_utf8(block).context("the lines are not UTF-8")?;
        let mut start = 0;
        while start < block.len() {
            start = match writer.plain_line(block, start, buffer) {
                Some(next) => next,
                None => other_line(&mut writer, block, start, buffer)?,
            };
        }
        black_box(&buffer);
        buffer.clear();
        rest = behind;
    }
    writer.finish(EndLine::Count, buffer);
    black_box(buffer);
    Ok(())
}

/// Writes the line at byte `start`, which is no plain row; gives the byte behind it.
fn other_line(
    writer: &mut StreamWriter,
    block: &[u8],
    start: usize,
    buffer: &mut Vec<u8>,
) -> Result<usize> {
    let end = memchr::memchr(b'\n', &block[start..]).map_or(block.len(), |at| start + at);
    writer.record_in(block, start..end, buffer)?;
    Ok(end + 1)
}

/// The length of the next block: whole lines of at most [`BLOCK`] bytes, or one longer line.
fn whole_lines(rest: &[u8]) -> usize {
    let most = rest.len().min(BLOCK);
    let end = memchr::memrchr(b'\n', &rest[..most])
        .or_else(|| memchr::memchr(b'\n', &rest[most..]).map(|end| most + end));
    end.map_or(rest.len(), |end| end + 1)
}

const BLOCK: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::{Records, Shape};

    #[test]
    fn every_shape_is_streamed_whole() {
        for shape in Shape::TABLE.into_iter().chain([Shape::Wide]) {
            let lines = Records::new(shape, 42).lines(600_000);
            let mut last = Vec::new();
            pass(&lines, &mut last).unwrap();
            let records = memchr::memchr_iter(b'\n', &lines).count();
            assert_eq!(
                last,
                format!("#end {records}\n").as_bytes(),
                "{}",
                shape.name()
            );
        }
    }

    #[test]
    fn blocks_end_at_line_ends_even_when_a_line_is_longer_than_a_block() {
        let long = [vec![b' '; BLOCK + 7], b"\nx\n".to_vec()].concat();
        assert_eq!(whole_lines(&long), BLOCK + 8);
        assert_eq!(whole_lines(b"a\nb\nc"), 4);
        assert_eq!(whole_lines(b"abc"), 3);
    }
}
