//! What only streams have: new segments, and the line that counts the rows of all of them.
//!
//! *Source:* `spec/tonl.md`, section 10.

use super::document::{Document, State, label_end};
use super::frame::Frame;
use super::line::Line;
use crate::error::{Code, Result};
use crate::event::EventSink;
use crate::header::Shape;

impl Document {
    /// Reads a new header of a stream.
    pub(super) fn continuation(&mut self, line: Line<'_>, sink: &mut dyn EventSink) -> Result<()> {
        let end = label_end(line);
        if line.slice(0, end) != self.label {
            let expected = format!("a row, a comment or a new header of '{}[]'", self.label);
            return Err(line.error(0, Code::TrailingContent, expected));
        }
        let (header, after) = self.parse_header(line, end)?;
        if header.shape != Shape::Table || header.count.is_some() {
            let expected = format!("a header of '{}[]', as the stream began", self.label);
            return Err(line.error(end + 1, Code::HeaderSyntax, expected));
        }
        self.scope(line, sink).end_of_header(after)?;
        if let Some(Frame::Table(table)) = self.frames.first_mut() {
            table.continue_with(header);
        }
        self.state = State::InRoot;
        Ok(())
    }

    /// Reads a comment behind the rows of a stream: the count of them all, or nothing.
    pub(super) fn stream_comment(
        &mut self,
        line: Line<'_>,
        sink: &mut dyn EventSink,
    ) -> Result<()> {
        let rows = self.frames.first().and_then(Frame::rows);
        let read = rows.map_or(0, |rows| rows.read);
        if let Some(counted) = end_count(line.text) {
            if counted.parse() != Ok(read) {
                let expected = format!("{read} rows, as many as were read");
                let at = line.bytes().len() - counted.len();
                let found = counted.to_owned();
                return Err(line.error_found(at, Code::RowCount, expected, found));
            }
            self.close_down_to(0, line.position(0), sink)?;
            self.state = State::AfterRoot { interrupted: None };
            return Ok(());
        }
        if self.state == State::InRoot {
            let comment = line.position(0);
            self.state = State::BetweenSegments { comment };
        }
        Ok(())
    }
}

/// The count of an `#end N` line, if it is spelled as in a header.
fn end_count(text: &str) -> Option<&str> {
    let count = text.strip_prefix("#end ")?;
    let is_plain = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit());
    (is_plain && (count == "0" || !count.starts_with('0'))).then_some(count)
}
