//! Hashes that bind a line to the one before, and the head that binds the last one.

use super::error::AuditError;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroizing;

/// What `prev` of the very first line holds.
pub(crate) const BEGINNING: &str =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// A secret key for the audit log. It is never printed, and zeroed when the last copy goes.
#[derive(Clone)]
pub struct AuditKey(Arc<Zeroizing<Vec<u8>>>);

impl AuditKey {
    /// The shortest key, in bytes.
    pub const MIN_BYTES: usize = 16;

    /// Takes the key's bytes.
    ///
    /// # Errors
    /// [`AuditError::ShortKey`] if there are fewer than [`AuditKey::MIN_BYTES`].
    pub fn new(bytes: Vec<u8>) -> Result<Self, AuditError> {
        let bytes = Zeroizing::new(bytes);
        if bytes.len() < Self::MIN_BYTES {
            return Err(AuditError::ShortKey { found: bytes.len() });
        }
        Ok(Self(Arc::new(bytes)))
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(****)")
    }
}

/// Makes the hashes of one log: HMAC-SHA-256 (RFC 2104) with a key, SHA-256 (FIPS 180-4) without.
#[derive(Clone, Debug)]
pub(crate) struct Sealer(Option<AuditKey>);

impl Sealer {
    pub(crate) fn new(key: Option<AuditKey>) -> Self {
        Self(key)
    }

    /// The hash of a line without its line break, as 64 hexadecimal digits.
    pub(crate) fn line(&self, line: &[u8]) -> String {
        match &self.0 {
            Some(key) => hmac(key, &[line]),
            None => hex(&Sha256::digest(line)),
        }
    }

    /// The head for the last line.
    pub(crate) fn head(&self, seq: u64, hash: &str) -> Head {
        Head {
            seq,
            hash: hash.to_owned(),
            mac: self.0.as_ref().map(|key| head_mac(key, seq, hash)),
        }
    }

    /// Whether this log's key, or its having none, made the head.
    pub(crate) fn vouches_for(&self, head: &Head) -> bool {
        *head == self.head(head.seq, &head.hash)
    }
}

/// The last line's number and hash, and with a key the HMAC of both: without it whoever can read the
/// log could cut it off and make a fitting head from the `prev` that was cut off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) hash: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) mac: Option<String>,
}

/// The first 48 bits of a SHA-256, to tell things apart without showing them.
pub(crate) fn fingerprint(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).get(..6).unwrap_or_default())
}

/// A line begins with a brace, so that no line's HMAC is one of a head.
fn head_mac(key: &AuditKey, seq: u64, hash: &str) -> String {
    hmac(key, &[format!("head {seq} ").as_bytes(), hash.as_bytes()])
}

fn hmac(key: &AuditKey, parts: &[&[u8]]) -> String {
    // HMAC takes keys of every length, so that there always is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key.0) else {
        return BEGINNING.to_owned();
    };
    for part in parts {
        mac.update(part);
    }
    hex(&mac.finalize().into_bytes())
}

fn hex(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keyed(byte: u8) -> Sealer {
        Sealer::new(Some(AuditKey::new(vec![byte; 32]).unwrap()))
    }

    #[test]
    fn hashes_are_sha_256_and_hmac_sha_256() {
        assert_eq!(
            Sealer::new(None).line(b"abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
        // RFC 4231, test case 1.
        let key = AuditKey::new(vec![0x0b; 20]).unwrap();
        assert_eq!(
            Sealer::new(Some(key)).line(b"Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        );
    }

    #[test]
    fn only_the_key_that_made_a_head_vouches_for_it() {
        let head = keyed(1).head(7, BEGINNING);
        assert!(keyed(1).vouches_for(&head));
        assert!(!keyed(2).vouches_for(&head));
        assert!(!Sealer::new(None).vouches_for(&head));
        let moved = Head { seq: 6, ..head };
        assert!(!keyed(1).vouches_for(&moved));
        assert!(!keyed(1).vouches_for(&Sealer::new(None).head(7, BEGINNING)));
    }

    #[test]
    fn a_key_is_never_printed_and_a_short_one_is_refused() {
        let key = AuditKey::new(b"correct horse battery".to_vec()).unwrap();
        assert_eq!(format!("{key:?}"), "AuditKey(****)");
        let error = AuditKey::new(b"hunter2".to_vec()).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}
