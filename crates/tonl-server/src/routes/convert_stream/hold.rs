//! What one conversion holds in memory: an unfinished line, rows that nobody has read yet.
//!
//! It is taken out of the client's share of the budget as it grows, beyond a first piece that every
//! connection may hold anyway. So small conversions go on while the budget is used up, and the
//! budget is asked rarely.

use super::failure::Failure;
use bytes::Bytes;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tonl_layers::body::{BodyError, Permit, Share};

/// So many bytes of a conversion are not taken out of the budget.
pub(super) const FREE_BYTES: u64 = 64 << 10;

/// In steps of so many bytes the budget is asked.
const STEP_BYTES: u64 = 16 << 10;

/// All that one conversion holds. Clones are the same conversion's.
#[derive(Clone, Debug)]
pub(super) struct Hold(Arc<Mutex<Sum>>);

#[derive(Debug)]
struct Sum {
    bytes: u64,
    permit: Permit,
}

impl Sum {
    /// Holds so much; `false` and no change if the budget does not have it.
    fn try_set(&mut self, bytes: u64) -> bool {
        let counted = bytes.saturating_sub(FREE_BYTES);
        let fits = self.permit.try_resize(counted.next_multiple_of(STEP_BYTES));
        if fits {
            self.bytes = bytes;
        }
        fits
    }
}

impl Hold {
    /// A conversion that holds nothing.
    pub(super) fn new(share: &Share) -> Self {
        let permit = share.empty();
        Self(Arc::new(Mutex::new(Sum { bytes: 0, permit })))
    }

    /// A part of it that may grow and shrink.
    pub(super) fn part(&self) -> Part {
        Part {
            hold: self.clone(),
            bytes: 0,
        }
    }

    /// These rows, which count until they are dropped.
    ///
    /// # Errors
    /// `Busy` when the budget does not have the bytes.
    pub(super) fn rows(&self, rows: Vec<u8>) -> Result<Bytes, Failure> {
        let mut part = self.part();
        part.set(rows.capacity())?;
        Ok(Bytes::from_owner(HeldRows { rows, _part: part }))
    }

    fn sum(&self) -> MutexGuard<'_, Sum> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A part of what a conversion holds; dropping it gives its bytes back.
#[derive(Debug)]
pub(super) struct Part {
    hold: Hold,
    bytes: u64,
}

impl Part {
    /// Holds so many bytes now.
    ///
    /// # Errors
    /// `Busy` when the budget does not have them; then nothing changes.
    pub(super) fn set(&mut self, bytes: usize) -> Result<(), Failure> {
        let bytes = bytes as u64;
        if bytes == self.bytes {
            return Ok(());
        }
        let mut sum = self.hold.sum();
        let others = sum.bytes.saturating_sub(self.bytes);
        if !sum.try_set(others.saturating_add(bytes)) {
            return Err(Failure::Body(BodyError::Busy));
        }
        drop(sum);
        self.bytes = bytes;
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        let mut sum = self.hold.sum();
        let others = sum.bytes.saturating_sub(self.bytes);
        // Less always fits.
        let _fits = sum.try_set(others);
    }
}

/// Rows on their way to the client.
struct HeldRows {
    rows: Vec<u8>,
    _part: Part,
}

impl AsRef<[u8]> for HeldRows {
    fn as_ref(&self) -> &[u8] {
        &self.rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_layers::body::Budget;
    use tonl_layers::rate_limit::Key;

    #[test]
    fn what_is_held_is_counted_until_it_is_dropped() {
        let budget = Budget::new(1 << 20, 1 << 20);
        let hold = Hold::new(&budget.of(Key::unknown()));
        let small = hold.rows(vec![b'x'; 60 << 10]).unwrap();
        assert_eq!(budget.used(), 0);
        let large = hold.rows(vec![b'x'; 100 << 10]).unwrap();
        let mut line = hold.part();
        line.set(200 << 10).unwrap();
        let all = (60 + 100 + 200) << 10;
        assert_eq!(
            budget.used(),
            (all - FREE_BYTES).next_multiple_of(STEP_BYTES)
        );
        assert!(line.set(1 << 20).is_err());
        line.set(0).unwrap();
        drop(large.slice(5..));
        assert!(budget.used() > 0);
        drop((large, small));
        assert_eq!(budget.used(), 0);
        line.set(1 << 20).unwrap();
        drop(line);
        assert_eq!(budget.used(), 0);
    }
}
