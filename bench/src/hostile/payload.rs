//! Bodies that are meant to hurt.

use anyhow::Result;
use flate2::write::GzEncoder;
use flate2::{Compress, Compression, FlushCompress};
use std::io::{self, Write};

/// 48 MiB.
pub(super) const LARGE: usize = 48 << 20;

/// A text again and again, up to this many bytes.
pub(super) fn repeated(text: &[u8], bytes: usize) -> Vec<u8> {
    text.iter().copied().cycle().take(bytes).collect()
}

/// A JSON array of empty arrays, in this many bytes or a few less.
pub(super) fn array_of_arrays(bytes: usize) -> Vec<u8> {
    let mut text = vec![b'['];
    text.extend(repeated(b"[],", bytes / 3 * 3));
    text.extend_from_slice(b"[]]");
    text
}

/// One object with this many keys.
pub(super) fn keys(count: usize) -> Vec<u8> {
    let mut text = vec![b'{'];
    for key in 0..count {
        let comma = if key == 0 { "" } else { "," };
        text.extend_from_slice(format!("{comma}\"k{key}\":1").as_bytes());
    }
    text.push(b'}');
    text
}

/// This many arrays, each in the one before.
pub(super) fn nested(depth: usize) -> Vec<u8> {
    let mut text = vec![b'['; depth];
    text.extend(vec![b']'; depth]);
    text
}

/// A compressed body.
pub(super) fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut coder = GzEncoder::new(Vec::new(), Compression::best());
    coder.write_all(bytes)?;
    Ok(coder.finish()?)
}

/// A compressed body.
pub(super) fn zstd(bytes: &[u8]) -> Result<Vec<u8>> {
    Ok(::zstd::encode_all(bytes, 3)?)
}

/// A compressed body.
pub(super) fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut coded = Vec::new();
    let mut coder = ::brotli::CompressorWriter::new(&mut coded, 64 << 10, 5, 22);
    coder.write_all(bytes)?;
    drop(coder);
    Ok(coded)
}

/// The beginning of a gzip member, and sixteen mebibytes of zeros in it. The second part may be
/// repeated without end.
pub(super) fn endless_gzip() -> Result<(Vec<u8>, Vec<u8>)> {
    let head = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut coder = Compress::new(Compression::best(), false);
    let zeros = vec![0; 16 << 20];
    let mut part = Vec::with_capacity(1 << 20);
    coder.compress_vec(&zeros, &mut part, FlushCompress::Full)?;
    Ok((head, part))
}

/// A body in chunks of HTTP, sent as it is made.
pub(super) struct Chunks<W>(pub(super) W);

impl<W: Write> Chunks<W> {
    /// Sends a chunk.
    pub(super) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        write!(self.0, "{:x}\r\n", bytes.len())?;
        self.0.write_all(bytes)?;
        self.0.write_all(b"\r\n")
    }

    /// Sends the last chunk.
    pub(super) fn end(&mut self) -> io::Result<()> {
        self.0.write_all(b"0\r\n\r\n")
    }
}
