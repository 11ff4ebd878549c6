//! Makes the block of a vocabulary from its tokens: finds a pilot for every bucket of hashes.

use super::{FREE, MAGIC, NUMBER_BITS, REACH, bucket, fingerprint, place};
use xxhash_rust::xxh3::xxh3_64;

/// Why no block can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The layout has room for fewer tokens.
    #[error("expected fewer than {} tokens, found {found}", 1 << NUMBER_BITS)]
    TooManyTokens {
        /// How many there are.
        found: usize,
    },
    /// The layout has room for the lengths of shorter tokens only.
    #[error("expected tokens of at most {} bytes, found {found}", u8::MAX)]
    TooLongToken {
        /// Its length in bytes.
        found: usize,
    },
    /// Two tokens have the same bytes, or hashes that no pilot parts.
    #[error("expected tokens that differ, found no place for token {number}")]
    NoPlace {
        /// The number of a token without a place.
        number: usize,
    },
}

/// Makes the block that [`super::Vocabulary::new`] reads. A token's number is its place in `tokens`.
///
/// # Errors
/// When there are too many tokens, or one stands twice.
pub fn build(tokens: &[Vec<u8>]) -> Result<Vec<u8>, BuildError> {
    let found = tokens.len();
    if found >= 1 << NUMBER_BITS {
        return Err(BuildError::TooManyTokens { found });
    }
    let longest = tokens.iter().map(Vec::len).max().unwrap_or(0);
    if longest > usize::from(u8::MAX) {
        return Err(BuildError::TooLongToken { found: longest });
    }
    let hashes: Vec<u64> = tokens.iter().map(|token| xxh3_64(token)).collect();
    let table = Table::new(&hashes)?;
    let text_len: usize = tokens.iter().map(Vec::len).sum();
    let mut block = MAGIC.to_vec();
    for count in [found, table.pilots.len(), table.slots.len(), text_len] {
        block.extend_from_slice(&number(count).to_le_bytes());
    }
    block.extend(table.pilots.iter().flat_map(|pilot| pilot.to_le_bytes()));
    block.extend(table.slots.iter().flat_map(|slot| slot.to_le_bytes()));
    block.extend_from_slice(&reach(tokens));
    let mut end = 0;
    for token in tokens {
        end += token.len();
        block.extend_from_slice(&number(end).to_le_bytes());
    }
    block.extend(tokens.iter().flatten());
    Ok(block)
}

/// The greatest length of the tokens that begin with each two bytes.
fn reach(tokens: &[Vec<u8>]) -> Vec<u8> {
    let mut reach = vec![1; REACH];
    for token in tokens {
        let Some(first) = token.first_chunk() else {
            continue;
        };
        if let Some(most) = reach.get_mut(usize::from(u16::from_be_bytes(*first))) {
            *most = u8::try_from(token.len()).unwrap_or(u8::MAX).max(*most);
        }
    }
    reach
}

/// A number of tokens or bytes; vocabularies are far smaller than 4 GiB.
fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

struct Table {
    pilots: Vec<u16>,
    slots: Vec<u32>,
}

impl Table {
    fn new(hashes: &[u64]) -> Result<Self, BuildError> {
        let mut buckets = vec![Vec::new(); hashes.len() / TOKENS_A_BUCKET + 1];
        let bucket_count = buckets.len();
        for (number, hash) in hashes.iter().enumerate() {
            if let Some(bucket) = buckets.get_mut(bucket(*hash, bucket_count)) {
                bucket.push(number);
            }
        }
        let mut order: Vec<usize> = (0..bucket_count).collect();
        // The fullest first, while there is most room.
        order.sort_by_key(|at| std::cmp::Reverse(buckets.get(*at).map_or(0, Vec::len)));
        let mut table = Self {
            pilots: vec![0; bucket_count],
            slots: vec![FREE; hashes.len() + hashes.len() / SPARE + 1],
        };
        for at in order {
            let members = buckets.get(at).map_or(&[][..], Vec::as_slice);
            let pilot = table.settle(members, hashes)?;
            if let Some(place) = table.pilots.get_mut(at) {
                *place = pilot;
            }
        }
        Ok(table)
    }

    /// Finds a pilot that sends all members of a bucket to free slots, and fills these.
    fn settle(&mut self, members: &[usize], hashes: &[u64]) -> Result<u16, BuildError> {
        let size = self.slots.len();
        let members: Vec<(usize, u64)> = members
            .iter()
            .filter_map(|number| Some((*number, *hashes.get(*number)?)))
            .collect();
        for pilot in 0..=u16::MAX {
            let mut places: Vec<usize> = members
                .iter()
                .map(|(_, hash)| place(*hash, pilot, size))
                .collect();
            let are_free = places.iter().all(|at| self.slots.get(*at) == Some(&FREE));
            places.sort_unstable();
            places.dedup();
            if are_free && places.len() == members.len() {
                for (number, hash) in &members {
                    self.fill(*number, *hash, pilot);
                }
                return Ok(pilot);
            }
        }
        let number = members.first().map_or(0, |(number, _)| *number);
        Err(BuildError::NoPlace { number })
    }

    fn fill(&mut self, number: usize, hash: u64, pilot: u16) {
        let at = place(hash, pilot, self.slots.len());
        if let Some(slot) = self.slots.get_mut(at) {
            *slot = fingerprint(hash) << NUMBER_BITS | self::number(number);
        }
    }
}

/// Fewer make pilots easier to find, and more of them.
const TOKENS_A_BUCKET: usize = 4;

/// One slot in so many stays free.
const SPARE: usize = 40;
