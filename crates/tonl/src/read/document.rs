//! The lines of a document, one after another: what each of them is and where it belongs.
//!
//! *Source:* `spec/tonl.md`, sections "Grammar" and "Streams".

use super::foreign::{self, Joined};
use super::frame::Frame;
use super::indent::Indent;
use super::line::Line;
use super::scope::{Scope, Scratch};
use super::token::Delimiter;
use crate::error::{Code, Error, Position, Result};
use crate::event::{Event, EventSink};
use crate::header::{self, Header, Rules, Shape};
use crate::options::{Label, ReadOptions};
use std::collections::HashSet;

/// The state of a document that is being read.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) options: ReadOptions,
    pub(super) state: State,
    /// The containers that are open, the root's first.
    pub(super) frames: Vec<Frame>,
    pub(super) scratch: Scratch,
    pub(super) label: String,
    indent: Indent,
    /// What separates cells where a header names nothing; `None` until the document says it.
    pub(super) delimiter: Option<Delimiter>,
    /// The first blank line of those that nothing has followed yet.
    blank: Option<Position>,
    /// Whether the root is a stream, whose last line needs its line end.
    pub(super) is_stream: bool,
    /// In lenient reading: lines that belong to one string.
    pub(super) joined: Option<Joined>,
}

/// Which part of the document has been reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing but comments so far.
    BeforeRoot {
        /// Whether there was one.
        has_comment: bool,
    },
    /// The root's own lines.
    InRoot,
    /// Comments behind the rows of a stream, which may go on with a new segment.
    BetweenSegments {
        /// The first of the comments.
        comment: Position,
    },
    /// The root is complete.
    AfterRoot {
        /// The comment that ended a block, which could have gone on without it.
        interrupted: Option<Position>,
    },
}

impl Document {
    pub(super) fn new(options: ReadOptions) -> Self {
        Self {
            options,
            state: State::BeforeRoot { has_comment: false },
            frames: Vec::new(),
            scratch: Scratch::default(),
            label: String::new(),
            indent: Indent::default(),
            delimiter: None,
            blank: None,
            is_stream: false,
            joined: None,
        }
    }

    /// Reads a line that has its line end.
    #[inline]
    pub(super) fn line(&mut self, line: Line<'_>, sink: &mut dyn EventSink) -> Result<()> {
        if self.is_lenient() {
            return self.lenient_line(line, sink);
        }
        self.plain_line(line, sink)
    }

    /// Reads a line that is one of its own.
    #[inline]
    pub(super) fn plain_line(&mut self, line: Line<'_>, sink: &mut dyn EventSink) -> Result<()> {
        let spaces = line.bytes().iter().take_while(|b| **b == b' ').count();
        if spaces == line.bytes().len() {
            self.blank.get_or_insert(line.position(0));
            return Ok(());
        }
        if let Some(blank) = self.blank {
            self.take_blank(blank)?;
        }
        let takes_tabs = self.frames.last().is_some_and(Frame::takes_tabs);
        let level = self.indent.level(line, spaces, takes_tabs)?;
        if level > 0 {
            return self.indented(line, spaces, level, sink);
        }
        if line.byte(0) == Some(b'#') {
            return self.comment(line, sink);
        }
        self.top(line, sink)
    }

    /// Goes on behind a blank line, if that may be.
    #[cold]
    fn take_blank(&mut self, blank: Position) -> Result<()> {
        let error = blank_row(blank);
        if !self.is_lenient() {
            return Err(error);
        }
        self.scratch.warnings.add(error);
        self.blank = None;
        Ok(())
    }

    /// Reads the last line, which has no line end.
    pub(super) fn last_line(&mut self, line: Line<'_>, sink: &mut dyn EventSink) -> Result<()> {
        if !self.is_stream {
            self.line(line, sink)?;
        }
        if self.is_stream {
            let end = line.bytes().len();
            let error = line.error_found(end, Code::Truncated, "a line end", "the end of the text");
            return Err(
                error.with_hint("a stream that was cut off is told by its missing line end")
            );
        }
        Ok(())
    }

    /// Ends the document, whose text ends at `end`.
    pub(super) fn finish(&mut self, end: Position, sink: &mut dyn EventSink) -> Result<()> {
        self.check_joined()?;
        match self.state {
            State::BeforeRoot { has_comment: false } => {
                sink.event(Event::BeginArray)?;
                sink.event(Event::EndArray)
            }
            State::BeforeRoot { has_comment: true } => Err(Error::new(
                Code::MissingHeader,
                "a root entry such as data[2]{id,name}:",
                "only comments",
            )
            .at(end)),
            State::InRoot | State::BetweenSegments { .. } => self.close_down_to(0, end, sink),
            State::AfterRoot { .. } => Ok(()),
        }
    }

    /// Reads a line of one of the open containers.
    fn indented(
        &mut self,
        line: Line<'_>,
        at: usize,
        level: usize,
        sink: &mut dyn EventSink,
    ) -> Result<()> {
        if self.frames.len() != level || self.state != State::InRoot {
            self.check_state(line, at)?;
            self.close_before(line, at, level, sink)?;
            if self.frames.len() < level {
                let expected = format!("indentation of at most {} levels", self.frames.len());
                let found = level.to_string();
                return Err(line.error_found(at, Code::BadIndentation, expected, found));
            }
        }
        let depth = level;
        let Some(frame) = self.frames.last_mut() else {
            return Ok(());
        };
        let mut scope = Scope {
            line,
            sink,
            scratch: &mut self.scratch,
            options: &self.options,
        };
        if line.byte(at) == Some(b'#') {
            if !scope.is_lenient() {
                return Err(misplaced_comment(line.position(at)));
            }
            if foreign::is_directive(line, at) {
                scope.scratch.warnings.add(foreign::directive(line, at));
                return Ok(());
            }
        }
        match frame {
            Frame::Table(table) => scope.row(at, table, depth),
            Frame::Keyed { table, keys } => scope.keyed_row(at, table, keys, depth),
            Frame::List(rows) => {
                scope.count(rows, at)?;
                let index = foreign::behind_index(line, at).filter(|_| scope.is_lenient());
                match index {
                    Some(after) => self.entry(line, after, sink),
                    None => scope.value(at, depth),
                }
            }
            Frame::Block { keys } => {
                let after = scope.entry_key(at, keys)?;
                self.entry(line, after, sink)
            }
        }
    }

    /// Checks that an indented line may stand here.
    fn check_state(&mut self, line: Line<'_>, at: usize) -> Result<()> {
        match self.state {
            State::InRoot => Ok(()),
            State::BetweenSegments { comment } if self.is_lenient() => {
                self.scratch.warnings.add(misplaced_comment(comment));
                self.state = State::InRoot;
                Ok(())
            }
            State::BeforeRoot { .. } if line.byte(at) == Some(b'#') => {
                Err(misplaced_comment(line.position(at)))
            }
            State::BeforeRoot { .. } => {
                let expected = "a root entry without indentation";
                Err(line.error_found(at, Code::BadIndentation, expected, "indentation"))
            }
            State::BetweenSegments { comment }
            | State::AfterRoot {
                interrupted: Some(comment),
            } => Err(misplaced_comment(comment)),
            State::AfterRoot { interrupted: None } => Err(trailing(line, at)),
        }
    }

    /// Reads a line without indentation that is no comment.
    fn top(&mut self, line: Line<'_>, sink: &mut dyn EventSink) -> Result<()> {
        match self.state {
            State::BeforeRoot { .. } => self.root(line, sink),
            State::InRoot | State::BetweenSegments { .. } if self.is_stream => {
                self.continuation(line, sink)
            }
            _ => {
                self.close_before(line, 0, 0, sink)?;
                Err(trailing(line, 0))
            }
        }
    }

    /// Reads the root entry.
    fn root(&mut self, line: Line<'_>, sink: &mut dyn EventSink) -> Result<()> {
        let end = label_end(line);
        let is_braced = line.byte(end) == Some(b'{') && self.is_lenient();
        if end == 0 || !(is_braced || matches!(line.byte(end), Some(b':' | b'['))) {
            let expected = "a root entry such as data[2]{id,name}:";
            return Err(line
                .error(end, Code::HeaderSyntax, expected)
                .with_hint("a document begins with its label and a colon or a header"));
        }
        let label = Label::new(line.slice(0, end)).map_err(|error| error.at(line.position(0)))?;
        label.as_str().clone_into(&mut self.label);
        self.state = State::InRoot;
        self.entry(line, end, sink)?;
        if self.frames.is_empty() {
            self.state = State::AfterRoot { interrupted: None };
        }
        Ok(())
    }

    /// Reads what follows the key of an entry, from byte `at` on.
    fn entry(&mut self, line: Line<'_>, at: usize, sink: &mut dyn EventSink) -> Result<()> {
        match (line.byte(at), line.byte(at + 1)) {
            (Some(b':'), None) => {
                let keys = HashSet::new();
                self.open(line, at, Frame::Block { keys }, sink)
            }
            (Some(b':'), Some(b' ')) => {
                let depth = self.frames.len();
                self.scope(line, sink).value(at + 2, depth)
            }
            (Some(b':'), Some(_)) => {
                Err(line.error(at + 1, Code::HeaderSyntax, "one space behind the colon"))
            }
            (Some(b'['), _) => self.header(line, at, sink),
            (Some(b'{'), _) if self.is_lenient() => self.braced(line, at, sink),
            _ => Err(line.error(at, Code::HeaderSyntax, "':' or '['")),
        }
    }

    /// Reads the header whose `[` is byte `at`, and the items behind it if they are there.
    fn header(&mut self, line: Line<'_>, at: usize, sink: &mut dyn EventSink) -> Result<()> {
        let (header, end) = self.parse_header(line, at)?;
        if header.count.is_none() {
            if !self.frames.is_empty() {
                let expected = "the number of rows: only the root can be a stream";
                return Err(line.error(at + 1, Code::HeaderSyntax, expected));
            }
            self.is_stream = true;
        }
        let depth = self.frames.len() + 1;
        let mut scope = self.scope(line, sink);
        if header.shape == Shape::List && line.byte(end) == Some(b' ') {
            return scope.items(end + 1, &header, depth);
        }
        scope.end_of_header(end)?;
        let frame = Frame::new(header, self.options.limits.rows);
        self.open(line, at, frame, sink)
    }

    pub(super) fn parse_header(&mut self, line: Line<'_>, at: usize) -> Result<(Header, usize)> {
        let rules = Rules {
            delimiter: self.delimiter.unwrap_or_default(),
            limits: &self.options.limits,
            strictness: self.options.strictness,
        };
        header::parse(line, at, rules, &mut self.scratch.warnings)
    }

    /// Begins a container.
    pub(super) fn open(
        &mut self,
        line: Line<'_>,
        at: usize,
        frame: Frame,
        sink: &mut dyn EventSink,
    ) -> Result<()> {
        let depth = self.frames.len() + 1;
        self.scope(line, sink).begin(frame.begin(), at, depth)?;
        self.frames.push(frame);
        Ok(())
    }

    /// Reads a comment.
    fn comment(&mut self, line: Line<'_>, sink: &mut dyn EventSink) -> Result<()> {
        if self.takes_inner_comment(line) {
            return Ok(());
        }
        match self.state {
            State::BeforeRoot { .. } => {
                self.state = State::BeforeRoot { has_comment: true };
                self.take_delimiter(line)
            }
            State::InRoot | State::BetweenSegments { .. } if self.is_stream => {
                self.stream_comment(line, sink)
            }
            State::InRoot => self.end_root_with_comment(line, sink),
            State::BetweenSegments { .. } | State::AfterRoot { .. } => Ok(()),
        }
    }

    fn take_delimiter(&mut self, line: Line<'_>) -> Result<()> {
        let Some(spelled) = line.text.strip_prefix("#delimiter ") else {
            return Ok(());
        };
        let quoted = spelled.strip_prefix('"').and_then(|s| s.strip_suffix('"'));
        let named = quoted.filter(|_| self.is_lenient()).unwrap_or(spelled);
        let found = match named.as_bytes() {
            b"\\t" => Some(Delimiter::Tab),
            [byte] => Delimiter::from_byte(*byte),
            _ => None,
        };
        if found.is_none() {
            let expected = "one of , | ; \\t and nothing else";
            let at = line.bytes().len() - spelled.len();
            return Err(line.error(at, Code::HeaderSyntax, expected));
        }
        self.delimiter = found;
        Ok(())
    }

    fn end_root_with_comment(&mut self, line: Line<'_>, sink: &mut dyn EventSink) -> Result<()> {
        let place = line.position(0);
        if self
            .frames
            .iter()
            .any(|frame| frame.incomplete(place).is_some())
        {
            return Err(misplaced_comment(place));
        }
        let is_block = matches!(self.frames.first(), Some(Frame::Block { .. }));
        self.close_down_to(0, place, sink)?;
        self.state = State::AfterRoot {
            interrupted: is_block.then_some(place),
        };
        Ok(())
    }

    /// Ends the containers that are more than `level` deep; the text behind them begins at `end`.
    pub(super) fn close_down_to(
        &mut self,
        level: usize,
        end: Position,
        sink: &mut dyn EventSink,
    ) -> Result<()> {
        while self.frames.len() > level {
            let Some(frame) = self.frames.pop() else {
                break;
            };
            if let Some(error) = frame.incomplete(end) {
                if !self.is_lenient() || frame.is_empty_block() {
                    return Err(error);
                }
                self.scratch.warnings.add(error);
            }
            sink.event(frame.end()).map_err(|error| error.at(end))?;
        }
        Ok(())
    }

    /// Ends the containers that are more than `level` deep before a line that is not theirs.
    fn close_before(
        &mut self,
        line: Line<'_>,
        at: usize,
        level: usize,
        sink: &mut dyn EventSink,
    ) -> Result<()> {
        if self.frames.len() > level && self.frames.last().is_some_and(Frame::is_empty_block) {
            let expected = "at least one entry, indented deeper";
            return Err(line.error(at, Code::BadIndentation, expected));
        }
        self.close_down_to(level, line.position(at), sink)
    }

    pub(super) fn scope<'l, 's>(
        &'s mut self,
        line: Line<'l>,
        sink: &'s mut dyn EventSink,
    ) -> Scope<'l, 's> {
        Scope {
            line,
            sink,
            scratch: &mut self.scratch,
            options: &self.options,
        }
    }
}

/// The end of the characters that a label may have, at the beginning of the line.
pub(super) fn label_end(line: Line<'_>) -> usize {
    let is_label = |b: &&u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    line.bytes().iter().take_while(is_label).count()
}

#[cold]
fn trailing(line: Line<'_>, at: usize) -> Error {
    line.error(at, Code::TrailingContent, "the end of the document")
        .with_hint("a document is one labelled value")
}

#[cold]
fn blank_row(blank: Position) -> Error {
    Error::new(
        Code::BlankRow,
        "no blank line before the end of the document",
        "a blank line",
    )
    .at(blank)
    .with_hint("a record without cells is written \"* {}\"")
}

#[cold]
fn misplaced_comment(place: Position) -> Error {
    Error::new(Code::MisplacedComment, "no comment inside the root's lines", "'#'")
        .at(place)
        .with_hint("comments stand before or after the root entry; a cell that begins with '#' stands in quotes")
}
