//! Makes the tables that `tonl-tokens` embeds: one block for each vocabulary, and the classes of all
//! characters.
//!
//! The tables are made once and kept in the repository; making them again gives the same bytes. The
//! classes are those of the `regex` crate, because that is what the encodings' rules are written for.

use crate::repository::Repository;
use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;
use std::collections::HashMap;
use std::path::Path;

/// Writes the tables from the vocabularies in `folder`.
pub(crate) fn make(repository: &Repository, folder: &Path) -> Result<()> {
    let data = repository.root().join("crates/tonl-tokens/data");
    for name in ["o200k_base", "cl100k_base"] {
        let path = folder.join(name).with_extension("tiktoken");
        let text = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        let block = tonl_tokens::vocabulary::build(&tokens(&text)?)
            .with_context(|| format!("{} makes no table", path.display()))?;
        write(&data.join(name).with_extension("vocabulary"), &block)?;
    }
    write(&data.join("characters.classes"), &classes()?)
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    std::fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}

/// The tokens of a vocabulary, whose lines are a token in base64 and its rank, in order.
fn tokens(text: &str) -> Result<Vec<Vec<u8>>> {
    let mut tokens = Vec::new();
    for line in text.lines() {
        let (token, rank) = line.split_once(' ').context("a line without a rank")?;
        let rank: usize = rank.parse().with_context(|| format!("rank {rank:?}"))?;
        ensure!(
            rank == tokens.len(),
            "expected rank {}, found {rank}",
            tokens.len()
        );
        tokens.push(STANDARD.decode(token).context("a token is not base64")?);
    }
    Ok(tokens)
}

/// What makes a character one of a class, in the order of the classes' numbers from 1 on; the first
/// that matches counts.
const CLASSES: [&str; 7] = [
    r"[\p{Lu}\p{Lt}]",
    r"\p{Ll}",
    r"\p{L}",
    r"\p{M}",
    r"\p{N}",
    r"[\s--\r\n]",
    r"[\r\n]",
];

/// How many characters a block has.
const BLOCK: u32 = 128;

/// The number of each block of characters, then the blocks that differ.
fn classes() -> Result<Vec<u8>> {
    let classes: Vec<Regex> = CLASSES
        .iter()
        .map(|class| Regex::new(class).context("a class is no expression"))
        .collect::<Result<_>>()?;
    let mut numbers = Vec::new();
    let mut blocks = Vec::new();
    let mut known = HashMap::new();
    for first in (0..0x11_0000).step_by(BLOCK as usize) {
        let block: Vec<u8> = (first..first + BLOCK)
            .map(|point| class(point, &classes))
            .collect();
        let next = known.len();
        let number = *known.entry(block.clone()).or_insert(next);
        if number == next {
            blocks.extend(block);
        }
        numbers.push(u8::try_from(number).context("more than 256 blocks differ")?);
    }
    numbers.extend(blocks);
    Ok(numbers)
}

fn class(point: u32, classes: &[Regex]) -> u8 {
    let Some(c) = char::from_u32(point) else {
        return 0;
    };
    let mut bytes = [0; 4];
    let text = &*c.encode_utf8(&mut bytes);
    let class = classes.iter().position(|class| class.is_match(text));
    class.map_or(0, |at| u8::try_from(at + 1).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vocabulary_is_read_line_by_line() {
        assert_eq!(
            tokens("IQ== 0\nIg== 1\nw6k= 2\n").unwrap(),
            [b"!".to_vec(), b"\"".to_vec(), "é".as_bytes().to_vec()]
        );
        for wrong in ["IQ== 1\n", "IQ==\n", "I! 0\n", "IQ== x\n"] {
            assert!(tokens(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn the_first_class_that_matches_counts() {
        let classes: Vec<Regex> = CLASSES.map(|class| Regex::new(class).unwrap()).into();
        let found = ['A', 'ǅ', 'a', 'ʰ', '\u{301}', '1', ' ', '\n', '!']
            .map(|c| class(u32::from(c), &classes));
        assert_eq!(found, [1, 1, 2, 3, 4, 5, 6, 7, 0]);
    }
}
