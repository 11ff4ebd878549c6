//! Recognises a format by the first bytes of a text.

use super::Format;
use tonl::{Event, EventSink, Limits};

/// The format that the first bytes of a text show, if they show one.
pub(super) fn detect(head: &[u8]) -> Option<Format> {
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let start = text.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let text = text.get(start..).unwrap_or_default();
    json(text)
        .or_else(|| is_tonl(text).then_some(Format::Tonl))
        .or_else(|| separated(text))
        .or_else(|| is_yaml(text).then_some(Format::Yaml))
}

/// The lines of a text, without their ends; the last one may be cut off by the end of the head.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    text.split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

fn json(text: &[u8]) -> Option<Format> {
    if !starts_json(text) {
        return None;
    }
    let mut filled = lines(text).filter(|line| !line.trim_ascii().is_empty());
    let first = filled.next()?;
    let second = filled.next();
    if is_complete_json(first) {
        let stream = match second {
            None => return Some(Format::Json),
            Some(next) => starts_json(next.trim_ascii_start()),
        };
        return stream.then_some(Format::Ndjson);
    }
    // Cut off by the end of the head, spread over several lines, or broken: only brackets and
    // quotes at the start tell JSON from YAML or CSV now.
    let is_container = matches!(first.first(), Some(b'{' | b'['));
    let inner = first.get(1..).unwrap_or_default().trim_ascii_start();
    let inner = if inner.is_empty() {
        second.unwrap_or_default().trim_ascii_start()
    } else {
        inner
    };
    let fits = match first.first() {
        Some(b'{') => matches!(inner.first(), None | Some(b'"' | b'}')),
        _ => inner.is_empty() || starts_json(inner) || inner.starts_with(b"]"),
    };
    (is_container && fits).then_some(Format::Json)
}

/// Whether a JSON value could begin here.
fn starts_json(text: &[u8]) -> bool {
    let word = |word: &[u8]| text.starts_with(word);
    matches!(text.first(), Some(b'{' | b'[' | b'"' | b'-' | b'0'..=b'9'))
        || word(b"true")
        || word(b"false")
        || word(b"null")
}

fn is_complete_json(line: &[u8]) -> bool {
    struct Nowhere;
    impl EventSink for Nowhere {
        fn event(&mut self, _: Event<'_>) -> tonl::Result<()> {
            Ok(())
        }
    }
    tonl::json::parse(line, &Limits::default(), &mut Nowhere).is_ok()
}

/// A comment that only TONL has, a table's header, or a root whose flow value no YAML has.
fn is_tonl(text: &[u8]) -> bool {
    let Some(first) = lines(text).find(|line| !is_plain_comment(line)) else {
        return false;
    };
    if first.starts_with(b"#") {
        return true;
    }
    let label = first
        .iter()
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        .count();
    let rest = first.get(label..).unwrap_or_default();
    if label == 0 || label > tonl::Label::MAX_LEN {
        return false;
    }
    match rest {
        [b'[', ..] => is_table_header(rest),
        [b':'] => lines(text).nth(1).is_some_and(is_nested_table),
        [b':', b' ', flow @ ..] => is_tight_flow(flow),
        _ => false,
    }
}

fn is_plain_comment(line: &[u8]) -> bool {
    let directives: [&[u8]; 2] = [b"#version", b"#delimiter "];
    line.starts_with(b"#") && !directives.iter().any(|start| line.starts_with(start))
}

/// `[3]{...}:`, `[]:`, `[2:|]{...}:`
fn is_table_header(text: &[u8]) -> bool {
    let Some(close) = memchr::memchr(b']', text) else {
        return false;
    };
    let count = text.get(1..close).unwrap_or_default();
    let count_fits = count
        .iter()
        .all(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'|' | b';' | b'\t'));
    let after = text.get(close + 1..).unwrap_or_default().trim_ascii_end();
    let columns_fit = match after.first() {
        Some(b'{') => after.ends_with(b":") || !after.contains(&b'\n') && after.len() > 1_000,
        Some(b':') => true,
        _ => false,
    };
    count_fits && columns_fit
}

/// The first entry of a block whose root holds a table: ` key[2]{...}:`.
fn is_nested_table(line: &[u8]) -> bool {
    let entry = line.trim_ascii_start();
    let is_indented = entry.len() < line.len();
    let bracket = memchr::memchr(b'[', entry);
    is_indented
        && bracket.is_some_and(|at| {
            let before = entry.get(..at).unwrap_or_default();
            !before.contains(&b':') && is_table_header(entry.get(at..).unwrap_or_default())
        })
}

/// `{key:value`, without the space behind the colon that YAML needs.
fn is_tight_flow(flow: &[u8]) -> bool {
    let inner = flow.trim_ascii_start();
    let inner = inner.strip_prefix(b"[").unwrap_or(inner);
    let Some(pairs) = inner.strip_prefix(b"{") else {
        return false;
    };
    let key = pairs
        .iter()
        .take_while(|byte| !matches!(byte, b':' | b',' | b'{' | b'}' | b'"'))
        .count();
    matches!(pairs.get(key..), Some([b':', next, ..]) if !next.is_ascii_whitespace())
}

/// Several lines with one number of separators, at least one each.
fn separated(text: &[u8]) -> Option<Format> {
    let mut complete: Vec<&[u8]> = lines(text).take(21).collect();
    // The last line may be cut off, or be the emptiness behind the last line end.
    if complete.len() > 1 {
        complete.pop();
    }
    let header = *complete.first()?;
    if looks_like_yaml_line(header) || matches!(header.first(), Some(b'{' | b'[')) {
        return None;
    }
    for (separator, format) in [(b'\t', Format::Tsv), (b',', Format::Csv)] {
        let fields = |line: &[u8]| unquoted_count(line, separator);
        let expected = fields(header);
        let has_quotes = complete.iter().any(|line| line.contains(&b'"'));
        if expected > 0 && (has_quotes || complete.iter().all(|line| fields(line) == expected)) {
            return Some(format);
        }
    }
    None
}

fn unquoted_count(line: &[u8], separator: u8) -> usize {
    let mut is_quoted = false;
    let mut count = 0;
    for byte in line {
        is_quoted ^= *byte == b'"';
        count += usize::from(!is_quoted && *byte == separator);
    }
    count
}

/// A document mark, a directive, a list item, or a key with its colon.
fn is_yaml(text: &[u8]) -> bool {
    lines(text)
        .map(<[u8]>::trim_ascii_start)
        .find(|line| !line.is_empty() && !line.starts_with(b"#"))
        .is_some_and(|line| looks_like_yaml_line(line) || matches!(line.first(), Some(b'{' | b'[')))
}

fn looks_like_yaml_line(line: &[u8]) -> bool {
    let starts: [&[u8]; 4] = [b"---", b"%YAML", b"- ", b"? "];
    let tagged = matches!(line.first(), Some(b'&' | b'!'));
    tagged
        || line == b"-"
        || starts.iter().any(|start| line.starts_with(start))
        || line.trim_ascii_end().ends_with(b":")
        || colon_before_separator(line)
}

/// Whether the first thing to end a word is the colon of a key.
fn colon_before_separator(line: &[u8]) -> bool {
    let colon = line.windows(2).position(|pair| pair == b": ");
    let separator = line.iter().position(|byte| matches!(byte, b',' | b'\t'));
    match (colon, separator) {
        (Some(colon), Some(separator)) => colon < separator,
        (colon, None) => colon.is_some(),
        (None, Some(_)) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXTS: &[(&str, Option<Format>)] = &[
        ("{}", Some(Format::Json)),
        ("\u{FEFF} \n [1,\n2]", Some(Format::Json)),
        ("{\n  \"a\": 1\n}\n", Some(Format::Json)),
        ("[\n  {\"a\": 1},\n  {\"a\": 2}\n]\n", Some(Format::Json)),
        ("[\n", Some(Format::Json)),
        ("{\"a\":1", Some(Format::Json)),
        ("5", Some(Format::Json)),
        ("\"text\"\n", Some(Format::Json)),
        ("null", Some(Format::Json)),
        ("{\"a\":1}\n{\"a\":2}\n", Some(Format::Ndjson)),
        ("{\"a\":1}\r\n\r\n{\"a\":", Some(Format::Ndjson)),
        ("[1]\n[2]", Some(Format::Ndjson)),
        ("1\n2\n", Some(Format::Ndjson)),
        ("{\"a\":1}\n{broken\n", Some(Format::Ndjson)),
        (
            "data[2]{id:i32,name:str}:\n 1,a\n 2,b\n",
            Some(Format::Tonl),
        ),
        ("data[2:]{a}:\n x,1\n y,2\n", Some(Format::Tonl)),
        ("app-logs[]{ts:str}:\n", Some(Format::Tonl)),
        ("data[0]:\n", Some(Format::Tonl)),
        ("#version 1.0\ndata: 5\n", Some(Format::Tonl)),
        ("# made by hand\ndata[1]{a}:\n 1\n", Some(Format::Tonl)),
        ("#delimiter |\ndata[1]{a|b}:\n 1|2\n", Some(Format::Tonl)),
        ("data: {a:1,b:x}\n", Some(Format::Tonl)),
        ("data: [{a:1}]\n", Some(Format::Tonl)),
        ("data:\n items[2]{a:i32}:\n  1\n  2\n", Some(Format::Tonl)),
        ("data: {a: 1}\n", Some(Format::Yaml)),
        ("data:\n  items: [1]\n", Some(Format::Yaml)),
        ("id,name\n1,Ada\n2,\"Bob, Jr.\"\n", Some(Format::Csv)),
        ("id,name\n1,Ada", Some(Format::Csv)),
        ("\"a b\",c\n1,2\n", Some(Format::Csv)),
        ("note,when\n\"a\nb\",x\n", Some(Format::Csv)),
        ("1,2,3\n4,5,6\n", Some(Format::Csv)),
        ("id\tname\n1\ta, b\n", Some(Format::Tsv)),
        ("name: Ada\nage: 36\n", Some(Format::Yaml)),
        ("- a\n- b\n", Some(Format::Yaml)),
        ("# comment\n\nkey:\n  - 1\n", Some(Format::Yaml)),
        ("---\ntext\n", Some(Format::Yaml)),
        ("%YAML 1.2\n---\na\n", Some(Format::Yaml)),
        ("{a: 1, b: 2}\n", Some(Format::Yaml)),
        ("[a, b]\n", Some(Format::Yaml)),
        ("title: one, two\n", Some(Format::Yaml)),
        ("", None),
        ("\u{FEFF}\n\n", None),
        ("hello world\n", None),
        ("hello\nworld\n", None),
        ("<xml/>", None),
    ];

    #[test]
    fn the_content_shows_the_format() {
        for (text, format) in TEXTS {
            assert_eq!(detect(text.as_bytes()), *format, "{text:?}");
        }
    }

    #[test]
    fn a_head_cut_off_anywhere_never_fails() {
        for (text, _) in TEXTS {
            for end in 0..text.len() {
                detect(&text.as_bytes()[..end]);
            }
        }
    }

    #[test]
    fn a_first_line_longer_than_the_head_is_json() {
        let line = format!("[{}", "{\"a\":1},".repeat(9_000));
        assert_eq!(detect(&line.as_bytes()[..65_536]), Some(Format::Json));
    }
}
