//! TONL: the push reader over an input.

use crate::error::{Error, Result};
use crate::input::Input;
use ::tonl::read::Reader;
use ::tonl::{EventSink, ReadOptions};
use std::io::Read as _;

/// Reads a TONL text and sends its value. Gives the warnings of a lenient reader.
///
/// # Errors
/// The text's first fault with line and column; what `input` or `sink` report.
pub fn read(input: &Input, options: &ReadOptions, sink: &mut dyn EventSink) -> Result<Vec<String>> {
    read_unnamed(input, options, sink).map_err(|error| error.named(input.name()))
}

const BLOCK_BYTES: usize = 64 << 10;

fn read_unnamed(
    input: &Input,
    options: &ReadOptions,
    sink: &mut dyn EventSink,
) -> Result<Vec<String>> {
    let mut text = input.open()?;
    let mut reader = Reader::new(*options);
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        let count = match text.read(&mut block) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::io("read", error)),
        };
        reader.push(block.get(..count).unwrap_or_default(), sink)?;
    }
    reader.finish(sink)?;
    Ok(reader.warnings().iter().map(ToString::to_string).collect())
}
