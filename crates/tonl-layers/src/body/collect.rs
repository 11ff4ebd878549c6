//! A whole body in memory, within a limit and out of the common budget.
//!
//! What comes is kept in pieces, which are put together at the end. One buffer that grows would be moved
//! again and again, and for a while an allocator keeps the places that it has left: four times the body.

use super::BodyLimit;
use super::budget::{Permit, Share};
use super::error::{BodyError, BoxError};
use bytes::{Buf, Bytes};
use http_body::Body;
use http_body_util::BodyExt;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

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
}

impl AsRef<[u8]> for Collected {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// Reads a body to its end. Trailers are dropped. Memory grows with what came, never with what a
/// head claims, and is at most 256 KiB more than that, or twice as much of a small one.
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
    // A known length bounds what is taken in advance.
    let most = body.size_hint().upper().unwrap_or(u64::MAX);
    let mut pieces = Pieces {
        all: Vec::new(),
        bytes: 0,
        most: most.min(limit.bytes()),
        permit: share.empty(),
    };
    let mut body = pin!(body);
    while let Some(frame) = body.as_mut().frame().await {
        let frame = frame.map_err(|error| BodyError::found_in(error.into()))?;
        let Ok(data) = frame.into_data() else {
            continue;
        };
        let total = (pieces.bytes as u64).saturating_add(data.remaining() as u64);
        if let Some(limit) = limit.exceeded_by(total) {
            return Err(BodyError::TooLarge { limit });
        }
        pieces.add(&data)?;
    }
    pieces.join().await
}

/// The first piece, in bytes: most JSON requests need no second one.
const FIRST_BYTES: usize = 16 * 1024;

/// The largest piece, in bytes. Up to it each is as large as all before.
const PIECE_BYTES: usize = 256 * 1024;

/// So many pieces are put together before other tasks have their turn.
const AT_ONCE: usize = 4;

/// A body that is not whole yet.
struct Pieces {
    all: Vec<Vec<u8>>,
    bytes: usize,
    /// How many bytes there can be.
    most: u64,
    /// Out of the budget for all pieces, full or not.
    permit: Permit,
}

impl Pieces {
    fn add(&mut self, mut data: &[u8]) -> Result<(), BodyError> {
        while !data.is_empty() {
            let room = self
                .all
                .last()
                .map_or(0, |last| last.capacity() - last.len());
            if room == 0 {
                self.begin(data.len())?;
                continue;
            }
            let (now, later) = data.split_at(room.min(data.len()));
            if let Some(last) = self.all.last_mut() {
                last.extend_from_slice(now);
            }
            self.bytes += now.len();
            data = later;
        }
        Ok(())
    }

    /// Begins a piece for at least one byte. Memory is asked for only when the budget has it.
    fn begin(&mut self, wanted: usize) -> Result<(), BodyError> {
        let left = self.most.saturating_sub(self.bytes as u64);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        // More than was promised may come; then it is taken as it comes.
        let capacity = self.bytes.clamp(FIRST_BYTES, PIECE_BYTES);
        let capacity = capacity.min(left.max(wanted.min(PIECE_BYTES)));
        if !self.permit.try_grow(capacity as u64) {
            return Err(BodyError::Busy);
        }
        let mut piece = Vec::new();
        let reserved = piece.try_reserve_exact(capacity);
        reserved.map_err(|_| BodyError::Busy)?;
        self.all.push(piece);
        Ok(())
    }

    /// Puts the pieces together; each is free as soon as it was copied.
    async fn join(mut self) -> Result<Collected, BodyError> {
        let mut bytes = Vec::new();
        if self.all.len() == 1 {
            bytes = self.all.pop().unwrap_or_default();
        }
        let reserved = bytes.try_reserve_exact(self.bytes - bytes.len());
        reserved.map_err(|_| BodyError::Busy)?;
        for (number, piece) in self.all.into_iter().enumerate() {
            if number % AT_ONCE == AT_ONCE - 1 {
                others_first().await;
            }
            bytes.extend_from_slice(&piece);
        }
        let mut permit = self.permit;
        permit.shrink_to(bytes.capacity() as u64);
        Ok(Collected { bytes, permit })
    }
}

/// Waits until the other tasks that can go on had their turn.
async fn others_first() {
    let mut has_waited = false;
    poll_fn(|context| {
        if has_waited {
            return Poll::Ready(());
        }
        has_waited = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
