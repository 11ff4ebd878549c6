//! What a token may look like: the b64token of RFC 6750, section 2.1, on one line.

use crate::error::{SourceError, SourceErrorKind};
use crate::secret::Secret;

/// The longest token, in characters: a longer one would not fit into the head of a request.
const MAX_CHARACTERS: usize = 4096;

/// Gives the token back if a client could present it.
///
/// # Errors
/// Says which character is wrong by its place, one-based, and never what it is.
pub(super) fn checked(token: Secret) -> Result<Secret, SourceError> {
    let bytes = token.expose();
    if bytes.is_empty() {
        return Err(SourceError::new(
            SourceErrorKind::Empty,
            "the token is empty",
            "put a token there, for example the output of `tonl token`",
        ));
    }
    if bytes.len() > MAX_CHARACTERS {
        return Err(SourceError::new(
            SourceErrorKind::TooLarge,
            format!("the token has more than {MAX_CHARACTERS} bytes"),
            "use a shorter one, for example the output of `tonl token`",
        ));
    }
    match wrong(bytes) {
        None => Ok(token),
        Some((at, byte)) => Err(refusal(bytes, at, byte).at_position(at + 1)),
    }
}

/// The first byte that does not belong. All before it are ASCII: bytes are characters.
fn wrong(bytes: &[u8]) -> Option<(usize, u8)> {
    let mut padding = false;
    for (at, byte) in bytes.iter().enumerate() {
        padding |= *byte == b'=' && at > 0;
        let ordinary = byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte);
        if (padding && *byte != b'=') || !(padding || ordinary) {
            return Some((at, *byte));
        }
    }
    None
}

fn refusal(bytes: &[u8], at: usize, byte: u8) -> SourceError {
    let position = at + 1;
    let rest = bytes.get(at..).unwrap_or_default();
    if bytes.contains(&b'\n') && rest.iter().any(|byte| !byte.is_ascii_whitespace()) {
        return SourceError::new(
            SourceErrorKind::SeveralLines,
            "there is more than one line",
            "keep only the token, on one line; several tokens belong into a tokens file \
             (TONL_AUTH_TOKENS_FILE)",
        );
    }
    if byte.is_ascii_control() {
        return SourceError::new(
            SourceErrorKind::ControlCharacter,
            format!("character {position} of the token is a control character"),
            "write the token again as plain text without blank lines, for example with \
             `tonl token`",
        );
    }
    SourceError::new(
        SourceErrorKind::BadCharacter,
        format!("character {position} of the token cannot be part of a bearer token"),
        "use letters, digits and -._~+/ only, with = at the end alone; `tonl token` makes one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    fn refused(token: &[u8]) -> SourceError {
        checked(Secret::new(token)).unwrap_err()
    }

    // S2
    #[test]
    fn every_b64token_is_accepted() {
        for token in ["a", "0", "-._~+/", "abc=", "abc==", "A-Z._~+/09", "a======"] {
            assert!(checked(Secret::from(token)).is_ok(), "{token}");
        }
    }

    // S5, S41
    #[test]
    fn a_wrong_character_is_told_by_its_place_and_not_by_its_value() {
        use SourceErrorKind::{BadCharacter, ControlCharacter, Empty, SeveralLines, TooLarge};
        let long = "a".repeat(4097);
        for (token, kind, position) in [
            ("", Empty, None),
            ("=", BadCharacter, Some(1)),
            ("ab cd", BadCharacter, Some(3)),
            (" ab", BadCharacter, Some(1)),
            ("ab\"", BadCharacter, Some(3)),
            ("ab=c", BadCharacter, Some(4)),
            ("abé", BadCharacter, Some(3)),
            ("ab\0cd", ControlCharacter, Some(3)),
            ("ab\tcd", ControlCharacter, Some(3)),
            ("ab\x1b[31m", ControlCharacter, Some(3)),
            ("ab\n\n", ControlCharacter, Some(3)),
            ("one\ntwo", SeveralLines, Some(4)),
            ("one\r\ntwo", SeveralLines, Some(4)),
            (long.as_str(), TooLarge, None),
        ] {
            let error = refused(token.as_bytes());
            assert_eq!(
                (error.kind(), error.position()),
                (kind, position),
                "{token:?}"
            );
        }
        assert_eq!(refused(b"ab\xff").position(), Some(3));
        let printed = format!("{0} {0:?}", refused(b"hunter2 hunter3"));
        assert!(printed.contains("character 8"), "{printed}");
        assert!(!printed.contains("hunter"), "{printed}");
    }

    #[test]
    fn any_bytes_are_a_token_or_an_error_that_hides_them() {
        let mut random = Random::new(3);
        for _ in 0..5_000 {
            let length = random.below(40);
            let bytes: Vec<u8> = (0..length)
                .map(|_| random.bits().to_le_bytes()[0])
                .collect();
            if let Err(error) = checked(Secret::new(bytes.as_slice())) {
                assert!(error.to_string().is_ascii());
            }
        }
    }
}
