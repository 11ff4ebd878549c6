//! The scanner by steps against one that looks at each byte.

use super::*;
use tonl_testkit::Random;

/// What a literal holds, found slowly: the closing quote, and whether there is an escape, and one
/// that TONL spells otherwise.
fn slow(text: &[u8], mut at: usize) -> Result<(usize, bool, bool), (Code, usize)> {
    let (mut escaped, mut decode) = (false, false);
    loop {
        match text.get(at) {
            None => return Err((Code::UnterminatedQuote, text.len())),
            Some(b'"') => return Ok((at, escaped, decode)),
            Some(0..=0x1F) => return Err((Code::ControlCharacter, at)),
            Some(b'\\') => {
                escaped = true;
                decode |= matches!(text.get(at + 1), Some(b'/' | b'u'));
                at = slow_escape(text, at)?;
            }
            Some(_) => at += 1,
        }
    }
}

fn slow_escape(text: &[u8], at: usize) -> Result<usize, (Code, usize)> {
    let cut = Err((Code::UnterminatedQuote, text.len()));
    match text.get(at + 1) {
        None => cut,
        Some(b'u') => match slow_unit(text, at)? {
            0xDC00..=0xDFFF => Err((Code::LoneSurrogate, at)),
            0xD800..=0xDBFF => match text.get(at + 6..).unwrap_or_default() {
                [] | [b'\\'] => cut,
                [b'\\', b'u', ..] => match slow_unit(text, at + 6)? {
                    0xDC00..=0xDFFF => Ok(at + 12),
                    _ => Err((Code::LoneSurrogate, at)),
                },
                _ => Err((Code::LoneSurrogate, at)),
            },
            _ => Ok(at + 6),
        },
        Some(letter) if b"\"\\/bfnrt".contains(letter) => Ok(at + 2),
        Some(_) => Err((Code::BadEscape, at)),
    }
}

fn slow_unit(text: &[u8], at: usize) -> Result<u32, (Code, usize)> {
    let digits: Vec<u8> = text.iter().skip(at + 2).take(4).copied().collect();
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err((Code::BadEscape, at));
    }
    if digits.len() < 4 {
        return Err((Code::UnterminatedQuote, text.len()));
    }
    Ok(u32::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap())
}

#[track_caller]
fn check(text: &[u8], start: usize) {
    let shown = String::from_utf8_lossy(text);
    let found = scan(text, start).map_err(|fault| (fault.code, fault.at));
    let (end, escaped, decode) = match (found, slow(text, start)) {
        (Err(fault), Err(expected)) => return assert_eq!(fault, expected, "{shown:?}"),
        (found, Err(expected)) => panic!("{found:?} instead of {expected:?} in {shown:?}"),
        (_, Ok(expected)) => expected,
    };
    let found = found.unwrap_or_else(|fault| panic!("{fault:?} in {shown:?}"));
    let content = &text[start..end];
    assert_eq!((found.start, found.end), (start, end), "{shown:?}");
    assert_eq!(found.traits.has(Traits::ESCAPED), escaped, "{shown:?}");
    assert_eq!(found.traits.has(Traits::DECODE), decode, "{shown:?}");
    if content.iter().any(|byte| *byte >= 0x7F) {
        assert!(found.traits.has(Traits::WIDE), "{shown:?}");
    }
    if !escaped {
        let structural = content.iter().any(|byte| b",{}[]".contains(byte));
        assert_eq!(
            found.traits.has(Traits::STRUCTURAL),
            structural,
            "{shown:?}"
        );
    }
    let mut decoded = Vec::new();
    decode_checked(content, &mut decoded);
    let expected: String = serde_json::from_slice(&text[start - 1..=end]).unwrap();
    assert_eq!(String::from_utf8(decoded).unwrap(), expected);
}

fn decode_checked(content: &[u8], out: &mut Vec<u8>) {
    super::decode(content, out).unwrap();
}

const PIECES: &[&str] = &[
    "\"",
    "\\",
    "\\\"",
    "\\\\",
    "\\/",
    "\\n",
    "\\b",
    "\\u0041",
    "\\u00e9",
    "\\uD83D\\uDE00",
    "\\ud83d",
    "\\udE00",
    "\\u12",
    "\\u12G4",
    "\\x",
    "\\U0041",
    ",",
    "{",
    "]",
    "é",
    "😀",
    "\u{7F}",
    "\u{2028}",
    "\n",
    "\t",
    "\u{0}",
    "a",
    " ",
    "/",
    "u",
];

#[test]
fn every_piece_is_found_around_the_ends_of_steps_and_of_the_text() {
    for piece in PIECES {
        for before in (0..4).chain(26..36).chain(58..68) {
            for behind in [
                "",
                "\"",
                "x\"",
                "\\n\"",
                "\", and then much more than one step holds: ,",
            ] {
                let text = format!("\"{}{piece}{behind}", "x".repeat(before));
                check(text.as_bytes(), 1);
            }
        }
    }
}

#[test]
fn literals_of_random_pieces_are_scanned_as_byte_by_byte() {
    for seed in 0..20_000 {
        let mut random = Random::new(seed);
        let offset = random.below(40);
        let mut text = " ".repeat(offset) + "\"";
        let pieces = if random.chance(50) {
            PIECES
        } else {
            &PIECES[2..10]
        };
        for _ in 0..random.below(12) {
            if random.chance(30) {
                text += &"x".repeat(random.below(40));
            }
            text += random.pick::<&str>(pieces);
        }
        text += random.pick::<&str>(&["\"", "\",1", ""]);
        check(text.as_bytes(), offset + 1);
    }
}

#[test]
fn unchecked_content_with_a_bad_escape_is_not_decoded() {
    for content in ["\\x", "a\\", "\\u12", "\\ud800", "x\\u00zz"] {
        assert!(
            super::decode(content.as_bytes(), &mut Vec::new()).is_err(),
            "{content}"
        );
    }
}
