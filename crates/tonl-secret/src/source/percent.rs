//! Percent-encoding of RFC 3986: everything but unreserved characters, with upper-case digits.

/// Encodes a text; what is in `kept` stays beside the unreserved characters.
pub(super) fn encode(text: &str, kept: &[u8]) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || kept.contains(&byte) {
            encoded.push(char::from(byte));
            continue;
        }
        encoded.push('%');
        for digit in [byte >> 4, byte & 15] {
            let digit = char::from_digit(u32::from(digit), 16);
            encoded.extend(digit.map(|digit| digit.to_ascii_uppercase()));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unreserved_characters_stay_and_all_others_are_encoded() {
        assert_eq!(encode("aZ09-._~", b""), "aZ09-._~");
        assert_eq!(encode("a b/c+é", b""), "a%20b%2Fc%2B%C3%A9");
        assert_eq!(encode("a b/c", b"/"), "a%20b/c");
    }
}
