//! String literals with escapes, copied in one pass into the form that TONL writes.
//!
//! JSON may escape any character; TONL escapes as few as it can. Most escapes are spelled the same
//! in both and are copied, the others are decoded, and whether the string must be quoted comes out
//! by the way.

use super::Fault;
use super::lanes::Stops;
use super::literal::{self, Literal, Traits, unicode_escape};
use super::quote::{self, Column, Place};
use crate::error::Code;
use crate::write::Ink as _;

/// Copies literals with escapes; keeps its memory from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Requoter {
    decoded: Vec<u8>,
}

/// How a literal is written. Its closing quote is at byte `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copied {
    /// In quotes, as it stands in its text; nothing was appended.
    Same { end: usize },
    /// In another way, which was appended, with its quotes if it needs them.
    Rewritten { end: usize },
}

/// What a copy has met so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    /// Nothing that only stands inside quotes.
    Unknown,
    /// Something that only stands inside quotes.
    Needed,
}

impl Requoter {
    /// Finds out how the literal is written that begins with `run`: a run of plain characters before
    /// the first escape, or before the closing quote if it holds something hidden.
    ///
    /// # Errors
    /// The faults of [`literal::scan`].
    pub(crate) fn copy(
        &mut self,
        text: &[u8],
        run: Literal,
        place: Place,
        column: Column,
        out: &mut Vec<u8>,
    ) -> Result<Copied, Fault> {
        let mut stops = Stops::new(text, run.end);
        let shared = shared_run(text, run.end, &mut stops);
        let from = out.len();
        let mut rest = Rest {
            end: shared,
            quotes: Quotes::Unknown,
        };
        if text.get(shared) == Some(&b'\\') {
            out.push(b'"');
            out.put_part(text, run.start, shared);
            rest = rewrite(text, shared, &mut stops, out)?;
        }
        let end = rest.end;
        if text.get(end) != Some(&b'"') {
            let end = literal::scan(text, run.start)?.end;
            return Ok(Copied::Same { end });
        }
        let content = run.start..end;
        let is_wide = run.traits.has(Traits::WIDE) | stops.passed_wide();
        if is_wide && quote::holds_hidden_within(text, content.clone()) {
            out.truncate(from);
            let content = text.get(content).unwrap_or_default();
            self.copy_anew(content, place, column, out)?;
        } else if end == shared {
            return Ok(Copied::Same { end });
        } else if shared > run.end || rest.quotes == Quotes::Needed {
            out.push(b'"');
        } else {
            decide(out, from, place, column);
        }
        Ok(Copied::Rewritten { end })
    }

    /// Takes the slow way: decodes the string and writes it character by character.
    #[cold]
    fn copy_anew(
        &mut self,
        content: &[u8],
        place: Place,
        column: Column,
        out: &mut Vec<u8>,
    ) -> Result<(), Fault> {
        self.decoded.clear();
        literal::decode(content, &mut self.decoded)?;
        quote::write_string(out, &self.decoded, place, column);
        Ok(())
    }
}

/// The byte behind the plain characters and the escapes that TONL spells as JSON does, from the stop at
/// byte `at` on: a closing quote, another escape, or a fault.
#[inline]
fn shared_run(text: &[u8], mut at: usize, stops: &mut Stops) -> usize {
    while let Some([b'\\', b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't']) =
        text.get(at..).and_then(<[u8]>::first_chunk)
    {
        at = stops.next(text, at + 2);
    }
    at
}

/// The end of a literal that was copied with its escapes.
struct Rest {
    end: usize,
    quotes: Quotes,
}

/// Copies from the escape at byte `at` to the closing quote, escapes as TONL writes them.
#[inline]
fn rewrite(
    text: &[u8],
    mut at: usize,
    stops: &mut Stops,
    out: &mut Vec<u8>,
) -> Result<Rest, Fault> {
    let mut quotes = Quotes::Unknown;
    while text.get(at) == Some(&b'\\') {
        let (behind, met) = escape(text, at, out)?;
        if met == Quotes::Needed {
            quotes = Quotes::Needed;
        }
        at = stops.next(text, behind);
        out.put_part(text, behind, at);
    }
    Ok(Rest { end: at, quotes })
}

/// Copies the escape at byte `at`; gives the byte behind it.
#[inline]
fn escape(text: &[u8], at: usize, out: &mut Vec<u8>) -> Result<(usize, Quotes), Fault> {
    match text.get(at + 1) {
        Some(letter @ (b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't')) => {
            out.extend_from_slice(&[b'\\', *letter]);
            Ok((at + 2, Quotes::Needed))
        }
        Some(b'/') => {
            out.push(b'/');
            Ok((at + 2, Quotes::Unknown))
        }
        Some(b'u') => {
            let (c, end) = unicode_escape(text, at)?;
            let met = quote::write_quoted_char(out, c);
            Ok((end, if met { Quotes::Needed } else { Quotes::Unknown }))
        }
        None => Err(Fault::new(
            text.len(),
            Code::UnterminatedQuote,
            "the rest of an escape",
        )),
        Some(_) => Err(literal::bad_escape(at)),
    }
}

/// Ends a string that was written from byte `from` on with an opening quote, though no escape needs
/// quotes: gives it a closing one too, or takes the first back.
fn decide(out: &mut Vec<u8>, from: usize, place: Place, column: Column) {
    let content = out.get(from + 1..).unwrap_or_default();
    if !quote::is_bare(content, place, column) {
        out.push(b'"');
        return;
    }
    let len = content.len();
    out.extend_from_slice(&[0; SHORT]);
    let short = out.get(from + 1..).and_then(<[u8]>::first_chunk::<SHORT>);
    match short.copied() {
        Some(short) if len <= SHORT => {
            out.truncate(from);
            out.extend_from_slice(&short);
        }
        _ => out.copy_within(from + 1.., from),
    }
    out.truncate(from + len);
}

/// Moving a block of bytes is quicker than moving as many as there are.
const SHORT: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    const PIECES: &[&str] = &[
        "\\\"",
        "\\\\",
        "\\n",
        "\\t",
        "\\b",
        "\\/",
        "\\u0041",
        "\\u0031",
        "\\u002C",
        "\\u0028",
        "\\u007b",
        "\\u000A",
        "\\u0001",
        "\\u007f",
        "\\u0085",
        "\\u00A0",
        "\\u2028",
        "\\uFEFF",
        "\\ud83d\\ude00",
        "a",
        "1",
        ".",
        " ",
        ",",
        "{",
        "(",
        "#",
        "é",
        "\u{A0}",
        "\u{7F}",
        "\u{85}",
        "\u{2028}",
        "\u{3000}",
        "😀",
    ];

    /// Checks a literal's content against decoding and writing anew.
    fn check(requoter: &mut Requoter, content: &str, behind: &str) {
        let text = format!("\"{content}\"{behind}");
        let bytes = text.as_bytes();
        let run = literal::opening_run(bytes, 1);
        let is_hidden = quote::holds_hidden(&bytes[1..run.end]);
        if bytes.get(run.end) == Some(&b'"') && !is_hidden {
            return;
        }
        let mut decoded = Vec::new();
        literal::decode(content.as_bytes(), &mut decoded).unwrap();
        for place in [Place::Cell, Place::Tuple, Place::Flow, Place::RestOfLine] {
            for column in [Column::Text, Column::Other] {
                let mut expected = Vec::new();
                quote::write_string(&mut expected, &decoded, place, column);
                let mut out = b"before".to_vec();
                let copied = requoter.copy(bytes, run, place, column, &mut out).unwrap();
                let (end, written) = match copied {
                    Copied::Same { end } => (end, &bytes[..=end]),
                    Copied::Rewritten { end } => (end, out.strip_prefix(b"before").unwrap()),
                };
                assert_eq!(end, content.len() + 1, "{text:?}");
                let written = String::from_utf8_lossy(written);
                assert_eq!(
                    written,
                    String::from_utf8_lossy(&expected),
                    "{text:?} {place:?}"
                );
            }
        }
    }

    #[test]
    fn every_piece_is_copied_as_if_decoded_and_written_around_the_ends_of_steps() {
        let mut requoter = Requoter::default();
        for piece in PIECES {
            for before in (0..3).chain(24..34).chain(60..65) {
                for behind in ["", ",\"b\\n\":[]", &"z".repeat(40)] {
                    let fill = "x".repeat(before);
                    check(&mut requoter, &format!("{fill}{piece}"), behind);
                    check(&mut requoter, &format!("\\/{fill}{piece}y"), behind);
                    check(&mut requoter, &format!("\\n{fill}{piece}y"), behind);
                }
            }
        }
    }

    #[test]
    fn literals_of_any_pieces_are_copied_as_if_decoded_and_written() {
        let mut requoter = Requoter::default();
        for seed in 0..10_000 {
            let mut random = Random::new(seed);
            let mut content = String::new();
            for _ in 0..=random.below(7) {
                if random.chance(20) {
                    content += &"x".repeat(random.below(40));
                }
                content += random.pick::<&str>(PIECES);
            }
            let behind = " ".repeat(random.below(50));
            check(&mut requoter, &content, &behind);
        }
    }

    #[test]
    fn faults_are_those_of_a_scan() {
        let mut requoter = Requoter::default();
        for text in [
            "\"a\\x\"",
            "\"\\n",
            "\"\\n\\",
            "\"\\u12",
            "\"\\n\\ud800\"",
            "\"\\/\n\"",
            "\"\\t\u{1}\"",
        ] {
            let bytes = text.as_bytes();
            let run = literal::opening_run(bytes, 1);
            let found = requoter
                .copy(bytes, run, Place::Flow, Column::Other, &mut Vec::new())
                .unwrap_err();
            let expected = literal::scan(bytes, 1).unwrap_err();
            assert_eq!(
                (found.at, found.code),
                (expected.at, expected.code),
                "{text:?}"
            );
        }
    }
}
