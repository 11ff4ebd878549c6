//! Any split gives the same events; nothing panics.

use super::{ReadOptions, read_pieces};
use crate::options::{Ranges, Strictness};
use proptest::prelude::*;

/// Documents that reach most of the reader's states, whole and broken ones.
const SEEDS: &[&str] = &[
    "data[2]{id:i32,g{x,y},t[]{a,u[]{b}}}:\r\n 1,,\"\\ud83d\\ude00\",[(1,[(2)])]\n * {a:[1,{}]}\n",
    "\u{FEFF}# c\n#delimiter |\ndata:\n  a: x y\n  b[2:]{v|w}:\n    k|1|ä\n    * \"l\":{}\n  c[2]: 1| 2\n\n \n",
    "data[]{a:str,b}:\n 1,null\n# note\ndata[]{c}:\n \"é\\n\"\n#end 2\n# x\n",
    "data[]{a}:\n 1\n 2",
    "data[3]:\n x\n {k:\"v\",l:[]}\n \"日本\"\n",
    "data: \"a\rb\"\n",
];

const PIECES: &[&str] = &[
    "data",
    "[",
    "]",
    "{",
    "}",
    "(",
    ")",
    ":",
    ",",
    "\n",
    "\n ",
    "\n  ",
    " ",
    "\"",
    "\\",
    "*",
    "* ",
    "#",
    "#end ",
    "1",
    "-2.5e3",
    "null",
    "true",
    "a",
    "b",
    "é",
    "\u{2028}",
    "\t",
    "\r\n",
    "|",
    ";",
    "data[2]{a,b}:",
    "data[]{a}:",
    "\n 1,2",
    "\"x\"",
    "[(1)]",
    "t[]{a}",
    "[0]",
    "[1]:",
    "\"\"\"",
];

fn lenient() -> ReadOptions {
    ReadOptions {
        strictness: Strictness::Lenient,
        ..ReadOptions::default()
    }
}

fn options() -> impl Strategy<Value = ReadOptions> {
    (any::<bool>(), any::<bool>(), prop::option::of(0_usize..40)).prop_map(
        |(lenient, checked, limit)| {
            let mut options = ReadOptions::default();
            if lenient {
                options.strictness = Strictness::Lenient;
            }
            if checked {
                options.ranges = Ranges::Checked;
            }
            if let Some(limit) = limit {
                options.limits.line_bytes = limit;
                options.limits.total_bytes = limit as u64 * 4;
                options.limits.depth = limit % 5;
            }
            options
        },
    )
}

fn cut<'t>(text: &'t [u8], cuts: &[prop::sample::Index]) -> Vec<&'t [u8]> {
    let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
    places.sort_unstable();
    let mut pieces = Vec::new();
    let mut start = 0;
    for end in places {
        pieces.push(&text[start..end]);
        start = end;
    }
    pieces.push(&text[start..]);
    pieces
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_split_of_broken_documents_gives_the_same_events(
        seed in prop::sample::select(SEEDS),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        options in options(),
    ) {
        let mut text = seed.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        prop_assert_eq!(read_pieces(&[&text], options), read_pieces(&cut(&text, &cuts), options));
    }

    #[test]
    fn any_split_of_any_grammar_soup_gives_the_same_events(
        parts in prop::collection::vec(prop::sample::select(PIECES), 0..25),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        options in options(),
    ) {
        let text = parts.concat().into_bytes();
        prop_assert_eq!(read_pieces(&[&text], options), read_pieces(&cut(&text, &cuts), options));
    }

    #[test]
    fn leniency_never_changes_what_a_valid_text_means(
        seed in prop::sample::select(SEEDS),
        changes in prop::collection::vec((any::<prop::sample::Index>(), 0x20_u8..0x7F), 0..3),
        parts in prop::collection::vec(prop::sample::select(PIECES), 0..6),
    ) {
        let mut text = seed.as_bytes().to_vec();
        for (at, byte) in changes {
            let at = at.index(text.len());
            text[at] = byte;
        }
        let soup = format!("data[]{{a,b}}:\n {}\n", parts.concat());
        for text in [text.as_slice(), soup.as_bytes()] {
            let strict = read_pieces(&[text], ReadOptions::default());
            if strict.1.is_none() {
                prop_assert_eq!(strict, read_pieces(&[text], lenient()));
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(
        text in prop::collection::vec(any::<u8>(), 0..200),
        options in options(),
    ) {
        let (_, _) = read_pieces(&[&text], options);
    }
}

#[test]
fn every_document_reads_the_same_byte_by_byte() {
    for seed in SEEDS {
        let whole = read_pieces(&[seed.as_bytes()], ReadOptions::default());
        let bytes: Vec<&[u8]> = seed.as_bytes().chunks(1).collect();
        assert_eq!(read_pieces(&bytes, ReadOptions::default()), whole);
    }
}
