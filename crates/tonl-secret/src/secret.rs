//! A value that is not printed, not copied about and zeroed when it goes.
//!
//! It promises nothing about memory that the system wrote to a swap file or a core dump, nor about
//! buffers of a library that produced the value. The trap: [`Secret::expose`] is the only way out;
//! whoever adds another one adds a leak.

use std::fmt;
use zeroize::Zeroizing;

/// Bytes that never show in `Debug` and have no `Display`; zeroed when dropped.
///
/// ```
/// let secret = tonl_secret::Secret::trimmed(b"hunter2\n".to_vec());
/// assert_eq!(secret.expose(), b"hunter2");
/// assert_eq!(format!("{secret:?}"), "Secret(****)");
/// ```
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes as they are.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// Takes the bytes without a leading UTF-8 byte order mark and without one line end, LF or
    /// CRLF, at their end: what editors and `echo` add to a file. A second line end stays.
    pub fn trimmed(bytes: impl Into<Vec<u8>>) -> Self {
        let whole = Self::new(bytes);
        let bytes = whole.expose();
        let start = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let kept = match start.strip_suffix(b"\n") {
            Some(line) => line.strip_suffix(b"\r").unwrap_or(line),
            None => start,
        };
        if kept.len() == bytes.len() {
            return whole;
        }
        Self::new(kept)
    }

    /// The bytes. The only way out: use them at once, for a comparison or a request, and neither
    /// log nor store them.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no byte.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self::new(text.into_bytes())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(****)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // S5, S59
    #[test]
    fn a_secret_prints_a_mask_of_fixed_length_in_every_form_of_debug() {
        for value in ["", "a", "correct horse battery staple"] {
            let secret = Secret::from(value);
            assert_eq!(format!("{secret:?}"), "Secret(****)");
            assert_eq!(format!("{secret:#?}"), "Secret(****)");
            assert_eq!(format!("{:?}", Some(&secret)), "Some(Secret(****))");
        }
    }

    // S41
    #[test]
    fn exactly_one_line_end_and_a_byte_order_mark_are_trimmed() {
        for (given, kept) in [
            ("abc", "abc"),
            ("abc\n", "abc"),
            ("abc\r\n", "abc"),
            ("abc\n\n", "abc\n"),
            ("abc\r\n\r\n", "abc\r\n"),
            ("abc\r", "abc\r"),
            ("\u{feff}abc\n", "abc"),
            ("\u{feff}\u{feff}abc", "\u{feff}abc"),
            (" abc ", " abc "),
            ("\n", ""),
            ("\u{feff}\r\n", ""),
            ("", ""),
        ] {
            assert_eq!(
                Secret::trimmed(given).expose(),
                kept.as_bytes(),
                "{given:?}"
            );
        }
    }

    #[test]
    fn the_length_is_that_of_the_bytes() {
        let secret = Secret::from("ä".to_owned());
        assert_eq!(secret.len(), 2);
        assert!(!secret.is_empty());
        assert!(Secret::new(Vec::new()).is_empty());
    }
}
