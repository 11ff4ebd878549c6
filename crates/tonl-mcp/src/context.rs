//! What surrounds one call: when it has to stop, who hears how far it is, and whose it is.

use sha2::{Digest as _, Sha256};
use std::fmt;
use std::sync::Arc;
use std::time::Instant;

/// The surroundings of one call. Cloning is cheap.
#[derive(Clone)]
pub struct CallContext {
    identity: IdentityKey,
    deadline: Option<Instant>,
    stopped: Option<Arc<dyn Fn() -> bool + Send + Sync>>,
    progress: Option<Arc<dyn Fn(Step) + Send + Sync>>,
}

impl CallContext {
    /// A call of this identity that nothing stops and nobody watches.
    pub fn new(identity: IdentityKey) -> Self {
        Self {
            identity,
            deadline: None,
            stopped: None,
            progress: None,
        }
    }

    /// The same call, to be given up at this time.
    #[must_use]
    pub fn until(mut self, deadline: Instant) -> Self {
        self.deadline = Some(deadline);
        self
    }

    /// The same call, given up as soon as this function says so. It is asked often, from the thread
    /// that works, and has to answer at once.
    #[must_use]
    pub fn stopped_by(mut self, stopped: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.stopped = Some(Arc::new(stopped));
        self
    }

    /// The same call, telling how far it is. The steps rise strictly; they come some thousand times a
    /// second, so that it is for the caller to throttle them.
    #[must_use]
    pub fn telling(mut self, progress: impl Fn(Step) + Send + Sync + 'static) -> Self {
        self.progress = Some(Arc::new(progress));
        self
    }

    /// On whose behalf it works.
    pub fn identity(&self) -> IdentityKey {
        self.identity
    }

    /// When it is given up, if that is fixed.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Whether the call has to stop, and why.
    pub fn stop(&self) -> Option<Stop> {
        if self.stopped.as_ref().is_some_and(|stopped| stopped()) {
            return Some(Stop::Cancelled);
        }
        let is_late = self.deadline.is_some_and(|end| Instant::now() >= end);
        is_late.then_some(Stop::Late)
    }

    pub(crate) fn tell(&self, step: Step) {
        if let Some(progress) = &self.progress {
            progress(step);
        }
    }
}

impl fmt::Debug for CallContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallContext")
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// Why a call ends before its work is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stop {
    /// Nobody waits for it any more.
    Cancelled,
    /// Its deadline passed.
    Late,
}

/// How far a call is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// Bytes worked through so far; the same byte counts in every pass over it.
    pub done: u64,
    /// How many there will be, as far as that is known; never less than `done`.
    pub total: Option<u64>,
}

/// Who calls, as a key: handles and cursors of one identity mean nothing to another.
///
/// It holds a digest, so that a token that it was made of can't be told from it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct IdentityKey([u8; 32]);

impl IdentityKey {
    /// The key of whoever is known under these bytes, for example a token's digest.
    pub fn of(name: impl AsRef<[u8]>) -> Self {
        Self(Sha256::digest(name.as_ref()).into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for IdentityKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentityKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_call_stops_when_it_is_told_to_or_its_time_is_over() {
        let call = CallContext::new(IdentityKey::of("a"));
        assert_eq!(call.stop(), None);
        assert_eq!(call.clone().until(Instant::now()).stop(), Some(Stop::Late));
        let flag = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&flag);
        let call = call.stopped_by(move || seen.load(Ordering::Relaxed));
        assert_eq!(call.stop(), None);
        flag.store(true, Ordering::Relaxed);
        assert_eq!(call.stop(), Some(Stop::Cancelled));
    }

    #[test]
    fn nothing_of_an_identity_is_printed() {
        let call = CallContext::new(IdentityKey::of("token-of-alice"));
        assert_eq!(format!("{:?}", call.identity()), "IdentityKey");
        assert!(!format!("{call:?}").contains("alice"));
        assert_ne!(IdentityKey::of("a"), IdentityKey::of("b"));
    }
}
