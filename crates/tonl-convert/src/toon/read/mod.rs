//! TOON, read line by line.
//!
//! The invariant: what is open is exactly the stack of frames, each frame has sent its begin and not
//! its end, and every line belongs to the frame on top after deeper ones were closed.

mod frame;
mod latest;
mod lines;

use self::frame::{Body, Frame};
use self::latest::Latest;
use self::lines::{Kind, Line};
use super::header::{self, Entry, Header};
use super::lexis;
use super::options::{Strictness, ToonReadOptions};
use crate::error::{Error, Result};
use crate::input::Input;
use crate::source::open_text;
use std::io::{BufRead as _, BufReader};
use std::ops::Range;
use tonl::scan::Fault;
use tonl::{Code, Event, EventSink, Position};

/// Reads a TOON text and sends its value.
///
/// # Errors
/// Faults with line and column, the limits, and what `input` or `sink` report.
pub fn read(input: &Input, options: &ToonReadOptions, sink: &mut dyn EventSink) -> Result<()> {
    let mut text = BufReader::new(open_text(input, &options.limits)?);
    let mut line = Vec::new();
    within(options, sink, |decoder| {
        loop {
            line.clear();
            let count = text
                .read_until(b'\n', &mut line)
                .map_err(|error| Error::io("read", error))?;
            if count == 0 {
                return Ok(decoder.finish()?);
            }
            // The reader has checked that the text is UTF-8.
            let line = std::str::from_utf8(&line).unwrap_or_default();
            decoder.line(line.strip_suffix('\n').unwrap_or(line))?;
        }
    })
    .map_err(|error: Error| error.named(input.name()))
}

/// Reads a TOON text that is in memory, perhaps with a byte-order mark at its start; see [`read`].
///
/// # Errors
/// As [`read`], without the limits of bytes.
pub fn parse(text: &str, options: &ToonReadOptions, sink: &mut dyn EventSink) -> tonl::Result<()> {
    within(options, sink, |decoder| {
        let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
        let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
        lines.try_for_each(|line| decoder.line(line))?;
        decoder.finish()
    })
}

/// Runs a decoder that sends to `sink`, or to what keeps the last of each key when it is lenient.
fn within<E: From<tonl::Error>>(
    options: &ToonReadOptions,
    sink: &mut dyn EventSink,
    run: impl FnOnce(&mut Decoder<'_>) -> Result<(), E>,
) -> Result<(), E> {
    match options.strictness {
        Strictness::Strict => run(&mut Decoder::new(options, sink)),
        Strictness::Lenient => {
            let mut latest = Latest::default();
            run(&mut Decoder::new(options, &mut latest))?;
            Ok(latest.emit(sink)?)
        }
    }
}

/// Takes lines and sends events.
struct Decoder<'s> {
    options: ToonReadOptions,
    sink: &'s mut dyn EventSink,
    frames: Vec<Frame>,
    root: Root,
    /// The number of the last line that was taken.
    number: u64,
    /// The first blank line since the last line with content.
    blank: Option<u64>,
    cells: Vec<Range<usize>>,
}

/// What the root is known to be.
enum Root {
    /// Nothing has come yet.
    Unknown,
    /// An array or object; once its frame is closed, nothing may follow.
    Container,
    /// A scalar, if no other line follows.
    Scalar { line: String, number: u64 },
}

impl<'s> Decoder<'s> {
    fn new(options: &ToonReadOptions, sink: &'s mut dyn EventSink) -> Self {
        Self {
            options: *options,
            sink,
            frames: Vec::new(),
            root: Root::Unknown,
            number: 0,
            blank: None,
            cells: Vec::new(),
        }
    }

    fn line(&mut self, text: &str) -> tonl::Result<()> {
        self.number += 1;
        let line = Line::new(self.number, text, &self.options)?;
        match line.kind {
            Kind::Comment => Ok(()),
            Kind::Blank => {
                self.blank.get_or_insert(line.number);
                Ok(())
            }
            Kind::Content => self.content(&line),
        }
    }

    fn content(&mut self, line: &Line<'_>) -> tonl::Result<()> {
        self.adopt_depth(line);
        while self.frames.last().is_some_and(|top| top.depth > line.depth) {
            self.close(Code::RowCount, line.start())?;
        }
        self.check_blank()?;
        let Some(top) = self.frames.last() else {
            return self.root_line(line);
        };
        if top.depth < line.depth {
            let expected = format!("at most {} spaces", top.depth * self.options.indent.max(1));
            let found = "a deeper line, although no line before opens its block";
            return Err(tonl::Error::new(Code::BadIndentation, expected, found).at(line.start()));
        }
        match top.body {
            Body::Object { .. } => self.member_line(line),
            Body::List { .. } => self.item(line),
            Body::Table { .. } => self.row(line),
        }
    }

    /// A block whose first line begins too deep takes that line's depth, if that is allowed.
    fn adopt_depth(&mut self, line: &Line<'_>) {
        if let Some(top) = self.frames.last_mut()
            && self.options.strictness == Strictness::Lenient
            && top.is_fresh
        {
            top.depth = top.depth.max(line.depth);
        }
    }

    /// A blank line may not stand between the first and the last line of an array's content.
    fn check_blank(&mut self) -> tonl::Result<()> {
        let Some(blank) = self.blank.take() else {
            return Ok(());
        };
        let is_within = self.frames.iter().any(Frame::has_begun_rows);
        if self.options.strictness == Strictness::Lenient || !is_within {
            return Ok(());
        }
        let place = Position {
            line: blank,
            column: 1,
        };
        let expected = "the rest of the array";
        Err(tonl::Error::new(Code::BlankRow, expected, "a blank line").at(place))
    }

    fn root_line(&mut self, line: &Line<'_>) -> tonl::Result<()> {
        match &self.root {
            Root::Unknown => {}
            Root::Container => {
                let expected = "the end of the text after the root's value";
                return Err(
                    tonl::Error::new(Code::TrailingContent, expected, "another line")
                        .at(line.start()),
                );
            }
            Root::Scalar { line, number } => {
                let expected = "a key and a colon, as the text has several lines";
                let at = line.len();
                return Err(Fault::new(at, Code::HeaderSyntax, expected)
                    .into_error(line.as_bytes(), *number));
            }
        }
        if line.depth > 0 && self.options.strictness == Strictness::Strict {
            let found = format!("{} spaces", line.at);
            let error = tonl::Error::new(Code::BadIndentation, "no indentation", found);
            return Err(error.at(line.start()));
        }
        self.root = Root::Container;
        if line.content() == "[]" {
            return self.empty_array(line);
        }
        let entry = header::entry(line.text, line.at, self.options.strictness);
        match entry.map_err(|fault| line.error(fault))? {
            Entry::Header(None, header) => self.begin_header(line, header, 1),
            Entry::Scalar => {
                self.root = Root::Scalar {
                    line: line.text.to_owned(),
                    number: line.number,
                };
                Ok(())
            }
            entry => {
                self.open(line, Frame::object(line.depth))?;
                self.member(line, entry)
            }
        }
    }

    fn finish(&mut self) -> tonl::Result<()> {
        let place = Position {
            line: self.number + 1,
            column: 1,
        };
        while !self.frames.is_empty() {
            self.close(Code::Truncated, place)?;
        }
        match std::mem::replace(&mut self.root, Root::Container) {
            Root::Container => Ok(()),
            Root::Unknown => {
                self.send(Event::BeginObject, place)?;
                self.send(Event::EndObject, place)
            }
            Root::Scalar { line, number } => {
                let line = Line::new(number, &line, &self.options)?;
                self.scalar(&line, &(line.at..line.text.len()))
            }
        }
    }
}

/// What a line says, by the frame that it belongs to.
impl Decoder<'_> {
    fn member_line(&mut self, line: &Line<'_>) -> tonl::Result<()> {
        let entry = header::entry(line.text, line.at, self.options.strictness)
            .map_err(|fault| line.error(fault))?;
        self.member(line, entry)
    }

    /// Takes a member of the object on top.
    fn member(&mut self, line: &Line<'_>, entry: Entry<'_>) -> tonl::Result<()> {
        let depth = self.frames.last().map_or(0, |top| top.depth) + 1;
        match entry {
            Entry::Scalar => {
                let expected = "a colon after the key";
                Err(line.error(Fault::new(line.text.len(), Code::HeaderSyntax, expected)))
            }
            Entry::Header(None, _) => {
                let expected = "a key before the brackets";
                Err(line.error(Fault::new(line.at, Code::HeaderSyntax, expected)))
            }
            Entry::Header(Some(key), header) => {
                self.key(line, &key)?;
                self.begin_header(line, header, depth)
            }
            Entry::Member(key, at) => {
                self.key(line, &key)?;
                let value = lexis::trimmed(line.text, at..line.text.len());
                match line.text.get(value.clone()) {
                    Some("") => self.open(line, Frame::object(depth)),
                    Some("[]") => self.empty_array(line),
                    _ => self.scalar(line, &value),
                }
            }
        }
    }

    fn item(&mut self, line: &Line<'_>) -> tonl::Result<()> {
        let depth = line.depth + 1;
        let Some(rest) = line.content().strip_prefix('-') else {
            let expected = "a list item: a hyphen and a space, then its value";
            return Err(line.error(Fault::new(line.at, Code::HeaderSyntax, expected)));
        };
        if !rest.is_empty() && !rest.starts_with(' ') {
            let expected = "a space after the hyphen of a list item";
            return Err(line.error(Fault::new(line.at + 1, Code::HeaderSyntax, expected)));
        }
        self.count(line)?;
        let value = lexis::trimmed(line.text, line.at + 1..line.text.len());
        match line.text.get(value.clone()) {
            Some("") => {
                self.check_depth(line, 1)?;
                self.send(Event::BeginObject, line.start())?;
                return self.send(Event::EndObject, line.start());
            }
            Some("[]") => return self.empty_array(line),
            _ => {}
        }
        let entry = header::entry(line.text, value.start, self.options.strictness);
        match entry.map_err(|fault| line.error(fault))? {
            Entry::Scalar => self.scalar(line, &value),
            Entry::Header(None, header) if header.fields.is_some() => {
                let expected = "a list item's array without fields";
                Err(line.error(Fault::new(value.start, Code::HeaderSyntax, expected)))
            }
            Entry::Header(None, header) => self.begin_header(line, header, depth),
            entry => {
                let mut object = Frame::object(depth);
                object.is_fresh = false;
                self.open(line, object)?;
                self.member(line, entry)
            }
        }
    }

    fn begin_header(&mut self, line: &Line<'_>, header: Header, depth: usize) -> tonl::Result<()> {
        if header.fields.is_some() {
            return self.open_table(line, header, depth);
        }
        let end = header.end;
        let (count, delimiter) = (header.count, header.delimiter);
        lexis::cells(line.text, end, delimiter, &mut self.cells)
            .map_err(|fault| line.error(fault))?;
        if self.cells.is_empty() {
            return self.open(line, Frame::list(&header, depth, line.number));
        }
        let found = self.cells.len() as u64;
        if found != count && self.options.strictness == Strictness::Strict {
            let expected = format!("{count} values, as the header says");
            return Err(
                tonl::Error::new(Code::RowCount, expected, found.to_string()).at(line.place(end)),
            );
        }
        self.check_depth(line, 1)?;
        self.send(Event::BeginArray, line.start())?;
        let cells = std::mem::take(&mut self.cells);
        cells.iter().try_for_each(|cell| self.scalar(line, cell))?;
        self.cells = cells;
        self.send(Event::EndArray, line.start())
    }

    fn empty_array(&mut self, line: &Line<'_>) -> tonl::Result<()> {
        self.check_depth(line, 1)?;
        self.send(Event::BeginArray, line.start())?;
        self.send(Event::EndArray, line.start())
    }

    fn scalar(&mut self, line: &Line<'_>, at: &Range<usize>) -> tonl::Result<()> {
        let sink = &mut *self.sink;
        lexis::scalar(line.text, at, |event| sink.event(event))
            .map_err(|fault| line.error(fault))?
            .map_err(|error| error.at(line.place(at.start)))
    }

    fn send(&mut self, event: Event<'_>, place: Position) -> tonl::Result<()> {
        self.sink.event(event).map_err(|error| error.at(place))
    }
}
