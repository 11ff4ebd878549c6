//! Short cells: what almost every cell of a table of plain values is.
//!
//! A member whose key stands where it is expected, whose value is a string of letters, an integer, a
//! fraction or a word of at most [`STEP`] bytes, and behind which the next member follows at once, is
//! taken here by few comparisons and one copy of a fixed length. Nothing is decided here that
//! [`super::row`] would decide otherwise: what needs a second look is left to it, untouched.
//!
//! The cells are collected in a small buffer and appended in one piece, because room in a text that
//! grows would have to be looked for again with every cell.

use super::layout::{LaidColumn, Layout, Takes};
use crate::scan::lanes::{self, HALF, STEP, Step};
use crate::scan::quote;

/// The place where cells are collected.
#[derive(Debug)]
pub(super) struct ShortCells {
    buffer: [u8; ROOM],
}

/// Room for so many bytes of cells is more than most rows need.
const ROOM: usize = 1024;

/// Up to so many bytes are appended as a block.
const BLOCK: usize = 64;

/// What is looked at for a value: a string of one step, its quotes, and the byte behind it.
const WINDOW: usize = STEP + 3;

/// How far a run of short cells came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Run {
    /// The member at byte `key_at` needs another look; column `next` is the next.
    Until { next: usize, key_at: usize },
    /// The object is over before this byte, and no column is left.
    Whole { end: usize },
}

/// A short value: its bytes begin a block, and the byte behind it stands so many bytes from its beginning.
struct Short<'t> {
    block: &'t [u8; STEP],
    len: usize,
    behind: usize,
}

impl ShortCells {
    pub(super) fn new() -> Self {
        Self { buffer: [0; ROOM] }
    }

    /// Appends the short cells of the members from byte `key_at` on, which belong to column `next` and
    /// those behind it, each with a comma behind it.
    #[inline]
    pub(super) fn run(
        &mut self,
        layout: &Layout,
        text: &[u8],
        (mut next, mut key_at): (usize, usize),
        out: &mut Vec<u8>,
    ) -> Run {
        let mut filled = 0;
        let run = loop {
            let until = Run::Until { next, key_at };
            let Some((column, at, window)) = member(layout, next, text, key_at) else {
                break until;
            };
            let Some(short) = value(column, window) else {
                break until;
            };
            let Some(cell) = self.cell(filled) else {
                break until;
            };
            put(cell, &short);
            let behind = at + short.behind;
            match window.get(short.behind) {
                Some(b',') => (next, key_at) = (next + 1, behind + 1),
                Some(b'}') if next + 1 == layout.columns.len() => {
                    filled += short.len + 1;
                    break Run::Whole { end: behind + 1 };
                }
                _ => break until,
            }
            filled += short.len + 1;
        };
        self.append(filled, out);
        run
    }

    /// Appends so many bytes: most often as one block, whose rest is cut off.
    #[inline]
    fn append(&self, filled: usize, out: &mut Vec<u8>) {
        match self.buffer.first_chunk::<BLOCK>() {
            Some(block) if filled <= BLOCK => {
                let len = out.len() + filled;
                out.extend_from_slice(block);
                out.truncate(len);
            }
            _ => out.extend_from_slice(self.buffer.get(..filled).unwrap_or_default()),
        }
    }

    #[inline]
    fn cell(&mut self, filled: usize) -> Option<&mut [u8; STEP + 1]> {
        self.buffer.get_mut(filled..)?.first_chunk_mut()
    }
}

/// The column of the member whose key begins at byte `key_at`, if it is the one expected; where the
/// member's value begins, and its window.
#[inline]
fn member<'l, 't>(
    layout: &'l Layout,
    next: usize,
    text: &'t [u8],
    key_at: usize,
) -> Option<(&'l LaidColumn, usize, &'t [u8; WINDOW])> {
    let column = layout.columns.get(next)?;
    let at = column.match_key(text, key_at)?;
    if !column.takes.is_plain() {
        return None;
    }
    Some((column, at, text.get(at..)?.first_chunk()?))
}

/// Copies a value and a comma behind it. What the block holds beyond the value is overwritten by the
/// next.
#[inline]
fn put(cell: &mut [u8; STEP + 1], short: &Short<'_>) {
    if let Some(block) = cell.first_chunk_mut() {
        *block = *short.block;
    }
    if let Some(behind) = cell.get_mut(short.len) {
        *behind = b',';
    }
}

#[inline]
fn value<'t>(column: &LaidColumn, window: &'t [u8; WINDOW]) -> Option<Short<'t>> {
    match window.first()? {
        b'"' => string(column.takes, window),
        b'-' | b'0'..=b'9' => number(column.takes, window),
        _ => word(column.takes, window),
    }
}

/// `true`, `false` or `null`. Which of them it is decides no branch: in a column of booleans nobody
/// could foretell it.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "operators that may leave their second half out are branches"
)]
#[inline]
fn word(takes: Takes, window: &[u8; WINDOW]) -> Option<Short<'_>> {
    let eight = u64::from_le_bytes(*window.first_chunk()?);
    let is_false = eight << 24 == FALSE << 24;
    let is_boolean = is_false | (eight << 32 == TRUE << 32);
    let is_taken = is_boolean & takes.has(Takes::BOOLEANS) | (eight << 32 == NULL << 32);
    let len = 4 + usize::from(is_false);
    is_taken.then_some(Short {
        block: window.first_chunk()?,
        len,
        behind: len,
    })
}

const TRUE: u64 = u64::from_le_bytes(*b"true\0\0\0\0");
const FALSE: u64 = u64::from_le_bytes(*b"false\0\0\0");
const NULL: u64 = u64::from_le_bytes(*b"null\0\0\0\0");

/// A string that is bare wherever it stands in a table.
#[inline]
fn string(takes: Takes, window: &[u8; WINDOW]) -> Option<Short<'_>> {
    let block = window.get(1..)?.first_chunk()?;
    let specials = Step::new(*block).specials();
    let len = specials.trailing_zeros() as usize;
    if len >= STEP || block.get(len) != Some(&b'"') || !takes.has(Takes::STRINGS) {
        return None;
    }
    let content = block.get(..len)?;
    let is_bare = if takes.has(Takes::LOOK_ALIKES) {
        quote::has_bare_shape(content)
    } else {
        quote::is_surely_bare(content)
    };
    is_bare.then_some(Short {
        block,
        len,
        behind: len + 2,
    })
}

/// A number without an exponent. What it goes on with is seen by who looks at the byte behind it.
#[inline]
fn number(takes: Takes, window: &[u8; WINDOW]) -> Option<Short<'_>> {
    let others = u32::from(!lanes::digits(*window.first_chunk::<HALF>()?));
    let sign = u32::from(window.first() == Some(&b'-'));
    let whole = run_of_digits(others, sign)?;
    let has_leading_zero = whole > sign + 1 && window.get(sign as usize) == Some(&b'0');
    if has_leading_zero || !takes.has(Takes::INTEGERS) {
        return None;
    }
    let mut len = whole;
    if window.get(whole as usize) == Some(&b'.') {
        len = run_of_digits(others, whole + 1)?;
        if !takes.has(Takes::FRACTIONS) {
            return None;
        }
    }
    Some(Short {
        block: window.first_chunk()?,
        len: len as usize,
        behind: len as usize,
    })
}

/// The place behind the digits at place `at`, if there are some and they end within half a step.
#[inline]
fn run_of_digits(others: u32, at: u32) -> Option<u32> {
    let ahead = others.checked_shr(at)?;
    let digits = ahead.trailing_zeros();
    (digits != 0 && ahead != 0).then_some(at + digits)
}

#[cfg(test)]
mod tests {
    use super::super::row::{RECORD_DEPTH, RowWriter};
    use super::super::style::Style;
    use super::*;
    use crate::options::Profile;
    use crate::schema::{Column, ColumnKind, ColumnType};
    use tonl_testkit::Random;

    const NAMES: [&str; 4] = [
        "id",
        "name",
        "a longer name",
        "a name longer than one window has room",
    ];

    const TYPES: [ColumnType; 7] = [
        ColumnType::Any,
        ColumnType::Bool,
        ColumnType::I64,
        ColumnType::F64,
        ColumnType::Str,
        ColumnType::Date,
        ColumnType::U8,
    ];

    const VALUES: [&str; 44] = [
        "1",
        "-1",
        "0",
        "-0",
        "01",
        "-01",
        "0.5",
        "1.",
        "1.5",
        "-",
        "-a",
        "12345678901234",
        "123456789012345",
        "1234567890123456",
        "99999999999999999999",
        "1e5",
        "1.5E5",
        "true",
        "false",
        "null",
        "nul",
        "truex",
        "",
        "\"\"",
        "\"a\"",
        "\"null\"",
        "\"true\"",
        "\"NaN\"",
        "\"1\"",
        "\"-5\"",
        "\" a\"",
        "\"a \"",
        "\"#a\"",
        "\"*\"",
        "\"a,b\"",
        "\"a_b\"",
        "\"a{\"",
        "\"é\"",
        "\"a\\n\"",
        "\"a",
        "\"a\tb\"",
        "{}",
        "[1]",
        "\"a\"x",
    ];

    fn layout(types: &[ColumnType]) -> Layout {
        let columns = NAMES.iter().zip(types);
        let columns: Vec<_> = columns
            .map(|(name, leaf)| Column::new(*name, ColumnKind::Leaf(*leaf)))
            .collect();
        Layout::new(&columns)
    }

    /// An object of these columns as they stand or with a member left out, and what may stand behind it.
    fn record(random: &mut Random, columns: usize) -> String {
        let space = |random: &mut Random| if random.below(20) == 0 { " " } else { "" };
        let mut members = Vec::new();
        for name in NAMES.iter().take(columns) {
            let mut value = (*random.pick::<&str>(&VALUES)).to_owned();
            if random.below(5) == 0 {
                value = format!("\"{}\"", "x".repeat(28 + random.below(8)));
            }
            let (before, behind) = (space(random), space(random));
            if random.below(20) > 0 {
                members.push(format!("\"{name}\":{before}{value}{behind}"));
            }
        }
        let behind = " ".repeat(random.below(2) * 40);
        format!("{{{}}}\n{behind}", members.join(","))
    }

    #[test]
    fn short_cells_are_those_that_a_closer_look_gives() {
        let mut rows = RowWriter::of_stream(9, Style::of(Profile::Compact));
        let mut plain = RowWriter::of_stream(9, Style::of(Profile::Compact));
        plain.is_short = false;
        let mut taken = 0;
        for seed in 0..30_000 {
            let mut random = Random::new(seed);
            let columns = 1 + random.below(NAMES.len());
            let types: Vec<_> = (0..columns).map(|_| *random.pick(&TYPES)).collect();
            let (layout, text) = (layout(&types), record(&mut random, columns));
            let (mut found, mut expected) = (b"before".to_vec(), b"before".to_vec());
            let end = rows.plain(&layout, text.as_bytes(), 0, RECORD_DEPTH, &mut found);
            let same = plain.plain(&layout, text.as_bytes(), 0, RECORD_DEPTH, &mut expected);
            assert_eq!(end, same, "{text:?} {types:?}");
            if end.is_some() {
                assert_eq!(found, expected, "{text:?} {types:?}");
                taken += 1;
            }
        }
        assert!(taken > 1_000, "{taken}");
    }

    #[test]
    fn a_row_of_short_cells_is_taken_whole_and_another_up_to_what_is_not_short() {
        let layout = layout(&[ColumnType::I64, ColumnType::Str, ColumnType::Bool]);
        let behind = " ".repeat(WINDOW);
        let run = |record: &str| {
            let text = format!("{record}{behind}");
            let mut out = Vec::new();
            let run = ShortCells::new().run(&layout, text.as_bytes(), (0, 1), &mut out);
            (run, String::from_utf8(out).unwrap())
        };
        let record = r#"{"id":1,"name":"a b","a longer name":true}"#;
        let end = record.len();
        assert_eq!(run(record), (Run::Whole { end }, "1,a b,true,".to_owned()));
        let until = |next, key_at| Run::Until { next, key_at };
        let record = r#"{"id":1,"name":"a,b","a longer name":true}"#;
        assert_eq!(run(record), (until(1, 8), "1,".to_owned()));
        assert_eq!(run(r#"{"id":1}"#), (until(0, 1), String::new()));
    }

    #[test]
    fn more_cells_than_there_is_room_for_are_taken_in_parts() {
        let name = |at: usize| format!("k{at}");
        let leaf = || ColumnKind::Leaf(ColumnType::Str);
        let columns: Vec<_> = (0..100).map(|at| Column::new(name(at), leaf())).collect();
        let members = (0..100).map(|at| format!("\"k{at}\":\"{}\"", "x".repeat(30)));
        let members: Vec<_> = members.collect();
        let text = format!("{{{}}}\n", members.join(","));
        let mut rows = RowWriter::of_stream(9, Style::of(Profile::Compact));
        let mut out = Vec::new();
        let layout = Layout::new(&columns);
        let end = rows.plain(&layout, text.as_bytes(), 0, RECORD_DEPTH, &mut out);
        assert_eq!(end, Some(text.len() - 1));
        assert_eq!(out, vec!["x".repeat(30); 100].join(",").into_bytes());
    }
}
