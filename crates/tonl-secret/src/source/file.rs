//! Reading a secret's file: a regular file of moderate size, and who else can read it.

use crate::error::{SourceError, SourceErrorKind};
use crate::secret::Secret;
use std::fmt;
use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The largest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 1024 * 1024;

/// A file with secrets that more people can read than its owner. A reason to warn, not to refuse:
/// Docker and Kubernetes mount secrets this way by default.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileWarning {
    /// The file.
    pub path: PathBuf,
    /// Its permission bits, for example `0o644`.
    pub mode: u32,
    /// Who can read it.
    pub readers: Readers,
}

/// Who can read a file beside its owner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Readers {
    /// The members of its group.
    Group,
    /// Everybody on the machine.
    Others,
}

impl FileWarning {
    /// What is unsafe about a file with a secret, if anything is.
    #[cfg(unix)]
    pub fn of(path: &Path, metadata: &Metadata) -> Option<Self> {
        use std::os::unix::fs::PermissionsExt;
        let mode = metadata.permissions().mode() & 0o7777;
        let readers = match (mode & 0o004, mode & 0o040) {
            (0, 0) => return None,
            (0, _) => Readers::Group,
            _ => Readers::Others,
        };
        Some(Self {
            path: path.to_owned(),
            mode,
            readers,
        })
    }

    /// Where files have no permission bits, nothing can be said.
    #[cfg(not(unix))]
    pub fn of(_path: &Path, _metadata: &Metadata) -> Option<Self> {
        None
    }
}

impl fmt::Display for FileWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let readers = match self.readers {
            Readers::Group => "its group",
            Readers::Others => "everybody on this machine",
        };
        let path = self.path.display();
        let mode = self.mode;
        write!(
            f,
            "{path}: {readers} can read it (mode {mode:04o}): chmod 600 {path}"
        )
    }
}

/// What was in a file.
pub(super) struct Content {
    pub(super) secret: Secret,
    pub(super) warning: Option<FileWarning>,
}

/// Reads a file whole, without a byte order mark and one line end.
///
/// # Errors
/// It is not there, not readable, not a regular file, or larger than [`MAX_FILE_BYTES`].
pub(super) fn read(path: &Path) -> Result<Content, SourceError> {
    content(path).map_err(|error| error.at(path.display()))
}

fn content(path: &Path) -> Result<Content, SourceError> {
    // Asked before opening: opening a pipe would wait for somebody to write into it.
    let metadata = std::fs::metadata(path).map_err(|error| unreadable(error.kind()))?;
    refuse_other_than_files(&metadata)?;
    let file = File::open(path).map_err(|error| unreadable(error.kind()))?;
    let metadata = file.metadata().map_err(|error| unreadable(error.kind()))?;
    refuse_other_than_files(&metadata)?;
    if metadata.len() > MAX_FILE_BYTES {
        return Err(too_large());
    }
    // Room for all of it at once: a buffer that grows would leave copies behind.
    let room = usize::try_from(metadata.len()).unwrap_or(0) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(room));
    file.take(MAX_FILE_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(error.kind()))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(too_large());
    }
    Ok(Content {
        secret: Secret::trimmed(bytes.as_slice()),
        warning: FileWarning::of(path, &metadata),
    })
}

fn refuse_other_than_files(metadata: &Metadata) -> Result<(), SourceError> {
    if metadata.is_file() {
        return Ok(());
    }
    let (problem, advice) = if metadata.is_dir() {
        (
            "it is a directory",
            "name the file in it that holds the token; a directory may also mean that the file to \
             mount did not exist",
        )
    } else {
        (
            "it is a pipe, a socket or a device, not a file",
            "name a regular file",
        )
    };
    Err(SourceError::new(SourceErrorKind::NotAFile, problem, advice))
}

fn unreadable(kind: ErrorKind) -> SourceError {
    match kind {
        ErrorKind::NotFound => SourceError::new(
            SourceErrorKind::NotFound,
            "there is no such file",
            "correct the path, or mount the secret",
        ),
        ErrorKind::PermissionDenied => SourceError::new(
            SourceErrorKind::Unreadable,
            "it cannot be read: permission denied",
            "let the user that runs the server own it, with mode 600",
        ),
        other => SourceError::new(
            SourceErrorKind::Unreadable,
            format!("it cannot be read: {other}"),
            "see that it is a file that the user who runs the server can read",
        ),
    }
}

fn too_large() -> SourceError {
    SourceError::new(
        SourceErrorKind::TooLarge,
        "it is larger than 1 MiB",
        "name the file that holds the token alone",
    )
}
