//! The audit log: security events as JSON lines that vouch for each other.
//!
//! Every line holds the hash of the line before (`prev`), so that a line cannot be changed, removed,
//! added or moved without breaking the chain; `<log>.head` holds the number and the hash of the last
//! line, so that the end cannot be cut off. With a key the hashes are HMACs and the head is signed:
//! then nobody without the key can forge either. What it cannot see: a log *and* its head replaced by
//! older copies of both. Ship the lines to another machine, or note the last hash that [`verify`]
//! tells, where that matters.
//!
//! Lines go through a bounded queue to one thread, which writes them in batches and syncs each batch,
//! so that a flood of refusals never waits for the disk. No line disappears in silence: one that finds
//! no room is counted, is logged by the ordinary log, and stands as a gap in the log itself; what
//! cannot be written is kept and written later. See `docs/decisions/0010-audit-log.md`.
//!
//! The invariant: the head on disk is never ahead of the log on disk. The trap: the file must not be
//! moved by other tools (`logrotate`); it rotates itself, because the chain runs on through all files.

mod chain;
mod error;
mod file;
mod line;
mod record;
mod tail;
mod thread;
mod verify;
mod writer;

pub use chain::AuditKey;
pub use error::{AuditError, Damage, VerifyError};
pub use record::{Level, Record};
pub use verify::{Verified, verify, verify_from};
pub use writer::AuditLog;

use std::path::PathBuf;
use std::time::Duration;

/// Where the audit log is and what it does at its limits.
#[derive(Clone, Debug)]
pub struct AuditConfig {
    /// The file; none leaves audit events to the ordinary log.
    pub path: Option<PathBuf>,
    /// The key of the HMACs; without one, hashes are plain SHA-256.
    pub key: Option<AuditKey>,
    /// A file of at least so many bytes is set aside before the next lines.
    pub max_bytes: u64,
    /// A file whose first line is so old is set aside before the next lines.
    pub max_age: Duration,
    /// How many files that were set aside are kept; the oldest are removed beyond it, and a line says
    /// so. 0 keeps all.
    pub keep_files: usize,
    /// What becomes of requests while lines cannot be written.
    pub on_failure: OnFailure,
}

impl AuditConfig {
    /// 100 MiB.
    pub const DEFAULT_MAX_BYTES: u64 = 100 * 1024 * 1024;

    /// 30 days.
    pub const DEFAULT_MAX_AGE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

    /// 10: a gigabyte, or ten months of quiet ones.
    pub const DEFAULT_KEEP_FILES: usize = 10;

    /// An audit log at this path without a key, with the default limits, that fails open.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self {
            path: Some(path.into()),
            key: None,
            max_bytes: Self::DEFAULT_MAX_BYTES,
            max_age: Self::DEFAULT_MAX_AGE,
            keep_files: Self::DEFAULT_KEEP_FILES,
            on_failure: OnFailure::Open,
        }
    }
}

/// What becomes of requests while audit lines cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnFailure {
    /// They are served; the failure is a metric and an error in the ordinary log.
    Open,
    /// They are refused: [`crate::Telemetry::audit_healthy`] is `false`.
    Closed,
}

/// The event of a line that stands for lines that were lost.
pub(crate) const GAP: &str = "audit_gap";
/// The event of a line that tells of a torn line that was set aside.
pub(crate) const TORN: &str = "audit_torn_line";
/// The event of a line that tells of lines that the head did not know.
pub(crate) const RECOVERED: &str = "audit_recovered";
/// The event of a line that tells which files were removed because they were too many.
pub(crate) const REMOVED: &str = "audit_files_removed";
/// The event of a line that tells that the file had gone.
pub(crate) const REPLACED: &str = "audit_file_missing";
