//! A vocabulary as one block of bytes that is searched where it lies.
//!
//! The block holds every token's bytes and a perfect hash over them, so that a look-up touches one
//! pilot, one slot and, if the slot's fingerprint agrees, the token's bytes. Nothing is decoded or
//! copied when a program starts; only the pages that are looked at are read from disk.
//!
//! All numbers are little-endian. In order:
//!
//! | part | size | what |
//! |---|---|---|
//! | magic | 8 bytes | [`MAGIC`] |
//! | counts | 4 x `u32` | tokens, buckets, slots, bytes of text |
//! | pilots | `u16` a bucket | what sends the bucket's tokens to free slots |
//! | slots | `u32` a slot | 18 bits of the token's number, 14 bits of fingerprint; all ones if free |
//! | reach | a byte for each two bytes | how long a token that begins with the two is at most |
//! | ends | `u32` a token | where the token's bytes end in the text |
//! | text | | the tokens' bytes, in the order of their numbers |
//!
//! The trap: whoever changes the hash or the layout must make the blocks anew
//! (`cargo xtask vocabularies`) and change [`MAGIC`].

mod build;

pub use build::{BuildError, build};

use xxhash_rust::xxh3::xxh3_64;

/// How a block of this layout begins.
pub const MAGIC: [u8; 8] = *b"TONLVOC1";

/// How many bits of a slot hold the token's number.
const NUMBER_BITS: u32 = 18;

const FREE: u32 = u32::MAX;

/// The size of the table of lengths.
const REACH: usize = 1 << 16;

/// A vocabulary that lies in a block of bytes.
#[derive(Clone, Copy, Debug)]
pub struct Vocabulary<'b> {
    pilots: &'b [u8],
    slots: &'b [u8],
    reach: &'b [u8],
    ends: &'b [u8],
    text: &'b [u8],
}

impl<'b> Vocabulary<'b> {
    /// The vocabulary in a block; `None` if the block has not this layout.
    pub fn new(block: &'b [u8]) -> Option<Self> {
        let counts = block.strip_prefix(&MAGIC)?;
        let count = |at: usize| u32_at(counts, at).and_then(|count| usize::try_from(count).ok());
        let (tokens, buckets, slots) = (count(0)?, count(1)?, count(2)?);
        let (pilots, rest) = counts
            .get(16..)?
            .split_at_checked(buckets.checked_mul(2)?)?;
        let (slots, rest) = rest.split_at_checked(slots.checked_mul(4)?)?;
        let (reach, rest) = rest.split_at_checked(REACH)?;
        let (ends, text) = rest.split_at_checked(tokens.checked_mul(4)?)?;
        (text.len() == count(3)?).then_some(Self {
            pilots,
            slots,
            reach,
            ends,
            text,
        })
    }

    /// A vocabulary without tokens.
    pub const EMPTY: Vocabulary<'static> = Vocabulary {
        pilots: &[],
        slots: &[],
        reach: &[],
        ends: &[],
        text: &[],
    };

    /// How many tokens it has.
    pub fn tokens(&self) -> usize {
        self.ends.len() / 4
    }

    /// The number of the token with exactly these bytes, which is also its rank: the lower, the
    /// earlier it is merged.
    #[inline]
    pub fn find(&self, bytes: &[u8]) -> Option<u32> {
        let hash = xxh3_64(bytes);
        let pilot = u16_at(self.pilots, bucket(hash, self.pilots.len() / 2))?;
        let slot = u32_at(self.slots, place(hash, pilot, self.slots.len() / 4))?;
        let number = slot & ((1 << NUMBER_BITS) - 1);
        let is_likely = slot >> NUMBER_BITS == fingerprint(hash);
        (is_likely && self.token(number) == Some(bytes)).then_some(number)
    }

    /// The lengths, from the longest down, of the tokens that `text` begins with and that have at
    /// most `longest` bytes.
    pub(crate) fn prefixes(self, text: &[u8], longest: usize) -> impl Iterator<Item = usize> {
        let reach = match text {
            [first, second, ..] => {
                let at = usize::from(u16::from_be_bytes([*first, *second]));
                self.reach.get(at).copied().map_or(1, usize::from)
            }
            _ => text.len(),
        };
        let most = reach.min(text.len()).min(longest);
        (1..=most).rev().filter(move |len| {
            let prefix = text.get(..*len);
            prefix.is_some_and(|prefix| self.find(prefix).is_some())
        })
    }

    /// The bytes of a token.
    #[inline]
    pub fn token(&self, number: u32) -> Option<&'b [u8]> {
        let at = usize::try_from(number).ok()?;
        let start = match at.checked_sub(1) {
            Some(before) => u32_at(self.ends, before)?,
            None => 0,
        };
        let end = u32_at(self.ends, at)?;
        self.text
            .get(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }
}

/// The bucket of a hash among `buckets`.
#[inline]
fn bucket(hash: u64, buckets: usize) -> usize {
    scale(hash >> 32, buckets)
}

/// The slot to which a pilot sends a hash, among `slots`.
#[inline]
fn place(hash: u64, pilot: u16, slots: usize) -> usize {
    let turned = hash ^ u64::from(pilot).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    scale(turned.wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 32, slots)
}

/// The bits of a hash that a slot keeps.
#[inline]
fn fingerprint(hash: u64) -> u32 {
    (hash & 0x3FFF) as u32
}

/// A number below 2^32 as one below `size`, in proportion.
#[inline]
fn scale(value: u64, size: usize) -> usize {
    ((value * size as u64) >> 32) as usize
}

#[inline]
fn u32_at(numbers: &[u8], at: usize) -> Option<u32> {
    let bytes = numbers.get(4 * at..)?.first_chunk()?;
    Some(u32::from_le_bytes(*bytes))
}

#[inline]
fn u16_at(numbers: &[u8], at: usize) -> Option<u16> {
    let bytes = numbers.get(2 * at..)?.first_chunk()?;
    Some(u16::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests;
