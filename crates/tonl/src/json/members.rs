//! Finds a key that stands twice in one object, in time near to linear for any keys.
//!
//! A text may hold a key in every five bytes, so a key takes eight bytes here: where it stands and as
//! much of its hash as fits beside that. Its end and its characters are found in the text again when
//! hashes are equal, which for keys that differ is rare, or crafted.
//!
//! The trap: the hash is quick and can be made equal at will. Keys are therefore told apart by a
//! second hash, whose seed nobody knows, as soon as many share the first.

use crate::error::Code;
use crate::scan::{Fault, literal};
use std::hash::{BuildHasher, RandomState};

/// Remembers the keys of the objects that are open, and finds one that stands twice.
///
/// Keys are compared decoded. Objects of few members are compared pair by pair through hashes,
/// larger ones are sorted, so that crafted keys cost no more than sorting them.
#[derive(Debug)]
pub(crate) struct MemberKeys {
    /// The keys of the open objects: a hash in the high bits, the place in the text in the low ones.
    keys: Vec<u64>,
    /// The bits of a place.
    place: u64,
    /// The decoded text of the key that was written with escapes last.
    decoded: Vec<u8>,
}

/// Where an object's keys begin; see [`MemberKeys::open`].
#[derive(Clone, Copy, Debug)]
#[must_use = "an opened object must be closed"]
pub(crate) struct OpenKeys {
    first: usize,
}

/// Up to so many keys are compared pair by pair.
const FEW: usize = 24;

/// Up to so many keys of one hash are compared by their texts alone.
const FEW_EQUAL: usize = 8;

/// The bits of a place in any text below 4 GiB.
const SHORT_PLACE: u64 = u32::MAX as u64;

/// So many keys may be kept room for between objects: 512 KiB.
const KEPT_KEYS: usize = 1 << 16;

/// So many bytes may be kept for decoding.
const KEPT_BYTES: usize = 64 << 10;

impl Default for MemberKeys {
    fn default() -> Self {
        Self {
            keys: Vec::new(),
            place: SHORT_PLACE,
            decoded: Vec::new(),
        }
    }
}

impl MemberKeys {
    /// Begins an object.
    #[inline]
    pub(crate) fn open(&self) -> OpenKeys {
        OpenKeys {
            first: self.keys.len(),
        }
    }

    /// Adds a key of the innermost object: the raw literal content `text[start..end]`, which needs
    /// decoding if it holds escapes. It is in quotes, or bare with a colon behind it.
    #[inline]
    pub(crate) fn add(&mut self, text: &[u8], start: usize, end: usize, has_escapes: bool) {
        let content = text.get(start..end).unwrap_or_default();
        let hash = if has_escapes {
            self.hash_escaped(content)
        } else {
            hash(content)
        };
        let start = start as u64;
        if start > self.place {
            self.widen(start);
        }
        self.keys.push(hash & !self.place | start);
    }

    #[cold]
    fn hash_escaped(&mut self, raw: &[u8]) -> u64 {
        let hash = hash(decoded(raw, &mut self.decoded));
        if self.decoded.capacity() > KEPT_BYTES {
            self.decoded = Vec::new();
        }
        hash
    }

    /// Gives places as many bits as this one needs, at the cost of the hashes.
    #[cold]
    fn widen(&mut self, start: u64) {
        let narrow = self.place;
        self.place = u64::MAX >> start.leading_zeros();
        for key in &mut self.keys {
            *key = *key & !self.place | *key & narrow;
        }
    }

    /// Ends the innermost object; gives a fingerprint of its keys in their order.
    ///
    /// # Errors
    /// [`Code::DuplicateKey`] at the second of two equal keys.
    #[inline]
    pub(crate) fn close(&mut self, text: &[u8], open: OpenKeys) -> Result<u64, Fault> {
        let place = self.place;
        let keys = self.keys.get_mut(open.first..).unwrap_or_default();
        let fingerprint = keys
            .iter()
            .fold(keys.len() as u64, |joined, key| join(joined, key & !place));
        let twice = if keys.len() > FEW || has_equal(keys, place) {
            Alike { text, place }.second_of_two(keys)
        } else {
            None
        };
        self.keys.truncate(open.first);
        if self.keys.capacity() > KEPT_KEYS {
            self.give_back();
        }
        match twice {
            None => Ok(fingerprint),
            Some(at) => Err(Fault::new(
                at,
                Code::DuplicateKey,
                "each key once in an object",
            )),
        }
    }

    /// Forgets everything, after a fault.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.give_back();
    }

    /// Gives back the room of a large object once no object is open.
    #[cold]
    fn give_back(&mut self) {
        if self.keys.is_empty() && self.keys.capacity() > KEPT_KEYS {
            self.keys = Vec::new();
        }
    }
}

/// Looks for equal keys among the keys of one object.
#[derive(Clone, Copy)]
struct Alike<'t> {
    text: &'t [u8],
    place: u64,
}

impl Alike<'_> {
    /// Where in the text the second of two equal keys stands.
    fn second_of_two(self, keys: &mut [u64]) -> Option<usize> {
        self.least_in_runs(keys, |run| {
            let (few, rest) = run.split_at(run.len().min(FEW_EQUAL));
            match self.repeated(few) {
                None if !rest.is_empty() => self.repeated_in_many(run),
                found => found,
            }
        })
    }

    /// As [`Self::repeated`], for many keys whose hashes are equal: by a hash of their own.
    #[cold]
    fn repeated_in_many(self, keys: &mut [u64]) -> Option<usize> {
        let seed = RandomState::new();
        let mut buffer = Vec::new();
        for key in &mut *keys {
            let hash = seed.hash_one(self.characters(*key, &mut buffer));
            *key = hash & !self.place | *key & self.place;
        }
        self.least_in_runs(keys, |run| self.repeated(run))
    }

    /// Sorts keys by hash and place; gives the least place found in the runs of one hash.
    fn least_in_runs(
        self,
        keys: &mut [u64],
        find: impl Fn(&mut [u64]) -> Option<usize>,
    ) -> Option<usize> {
        keys.sort_unstable();
        keys.chunk_by_mut(|a, b| a ^ b <= self.place)
            .filter(|run| run.len() > 1)
            .filter_map(find)
            .min()
    }

    /// Compares the keys of one hash, in the order of the text, pair by pair: where the first stands
    /// that equals one before it. Keys that are all equal end it at once.
    fn repeated(self, keys: &[u64]) -> Option<usize> {
        let (mut buffer, mut other) = (Vec::new(), Vec::new());
        let repeated = keys.iter().enumerate().find(|(at, key)| {
            let characters = self.characters(**key, &mut buffer);
            let mut before = keys.iter().take(*at);
            before.any(|before| self.characters(*before, &mut other) == characters)
        });
        repeated.map(|(_, key)| self.start(*key))
    }

    fn start(self, key: u64) -> usize {
        usize::try_from(key & self.place).unwrap_or(usize::MAX)
    }

    /// The decoded characters of a key.
    fn characters<'b>(&'b self, key: u64, buffer: &'b mut Vec<u8>) -> &'b [u8] {
        let start = self.start(key);
        let is_quoted = start
            .checked_sub(1)
            .is_some_and(|before| self.text.get(before) == Some(&b'"'));
        if !is_quoted {
            let rest = self.text.get(start..).unwrap_or_default();
            let end = memchr::memchr(b':', rest).unwrap_or(rest.len());
            return rest.get(..end).unwrap_or_default();
        }
        // The literal was scanned before, so it has an end.
        let Ok(found) = literal::scan(self.text, start) else {
            return &[];
        };
        let content = self.text.get(start..found.end).unwrap_or_default();
        if found.traits.has(literal::Traits::ESCAPED) {
            decoded(content, buffer)
        } else {
            content
        }
    }
}

/// The decoded characters of a key, or the key as it is if it can't be decoded.
fn decoded<'b>(raw: &'b [u8], buffer: &'b mut Vec<u8>) -> &'b [u8] {
    buffer.clear();
    if literal::decode(raw, buffer).is_ok() {
        buffer
    } else {
        raw
    }
}

#[inline]
fn has_equal(keys: &[u64], place: u64) -> bool {
    keys.iter()
        .enumerate()
        .any(|(at, key)| keys.iter().take(at).any(|before| before ^ key <= place))
}

#[inline]
fn join(joined: u64, hash: u64) -> u64 {
    (joined.rotate_left(5) ^ hash).wrapping_mul(MULTIPLIER)
}

const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;

/// A quick hash of a key; equal hashes are always followed by a comparison of the texts.
#[inline]
fn hash(bytes: &[u8]) -> u64 {
    let mut state = bytes.len() as u64;
    let mut rest = bytes;
    while let Some((word, tail)) = rest.split_first_chunk::<8>() {
        state = join(state, u64::from_le_bytes(*word));
        rest = tail;
    }
    join(
        state,
        rest.iter()
            .fold(0, |word, byte| word << 8 | u64::from(*byte)),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where among the keys of `text`, which stand between single spaces, one stands again.
    fn duplicate(text: &str) -> Option<usize> {
        duplicate_in(&mut MemberKeys::default(), text)
    }

    fn duplicate_in(keys: &mut MemberKeys, text: &str) -> Option<usize> {
        let quoted = format!("\"{}\"", text.replace(' ', "\" \""));
        let open = keys.open();
        let (mut at, mut places) = (1, Vec::new());
        for key in text.split(' ') {
            let end = at + key.len();
            keys.add(quoted.as_bytes(), at, end, key.contains('\\'));
            places.push(at);
            at = end + 3;
        }
        let fault = keys.close(quoted.as_bytes(), open).err()?;
        let number = places.iter().position(|place| *place == fault.at).unwrap();
        Some(fault.at - 1 - 2 * number)
    }

    #[test]
    fn keys_that_differ_are_no_duplicates() {
        assert_eq!(duplicate("a b c A"), None);
    }

    #[test]
    fn the_first_repetition_in_the_text_is_named() {
        assert_eq!(duplicate("z b a b z z"), Some(6));
        assert_eq!(duplicate("z z z"), Some(2));
    }

    #[test]
    fn keys_are_compared_decoded() {
        assert_eq!(duplicate("ab x a\\u0062"), Some(5));
    }

    #[test]
    fn many_keys_are_compared_too() {
        let mut text: Vec<String> = (0..100).map(|n| format!("k{n}")).collect();
        assert_eq!(duplicate(&text.join(" ")), None);
        text.push("k42".to_owned());
        let text = text.join(" ");
        assert_eq!(duplicate(&text), text.rfind("k42"));
    }

    #[test]
    fn of_many_keys_that_stand_twice_or_thrice_the_first_repetition_is_named() {
        for (first, second, third) in [(0, 30, 31), (5, 6, 29), (28, 29, 30)] {
            let mut all: Vec<String> = (0..30).map(|n| format!("k{n}")).collect();
            all[second.min(29)] = all[first].clone();
            all.insert(third.min(30), format!("k\\u00{:x}", 0x30));
            let text = all.join(" ");
            let place = |at: usize| all.iter().take(at).map(|key| key.len() + 1).sum::<usize>();
            let decoded: Vec<String> = all.iter().map(|key| key.replace("\\u0030", "0")).collect();
            let repeated = (0..all.len()).find(|at| decoded[..*at].contains(&decoded[*at]));
            assert_eq!(duplicate(&text), repeated.map(place), "{text}");
        }
    }

    /// Bare keys of sixteen bytes whose hashes are equal, a colon behind each.
    fn colliding(count: usize) -> Vec<u8> {
        let first = |word: u64| join(16, word);
        let base = first(0);
        let pairs = (0..).map(|word| (word, base.rotate_left(5) ^ first(word).rotate_left(5)));
        pairs
            .map(|(word, second)| [word.to_le_bytes(), second.to_le_bytes()].concat())
            .filter(|key| !key.contains(&b':'))
            .take(count)
            .flat_map(|key| [key, b":".to_vec()].concat())
            .collect()
    }

    #[test]
    fn crafted_keys_of_one_hash_are_compared_by_their_bytes() {
        for count in [2, 8, 9, 20, 200, 100_000] {
            let mut text = colliding(count);
            let hashes: Vec<u64> = text.chunks(17).map(|key| hash(&key[..16])).collect();
            assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]));
            let add_all = |keys: &mut MemberKeys, text: &[u8]| {
                let open = keys.open();
                for start in (0..text.len()).step_by(17) {
                    keys.add(text, start, start + 16, false);
                }
                keys.close(text, open)
            };
            let mut keys = MemberKeys::default();
            assert!(add_all(&mut keys, &text).is_ok());
            let end = text.len();
            text.extend_from_within(17..34);
            text.extend_from_within(17..34);
            text.extend_from_within(0..17);
            let fault = add_all(&mut keys, &text).unwrap_err();
            assert_eq!((fault.code, fault.at), (Code::DuplicateKey, end));
        }
    }

    #[test]
    fn a_key_takes_eight_bytes_and_a_large_object_leaves_nothing_behind() {
        let count = 5 * KEPT_KEYS;
        let keys: Vec<String> = (0..count).map(|n| format!("\"{n:06}\"")).collect();
        let text = keys.concat();
        for outer in [0, 1] {
            let mut keys = MemberKeys::default();
            let around = keys.open();
            for _ in 0..outer {
                keys.add(text.as_bytes(), 1, 7, false);
            }
            let open = keys.open();
            for at in (1..text.len()).step_by(8) {
                keys.add(text.as_bytes(), at, at + 6, false);
            }
            assert!(size_of_val(keys.keys.as_slice()) == 8 * (count + outer));
            assert!(keys.keys.capacity() <= 2 * (count + outer));
            assert!(keys.close(text.as_bytes(), open).is_ok());
            assert!(keys.close(text.as_bytes(), around).is_ok());
            assert!(keys.keys.capacity() <= KEPT_KEYS);
        }
        let mut keys = MemberKeys::default();
        for at in (1..text.len()).step_by(8) {
            keys.add(text.as_bytes(), at, at + 6, false);
        }
        let long = format!("\\u0041{text}");
        keys.add(long.as_bytes(), 0, long.len(), true);
        assert!(keys.decoded.capacity() <= KEPT_BYTES);
        keys.clear();
        assert!(keys.keys.capacity() <= KEPT_KEYS);
    }

    #[test]
    fn places_beyond_their_bits_take_bits_of_the_hashes() {
        for repeated in [0, 1, 25, 48] {
            let mut all: Vec<String> = (0..50).map(|n| format!("k{n}")).collect();
            all.push(format!("k{repeated}"));
            let text = all.join(" ");
            let mut keys = MemberKeys {
                place: 3,
                ..MemberKeys::default()
            };
            let last = text.rfind(' ').unwrap() + 1;
            assert_eq!(duplicate_in(&mut keys, &text), Some(last));
            assert_eq!(duplicate_in(&mut keys, text.get(..last - 1).unwrap()), None);
            assert_eq!(keys.place, 511);
        }
    }

    #[test]
    fn random_keys_are_found_as_a_slow_search_finds_them() {
        let mut random = tonl_testkit::Random::new(7);
        for most in [3, 20, 60, 400] {
            for _ in 0..50 {
                let count = 1 + random.below(most);
                let all: Vec<String> = (0..count)
                    .map(|_| match random.below(3) {
                        0 => format!("\\u00{:02x}", 0x61 + random.below(20)),
                        1 => format!("{}", random.below(most * most)),
                        _ => "k".repeat(random.below(most)),
                    })
                    .collect();
                let decoded: Vec<String> = all.iter().map(|key| plain(key)).collect();
                let second = (0..count).find(|at| decoded[..*at].contains(&decoded[*at]));
                let place = |at: usize| all[..at].iter().map(|key| key.len() + 1).sum::<usize>();
                assert_eq!(duplicate(&all.join(" ")), second.map(place), "{all:?}");
            }
        }
    }

    fn plain(key: &str) -> String {
        match key.strip_prefix("\\u00") {
            Some(hex) => char::from(u8::from_str_radix(hex, 16).unwrap()).to_string(),
            None => key.to_owned(),
        }
    }

    #[test]
    fn fingerprints_tell_keys_and_their_order() {
        let fingerprint = |text: &str| {
            let mut keys = MemberKeys::default();
            let open = keys.open();
            let mut at = 0;
            for key in text.split(' ') {
                keys.add(text.as_bytes(), at, at + key.len(), key.contains('\\'));
                at += key.len() + 1;
            }
            keys.close(text.as_bytes(), open).unwrap()
        };
        assert_eq!(fingerprint("a b"), fingerprint("a \\u0062"));
        assert_ne!(fingerprint("a b"), fingerprint("b a"));
        assert_ne!(fingerprint("a b"), fingerprint("a b c"));
    }

    #[test]
    fn an_inner_object_may_repeat_a_key_of_the_outer() {
        let mut keys = MemberKeys::default();
        let outer = keys.open();
        keys.add(b"a", 0, 1, false);
        let inner = keys.open();
        keys.add(b"a", 0, 1, false);
        assert!(keys.close(b"a", inner).is_ok());
        assert!(keys.close(b"a", outer).is_ok());
    }
}
