//! One session, as transports hold it.

use super::id::SessionId;
use super::queue::EventQueue;
use super::store::Sessions;
use crate::principal::Identity;
use crate::rate_limit::Key;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
pub use tonl_telemetry::events::CloseReason;

/// Who may enter a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// Who has this identity.
    Identity(Identity),
    /// Who has the session's own token, with this digest.
    OwnToken(Identity),
}

/// What of a session never changes, and its ends of the two channels.
pub(super) struct State {
    pub(super) id: SessionId,
    pub(super) owner: Owner,
    pub(super) address: Key,
    pub(super) opened: Duration,
    closed: watch::Sender<Option<CloseReason>>,
    events: EventQueue,
}

impl State {
    pub(super) fn new(
        id: SessionId,
        owner: Owner,
        address: Key,
        opened: Duration,
        queue: usize,
    ) -> Self {
        Self {
            id,
            owner,
            address,
            opened,
            closed: watch::Sender::new(None),
            events: EventQueue::new(queue),
        }
    }

    /// Tells everyone who holds it that it has ended, and gives the memory of its events back.
    pub(super) fn end(&self, reason: CloseReason) {
        self.events.close();
        self.closed.send_replace(Some(reason));
    }
}

/// A session. Holding it does not keep it open.
#[derive(Clone)]
pub struct Session(pub(super) Arc<State>);

impl Session {
    /// Its id.
    pub fn id(&self) -> SessionId {
        self.0.id
    }

    /// Its events on their way to the client. Use [`Sessions::send`] to put one in.
    pub fn events(&self) -> &EventQueue {
        &self.0.events
    }

    /// Why it has ended, if it has.
    pub fn close_reason(&self) -> Option<CloseReason> {
        *self.0.closed.borrow()
    }

    /// Waits until it ends; at once if it has.
    ///
    /// # Cancel safety
    /// Nothing is lost if the future is dropped.
    pub async fn closed(&self) -> CloseReason {
        let mut receiver = self.0.closed.subscribe();
        let reason = receiver.wait_for(Option::is_some).await;
        // The sender lives as long as this handle, so the channel cannot have been closed.
        reason.map_or(CloseReason::Shutdown, |reason| {
            reason.unwrap_or(CloseReason::Shutdown)
        })
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("id", &self.0.id)
            .field("close_reason", &self.close_reason())
            .finish_non_exhaustive()
    }
}

/// What becomes of a session when a stream of it ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It ends too: its stream is all there is of it (S16).
    ClosesSession,
    /// It lives on and may get another stream; its idle time begins.
    KeepsSession,
}

/// A stream that is open on a session; ends when it is dropped.
#[derive(Debug)]
pub struct Attached {
    pub(super) sessions: Sessions,
    pub(super) id: SessionId,
    pub(super) ending: Ending,
}

impl Attached {
    /// The session that it is open on.
    pub fn session(&self) -> SessionId {
        self.id
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        match self.ending {
            Ending::ClosesSession => {
                self.sessions.close(self.id, CloseReason::Disconnected);
            }
            Ending::KeepsSession => self.sessions.detach(self.id),
        }
    }
}
