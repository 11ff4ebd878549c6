//! Which files have changed and been left alone since.
//!
//! A file is seen through its stamp alone. A change is due when the stamp has stayed the same for the
//! time of settling, so that a file that is being written, and the moment without a file while an
//! editor renames, are no changes of their own. Nothing here looks at the clock or at files.

use crate::sources::Source;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// What is seen of a file without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    bytes: u64,
    modified: Option<SystemTime>,
    /// The file itself and its last change of any kind, where the system tells.
    identity: (u64, i64, i64),
}

impl Stamp {
    /// The stamp of what is at a path; nothing if no file is there.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let metadata = path.metadata().ok()?;
        #[cfg(unix)]
        let identity = {
            use std::os::unix::fs::MetadataExt;
            (metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
        };
        #[cfg(not(unix))]
        let identity = (0, 0, 0);
        Some(Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            identity,
        })
    }
}

/// A change that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The file is new, or has other content.
    Content(Source),
    /// The file was deleted.
    Gone(PathBuf),
}

/// The stamps that are dealt with, and those that are not yet.
#[derive(Debug)]
pub(super) struct Changes {
    settling: Duration,
    known: BTreeMap<PathBuf, Stamp>,
    /// What was seen last of a file that differs, and since when it has been so.
    moving: BTreeMap<PathBuf, (Option<Stamp>, Instant)>,
}

impl Changes {
    /// Nothing is known; files settle for so long.
    pub(super) fn new(settling: Duration) -> Self {
        Self {
            settling,
            known: BTreeMap::new(),
            moving: BTreeMap::new(),
        }
    }

    /// Takes what is there at first: all of it is due at once.
    pub(super) fn begin(&mut self, files: Vec<(Source, Stamp)>) -> Vec<Source> {
        let mut due = Vec::new();
        for (source, stamp) in files {
            self.known.insert(source.path.clone(), stamp);
            due.push(source);
        }
        due
    }

    /// Compares with all files of this moment; what is due counts as dealt with.
    pub(super) fn look(&mut self, now: Instant, files: Vec<(Source, Stamp)>) -> Vec<Change> {
        let mut due = Vec::new();
        let mut seen: BTreeMap<PathBuf, (Source, Stamp)> = files
            .into_iter()
            .map(|(source, stamp)| (source.path.clone(), (source, stamp)))
            .collect();
        let mut missing: Vec<PathBuf> = self.known.keys().cloned().collect();
        missing.retain(|path| !seen.contains_key(path));
        self.moving
            .retain(|path, _| seen.contains_key(path) || self.known.contains_key(path));
        for path in missing {
            if self.is_settled(&path, None, now) {
                self.known.remove(&path);
                due.push(Change::Gone(path));
            }
        }
        while let Some((path, (source, stamp))) = seen.pop_first() {
            if self.known.get(&path) == Some(&stamp) {
                self.moving.remove(&path);
            } else if self.is_settled(&path, Some(&stamp), now) {
                self.known.insert(path, stamp);
                due.push(Change::Content(source));
            }
        }
        due
    }

    /// How long it is until the next file has settled if nothing changes; nothing if none is moving.
    pub(super) fn due_in(&self, now: Instant) -> Option<Duration> {
        let since = self.moving.values().map(|(_, since)| *since).min()?;
        Some((since + self.settling).saturating_duration_since(now))
    }

    /// Whether a file has been like this for long enough; then it is moving no more.
    fn is_settled(&mut self, path: &Path, stamp: Option<&Stamp>, now: Instant) -> bool {
        let since = match self.moving.get(path) {
            Some((before, since)) if before.as_ref() == stamp => *since,
            _ => now,
        };
        if now.saturating_duration_since(since) >= self.settling {
            self.moving.remove(path);
            return true;
        }
        self.moving.insert(path.into(), (stamp.cloned(), since));
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLING: Duration = Duration::from_millis(200);

    fn file(name: &str, bytes: u64) -> (Source, Stamp) {
        let source = Source {
            path: name.into(),
            below: name.into(),
        };
        let stamp = Stamp {
            bytes,
            modified: None,
            identity: (0, 0, 0),
        };
        (source, stamp)
    }

    /// What is due at each of these moments, in milliseconds, with these files of one name.
    fn due(moments: &[(u64, Option<u64>)]) -> Vec<(u64, &'static str)> {
        let start = Instant::now();
        let mut changes = Changes::new(SETTLING);
        assert_eq!(changes.begin(vec![file("a.json", 1)]).len(), 1);
        let mut due = Vec::new();
        for (at, bytes) in moments {
            let files = bytes
                .map(|bytes| file("a.json", bytes))
                .into_iter()
                .collect();
            let now = start + Duration::from_millis(*at);
            for change in changes.look(now, files) {
                due.push((
                    *at,
                    if matches!(change, Change::Gone(_)) {
                        "gone"
                    } else {
                        "content"
                    },
                ));
            }
        }
        due
    }

    #[test]
    fn a_burst_of_changes_is_one_when_it_has_settled() {
        let burst = [
            (0, Some(2)),
            (100, Some(3)),
            (250, Some(4)),
            (400, Some(4)),
            (450, Some(4)),
        ];
        assert_eq!(due(&burst), [(450, "content")]);
    }

    #[test]
    fn a_file_that_is_as_it_was_is_no_change() {
        assert_eq!(due(&[(0, Some(2)), (100, Some(1)), (900, Some(1))]), []);
        assert_eq!(due(&[(0, Some(1)), (900, Some(1))]), []);
    }

    #[test]
    fn a_rename_in_between_is_no_deletion() {
        let saved = [(0, None), (50, Some(2)), (260, Some(2)), (900, Some(2))];
        assert_eq!(due(&saved), [(260, "content")]);
    }

    #[test]
    fn a_deletion_is_noted_once_and_the_file_may_come_again() {
        let moments = [
            (0, None),
            (300, None),
            (600, None),
            (700, Some(1)),
            (900, Some(1)),
        ];
        assert_eq!(due(&moments), [(300, "gone"), (900, "content")]);
    }

    #[test]
    fn the_next_look_is_when_the_oldest_change_has_settled() {
        let start = Instant::now();
        let mut changes = Changes::new(SETTLING);
        assert_eq!(changes.due_in(start), None);
        changes.look(start, vec![file("a.json", 1)]);
        let later = start + Duration::from_millis(150);
        assert_eq!(changes.due_in(later), Some(Duration::from_millis(50)));
        assert_eq!(changes.look(later, Vec::new()), []);
        assert_eq!(changes.due_in(later), None);
    }

    #[test]
    fn without_settling_every_change_is_due_at_once() {
        let mut changes = Changes::new(Duration::ZERO);
        let due = changes.look(Instant::now(), vec![file("a.json", 1)]);
        assert_eq!(due.len(), 1);
    }
}
