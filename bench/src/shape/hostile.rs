//! `hostile`: what breaks converters: escapes, emoji (as bytes and as surrogate pairs of escapes),
//! strings that look like literals and numbers, integers no float can hold.

use crate::random::Random;
use crate::text::{quoted, raw};

pub(super) fn append(out: &mut Vec<u8>, random: &mut Random) {
    raw(out, r#"{"n":"#);
    integer(out, random);
    raw(out, r#","look":"#);
    quoted(out, random.pick(&LOOK_ALIKES));
    raw(out, r#","esc":""#);
    for _ in 0..3 {
        raw(out, random.pick(&ESCAPES));
    }
    raw(out, r#"","emoji":""#);
    for _ in 0..2 {
        raw(out, random.pick(&EMOJI));
    }
    raw(out, r#"","mixed":"#);
    raw(out, random.pick(&MIXED));
    out.push(b'}');
}

/// An integer of 16 to 30 digits, one in five negative.
fn integer(out: &mut Vec<u8>, random: &mut Random) {
    if random.chance(20) {
        out.push(b'-');
    }
    out.push(b'9');
    let digits = random.between(15, 29) as usize;
    crate::text::code(out, random, digits, b"0123456789012345");
}

const LOOK_ALIKES: [&str; 16] = [
    "true", "false", "null", "007", "-0", "1e5", "NaN", "Infinity", "0x1F", "", " ", "1.0",
    "#end 3", "* {}", "[1,2]", "{a:1}",
];
const ESCAPES: [&str; 12] = [
    r"line\nbreak",
    r#"a \"quoted\" word"#,
    r"C:\\temp\\new",
    r"tab\tand\r\n",
    r"\u0000\u001f",
    r"caf\u00e9",
    r"\/slash\/",
    r"\b\f",
    "plain, with commas",
    "colon: space",
    r"\u2028line",
    "semi;pipe|",
];
const EMOJI: [&str; 8] = [
    "😀 smile",
    r"\ud83d\ude00 pair",
    "👩‍💻",
    r"\uD83D\uDC69\u200d\ud83d\udcbb",
    "日本語",
    "Grüße",
    r"\u65e5\u672c",
    "🇪🇺 flag",
];
const MIXED: [&str; 8] = [
    "null",
    "true",
    "\"true\"",
    "12345678901234567890.10",
    "[]",
    "\"[]\"",
    "{\"a\":[1,\"x\"]}",
    "\"\"",
];
