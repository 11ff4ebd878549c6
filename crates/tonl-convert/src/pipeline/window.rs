//! A stretch of a long input in memory: filled at its end, consumed at its beginning.

use super::feed::{Feed, Fill};
use std::io;

/// The bytes of an input that are in memory now.
pub(crate) struct Window<F> {
    feed: F,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    /// How many bytes were consumed before `start`.
    offset: u64,
    is_end: bool,
}

/// How many bytes a window holds unless a record is longer.
const WINDOW_BYTES: usize = 256 << 10;

impl<F: Feed> Window<F> {
    pub(crate) fn new(feed: F) -> Self {
        Self {
            feed,
            buffer: Vec::new(),
            start: 0,
            filled: 0,
            offset: 0,
            is_end: false,
        }
    }

    /// The bytes that are there and not consumed.
    #[inline]
    pub(crate) fn bytes(&self) -> &[u8] {
        self.buffer.get(self.start..self.filled).unwrap_or_default()
    }

    /// The bytes that are there and not consumed, taken out.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        self.buffer.truncate(self.filled);
        self.buffer.drain(..self.start);
        self.buffer
    }

    /// Whether no further bytes will come.
    pub(crate) fn is_end(&self) -> bool {
        self.is_end
    }

    /// How many bytes were consumed.
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// Takes `count` bytes off the beginning.
    #[inline]
    pub(crate) fn consume(&mut self, count: usize) {
        let count = count.min(self.filled - self.start);
        self.start += count;
        self.offset += count as u64;
    }

    /// Asks the feed once for more bytes; the window grows if it is full.
    ///
    /// # Errors
    /// What the feed reports.
    pub(crate) fn refill(&mut self) -> io::Result<Fill> {
        if self.is_end {
            return Ok(Fill::End);
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
        }
        if self.filled == self.buffer.len() {
            let len = (2 * self.buffer.len()).max(WINDOW_BYTES);
            self.buffer.resize(len, 0);
        }
        let free = self.buffer.get_mut(self.filled..).unwrap_or_default();
        let fill = self.feed.fill(free)?;
        match fill {
            Fill::Bytes(count) => self.filled += count,
            Fill::End => self.is_end = true,
            Fill::Idle | Fill::Pause => {}
        }
        Ok(fill)
    }

    /// Gives memory back that a long record needed.
    pub(crate) fn shrink(&mut self) {
        if self.buffer.len() > 4 * WINDOW_BYTES && self.filled - self.start < WINDOW_BYTES {
            self.buffer.copy_within(self.start..self.filled, 0);
            self.filled -= self.start;
            self.start = 0;
            self.buffer.truncate(WINDOW_BYTES);
            self.buffer.shrink_to_fit();
        }
    }
}
