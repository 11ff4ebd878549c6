//! The store of sessions.

use super::error::{Missed, OpenError};
use super::handle::{Attached, CloseReason, Ending, Owner, Session, State};
use super::id::SessionId;
use super::queue::PushError;
use super::registry::{Registry, enter, time_left};
use super::{SessionConfig, token};
use crate::auth::{NewToken, NoRandomness, Verified, Verifier, digest};
use crate::clock::{Clock, Moment};
use crate::principal::{Identity, Principal, PrincipalKind};
use crate::rate_limit::Key;
use bytes::Bytes;
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Observer = dyn Fn(SessionId, CloseReason) + Send + Sync;

/// All sessions of a server. Cheap to clone; as a [`Verifier`] it knows their own tokens.
#[derive(Clone)]
pub struct Sessions(Arc<Inner>);

struct Inner {
    config: SessionConfig,
    clock: Clock,
    on_close: Box<Observer>,
    registry: Mutex<Registry>,
}

/// A session that was just opened.
#[derive(Debug)]
pub struct Opened {
    /// The session.
    pub session: Session,
    /// Its own token, if an anonymous client opened it: to be sent once, on its stream.
    pub token: Option<NewToken>,
    /// How long that token is good.
    pub token_life: Duration,
}

impl Sessions {
    /// A store without sessions. `on_close` is told once of each session that ends, after it has.
    pub fn new(
        config: SessionConfig,
        clock: Clock,
        on_close: impl Fn(SessionId, CloseReason) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Inner {
            config,
            clock,
            on_close: Box::new(on_close),
            registry: Mutex::default(),
        }))
    }

    /// Opens a session for the principal. An anonymous one gets a token for it.
    ///
    /// # Errors
    /// [`OpenError`] if there is no room, or the principal may not.
    pub fn open(&self, principal: &Principal, address: IpAddr) -> Result<Opened, OpenError> {
        let now = self.0.clock.now();
        let (owner, token) = match principal.kind() {
            PrincipalKind::Session(_) => return Err(OpenError::SessionToken),
            PrincipalKind::Anonymous => {
                let token = token::generate(now.wall)?;
                let digest = digest(token.expose().as_bytes());
                (Owner::OwnToken(digest), Some(token))
            }
            PrincipalKind::Token | PrincipalKind::Run => {
                (Owner::Identity(*principal.identity()), None)
            }
        };
        let id = SessionId::generate()?;
        let address = Key::address(address);
        let state = State::new(id, owner, address, now.elapsed, self.0.config.queue);
        let state = Arc::new(state);
        self.add(state.clone(), now)?;
        Ok(Opened {
            session: Session(state),
            token,
            token_life: self.0.config.token_life,
        })
    }

    fn add(&self, state: Arc<State>, now: Moment) -> Result<(), OpenError> {
        let config = &self.0.config;
        let mut ended = Vec::new();
        let result = {
            let mut registry = self.lock();
            // Sessions that are over take nobody's place.
            if registry.room(state.address, config).is_err() && registry.may_sweep(now.elapsed) {
                ended = registry.remove_over(config, now.elapsed);
            }
            let room = registry.room(state.address, config);
            // An id that is taken can only come from a broken source of randomness.
            room.and_then(|()| registry.add(state).then_some(()).ok_or(NoRandomness.into()))
        };
        self.end(ended);
        result
    }

    /// The session with this id, for whoever asks; counts as its use.
    ///
    /// # Errors
    /// [`Missed`] if there is none, or not for this principal.
    pub fn get(&self, id: &str, principal: &Principal) -> Result<Session, Missed> {
        let id = SessionId::parse(id).ok_or(Missed::Unknown)?;
        if matches!(principal.kind(), PrincipalKind::Session(own) if own != id) {
            return Err(Missed::ForeignToken);
        }
        let now = self.0.clock.now().elapsed;
        let (session, over) = {
            let mut registry = self.lock();
            let entry = registry.get_mut(id).ok_or(Missed::Unknown)?;
            enter(&entry.state, principal)?;
            let over = entry.over(&self.0.config, now);
            entry.last_used = entry.last_used.max(now);
            (Session(entry.state.clone()), over)
        };
        match over {
            None => Ok(session),
            Some(reason) => {
                self.close(id, reason);
                Err(Missed::Unknown)
            }
        }
    }

    /// Notes that a stream is open on the session, until the result is dropped. None if it has ended.
    pub fn attach(&self, session: &Session, ending: Ending) -> Option<Attached> {
        let mut registry = self.lock();
        let entry = registry.get_mut(session.id())?;
        entry.streams = entry.streams.saturating_add(1);
        Some(Attached {
            sessions: self.clone(),
            id: session.id(),
            ending,
        })
    }

    pub(super) fn detach(&self, id: SessionId) {
        let now = self.0.clock.now().elapsed;
        if let Some(entry) = self.lock().get_mut(id) {
            entry.streams = entry.streams.saturating_sub(1);
            entry.last_used = entry.last_used.max(now);
        }
    }

    /// Puts an event into the session's queue. A reader that is too slow loses its session.
    ///
    /// # Errors
    /// [`PushError`] if the session has ended, or ends because of this event.
    pub fn send(&self, session: &Session, event: Bytes) -> Result<(), PushError> {
        let result = session.events().push(event);
        if result == Err(PushError::Overflow) {
            self.close(session.id(), CloseReason::SlowReader);
        }
        result
    }

    /// Ends a session; false if there is none.
    pub fn close(&self, id: SessionId, reason: CloseReason) -> bool {
        let removed = self.lock().remove(id);
        let found = removed.is_some();
        self.end(removed.map(|state| (state, reason)).into_iter().collect());
        found
    }

    /// Ends all sessions that this identity has opened, and says how many.
    pub fn close_of(&self, identity: &Identity, reason: CloseReason) -> usize {
        let owner = Owner::Identity(*identity);
        self.close_where(|_, state| (state.owner == owner).then_some(reason))
    }

    /// Ends all sessions, and says how many.
    pub fn close_all(&self, reason: CloseReason) -> usize {
        self.close_where(|_, _| Some(reason))
    }

    /// Ends all sessions that are idle or have lived long enough, and says how many.
    pub fn sweep(&self) -> usize {
        let now = self.0.clock.now().elapsed;
        let ended = self.lock().remove_over(&self.0.config, now);
        self.end(ended)
    }

    /// How long the session may live on; none is for ever.
    pub fn time_left(&self, session: &Session) -> Option<Duration> {
        time_left(&session.0, &self.0.config, self.0.clock.now().elapsed)
    }

    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The clock that its times come from.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    fn close_where(&self, reason: impl Fn(SessionId, &State) -> Option<CloseReason>) -> usize {
        let ended = self
            .lock()
            .remove_all(|entry| reason(entry.state.id, &entry.state));
        self.end(ended)
    }

    /// Tells of sessions that are out of all tables. Never called under the lock: what is told may
    /// ask the store.
    fn end(&self, ended: Vec<(Arc<State>, CloseReason)>) -> usize {
        let count = ended.len();
        for (state, reason) in ended {
            state.end(reason);
            (self.0.on_close)(state.id, reason);
        }
        count
    }

    fn lock(&self) -> MutexGuard<'_, Registry> {
        self.0
            .registry
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Verifier for Sessions {
    /// Knows the tokens of its sessions (S15). A session that is over has no good token, also before
    /// it is swept (S11).
    fn verify(&self, presented: &[u8], now: Moment) -> Verified {
        let digest = digest(presented);
        let registry = self.lock();
        let Some(entry) = registry.by_token(&digest) else {
            return Verified::Unknown;
        };
        let principal = Principal::session(entry.state.id, digest);
        match entry.over(&self.0.config, now.elapsed) {
            None => Verified::Valid(principal),
            Some(_) => Verified::Expired {
                name: Arc::from(principal.name()),
            },
        }
    }
}

impl fmt::Debug for Sessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sessions")
            .field("config", &self.0.config)
            .field("sessions", &self.len())
            .finish_non_exhaustive()
    }
}
