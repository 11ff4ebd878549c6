//! A thread that reads a source again when it may have changed.
//!
//! For a file it watches the *directory*: Kubernetes swaps the symlink `..data` beside the file, and
//! editors rename. Events can be lost, so that it also looks now and then. It judges by content,
//! never by time or size. The invariant: a set is reported only after two looks in a row agree on
//! it, and so is a failure, so that a file that is being written reports neither.

use super::bell::{Bell, Ring};
use crate::error::SourceError;
use crate::source::Source;
use crate::tokens::TokenSet;
use notify::event::{AccessKind, AccessMode};
use notify::{Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::Duration;

/// What a look at the source showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reload {
    /// Another set than before.
    Changed(TokenSet),
    /// The same set. Not reported for an event of the file system.
    Unchanged,
    /// The source cannot be read; the last good set stays.
    Failed(SourceError),
}

/// How often to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Between two looks at a file that no event announced.
    pub file_poll: Duration,
    /// Between two questions to Vault or AWS.
    pub store_poll: Duration,
    /// Until a file that changed or cannot be read is read once more.
    pub settle: Duration,
}

impl Default for Times {
    /// 30 s for a file, 5 min for a store of secrets, 100 ms to settle.
    fn default() -> Self {
        Self {
            file_poll: Duration::from_secs(30),
            store_poll: Duration::from_secs(300),
            settle: Duration::from_millis(100),
        }
    }
}

/// How changes are noticed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watching {
    /// The system tells, and there are looks in between.
    Events,
    /// The system cannot tell, or the source is no file: there are looks alone.
    PollOnly,
}

/// The watching thread. It ends when this is dropped.
#[derive(Debug)]
pub struct Watch {
    bell: Arc<Bell>,
    done: Receiver<()>,
    watching: Watching,
}

/// Asks a [`Watch`] to look now, from any thread; for a signal such as SIGHUP.
#[derive(Clone, Debug)]
pub struct Poker(Arc<Bell>);

impl Poker {
    /// Asks for a look now. It is reported in any case.
    pub fn poke(&self) {
        self.0.poke();
    }
}

/// Looks in a row that may differ before the last one counts.
const MOST_LOOKS: usize = 20;
/// How long [`Watch`] waits for its thread when it is dropped.
const GOODBYE: Duration = Duration::from_secs(1);

impl Watch {
    /// Starts to watch. `first` is the set that was read at the start; the callback runs on the watching
    /// thread, once for each look, and should return soon. A look begins at once, so that no
    /// change between the first reading and now is missed.
    ///
    /// *Source:* S6, S41.
    ///
    /// # Errors
    /// The thread cannot be started. A directory that cannot be watched is no error: see
    /// [`Watch::watching`].
    pub fn start(
        source: Source,
        first: TokenSet,
        times: Times,
        report: impl FnMut(Reload) + Send + 'static,
    ) -> io::Result<Self> {
        let bell = Arc::new(Bell::default());
        let eye = source.path().and_then(|path| Eye::open(path, &bell));
        let watching = match &eye {
            Some(_) => Watching::Events,
            None => Watching::PollOnly,
        };
        let (ended, done) = sync_channel(1);
        let watcher = Lookout {
            source,
            times,
            last: first,
            bell: Arc::clone(&bell),
            eye,
            report,
        };
        bell.event();
        thread::Builder::new()
            .name("tonl-token-watch".to_owned())
            .spawn(move || {
                watcher.run();
                // The receiver may have stopped waiting.
                let _waited = ended.try_send(());
            })?;
        Ok(Self {
            bell,
            done,
            watching,
        })
    }

    /// Asks for a look now. It is reported in any case.
    pub fn poke(&self) {
        self.bell.poke();
    }

    /// A handle that asks for looks without holding the watch.
    pub fn poker(&self) -> Poker {
        Poker(Arc::clone(&self.bell))
    }

    /// How changes are noticed.
    pub fn watching(&self) -> Watching {
        self.watching
    }
}

impl Drop for Watch {
    /// Ends the thread and waits for it, at most one second: a question to a store that is under
    /// way is left to its own time limit, and its answer is thrown away.
    fn drop(&mut self) {
        self.bell.stop();
        let _ended = self.done.recv_timeout(GOODBYE);
    }
}

/// What the thread owns.
struct Lookout<F> {
    source: Source,
    times: Times,
    last: TokenSet,
    bell: Arc<Bell>,
    eye: Option<Eye>,
    report: F,
}

impl<F: FnMut(Reload)> Lookout<F> {
    fn run(mut self) {
        loop {
            let ring = self.bell.wait(self.pause());
            if ring == Ring::Stop {
                return;
            }
            if ring == Ring::Silence
                && let Some(eye) = &mut self.eye
            {
                eye.renew();
            }
            let seen = self.look();
            if self.bell.is_stopped() {
                return;
            }
            self.judge(seen, ring);
        }
    }

    fn pause(&self) -> Duration {
        match self.source {
            Source::File(_) | Source::TokensFile(_) => self.times.file_poll,
            Source::Inline(_) | Source::Vault(_) | Source::AwsSecretsManager(_) => {
                self.times.store_poll
            }
        }
    }

    /// Reads the source; a file that shows something new is read until two looks agree.
    fn look(&self) -> Result<TokenSet, SourceError> {
        let mut seen = self.source.read();
        if self.source.path().is_none() {
            return seen;
        }
        for _ in 0..MOST_LOOKS {
            if seen.as_ref() == Ok(&self.last) || self.bell.settle(self.times.settle) == Ring::Stop
            {
                break;
            }
            let again = self.source.read();
            let settled = again == seen;
            seen = again;
            if settled {
                break;
            }
        }
        seen
    }

    fn judge(&mut self, seen: Result<TokenSet, SourceError>, ring: Ring) {
        match seen {
            Ok(set) if set == self.last => {
                if ring != Ring::Event {
                    (self.report)(Reload::Unchanged);
                }
            }
            Ok(set) => {
                self.last = set.clone();
                (self.report)(Reload::Changed(set));
            }
            Err(error) => (self.report)(Reload::Failed(error)),
        }
    }
}

/// The watch over a directory.
struct Eye {
    watcher: RecommendedWatcher,
    folder: PathBuf,
}

impl Eye {
    fn open(path: &Path, bell: &Arc<Bell>) -> Option<Self> {
        let bell = Arc::clone(bell);
        let handler = move |event: notify::Result<Event>| {
            // An error may mean lost events: one more look does no harm.
            if event.map_or(true, |event| is_change(event.kind)) {
                bell.event();
            }
        };
        let mut watcher = notify::recommended_watcher(handler).ok()?;
        let folder = match path.parent() {
            Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
            Some(parent) => parent,
            None => return None,
        };
        watcher.watch(folder, RecursiveMode::NonRecursive).ok()?;
        Some(Self {
            watcher,
            folder: folder.to_owned(),
        })
    }

    /// Watches the folder anew: another one may stand in its place now. Where that fails, the
    /// looks in between go on.
    fn renew(&mut self) {
        let _was_gone = self.watcher.unwatch(&self.folder);
        let _is_gone = self
            .watcher
            .watch(&self.folder, RecursiveMode::NonRecursive);
    }
}

/// Reading a file is an event too; our own looks must not wake us.
fn is_change(kind: EventKind) -> bool {
    match kind {
        EventKind::Access(access) => access == AccessKind::Close(AccessMode::Write),
        EventKind::Any
        | EventKind::Create(_)
        | EventKind::Modify(_)
        | EventKind::Remove(_)
        | EventKind::Other => true,
    }
}
