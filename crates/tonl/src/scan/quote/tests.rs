//! Quoting against predicates that look at each character, as the specification words them.

use super::*;
use std::collections::BTreeSet;
use tonl_testkit::Random;

const PLACES: [Place; 4] = [Place::Cell, Place::Tuple, Place::Flow, Place::RestOfLine];

const COLUMNS: [Column; 2] = [Column::Text, Column::Other];

fn is_never_bare(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FEFF}')
}

fn has_outer_space(text: &str) -> bool {
    text.starts_with(char::is_whitespace) || text.ends_with(char::is_whitespace)
}

/// Section 5.3 of the specification.
fn slow_is_bare(text: &str, place: Place, column: Column) -> bool {
    let refused = match place {
        Place::Cell | Place::Flow => ",{}[]\"\\",
        Place::Tuple => ",{}[]()\"\\",
        Place::RestOfLine => "\"\\",
    };
    !(text.is_empty()
        || text == "null"
        || has_outer_space(text)
        || text.contains(is_never_bare)
        || text.starts_with(['"', '{', '[', '#', '@', '*'])
        || text.contains(|c| refused.contains(c))
        || column == Column::Other && slow_is_look_alike(text))
}

/// Section 5.2 of the specification.
fn slow_is_bare_key(key: &str) -> bool {
    !(key.is_empty()
        || has_outer_space(key)
        || key.contains(is_never_bare)
        || key.contains(|c| ":,{}[]\"\\|".contains(c))
        || key.starts_with(['#', '@', '*']))
}

/// Places in a text that a part of a regular expression can reach.
type Ends = BTreeSet<usize>;

/// One character of a set.
fn one(text: &str, from: &Ends, set: &str) -> Ends {
    let next = |at: &usize| text.get(*at..)?.chars().next().filter(|c| set.contains(*c));
    from.iter()
        .filter(|at| next(at).is_some())
        .map(|at| at + 1)
        .collect()
}

/// Any number of characters of a set.
fn any(text: &str, from: &Ends, set: &str) -> Ends {
    let mut all = from.clone();
    let mut last = from.clone();
    while !last.is_empty() {
        last = one(text, &last, set);
        all.extend(&last);
    }
    all
}

/// At least one character of a set.
fn some(text: &str, from: &Ends, set: &str) -> Ends {
    any(text, &one(text, from, set), set)
}

const DIGITS: &str = "0123456789";

/// `true|false|[+-]?(NaN|Infinity|0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|`
/// `([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)`
fn slow_is_look_alike(text: &str) -> bool {
    let start = Ends::from([0]);
    let signed: Ends = &start | &one(text, &start, "+-");
    let words = ["NaN", "Infinity"];
    let is_word = words
        .iter()
        .any(|word| signed.iter().any(|at| text.get(*at..) == Some(*word)));
    let based = [
        ("xX", "0123456789abcdefABCDEF"),
        ("oO", "01234567"),
        ("bB", "01"),
    ];
    let zero = one(text, &signed, "0");
    let based: Ends = based
        .iter()
        .flat_map(|(letter, digits)| some(text, &one(text, &zero, letter), digits))
        .collect();
    let whole = some(text, &signed, DIGITS);
    let whole = any(text, &(&whole | &one(text, &whole, ".")), DIGITS);
    let fraction = some(text, &one(text, &signed, "."), DIGITS);
    let number = &whole | &fraction;
    let exponent = one(text, &number, "eE");
    let exponent = some(text, &(&exponent | &one(text, &exponent, "+-")), DIGITS);
    let ends = &(&based | &number) | &exponent;
    text == "true" || text == "false" || is_word || ends.contains(&text.len())
}

/// Strings of random pieces that quoting is about.
fn random_string(random: &mut Random) -> String {
    const PIECES: &[&str] = &[
        "a", "x y", " ", ",", "{", "}", "[", "]", "(", ")", "\"", "\\", "#", "@", "*", ":", "|",
        ";", "\t", "\n", "\0", "\u{1F}", "\u{7F}", "\u{80}", "\u{85}", "\u{9F}", "\u{A0}",
        "\u{1680}", "\u{2000}", "\u{200A}", "\u{200B}", "\u{2028}", "\u{2029}", "\u{202F}",
        "\u{205F}", "\u{3000}", "\u{FEFF}", "é", "😀", "null", "true", "1", "-", ".", "e5", "0x",
        "NaN",
    ];
    let mut text = String::new();
    for _ in 0..random.below(4) {
        if random.chance(15) {
            text += &"x".repeat(random.below(70));
        }
        text += random.pick::<&str>(PIECES);
    }
    text
}

#[track_caller]
fn check(text: &str) {
    let bytes = text.as_bytes();
    for place in PLACES {
        for column in COLUMNS {
            let expected = slow_is_bare(text, place, column);
            assert_eq!(
                is_bare(bytes, place, column),
                expected,
                "{text:?} {place:?} {column:?}"
            );
            let mut written = Vec::new();
            write_string(&mut written, bytes, place, column);
            assert_eq!(written == bytes, expected, "{text:?} {place:?} {column:?}");
            if !expected {
                assert_eq!(written, quoted(text).as_bytes(), "{text:?}");
            }
        }
    }
    assert_eq!(is_bare_key(bytes), slow_is_bare_key(text), "{text:?}");
}

/// Section 5.7 of the specification.
fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' => out += "\\\"",
            '\\' => out += "\\\\",
            '\u{8}' => out += "\\b",
            '\u{C}' => out += "\\f",
            '\n' => out += "\\n",
            '\r' => out += "\\r",
            '\t' => out += "\\t",
            c if is_never_bare(c) => out.extend(format!("\\u{:04x}", u32::from(c)).chars()),
            c => out.push(c),
        }
    }
    out + "\""
}

#[test]
fn every_character_is_judged_as_the_specification_says_at_every_place() {
    for c in '\0'..='\u{FFFF}' {
        let is_spare = c > '\u{3100}' && c < '\u{FE00}' && u32::from(c) % 64 != 0;
        if is_spare {
            continue;
        }
        for text in [
            format!("{c}"),
            format!("{c}b"),
            format!("a{c}b"),
            format!("a{c}"),
        ] {
            let expected = slow_is_bare(&text, Place::Cell, Column::Other);
            assert_eq!(
                is_bare(text.as_bytes(), Place::Cell, Column::Other),
                expected,
                "{text:?}"
            );
            assert_eq!(
                is_bare_key(text.as_bytes()),
                slow_is_bare_key(&text),
                "{text:?}"
            );
        }
    }
}

#[test]
fn strings_are_quoted_as_the_specification_says() {
    for text in [
        "", "null", "nulls", "Null", "true", "007", "a,b", "(a)", "#a", "a#",
    ] {
        check(text);
    }
    for seed in 0..10_000 {
        check(&random_string(&mut Random::new(seed)));
    }
}

#[test]
fn a_character_is_judged_the_same_around_the_end_of_every_step() {
    for c in [
        ',', '{', '(', '"', '\\', '\n', '\u{7F}', '\u{85}', '\u{A0}', '\u{2028}', 'é', ' ',
    ] {
        for before in (0..3).chain(29..34).chain(61..66) {
            for behind in [0, 1, 31, 32] {
                check(&format!("{}{c}{}", "x".repeat(before), "y".repeat(behind)));
            }
        }
    }
}

#[test]
fn look_alikes_are_what_the_regular_expression_matches() {
    const LETTERS: &[u8] = b"+-01.9eExXbaoN7";
    let mut all = vec![String::new()];
    for length in 0..4 {
        let longer = |text: &String| {
            let text = text.clone();
            LETTERS
                .iter()
                .map(move |letter| format!("{text}{}", char::from(*letter)))
        };
        let next: Vec<String> = all
            .iter()
            .filter(|t| t.len() == length)
            .flat_map(longer)
            .collect();
        all.extend(next);
    }
    for seed in 0..10_000 {
        let mut random = Random::new(seed);
        let length = 5 + random.below(8);
        let letter = |_| char::from(*random.pick(LETTERS));
        all.push((0..length).map(letter).collect());
    }
    for word in [
        "true",
        "false",
        "NaN",
        "Infinity",
        "-Infinity",
        "+NaN",
        "+true",
        "Truex",
        "inf",
    ] {
        all.push(word.to_owned());
    }
    for text in all {
        assert_eq!(
            is_look_alike(text.as_bytes()),
            slow_is_look_alike(&text),
            "{text:?}"
        );
    }
}
