//! What can be wrong with an audit log.

use std::io;
use std::path::PathBuf;

/// Why an audit log cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuditError {
    /// The key is too short.
    #[error(
        "expected an audit key of at least 16 bytes, found {found} bytes: make one with openssl rand -hex 32"
    )]
    ShortKey {
        /// Its length in bytes.
        found: usize,
    },
    /// The system refused.
    #[error("cannot {action} {}: {source}", file.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// With which file.
        file: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// It is something else than a file.
    #[error("expected {} to be a file: a chain of lines cannot be kept in anything else", file.display())]
    NotAFile {
        /// Its path.
        file: PathBuf,
    },
    /// Another process writes it.
    #[error("{} is written by another process: give each server an audit log of its own", file.display())]
    InUse {
        /// Its path.
        file: PathBuf,
    },
    /// What is there does not hold together. Nothing was changed.
    #[error(
        "{0}: look into it with tonl audit verify; to begin a new log, move this one and its head elsewhere"
    )]
    Broken(VerifyError),
}

/// Why an audit log is not sound.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// It cannot be read, so that nothing can be said.
    #[error("cannot read {}: {source}", file.display())]
    Unreadable {
        /// Which file.
        file: PathBuf,
        /// The system's answer.
        source: io::Error,
    },
    /// There are lines and no head: the end may have been cut off.
    #[error("{} is missing: the end of the log cannot be vouched for", file.display())]
    NoHead {
        /// Where it should be.
        file: PathBuf,
    },
    /// The head is not one that this key made.
    #[error("{}: the head was changed, or the key is not the one of this log", file.display())]
    Head {
        /// Which file.
        file: PathBuf,
    },
    /// A line is wrong.
    #[error("{}:{line}: {damage}", file.display())]
    Line {
        /// Which file.
        file: PathBuf,
        /// The line in it, one-based.
        line: u64,
        /// What is wrong.
        damage: Damage,
    },
    /// The last lines are gone.
    #[error("{}: the log ends with line number {found}, the head says {expected}: the end was cut off", file.display())]
    Truncated {
        /// The file with the last line.
        file: PathBuf,
        /// The number that the head tells.
        expected: u64,
        /// The number of the last line; 0 if there is none.
        found: u64,
    },
}

impl VerifyError {
    /// Whether the log was found to be wrong; otherwise it could not be read.
    pub fn is_tampering(&self) -> bool {
        !matches!(self, Self::Unreadable { .. })
    }
}

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Damage {
    /// It is not one that this log writes.
    #[error("this is not an audit line")]
    NotALine,
    /// It ends without a line break.
    #[error("the line is torn: its end is missing")]
    Torn,
    /// Its number does not follow.
    #[error("expected line number {expected}, found {found}: lines were removed, added or moved")]
    Number {
        /// The number that follows the line before.
        expected: u64,
        /// Its number.
        found: u64,
    },
    /// Its hash is not the one that the next line, or the head, holds.
    #[error(
        "the line was changed: it is not the one that the next line or the head vouches for; or the key is another"
    )]
    Changed,
    /// Its `prev` is not the hash of the line before.
    #[error("the line before was changed, or this one does not belong here; or the key is another")]
    Unlinked,
    /// The head does not know it.
    #[error(
        "the head does not know this line: it was added, or the server ended before it wrote the head"
    )]
    BeyondHead,
}
