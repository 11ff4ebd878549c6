//! New tokens.

use crate::digest::hex;
use crate::secret::Secret;
use zeroize::Zeroizing;

/// The system's random source could not be read.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the system gives no random bytes: {0}")]
pub struct GenerateError(getrandom::Error);

/// Makes a token: 256 bits of the system's cryptographic random source as 64 lower-case
/// hexadecimal digits, the form of `openssl rand -hex 32`.
///
/// *Source:* S3, S55.
///
/// # Errors
/// [`GenerateError`] if the system gives no random bytes.
pub fn token() -> Result<Secret, GenerateError> {
    let mut bytes = Zeroizing::new([0_u8; 32]);
    getrandom::fill(bytes.as_mut_slice()).map_err(GenerateError)?;
    Ok(Secret::from(hex(bytes.as_slice())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::strength::estimate;
    use std::collections::BTreeSet;

    // S3, S55
    #[test]
    fn a_generated_token_has_256_bits_as_hexadecimal_and_is_never_the_same() {
        let mut seen = BTreeSet::new();
        for _ in 0..1000 {
            let token = token().unwrap();
            let text = std::str::from_utf8(token.expose()).unwrap().to_owned();
            assert_eq!(text.len(), 64);
            let lower = |c: char| matches!(c, '0'..='9' | 'a'..='f');
            assert!(text.chars().all(lower));
            assert_eq!(estimate(token.expose()).bits, 256);
            assert!(seen.insert(text));
        }
        for column in 0..64 {
            let digits: BTreeSet<u8> = seen.iter().map(|text| text.as_bytes()[column]).collect();
            assert_eq!(digits.len(), 16, "digit {column} does not vary");
        }
    }
}
