//! An interrupted run leaves no unfinished file behind.

use crate::exit::Exit;
use std::collections::BTreeSet;
use std::io;
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
    /// Call it, or [`Unfinished::watched_until`], once. Where the system has no such signals, an
    /// interrupted run leaves its files.
    pub(crate) fn watched() -> Self {
        Self::watched_until(|| Exit::Interrupted)
    }

    /// The same with a last word, which also decides how the process ends.
    pub(crate) fn watched_until(farewell: impl Fn() -> Exit + Send + 'static) -> Self {
        let unfinished = Self::default();
        let files = unfinished.clone();
        let _unsupported = ctrlc::set_handler(move || files.abandon(&farewell));
        unfinished
    }

    /// Makes a file and remembers it; an interruption meets it before or after, never in between.
    pub(crate) fn making<T: AsRef<Path>>(
        &self,
        make: impl FnOnce() -> io::Result<T>,
    ) -> io::Result<T> {
        self.with(|files| {
            let file = make()?;
            files.insert(file.as_ref().into());
            Ok(file)
        })
    }

    /// Puts a file in its place and forgets it, likewise.
    pub(crate) fn placing<T>(&self, file: &Path, place: impl FnOnce() -> T) -> T {
        self.with(|files| {
            files.remove(file);
            place()
        })
    }

    /// Forgets a file that is gone.
    pub(crate) fn remove(&self, file: &Path) {
        self.placing(file, || ());
    }

    fn with<T>(&self, change: impl FnOnce(&mut BTreeSet<PathBuf>) -> T) -> T {
        change(&mut self.files.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn abandon(&self, farewell: &dyn Fn() -> Exit) {
        let files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        for file in &*files {
            let _gone = std::fs::remove_file(file);
        }
        std::process::exit(farewell() as i32)
    }
}
