//! A table's columns, prepared for matching the members of records against them.

use crate::scan::quote;
use crate::schema::{Column, ColumnKind, ColumnType};
use std::collections::HashMap;
use wide::{u8x16, u8x32};

/// The columns of a table or group, in order.
#[derive(Debug)]
pub(crate) struct Layout {
    pub(crate) columns: Vec<LaidColumn>,
    by_name: HashMap<Box<[u8]>, usize>,
}

/// One column, with what its key looks like in a JSON text.
#[derive(Debug)]
pub(crate) struct LaidColumn {
    key: ExpectedKey,
    pub(crate) takes: Takes,
    pub(crate) kind: LaidKind,
}

/// Which short values a column takes as they stand. None is in the set that would have to be looked
/// at more closely; `null` every column of plain values takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Takes(u8);

impl Takes {
    /// Strings.
    pub(crate) const STRINGS: Self = Self(1);
    /// Strings that look like something else.
    pub(crate) const LOOK_ALIKES: Self = Self(2);
    /// Integers of up to 64 bits.
    pub(crate) const INTEGERS: Self = Self(4);
    /// Numbers with a fraction.
    pub(crate) const FRACTIONS: Self = Self(8);
    /// `true` and `false`.
    pub(crate) const BOOLEANS: Self = Self(16);
    /// Nothing, `null` included: no column of plain values.
    const CONTAINERS: Self = Self(32);

    fn of(kind: &ColumnKind) -> Self {
        let ColumnKind::Leaf(leaf) = kind else {
            return Self::CONTAINERS;
        };
        let sets: &[Self] = match leaf {
            ColumnType::Any => &[
                Self::STRINGS,
                Self::INTEGERS,
                Self::FRACTIONS,
                Self::BOOLEANS,
            ],
            ColumnType::Bool => &[Self::BOOLEANS],
            ColumnType::I64 => &[Self::INTEGERS],
            ColumnType::F64 => &[Self::INTEGERS, Self::FRACTIONS],
            leaf if leaf.is_text() => &[Self::STRINGS, Self::LOOK_ALIKES],
            _ => &[],
        };
        Self(sets.iter().fold(0, |all, set| all | set.0))
    }

    /// Whether any of `other` is in the set.
    #[inline]
    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether it is the set of a column of plain values.
    #[inline]
    pub(crate) fn is_plain(self) -> bool {
        !self.has(Self::CONTAINERS)
    }
}

#[derive(Debug)]
pub(crate) enum LaidKind {
    Leaf(ColumnType),
    Group(Layout),
    Tuples(Layout),
}

impl Layout {
    pub(crate) fn new(columns: &[Column]) -> Self {
        let by_name = columns
            .iter()
            .enumerate()
            .map(|(at, column)| (name_bytes(column), at))
            .collect();
        Self {
            columns: columns.iter().map(LaidColumn::new).collect(),
            by_name,
        }
    }

    /// Which column a decoded key names.
    pub(crate) fn find(&self, name: &[u8]) -> Option<usize> {
        self.by_name.get(name).copied()
    }
}

fn name_bytes(column: &Column) -> Box<[u8]> {
    column.name.as_bytes().into()
}

impl LaidColumn {
    fn new(column: &Column) -> Self {
        let kind = match &column.kind {
            ColumnKind::Leaf(leaf) => LaidKind::Leaf(*leaf),
            ColumnKind::Group(columns) => LaidKind::Group(Layout::new(columns)),
            ColumnKind::Tuples(columns) => LaidKind::Tuples(Layout::new(columns)),
        };
        Self {
            key: ExpectedKey::new(&column.name),
            takes: Takes::of(&column.kind),
            kind,
        }
    }

    /// Whether `text` goes on with this column's key and its colon at byte `at`; gives the byte
    /// behind the colon.
    #[inline]
    pub(crate) fn match_key(&self, text: &[u8], at: usize) -> Option<usize> {
        self.key.match_at(text, at)
    }
}

/// A key as it most often stands in a JSON text: `"key":`. Its first bytes are compared as one
/// vector, because keys are short and are compared for every value.
#[derive(Debug)]
pub(crate) struct ExpectedKey {
    text: Box<[u8]>,
    head: [u8; WINDOW],
    /// A bit for each byte of the head that counts.
    mask: u32,
}

const WINDOW: usize = 32;

/// Keys of so many bytes, quotes and colon included, need only half of the window.
const HALF: usize = WINDOW / 2;

impl ExpectedKey {
    /// What to expect for a decoded key.
    pub(crate) fn new(name: &str) -> Self {
        let mut text = Vec::new();
        quote::write_quoted(&mut text, name.as_bytes());
        text.push(b':');
        let mut head = [0; WINDOW];
        for (head, byte) in head.iter_mut().zip(&text) {
            *head = *byte;
        }
        let mask = (0..WINDOW).fold(0, |mask, at| mask | u32::from(at < text.len()) << at);
        Self {
            text: text.into(),
            head,
            mask,
        }
    }

    /// Whether `text` goes on with the key and its colon at byte `at`; gives the byte behind it.
    #[inline]
    pub(crate) fn match_at(&self, text: &[u8], at: usize) -> Option<usize> {
        let rest = text.get(at..)?;
        let matches = match rest.first_chunk::<WINDOW>() {
            Some(window) if self.text.len() <= HALF => self.matches_half(window),
            Some(window) => {
                let same = u8x32::new(*window)
                    .simd_eq(u8x32::new(self.head))
                    .to_bitmask();
                same & self.mask == self.mask
                    && (self.text.len() <= WINDOW || rest.starts_with(&self.text))
            }
            None => rest.starts_with(&self.text),
        };
        matches.then_some(at + self.text.len())
    }

    /// Compares a short key with half of the window.
    #[inline]
    fn matches_half(&self, window: &[u8; WINDOW]) -> bool {
        let (Some(window), Some(head)) = (window.first_chunk(), self.head.first_chunk()) else {
            return false;
        };
        let same = u8x16::new(*window).simd_eq(u8x16::new(*head)).to_bitmask();
        same & self.mask == self.mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_any_length_are_matched_to_the_end_of_the_text() {
        for length in [0, 1, 12, 13, 14, 15, 28, 29, 30, 31, 32, 33, 60] {
            let key = "k".repeat(length);
            let expected = ExpectedKey::new(&key);
            for before in ["", "{", ","] {
                for behind in ["", "1", "                                  "] {
                    let text = format!("{before}\"{key}\":{behind}");
                    let end = text.len() - behind.len();
                    let found = expected.match_at(text.as_bytes(), before.len());
                    assert_eq!(found, Some(end), "{text}");
                    let cut = text.get(..end - 1).unwrap();
                    assert_eq!(expected.match_at(cut.as_bytes(), before.len()), None);
                    let other = text.replacen('"', "'", 1);
                    assert_eq!(expected.match_at(other.as_bytes(), before.len()), None);
                    let longer = text.replace("\":", "k\":");
                    assert_eq!(expected.match_at(longer.as_bytes(), before.len()), None);
                }
            }
        }
        assert_eq!(ExpectedKey::new("k").match_at(b"\"k\":", 5), None);
    }

    #[test]
    fn keys_that_json_must_escape_are_matched_as_it_escapes_them() {
        let expected = ExpectedKey::new("a\"\n");
        assert_eq!(expected.match_at(br#""a\"\n":1"#, 0), Some(8));
    }

    #[test]
    fn columns_are_found_by_their_decoded_names() {
        let leaf = |name: &str| Column::new(name, ColumnKind::Leaf(ColumnType::Any));
        let layout = Layout::new(&[leaf("a"), leaf(""), leaf("é\n")]);
        assert_eq!(layout.find(b""), Some(1));
        assert_eq!(layout.find("é\n".as_bytes()), Some(2));
        assert_eq!(layout.find(b"A"), None);
    }
}
