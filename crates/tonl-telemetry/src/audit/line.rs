//! One line of the log, written and read.

use super::chain::Sealer;
use crate::clock::iso;
use serde::Deserialize;
use std::time::{Duration, SystemTime};

/// A line that has no place in the chain yet.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) time: SystemTime,
    /// The members from `level` to `from`.
    pub(crate) members: String,
}

/// What a line says of its place.
#[derive(Debug, Deserialize)]
pub(crate) struct Place {
    pub(crate) timestamp: String,
    pub(crate) seq: u64,
    pub(crate) event: String,
    pub(crate) prev: String,
    pub(crate) from: Option<u64>,
}

impl Place {
    /// Reads a line without its line break.
    pub(crate) fn read(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }

    /// When it was written.
    pub(crate) fn time(&self) -> Option<SystemTime> {
        let timestamp: jiff::Timestamp = self.timestamp.parse().ok()?;
        let since = u64::try_from(timestamp.as_millisecond()).ok()?;
        SystemTime::UNIX_EPOCH.checked_add(Duration::from_millis(since))
    }
}

/// The end of a chain: the number and the hash of its last line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Link {
    pub(crate) seq: u64,
    pub(crate) hash: String,
}

impl Link {
    /// Appends the entry as the next line and becomes its end.
    pub(crate) fn extend(&mut self, sealer: &Sealer, entry: &Entry, out: &mut String) {
        self.seq += 1;
        let line = format!(
            "{{\"timestamp\":\"{}\",\"seq\":{},{},\"prev\":\"{}\"}}",
            iso(entry.time),
            self.seq,
            entry.members,
            self.hash
        );
        self.hash = sealer.line(line.as_bytes());
        out.push_str(&line);
        out.push('\n');
    }
}
