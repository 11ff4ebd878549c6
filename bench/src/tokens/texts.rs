//! The texts whose tokens are compared: generated lines, and files.

use crate::random::Random;
use anyhow::{Context, Result};
use std::path::Path;

/// A text and how it is named when its counts differ.
#[derive(Debug, Clone)]
pub(super) struct Text {
    pub(super) name: String,
    pub(super) text: String,
}

/// What lines are made of: words, scripts, emoji, digits, signs, long words, and text that looks like
/// a special token. Characters that JavaScript's expressions class in another way than tiktoken's
/// (U+0085, U+FEFF, the long s behind an apostrophe) are left out.
const PIECES: &[&str] = &[
    "the",
    " of",
    " Token",
    "count",
    "HTTPServer",
    "don't",
    "WE'LL",
    "they've",
    "x'y",
    " naïve",
    "Straße",
    "ÉCOLE",
    " кириллица",
    "Ελληνικά",
    "日本語",
    "中文字符",
    "한국어",
    "ไทยภาษา",
    "हिन्दी",
    "العربية",
    "עברית",
    "😀",
    "👩‍💻",
    "🇪🇺",
    "🏳️‍🌈",
    "…",
    "“quoted”",
    "–",
    "€",
    "½",
    "٣٤٥",
    "Ⅳ",
    "0",
    "7",
    "42",
    "2026",
    "1234567890",
    "3.14159",
    "1e-9",
    "0x1F",
    " ",
    "  ",
    "    ",
    "\t",
    "\n",
    "\r\n",
    "\n\n",
    " \n",
    "\u{A0}",
    "\u{3000}",
    "{\"",
    "\":",
    "\",\"",
    "[{",
    "}]",
    "},",
    "://",
    "/path/",
    "\\n",
    "\\",
    "--",
    "=====",
    "((",
    "))",
    "#",
    "@",
    "_id",
    "snake_case",
    "camelCase",
    "<|endoftext|>",
    "<|im_start|>",
    "<|fim_prefix|>",
    "antidisestablishmentarianism",
    "Donaudampfschifffahrtsgesellschaft",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "ZzZzZzZz",
    "e\u{301}",
    "\u{301}",
    "dGhlIHF1aWNrIGJyb3du",
    "9f86d081884c7d65",
    "user@example.com",
    "192.168.0.1",
    "2026-11-24T10:00:00Z",
];

/// Lines made from a fixed seed.
pub(super) fn generated(lines: u32) -> Vec<Text> {
    let mut random = Random::new(7);
    (0..lines)
        .map(|line| {
            let mut text = String::new();
            for _ in 0..random.between(1, 24) {
                text += random.pick(PIECES);
            }
            // js-tiktoken and tiktoken cut white space at a text's end in different ways.
            text.push('.');
            Text {
                name: format!("line {line} {text:?}"),
                text,
            }
        })
        .collect()
}

/// Every file below a folder that is UTF-8.
pub(super) fn files(folder: &Path) -> Result<Vec<Text>> {
    let mut texts = Vec::new();
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            texts.extend(files(&path)?);
        } else if let Ok(text) = String::from_utf8(std::fs::read(&path)?) {
            let name = path.display().to_string();
            texts.push(Text { name, text });
        }
    }
    texts.sort_by(|left, right| left.name.cmp(&right.name));
    Ok(texts)
}
