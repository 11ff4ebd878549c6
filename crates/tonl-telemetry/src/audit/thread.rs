//! The thread that writes the audit log.
//!
//! It takes what waits in the queue, writes it as one batch, syncs, and writes the head. What cannot
//! be written stays here and is tried again; while it does, at most [`QUEUE`] lines are kept here and
//! as many in the queue, and what comes then is a gap.

use super::GAP;
use super::file::{LogFile, Rotation, Written, note};
use super::line::Entry;
use super::writer::{Message, QUEUE, State};
use crate::clock::Clock;
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::time::{Duration, Instant};
use tracing::error;

/// Lines of one write.
const BATCH: usize = 256;
/// How long a failed write waits for the next attempt.
const RETRY: Duration = Duration::from_millis(100);

pub(crate) struct Writer {
    file: LogFile,
    clock: Clock,
    state: Arc<State>,
    /// Lines that are not on disk yet, oldest first.
    pending: Vec<Entry>,
    /// Who waits until `pending` is on disk.
    waiting: Vec<SyncSender<()>>,
}

impl Writer {
    pub(crate) fn new(file: LogFile, clock: Clock, state: Arc<State>, notes: Vec<Entry>) -> Self {
        Self {
            file,
            clock,
            state,
            pending: notes,
            waiting: Vec::new(),
        }
    }

    /// Writes until the last handle is gone and the queue is empty. When it is gone and the disk still
    /// refuses, one last attempt is made, and what is left is said in the ordinary log.
    pub(crate) fn run(mut self, queue: &Receiver<Message>) {
        loop {
            let written = self.write();
            let closing = self.state.closing.load(Ordering::Relaxed);
            if let Err(error) = written {
                self.fail(&error);
                if closing {
                    self.give_up(queue);
                    return;
                }
                self.collect_for(RETRY, queue);
                continue;
            }
            if let Ok(message) = queue.try_recv() {
                self.take(message);
                self.collect(queue);
            } else if self.state.unstated.load(Ordering::Relaxed) > 0 {
                // Lost while the last gap was stated, so that nobody sent a wake.
            } else if closing {
                return;
            } else {
                let Ok(message) = queue.recv() else { return };
                self.take(message);
                self.collect(queue);
            }
        }
    }

    /// Takes a message. Lines go to the end of `pending`.
    fn take(&mut self, message: Message) {
        match message {
            Message::Line(entry) => {
                self.state.waiting.fetch_sub(1, Ordering::Relaxed);
                self.pending.push(entry);
            }
            Message::Flush(done) => self.waiting.push(done),
            Message::Wake => {}
        }
    }

    /// Takes what waits, up to one batch.
    fn collect(&mut self, queue: &Receiver<Message>) {
        while self.pending.len() < BATCH
            && let Ok(message) = queue.try_recv()
        {
            self.take(message);
        }
    }

    /// Takes what comes until the time is over, as long as there is room.
    fn collect_for(&mut self, time: Duration, queue: &Receiver<Message>) {
        let end = Instant::now() + time;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() || self.state.closing.load(Ordering::Relaxed) {
                return;
            }
            if self.pending.len() >= QUEUE {
                std::thread::sleep(left);
                return;
            }
            match queue.recv_timeout(left) {
                Ok(message) => self.take(message),
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// Brings all that is pending to disk, with the gaps, and answers who waits for it.
    fn write(&mut self) -> io::Result<()> {
        self.state_gap();
        if !self.pending.is_empty() {
            let missing = self.file.reopen_if_gone(self.clock.now())?;
            if let Some(missing) = missing {
                error!(
                    event = super::REPLACED,
                    "the audit log's file had gone, another continues"
                );
                self.pending.insert(0, missing);
            }
            self.rotate();
        }
        while !self.pending.is_empty() {
            let batch = self.pending.len().min(BATCH);
            let written = self
                .file
                .append(self.pending.get(..batch).unwrap_or_default())?;
            self.pending.drain(..batch);
            self.state.lines.inc_by(batch as u64);
            if let Written::WithoutHead(error) = written {
                return Err(error);
            }
        }
        self.file.write_head()?;
        self.state.failing.store(false, Ordering::Relaxed);
        for done in self.waiting.drain(..) {
            let _gone = done.try_send(());
        }
        Ok(())
    }

    /// Sets the file aside if it is due, and removes those that are too many by then.
    fn rotate(&mut self) {
        let failed = |error: &io::Error, message| {
            self.state.not_rotated.inc();
            let reason = error.to_string();
            error!(event = "audit_not_rotated", reason, "{message}");
        };
        match self.file.rotate_if_due(self.clock.now()) {
            Ok(Rotation::NotDue) => return,
            Ok(Rotation::Done) => {}
            Err(error) => {
                return failed(&error, "the audit log cannot be set aside and grows on");
            }
        }
        match self.file.remove_oldest(self.clock.now()) {
            Ok(Some(note)) => self.pending.insert(0, note),
            Ok(None) => {}
            Err(error) => failed(&error, "audit logs that are too many cannot be removed"),
        }
    }

    /// Puts lines that were lost on record: at the end of what was not lost.
    fn state_gap(&mut self) {
        let lost = self.state.unstated.load(Ordering::Relaxed);
        if lost == 0 {
            return;
        }
        let reason = format!("{lost} lines found no room in the queue");
        self.pending.push(note(
            "audit lines were lost",
            GAP,
            &reason,
            self.clock.now(),
        ));
        // The failure lasts until the gap is on disk; only then may requests go on.
        self.state.failing.store(true, Ordering::Relaxed);
        self.state.unstated.fetch_sub(lost, Ordering::Relaxed);
    }

    fn fail(&self, error: &io::Error) {
        self.state.failed.inc();
        if !self.state.failing.swap(true, Ordering::Relaxed) {
            error!(
                event = "audit_not_written",
                reason = error.to_string(),
                "the audit log cannot be written; its lines are kept and tried again"
            );
        }
    }

    /// The end: says how many lines go with the process.
    fn give_up(&mut self, queue: &Receiver<Message>) {
        while let Ok(message) = queue.try_recv() {
            self.take(message);
        }
        if self.pending.is_empty() {
            return;
        }
        let lost = self.pending.len() as u64;
        self.state.lost.inc_by(lost);
        error!(
            event = "audit_lost",
            lines = lost,
            "the audit log could not be written to its end"
        );
    }
}
