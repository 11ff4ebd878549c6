//! The token of a request, as its one `Authorization` header has it (RFC 6750, 2.1; RFC 9110, 11.4).
//!
//! A token in the query, in a cookie or in a body is none. What is not exactly one token of the
//! allowed characters is malformed, which an answer does not tell from a wrong one.

use http::header::{AUTHORIZATION, HeaderMap};

/// The longest token, in bytes.
pub(super) const LONGEST: usize = 4_096;

/// What a request brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Credentials<'a> {
    /// No `Authorization` header.
    None,
    /// A header with another scheme, or with the scheme and nothing after it.
    OtherScheme,
    /// A token.
    Token(&'a [u8]),
    /// More than one header, or one with anything but a token after the scheme.
    Malformed,
}

/// Reads the `Authorization` headers.
pub(super) fn credentials(headers: &HeaderMap) -> Credentials<'_> {
    let mut lines = headers.get_all(AUTHORIZATION).iter();
    let Some(line) = lines.next() else {
        return Credentials::None;
    };
    if lines.next().is_some() {
        return Credentials::Malformed;
    }
    // White space around a value is no part of it (RFC 9110, 5.5).
    let value = trim(line.as_bytes(), |byte| matches!(byte, b' ' | b'\t'));
    let length = value.iter().take_while(|byte| is_tchar(**byte)).count();
    let (scheme, rest) = value.split_at(length);
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Credentials::OtherScheme;
    }
    if rest.is_empty() {
        return Credentials::OtherScheme;
    }
    // Between scheme and token stand spaces, at least one, and no tab.
    let token = trim_start(rest, |byte| byte == b' ');
    if token.len() == rest.len() || token.len() > LONGEST || !is_b64token(token) {
        return Credentials::Malformed;
    }
    Credentials::Token(token)
}

/// Letters, digits and `-._~+/`, at least one, then any number of `=`.
fn is_b64token(text: &[u8]) -> bool {
    let body = trim_end(text, |byte| byte == b'=');
    let allowed = |byte: &u8| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/')
    };
    !body.is_empty() && body.iter().all(allowed)
}

/// The characters of a scheme's name.
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn trim(text: &[u8], is: impl Fn(u8) -> bool + Copy) -> &[u8] {
    trim_end(trim_start(text, is), is)
}

fn trim_start(mut text: &[u8], is: impl Fn(u8) -> bool) -> &[u8] {
    while let [first, rest @ ..] = text
        && is(*first)
    {
        text = rest;
    }
    text
}

fn trim_end(mut text: &[u8], is: impl Fn(u8) -> bool) -> &[u8] {
    while let [rest @ .., last] = text
        && is(*last)
    {
        text = rest;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;
    use tonl_testkit::Random;

    enum Want {
        Token(&'static str),
        Other,
        Malformed,
    }
    use Want::{Malformed, Other, Token};

    const CASES: &[(&[u8], Want)] = &[
        (b"Bearer abc", Token("abc")),
        (b"bearer abc", Token("abc")),
        (b"BEARER abc", Token("abc")),
        (b"bEaReR abc", Token("abc")),
        (b"Bearer  abc", Token("abc")),
        (b"Bearer      abc", Token("abc")),
        (b" Bearer abc", Token("abc")),
        (b"\tBearer abc \t", Token("abc")),
        (b"Bearer abc ", Token("abc")),
        (b"Bearer a", Token("a")),
        (b"Bearer abc=", Token("abc=")),
        (b"Bearer abc==", Token("abc==")),
        (b"Bearer a-b.c_d~e+f/g", Token("a-b.c_d~e+f/g")),
        (b"Bearer Bearer", Token("Bearer")),
        (
            b"Bearer 0123456789abcdefABCDEF",
            Token("0123456789abcdefABCDEF"),
        ),
        (b"", Other),
        (b" ", Other),
        (b"Bearer", Other),
        (b"Bearer ", Other),
        (b"Bearer  \t ", Other),
        (b"bearer", Other),
        (b"Basic dXNlcjpwYXNz", Other),
        (b"Digest username=\"a\"", Other),
        (b"Bearerabc", Other),
        (b"Bearer2 abc", Other),
        (b"Bear er abc", Other),
        (b"abc", Other),
        (b"=Bearer abc", Other),
        (b"\"Bearer\" abc", Other),
        (b"\xffBearer abc", Other),
        (b"Bearer\tabc", Malformed),
        (b"Bearer \tabc", Malformed),
        (b"Bearer:abc", Malformed),
        (b"Bearer=abc", Malformed),
        (b"Bearer, abc", Malformed),
        (b"Bearer abc def", Malformed),
        (b"Bearer abc, Bearer def", Malformed),
        (b"Bearer abc,Basic x", Malformed),
        (b"Bearer abc,", Malformed),
        (b"Bearer =abc", Malformed),
        (b"Bearer ==", Malformed),
        (b"Bearer a=b", Malformed),
        (b"Bearer \"abc\"", Malformed),
        (b"Bearer token=\"abc\"", Malformed),
        (b"Bearer abc;q=1", Malformed),
        (b"Bearer a\xc3\xa4", Malformed),
        (b"Bearer \xff", Malformed),
        (b"Bearer a*b", Malformed),
        (b"Bearer a\\b", Malformed),
        (b"Bearer a%20b", Malformed),
        (b"Bearer <script>", Malformed),
        (b"Bearer ${abc}", Malformed),
        (b"Bearer [abc]", Malformed),
        (b"Bearer abc\tdef", Malformed),
    ];

    fn headers(lines: &[&[u8]]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(AUTHORIZATION, HeaderValue::from_bytes(line).unwrap());
        }
        headers
    }

    // S4, S7
    #[test]
    fn a_token_is_what_stands_alone_behind_the_scheme() {
        for (line, want) in CASES {
            let headers = headers(&[line]);
            let want = match want {
                Token(token) => Credentials::Token(token.as_bytes()),
                Other => Credentials::OtherScheme,
                Malformed => Credentials::Malformed,
            };
            let shown = String::from_utf8_lossy(line);
            assert_eq!(credentials(&headers), want, "{shown}");
        }
        assert_eq!(credentials(&HeaderMap::new()), Credentials::None);
    }

    #[test]
    fn two_headers_are_malformed_whatever_they_hold() {
        let same: &[u8] = b"Bearer abc";
        for second in [same, b"Basic x", b"", b"Bearer"] {
            assert_eq!(
                credentials(&headers(&[same, second])),
                Credentials::Malformed
            );
            assert_eq!(
                credentials(&headers(&[second, same])),
                Credentials::Malformed
            );
        }
    }

    #[test]
    fn a_token_has_at_most_4096_bytes() {
        for (length, fits) in [(LONGEST, true), (LONGEST + 1, false), (1 << 20, false)] {
            let line = format!("Bearer {}", "a".repeat(length));
            let headers = headers(&[line.as_bytes()]);
            let found = credentials(&headers);
            assert_eq!(matches!(found, Credentials::Token(_)), fits, "{length}");
            assert_eq!(found == Credentials::Malformed, !fits, "{length}");
        }
    }

    #[test]
    fn any_bytes_give_an_answer_and_a_token_is_never_invented() {
        let mut random = Random::new(11);
        let pieces: [&[u8]; 9] = [
            b"Bearer", b"bearer ", b" ", b"\t", b"abc", b"=", b",", b"\xe9", b"\"",
        ];
        for _ in 0..20_000 {
            let line: Vec<u8> = (0..random.below(8))
                .flat_map(|_| random.pick(&pieces).to_vec())
                .collect();
            if let Credentials::Token(token) = credentials(&headers(&[&line])) {
                assert!(line.ends_with(token) || line.trim_ascii_end().ends_with(token));
                assert!(
                    line.trim_ascii()
                        .to_ascii_lowercase()
                        .starts_with(b"bearer ")
                );
                assert!(!token.is_empty() && !token.contains(&b' ') && !token.contains(&b','));
            }
        }
    }
}
