//! The reader: TONL text in, the events of its value out.
//!
//! Bytes are pushed in pieces of any size; events come as soon as their line is complete, so a
//! table of any length is read in the memory of its longest line. Only the keys of open blocks and
//! keyed tables are kept, to find one that stands twice. A claimed count is never trusted for
//! memory, and nothing recurses along the text.
//!
//! `lines` cuts the bytes into lines, `document` knows which line is what, `scope` and its
//! neighbours read the values of one line, `token` knows bare tokens.

mod document;
mod entry;
mod flow;
mod foreign;
mod frame;
mod indent;
mod inline;
mod lenient;
pub(crate) mod line;
mod lines;
mod plan;
mod recording;
mod row;
mod scope;
mod stream;
pub(crate) mod token;
mod tuple;
pub(crate) mod warnings;

#[cfg(test)]
mod tests;

use crate::error::{Code, Error, Position, Result};
use crate::event::EventSink;
use crate::options::ReadOptions;
use document::Document;
use lines::Lines;

/// Reads a TONL document that is pushed in pieces.
///
/// However the bytes are split over the pushes, the events and the first error are the same.
///
/// ```
/// use tonl::{ReadOptions, ValueBuilder, read::Reader};
///
/// let mut builder = ValueBuilder::new();
/// let mut reader = Reader::new(ReadOptions::default());
/// reader.push(b"data[2]{id:i32,na", &mut builder)?;
/// reader.push(b"me:str}:\n 1,Ada\n 2,Bob\n", &mut builder)?;
/// reader.finish(&mut builder)?;
/// assert_eq!(builder.take().len(), 1);
/// # Ok::<(), tonl::Error>(())
/// ```
#[derive(Debug)]
pub struct Reader {
    lines: Lines,
    document: Document,
    /// The first error; nothing is read after it.
    failed: Option<(Code, Option<Position>)>,
}

impl Reader {
    /// A reader that has seen nothing.
    pub fn new(options: ReadOptions) -> Self {
        Self {
            lines: Lines::new(&options.limits),
            document: Document::new(options),
            failed: None,
        }
    }

    /// Reads more bytes, and sends the events of every line that they complete.
    ///
    /// # Errors
    /// The first fault in the text with its line and column, both one-based, or what the sink
    /// refuses. After an error every call fails with the same code at the same place.
    ///
    /// *Source:* `spec/tonl.md`, sections "Grammar" and "Errors".
    pub fn push(&mut self, bytes: &[u8], sink: &mut dyn EventSink) -> Result<()> {
        self.check_failed()?;
        let document = &mut self.document;
        let done = self
            .lines
            .push(bytes, &mut |line| document.line(line, &mut *sink));
        self.keep(done)
    }

    /// Ends the text: reads a last line without line end, and sends the events that are left.
    ///
    /// A text of nothing but blank lines is an empty array.
    ///
    /// # Errors
    /// As [`Reader::push`]; [`Code::Truncated`] if something is missing.
    pub fn finish(&mut self, sink: &mut dyn EventSink) -> Result<()> {
        self.check_failed()?;
        let document = &mut self.document;
        let end = self.lines.end();
        let done = self
            .lines
            .finish(&mut |line| document.last_line(line, &mut *sink))
            .and_then(|()| document.finish(end, sink));
        self.keep(done)
    }

    /// The root's label; empty before the root entry was read.
    pub fn label(&self) -> &str {
        &self.document.label
    }

    /// The deviations that lenient reading took, the first hundred of them.
    pub fn warnings(&self) -> &[Error] {
        self.document.scratch.warnings.kept()
    }

    /// How many deviations lenient reading took.
    pub fn warning_count(&self) -> u64 {
        self.document.scratch.warnings.count()
    }

    fn keep(&mut self, done: Result<()>) -> Result<()> {
        if let Err(error) = &done {
            self.failed = Some((error.code(), error.position()));
        }
        done
    }

    fn check_failed(&self) -> Result<()> {
        let Some((code, position)) = self.failed else {
            return Ok(());
        };
        let error = Error::new(code, "no more reading after an error", "a further call");
        Err(match position {
            Some(position) => error.at(position),
            None => error,
        })
    }
}

/// Reads a whole document and sends its events to `sink`.
///
/// # Errors
/// As [`Reader::push`] and [`Reader::finish`].
pub fn read(text: &[u8], options: &ReadOptions, sink: &mut dyn EventSink) -> Result<()> {
    let mut reader = Reader::new(*options);
    reader.push(text, sink)?;
    reader.finish(sink)
}
