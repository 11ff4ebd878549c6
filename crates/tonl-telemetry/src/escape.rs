//! How foreign text is written into a line that people and programs read.
//!
//! A client chooses its path, its method and its token's name; none of them may end a line, move a
//! terminal's cursor, or turn the reading direction of what stands beside it. Every such character
//! is written as an escape; nothing is left out. The trap: the list is of characters that *act*,
//! not of those that look odd, so that emoji and accents stay as they are.

use std::fmt::Write as _;

/// Whether a character acts on what shows it instead of being shown: controls (C0, DEL, C1), line
/// and paragraph separators, bidirectional controls, and what takes no room.
///
/// *Source:* Unicode 16, general categories `Cc`, `Zl`, `Zp` and the members of `Cf` that hide or
/// reorder text (UAX #9, UTS #39).
pub(crate) fn acts(c: char) -> bool {
    matches!(c,
        '\u{00}'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{ad}'
        | '\u{061c}'
        | '\u{115f}'..='\u{1160}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Appends the text as a JSON string, quotes included. A JSON parser gives the text back.
pub(crate) fn json(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if acts(c) => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _infallible = write!(out, "\\u{unit:04x}");
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

/// Appends a value of a `key=value` pair: as it is if it cannot be misread, else as [`json`] does.
pub(crate) fn value(out: &mut String, text: &str) {
    let plain = |c: char| !acts(c) && !c.is_whitespace() && !matches!(c, '"' | '\\' | '=');
    if !text.is_empty() && text.chars().all(plain) {
        out.push_str(text);
    } else {
        json(out, text);
    }
}

/// Appends a sentence for people: only what acts is escaped.
pub(crate) fn sentence(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if acts(c) => {
                let _infallible = write!(out, "\\u{{{:x}}}", u32::from(c));
            }
            c => out.push(c),
        }
    }
}

/// The text, or its beginning and how many characters were left out.
pub(crate) fn shortened(text: &str, most: usize) -> std::borrow::Cow<'_, str> {
    if text.chars().nth(most).is_none() {
        return text.into();
    }
    let kept: String = text.chars().take(most).collect();
    let left_out = text.chars().count() - most;
    format!("{kept}… ({left_out} more characters)").into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    fn as_json(text: &str) -> String {
        let mut out = String::new();
        json(&mut out, text);
        out
    }

    /// Text in which the characters that matter are frequent.
    fn hostile(random: &mut Random) -> String {
        let dangerous = [
            '\n',
            '\r',
            '\u{1b}',
            '\u{202e}',
            '\u{2066}',
            '\u{2028}',
            '\u{85}',
            '\u{9b}',
            '\u{0}',
            '"',
            '\\',
            '\u{7f}',
            '\u{200b}',
            '\u{e0041}',
            '{',
            '}',
            ',',
            '=',
            ' ',
        ];
        let length = random.below(40);
        let pick = |random: &mut Random| {
            if random.chance(50) {
                *random.pick(&dangerous)
            } else {
                let scalar = u32::try_from(random.below(0x11_0000)).unwrap();
                char::from_u32(scalar).unwrap_or('a')
            }
        };
        (0..length).map(|_| pick(random)).collect()
    }

    #[test]
    fn any_text_comes_back_from_its_json_and_nothing_in_it_acts() {
        let mut random = Random::new(50);
        for _ in 0..20_000 {
            let text = hostile(&mut random);
            let written = as_json(&text);
            assert!(!written.chars().any(acts), "{written:?}");
            assert_eq!(serde_json::from_str::<String>(&written).unwrap(), text);
        }
    }

    #[test]
    fn a_value_and_a_sentence_stay_on_their_line_whatever_they_hold() {
        let mut random = Random::new(51);
        for _ in 0..20_000 {
            let text = hostile(&mut random);
            let (mut pair, mut words) = (String::new(), String::new());
            value(&mut pair, &text);
            sentence(&mut words, &text);
            assert!(!pair.chars().any(acts), "{pair:?}");
            assert!(!words.chars().any(acts), "{words:?}");
            let quoted = pair.starts_with('"');
            assert!(quoted || !pair.contains([' ', '=']), "{pair:?}");
        }
    }

    #[test]
    fn letters_of_all_scripts_and_emoji_stay_as_they_are() {
        let text = "Zoë 東京 عربى ⚠️ 🔑 ✅";
        assert_eq!(as_json(text), format!("\"{text}\""));
    }

    #[test]
    fn a_long_text_says_how_much_was_left_out() {
        assert_eq!(shortened("abc", 3), "abc");
        assert_eq!(shortened("äbcde", 3), "äbc… (2 more characters)");
    }
}
