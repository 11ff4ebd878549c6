//! Where data goes: standard output, a file that is replaced whole or not at all, a device.
//!
//! A regular file is written beside its target under a temporary name and renamed when all is well,
//! so a failed run leaves what was there. Pipes, devices and what the shell calls `/dev/stdout` have no
//! name to rename: they are written directly. The first error of writing is kept, because the
//! caller's error only says that something below it failed.

use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::interrupt::Unfinished;
use crate::render::progress::Progress;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempPath};
use tonl_convert::Compression;

const BUFFER_BYTES: usize = 64 << 10;

/// Whether an existing file may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Overwrite {
    /// An existing file is an error.
    Refuse,
    /// An existing file is replaced.
    Replace,
}

impl From<bool> for Overwrite {
    fn from(force: bool) -> Self {
        if force { Self::Replace } else { Self::Refuse }
    }
}

/// An open place for data. Nothing is at its place before [`Output::finish`].
#[derive(Debug)]
pub(crate) struct Output {
    writer: BufWriter<Watched>,
    name: PathBuf,
    rename: Option<Rename>,
}

#[derive(Debug)]
struct Rename {
    from: TempPath,
    to: PathBuf,
    unfinished: Unfinished,
}

impl Output {
    /// Standard output.
    pub(crate) fn stdout() -> Self {
        Self::direct(Sink::stdout(), "standard output".into())
    }

    /// The file `path`, replaced whole by [`Output::finish`].
    pub(crate) fn replacing(
        path: &Path,
        overwrite: Overwrite,
        unfinished: &Unfinished,
    ) -> Result<Self> {
        let existing = existing(path, overwrite)?;
        if matches!(existing, Existing::Device) {
            return Self::open(path, OpenOptions::new().write(true));
        }
        let target = resolved(path);
        let folder = parent(&target);
        let refuse = |error: io::Error| unwritable(path, &error);
        let temporary = unfinished.making(|| temporary_in(folder));
        let (file, from) = temporary.map_err(refuse)?.into_parts();
        if let Existing::File(permissions) = existing {
            file.set_permissions(permissions).map_err(|error| {
                unfinished.remove(&from);
                refuse(error)
            })?;
        }
        let mut output = Self::direct(Sink::File(file), path.into());
        output.rename = Some(Rename {
            from,
            to: target,
            unfinished: unfinished.clone(),
        });
        Ok(output)
    }

    /// The file `path`, written as the data comes, for readers that follow it.
    pub(crate) fn growing(path: &Path, overwrite: Overwrite) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.write(true);
        if !matches!(existing(path, overwrite)?, Existing::Device) {
            options.create(true).truncate(true);
        }
        Self::open(path, &options)
    }

    fn open(path: &Path, options: &OpenOptions) -> Result<Self> {
        let file = options
            .open(path)
            .map_err(|error| unwritable(path, &error))?;
        Ok(Self::direct(Sink::File(file), path.into()))
    }

    fn direct(sink: Sink, name: PathBuf) -> Self {
        let watched = Watched {
            sink,
            progress: None,
            failure: None,
        };
        Self {
            writer: BufWriter::with_capacity(BUFFER_BYTES, watched),
            name,
            rename: None,
        }
    }

    /// The same output, telling a person how much has left the buffer.
    pub(crate) fn showing(mut self, progress: Progress) -> Self {
        self.writer.get_mut().progress = Some(progress);
        self
    }

    /// Lets `write` write through a compressor. What it wrote before an error is complete, too.
    pub(crate) fn compressed<T>(
        &mut self,
        compression: Compression,
        write: impl FnOnce(&mut dyn Write) -> tonl_convert::Result<T>,
    ) -> tonl_convert::Result<T> {
        let mut writer = compression.writer(self)?;
        let written = write(&mut writer);
        let ended = writer.finish();
        let value = written?;
        ended.map_err(|error| tonl_convert::Error::io("write", error))?;
        Ok(value)
    }

    /// Puts what was written in its place.
    ///
    /// `worked` is what the writing ended with. Its error is passed on, unless this output is the cause
    /// and can say more. `None` means that the reader of a pipe has closed it, which is no error.
    pub(crate) fn finish<T>(mut self, worked: Result<T>) -> Result<Option<T>> {
        if worked.is_ok() {
            let _kept = self.writer.flush();
        }
        match &self.writer.get_ref().failure {
            Some(error) if error.kind() == ErrorKind::BrokenPipe => Ok(None),
            Some(error) => Err(unwritable(&self.name, error)),
            None => {
                let value = worked?;
                self.put_in_place()?;
                Ok(Some(value))
            }
        }
    }

    fn put_in_place(&mut self) -> Result<()> {
        let Some(Rename {
            from,
            to,
            unfinished,
        }) = self.rename.take()
        else {
            return Ok(());
        };
        let name = from.to_path_buf();
        unfinished
            .placing(&name, || from.persist(&to))
            .map_err(|error| unwritable(&self.name, &error.error))
    }

    /// Writes all of `bytes` and finishes.
    pub(crate) fn write_whole(mut self, bytes: &[u8]) -> Result<Exit> {
        let worked = self
            .writer
            .write_all(bytes)
            .map_err(|error| unwritable(&self.name, &error));
        self.finish(worked)?;
        Ok(Exit::Success)
    }
}

impl Drop for Output {
    fn drop(&mut self) {
        if let Some(rename) = &self.rename {
            rename.unfinished.remove(&rename.from);
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer.flush()
    }
}

/// A sink that tells how much it took and keeps its first error.
#[derive(Debug)]
struct Watched {
    sink: Sink,
    progress: Option<Progress>,
    failure: Option<io::Error>,
}

impl Watched {
    fn keep<T>(&mut self, outcome: io::Result<T>) -> io::Result<T> {
        outcome.inspect_err(|error| {
            if error.kind() != ErrorKind::Interrupted && self.failure.is_none() {
                self.failure = Some(copy(error));
            }
        })
    }
}

impl Write for Watched {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let outcome = self.sink.write_all(bytes);
        self.keep(outcome)?;
        if let Some(progress) = &self.progress {
            progress.advance(bytes.len() as u64);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let outcome = self.sink.flush();
        self.keep(outcome)
    }
}

fn copy(error: &io::Error) -> io::Error {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code),
        None => error.kind().into(),
    }
}

#[derive(Debug)]
enum Sink {
    File(File),
    Standard(io::Stdout),
}

impl Sink {
    /// Standard output without the line buffer of the standard library, where there is a descriptor.
    fn stdout() -> Self {
        #[cfg(unix)]
        {
            use std::os::fd::AsFd;
            if let Ok(descriptor) = io::stdout().as_fd().try_clone_to_owned() {
                return Self::File(descriptor.into());
            }
        }
        Self::Standard(io::stdout())
    }

    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::File(file) => file.write_all(bytes),
            Self::Standard(stdout) => stdout.write_all(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Standard(stdout) => stdout.flush(),
        }
    }
}

/// What is at an output's path already.
enum Existing {
    Nothing,
    File(Permissions),
    Device,
}

fn existing(path: &Path, overwrite: Overwrite) -> Result<Existing> {
    if stands_for_a_descriptor(path) {
        return Ok(Existing::Device);
    }
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Existing::Nothing),
        Err(error) => return Err(unwritable(path, &error)),
    };
    if metadata.is_dir() {
        let message = format!("cannot write {}: it is a directory", path.display());
        return Err(Failure::new(message).with_hint("name a file, or use --output-dir"));
    }
    if !metadata.is_file() {
        return Ok(Existing::Device);
    }
    if overwrite == Overwrite::Refuse {
        let message = format!("{} exists already", path.display());
        return Err(Failure::new(message).with_hint("use --force to replace it"));
    }
    if metadata.permissions().readonly() {
        let message = format!("cannot write {}: the file is read-only", path.display());
        return Err(Failure::new(message).with_hint("allow writing to it, or name another output"));
    }
    Ok(Existing::File(metadata.permissions()))
}

fn stands_for_a_descriptor(path: &Path) -> bool {
    ["/dev/stdout", "/dev/stderr", "/dev/fd", "/proc/self/fd"]
        .iter()
        .any(|device| path.starts_with(device))
}

/// The file that a chain of symbolic links leads to, also when it does not exist yet: the link
/// stays, what it names is replaced.
fn resolved(path: &Path) -> PathBuf {
    if let Ok(target) = path.canonicalize() {
        return target;
    }
    match std::fs::read_link(path) {
        Ok(link) => parent(path).join(link),
        Err(_) => path.into(),
    }
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A file with a temporary name; what the process' mask leaves of reading and writing is allowed.
fn temporary_in(folder: &Path) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".tonl-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(Permissions::from_mode(0o666));
    }
    builder.tempfile_in(folder)
}

fn unwritable(path: &Path, error: &io::Error) -> Failure {
    let failure = Failure::io("write", path, error);
    match error.kind() {
        ErrorKind::NotFound if !parent(path).exists() => {
            failure.with_hint("create the folder first")
        }
        ErrorKind::StorageFull => failure.with_hint("free some space and run again"),
        ErrorKind::PermissionDenied => {
            failure.with_hint("name another output, or ask for the right to write there")
        }
        _ => failure,
    }
}
