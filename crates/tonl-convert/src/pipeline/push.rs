//! NDJSON into a TONL stream for a caller that must not wait: bytes are pushed in, rows come out.
//!
//! This is [`super::stream`] turned inside out, for servers. It reads and writes nothing and has no
//! thread. Whole lines become rows where they stand in the bytes given; only the line that a piece
//! begins inside of or breaks off in is kept. Whatever the cuts, rows and report are the same.
//!
//! The trap: a line may arrive a byte at a time, so that it must be known to be too long from its
//! length alone, before it is kept, and must then be forgotten until its end is seen.

use super::lines::{BOM, is_longer};
use super::rows::{Batch, Empty, Rows};
use super::stream::{StreamJob, check_no_utf16};
use crate::error::{Error, Result};
use crate::report::{Report, Skipped};
use std::io;

/// A stream that is given the bytes of NDJSON as they come, and gives rows.
///
/// It gives what [`super::stream`] gives for the same bytes, but for one thing: without any record
/// there is no text at all, which reads as `[]` (unless a line is to count the rows).
/// [`StreamJob::arrival`] means nothing here: the caller knows when its input pauses.
///
/// It holds the unfinished line, at most [`StreamJob::max_line`] bytes and two; the first records,
/// as long as they decide on the columns (64 of them or 64 KiB and one line); and, while records do
/// not fit the columns, up to eight of them (1 MiB). It begins with nothing of all that.
#[derive(Debug)]
pub struct PushStream {
    job: StreamJob,
    rows: Rows,
    place: Place,
    /// The beginning of a line whose end has not come.
    line: Vec<u8>,
    /// The number of that line, one-based.
    number: u64,
    bytes_in: u64,
    /// What is to be told next, because it could not be told when it was found.
    fault: Option<Error>,
}

/// Where in the input the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// In what may become a byte-order mark.
    Mark,
    /// In a line, or at its beginning.
    Line,
    /// In a line that is too long.
    TooLong,
    /// Behind a fault.
    Failed,
}

impl PushStream {
    /// A stream that has been given nothing.
    pub fn new(job: StreamJob) -> Self {
        Self {
            rows: Rows::new(&job),
            job,
            place: Place::Mark,
            line: Vec::new(),
            number: 1,
            bytes_in: 0,
            fault: None,
        }
    }

    /// Takes the next bytes of the input, cut anywhere, and appends the rows of the lines that are
    /// whole now to `out`.
    ///
    /// One call costs time in proportion to the bytes given and the line they finish, plus at most
    /// one look over the records held to decide on columns. `out` grows by less than eight times
    /// the bytes of the same lines and the records held; it is for the caller to empty.
    ///
    /// # Errors
    /// UTF-16 in the first line; with [`super::Invalid::Fail`], the first line that is not valid,
    /// with its number; the limit of rows; with [`super::Verify::Compare`], rows that do not read
    /// back. The rows of the lines before are in `out`. The stream has then ended: all further calls
    /// fail.
    pub fn push(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let taken = self.go_on().and_then(|()| self.take(bytes, out));
        self.bytes_in += bytes.len() as u64;
        self.settle(taken)
    }

    /// Appends what can be written now, because the input pauses: the first records too, which fixes
    /// the columns by what has come so far. The unfinished line stays.
    ///
    /// What goes wrong here is told by the next call.
    pub fn pause(&mut self, out: &mut Vec<u8>) {
        if self.place == Place::Failed {
            return;
        }
        if let Err(error) = self.rows.pause(out) {
            self.fault = Some(error);
        }
    }

    /// Takes the end of the input: appends the last rows and, if that is asked for, the line that
    /// counts them.
    ///
    /// # Errors
    /// As [`PushStream::push`].
    pub fn finish(mut self, out: &mut Vec<u8>) -> Result<Report> {
        let taken = self.go_on().and_then(|()| self.last_line(out));
        self.settle(taken)?;
        let Self {
            job,
            rows,
            bytes_in,
            ..
        } = self;
        let report = job.covered(rows.finish(Empty::Nothing, out))?;
        Ok(Report { bytes_in, ..report })
    }

    /// How many records were taken, those included whose rows are held back.
    pub fn records(&self) -> u64 {
        self.rows.records()
    }

    /// The lines that were left out so far.
    pub fn skipped(&self) -> &Skipped {
        self.rows.skipped()
    }

    /// How many bytes of the unfinished line are held.
    pub fn held(&self) -> usize {
        self.line.len()
    }

    /// How many bytes of memory wait for more input: room for the unfinished line, and records that may decide on
    /// columns.
    pub fn memory(&self) -> usize {
        self.line.capacity() + self.rows.held()
    }

    fn go_on(&mut self) -> Result<()> {
        match self.fault.take() {
            Some(error) => Err(error),
            None if self.place == Place::Failed => {
                let error = io::Error::other("it has failed before");
                Err(Error::io("go on with the stream", error))
            }
            None => Ok(()),
        }
    }

    fn settle(&mut self, taken: Result<()>) -> Result<()> {
        if taken.is_err() {
            self.place = Place::Failed;
            self.line = Vec::new();
        }
        self.job.covered(taken)
    }

    fn take(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let Some(rest) = self.behind_mark(bytes) else {
            return Ok(());
        };
        let Some(rest) = self.behind_too_long(rest) else {
            return Ok(());
        };
        let rest = match memchr::memchr(b'\n', rest) {
            Some(end) if !self.line.is_empty() => {
                let (end, behind) = rest.split_at(end + 1);
                self.end_line(end, out)?;
                behind
            }
            _ => rest,
        };
        let whole = memchr::memrchr(b'\n', rest).map_or(0, |end| end + 1);
        let (lines, begun) = rest.split_at(whole);
        self.lines(lines, out)?;
        self.begin_line(begun, out)
    }

    /// The bytes behind a byte-order mark at the input's beginning; nothing while it may become one.
    fn behind_mark<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        if self.place != Place::Mark {
            return Some(bytes);
        }
        let missing = BOM.get(self.line.len()..).unwrap_or_default();
        if let Some(rest) = bytes.strip_prefix(missing) {
            self.line.clear();
            self.place = Place::Line;
            return Some(rest);
        }
        if missing.starts_with(bytes) {
            self.line.extend_from_slice(bytes);
            return None;
        }
        self.place = Place::Line;
        Some(bytes)
    }

    /// The bytes behind a line that is too long; nothing while it goes on.
    fn behind_too_long<'b>(&mut self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        if self.place != Place::TooLong {
            return Some(bytes);
        }
        let end = memchr::memchr(b'\n', bytes)?;
        self.place = Place::Line;
        bytes.get(end + 1..)
    }

    /// Keeps what has come of a line, unless it is too long.
    fn begin_line(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let most = self.job.max_line.saturating_add(CR.len());
        if bytes.len() <= most.saturating_sub(self.line.len()) {
            self.keep(bytes);
            if !is_longer(&self.line, self.job.max_line) {
                return Ok(());
            }
        }
        self.place = Place::TooLong;
        self.pass_over(out)
    }

    /// Takes the end of the line that is kept, its line feed included.
    fn end_line(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        let most = self.job.max_line.saturating_add(CR.len() + 1);
        if bytes.len() > most.saturating_sub(self.line.len()) {
            return self.pass_over(out);
        }
        self.keep(bytes);
        let mut line = std::mem::take(&mut self.line);
        self.lines(&line, out)?;
        if line.capacity() <= KEPT_BYTES {
            line.clear();
            self.line = line;
        }
        Ok(())
    }

    fn last_line(&mut self, out: &mut Vec<u8>) -> Result<()> {
        let line = std::mem::take(&mut self.line);
        self.lines(&line, out)
    }

    /// Appends to the line that is kept; its memory never exceeds the longest line.
    fn keep(&mut self, bytes: &[u8]) {
        let len = self.line.len() + bytes.len();
        if len > self.line.capacity() {
            let most = self.job.max_line.saturating_add(CR.len() + 1);
            let wanted = (2 * self.line.capacity()).min(most).max(len);
            self.line.reserve_exact(wanted - self.line.len());
        }
        self.line.extend_from_slice(bytes);
    }

    /// Forgets the line, which is too long.
    fn pass_over(&mut self, out: &mut Vec<u8>) -> Result<()> {
        self.line = Vec::new();
        self.number += 1;
        self.rows.too_long(self.number - 1, out)
    }

    /// Writes the rows of whole lines.
    fn lines(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<()> {
        if bytes.is_empty() {
            return Ok(());
        }
        if self.number == 1 {
            check_no_utf16(bytes, self.job.max_line)?;
        }
        let mut batch = Batch::new(bytes, self.number);
        self.rows.batch(&mut batch, usize::MAX, out)?;
        self.number = batch.line();
        Ok(())
    }
}

/// What may end a line and does not count for its length.
const CR: &[u8] = b"\r";

/// So much memory is kept from one line for the next.
const KEPT_BYTES: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn with_limit(max_line: usize) -> PushStream {
        PushStream::new(StreamJob {
            max_line,
            ..StreamJob::default()
        })
    }

    #[test]
    fn a_stream_begins_without_buffers_and_gives_those_of_long_lines_back() {
        let mut stream = with_limit(StreamJob::MAX_LINE);
        assert_eq!(stream.line.capacity(), 0);
        let mut out = Vec::new();
        stream.push(&b" ".repeat(3 * KEPT_BYTES), &mut out).unwrap();
        assert_eq!(stream.held(), 3 * KEPT_BYTES);
        assert!(stream.memory() >= 3 * KEPT_BYTES);
        stream.push(b"\n{", &mut out).unwrap();
        assert!(stream.line.capacity() <= KEPT_BYTES);
        assert!(stream.memory() <= 2 * KEPT_BYTES);
    }

    // S36
    #[test]
    fn memory_for_a_line_stays_within_the_longest_line() {
        const LIMIT: usize = 100_000;
        for size in [1, 999, 70_000, 300_000] {
            let mut stream = with_limit(LIMIT);
            let text = vec![b'1'; 3 * LIMIT];
            for piece in text.chunks(size) {
                stream.push(piece, &mut Vec::new()).unwrap();
                assert!(stream.line.capacity() <= LIMIT + 2, "pieces of {size}");
            }
            assert_eq!((stream.held(), stream.skipped().count), (0, 1));
        }
    }

    // S36
    #[test]
    fn records_that_wait_for_columns_are_held_and_none_of_them_at_rest() {
        let long = format!("{{\"a\":\"{}\"}}\n", "x".repeat(60_000));
        let mut stream = with_limit(StreamJob::MAX_LINE);
        let mut out = Vec::new();
        stream.push(long.as_bytes(), &mut out).unwrap();
        assert!(out.is_empty() && stream.memory() >= 60_000);
        stream.pause(&mut out);
        assert_eq!(stream.memory(), 0);
        for shape in ["b", "c"] {
            let other = long.replacen('a', shape, 1);
            for _ in 0..8 {
                stream.push(other.as_bytes(), &mut out).unwrap();
            }
            assert!(stream.memory() >= 480_000, "{shape}: {}", stream.memory());
        }
        stream.push(long.as_bytes(), &mut out).unwrap();
        assert!(stream.memory() <= KEPT_BYTES, "{}", stream.memory());
    }

    // S36
    #[test]
    fn a_long_line_that_is_hidden_leaves_no_memory_behind() {
        let policy = tonl_privacy::Policy::builder()
            .rule("a".parse().unwrap(), tonl_privacy::Mode::Mask)
            .build()
            .unwrap();
        let mut stream = PushStream::new(StreamJob {
            privacy: Some(policy),
            ..StreamJob::default()
        });
        let long = format!("{{\"b\":\"{}\"}}\n", "x".repeat(3 * KEPT_BYTES));
        let mut out = Vec::new();
        stream.push(long.as_bytes(), &mut out).unwrap();
        assert!(out.len() > 3 * KEPT_BYTES && stream.memory() == 0);
    }

    #[test]
    fn whole_lines_are_not_kept_but_only_what_is_cut() {
        let mut stream = with_limit(StreamJob::MAX_LINE);
        let text = b"{\"a\":1}\n".repeat(8_000);
        let mut out = Vec::new();
        for piece in text.chunks(8_001) {
            stream.push(piece, &mut out).unwrap();
            assert!(stream.line.capacity() <= 16, "{}", stream.line.capacity());
        }
        assert_eq!(stream.records(), 8_000);
    }
}
