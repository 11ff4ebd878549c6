//! The name of a session: 256 bits of the server's own choice.

use crate::auth::{NoRandomness, hex, random};
use std::fmt;

/// A session's id, written as 64 lower-case hexadecimal digits. It is no credential: a session is
/// found by its id and by the identity that opened it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId([u8; 32]);

impl SessionId {
    /// An id from the system's cryptographic source.
    pub(super) fn generate() -> Result<Self, NoRandomness> {
        random().map(Self)
    }

    /// Reads an id that a client sent; anything but 64 lower-case hexadecimal digits is none.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 64 {
            return None;
        }
        let (pairs, _) = text.as_bytes().as_chunks::<2>();
        let mut id = [0; 32];
        for (byte, [high, low]) in id.iter_mut().zip(pairs) {
            *byte = (digit(*high)? << 4) | digit(*low)?;
        }
        Some(Self(id))
    }
}

fn digit(c: u8) -> Option<u8> {
    match c {
        b'0'..=b'9' => Some(c - b'0'),
        b'a'..=b'f' => Some(c - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_as_it_was_written() {
        let id = SessionId::generate().unwrap();
        assert_eq!(SessionId::parse(&id.to_string()), Some(id));
        assert_ne!(SessionId::generate().unwrap(), id);
    }

    #[test]
    fn what_clients_make_up_is_no_id() {
        let huge = "a".repeat(1 << 20);
        let upper = "A".repeat(64);
        let wide = "ä".repeat(32);
        for text in [
            "",
            "__proto__",
            "constructor",
            "../../etc/passwd",
            "a\r\nb",
            &huge,
            &upper,
            &wide,
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg",
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde ",
            " 123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(SessionId::parse(text), None, "{}", text.len());
        }
    }
}
