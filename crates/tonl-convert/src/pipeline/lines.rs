//! Cuts an input into lines, many at a time.

use super::feed::{Feed, Fill, Steady};
use super::window::Window;
use crate::error::{Error, Result};
use crate::input::Input;
use std::io;
use std::ops::Range;
use tonl::scan::{Fault, skip_space};
use tonl::{Code, Limits, Position};

/// Reads lines in batches of all that are complete.
pub(crate) struct Lines<F> {
    window: Window<F>,
    /// The number of the first line that was not given out, one-based.
    next_line: u64,
    max_line: usize,
    is_first: bool,
    /// Bytes at the window's beginning that hold no line end.
    searched: usize,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many bytes of whole lines, the first of them numbered `line`. See [`Lines::batch`].
    Batch { len: usize, line: u64 },
    /// The line of this number is longer than the limit. It is passed over.
    TooLong { line: u64 },
    /// No line is complete at this moment.
    Idle,
    /// No line was completed for a while.
    Pause,
    /// There are no more lines.
    End,
}

impl<F: Feed> Lines<F> {
    /// Lines of at most `max_line` bytes, line ends not counted.
    pub(crate) fn new(feed: F, max_line: usize) -> Self {
        let window = Window::new(feed);
        Self {
            window,
            next_line: 1,
            max_line,
            is_first: true,
            searched: 0,
        }
    }

    /// The first `len` bytes that are there.
    pub(crate) fn batch(&self, len: usize) -> &[u8] {
        self.window.bytes().get(..len).unwrap_or_default()
    }

    /// Takes a batch of `lines` lines away.
    pub(crate) fn consume(&mut self, len: usize, lines: u64) {
        self.window.consume(len);
        self.next_line += lines;
        self.searched = 0;
        self.window.shrink();
    }

    /// How many bytes were taken away so far.
    pub(crate) fn bytes_read(&self) -> u64 {
        self.window.offset()
    }

    /// Looks for complete lines. A batch stays until it is consumed.
    ///
    /// # Errors
    /// What the feed reports.
    pub(crate) fn step(&mut self) -> io::Result<Step> {
        loop {
            self.skip_byte_order_mark();
            let bytes = self.window.bytes();
            let new = bytes.get(self.searched..).unwrap_or_default();
            if let Some(last) = memchr::memrchr(b'\n', new) {
                let len = self.searched + last + 1;
                return Ok(Step::Batch {
                    len,
                    line: self.next_line,
                });
            }
            if self.window.is_end() {
                return Ok(match bytes.len() {
                    0 => Step::End,
                    len => Step::Batch {
                        len,
                        line: self.next_line,
                    },
                });
            }
            self.searched = bytes.len();
            if is_longer(bytes, self.max_line) {
                return self.pass_over();
            }
            match self.window.refill()? {
                Fill::Idle => return Ok(Step::Idle),
                Fill::Pause => return Ok(Step::Pause),
                Fill::Bytes(_) | Fill::End => {}
            }
        }
    }

    fn skip_byte_order_mark(&mut self) {
        let bytes = self.window.bytes();
        let may_become_one = bytes.len() < BOM.len() && BOM.starts_with(bytes);
        if self.is_first && (!may_become_one || self.window.is_end()) {
            self.is_first = false;
            if bytes.starts_with(BOM) {
                self.window.consume(BOM.len());
                self.searched = 0;
            }
        }
    }

    /// Drops the line at the beginning, which is too long, without keeping it.
    fn pass_over(&mut self) -> io::Result<Step> {
        loop {
            let bytes = self.window.bytes();
            let end = memchr::memchr(b'\n', bytes);
            self.window.consume(end.map_or(usize::MAX, |at| at + 1));
            if end.is_some() || self.window.is_end() {
                let line = self.next_line;
                self.next_line += 1;
                self.searched = 0;
                self.window.shrink();
                return Ok(Step::TooLong { line });
            }
            self.window.refill()?;
        }
    }
}

/// The byte-order mark of UTF-8.
pub(super) const BOM: &[u8] = b"\xEF\xBB\xBF";

/// Calls `visit` with every line that is not blank and its first byte that is no white space. Gives
/// the bytes read.
///
/// # Errors
/// Failures of reading, lines that are too long or not UTF-8, and what `visit` reports with line 1
/// for its line; all with the line's number.
pub(crate) fn each_line(
    input: &Input,
    limits: &Limits,
    visit: &mut dyn FnMut(&[u8], usize) -> tonl::Result<()>,
) -> Result<u64> {
    let most = limits.line_bytes;
    let mut lines = Lines::new(Steady(input.open()?), most);
    loop {
        match lines.step().map_err(|error| Error::io("read", error))? {
            Step::Batch { len, line } => {
                let batch = lines.batch(len);
                let mut next = line;
                for (number, range) in ranges(batch, line) {
                    next = number + 1;
                    let content = batch.get(range).unwrap_or_default();
                    visit_line(content, most, visit)
                        .map_err(|error| error.moved_down(number - 1))?;
                }
                lines.consume(len, next - line);
            }
            Step::TooLong { line } => return Err(too_long(line, most).into()),
            Step::End => return Ok(lines.bytes_read()),
            Step::Idle | Step::Pause => {}
        }
    }
}

fn visit_line(
    line: &[u8],
    most: usize,
    visit: &mut dyn FnMut(&[u8], usize) -> tonl::Result<()>,
) -> tonl::Result<()> {
    if is_longer(line, most) {
        return Err(too_long(1, most));
    }
    if is_blank(line) {
        return Ok(());
    }
    if let Err(error) = simdutf8::compat::from_utf8(line) {
        let fault = Fault::new(error.valid_up_to(), Code::InvalidUtf8, "UTF-8");
        return Err(fault.into_error(line, 1));
    }
    visit(line, skip_space(line, 0))
}

/// The ranges of the lines in a batch, line ends not included, with their numbers.
fn ranges(batch: &[u8], first: u64) -> impl Iterator<Item = (u64, Range<usize>)> {
    let mut start = 0;
    let mut line = first;
    std::iter::from_fn(move || {
        if start >= batch.len() {
            return None;
        }
        let found = (line, line_at(batch, start));
        start = found.1.end + 1;
        line += 1;
        Some(found)
    })
}

/// The range of the line that begins at byte `start`, its line end not included.
#[inline]
pub(crate) fn line_at(batch: &[u8], start: usize) -> Range<usize> {
    let rest = batch.get(start..).unwrap_or_default();
    start..memchr::memchr(b'\n', rest).map_or(batch.len(), |at| start + at)
}

/// Whether a line has more than `most` bytes; a CR at its end is half of its line end. This comes before
/// all else that is asked of a line, because one that is too long may be gone before its end is seen.
#[inline]
pub(crate) fn is_longer(line: &[u8], most: usize) -> bool {
    line.len() > most && line.strip_suffix(b"\r").unwrap_or(line).len() > most
}

/// Whether a line holds nothing but JSON white space.
pub(crate) fn is_blank(line: &[u8]) -> bool {
    line.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
}

/// The error for a line that is longer than `most` bytes.
pub(crate) fn too_long(line: u64, most: usize) -> tonl::Error {
    tonl::Error::new(
        Code::LineLimit,
        format!("a line of at most {most} bytes"),
        "a longer one",
    )
    .at(Position { line, column: 1 })
    .with_hint("raise the limit if the line is one record; NDJSON has one record a line")
}
