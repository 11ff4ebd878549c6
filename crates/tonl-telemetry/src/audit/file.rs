//! The log's files on disk: appended, synced, set aside, and the head beside them.

use super::chain::Sealer;
use super::error::AuditError;
use super::line::{Entry, Link};
use super::record::{Level, Record};
use super::tail::{Tail, rotated};
use super::verify::head_of;
use super::{AuditConfig, RECOVERED, REMOVED, REPLACED, TORN};
use crate::clock::iso;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// An open audit log. One process has it at a time.
#[derive(Debug)]
pub(crate) struct LogFile {
    path: PathBuf,
    file: File,
    sealer: Sealer,
    link: Link,
    /// Bytes of whole lines; whatever a failed write left behind them is cut off before the next.
    bytes: u64,
    began: Option<SystemTime>,
    max_bytes: u64,
    max_age: Duration,
    keep_files: usize,
    head: HeadState,
    tail: Remains,
}

/// Whether the head on disk knows the last line.
#[derive(Debug, PartialEq, Eq)]
enum HeadState {
    Written,
    Due,
}

/// Whether a failed write may have left bytes behind the last line.
#[derive(Debug, PartialEq, Eq)]
enum Remains {
    Clean,
    Unknown,
}

/// What became of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rotation {
    /// The file is neither large nor old enough.
    NotDue,
    /// The file was set aside, and another begun.
    Done,
}

/// How an attempt to write went.
#[derive(Debug)]
pub(crate) enum Written {
    /// All lines are on disk, and the head knows them.
    All,
    /// All lines are on disk; the head does not know them yet.
    WithoutHead(io::Error),
}

impl LogFile {
    /// Opens the log and continues its chain; gives back what it had to note.
    pub(crate) fn open(
        path: &Path,
        config: &AuditConfig,
        now: SystemTime,
    ) -> Result<(Self, Vec<Entry>), AuditError> {
        let sealer = Sealer::new(config.key.clone());
        let file = exclusive(path)?;
        let tail = Tail::read(path, &sealer)?;
        let log = Self {
            path: path.to_owned(),
            file,
            sealer,
            link: tail.link.clone(),
            bytes: tail.whole,
            began: tail.began,
            max_bytes: config.max_bytes,
            max_age: config.max_age,
            keep_files: config.keep_files,
            head: HeadState::Due,
            tail: Remains::Clean,
        };
        let notes = log.settle(&tail, now)?;
        Ok((log, notes))
    }

    /// Looks whether it could be opened; nothing is created or changed. A lock is held for the moment
    /// of the look.
    pub(crate) fn probe(path: &Path, config: &AuditConfig) -> Result<(), AuditError> {
        if !path.exists() {
            return writable_folder(path);
        }
        let _lock = locked(path, OpenOptions::new().append(true))?;
        Tail::read(path, &Sealer::new(config.key.clone())).map(|_| ())
    }

    /// Sets a torn line aside and says what was found.
    fn settle(&self, tail: &Tail, now: SystemTime) -> Result<Vec<Entry>, AuditError> {
        let mut notes = Vec::new();
        if !tail.torn.is_empty() {
            let aside = self.set_torn_aside(&tail.torn, now)?;
            let reason = format!("{} bytes were set aside in {aside}", tail.torn.len());
            notes.push(note("the last line was torn", TORN, &reason, now));
        }
        if tail.beyond_head > 0 {
            let reason = format!("{} lines were not known to the head", tail.beyond_head);
            notes.push(note("the log was not closed", RECOVERED, &reason, now));
        }
        Ok(notes)
    }

    fn set_torn_aside(&self, torn: &[u8], now: SystemTime) -> Result<String, AuditError> {
        let aside = beside(
            &self.path,
            &format!("torn.{}.{}", stamp(now), self.link.seq),
        );
        let mut options = private();
        let mut file = options.create_new(true).write(true).open(&aside);
        if let Err(error) = &file
            && error.kind() == io::ErrorKind::AlreadyExists
        {
            file = options.create_new(false).append(true).open(&aside);
        }
        let write = |mut file: File| file.write_all(torn).and_then(|()| file.sync_all());
        file.and_then(write)
            .map_err(|error| failed("write", &aside, error))?;
        self.file
            .set_len(self.bytes)
            .and_then(|()| self.file.sync_all())
            .map_err(|error| failed("shorten", &self.path, error))?;
        let name = aside.file_name().unwrap_or_default();
        Ok(name.to_string_lossy().into_owned())
    }

    /// Appends the entries as one write. After an error none of them is in the log.
    ///
    /// # Errors
    /// The system's answer. The log stays usable; the same entries can be given again.
    pub(crate) fn append(&mut self, entries: &[Entry]) -> io::Result<Written> {
        if self.tail == Remains::Unknown {
            self.file.set_len(self.bytes)?;
            self.tail = Remains::Clean;
        }
        let mut link = self.link.clone();
        let mut lines = String::new();
        for entry in entries {
            link.extend(&self.sealer, entry, &mut lines);
        }
        self.tail = Remains::Unknown;
        self.file.write_all(lines.as_bytes())?;
        self.file.sync_data()?;
        self.tail = Remains::Clean;
        self.link = link;
        self.bytes += lines.len() as u64;
        self.began = self.began.or(entries.first().map(|entry| entry.time));
        self.head = HeadState::Due;
        Ok(match self.write_head() {
            Ok(()) => Written::All,
            Err(error) => Written::WithoutHead(error),
        })
    }

    /// Writes the head if it is due: beside its place, then renamed into it.
    pub(crate) fn write_head(&mut self) -> io::Result<()> {
        if self.head == HeadState::Written {
            return Ok(());
        }
        let head = self.sealer.head(self.link.seq, &self.link.hash);
        let text = serde_json::to_string(&head).map_err(io::Error::other)?;
        let place = head_of(&self.path);
        let draft = beside(&self.path, "head.new");
        let mut file = private()
            .create(true)
            .write(true)
            .truncate(true)
            .open(&draft)?;
        file.write_all(text.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_data()?;
        std::fs::rename(&draft, &place)?;
        self.head = HeadState::Written;
        Ok(())
    }

    /// Notices that somebody took the file away, and begins another that continues the chain.
    pub(crate) fn reopen_if_gone(&mut self, now: SystemTime) -> io::Result<Option<Entry>> {
        if same_file(&self.file, &self.path) {
            return Ok(None);
        }
        let file = exclusive(&self.path).map_err(|error| match error {
            AuditError::Io { source, .. } => source,
            other => io::Error::other(other),
        })?;
        self.begin(file)?;
        let message = "the audit log's file had gone";
        Ok(Some(note(
            message,
            REPLACED,
            "a new one continues the chain",
            now,
        )))
    }

    /// Sets the file aside if it is large or old enough.
    ///
    /// # Errors
    /// The system's answer; the log goes on in the same file.
    pub(crate) fn rotate_if_due(&mut self, now: SystemTime) -> io::Result<Rotation> {
        let age = self.began.and_then(|began| now.duration_since(began).ok());
        let old = age.is_some_and(|age| age >= self.max_age);
        if self.bytes == 0 || self.head == HeadState::Due || !(old || self.bytes >= self.max_bytes)
        {
            return Ok(Rotation::NotDue);
        }
        let aside = beside(&self.path, &format!("{}.{}", stamp(now), self.link.seq));
        std::fs::rename(&self.path, aside)?;
        let file = exclusive(&self.path).map_err(io::Error::other)?;
        self.begin(file)?;
        Ok(Rotation::Done)
    }

    /// Removes the oldest files that were set aside, beyond those to keep, and gives the line that
    /// says so: it stands in the log that remains, with the number that verification begins at.
    ///
    /// # Errors
    /// The system's answer.
    pub(crate) fn remove_oldest(&self, now: SystemTime) -> io::Result<Option<Entry>> {
        if self.keep_files == 0 {
            return Ok(None);
        }
        let files = rotated(&self.path)?;
        let too_many = files.len().saturating_sub(self.keep_files);
        let (mut removed, mut last) = (0, None);
        for file in files.iter().take(too_many) {
            match std::fs::remove_file(file) {
                Ok(()) => {
                    removed += 1;
                    last = file.to_str().and_then(|name| name.rsplit('.').next());
                }
                // Somebody has taken it to an archive.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) if removed == 0 => return Err(error),
                // The next rotation meets it first, and tells.
                Err(_) => break,
            }
        }
        let Some(last) = last.and_then(|seq| seq.parse::<u64>().ok()) else {
            return Ok(None);
        };
        let from = last.saturating_add(1);
        let reason = format!("{removed} files up to line {last}");
        let record = Record {
            reason: Some(&reason),
            from: Some(from),
            ..Record::new(Level::Warn, "the oldest audit files were removed", REMOVED)
        };
        Ok(Some(Entry {
            time: now,
            members: record.members(),
        }))
    }

    fn begin(&mut self, file: File) -> io::Result<()> {
        self.bytes = file.metadata()?.len();
        self.file = file;
        self.began = None;
        self.tail = Remains::Clean;
        Ok(())
    }
}

/// A line about the log itself.
pub(crate) fn note(message: &str, event: &str, reason: &str, now: SystemTime) -> Entry {
    let record = Record {
        reason: Some(reason),
        ..Record::new(Level::Warn, message, event)
    };
    Entry {
        time: now,
        members: record.members(),
    }
}

/// `<log>.<ending>`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

/// The time without separators, for names of files: `20261125T020000Z`.
fn stamp(time: SystemTime) -> String {
    let iso = iso(time);
    let seconds = iso.split('.').next().unwrap_or_default();
    let plain: String = seconds
        .chars()
        .filter(|c| !matches!(c, '-' | ':'))
        .collect();
    format!("{plain}Z")
}

/// Options for a file that only its owner may read and write.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Opens the log for this process alone, and takes it from everybody else's eyes.
fn exclusive(path: &Path) -> Result<File, AuditError> {
    let file = locked(path, private().create(true).append(true))?;
    #[cfg(unix)]
    {
        let owner_only = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(owner_only)
            .map_err(|source| failed("protect", path, source))?;
    }
    Ok(file)
}

/// Opens the log and locks it.
fn locked(path: &Path, options: &OpenOptions) -> Result<File, AuditError> {
    if path.exists() && !path.is_file() {
        return Err(AuditError::NotAFile {
            file: path.to_owned(),
        });
    }
    let file = (options.open(path)).map_err(|source| failed("open", path, source))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(AuditError::InUse {
            file: path.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(failed("lock", path, source)),
    }
}

fn failed(action: &'static str, file: &Path, source: io::Error) -> AuditError {
    AuditError::Io {
        action,
        file: file.to_owned(),
        source,
    }
}

/// The log, its head and what is set aside are made in this folder.
fn writable_folder(path: &Path) -> Result<(), AuditError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let found = std::fs::metadata(folder).map_err(|source| failed("write in", folder, source))?;
    let may = if found.is_dir() {
        may_write(folder)
    } else {
        Err(io::ErrorKind::NotADirectory.into())
    };
    may.map_err(|source| failed("write in", folder, source))
}

#[cfg(unix)]
fn may_write(folder: &Path) -> io::Result<()> {
    use rustix::fs::{Access, AtFlags, CWD, accessat};
    accessat(
        CWD,
        folder,
        Access::WRITE_OK | Access::EXEC_OK,
        AtFlags::EACCESS,
    )
    .map_err(io::Error::from)
}

#[cfg(not(unix))]
fn may_write(_folder: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn same_file(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |metadata: std::fs::Metadata| (metadata.dev(), metadata.ino());
    match (file.metadata(), std::fs::metadata(path)) {
        (Ok(open), Ok(named)) => identity(open) == identity(named),
        _ => false,
    }
}

#[cfg(not(unix))]
fn same_file(_file: &File, path: &Path) -> bool {
    path.exists()
}
