//! A media type with its parameters, read by the grammar (RFC 9110, 8.3.1 and 5.6.6).

/// A media type as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MediaType<'t> {
    essence: &'t str,
    subtype: &'t str,
    charset: Charset,
}

/// What a `charset` parameter says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// There is none.
    Unsaid,
    /// UTF-8, or ASCII, which is a part of it.
    Utf8,
    /// Another one.
    Other,
}

impl<'t> MediaType<'t> {
    /// Reads all of `text`: `type "/" subtype *( OWS ";" OWS [ name "=" value ] )`. None if it is
    /// anything else, or says `charset` twice.
    pub(super) fn parse(text: &'t [u8]) -> Option<Self> {
        let mut rest = Rest(text);
        let kind = rest.token()?;
        rest.mark(b'/')?;
        let subtype = rest.token()?;
        let essence = text.get(..kind.len() + 1 + subtype.len())?;
        let mut charset = Charset::Unsaid;
        loop {
            rest.blanks();
            if rest.0.is_empty() {
                break;
            }
            rest.mark(b';')?;
            rest.blanks();
            if matches!(rest.0.first(), None | Some(b';')) {
                continue;
            }
            let name = rest.token()?;
            rest.mark(b'=')?;
            let is_utf8 = rest.value_is(UTF8)?;
            if name.eq_ignore_ascii_case(b"charset") {
                if charset != Charset::Unsaid {
                    return None;
                }
                charset = if is_utf8 {
                    Charset::Utf8
                } else {
                    Charset::Other
                };
            }
        }
        Some(Self {
            essence: std::str::from_utf8(essence).ok()?,
            subtype: std::str::from_utf8(subtype).ok()?,
            charset,
        })
    }

    /// `type/subtype`.
    pub(super) fn essence(&self) -> &'t str {
        self.essence
    }

    /// What its `charset` says.
    pub(super) fn charset(&self) -> Charset {
        self.charset
    }

    /// Whether the subtype is a name with this suffix behind it.
    pub(super) fn has_suffix(&self, suffix: &str) -> bool {
        let (subtype, suffix) = (self.subtype.as_bytes(), suffix.as_bytes());
        let split = subtype.len().checked_sub(suffix.len());
        split
            .filter(|at| *at > 0)
            .and_then(|at| subtype.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(suffix))
    }
}

/// Whether all of it is a token (RFC 9110, 5.6.2).
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// What is still to be read.
struct Rest<'t>(&'t [u8]);

impl<'t> Rest<'t> {
    fn token(&mut self) -> Option<&'t [u8]> {
        let end = self.0.iter().position(|byte| !is_token_byte(*byte));
        let (token, rest) = self.0.split_at_checked(end.unwrap_or(self.0.len()))?;
        self.0 = rest;
        (!token.is_empty()).then_some(token)
    }

    fn mark(&mut self, mark: u8) -> Option<()> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        (*first == mark).then_some(())
    }

    fn blanks(&mut self) {
        while let Some((b' ' | b'\t', rest)) = self.0.split_first() {
            self.0 = rest;
        }
    }

    /// Reads a parameter's value, a token or a quoted string, and says whether it is one of these,
    /// given in small letters.
    fn value_is(&mut self, known: &[&[u8]]) -> Option<bool> {
        let is_known = |value: &[u8]| known.iter().any(|it| it.eq_ignore_ascii_case(value));
        if self.0.first() != Some(&b'"') {
            return self.token().map(is_known);
        }
        self.mark(b'"')?;
        let mut value = Vec::new();
        loop {
            let (byte, rest) = self.0.split_first()?;
            self.0 = rest;
            match byte {
                b'"' => return Some(is_known(&value)),
                b'\\' => {
                    let (escaped, rest) = self.0.split_first()?;
                    self.0 = rest;
                    value.push(*escaped);
                }
                b'\t' | b' '..=b'~' | 0x80.. => value.push(*byte),
                _ => return None,
            }
        }
    }
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// Names of UTF-8 and of its part.
const UTF8: &[&[u8]] = &[b"utf-8", b"utf8", b"us-ascii"];

#[cfg(test)]
mod tests {
    use super::*;

    fn charset(text: &str) -> Option<Charset> {
        MediaType::parse(text.as_bytes()).map(|media| media.charset())
    }

    #[test]
    fn parameters_are_read_by_the_grammar() {
        let cases = [
            ("a/b", Some(Charset::Unsaid)),
            ("a/b ; x=1;y=\"2;charset=z\"", Some(Charset::Unsaid)),
            ("a/b;charset=UTF-8", Some(Charset::Utf8)),
            ("a/b;\tCharset=\"utf\\-8\"", Some(Charset::Utf8)),
            ("a/b;charset=us-ascii;", Some(Charset::Utf8)),
            ("a/b;;charset=utf8", Some(Charset::Utf8)),
            ("a/b;charset=latin1", Some(Charset::Other)),
            ("a/b;charset=\"\"", Some(Charset::Other)),
            ("a/b;charset=utf-8;charset=utf-8", None),
            ("a/b;charset", None),
            ("a/b;charset=", None),
            ("a/b;charset =utf-8", None),
            ("a/b;charset=\"utf-8", None),
            ("a/b;charset=\"\\", None),
            ("a/b;x=\"\u{1}\"", None),
            ("a/b, c/d", None),
            ("a/b c", None),
            ("a /b", None),
            ("a/", None),
            ("/b", None),
            ("a", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(charset(text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_suffix_stands_behind_a_name() {
        let has = |text: &str| {
            MediaType::parse(text.as_bytes())
                .unwrap()
                .has_suffix("+json")
        };
        assert!(has("application/vnd.api+JSON"));
        assert!(!has("application/+json"));
        assert!(!has("application/json"));
        assert!(!has("x+json/a"));
    }
}
