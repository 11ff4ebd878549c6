//! Counts line by line, however a text is cut into parts and however long its lines are.

use tonl_tokens::{Encoding, Tally};

/// A text on its way, counted a line at a time. A line's own end (LF or CR LF) does not count.
#[derive(Debug)]
pub(super) struct Lines {
    encoding: Encoding,
    line: Tally,
    number: u64,
    has_begun: bool,
    holds_return: bool,
}

impl Lines {
    /// A text that has not begun.
    pub(super) fn new(encoding: Encoding) -> Self {
        Self {
            encoding,
            line: Tally::new(encoding),
            number: 1,
            has_begun: false,
            holds_return: false,
        }
    }

    /// Takes the next bytes, and gives the number (one-based) and the tokens of each line that ends.
    pub(super) fn push<E>(
        &mut self,
        bytes: &[u8],
        mut each: impl FnMut(u64, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(end) => {
                    self.text(end);
                    self.holds_return = false;
                    let (number, tokens) = self.end_line();
                    each(number, tokens)?;
                }
                None => self.text(part),
            }
        }
        Ok(())
    }

    /// The last line, if it has no end.
    pub(super) fn finish<E>(
        mut self,
        mut each: impl FnMut(u64, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.has_begun {
            return Ok(());
        }
        if self.holds_return {
            self.line.push(b"\r");
        }
        let (number, tokens) = self.end_line();
        each(number, tokens)
    }

    fn text(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.has_begun = true;
        if self.holds_return {
            self.line.push(b"\r");
        }
        let body = bytes.strip_suffix(b"\r");
        self.holds_return = body.is_some();
        self.line.push(body.unwrap_or(bytes));
    }

    /// The number and the tokens of the line; the next one has not begun.
    fn end_line(&mut self) -> (u64, u64) {
        let number = self.number;
        self.number += 1;
        self.has_begun = false;
        let line = std::mem::replace(&mut self.line, Tally::new(self.encoding));
        (number, line.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    fn counted(text: &str, size: usize) -> Vec<(u64, u64)> {
        let mut found = Vec::new();
        let mut note = |number, tokens| {
            found.push((number, tokens));
            Ok::<(), Infallible>(())
        };
        let mut lines = Lines::new(Encoding::O200kBase);
        for part in text.as_bytes().chunks(size) {
            lines.push(part, &mut note).unwrap();
        }
        lines.finish(&mut note).unwrap();
        found
    }

    #[test]
    fn every_line_counts_alone_whatever_the_parts() {
        let text = "hello world\r\n\nthe\rlast 日本 one\r";
        let count = |line: &str| Encoding::O200kBase.count(line);
        let expected = [
            (1, count("hello world")),
            (2, 0),
            (3, count("the\rlast 日本 one\r")),
        ];
        for size in 1..text.len() {
            assert_eq!(counted(text, size), expected, "parts of {size}");
        }
    }

    #[test]
    fn a_line_end_at_the_end_begins_no_line() {
        assert_eq!(counted("a\n", 7), [(1, 1)]);
        assert_eq!(counted("", 7), []);
        assert_eq!(counted("\n\n", 1), [(1, 0), (2, 0)]);
    }
}
