//! Finds a key that stands twice in one object, in time near to linear for any keys.

/// Remembers the keys of the objects that are open, and finds one that stands twice.
///
/// Keys are compared decoded. Objects of few members are compared pair by pair through hashes,
/// larger ones are sorted, so that crafted keys cost no more than sorting them.
#[derive(Debug, Default)]
pub(crate) struct MemberKeys {
    keys: Vec<Key>,
    /// Decoded texts of the keys that were written with escapes.
    decoded: Vec<u8>,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    hash: u64,
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

const FEW: usize = 12;

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
            self.add_escaped(text.get(start..end).unwrap_or_default());
        } else {
            let hash = hash(text.get(start..end).unwrap_or_default());
            self.keys.push(Key {
                hash,
                start,
                end,
                is_decoded: false,
            });
        }
    }

    #[cold]
    fn add_escaped(&mut self, raw: &[u8]) {
        let start = self.decoded.len();
        if crate::scan::literal::decode(raw, &mut self.decoded).is_err() {
            self.decoded.extend_from_slice(raw);
        }
        let end = self.decoded.len();
        let hash = hash(self.decoded.get(start..end).unwrap_or_default());
        self.keys.push(Key {
            hash,
            start,
            end,
            is_decoded: true,
        });
    }

    /// Ends the innermost object; gives a key that stood twice in it.
    #[inline]
    pub(crate) fn close(&mut self, text: &[u8], open: OpenKeys) -> Option<String> {
        let keys = self.keys.get(open.first..).unwrap_or_default();
        let found = if keys.len() <= FEW {
            if has_equal_hashes(keys) {
                self.sorted_duplicate(text, open.first)
            } else {
                None
            }
        } else {
            self.sorted_duplicate(text, open.first)
        };
        self.keys.truncate(open.first);
        self.decoded.truncate(open.decoded);
        found
    }

    /// Forgets everything, after a fault.
    pub(crate) fn clear(&mut self) {
        self.keys.clear();
        self.decoded.clear();
    }

    fn sorted_duplicate(&mut self, text: &[u8], first: usize) -> Option<String> {
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
        keys.sort_unstable_by(|a, b| a.hash.cmp(&b.hash).then_with(|| bytes(a).cmp(bytes(b))));
        let twice = keys.windows(2).find(|pair| match pair {
            [a, b] => a.hash == b.hash && bytes(a) == bytes(b),
            _ => false,
        })?;
        twice
            .first()
            .map(|key| String::from_utf8_lossy(bytes(key)).into_owned())
    }
}

#[inline]
fn has_equal_hashes(keys: &[Key]) -> bool {
    keys.iter()
        .enumerate()
        .any(|(at, key)| keys.iter().take(at).any(|before| before.hash == key.hash))
}

/// A quick hash of a key; equal hashes are always followed by a comparison of the texts.
#[inline]
fn hash(bytes: &[u8]) -> u64 {
    const MULTIPLIER: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut state = bytes.len() as u64;
    let mut rest = bytes;
    while let Some((word, tail)) = rest.split_first_chunk::<8>() {
        state = (state.rotate_left(5) ^ u64::from_le_bytes(*word)).wrapping_mul(MULTIPLIER);
        rest = tail;
    }
    let last = rest
        .iter()
        .fold(0, |word, byte| word << 8 | u64::from(*byte));
    (state.rotate_left(5) ^ last).wrapping_mul(MULTIPLIER)
}
