//! Small damage to a text, as editors, models and bad lines do it.

use crate::random::Random;

const SNIPPETS: &[&str] = &[
    ",",
    ":",
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    "|",
    ";",
    "\t",
    " ",
    "  ",
    "\n",
    "\n ",
    "\r",
    "\r\n",
    "#",
    "# x\n",
    "*",
    "* ",
    "@",
    "null",
    "true",
    "1",
    "-",
    "0",
    "e",
    ".",
    "a",
    "\u{feff}",
    "\u{2028}",
    "\u{a0}",
    "\u{7f}",
    "\u{0}",
    "é",
    "{}",
    "[]",
    "()",
    "[1:]",
    "[]{a}:",
    "{a,b}",
    "str",
    "i32",
    "\\u0041",
    "\\ud800",
    "\"\"",
    "data[]{a}:\n",
    "#end 1\n",
    "#delimiter |\n",
    "\n\n",
];

/// The text with one to three small changes.
pub fn mutated(text: &str, random: &mut Random) -> String {
    let mut text = text.to_owned();
    for _ in 0..=random.below(3) {
        text = match random.below(6) {
            0 => without_line(&text, random),
            1 => with_line_twice(&text, random),
            2 => text
                .chars()
                .take(random.below(text.chars().count() + 1))
                .collect(),
            _ => edited(&text, random),
        };
    }
    text
}

/// The text with a few characters at one place replaced by a snippet.
fn edited(text: &str, random: &mut Random) -> String {
    let at = random.below(text.chars().count() + 1);
    let removed = random.below(3);
    let mut out: String = text.chars().take(at).collect();
    if random.chance(70) {
        out.push_str(random.pick::<&str>(SNIPPETS));
    }
    out.extend(text.chars().skip(at + removed));
    out
}

fn without_line(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    if !lines.is_empty() {
        lines.remove(random.below(lines.len()));
    }
    lines.concat()
}

fn with_line_twice(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    if !lines.is_empty() {
        let line = *random.pick(&lines);
        lines.insert(random.below(lines.len() + 1), line);
    }
    lines.concat()
}
