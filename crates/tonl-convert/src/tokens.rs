//! How many tokens an input has in one format or another, in constant memory.
//!
//! The line end at the very end of a text does not count: a program that sends the text leaves it
//! out, and formats differ in whether they have one.

use crate::error::{Error, Result};
use crate::format::Format;
use crate::input::Input;
use crate::pipeline::{Job, Verify, convert};
use crate::report::Report;
use crate::sink::Layout;
use std::io::{self, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};
use tonl_tokens::{Encoding, Tally};

/// A text that was counted instead of written.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Counted {
    /// Tokens of the text.
    pub tokens: u64,
    /// What making the text reported.
    pub report: Report,
}

/// Counts the tokens of an input's text as it is, after decompression.
///
/// # Errors
/// As [`Input::open`], and failures of reading.
pub fn count_as_given(input: &Input, encoding: Encoding) -> Result<u64> {
    let mut text = TextTally::new(encoding);
    io::copy(&mut input.open()?, &mut text)
        .map_err(|error| Error::io("read", error).named(input.name()))?;
    Ok(text.finish())
}

/// Counts the tokens of what a job would write.
///
/// # Errors
/// As [`convert`].
pub fn count(input: &Input, job: &Job, encoding: Encoding) -> Result<Counted> {
    let mut text = TextTally::new(encoding);
    let report = convert(input, &mut text, job)?;
    Ok(Counted {
        tokens: text.finish(),
        report,
    })
}

/// As [`count`], but gives up when there are more tokens than `most`; then gives nothing.
///
/// # Errors
/// As [`convert`].
pub(crate) fn count_at_most(
    input: &Input,
    job: &Job,
    encoding: Encoding,
    most: u64,
) -> Result<Option<Counted>> {
    let mut text = Bounded {
        text: TextTally::new(encoding),
        most,
        is_full: false,
    };
    let converted = convert(input, &mut text, job);
    if text.is_full {
        return Ok(None);
    }
    let report = converted?;
    let tokens = text.text.finish();
    Ok((tokens <= most).then_some(Counted { tokens, report }))
}

/// A tally that refuses more than so many tokens.
struct Bounded {
    text: TextTally,
    most: u64,
    is_full: bool,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.push(bytes);
        if self.text.tally.at_least() > self.most {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Counts the tokens of an input's value as JSON without white space, the baseline of all savings.
///
/// # Errors
/// As [`convert`].
pub fn count_compact_json(input: &Input, job: &Job, encoding: Encoding) -> Result<u64> {
    let job = Job {
        to: Format::Json,
        json: Layout::Compact,
        verify: Verify::Trust,
        ..job.clone()
    };
    Ok(count(input, &job, encoding)?.tokens)
}

/// A writer that passes all on and counts its tokens, but for a line end at the end.
#[derive(Debug)]
pub struct TallyWriter<W> {
    output: W,
    text: TextTally,
}

impl<W: Write> TallyWriter<W> {
    /// Counts what goes to `output`.
    pub fn new(output: W, encoding: Encoding) -> Self {
        Self {
            output,
            text: TextTally::new(encoding),
        }
    }

    /// The tokens of all that was written.
    pub fn finish(self) -> u64 {
        self.text.finish()
    }
}

impl<W: Write> Write for TallyWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.output.write_all(bytes)?;
        self.text.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

/// A reader that counts the tokens of what is read through it, but for a line end at the end.
///
/// Whoever reads takes the reader away for good, so that the count is asked for elsewhere.
#[derive(Debug)]
pub struct TallyReader<R> {
    inner: R,
    text: Arc<Mutex<TextTally>>,
}

/// The count of a [`TallyReader`].
#[derive(Debug)]
pub struct ReadTokens(Arc<Mutex<TextTally>>);

impl<R: Read> TallyReader<R> {
    /// Counts what comes from `inner`.
    pub fn new(inner: R, encoding: Encoding) -> (Self, ReadTokens) {
        let text = Arc::new(Mutex::new(TextTally::new(encoding)));
        let tokens = ReadTokens(Arc::clone(&text));
        (Self { inner, text }, tokens)
    }
}

impl ReadTokens {
    /// The tokens of all that was read so far.
    pub fn finish(self) -> u64 {
        let text = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.clone().finish()
    }
}

impl<R: Read> Read for TallyReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        let mut text = self.text.lock().unwrap_or_else(PoisonError::into_inner);
        text.push(buffer.get(..read).unwrap_or_default());
        Ok(read)
    }
}

/// A tally that holds back a line end until more comes.
#[derive(Clone, Debug)]
struct TextTally {
    tally: Tally,
    holds_line_end: bool,
}

impl TextTally {
    fn new(encoding: Encoding) -> Self {
        Self {
            tally: Tally::new(encoding),
            holds_line_end: false,
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        if self.holds_line_end {
            self.tally.push(b"\n");
        }
        let body = bytes.strip_suffix(b"\n");
        self.holds_line_end = body.is_some();
        self.tally.push(body.unwrap_or(bytes));
    }

    fn finish(self) -> u64 {
        self.tally.finish()
    }
}

impl Write for TextTally {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.push(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const O200K: Encoding = Encoding::O200kBase;

    #[test]
    fn the_last_line_end_does_not_count_whatever_the_parts() {
        let text = "{\"a\":1}\n\n";
        for size in 1..text.len() {
            let mut tally = TextTally::new(O200K);
            text.as_bytes()
                .chunks(size)
                .for_each(|part| tally.push(part));
            assert_eq!(
                tally.finish(),
                O200K.count("{\"a\":1}\n"),
                "parts of {size}"
            );
        }
    }

    #[test]
    fn the_same_value_is_counted_as_given_as_json_and_as_tonl() {
        let text = "[\n  {\"id\": 1, \"name\": \"Ada\"},\n  {\"id\": 2, \"name\": \"Bob\"}\n]\n";
        let input = Input::from_bytes("users.json", text.as_bytes());
        let job = Job::new(Format::Json, Format::Tonl);
        let given = count_as_given(&input, O200K).unwrap();
        assert_eq!(given, O200K.count(text.trim_end()));
        let compact = count_compact_json(&input, &job, O200K).unwrap();
        let json = "[{\"id\":1,\"name\":\"Ada\"},{\"id\":2,\"name\":\"Bob\"}]";
        assert_eq!(compact, O200K.count(json));
        let counted = count(&input, &job, O200K).unwrap();
        assert_eq!(counted.report.records, Some(2));
        let tonl = "data[2]{id:i32,name:str}:\n 1,Ada\n 2,Bob";
        assert_eq!(counted.tokens, O200K.count(tonl));
    }

    #[test]
    fn what_passes_through_is_counted_and_not_changed() {
        let mut out = Vec::new();
        let mut writer = TallyWriter::new(&mut out, O200K);
        writer.write_all(b"hello world\n").unwrap();
        writer.flush().unwrap();
        assert_eq!(writer.finish(), 2);
        assert_eq!(out, b"hello world\n");
        let (mut reader, tokens) = TallyReader::new(&b"hello world\n"[..], O200K);
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), tokens.finish()), ("hello world\n", 2));
    }
}
