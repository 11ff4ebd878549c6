//! The classes of characters that the cutting rules tell apart.
//!
//! The table has a number for each block of 128 characters, and the classes of each block that
//! differs from all before it. `cargo xtask vocabularies` makes it.

/// What a character is to the cutting rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Class {
    /// Signs, symbols, controls, unassigned.
    Other,
    /// Upper and title case letters.
    Upper,
    /// Lower case letters.
    Lower,
    /// Letters without case, modifiers.
    Caseless,
    /// Combining marks, which are no letters but stand in words.
    Mark,
    /// Numbers.
    Number,
    /// White space but for line ends.
    Space,
    /// CR and LF.
    LineEnd,
    /// Behind the text.
    End,
}

impl Class {
    /// `\p{L}`
    #[inline]
    pub(crate) fn is_letter(self) -> bool {
        matches!(self, Self::Upper | Self::Lower | Self::Caseless)
    }

    /// `[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]`
    #[inline]
    pub(crate) fn is_upper(self) -> bool {
        matches!(self, Self::Upper | Self::Caseless | Self::Mark)
    }

    /// `[\p{Ll}\p{Lm}\p{Lo}\p{M}]`
    #[inline]
    pub(crate) fn is_lower(self) -> bool {
        matches!(self, Self::Lower | Self::Caseless | Self::Mark)
    }

    /// `\s`
    #[inline]
    pub(crate) fn is_space(self) -> bool {
        matches!(self, Self::Space | Self::LineEnd)
    }

    /// `[^\s\p{L}\p{N}]`
    #[inline]
    pub(crate) fn is_sign(self) -> bool {
        matches!(self, Self::Other | Self::Mark)
    }

    fn of(number: u8) -> Self {
        match number {
            1 => Self::Upper,
            2 => Self::Lower,
            3 => Self::Caseless,
            4 => Self::Mark,
            5 => Self::Number,
            6 => Self::Space,
            7 => Self::LineEnd,
            _ => Self::Other,
        }
    }
}

/// How many characters a block has.
const BLOCK: usize = 128;

/// How many blocks all of Unicode has.
const BLOCKS: usize = 0x11_0000 / BLOCK;

static TABLE: &[u8] = include_bytes!("../../data/characters.classes");

const ASCII: [Class; BLOCK] = ascii();

const fn ascii() -> [Class; BLOCK] {
    let mut classes = [Class::Other; BLOCK];
    let mut byte: u8 = 0;
    while byte < 128 {
        #[expect(
            clippy::indexing_slicing,
            reason = "the loop ends before the array does"
        )]
        {
            classes[byte as usize] = match byte {
                b'A'..=b'Z' => Class::Upper,
                b'a'..=b'z' => Class::Lower,
                b'0'..=b'9' => Class::Number,
                b' ' | b'\t' | 0x0B | 0x0C => Class::Space,
                b'\r' | b'\n' => Class::LineEnd,
                _ => Class::Other,
            };
        }
        byte += 1;
    }
    classes
}

/// The class of the character at byte `at` of a text in UTF-8, and its length in bytes.
#[inline]
pub(crate) fn classify(text: &[u8], at: usize) -> (Class, usize) {
    match text.get(at) {
        None => (Class::End, 0),
        Some(byte) => match ASCII.get(usize::from(*byte)) {
            Some(class) => (*class, 1),
            None => wide(text, at),
        },
    }
}

/// As [`classify`], beyond ASCII.
fn wide(text: &[u8], at: usize) -> (Class, usize) {
    let bits = |byte: u8| usize::from(byte & 0x3F);
    match text.get(at..) {
        Some([first @ 0xC0..0xE0, b, ..]) => (class(usize::from(first & 0x1F) << 6 | bits(*b)), 2),
        Some([first @ 0xE0..0xF0, b, c, ..]) => {
            let point = usize::from(first & 0x0F) << 12 | bits(*b) << 6 | bits(*c);
            (class(point), 3)
        }
        Some([first @ 0xF0..=0xFF, b, c, d, ..]) => {
            let high = usize::from(first & 0x07) << 18 | bits(*b) << 12;
            (class(high | bits(*c) << 6 | bits(*d)), 4)
        }
        // No text in UTF-8 comes here.
        _ => (Class::Other, 1),
    }
}

/// The class of a code point.
fn class(point: usize) -> Class {
    let block = TABLE.get(point / BLOCK).copied().map_or(0, usize::from);
    let at = BLOCKS + block * BLOCK + point % BLOCK;
    Class::of(TABLE.get(at).copied().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ascii_is_as_the_table_has_it() {
        for byte in 0..128_u8 {
            assert_eq!(
                classify(&[byte], 0),
                (class(usize::from(byte)), 1),
                "{byte}"
            );
        }
    }

    #[test]
    fn characters_of_every_length_have_their_class() {
        for (c, expected) in [
            ('é', Class::Lower),
            ('É', Class::Upper),
            ('ǅ', Class::Upper),
            ('ʰ', Class::Caseless),
            ('日', Class::Caseless),
            ('\u{301}', Class::Mark),
            ('٣', Class::Number),
            ('Ⅳ', Class::Number),
            ('\u{A0}', Class::Space),
            ('\u{85}', Class::Space),
            ('\u{FEFF}', Class::Other),
            ('–', Class::Other),
            ('😀', Class::Other),
            ('𝔄', Class::Upper),
            ('\u{10FFFF}', Class::Other),
        ] {
            let text = c.to_string();
            let found = classify(text.as_bytes(), 0);
            assert_eq!(found, (expected, text.len()), "{c:?}");
        }
        assert_eq!(classify(b"", 0), (Class::End, 0));
    }
}
