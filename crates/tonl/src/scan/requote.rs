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

/// What a copy has met so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quotes {
    /// Nothing that only stands inside quotes.
    Unknown,
    /// Something that only stands inside quotes.
    Needed,
}

impl Requoter {
    /// The string that was copied last, with its quotes if it needs them.
    pub(crate) fn text(&self) -> &[u8] {
        self.text.get(self.from..).unwrap_or_default()
    }

    /// Copies the literal whose content begins at byte `start` and whose first escape is at byte
    /// `at`; `traits` is what stands between. Gives the byte of the closing quote.
    ///
    /// # Errors
    /// The faults of [`literal::scan`].
    pub(crate) fn copy(
        &mut self,
        text: &[u8],
        run: Literal,
        place: Place,
        column: Column,
    ) -> Result<usize, Fault> {
        self.from = 0;
        self.text.clear();
        self.text.push(b'"');
        self.text.put_part(text, run.start, run.end);
        let mut wide = WideSeen::default();
        let mut quotes = Quotes::Unknown;
        let mut at = run.end;
        while text.get(at) == Some(&b'\\') {
            let (end, met) = self.escape(text, at)?;
            if met == Quotes::Needed {
                quotes = Quotes::Needed;
            }
            at = self.plain_run(text, end, &mut wide);
        }
        if text.get(at) != Some(&b'"') {
            return literal::scan(text, run.start).map(|literal| literal.end);
        }
        let content = text.get(run.start..at).unwrap_or_default();
        if (run.traits.has(Traits::WIDE) || wide.any()) && quote::holds_hidden(content) {
            self.copy_anew(content, place, column)?;
        } else if quotes == Quotes::Needed {
            self.text.push(b'"');
        } else {
            self.decide(place, column);
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
        self.decoded.clear();
        literal::decode(content, &mut self.decoded)?;
        self.text.clear();
        quote::write_string(&mut self.text, &self.decoded, place, column);
        Ok(())
    }
}
