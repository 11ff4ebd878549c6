//! The handle on the audit log: a bounded queue in front of the thread that writes it.

use super::error::AuditError;
use super::file::LogFile;
use super::line::Entry;
use super::record::Record;
use super::thread::Writer;
use super::{AuditConfig, OnFailure};
use crate::clock::Clock;
use prometheus_client::metrics::counter::Counter;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime};

/// Lines that may wait; a line has at most some kilobytes, even a hostile one.
pub(crate) const QUEUE: usize = 4_096;

/// Places in the queue that refusals leave to other events, so that a flood of them cannot push out
/// the line of a session, a reload or a stop.
pub(crate) const RESERVED: usize = 1_024;

/// A handle on the audit log; clones share it. The last one to go waits for the lines in the queue.
#[derive(Clone, Debug)]
pub struct AuditLog {
    state: Arc<State>,
    queue: Option<Arc<Queue>>,
}

/// What the handles and the thread share.
#[derive(Debug)]
pub(crate) struct State {
    on_failure: OnFailure,
    pub(crate) lines: Counter,
    pub(crate) failed: Counter,
    pub(crate) lost: Counter,
    pub(crate) not_rotated: Counter,
    pub(crate) failing: AtomicBool,
    /// Lost lines that do not stand in the log as a gap yet.
    pub(crate) unstated: AtomicU64,
    pub(crate) closing: AtomicBool,
    /// Lines in the queue.
    pub(crate) waiting: AtomicUsize,
}

impl State {
    fn new(on_failure: OnFailure) -> Arc<Self> {
        Arc::new(Self {
            on_failure,
            lines: Counter::default(),
            failed: Counter::default(),
            lost: Counter::default(),
            not_rotated: Counter::default(),
            failing: AtomicBool::new(false),
            unstated: AtomicU64::new(0),
            closing: AtomicBool::new(false),
            waiting: AtomicUsize::new(0),
        })
    }
}

#[derive(Debug)]
pub(crate) enum Message {
    Line(Entry),
    /// Answer when everything before is on disk.
    Flush(SyncSender<()>),
    /// There is a gap to state.
    Wake,
}

#[derive(Debug)]
struct Queue {
    state: Arc<State>,
    sender: SyncSender<Message>,
    thread: Option<JoinHandle<()>>,
}

impl AuditLog {
    /// No audit log: audit events go to the ordinary log.
    pub fn disabled() -> Self {
        Self {
            state: State::new(OnFailure::Open),
            queue: None,
        }
    }

    /// Opens the log, continues its chain and starts the thread that writes it.
    ///
    /// A torn last line, left by a crash, is kept in a file beside the log, and a line says so.
    ///
    /// # Errors
    /// The system refuses, another process writes the log, or what is there is not sound
    /// ([`AuditError::Broken`]); nothing is changed then.
    pub fn open(config: &AuditConfig, clock: Clock) -> Result<Self, AuditError> {
        let Some(path) = &config.path else {
            return Ok(Self::disabled());
        };
        let (file, notes) = LogFile::open(path, config, clock.now())?;
        let state = State::new(config.on_failure);
        let (sender, receiver) = sync_channel(QUEUE);
        let writer = Writer::new(file, clock, Arc::clone(&state), notes);
        let thread = std::thread::Builder::new().name("tonl-audit".to_owned());
        let thread = thread
            .spawn(move || writer.run(&receiver))
            .map_err(|source| AuditError::Io {
                action: "start the writer of",
                file: path.clone(),
                source,
            })?;
        let queue = Queue {
            state: Arc::clone(&state),
            sender,
            thread: Some(thread),
        };
        Ok(Self {
            state,
            queue: Some(Arc::new(queue)),
        })
    }

    /// Looks whether the log could be opened, without writing anything.
    ///
    /// # Errors
    /// As [`AuditLog::open`], as far as it can be seen without writing.
    pub fn probe(config: &AuditConfig) -> Result<(), AuditError> {
        match &config.path {
            Some(path) => LogFile::probe(path, config),
            None => Ok(()),
        }
    }

    /// Whether there is a file.
    pub fn is_enabled(&self) -> bool {
        self.queue.is_some()
    }

    /// Whether requests may be served: `false` only if it fails closed, and cannot be written or has
    /// just lost a line.
    pub fn healthy(&self) -> bool {
        let state = &self.state;
        let sound =
            !state.failing.load(Ordering::Relaxed) && state.unstated.load(Ordering::Relaxed) == 0;
        sound || state.on_failure == OnFailure::Open
    }

    /// Puts a record into the queue; never waits. `false` if it did not get there: there is no audit
    /// log, or no room, which is counted and will be stated in the log.
    pub fn write(&self, time: SystemTime, record: &Record<'_>) -> bool {
        self.write_within(QUEUE, time, record)
    }

    /// The same for a refusal, which leaves a part of the queue to other events.
    pub(crate) fn write_refusal(&self, time: SystemTime, record: &Record<'_>) -> bool {
        self.write_within(QUEUE - RESERVED, time, record)
    }

    fn write_within(&self, room: usize, time: SystemTime, record: &Record<'_>) -> bool {
        let Some(queue) = &self.queue else {
            return false;
        };
        let waiting = &self.state.waiting;
        // The count may be a few lines behind the queue, which bounds it for good.
        if waiting.load(Ordering::Relaxed) < room {
            let entry = Entry {
                time,
                members: record.members(),
            };
            waiting.fetch_add(1, Ordering::Relaxed);
            if queue.sender.try_send(Message::Line(entry)).is_ok() {
                return true;
            }
            waiting.fetch_sub(1, Ordering::Relaxed);
        }
        self.state.lost.inc();
        if self.state.unstated.fetch_add(1, Ordering::Relaxed) == 0 {
            // One wake is enough: a flood of them would take the room that is kept for other events.
            // If there is no room for it, the thread has work left and will look by itself.
            let _full = queue.sender.try_send(Message::Wake);
        }
        false
    }

    /// Waits until the lines so far are on disk; `false` if they are not within the time given.
    pub fn flush(&self, most: Duration) -> bool {
        let Some(queue) = &self.queue else {
            return true;
        };
        let deadline = Instant::now() + most;
        let (answer, done) = sync_channel(1);
        let mut message = Message::Flush(answer);
        loop {
            match queue.sender.try_send(message) {
                Ok(()) => break,
                Err(TrySendError::Full(back)) if Instant::now() < deadline => {
                    message = back;
                    std::thread::sleep(Duration::from_millis(2));
                }
                Err(_) => return false,
            }
        }
        done.recv_timeout(deadline.saturating_duration_since(Instant::now()))
            .is_ok()
    }

    pub(crate) fn lines_counter(&self) -> Counter {
        self.state.lines.clone()
    }

    /// In the order of [`crate::metric::AuditFailure`].
    pub(crate) fn failure_counters(&self) -> Vec<Counter> {
        let state = &self.state;
        vec![
            state.failed.clone(),
            state.lost.clone(),
            state.not_rotated.clone(),
        ]
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.state.closing.store(true, Ordering::Relaxed);
        // If there is no room for it, the thread has work left and will look by itself.
        let _full = self.sender.try_send(Message::Wake);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}
