//! The line an error is about, with a caret under the place.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use tonl::Position;

/// How far into a file an excerpt is looked for, in bytes: an error message must come quickly.
const REACH: u64 = 64 << 20;
/// How many characters of a long line are shown.
const WIDTH: usize = 96;
/// How many characters stand before the caret at most.
const BEFORE: usize = 60;

/// The excerpt from a regular file, if the line can be found cheaply and is text.
pub(crate) fn of_file(path: &Path, position: Position) -> Option<String> {
    if !std::fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut reader = BufReader::new(File::open(path).ok()?.take(REACH));
    for _ in 1..position.line {
        if reader.skip_until(b'\n').ok()? == 0 {
            return None;
        }
    }
    let mut line = Vec::new();
    reader.take(1 << 20).read_until(b'\n', &mut line).ok()?;
    draw(std::str::from_utf8(&line).ok()?, position)
}

/// Draws `line`, which is line number `position.line`, with a caret under its column.
fn draw(line: &str, position: Position) -> Option<String> {
    let column = usize::try_from(position.column).ok()?.checked_sub(1)?;
    let line = line
        .trim_end_matches(['\n', '\r'])
        .trim_start_matches('\u{feff}');
    if line.trim().is_empty() {
        return None;
    }
    if column > line.chars().count() {
        return None;
    }
    let start = column.saturating_sub(BEFORE);
    let mut shown: String = line.chars().skip(start).take(WIDTH).map(visible).collect();
    if line.chars().count() > start + WIDTH {
        shown.push('…');
    }
    let lead = if start > 0 { "…" } else { "" };
    let number = position.line.to_string();
    let (gutter, caret) = (
        " ".repeat(number.len()),
        column - start + lead.chars().count(),
    );
    Some(format!(
        "{gutter} |\n{number} | {lead}{shown}\n{gutter} | {:caret$}^",
        ""
    ))
}

/// A character that takes one column, so that the caret stands right and nothing steers a terminal.
fn visible(character: char) -> char {
    match character {
        '\t' => ' ',
        _ if character.is_control() => '\u{fffd}',
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stands_under_the_column() {
        let drawn = draw(
            "{\"a\" 1}\r\n",
            Position {
                line: 12,
                column: 6,
            },
        );
        assert_eq!(drawn.unwrap(), "   |\n12 | {\"a\" 1}\n   |      ^");
    }

    #[test]
    fn a_blank_line_is_not_shown() {
        let place = Position { line: 9, column: 1 };
        assert_eq!(draw("", place), None);
        assert_eq!(draw("  \n", place), None);
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let line = "x".repeat(1_000);
        let drawn = draw(
            &line,
            Position {
                line: 1,
                column: 500,
            },
        )
        .unwrap();
        let rows: Vec<&str> = drawn.lines().collect();
        assert!(rows[1].chars().count() < 110, "{drawn}");
        assert_eq!(rows[2].find('^'), Some("1 | ".len() + 1 + BEFORE));
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let drawn = draw("a\u{1b}[31mb", Position { line: 1, column: 1 }).unwrap();
        assert!(!drawn.contains('\u{1b}'));
    }
}
