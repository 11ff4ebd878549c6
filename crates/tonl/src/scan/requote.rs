//! String literals with escapes, copied in one pass into the form that TONL writes.
//!
//! JSON may escape any character; TONL escapes as few as it can. Most escapes are spelled the same
//! in both and are copied, the others are decoded, and whether the string must be quoted comes out
//! by the way.

use super::Fault;
use super::lanes::{STEP, Step, WideSeen};
use super::literal::{self, Literal, Traits, unicode_escape};
use super::quote::{self, Column, Place};
use crate::error::Code;
use crate::write::Ink as _;

/// Copies literals with escapes; keeps its memory from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Requoter {
    /// The opening quote and the string behind it.
    text: Vec<u8>,
    decoded: Vec<u8>,
    /// Where the result begins in `text`.
    from: usize,
}

/// How a literal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copied {
    /// In quotes, as it stands in its text. Its closing quote is at byte `end`.
    Same { end: usize },
    /// As [`Requoter::text`] says.
    Rewritten { end: usize },
}

/// The byte behind the plain characters and the escapes that TONL spells as JSON does, from byte `at`
/// on: a closing quote, another escape, or a fault.
fn shared_run(text: &[u8], mut at: usize, wide: &mut WideSeen) -> usize {
    loop {
        if let Some([b'\\', letter]) = text.get(at..).and_then(<[u8]>::first_chunk::<2>) {
            if !matches!(letter, b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't') {
                return at;
            }
            at += 2;
            continue;
        }
        let step = Step::at(text, at);
        let stops = step.stops();
        wide.add(step);
        if stops == 0 {
            at += STEP;
            continue;
        }
        at += stops.trailing_zeros() as usize;
        if text.get(at) != Some(&b'\\') || text.get(at + 1).is_none() {
            return at.min(text.len());
        }
    }
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
    /// The string that was rewritten last, with its quotes if it needs them.
    pub(crate) fn text(&self) -> &[u8] {
        self.text.get(self.from..).unwrap_or_default()
    }

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
    ) -> Result<Copied, Fault> {
        let mut wide = WideSeen::default();
        let mut end = shared_run(text, run.end, &mut wide);
        let mut is_rewritten = false;
        let mut quotes = if end > run.end {
            Quotes::Needed
        } else {
            Quotes::Unknown
        };
        if text.get(end) == Some(&b'\\') {
            is_rewritten = true;
            self.begin(text, run.start, end);
            end = self.rewrite(text, end, &mut wide, &mut quotes)?;
        }
        if text.get(end) != Some(&b'"') {
            let end = literal::scan(text, run.start)?.end;
            return Ok(Copied::Same { end });
        }
        let content = text.get(run.start..end).unwrap_or_default();
        if (run.traits.has(Traits::WIDE) || wide.any()) && quote::holds_hidden(content) {
            self.copy_anew(content, place, column)?;
        } else if !is_rewritten {
            return Ok(Copied::Same { end });
        } else if quotes == Quotes::Needed {
            self.text.push(b'"');
        } else {
            self.decide(place, column);
        }
        Ok(Copied::Rewritten { end })
    }

    fn begin(&mut self, text: &[u8], start: usize, end: usize) {
        self.from = 0;
        self.text.clear();
        self.text.push(b'"');
        self.text.put_part(text, start, end);
    }

    /// Copies from the escape at byte `at` to the closing quote, escapes as TONL writes them.
    fn rewrite(
        &mut self,
        text: &[u8],
        mut at: usize,
        wide: &mut WideSeen,
        quotes: &mut Quotes,
    ) -> Result<usize, Fault> {
        while text.get(at) == Some(&b'\\') {
            let (end, met) = self.escape(text, at)?;
            if met == Quotes::Needed {
                *quotes = Quotes::Needed;
            }
            at = self.plain_run(text, end, wide);
        }
        Ok(at)
    }

    /// Copies the escape at byte `at`; gives the byte behind it.
    #[inline]
    fn escape(&mut self, text: &[u8], at: usize) -> Result<(usize, Quotes), Fault> {
        match text.get(at + 1) {
            Some(letter @ (b'"' | b'\\' | b'b' | b'f' | b'n' | b'r' | b't')) => {
                self.text.extend_from_slice(&[b'\\', *letter]);
                Ok((at + 2, Quotes::Needed))
            }
            Some(b'/') => {
                self.text.push(b'/');
                Ok((at + 2, Quotes::Unknown))
            }
            Some(b'u') => {
                let (c, end) = unicode_escape(text, at)?;
                let met = quote::write_quoted_char(&mut self.text, c);
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

    /// Copies the plain characters from byte `at` on; gives the byte behind them.
    #[inline]
    fn plain_run(&mut self, text: &[u8], mut at: usize, wide: &mut WideSeen) -> usize {
        if text.get(at) == Some(&b'\\') {
            return at;
        }
        let start = at;
        loop {
            let step = Step::at(text, at);
            let stops = step.stops();
            wide.add(step);
            if stops != 0 {
                let end = (at + stops.trailing_zeros() as usize).min(text.len());
                self.text.put_part(text, start, end);
                return end;
            }
            at += STEP;
        }
    }

    /// Quotes the string if it needs quotes for what it says, though no escape needs them.
    fn decide(&mut self, place: Place, column: Column) {
        let content = self.text.get(1..).unwrap_or_default();
        if quote::is_bare(content, place, column) {
            self.from = 1;
        } else {
            self.text.push(b'"');
        }
    }

    /// Takes the slow way: decodes the string and writes it character by character.
    #[cold]
    fn copy_anew(&mut self, content: &[u8], place: Place, column: Column) -> Result<(), Fault> {
        self.from = 0;
        self.decoded.clear();
        literal::decode(content, &mut self.decoded)?;
        self.text.clear();
        quote::write_string(&mut self.text, &self.decoded, place, column);
        Ok(())
    }
}

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
                let copied = requoter.copy(bytes, run, place, column).unwrap();
                let (end, written) = match copied {
                    Copied::Same { end } => (end, &bytes[..=end]),
                    Copied::Rewritten { end } => (end, requoter.text()),
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
                .copy(bytes, run, Place::Flow, Column::Other)
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
