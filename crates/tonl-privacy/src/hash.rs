//! Names for values that cannot be turned back without the key.

use crate::error::{Error, ErrorKind, Result};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::sync::Arc;
use tonl::Event;
use zeroize::Zeroizing;

/// The secret for [`crate::Mode::Hash`]: HMAC-SHA-256 (RFC 2104, FIPS 180-4), cut to 128 bits.
///
/// A hashed value is `hash:` and 32 hexadecimal digits. It is the same for the same value and key,
/// in every field, file and run, so that records can still be joined; it is another one for
/// another kind of value: the number `1`, the number `1.0` and the string `"1"` differ. Objects
/// and arrays are hashed as a whole, their members in order.
///
/// The key is never printed and is zeroed when the last copy goes. Whoever has it can try out all
/// phone numbers in a minute: it is as secret as the data.
#[derive(Clone)]
pub struct HashKey(Arc<Zeroizing<Vec<u8>>>);

impl HashKey {
    /// The shortest key, in bytes.
    pub const MIN_BYTES: usize = 16;

    /// Takes the key's bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Key`] if there are fewer than [`HashKey::MIN_BYTES`].
    pub fn new(bytes: Vec<u8>) -> Result<Self> {
        let bytes = Zeroizing::new(bytes);
        if bytes.len() < Self::MIN_BYTES {
            let expected = format!("a hash key of at least {} bytes", Self::MIN_BYTES);
            let error = Error::new(ErrorKind::Key, expected, format!("{} bytes", bytes.len()));
            return Err(error.with_hint("make one, for example with: openssl rand -hex 32"));
        }
        Ok(Self(Arc::new(bytes)))
    }

    /// Begins to hash one value.
    pub(crate) fn hasher(&self) -> Hasher {
        Hasher(Hmac::new_from_slice(&self.0).ok())
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(****)")
    }
}

/// Hashes the events of one value.
pub(crate) struct Hasher(Option<Hmac<Sha256>>);

const DIGEST_BYTES: usize = 16;

impl Hasher {
    /// Takes the next event of the value.
    pub(crate) fn add(&mut self, event: Event<'_>) {
        let (kind, text) = match event {
            Event::Null => (b'n', ""),
            Event::Bool(true) => (b't', ""),
            Event::Bool(false) => (b'f', ""),
            Event::Number(text) => (b'0', text),
            Event::String(text) => (b'"', text),
            Event::Key(text) => (b':', text),
            Event::BeginObject => (b'{', ""),
            Event::EndObject => (b'}', ""),
            Event::BeginArray => (b'[', ""),
            Event::EndArray => (b']', ""),
        };
        if let Some(mac) = &mut self.0 {
            mac.update(&[kind]);
            mac.update(&(text.len() as u64).to_le_bytes());
            mac.update(text.as_bytes());
        }
    }

    /// Writes the name of the value. Every key length is taken by HMAC, so there always is one.
    pub(crate) fn finish(self, out: &mut String) {
        out.push_str("hash:");
        let digest = self.0.map(|mac| mac.finalize().into_bytes());
        for byte in digest.iter().flatten().take(DIGEST_BYTES) {
            for digit in [byte >> 4, byte & 15] {
                out.extend(char::from_digit(u32::from(digit), 16));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(key: &HashKey, events: &[Event<'_>]) -> String {
        let mut hasher = key.hasher();
        for event in events {
            hasher.add(*event);
        }
        let mut out = String::new();
        hasher.finish(&mut out);
        out
    }

    fn key(bytes: &[u8]) -> HashKey {
        HashKey::new(bytes.to_vec()).unwrap()
    }

    #[test]
    fn a_name_is_stable_for_one_key_and_differs_for_another() {
        let (one, two) = (key(&[1; 16]), key(&[2; 16]));
        let text = [Event::String("alice@example.com")];
        assert_eq!(name(&one, &text), name(&key(&[1; 16]), &text));
        assert_ne!(name(&one, &text), name(&two, &text));
        assert_eq!(name(&one, &text).len(), "hash:".len() + 32);
        assert_eq!(name(&one, &text), "hash:4cf31b5844208c98eb835df81f3c13fe");
    }

    #[test]
    fn kinds_of_values_and_their_borders_are_told_apart() {
        let key = key(&[1; 16]);
        let all = [
            name(&key, &[Event::Number("1")]),
            name(&key, &[Event::Number("1.0")]),
            name(&key, &[Event::String("1")]),
            name(&key, &[Event::Bool(true)]),
            name(&key, &[Event::String("true")]),
            name(&key, &[Event::String("")]),
            name(&key, &[Event::BeginArray, Event::EndArray]),
            name(&key, &[Event::String("a"), Event::String("bc")]),
            name(&key, &[Event::String("ab"), Event::String("c")]),
        ];
        let distinct: std::collections::BTreeSet<&String> = all.iter().collect();
        assert_eq!(distinct.len(), all.len());
    }

    #[test]
    fn a_short_key_is_refused_without_being_printed() {
        let error = HashKey::new(b"hunter2".to_vec()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Key);
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }

    #[test]
    fn a_key_is_never_printed() {
        let key = HashKey::new(b"correct horse battery".to_vec()).unwrap();
        assert_eq!(format!("{key:?}"), "HashKey(****)");
    }
}
