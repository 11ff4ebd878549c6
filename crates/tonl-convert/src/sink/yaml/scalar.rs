//! How a string is written so that every reader takes it back as the same string.

/// The form of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// As it is.
    Plain,
    /// In a literal block (`|`), its lines as they are.
    Literal,
    /// In double quotes, on one line.
    Quoted,
}

/// The form that loses nothing and reads best.
pub(super) fn style(text: &str) -> Style {
    if is_plain(text) {
        Style::Plain
    } else if is_literal(text) {
        Style::Literal
    } else {
        Style::Quoted
    }
}

/// Whether the text means this string in YAML 1.1 and 1.2, as a key and as a value in a block.
///
/// What begins with a digit, a sign or a dot might be a number, a date or a time to some reader and
/// is not plain, nor are the words that some reader takes as a boolean, null or number.
fn is_plain(text: &str) -> bool {
    let begins = text.chars().next().is_some_and(|first| {
        first.is_ascii_alphabetic()
            || matches!(first, '_' | '/' | '$' | '(')
            || (!first.is_ascii() && first.is_alphanumeric())
    });
    begins
        && text.chars().all(|c| c == ' ' || is_plain_character(c))
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !is_word(text)
}

fn is_plain_character(c: char) -> bool {
    c.is_ascii_graphic() || (!c.is_ascii() && is_raw(c) && !c.is_whitespace())
}

/// Whether a character may stand unescaped in any YAML text and is no line break.
fn is_raw(c: char) -> bool {
    !c.is_control()
        && !matches!(
            c,
            '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}'
        )
}

fn is_word(text: &str) -> bool {
    const WORDS: [&str; 12] = [
        "null", "true", "false", "yes", "no", "on", "off", "y", "n", "nan", "inf", "infinity",
    ];
    text.len() <= 8 && WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Whether a literal block keeps the text: several lines, the first and the last not blank, none
/// with outer white space that an editor or reader might take away.
fn is_literal(text: &str) -> bool {
    let content = text.strip_suffix('\n').unwrap_or(text);
    text.contains('\n')
        && !content.is_empty()
        && !content.starts_with([' ', '\n'])
        && !content.ends_with('\n')
        && content
            .chars()
            .all(|c| matches!(c, '\n' | '\t') || is_raw(c))
        && content.split('\n').all(|line| {
            !line.starts_with('\t') && !line.ends_with(|last: char| last.is_whitespace())
        })
}

/// Appends a string in double quotes: JSON's escapes, and escapes for everything that some reader
/// would not take as it is.
pub(super) fn write_quoted(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let mut copied = 0;
    let is_special = |c: char| matches!(c, '"' | '\\') || !is_raw(c);
    for (at, c) in text.char_indices().filter(|(_, c)| is_special(*c)) {
        out.extend_from_slice(text.as_bytes().get(copied..at).unwrap_or_default());
        write_escape(out, c);
        copied = at + c.len_utf8();
    }
    out.extend_from_slice(text.as_bytes().get(copied..).unwrap_or_default());
    out.push(b'"');
}

fn write_escape(out: &mut Vec<u8>, c: char) {
    let short = match c {
        '"' => b"\\\"",
        '\\' => b"\\\\",
        '\u{8}' => b"\\b",
        '\u{C}' => b"\\f",
        '\n' => b"\\n",
        '\r' => b"\\r",
        '\t' => b"\\t",
        _ => {
            let escape = format!("\\u{:04x}", u32::from(c));
            out.extend_from_slice(escape.as_bytes());
            return;
        }
    };
    out.extend_from_slice(short);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_every_reader_takes_as_a_string_is_plain() {
        for text in [
            "a",
            "Ada Lovelace",
            "a,b",
            "x{y}[z]",
            "a:b",
            "http://example.org/?a=1#b",
            "/usr/bin",
            "it's",
            "say \"hi\"",
            "_x",
            "$HOME",
            "(a)",
            "été",
            "漢字",
            "a\u{1F600}",
            "a - b",
            "a#b",
            "nullable",
            "yes please",
            "e5",
            "x*&!|>%@`",
        ] {
            assert_eq!(style(text), Style::Plain, "{text:?}");
        }
    }

    #[test]
    fn what_some_reader_takes_as_something_else_is_quoted() {
        for text in [
            "",
            " ",
            "a ",
            " a",
            "a: b",
            "a:",
            "a #b",
            "# a",
            "- a",
            "-",
            "?",
            ":",
            "---",
            "...",
            "null",
            "Null",
            "~",
            "TRUE",
            "yes",
            "NO",
            "On",
            "y",
            "N",
            ".nan",
            "NaN",
            ".inf",
            "Inf",
            "5",
            "-1",
            "+1",
            ".5",
            "1_000",
            "0x1F",
            "0o17",
            "012",
            "1:30",
            "2024-01-01",
            "1e5",
            "=",
            "<<",
            "!a",
            "&a",
            "*a",
            "|",
            ">",
            "%a",
            "@a",
            "`a",
            "'a'",
            "\"a\"",
            "[a]",
            "{a}",
            "a\tb",
            "a\rb",
            "a\u{0}",
            "a\u{7F}",
            "a\u{85}b",
            "a\u{A0}b",
            "a\u{2028}",
            "\u{FEFF}a",
            "a\u{FFFE}",
            "\u{1F600}",
            "\n",
            "a\n\n",
            "\na",
            " a\nb",
            "a\nb ",
            "a\n\tb",
            "a\n \nb",
        ] {
            assert_eq!(style(text), Style::Quoted, "{text:?}");
        }
    }

    #[test]
    fn quoted_text_escapes_what_is_not_printed() {
        let mut out = Vec::new();
        write_quoted(
            &mut out,
            "a\"\\\n\u{0}\u{7F}\u{85}\u{2028}\u{FEFF}é\u{1F600}",
        );
        let expected = "\"a\\\"\\\\\\n\\u0000\\u007f\\u0085\\u2028\\ufeffé\u{1F600}\"";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
