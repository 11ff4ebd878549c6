//! A bearer token on its way from where it is kept to a request; it cannot be printed.

use std::fmt;
use zeroize::Zeroizing;

/// The most bytes that are read of a file or of standard input.
pub(crate) const MAX_BYTES: u64 = 64 << 10;

/// A token; its memory is cleared when it is no longer needed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Token(Zeroizing<String>);

/// Why a text is no token; nothing of the text is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// It is empty.
    Empty,
    /// It has a character that no bearer token has.
    Character,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the token is empty",
            Self::Character => "the token has a character that no bearer token has",
        })
    }
}

impl Token {
    /// The token in a text; one byte order mark and one line end around it are left out.
    ///
    /// # Errors
    /// Text that is empty or has other characters than letters, digits and `-._~+/=` (RFC 6750).
    pub(crate) fn new(text: &str) -> Result<Self, Unfit> {
        let token = text.strip_prefix('\u{feff}').unwrap_or(text);
        let token = token.strip_suffix('\n').unwrap_or(token);
        let token = token.strip_suffix('\r').unwrap_or(token);
        let is_allowed =
            |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~' | '+' | '/');
        if token.is_empty() {
            Err(Unfit::Empty)
        } else if token.trim_end_matches('=').chars().all(is_allowed) {
            Ok(Self(Zeroizing::new(token.to_owned())))
        } else {
            Err(Unfit::Character)
        }
    }

    /// The value of an `Authorization` header: the one place where the token is given out.
    pub(crate) fn authorization(&self) -> Zeroizing<String> {
        Zeroizing::new(format!("Bearer {}", *self.0))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(***)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_and_a_byte_order_mark_are_left_out() {
        for text in ["abc", "abc\n", "abc\r\n", "\u{feff}abc\n"] {
            assert_eq!(
                *Token::new(text).unwrap().authorization(),
                "Bearer abc",
                "{text:?}"
            );
        }
        assert!(Token::new("aZ09-._~+/==").is_ok());
    }

    #[test]
    fn what_is_no_token_is_refused_without_a_word_of_it() {
        for text in ["", "\n", "\r\n"] {
            assert_eq!(Token::new(text), Err(Unfit::Empty), "{text:?}");
        }
        for text in ["abc\n\n", "a b", "a\r\nX: y", "é", "a=b", " abc"] {
            assert_eq!(Token::new(text), Err(Unfit::Character), "{text:?}");
        }
        assert_eq!(
            format!("{:?}", Token::new("hunter2").unwrap()),
            "Token(***)"
        );
    }
}
