//! The tables of all sessions, changed together: by id, by token, and the counts by address.

use super::error::OpenError;
use super::handle::{CloseReason, Owner, State};
use super::id::SessionId;
use super::{Missed, SessionConfig};
use crate::capacity::give_back;
use crate::principal::{Identity, Principal, PrincipalKind};
use crate::rate_limit::Key;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// A session and what changes with its use.
#[derive(Clone)]
pub(super) struct Entry {
    pub(super) state: Arc<State>,
    pub(super) last_used: Duration,
    pub(super) streams: usize,
}

impl Entry {
    /// Why the session has to end now, if it has to.
    pub(super) fn over(&self, config: &SessionConfig, now: Duration) -> Option<CloseReason> {
        if time_left(&self.state, config, now).is_some_and(|left| left.is_zero()) {
            return Some(CloseReason::Expired);
        }
        let idle = now.saturating_sub(self.last_used) >= config.idle;
        (self.streams == 0 && idle).then_some(CloseReason::Idle)
    }
}

/// How long the session may live on at most.
pub(super) fn time_left(state: &State, config: &SessionConfig, now: Duration) -> Option<Duration> {
    let token_life = matches!(state.owner, Owner::OwnToken(_)).then_some(config.token_life);
    let life = match (config.lifetime, token_life) {
        (Some(one), Some(other)) => one.min(other),
        (one, other) => one.or(other)?,
    };
    Some(life.saturating_sub(now.saturating_sub(state.opened)))
}

/// All sessions.
#[derive(Default)]
pub(super) struct Registry {
    sessions: HashMap<SessionId, Entry>,
    tokens: HashMap<Identity, SessionId>,
    addresses: HashMap<Key, usize>,
    swept: Duration,
}

impl Registry {
    /// Whether one more session of this address has room.
    pub(super) fn room(&self, address: Key, config: &SessionConfig) -> Result<(), OpenError> {
        if self.sessions.len() >= config.most {
            return Err(OpenError::Full);
        }
        let of_address = self.addresses.get(&address).copied().unwrap_or(0);
        if of_address >= config.most_per_address {
            return Err(OpenError::TooManyFromAddress);
        }
        Ok(())
    }

    /// Adds a session; false if its id is taken.
    pub(super) fn add(&mut self, state: Arc<State>) -> bool {
        if self.sessions.contains_key(&state.id) {
            return false;
        }
        if let Owner::OwnToken(digest) = state.owner {
            self.tokens.insert(digest, state.id);
        }
        *self.addresses.entry(state.address).or_default() += 1;
        let entry = Entry {
            last_used: state.opened,
            streams: 0,
            state,
        };
        self.sessions.insert(entry.state.id, entry);
        true
    }

    pub(super) fn get_mut(&mut self, id: SessionId) -> Option<&mut Entry> {
        self.sessions.get_mut(&id)
    }

    /// The session whose own token has this digest. The lookup's time tells something about digests
    /// alone, from which no token can be found.
    pub(super) fn by_token(&self, digest: &Identity) -> Option<&Entry> {
        self.sessions.get(self.tokens.get(digest)?)
    }

    /// Takes a session out of all tables.
    pub(super) fn remove(&mut self, id: SessionId) -> Option<Arc<State>> {
        let state = self.sessions.remove(&id)?.state;
        if let Owner::OwnToken(digest) = &state.owner {
            self.tokens.remove(digest);
        }
        if let Some(count) = self.addresses.get_mut(&state.address) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.addresses.remove(&state.address);
            }
        }
        Some(state)
    }

    /// Takes out all sessions for which there is a reason.
    pub(super) fn remove_all(
        &mut self,
        reason: impl Fn(&Entry) -> Option<CloseReason>,
    ) -> Vec<(Arc<State>, CloseReason)> {
        let found: Vec<(SessionId, CloseReason)> = self
            .sessions
            .iter()
            .filter_map(|(id, entry)| Some((*id, reason(entry)?)))
            .collect();
        let ended = found.into_iter();
        let ended = ended.filter_map(|(id, reason)| Some((self.remove(id)?, reason)));
        let ended = ended.collect();
        give_back(&mut self.sessions);
        give_back(&mut self.tokens);
        give_back(&mut self.addresses);
        ended
    }

    /// Takes out the sessions that have to end.
    pub(super) fn remove_over(
        &mut self,
        config: &SessionConfig,
        now: Duration,
    ) -> Vec<(Arc<State>, CloseReason)> {
        self.swept = now;
        self.remove_all(|entry| entry.over(config, now))
    }

    /// Whether the last sweep was long enough ago for another one on a client's account.
    pub(super) fn may_sweep(&self, now: Duration) -> bool {
        now.saturating_sub(self.swept) >= Duration::from_secs(1)
    }

    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }
}

/// Whether the principal may enter the session.
pub(super) fn enter(state: &State, principal: &Principal) -> Result<(), Missed> {
    let may = match (principal.kind(), state.owner) {
        // The run's token is that of whoever started the process, so it enters every session that
        // an anonymous client has opened.
        (PrincipalKind::Run, Owner::OwnToken(_)) => true,
        (PrincipalKind::Run | PrincipalKind::Token, Owner::Identity(identity)) => {
            identity == *principal.identity()
        }
        (PrincipalKind::Session(own), Owner::OwnToken(digest)) => {
            own == state.id && digest == *principal.identity()
        }
        (PrincipalKind::Session(_), Owner::Identity(_))
        | (PrincipalKind::Token, Owner::OwnToken(_))
        | (PrincipalKind::Anonymous, _) => false,
    };
    may.then_some(()).ok_or(Missed::OtherIdentity)
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    fn state(random: &mut Random) -> Arc<State> {
        let digest = Identity::new([u8::try_from(random.below(256)).unwrap(); 32]);
        let owner = if random.chance(50) {
            Owner::OwnToken(Identity::new(std::array::from_fn(|_| {
                u8::try_from(random.below(256)).unwrap()
            })))
        } else {
            Owner::Identity(digest)
        };
        let ip = std::net::Ipv4Addr::from_bits(u32::try_from(random.below(5)).unwrap());
        let address = Key::address(ip.into());
        let id = SessionId::generate().unwrap();
        Arc::new(State::new(id, owner, address, Duration::ZERO, 1_000))
    }

    #[test]
    fn the_tables_agree_whatever_happens() {
        let config = SessionConfig {
            most: 40,
            most_per_address: 10,
            ..SessionConfig::production()
        };
        let mut random = Random::new(5);
        let mut registry = Registry::default();
        let mut ids = Vec::new();
        for _ in 0..3_000 {
            if random.chance(60) {
                let state = state(&mut random);
                if registry.room(state.address, &config).is_ok() {
                    ids.push(state.id);
                    assert!(registry.add(state.clone()));
                    assert!(!registry.add(state), "an id was opened twice");
                }
            } else if !ids.is_empty() {
                let id = ids.swap_remove(random.below(ids.len()));
                assert!(registry.remove(id).is_some());
                assert!(registry.remove(id).is_none());
            }
            let own = |entry: &&Entry| matches!(entry.state.owner, Owner::OwnToken(_));
            assert_eq!(registry.len(), ids.len());
            let guarded = registry.sessions.values().filter(own).count();
            assert_eq!(registry.tokens.len(), guarded);
            assert_eq!(registry.addresses.values().sum::<usize>(), ids.len());
            assert!(
                registry
                    .addresses
                    .values()
                    .all(|count| (1..=10).contains(count))
            );
        }
        registry.remove_all(|_| Some(CloseReason::Shutdown));
        assert!(registry.tokens.is_empty() && registry.addresses.is_empty());
    }

    #[test]
    fn the_memory_of_many_sessions_that_ended_is_given_back() {
        let mut random = Random::new(6);
        let mut registry = Registry::default();
        for _ in 0..10_000 {
            assert!(registry.add(state(&mut random)));
        }
        assert!(registry.sessions.capacity() >= 10_000);
        registry.remove_all(|_| Some(CloseReason::Shutdown));
        let most = 2 * crate::capacity::KEPT;
        assert!(registry.sessions.capacity() <= most);
        assert!(registry.tokens.capacity() <= most);
    }

    #[test]
    fn a_session_needs_little_memory() {
        let tables = size_of::<(SessionId, Entry)>()
            + size_of::<(Identity, SessionId)>()
            + size_of::<(Key, usize)>();
        let bytes = size_of::<State>() + tables;
        assert!(bytes <= 1_024, "{bytes} bytes");
    }
}
