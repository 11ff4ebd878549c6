//! A whole body in memory, within a limit and out of the common budget.

use super::BodyLimit;
use super::budget::{Permit, Share};
use super::error::{BodyError, BoxError};
use bytes::{Buf, Bytes};
use http_body::Body;
use http_body_util::BodyExt;
use std::pin::pin;

/// A whole body. Its bytes are out of the budget until it is dropped.
#[derive(Debug)]
pub struct Collected {
    bytes: Vec<u8>,
    permit: Permit,
}

impl Collected {
    /// The body's bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes, and the permit that has to live as long as they do.
    pub fn into_parts(self) -> (Vec<u8>, Permit) {
        (self.bytes, self.permit)
    }

    /// Makes room for this many bytes more, and some in advance but not beyond `most`. Memory is
    /// asked for only when the budget has it.
    fn reserve(&mut self, more: usize, most: u64) -> Result<(), BodyError> {
        let needed = self.bytes.len().saturating_add(more);
        let capacity = self.bytes.capacity();
        if needed <= capacity {
            return Ok(());
        }
        let advance = if capacity < SMALL_BYTES {
            capacity.max(FIRST_BYTES)
        } else {
            capacity / 4
        };
        let capacity = usize::try_from(most)
            .unwrap_or(usize::MAX)
            .min(capacity.saturating_add(advance))
            .max(needed);
        let growth = (capacity as u64).saturating_sub(self.permit.bytes());
        if !self.permit.try_grow(growth) {
            return Err(BodyError::Busy);
        }
        self.bytes
            .try_reserve_exact(capacity - self.bytes.len())
            .map_err(|_| BodyError::Busy)
    }
}

impl AsRef<[u8]> for Collected {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a body to its end. Trailers are dropped. Memory grows with what came, never with what a
/// head claims, and is at most a quarter more than that once it is large.
///
/// How long it takes is for the caller to bound: bytes are held all the time.
///
/// # Errors
/// `TooLarge` beyond the limit, `Busy` when the budget or the client's share of it does not have the
/// bytes, and the body's own errors; an error of another kind is `Disconnected`.
///
/// # Cancel safety
/// Dropping the future gives all memory back; what was read is lost.
pub async fn collect<B>(body: B, limit: BodyLimit, share: &Share) -> Result<Collected, BodyError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    // A length that is known to be too large is refused before anything is read.
    if let Some(limit) = limit.exceeded_by(body.size_hint().lower()) {
        return Err(BodyError::TooLarge { limit });
    }
    let mut collected = Collected {
        bytes: Vec::new(),
        permit: share.empty(),
    };
    // A known length bounds what is taken in advance.
    let most = body.size_hint().upper().unwrap_or(u64::MAX);
    let most = most.min(limit.bytes());
    let mut body = pin!(body);
    while let Some(frame) = body.as_mut().frame().await {
        let frame = frame.map_err(|error| BodyError::found_in(error.into()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let total = (collected.bytes.len() as u64).saturating_add(data.remaining() as u64);
        if let Some(limit) = limit.exceeded_by(total) {
            return Err(BodyError::TooLarge { limit });
        }
        collected.reserve(data.len(), most)?;
        collected.bytes.extend_from_slice(&data);
    }
    Ok(collected)
}

/// The first reservation, in bytes: most JSON requests need no second one.
const FIRST_BYTES: usize = 16 * 1024;

/// Up to so many bytes room is doubled; beyond it grows by a quarter.
const SMALL_BYTES: usize = 1024 * 1024;
