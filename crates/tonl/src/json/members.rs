//! Finds a key that stands twice in one object, in time near to linear for any keys.

use crate::error::Code;
use crate::scan::Fault;

/// Remembers the keys of the objects that are open, and finds one that stands twice.
///
/// Keys are compared decoded. Objects of few members are compared pair by pair through hashes,
/// larger ones are sorted, so that crafted keys cost no more than sorting them.
#[derive(Debug, Default)]
pub(crate) struct MemberKeys {
    keys: Vec<Key>,
    /// The keys' hashes, side by side so that many are compared at once.
    hashes: Vec<u64>,
    /// Decoded texts of the keys that were written with escapes.
    decoded: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    hash: u64,
    /// Where it stands in the text.
    at: usize,
    start: usize,
    end: usize,
    is_decoded: bool,
}

/// Where an object's keys begin; see [`MemberKeys::open`].
#[derive(Clone, Copy, Debug)]
#[must_use = "an opened object must be closed"]
pub(crate) struct OpenKeys {
    first: usize,
    decoded: usize,
}

const FEW: usize = 24;

impl MemberKeys {
    /// Begins an object.
    #[inline]
    pub(crate) fn open(&self) -> OpenKeys {
        OpenKeys {
            first: self.keys.len(),
            decoded: self.decoded.len(),
        }
    }

    /// Adds a key of the innermost object: the raw literal content `text[start..end]`, which needs
    /// decoding if it holds escapes.
    #[inline]
    pub(crate) fn add(&mut self, text: &[u8], start: usize, end: usize, has_escapes: bool) {
        if has_escapes {
            self.add_escaped(text.get(start..end).unwrap_or_default(), start);
        } else {
            let hash = hash(text.get(start..end).unwrap_or_default());
            self.hashes.push(hash);
            self.keys.push(Key {
                hash,
                at: start,
                start,
                end,
                is_decoded: false,
            });
        }
    }

    #[cold]
    fn add_escaped(&mut self, raw: &[u8], at: usize) {
        let start = self.decoded.len();
        if crate::scan::literal::decode(raw, &mut self.decoded).is_err() {
            self.decoded.truncate(start);
            self.decoded.extend_from_slice(raw);
        }
        let end = self.decoded.len();
        let hash = hash(self.decoded.get(start..end).unwrap_or_default());
        self.hashes.push(hash);
        self.keys.push(Key {
            hash,
            at,
            start,
            end,
            is_decoded: true,
        });
    }

    /// Ends the innermost object; gives a fingerprint of its keys in their order.
    ///
    /// # Errors
    /// [`Code::DuplicateKey`] at the second of two equal keys.
    #[inline]
    pub(crate) fn close(&mut self, text: &[u8], open: OpenKeys) -> Result<u64, Fault> {
        let hashes = self.hashes.get(open.first..).unwrap_or_default();
        let fingerprint = hashes
            .iter()
            .fold(hashes.len() as u64, |joined, hash| join(joined, *hash));
        let twice = if hashes.len() > FEW || has_equal(hashes) {
            self.second_of_two(text, open.first)
        } else {
            None
        };
        self.keys.truncate(open.first);
        self.hashes.truncate(open.first);
        self.decoded.truncate(open.decoded);
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
        self.hashes.clear();
        self.decoded.clear();
    }

    /// Where in the text the second of two equal keys stands.
    fn second_of_two(&mut self, text: &[u8], first: usize) -> Option<usize> {
        let decoded = &self.decoded;
        let bytes = |key: &Key| -> &[u8] {
            let from = if key.is_decoded {
                decoded.as_slice()
            } else {
                text
            };
            from.get(key.start..key.end).unwrap_or_default()
        };
        let keys = self.keys.get_mut(first..)?;
        keys.sort_unstable_by(|a, b| {
            let by_text = a.hash.cmp(&b.hash).then_with(|| bytes(a).cmp(bytes(b)));
            by_text.then(a.at.cmp(&b.at))
        });
        keys.windows(2)
            .filter_map(|pair| match pair {
                [a, b] if a.hash == b.hash && bytes(a) == bytes(b) => Some(b.at),
                _ => None,
            })
            .min()
    }
}

#[inline]
fn has_equal(hashes: &[u64]) -> bool {
    hashes
        .iter()
        .enumerate()
        .any(|(at, hash)| hashes.iter().take(at).any(|before| before == hash))
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
        let mut keys = MemberKeys::default();
        let open = keys.open();
        let mut at = 0;
        for key in text.split(' ') {
            keys.add(text.as_bytes(), at, at + key.len(), key.contains('\\'));
            at += key.len() + 1;
        }
        keys.close(text.as_bytes(), open)
            .err()
            .map(|fault| fault.at)
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

    /// Keys of sixteen bytes whose hashes are equal.
    fn colliding(count: u64) -> Vec<u8> {
        let first = |word: u64| join(16, word);
        let (base, mut keys) = (first(0), Vec::new());
        for word in 0..count {
            let second = base.rotate_left(5) ^ first(word).rotate_left(5);
            keys.extend(word.to_le_bytes());
            keys.extend(second.to_le_bytes());
        }
        keys
    }

    #[test]
    fn crafted_keys_of_one_hash_are_compared_by_their_bytes() {
        for count in [2, 20, 200] {
            let mut text = colliding(count);
            let hashes: Vec<u64> = text.chunks(16).map(hash).collect();
            assert!(hashes.windows(2).all(|pair| pair[0] == pair[1]));
            let add_all = |keys: &mut MemberKeys, text: &[u8]| {
                let open = keys.open();
                for start in (0..text.len()).step_by(16) {
                    keys.add(text, start, start + 16, false);
                }
                keys.close(text, open)
            };
            let mut keys = MemberKeys::default();
            assert!(add_all(&mut keys, &text).is_ok());
            let end = text.len();
            text.extend_from_within(16..32);
            let fault = add_all(&mut keys, &text).unwrap_err();
            assert_eq!((fault.code, fault.at), (Code::DuplicateKey, end));
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
