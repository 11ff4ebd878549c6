//! Gives each request an id that its answer, logs and audit lines share.
//!
//! **Threat.** An id that comes from outside ends in logs: a long one, or one with line ends or
//! terminal codes, writes there what it likes. A request without an id cannot be followed up.
//!
//! **What it does.** An inbound `X-Request-ID` is kept if there is exactly one, of 1 to 128 of
//! `A-Za-z0-9._-`; any other is replaced in silence by a fresh one, a random UUID (RFC 9562, version
//! 4). [`RequestId`] stands in the request's extensions, `X-Request-ID` on every answer, whatever
//! the route wrote there.
//!
//! **The trap.** An id is a name and no secret. Fresh ones come from a key drawn once and a counter,
//! because a call of the system for each request would cost more than all other heads' defences
//! together: whoever saw many could guess the next. Never use one as a token or session id.
//!
//! There is nothing to set. Sources: S29; security contract, section 4.

use crate::{Defence, Verdict};
use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use http::{request, response};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The id of a request. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(HeaderValue);

impl RequestId {
    /// The id: 1 to 128 of `A-Za-z0-9._-`.
    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    /// The one valid id that these headers bring.
    fn inbound(headers: &HeaderMap) -> Option<Self> {
        let mut lines = headers.get_all(&REQUEST_ID).iter();
        let line = lines.next()?;
        let known = |byte: &u8| byte.is_ascii_alphanumeric() || b"._-".contains(byte);
        let is_valid = (1..=MOST_BYTES).contains(&line.len()) && line.as_bytes().iter().all(known);
        (is_valid && lines.next().is_none()).then(|| Self(line.clone()))
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("RequestId").field(&self.as_str()).finish()
    }
}

/// Puts a [`RequestId`] into each request's extensions and onto its answer.
#[derive(Clone, Debug)]
pub struct RequestIds {
    fresh: Arc<Fresh>,
}

impl RequestIds {
    /// Fresh ids of a key that the system's random source gives.
    ///
    /// # Errors
    /// The system has no random source.
    pub fn new() -> Result<Self, getrandom::Error> {
        Ok(Self::with_key(getrandom::u64()?, getrandom::u64()?))
    }

    /// Fresh ids of this key: the same key gives the same ids.
    pub fn with_key(high: u64, low: u64) -> Self {
        let fresh = Fresh {
            key: [high, low],
            count: AtomicU64::new(0),
        };
        Self {
            fresh: Arc::new(fresh),
        }
    }
}

impl Defence for RequestIds {
    type Memo = RequestId;

    fn check(&self, head: &mut request::Parts) -> Verdict<RequestId> {
        let id = RequestId::inbound(&head.headers).unwrap_or_else(|| self.fresh.next());
        head.extensions.insert(id.clone());
        Verdict::Pass(id)
    }

    fn answer(&self, RequestId(id): RequestId, head: &mut response::Parts) {
        head.headers.insert(REQUEST_ID.clone(), id);
    }
}

/// Ids of a key and a counter: no two of a process are equal, and those of two processes are as
/// different as random ones.
#[derive(Debug)]
struct Fresh {
    key: [u64; 2],
    count: AtomicU64,
}

impl Fresh {
    fn next(&self) -> RequestId {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let [high, low] = self
            .key
            .map(|key| mixed(key.wrapping_add(count.wrapping_mul(STEP))));
        let bits = (u128::from(high) << 64) | u128::from(low);
        let uuid = uuid::Builder::from_random_bytes(bits.to_be_bytes()).into_uuid();
        let mut text = [0; uuid::fmt::Hyphenated::LENGTH];
        let text: &str = uuid.hyphenated().encode_lower(&mut text);
        RequestId(HeaderValue::from_str(text).unwrap_or(HeaderValue::from_static("unknown")))
    }
}

/// The finaliser of splitmix64: different numbers stay different and look random.
fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// The odd step of splitmix64's counter.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// Longest inbound id that is kept.
const MOST_BYTES: usize = 128;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn fresh_ids_are_random_uuids_and_all_different() {
        let ids = RequestIds::with_key(1, 1);
        let mut seen = HashSet::new();
        for _ in 0..10_000 {
            let id = ids.fresh.next();
            let uuid: uuid::Uuid = id.as_str().parse().unwrap();
            assert_eq!(uuid.get_version_num(), 4);
            assert_eq!(uuid.get_variant(), uuid::Variant::RFC4122);
            assert_eq!(id.as_str().len(), 36);
            assert!(seen.insert(id));
        }
    }

    #[test]
    fn two_processes_draw_different_keys() {
        let first = RequestIds::new().unwrap().fresh.next();
        assert_ne!(first, RequestIds::new().unwrap().fresh.next());
    }
}
