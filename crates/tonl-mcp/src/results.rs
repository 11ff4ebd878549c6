//! Results that were too large to send: kept for some minutes under a name that nobody guesses, for
//! the identity that asked for them alone, in bounded memory, readable in pages.
//!
//! All pages one after another are the text. A handle of somebody else, one that was never given out
//! and one that is gone look the same.

use crate::config::ResultLimits;
use crate::context::IdentityKey;
use crate::seal::random_name;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tonl_telemetry::Clock;

/// Keeps results.
pub(crate) struct Results {
    limits: ResultLimits,
    clock: Clock,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    kept: HashMap<Arc<str>, Kept>,
    /// The handles, oldest first; all live equally long.
    order: VecDeque<Arc<str>>,
    bytes: usize,
}

/// One result.
#[derive(Clone, Debug)]
pub(crate) struct Kept {
    /// All of the text.
    pub(crate) text: Arc<str>,
    /// Its media type.
    pub(crate) mime_type: &'static str,
    identity: IdentityKey,
    expires: SystemTime,
    /// Where the pages begin, the first left out.
    breaks: Arc<[usize]>,
}

impl Results {
    pub(crate) fn new(limits: ResultLimits, clock: Clock) -> Self {
        Self {
            limits,
            clock,
            shelf: Mutex::default(),
        }
    }

    /// Keeps a text; gives its handle and how many pages it has. Nothing if it is larger than one
    /// identity may keep, or if there are no random numbers.
    ///
    /// What is oldest makes room: first of the same identity, then of all.
    pub(crate) fn keep(
        &self,
        identity: IdentityKey,
        mime_type: &'static str,
        text: &str,
    ) -> Option<(String, usize)> {
        if text.len() > self.limits.identity_bytes.min(self.limits.total_bytes) {
            return None;
        }
        let breaks = breaks(text, self.limits.page_chars);
        let pages = breaks.len() + 1;
        let handle = random_name()?;
        let now = self.clock.now();
        let kept = Kept {
            text: text.into(),
            mime_type,
            identity,
            expires: now.checked_add(self.limits.lifetime)?,
            breaks: breaks.into(),
        };
        let mut shelf = self.shelf();
        shelf.forget_expired(now);
        shelf.make_room(&kept, &self.limits);
        shelf.add(handle.as_str().into(), kept);
        Some((handle, pages))
    }

    /// The result of a handle, if it is this identity's and still there.
    pub(crate) fn get(&self, identity: IdentityKey, handle: &str) -> Option<Kept> {
        let now = self.clock.now();
        let mut shelf = self.shelf();
        shelf.forget_expired(now);
        let kept = shelf.kept.get(handle)?;
        (kept.identity == identity && kept.expires > now).then(|| kept.clone())
    }

    /// A thread that panicked while it held the lock has left whole entries behind.
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    fn add(&mut self, handle: Arc<str>, kept: Kept) {
        self.bytes += kept.text.len();
        self.order.push_back(Arc::clone(&handle));
        self.kept.insert(handle, kept);
    }

    fn remove(&mut self, at: usize) {
        let handle = self.order.remove(at);
        if let Some(kept) = handle.and_then(|handle| self.kept.remove(&handle)) {
            self.bytes -= kept.text.len();
        }
    }

    fn forget_expired(&mut self, now: SystemTime) {
        while let Some(oldest) = self.order.front().and_then(|handle| self.kept.get(handle)) {
            if oldest.expires > now {
                return;
            }
            self.remove(0);
        }
    }

    fn make_room(&mut self, new: &Kept, limits: &ResultLimits) {
        let is_own = |shelf: &Self, handle: &Arc<str>| {
            let kept = shelf.kept.get(handle);
            kept.is_some_and(|kept| kept.identity == new.identity)
        };
        loop {
            let own = self.order.iter().filter(|handle| is_own(self, handle));
            let own_bytes: usize = own
                .filter_map(|handle| self.kept.get(handle))
                .map(|kept| kept.text.len())
                .sum();
            let oldest = if own_bytes + new.text.len() > limits.identity_bytes {
                self.order.iter().position(|handle| is_own(self, handle))
            } else if self.bytes + new.text.len() > limits.total_bytes
                || self.order.len() >= limits.most
            {
                Some(0)
            } else {
                None
            };
            match oldest.filter(|_| !self.order.is_empty()) {
                Some(at) => self.remove(at),
                None => return,
            }
        }
    }
}

impl Kept {
    /// A page, one-based; nothing if there is none of this number.
    pub(crate) fn page(&self, number: usize) -> Option<&str> {
        let before = number.checked_sub(1)?;
        if before > self.breaks.len() {
            return None;
        }
        let start = before.checked_sub(1).and_then(|at| self.breaks.get(at));
        let end = self.breaks.get(before).copied().unwrap_or(self.text.len());
        self.text.get(start.copied().unwrap_or_default()..end)
    }

    /// How many pages there are.
    pub(crate) fn pages(&self) -> usize {
        self.breaks.len() + 1
    }
}

impl fmt::Debug for Results {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shelf = self.shelf();
        f.debug_struct("Results")
            .field("kept", &shelf.kept.len())
            .field("bytes", &shelf.bytes)
            .finish_non_exhaustive()
    }
}

/// Where the pages of a text begin, the first left out.
fn breaks(text: &str, page_chars: usize) -> Vec<usize> {
    let mut breaks = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        at += beginning(rest, page_chars.max(1)).len();
        if at < text.len() {
            breaks.push(at);
        }
    }
    breaks
}

/// The beginning of a text: whole lines of at most so many characters, or as many characters of the
/// first line.
pub(crate) fn beginning(text: &str, chars: usize) -> &str {
    let Some((end, _)) = text.char_indices().nth(chars) else {
        return text;
    };
    let part = text.get(..end).unwrap_or_default();
    match part.rfind('\n') {
        Some(line_end) => part.get(..=line_end).unwrap_or(part),
        None => part,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    fn alice() -> IdentityKey {
        IdentityKey::of("alice")
    }

    fn limits() -> ResultLimits {
        ResultLimits {
            lifetime: Duration::from_secs(60),
            total_bytes: 100,
            identity_bytes: 60,
            most: 10,
            page_chars: 8,
        }
    }

    fn results() -> Results {
        Results::new(limits(), Clock::fixed(SystemTime::UNIX_EPOCH))
    }

    #[test]
    fn all_pages_together_are_the_text() {
        for text in [
            "",
            "a",
            "one\ntwo\nthree\n",
            "a line longer than a page\nx",
            "äöüäöüäöüäöü",
        ] {
            let results = results();
            let (handle, pages) = results.keep(alice(), "text/plain", text).unwrap();
            let kept = results.get(alice(), &handle).unwrap();
            assert_eq!(kept.pages(), pages);
            let all: Vec<&str> = (1..=pages).map(|n| kept.page(n).unwrap()).collect();
            assert_eq!(all.concat(), text);
            assert!(all.iter().all(|page| page.chars().count() <= 8));
            assert!(kept.page(0).is_none() && kept.page(pages + 1).is_none());
        }
        assert_eq!(beginning("one\ntwo\nthree", 9), "one\ntwo\n");
        assert_eq!(beginning("one\ntwo", 100), "one\ntwo");
    }

    #[test]
    fn a_handle_is_of_no_use_to_others_and_guessing_is_of_no_use_to_anybody() {
        let results = results();
        let (handle, _) = results.keep(alice(), "text/plain", "secret").unwrap();
        assert_eq!(&*results.get(alice(), &handle).unwrap().text, "secret");
        assert!(results.get(IdentityKey::of("bob"), &handle).is_none());
        for at in 0..handle.len() {
            let mut bytes = handle.clone().into_bytes();
            bytes[at] = if bytes[at] == b'1' { b'2' } else { b'1' };
            let changed = String::from_utf8(bytes).unwrap();
            assert!(results.get(alice(), &changed).is_none());
        }
        let (other, _) = results.keep(alice(), "text/plain", "secret").unwrap();
        assert_ne!(handle, other);
        assert!(!format!("{results:?}").contains("secret"));
    }

    #[test]
    fn results_are_gone_after_their_time() {
        let seconds = Arc::new(AtomicU64::new(0));
        let time = Arc::clone(&seconds);
        let clock = Clock::from_fn(move || {
            SystemTime::UNIX_EPOCH + Duration::from_secs(time.load(Ordering::Relaxed))
        });
        let results = Results::new(limits(), clock);
        let (handle, _) = results.keep(alice(), "text/plain", "x").unwrap();
        seconds.store(59, Ordering::Relaxed);
        assert!(results.get(alice(), &handle).is_some());
        seconds.store(60, Ordering::Relaxed);
        assert!(results.get(alice(), &handle).is_none());
        assert_eq!(results.shelf().bytes, 0);
    }

    #[test]
    fn memory_is_bounded_for_one_and_for_all() {
        let results = results();
        let text = "x".repeat(25);
        let names = ["alice", "bob", "carol", "dave"];
        let mut handles = Vec::new();
        for name in names {
            handles.push(
                results
                    .keep(IdentityKey::of(name), "text/plain", &text)
                    .unwrap()
                    .0,
            );
        }
        // 100 bytes are full: one more makes the oldest go.
        let (fifth, _) = results
            .keep(IdentityKey::of("erin"), "text/plain", &text)
            .unwrap();
        assert!(results.get(alice(), &handles[0]).is_none());
        assert!(results.get(IdentityKey::of("erin"), &fifth).is_some());
        // One identity replaces its own results, and not those of others.
        for _ in 0..20 {
            results
                .keep(IdentityKey::of("dave"), "text/plain", &text)
                .unwrap();
        }
        assert!(results.get(IdentityKey::of("erin"), &fifth).is_some());
        assert!(results.shelf().bytes <= 100);
        assert!(
            results
                .keep(alice(), "text/plain", &"x".repeat(61))
                .is_none()
        );
        for _ in 0..50 {
            results.keep(alice(), "text/plain", "").unwrap();
        }
        assert_eq!(results.shelf().order.len(), 10);
        assert_eq!(results.shelf().kept.len(), 10);
    }
}
