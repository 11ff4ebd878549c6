//! What is kept of a token: its SHA-256, compared in constant time.
//!
//! A digest is no secret of the first rank, but a digest of a weak token can be turned back by
//! trying. It therefore prints as [`Digest::short_id`], which is derived from it and is 32 bits short.

use sha2::{Digest as _, Sha256};
use std::fmt;
use std::hash::{Hash, Hasher};
use subtle::{Choice, ConstantTimeEq};

/// The SHA-256 of a token (FIPS 180-4). Equality takes the same time wherever two differ.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The length in bytes.
    pub const BYTES: usize = 32;

    /// The digest of a token's bytes.
    pub fn of(token: &[u8]) -> Self {
        Self(Sha256::digest(token).into())
    }

    /// Reads 64 hexadecimal digits of either case, as `sha256sum` prints them; `None` for anything
    /// else.
    pub fn parse_hex(text: &str) -> Option<Self> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != Self::BYTES || !rest.is_empty() {
            return None;
        }
        let mut bytes = [0; Self::BYTES];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = digit(*high)? << 4 | digit(*low)?;
        }
        Some(Self(bytes))
    }

    /// The digest that these bytes are.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes: an identity to compare with, not for logs.
    pub fn to_bytes(&self) -> [u8; Self::BYTES] {
        self.0
    }

    /// The digest as 64 lower-case hexadecimal digits, the form of a tokens file. Not for logs:
    /// see [`Digest::short_id`].
    pub fn to_hex(&self) -> String {
        hex(&self.0)
    }

    /// Eight hexadecimal digits that tell tokens apart in logs. They are the start of another hash
    /// over the digest, so that they cannot be looked up in a table of SHA-256 values.
    pub fn short_id(&self) -> String {
        let mut hash = Sha256::new();
        hash.update(b"tonl token id v1\0");
        hash.update(self.0);
        let hash: [u8; Self::BYTES] = hash.finalize().into();
        hash.first_chunk::<4>()
            .map(|start| hex(start))
            .unwrap_or_default()
    }

    /// Whether both are the same, without a branch on the answer.
    pub(crate) fn same(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

/// Lower-case hexadecimal digits, two a byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
    }
    text
}

fn digit(byte: u8) -> Option<u8> {
    let value = char::from(byte).to_digit(16)?;
    u8::try_from(value).ok()
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.same(other).into()
    }
}

impl Eq for Digest {}

impl Hash for Digest {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Digest({})", self.short_id())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_digest_is_sha_256() {
        assert_eq!(Digest::of(b"abc").to_hex(), ABC);
        assert_eq!(Digest::parse_hex(ABC), Some(Digest::of(b"abc")));
        assert_eq!(
            Digest::parse_hex(&ABC.to_uppercase()),
            Some(Digest::of(b"abc"))
        );
    }

    #[test]
    fn anything_but_64_hexadecimal_digits_is_no_digest() {
        let longer = format!("{ABC}0");
        let longest = format!("{ABC}00");
        let wide = ABC.replace("ba", "é");
        let shorter = ABC.split_at(1).1;
        let signed = format!("+{shorter}");
        for text in ["", "ba", shorter, &longer, &longest, &wide, &signed, " "] {
            assert_eq!(Digest::parse_hex(text), None, "{text}");
        }
    }

    #[test]
    fn a_difference_in_any_bit_is_seen() {
        let abc = Digest::of(b"abc");
        for at in 0..256 {
            let mut other = abc;
            other.0[at / 8] ^= 1 << (at % 8);
            assert_ne!(abc, other);
        }
    }

    // S5
    #[test]
    fn a_short_id_is_stable_and_is_no_part_of_the_digest() {
        let id = Digest::of(b"abc").short_id();
        assert_eq!(id.len(), 8);
        assert_eq!(id, Digest::of(b"abc").short_id());
        assert_ne!(id, Digest::of(b"abd").short_id());
        assert!(!ABC.contains(&id));
        assert_eq!(format!("{:?}", Digest::of(b"abc")), format!("Digest({id})"));
    }
}
