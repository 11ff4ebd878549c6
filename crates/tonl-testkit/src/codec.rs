//! Short ways through writer and reader, as tests need them.

use crate::{Random, json};
use tonl::read::Reader;
use tonl::write::{EndLine, StreamWriter};
use tonl::{Error, Profile, ReadOptions, Types, Value, ValueBuilder, WriteOptions};

/// Every profile with every choice of types.
pub fn all_write_options() -> Vec<WriteOptions> {
    let mut all = Vec::new();
    for profile in [Profile::Compact, Profile::Flat, Profile::Classic] {
        for types in [Types::Always, Types::Auto, Types::Never] {
            let mut options = WriteOptions::default();
            options.profile = profile;
            options.types = types;
            all.push(options);
        }
    }
    all
}

/// The document of a value as the writer writes it.
///
/// # Errors
/// The writer's.
pub fn write(value: &Value, options: &WriteOptions) -> Result<String, Error> {
    write_json(json::text(value).as_bytes(), options)
}

/// The document of a JSON text as the writer writes it.
///
/// # Errors
/// The writer's.
pub fn write_json(text: &[u8], options: &WriteOptions) -> Result<String, Error> {
    let mut out = Vec::new();
    tonl::write::document(text, options, &mut out)?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The records as a stream; with `pauses`, the input pauses before some of them.
///
/// # Errors
/// The writer's.
pub fn write_stream(
    records: &[Value],
    options: &WriteOptions,
    mut pauses: Option<&mut Random>,
) -> Result<String, Error> {
    let mut out = Vec::new();
    let mut writer = StreamWriter::new(options);
    for record in records {
        writer.record(json::text(record).as_bytes(), &mut out)?;
        if pauses.as_mut().is_some_and(|random| random.chance(3)) {
            writer.pause(&mut out);
        }
    }
    writer.finish(EndLine::Count, &mut out);
    Ok(String::from_utf8_lossy(&out).into_owned())
}

/// The value of a document, read in one piece.
///
/// # Errors
/// The reader's.
pub fn read(text: &[u8], options: &ReadOptions) -> Result<Value, Error> {
    read_in_pieces(&[text], options)
}

/// The value of a document whose bytes come in these pieces.
///
/// # Errors
/// The reader's.
pub fn read_in_pieces(pieces: &[&[u8]], options: &ReadOptions) -> Result<Value, Error> {
    let mut builder = ValueBuilder::new();
    let mut reader = Reader::new(*options);
    for piece in pieces {
        reader.push(piece, &mut builder)?;
    }
    reader.finish(&mut builder)?;
    let mut values = builder.take();
    debug_assert_eq!(values.len(), 1, "a document is one value");
    Ok(values.pop().unwrap_or_default())
}

/// Cuts bytes into pieces of random sizes, often of one byte.
pub fn pieces<'b>(mut bytes: &'b [u8], random: &mut Random) -> Vec<&'b [u8]> {
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        let size = match random.below(3) {
            0 => 1,
            1 => 1 + random.below(8),
            _ => 1 + random.below(200),
        };
        let (piece, rest) = bytes.split_at(size.min(bytes.len()));
        pieces.push(piece);
        bytes = rest;
    }
    pieces
}
