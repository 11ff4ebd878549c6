//! Where the bytes come from: a file, a slice, or a stream that is kept so that it can be read
//! again.
//!
//! Conversions in constant memory read their input twice. An [`Input`] can therefore be opened any
//! number of times, and each reader begins at the first byte. It hides compression, and it refuses
//! what is not text in UTF-8 from its first bytes on.

use crate::compression::Compression;
use crate::error::{Error, Result};
use crate::format::Format;
use crate::progress::{Progress, Told};
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Bytes that can be read several times.
#[derive(Clone, Debug)]
pub struct Input {
    name: String,
    origin: Origin,
    progress: Option<Progress>,
}

#[derive(Clone, Debug)]
enum Origin {
    File(PathBuf),
    Memory(Arc<[u8]>),
    Spool(Arc<Mutex<File>>),
}

impl Input {
    /// How many bytes of a stream are kept in memory before they go to a temporary file.
    pub const SPOOL_BYTES: usize = 1 << 20;

    /// How many bytes are looked at to recognise a format.
    pub const HEAD_BYTES: usize = 64 * 1024;

    /// The file at `path`. What is no regular file, such as a named pipe, is read to its end now.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`] if it cannot be found or read,
    /// [`crate::ErrorKind::Directory`] if it is a directory.
    pub fn from_path(path: impl Into<PathBuf>) -> Result<Self> {
        let path = path.into();
        let name = path.display().to_string();
        let found =
            std::fs::metadata(&path).map_err(|error| Error::io("open", error).named(&name))?;
        if found.is_dir() {
            return Err(Error::directory().named(&name));
        }
        if !found.is_file() {
            let file = File::open(&path).map_err(|error| Error::io("open", error).named(&name))?;
            return Self::from_reader(name, file);
        }
        Ok(Self::new(name, Origin::File(path)))
    }

    /// These bytes, under a name for error messages.
    pub fn from_bytes(name: impl Into<String>, bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::new(name.into(), Origin::Memory(bytes.into()))
    }

    /// All bytes of `reader`, read now: up to [`Input::SPOOL_BYTES`] are kept in memory, more go to
    /// an unnamed temporary file that vanishes with the input.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`] if the reader or the temporary file fails.
    pub fn from_reader(name: impl Into<String>, reader: impl Read) -> Result<Self> {
        let name = name.into();
        let origin = spool(reader).map_err(|error| error.named(&name))?;
        Ok(Self::new(name, origin))
    }

    fn new(name: String, origin: Origin) -> Self {
        Self {
            name,
            origin,
            progress: None,
        }
    }

    /// The same input, telling how much of it is read by conversions.
    #[must_use]
    pub fn telling(mut self, progress: Progress) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Who is told what is read.
    pub(crate) fn progress(&self) -> Option<&Progress> {
        self.progress.as_ref()
    }

    /// The name for error messages: the path, or what the caller gave.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's path, if it is a file.
    pub fn path(&self) -> Option<&Path> {
        match &self.origin {
            Origin::File(path) => Some(path),
            Origin::Memory(_) | Origin::Spool(_) => None,
        }
    }

    /// How many bytes there are, before decompression, as far as that is known.
    pub fn stored_bytes(&self) -> Option<u64> {
        match &self.origin {
            Origin::File(path) => std::fs::metadata(path).ok().map(|found| found.len()),
            Origin::Memory(bytes) => Some(bytes.len() as u64),
            Origin::Spool(file) => {
                let file = file.lock().unwrap_or_else(PoisonError::into_inner);
                file.metadata().ok().map(|found| found.len())
            }
        }
    }

    /// How many bytes there are after decompression; compressed ones are read to count them.
    ///
    /// # Errors
    /// As [`Input::open`], and failures of reading.
    pub fn text_bytes(&self) -> Result<u64> {
        match self.stored_bytes() {
            Some(bytes) if !self.is_compressed()? => Ok(bytes),
            _ => io::copy(&mut self.open()?, &mut io::sink())
                .map_err(|error| Error::io("read", error).named(&self.name)),
        }
    }

    /// Whether the bytes are those of a compressed text.
    ///
    /// # Errors
    /// Failures of opening and reading.
    pub fn is_compressed(&self) -> Result<bool> {
        let mut stored = self.open_stored()?;
        let magic = read_head(&mut *stored, Compression::MAGIC_LEN)?;
        Ok(Compression::from_magic(&magic) != Compression::None)
    }

    /// A reader of the decompressed bytes, from the first on.
    ///
    /// # Errors
    /// [`crate::ErrorKind::Io`], [`crate::ErrorKind::Damaged`], and
    /// [`crate::ErrorKind::Encoding`] if the first bytes are those of UTF-16, UTF-32 or of no text.
    pub fn open(&self) -> Result<Box<dyn Read + Send>> {
        self.open_unnamed().map_err(|error| error.named(&self.name))
    }

    /// The first [`Input::HEAD_BYTES`] decompressed bytes, or all if there are fewer.
    ///
    /// # Errors
    /// As [`Input::open`], and failures of reading.
    pub fn head(&self) -> Result<Vec<u8>> {
        let stored = self.open_stored();
        let reader = stored.and_then(|stored| self.text_of(stored));
        let mut reader = reader.map_err(|error| error.named(&self.name))?;
        read_head(&mut *reader, Self::HEAD_BYTES).map_err(|error| error.named(&self.name))
    }

    /// The format that the path's extension names, or else the content shows.
    ///
    /// # Errors
    /// [`crate::ErrorKind::UnknownFormat`] if neither tells; as [`Input::head`].
    pub fn format(&self) -> Result<Format> {
        if let Some(format) = self.path().and_then(Format::from_path) {
            return Ok(format);
        }
        Format::from_content(&self.head()?).map_err(|error| error.named(&self.name))
    }

    fn open_unnamed(&self) -> Result<Box<dyn Read + Send>> {
        let stored = self.open_stored()?;
        match &self.progress {
            Some(progress) => self.text_of(Box::new(Told::new(stored, progress.clone()))),
            None => self.text_of(stored),
        }
    }

    /// Decompresses what is stored and looks at its first bytes.
    fn text_of(&self, mut stored: Box<dyn Read + Send>) -> Result<Box<dyn Read + Send>> {
        let magic = read_head(&mut *stored, Compression::MAGIC_LEN)?;
        let shown = Compression::from_magic(&magic);
        let named = self
            .path()
            .map_or(Compression::None, Compression::from_path);
        if named != Compression::None && shown != named {
            let error = io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the name says {named}, the content does not"),
            );
            let hint = "remove the extension if the file is not compressed; \
                        an empty file may be an interrupted download";
            return Err(Error::io("decompress", error).with_hint(hint));
        }
        let mut text = shown.reader(Box::new(Cursor::new(magic).chain(stored)))?;
        let first = read_head(&mut *text, 4)?;
        check_encoding(&first)?;
        Ok(Box::new(Cursor::new(first).chain(text)))
    }

    fn open_stored(&self) -> Result<Box<dyn Read + Send>> {
        Ok(match &self.origin {
            Origin::File(path) => {
                Box::new(File::open(path).map_err(|error| Error::io("open", error))?)
            }
            Origin::Memory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            Origin::Spool(file) => Box::new(SpoolReader {
                file: Arc::clone(file),
                at: 0,
            }),
        })
    }
}

/// Refuses a text whose first bytes (four are enough) show that it is not UTF-8.
///
/// # Errors
/// [`crate::ErrorKind::Encoding`], with the remedy as its hint.
pub fn check_encoding(first: &[u8]) -> Result<()> {
    let utf16 = "convert it first, for example with: iconv -f UTF-16 -t UTF-8";
    let (found, hint) = match first {
        [0xFF, 0xFE, 0, 0, ..] | [0, 0, 0xFE, 0xFF, ..] => (
            "the byte-order mark of UTF-32",
            "convert it first, for example with: iconv -f UTF-32 -t UTF-8",
        ),
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => ("the byte-order mark of UTF-16", utf16),
        // Every second byte, or three of four: other NUL bytes are faults with a position.
        [0, _, 0, _, ..] | [_, 0, _, 0, ..] => (
            "NUL bytes, as in UTF-16 without a byte-order mark",
            "convert it first, for example with: iconv -f UTF-16LE -t UTF-8",
        ),
        _ => return Ok(()),
    };
    Err(Error::encoding(found).with_hint(hint))
}

/// Reads until `len` bytes are there or the reader ends.
fn read_head(reader: &mut dyn Read, len: usize) -> Result<Vec<u8>> {
    let mut head = Vec::with_capacity(len.min(Input::HEAD_BYTES));
    reader
        .take(len as u64)
        .read_to_end(&mut head)
        .map_err(|error| Error::io("read", error))?;
    Ok(head)
}

fn spool(mut reader: impl Read) -> Result<Origin> {
    let failed = |error| Error::io("read", error);
    let mut head = read_head(&mut reader, Input::SPOOL_BYTES)?;
    if head.len() < Input::SPOOL_BYTES {
        head.shrink_to_fit();
        return Ok(Origin::Memory(head.into()));
    }
    let keep = |error| Error::io("keep the input in a temporary file", error);
    let mut file = tempfile::tempfile().map_err(keep)?;
    file.write_all(&head).map_err(keep)?;
    let mut buffer = head;
    loop {
        let count = match reader.read(&mut buffer) {
            Ok(0) => return Ok(Origin::Spool(Arc::new(Mutex::new(file)))),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(failed(error)),
        };
        let part = buffer.get(..count).unwrap_or_default();
        file.write_all(part).map_err(keep)?;
    }
}

/// Reads a shared file from its own place in it.
struct SpoolReader {
    file: Arc<Mutex<File>>,
    at: u64,
}

impl Read for SpoolReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.at))?;
        let count = file.read(buffer)?;
        self.at += count as u64;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn all(mut reader: impl Read) -> Vec<u8> {
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn a_stream_is_read_again_from_memory_or_file() {
        for len in [0, 1, 5, Input::SPOOL_BYTES - 1, Input::SPOOL_BYTES, 3 << 20] {
            let bytes: Vec<u8> = (b'a'..=b'w').cycle().take(len).collect();
            let input = Input::from_reader("-", bytes.as_slice()).unwrap();
            assert_eq!(input.stored_bytes(), Some(len as u64));
            let mut first = input.open().unwrap();
            let mut some = vec![0; len.min(100)];
            first.read_exact(&mut some).unwrap();
            assert_eq!(all(input.open().unwrap()), bytes);
            assert_eq!(all(first).len(), len - some.len());
        }
    }

    #[test]
    fn compressed_bytes_come_out_as_text() {
        for codec in [Compression::Gzip, Compression::Zstd] {
            let mut writer = codec.writer(Vec::new()).unwrap();
            writer.write_all(b"[1,2]").unwrap();
            let input = Input::from_bytes("-", writer.finish().unwrap());
            assert_eq!(all(input.open().unwrap()), b"[1,2]");
            assert_eq!(input.format().unwrap(), Format::Json);
        }
    }

    #[test]
    fn a_directory_and_a_missing_file_are_named() {
        let dir = tempfile::tempdir().unwrap();
        let error = Input::from_path(dir.path()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Directory);
        assert!(
            error
                .to_string()
                .contains(&dir.path().display().to_string())
        );
        let error = Input::from_path(dir.path().join("none.json")).unwrap_err();
        assert_eq!(error.io_error().unwrap().kind(), io::ErrorKind::NotFound);
        assert!(error.to_string().contains("none.json"));
    }

    #[test]
    fn a_name_that_promises_gzip_must_keep_it() {
        let dir = tempfile::tempdir().unwrap();
        for content in ["", "[1]"] {
            let path = dir.path().join("a.json.gz");
            std::fs::write(&path, content).unwrap();
            let error = Input::from_path(&path).unwrap().open().err().unwrap();
            assert!(error.to_string().contains("the name says gzip"), "{error}");
        }
    }

    #[test]
    fn other_encodings_are_refused_with_a_remedy() {
        for bytes in [
            &b"\xFF\xFE[\0"[..],
            b"\xFE\xFF\0[",
            b"\xFF\xFE\0\0",
            b"[\0]\0",
            b"\0\0\0[",
        ] {
            let error = Input::from_bytes("x", bytes).open().err().unwrap();
            assert_eq!(error.kind(), ErrorKind::Encoding);
            assert!(error.hint().unwrap().contains("iconv"));
        }
        assert_eq!(
            all(Input::from_bytes("x", &b"\xEF\xBB\xBF1"[..])
                .open()
                .unwrap())
            .len(),
            4
        );
    }

    #[test]
    fn a_lone_nul_byte_is_left_to_the_source_that_knows_its_position() {
        for text in [&b"[\0]\n"[..], b"\0", b"\0[1]", b"a\0"] {
            assert_eq!(all(Input::from_bytes("x", text).open().unwrap()), text);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_device_is_read_once_and_kept() {
        let input = Input::from_path("/dev/null").unwrap();
        assert_eq!(input.path(), None);
        assert_eq!(all(input.open().unwrap()), b"");
    }
}
