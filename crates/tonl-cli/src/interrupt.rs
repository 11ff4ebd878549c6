//! An interrupted run leaves no unfinished file behind.

use crate::exit::Exit;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The temporary files of this run that are not in their place yet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Unfinished {
    files: Arc<Mutex<BTreeSet<PathBuf>>>,
}

impl Unfinished {
    /// Removes the files and ends the process when it is asked to stop (Ctrl-C, SIGTERM, SIGHUP).
    ///
    /// Call it once. Where the system has no such signals, an interrupted run leaves its files.
    pub(crate) fn watched() -> Self {
        let unfinished = Self::default();
        let files = unfinished.clone();
        let _unsupported = ctrlc::set_handler(move || files.abandon());
        unfinished
    }

    /// Remembers a file.
    pub(crate) fn add(&self, file: &Path) {
        self.with(|files| {
            files.insert(file.into());
        });
    }

    /// Forgets a file that is in its place or gone.
    pub(crate) fn remove(&self, file: &Path) {
        self.with(|files| {
            files.remove(file);
        });
    }

    fn with(&self, change: impl FnOnce(&mut BTreeSet<PathBuf>)) {
        change(&mut self.files.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn abandon(&self) {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        for file in &*files {
            let _gone = std::fs::remove_file(file);
        }
        std::process::exit(Exit::Interrupted as i32)
    }
}
