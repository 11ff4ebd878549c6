//! Whether a client would rather read JSON than plain text (RFC 9110, 12.5.1).

use crate::rejection::Form;
use http::header::{ACCEPT, HeaderMap};

/// JSON if its quality is higher than that of plain text; else plain text, also without `Accept`.
pub(super) fn preferred(headers: &HeaderMap) -> Form {
    let lines = headers.get_all(ACCEPT);
    let values = || lines.iter().filter_map(|line| line.to_str().ok());
    let json = quality(values(), "application", "json");
    if json > quality(values(), "text", "plain") {
        Form::Json
    } else {
        Form::Plain
    }
}

/// The quality of a media type in thousandths: that of the most specific range that matches it.
fn quality<'a>(lines: impl Iterator<Item = &'a str>, kind: &str, subtype: &str) -> u16 {
    let ranges = lines.flat_map(|line| line.split(','));
    let matching = ranges.filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let (found_kind, found_subtype) = parts.next()?.split_once('/')?;
        let specific = match (found_kind, found_subtype) {
            ("*", "*") => 0,
            (found, "*") if found.eq_ignore_ascii_case(kind) => 1,
            (found, exact)
                if found.eq_ignore_ascii_case(kind) && exact.eq_ignore_ascii_case(subtype) =>
            {
                2
            }
            _ => return None,
        };
        let named = parts.filter_map(|part| part.split_once('='));
        let mut weights = named.filter(|(name, _)| name.trim_end().eq_ignore_ascii_case("q"));
        let weight = match weights.next() {
            Some((_, text)) => thousandths(text.trim_start())?,
            None => 1_000,
        };
        Some((specific, weight))
    });
    matching.max().map_or(0, |(_, weight)| weight)
}

/// `0`, `1`, or one of them with a point and at most three digits; at most 1.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let whole: u16 = match whole {
        "0" => 0,
        "1" => 1_000,
        _ => return None,
    };
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded: u16 = format!("{fraction:0<3}").parse().ok()?;
    (whole + padded <= 1_000).then_some(whole + padded)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    const JSON: &[&str] = &[
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/*",
        "text/plain;q=0.5, application/json",
        "text/plain;q=0.899,application/json;q=0.9",
        "text/*;q=0.1, */*;q=0.5",
        "application/json;q=0.001",
        "*/*;q=0.9, text/plain;q=0.1",
        "application/json , text/html",
        "text/plain;q=0, */*",
        "application/json;Q=1.000, text/plain; q=0.999",
        "text/plain;q=7, application/json;q=0.1",
    ];

    const PLAIN: &[&str] = &[
        "",
        "*/*",
        "text/plain",
        "text/html",
        "application/json, text/plain, */*",
        "application/json;q=0.5, text/plain;q=0.6",
        "application/json;q=0, */*;q=0.1",
        "application/jsonp",
        "application/json;q=abc",
        "application/json;q=1.001",
        "application/json;q=0.0001",
        "application/json;q=-1",
        "json",
        "/;;,,=q=",
        "application/json;q=0.2;q=1, text/plain;q=0.3",
        "text/event-stream",
    ];

    fn of(lines: &[&[u8]]) -> Form {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(ACCEPT, HeaderValue::from_bytes(line).unwrap());
        }
        preferred(&headers)
    }

    #[test]
    fn json_is_written_where_its_quality_is_higher() {
        for line in JSON {
            assert_eq!(of(&[line.as_bytes()]), Form::Json, "{line}");
        }
        for line in PLAIN {
            assert_eq!(of(&[line.as_bytes()]), Form::Plain, "{line}");
        }
        assert_eq!(of(&[]), Form::Plain);
    }

    #[test]
    fn several_lines_are_one_list() {
        assert_eq!(of(&[b"text/html", b"application/json"]), Form::Json);
        assert_eq!(of(&[b"\xff", b"application/json"]), Form::Json);
    }
}
