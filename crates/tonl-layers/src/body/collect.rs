//! A whole body in memory, within a limit and out of the common budget.

use super::BodyLimit;
use super::budget::{Budget, Permit};
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

    /// Makes room for this many bytes more: memory is asked for only when the budget has it.
    fn reserve(&mut self, more: usize, limit: BodyLimit) -> Result<(), BodyError> {
        let needed = self.bytes.len().saturating_add(more);
        if needed <= self.bytes.capacity() {
            return Ok(());
        }
        let doubled = self.bytes.capacity().saturating_mul(2).max(FIRST_BYTES);
        let capacity = usize::try_from(limit.bytes())
            .unwrap_or(usize::MAX)
            .min(doubled)
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
/// head claims.
///
/// # Errors
/// `TooLarge` beyond the limit, `Busy` when the budget does not have the bytes, and the body's own
/// errors; an error of another kind is `Disconnected`.
///
/// # Cancel safety
/// Dropping the future gives all memory back; what was read is lost.
pub async fn collect<B>(body: B, limit: BodyLimit, budget: &Budget) -> Result<Collected, BodyError>
where
    B: Body<Data = Bytes>,
    B::Error: Into<BoxError>,
{
    // A head that claims too much is answered at once; its body is not waited for.
    if let Some(limit) = limit.exceeded_by(body.size_hint().lower()) {
        return Err(BodyError::TooLarge { limit });
    }
    let permit = budget.try_reserve(0).ok_or(BodyError::Busy)?;
    let mut collected = Collected {
        bytes: Vec::new(),
        permit,
    };
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
        collected.reserve(data.len(), limit)?;
        collected.bytes.extend_from_slice(&data);
    }
    Ok(collected)
}

/// The first reservation, in bytes: most JSON requests need no second one.
const FIRST_BYTES: usize = 16 * 1024;
