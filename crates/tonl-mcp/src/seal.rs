//! What this process alone can make: random names, and marks that show who made something.
//!
//! The key lives as long as the process and is never shown. Without random numbers of the system
//! there is no seal, and nothing that needs one is given out.

use crate::context::IdentityKey;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use std::fmt::{self, Write as _};

/// Makes and recognises marks.
pub(crate) struct Seal(Hmac<Sha256>);

/// So many bytes of a mark are kept: enough that nobody guesses one.
const MARK_BYTES: usize = 16;

impl Seal {
    /// A seal with a key of its own; nothing if the system gives no random numbers.
    pub(crate) fn new() -> Option<Self> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).ok()?;
        Hmac::new_from_slice(&key).ok().map(Self)
    }

    /// The mark of a text for an identity and a purpose, as 32 hexadecimal digits.
    pub(crate) fn mark(&self, purpose: &str, identity: IdentityKey, text: &str) -> String {
        let mac = self.mac(purpose, identity, text).finalize().into_bytes();
        hex(mac.get(..MARK_BYTES).unwrap_or_default())
    }

    /// Whether a mark is the one of a text, compared in constant time.
    pub(crate) fn is_marked(
        &self,
        mark: &str,
        purpose: &str,
        identity: IdentityKey,
        text: &str,
    ) -> bool {
        let Some(bytes) = unhex(mark).filter(|bytes| bytes.len() == MARK_BYTES) else {
            return false;
        };
        let mac = self.mac(purpose, identity, text);
        mac.verify_truncated_left(&bytes).is_ok()
    }

    fn mac(&self, purpose: &str, identity: IdentityKey, text: &str) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(&(purpose.len() as u64).to_le_bytes());
        mac.update(purpose.as_bytes());
        mac.update(identity.as_bytes());
        mac.update(text.as_bytes());
        mac
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(****)")
    }
}

/// A name that nobody guesses: 128 random bits as 32 hexadecimal digits.
pub(crate) fn random_name() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(hex(&bytes))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string never fails.
        let _never: fmt::Result = write!(text, "{byte:02x}");
    }
    text
}

/// What [`hex`] has written, and nothing that only means the same.
fn unhex(text: &str) -> Option<Vec<u8>> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    if !text.len().is_multiple_of(2) || !text.bytes().all(is_digit) {
        return None;
    }
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_holds_for_its_text_identity_and_purpose_alone() {
        let (seal, other) = (Seal::new().unwrap(), Seal::new().unwrap());
        let (alice, bob) = (IdentityKey::of("alice"), IdentityKey::of("bob"));
        let mark = seal.mark("tools", alice, "5");
        assert_eq!(mark.len(), 32);
        assert!(seal.is_marked(&mark, "tools", alice, "5"));
        assert!(!seal.is_marked(&mark, "tools", alice, "6"));
        assert!(!seal.is_marked(&mark, "tools", bob, "5"));
        assert!(!seal.is_marked(&mark, "prompts", alice, "5"));
        assert!(!other.is_marked(&mark, "tools", alice, "5"));
        for changed in [
            "",
            "zz",
            "ä",
            mark.split_at(1).1,
            mark.split_at(2).1,
            &format!("{mark}00"),
            &mark.to_uppercase(),
        ] {
            assert!(!seal.is_marked(changed, "tools", alice, "5"), "{changed}");
        }
        assert_eq!(format!("{seal:?}"), "Seal(****)");
    }

    #[test]
    fn random_names_differ() {
        assert_ne!(random_name().unwrap(), random_name().unwrap());
        assert_eq!(random_name().unwrap().len(), 32);
    }
}
