//! When to look again: because the system tells of a change, or because time has passed.
//!
//! Only that something may have changed is passed on, never what. Reading and opening are no changes.

use crate::failure;
use crate::render::Voice;
use crate::sources::selection::Root;
use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::{Duration, SystemTime};

/// How often a look is taken where the system does not tell of changes.
const INTERVAL: Duration = Duration::from_millis(500);
/// How long further events of one change are awaited.
const GATHERING: Duration = Duration::from_millis(20);

/// Where wakes come from.
#[derive(Debug)]
pub(super) struct Wakes {
    system: Option<System>,
}

#[derive(Debug)]
struct System {
    /// Tells changes as long as it lives.
    _watcher: RecommendedWatcher,
    changed: Receiver<()>,
    armed: BTreeSet<(Root, Option<Identity>)>,
}

impl Wakes {
    /// Asks the system for changes below these folders. Looks from time to time instead if that is
    /// wished, or if the system refuses, which is said.
    pub(super) fn new(roots: &BTreeSet<Root>, poll: bool, voice: Voice) -> Self {
        let mut wakes = Self { system: None };
        if !poll {
            wakes.listen(roots, voice);
        }
        wakes
    }

    /// Waits until something may have changed, but no longer than `longest`.
    pub(super) fn wait(&self, longest: Option<Duration>) {
        let Some(system) = &self.system else {
            std::thread::sleep(longest.unwrap_or(INTERVAL).min(INTERVAL));
            return;
        };
        let woken = match longest {
            Some(longest) => system.changed.recv_timeout(longest).is_ok(),
            None => system.changed.recv().is_ok(),
        };
        if woken {
            std::thread::sleep(GATHERING);
        }
    }

    /// Waits for the next look after one that failed: a folder that is gone wakes nobody, and is
    /// another one when it comes back.
    pub(super) fn pause(&mut self) {
        if let Some(system) = &mut self.system {
            system.armed.clear();
        }
        std::thread::sleep(INTERVAL);
    }

    /// Listens anew if a folder was replaced by another of its name, and says whether it was.
    pub(super) fn renew(&mut self, roots: &BTreeSet<Root>, voice: Voice) -> bool {
        let is_stale = |system: &System| system.armed != armed(roots);
        let stale = self.system.as_ref().is_some_and(is_stale);
        if stale {
            self.listen(roots, voice);
        }
        stale
    }

    fn listen(&mut self, roots: &BTreeSet<Root>, voice: Voice) {
        self.system = match System::listening(roots) {
            Ok(system) => Some(system),
            Err(error) => {
                let why = reason(&error);
                voice.warn(format_args!(
                    "the system cannot tell changes ({why}); looking twice a second instead"
                ));
                None
            }
        };
    }
}

impl System {
    fn listening(roots: &BTreeSet<Root>) -> notify::Result<Self> {
        // One wake that waits is enough, however many events there are.
        let (sender, changed) = sync_channel(1);
        let mut watcher = notify::recommended_watcher(move |event| wake(&sender, event))?;
        for root in roots {
            let mode = if root.goes_down {
                RecursiveMode::Recursive
            } else {
                RecursiveMode::NonRecursive
            };
            watcher.watch(&root.folder, mode)?;
        }
        Ok(Self {
            _watcher: watcher,
            changed,
            armed: armed(roots),
        })
    }
}

/// Why the system tells no changes, in our words.
fn reason(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::Io(error) => failure::reason(error),
        ErrorKind::MaxFilesWatch => "it watches as many folders as it may".to_owned(),
        ErrorKind::PathNotFound => "the folder is gone".to_owned(),
        kind => format!("{kind:?}"),
    }
}

fn wake(sender: &SyncSender<()>, event: notify::Result<Event>) {
    let matters = match event {
        Ok(event) => is_change(event.kind),
        Err(_) => true,
    };
    if matters {
        let _waiting_already = sender.try_send(());
    }
}

fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        _ => true,
    }
}

fn armed(roots: &BTreeSet<Root>) -> BTreeSet<(Root, Option<Identity>)> {
    roots
        .iter()
        .map(|root| (root.clone(), identity(&root.folder)))
        .collect()
}

/// What tells a folder from another one of its name: which one it is, and since when. Systems give
/// the number of a deleted folder to the next one.
type Identity = (u64, Option<SystemTime>);

fn identity(folder: &Path) -> Option<Identity> {
    let metadata = folder.metadata().ok()?;
    #[cfg(unix)]
    let number = std::os::unix::fs::MetadataExt::ino(&metadata);
    #[cfg(not(unix))]
    let number = 0;
    Some((number, metadata.created().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_a_file_wakes_nobody() {
        let reading = [
            EventKind::Access(AccessKind::Open(AccessMode::Any)),
            EventKind::Access(AccessKind::Close(AccessMode::Read)),
            EventKind::Access(AccessKind::Read),
        ];
        for kind in reading {
            assert!(!is_change(kind), "{kind:?}");
        }
        let written = EventKind::Access(AccessKind::Close(AccessMode::Write));
        assert!(is_change(written));
        assert!(is_change(EventKind::Other));
    }

    #[test]
    fn the_system_says_why_it_does_not_tell() {
        let limit = notify::Error::new(ErrorKind::MaxFilesWatch);
        assert_eq!(reason(&limit), "it watches as many folders as it may");
        let io = std::io::Error::from_raw_os_error(24);
        assert_eq!(reason(&notify::Error::io(io)), "too many open files");
    }
}
