//! The same tokens as two other implementations, on any text.

use tonl_testkit::Random;
use tonl_tokens::Encoding;

/// Two encoders of other hands.
struct Oracles {
    tiktoken: &'static tiktoken_rs::CoreBPE,
    bpe: &'static bpe_openai::Tokenizer,
}

fn oracles(encoding: Encoding) -> Oracles {
    match encoding {
        Encoding::O200kBase => Oracles {
            tiktoken: tiktoken_rs::o200k_base_singleton(),
            bpe: bpe_openai::o200k_base(),
        },
        Encoding::Cl100kBase => Oracles {
            tiktoken: tiktoken_rs::cl100k_base_singleton(),
            bpe: bpe_openai::cl100k_base(),
        },
        _ => panic!("an encoding without oracles"),
    }
}

fn check(encoding: Encoding, oracles: &Oracles, text: &str) {
    let ours = encoding.tokens(text);
    assert_eq!(ours.len() as u64, encoding.count(text), "{text:?}");
    assert_eq!(
        ours,
        oracles.bpe.encode(text),
        "{} {text:?}",
        encoding.name()
    );
    // From its version 0.8 on, tiktoken cuts white space at a text's end differently in cl100k_base.
    if encoding == Encoding::O200kBase || !text.ends_with(char::is_whitespace) {
        let theirs = oracles.tiktoken.encode_ordinary(text);
        assert_eq!(ours, theirs, "{} {text:?}", encoding.name());
    }
}

const PIECES: &[&str] = &[
    "a",
    "B",
    "the",
    " word",
    "Word",
    "WORD",
    "camelCase",
    "don't",
    "DON'T",
    "'s",
    "'S",
    "'re",
    "'Ve",
    "'ll",
    "'x",
    "'\u{17F}",
    " ",
    "  ",
    "   ",
    "\t",
    "\n",
    "\r\n",
    "\n\n",
    " \n ",
    "\u{A0}",
    "\u{3000}",
    "\u{85}",
    "\u{FEFF}",
    "1",
    "12",
    "123",
    "1234567",
    "٣٤",
    "Ⅳ",
    "½",
    ".",
    ",",
    "\"",
    "{\"",
    "\":",
    "://",
    "/",
    "--",
    "-----",
    "…",
    "“",
    "é",
    "É",
    "e\u{301}",
    "\u{301}",
    "\u{301}\u{302}",
    "ß",
    "ǅ",
    "ʰ",
    "日本語",
    "中文字符",
    "ไทย",
    "हिन्दी",
    "العربية",
    "кириллица",
    "Ελληνικά",
    "한국어",
    "😀",
    "👩‍💻",
    "🇪🇺",
    "<|endoftext|>",
    "<|im_start|>",
    "_id",
    "snake_case",
    "0x1F",
    "e5",
    "\u{0}",
    "\u{7F}",
    "\u{10FFFF}",
    "aaaaaaaaaaaaaaaaaa",
    "ZZZZZZZZ",
    "=========",
    "abababababab",
    "\u{1F1E6}",
    "of",
    "ing",
    "tion",
    "http",
    ".com",
    "():",
    "};\n",
];

#[test]
fn tokens_are_those_of_other_encoders_on_mixed_text() {
    for encoding in Encoding::ALL {
        let oracles = oracles(encoding);
        for seed in 0..20_000 {
            let mut random = Random::new(seed);
            let mut text = String::new();
            for _ in 0..random.below(12) {
                text += random.pick::<&str>(PIECES);
            }
            check(encoding, &oracles, &text);
        }
    }
}

#[test]
fn tokens_are_those_of_other_encoders_in_long_words() {
    for encoding in Encoding::ALL {
        let oracles = oracles(encoding);
        for seed in 0..400 {
            let mut random = Random::new(seed);
            let alphabet: &[&str] = match random.below(6) {
                0 => &["a"],
                1 => &["a", "b"],
                2 => &["日", "本", "語", "中", "文", "字"],
                3 => &["a", "e", "i", "n", "t", "s", "r", "o", "l", "d"],
                4 => &["ก", "า", "ร", "น", "เ", "่"],
                _ => &["=", "-"],
            };
            let mut text = String::new();
            for _ in 0..random.below(900) {
                text += random.pick::<&str>(alphabet);
            }
            check(encoding, &oracles, &text);
        }
    }
}

#[test]
fn every_character_is_cut_as_other_encoders_cut_it() {
    for encoding in Encoding::ALL {
        let oracles = oracles(encoding);
        for first in (0..0x2_0000).step_by(16) {
            let characters = (first..first + 16).filter_map(char::from_u32);
            let mut text = String::new();
            for c in characters {
                text.extend(['a', c, 'b', ' ', c, 'B', '1', c, '.', c, c]);
            }
            check(encoding, &oracles, &text);
        }
    }
}

#[test]
fn text_that_looks_like_a_special_token_is_text() {
    for encoding in Encoding::ALL {
        assert!(encoding.count("<|endoftext|>") > 3, "{}", encoding.name());
    }
}
