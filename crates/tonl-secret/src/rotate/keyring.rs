//! The tokens in force: the current set, and replaced tokens in their overlap.
//!
//! Reading takes no lock. The invariant: a token is in the current set or among the retired ones,
//! never in both. The trap: time is the system's clock; a clock that is set back could make an
//! overlap endless, so that one set back by more than the overlap ends it.

use crate::digest::Digest;
use crate::tokens::{Token, TokenSet, Verdict, position};
use arc_swap::ArcSwap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// The tokens in force, shared by all requests.
#[derive(Debug)]
pub struct Keyring {
    rings: ArcSwap<Rings>,
    /// Held while the rings are replaced, so that no change is lost to another one.
    changing: Mutex<()>,
}

/// What a change of the set did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// Tokens that were not in force before.
    pub added: Vec<Arc<Token>>,
    /// Tokens that are no longer in the set; they are valid until their overlap ends.
    pub removed: Vec<Arc<Token>>,
    /// Tokens whose name, scopes or dates are other ones now, as they are now.
    pub altered: Vec<Arc<Token>>,
}

impl Change {
    /// Whether nothing is different.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.altered.is_empty()
    }
}

/// A presented token that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verified {
    /// The token.
    pub token: Arc<Token>,
    /// Whether it may be used now.
    pub verdict: Verdict,
    /// For a replaced token: when its overlap ends. `None` for a current one.
    pub overlap_ends: Option<SystemTime>,
}

impl Verified {
    /// The digest of the token, the identity that sessions are bound to.
    pub fn digest(&self) -> Digest {
        self.token.digest
    }

    /// Whether it may be used now.
    pub fn is_valid(&self) -> bool {
        self.verdict == Verdict::Valid
    }
}

#[derive(Clone, Debug)]
struct Rings {
    current: TokenSet,
    retired: Vec<Retired>,
    /// Current tokens that expired and were already reported by a sweep.
    reported: Vec<Digest>,
    /// Current tokens that open less than before, not yet reported by a sweep.
    narrowed: Vec<Digest>,
}

/// A token that was replaced.
#[derive(Clone, Debug)]
struct Retired {
    token: Arc<Token>,
    since: SystemTime,
    overlap: Duration,
}

impl Retired {
    /// When it ends; a sum that the clock cannot hold is taken as no overlap.
    fn end(&self) -> SystemTime {
        self.since.checked_add(self.overlap).unwrap_or(self.since)
    }

    fn is_over(&self, now: SystemTime) -> bool {
        let set_back = self.since.duration_since(now).unwrap_or_default();
        now >= self.end() || set_back > self.overlap
    }
}

impl Keyring {
    /// Begins with a set.
    pub fn new(current: TokenSet) -> Self {
        let rings = Rings {
            current,
            retired: Vec::new(),
            reported: Vec::new(),
            narrowed: Vec::new(),
        };
        Self {
            rings: ArcSwap::from_pointee(rings),
            changing: Mutex::new(()),
        }
    }

    /// Looks a presented token up in the current set and among the replaced tokens whose overlap
    /// has not ended. All of them are compared, in constant time. `None` for any other token.
    ///
    /// *Source:* S2, S6.
    pub fn verify(&self, presented: &[u8], now: SystemTime) -> Option<Verified> {
        self.rings.load().look_up(&Digest::of(presented), now)
    }

    /// The token with this digest as it is now, with the scopes and dates of now: what a stream or a
    /// session that it opened asks. `None` for one that is in force no longer.
    pub fn with_digest(&self, digest: &Digest, now: SystemTime) -> Option<Verified> {
        self.rings.load().look_up(digest, now)
    }

    /// Whether the token with this digest may be used now.
    pub fn digests_valid(&self, digest: &Digest, now: SystemTime) -> bool {
        let found = self.with_digest(digest, now);
        found.is_some_and(|found| found.is_valid())
    }

    /// Puts another set in force. Tokens that it does not have stay valid for `overlap`, counted
    /// from `now`; zero revokes them at once. A token that is already in its overlap keeps the
    /// end it has, or ends earlier if the new overlap is shorter.
    ///
    /// *Source:* S6.
    pub fn install(&self, new: TokenSet, now: SystemTime, overlap: Duration) -> Change {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let (rings, change) = self.rings.load().replaced(new, now, overlap);
        self.rings.store(Arc::new(rings));
        change
    }

    /// Forgets replaced tokens whose overlap has ended, and gives their digests and those of
    /// current tokens that have expired or open less than before (another scope or first moment),
    /// each once: what they opened must be looked at, or ends now.
    pub fn sweep(&self, now: SystemTime) -> Vec<Digest> {
        let _changing = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rings = Rings::clone(&self.rings.load());
        let swept = rings.sweep(now);
        if !swept.is_empty() {
            self.rings.store(Arc::new(rings));
        }
        swept
    }

    /// The current set.
    pub fn current(&self) -> TokenSet {
        self.rings.load().current.clone()
    }
}

impl Rings {
    fn look_up(&self, digest: &Digest, now: SystemTime) -> Option<Verified> {
        let current = self.current.with_digest(digest);
        let digests = self.retired.iter().map(|old| &old.token.digest);
        let retired = position(digests, digest).and_then(|at| self.retired.get(at));
        if let Some(token) = current {
            return Some(Verified {
                verdict: token.verdict(now),
                token: Arc::clone(token),
                overlap_ends: None,
            });
        }
        let old = retired.filter(|old| !old.is_over(now))?;
        Some(Verified {
            verdict: old.token.verdict(now),
            token: Arc::clone(&old.token),
            overlap_ends: Some(old.end()),
        })
    }

    fn replaced(&self, new: TokenSet, now: SystemTime, overlap: Duration) -> (Self, Change) {
        let mut change = Change::default();
        let mut narrowed = self.narrowed.clone();
        for token in new.shared() {
            match self.current.with_digest(&token.digest) {
                None => change.added.push(Arc::clone(token)),
                Some(old) if old != token => {
                    change.altered.push(Arc::clone(token));
                    if opens_less(old, token) && !narrowed.contains(&token.digest) {
                        narrowed.push(token.digest);
                    }
                }
                Some(_) => {}
            }
        }
        let mut retired = self.retired.clone();
        for old in &mut retired {
            let passed = now.duration_since(old.since).unwrap_or_default();
            old.overlap = old.overlap.min(passed.saturating_add(overlap));
        }
        for token in self.current.shared() {
            if new.with_digest(&token.digest).is_none() {
                change.removed.push(Arc::clone(token));
                retired.push(Retired {
                    token: Arc::clone(token),
                    since: now,
                    overlap,
                });
            }
        }
        retired.retain(|old| new.with_digest(&old.token.digest).is_none());
        let rings = Self {
            current: new,
            retired,
            reported: self.reported.clone(),
            narrowed,
        };
        (rings, change)
    }

    fn sweep(&mut self, now: SystemTime) -> Vec<Digest> {
        let mut swept = Vec::new();
        self.retired.retain(|old| {
            let over = old.is_over(now);
            if over {
                swept.push(old.token.digest);
            }
            !over
        });
        let expired: Vec<Digest> = self
            .current
            .tokens()
            .filter(|token| token.verdict(now) == Verdict::Expired)
            .map(|token| token.digest)
            .collect();
        let fresh = expired
            .iter()
            .filter(|digest| !self.reported.contains(digest));
        swept.extend(fresh);
        for digest in std::mem::take(&mut self.narrowed) {
            if !swept.contains(&digest) {
                swept.push(digest);
            }
        }
        self.reported = expired;
        swept
    }
}

/// Whether a token as it is now opens less than as it was.
fn opens_less(was: &Token, now: &Token) -> bool {
    let has_lost = was.scopes.iter().any(|scope| !now.scopes.contains(scope));
    has_lost || now.not_before > was.not_before
}

#[cfg(test)]
mod tests;
