//! Gzip and zstd around any of the formats.
//!
//! On reading the first bytes decide, on writing the file's extension. A stream that ends too early
//! is an error, never a shorter text.

use crate::error::{Damaged, Error, Result};
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;

/// How a file is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Compression {
    /// Not at all.
    #[default]
    None,
    /// Gzip (RFC 1952), of one or several members; extension `.gz`.
    Gzip,
    /// Zstandard (RFC 8878), of one or several frames; extension `.zst`.
    Zstd,
}

impl Compression {
    /// How many bytes [`Compression::from_magic`] needs to decide.
    pub const MAGIC_LEN: usize = 4;

    /// The compression that a file's last extension names; letter case does not matter.
    pub fn from_path(path: &Path) -> Self {
        let extension = path.extension().and_then(OsStr::to_str).unwrap_or_default();
        match extension.to_ascii_lowercase().as_str() {
            "gz" | "gzip" => Self::Gzip,
            "zst" | "zstd" => Self::Zstd,
            _ => Self::None,
        }
    }

    /// The compression that a stream's first bytes show.
    pub fn from_magic(head: &[u8]) -> Self {
        match head {
            [0x1F, 0x8B, ..] => Self::Gzip,
            [0x28, 0xB5, 0x2F, 0xFD, ..] | [0x50..=0x5F, 0x2A, 0x4D, 0x18, ..] => Self::Zstd,
            _ => Self::None,
        }
    }

    /// The file's path without the extension of its compression, if it has one.
    pub fn strip_extension(path: &Path) -> &Path {
        match Self::from_path(path) {
            Self::None => path,
            // The stem alone is enough: who strips looks for the next extension only.
            Self::Gzip | Self::Zstd => path.file_stem().map_or(path, Path::new),
        }
    }

    /// A reader of the decompressed bytes of `inner`.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`] if the decoder cannot be set up. Reading fails with
    /// [`crate::ErrorKind::Damaged`] (see [`Error::io`]) where the stream is cut off or corrupt.
    pub fn reader<'a>(self, inner: Box<dyn Read + Send + 'a>) -> Result<Box<dyn Read + Send + 'a>> {
        let decoder: Box<dyn Read + Send + 'a> = match self {
            Self::None => return Ok(inner),
            Self::Gzip => Box::new(MultiGzDecoder::new(inner)),
            Self::Zstd => {
                Box::new(zstd::Decoder::new(inner).map_err(|error| Error::io("decompress", error))?)
            }
        };
        let codec = self.as_str();
        Ok(Box::new(Decompressing { decoder, codec }))
    }

    /// A writer that compresses into `inner`; it must be [finished](CompressedWriter::finish).
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`] if the encoder cannot be set up.
    pub fn writer<W: Write>(self, inner: W) -> Result<CompressedWriter<W>> {
        let encoder = match self {
            Self::None => Encoder::None(inner),
            Self::Gzip => Encoder::Gzip(GzEncoder::new(inner, flate2::Compression::default())),
            Self::Zstd => Encoder::Zstd(Box::new(
                zstd::Encoder::new(inner, 0).map_err(|error| Error::io("compress", error))?,
            )),
        };
        Ok(CompressedWriter { encoder })
    }

    /// The name, as it is printed.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Compresses what is written to it.
///
/// Dropping it without [`CompressedWriter::finish`] leaves a truncated stream.
#[must_use = "a compressed stream is complete only when it is finished"]
pub struct CompressedWriter<W: Write> {
    encoder: Encoder<W>,
}

enum Encoder<W: Write> {
    None(W),
    Gzip(GzEncoder<W>),
    Zstd(Box<zstd::Encoder<'static, W>>),
}

impl<W: Write> CompressedWriter<W> {
    /// Writes the end of the stream and gives the inner writer back, flushed.
    ///
    /// # Errors
    /// What the inner writer reports.
    pub fn finish(self) -> io::Result<W> {
        let mut inner = match self.encoder {
            Encoder::None(inner) => inner,
            Encoder::Gzip(encoder) => encoder.finish()?,
            Encoder::Zstd(encoder) => encoder.finish()?,
        };
        inner.flush()?;
        Ok(inner)
    }

    fn writer(&mut self) -> &mut dyn Write {
        match &mut self.encoder {
            Encoder::None(inner) => inner,
            Encoder::Gzip(encoder) => encoder,
            Encoder::Zstd(encoder) => encoder.as_mut(),
        }
    }
}

impl<W: Write> Write for CompressedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer().write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer().flush()
    }
}

impl<W: Write> fmt::Debug for CompressedWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let codec = match &self.encoder {
            Encoder::None(_) => Compression::None,
            Encoder::Gzip(_) => Compression::Gzip,
            Encoder::Zstd(_) => Compression::Zstd,
        };
        f.debug_struct("CompressedWriter")
            .field("compression", &codec)
            .finish_non_exhaustive()
    }
}

/// Says "truncated" or "corrupt", and of what, where a decoder reports a bare I/O error.
struct Decompressing<'a> {
    decoder: Box<dyn Read + Send + 'a>,
    codec: &'static str,
}

impl Read for Decompressing<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.decoder
            .read(buffer)
            .map_err(|error| damaged(error, self.codec))
    }
}

fn damaged(error: io::Error, codec: &'static str) -> io::Error {
    let detail = match error.kind() {
        io::ErrorKind::Interrupted | io::ErrorKind::WouldBlock => return error,
        io::ErrorKind::UnexpectedEof => "truncated: it ends too early".to_owned(),
        // A failure of the file underneath has a number of the operating system.
        _ if error.raw_os_error().is_some() => return error,
        _ => format!("corrupt: {error}"),
    };
    io::Error::new(error.kind(), Damaged { codec, detail })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    const CODECS: [Compression; 3] = [Compression::None, Compression::Gzip, Compression::Zstd];

    fn compress(codec: Compression, text: &[u8]) -> Vec<u8> {
        let mut writer = codec.writer(Vec::new()).unwrap();
        writer.write_all(text).unwrap();
        writer.finish().unwrap()
    }

    fn decompress(codec: Compression, bytes: &[u8]) -> Result<Vec<u8>> {
        let mut text = Vec::new();
        codec
            .reader(Box::new(bytes))?
            .read_to_end(&mut text)
            .map_err(|error| Error::io("read", error))?;
        Ok(text)
    }

    fn sample() -> Vec<u8> {
        (0..5_000_u32)
            .flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes())
            .collect()
    }

    #[test]
    fn what_is_written_is_recognised_and_read_back() {
        for codec in CODECS {
            let bytes = compress(codec, &sample());
            assert_eq!(Compression::from_magic(&bytes), codec);
            assert_eq!(decompress(codec, &bytes).unwrap(), sample());
        }
    }

    #[test]
    fn several_members_and_frames_are_one_text() {
        for codec in CODECS {
            let mut bytes = compress(codec, b"one\n");
            bytes.extend(compress(codec, b""));
            bytes.extend(compress(codec, b"two\n"));
            assert_eq!(decompress(codec, &bytes).unwrap(), b"one\ntwo\n");
        }
    }

    #[test]
    fn a_stream_cut_off_anywhere_is_an_error() {
        for codec in [Compression::Gzip, Compression::Zstd] {
            let bytes = compress(codec, &sample());
            for end in [
                0,
                1,
                3,
                5,
                12,
                bytes.len() / 2,
                bytes.len() - 5,
                bytes.len() - 1,
            ] {
                // Nothing at all is no stream that could be cut off: the caller sees no magic.
                if end == 0 {
                    continue;
                }
                let error = decompress(codec, &bytes[..end]).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Damaged, "{codec} {end} {error}");
                assert!(
                    error.to_string().contains("truncated"),
                    "{codec} {end} {error}"
                );
                assert!(error.hint().is_some());
            }
        }
    }

    #[test]
    fn a_changed_byte_or_foreign_bytes_behind_the_stream_are_errors() {
        for codec in [Compression::Gzip, Compression::Zstd] {
            let mut bytes = compress(codec, b"some text, some text, some text");
            let mut tail = bytes.clone();
            tail.extend(b"garbage that is no member");
            assert_eq!(
                decompress(codec, &tail).unwrap_err().kind(),
                ErrorKind::Damaged
            );
            if codec == Compression::Gzip {
                let at = bytes.len() - 6;
                bytes[at] ^= 0x55;
                assert_eq!(
                    decompress(codec, &bytes).unwrap_err().kind(),
                    ErrorKind::Damaged
                );
            }
        }
    }

    #[test]
    fn extensions_name_the_compression_in_any_letter_case() {
        for (path, codec) in [
            ("a.json.gz", Compression::Gzip),
            ("A.JSON.GZ", Compression::Gzip),
            ("dir.gz/a.ndjson.zst", Compression::Zstd),
            ("dir.gz/a.json", Compression::None),
            ("gz", Compression::None),
        ] {
            assert_eq!(Compression::from_path(Path::new(path)), codec, "{path}");
        }
        let stripped = Compression::strip_extension(Path::new("x/a.json.gz"));
        assert_eq!(stripped.extension().unwrap(), "json");
    }
}
