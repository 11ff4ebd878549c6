//! Whole documents: one JSON text in memory becomes one TONL document.

use super::array::{ArrayLines, ArraySurvey};
use super::layout::Layout;
use super::plan::{Entry, Form, Planner, Spot, each_element, each_member};
use super::row::RowWriter;
use super::style::Style;
use crate::error::{Code, Error, Result};
use crate::header::{Count, write_table_header};
use crate::options::{Profile, WriteOptions};
use crate::scan::literal::Literal;
use crate::scan::{Fault, skip_space};
use crate::schema::Column;

/// Appends the TONL document of one JSON text. A byte-order mark at the text's start is skipped.
///
/// # Errors
/// The text's first fault with line and column; `out` is then as it was.
pub fn document(json: &[u8], options: &WriteOptions, out: &mut Vec<u8>) -> Result<()> {
    let most = options.limits.total_bytes;
    if json.len() as u64 > most {
        let found = format!("{} bytes", json.len());
        return Err(Error::new(
            Code::ByteLimit,
            format!("at most {most} bytes"),
            found,
        ));
    }
    let text = json.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(json);
    let start = out.len();
    checked_document(text, options, out).map_err(|fault| {
        out.truncate(start);
        fault.into_error(text, 1)
    })
}

fn checked_document(text: &[u8], options: &WriteOptions, out: &mut Vec<u8>) -> Result<(), Fault> {
    if let Err(error) = simdutf8::compat::from_utf8(text) {
        return Err(Fault::new(error.valid_up_to(), Code::InvalidUtf8, "UTF-8"));
    }
    let at = skip_space(text, 0);
    let end = match text.get(at) {
        Some(b'[') => root_array(text, at, options, out)?,
        _ => root_entry(text, at, options, out)?,
    };
    let end = skip_space(text, end);
    if end < text.len() {
        return Err(Fault::new(
            end,
            Code::TrailingContent,
            "the end of the text",
        ));
    }
    Ok(())
}

fn root_array(
    text: &[u8],
    at: usize,
    options: &WriteOptions,
    out: &mut Vec<u8>,
) -> Result<usize, Fault> {
    let mut survey = ArraySurvey::new(options);
    each_element(text, at, |element| survey.element(text, element))?;
    let mut writer = survey.finish();
    writer.begin(out);
    let end = each_element(text, at, |element| writer.element(text, element, out))?;
    writer.end(out);
    Ok(end)
}

fn root_entry(
    text: &[u8],
    at: usize,
    options: &WriteOptions,
    out: &mut Vec<u8>,
) -> Result<usize, Fault> {
    let spot = Spot {
        at,
        depth: 0,
        level: super::array::ROOT,
    };
    let options = &unclassic(options);
    let planned = Planner::new(text, options).value(spot)?;
    out.extend_from_slice(options.label.as_str().as_bytes());
    let style = Style::of(options.profile);
    let rows = RowWriter::new(options.limits.depth(), style);
    let mut drawing = Drawing {
        text,
        options,
        style,
        rows,
        out,
    };
    drawing.value(planned.form, spot)
}

/// The classic look is for arrays of records; any other root is written flat.
fn unclassic(options: &WriteOptions) -> WriteOptions {
    let mut options = options.clone();
    if options.profile == Profile::Classic {
        options.profile = Profile::Flat;
    }
    options
}

/// Writes planned values.
struct Drawing<'t, 'o> {
    text: &'t [u8],
    options: &'o WriteOptions,
    style: Style,
    rows: RowWriter,
    out: &'o mut Vec<u8>,
}

impl Drawing<'_, '_> {
    /// Writes what stands behind the key of an entry at a spot; gives the byte behind the value.
    fn value(&mut self, form: Form, spot: Spot) -> Result<usize, Fault> {
        match form {
            Form::Line => self.line(spot),
            Form::Table(plan) => {
                let rows = std::mem::replace(&mut self.rows, RowWriter::new(0, self.style));
                let mut lines = ArrayLines::new(*plan, rows);
                lines.begin(self.out);
                let end = each_element(self.text, spot.at, |at| {
                    lines.element(self.text, at, spot.depth + 1, self.out)
                })?;
                lines.end(self.out);
                self.rows = lines.into_rows();
                Ok(end)
            }
            Form::Keyed { columns, count } => self.keyed(&columns, count, spot),
            Form::Block(entries) => self.block(entries, spot),
            // A new planner keeps the root of what it plans, so this ends.
            Form::Again => {
                let planned = Planner::new(self.text, self.options).value(spot)?;
                self.value(planned.form, spot)
            }
        }
    }

    fn line(&mut self, spot: Spot) -> Result<usize, Fault> {
        self.out.extend_from_slice(b": ");
        let scribe = &mut self.rows.scribe;
        let end = scribe.rest_of_line(self.text, spot.at, spot.depth, self.out)?;
        self.out.push(b'\n');
        Ok(end)
    }

    /// Writes the members; these entries are those that do not stay on their key's line.
    fn block(&mut self, entries: Vec<Entry>, spot: Spot) -> Result<usize, Fault> {
        self.out.extend_from_slice(b":\n");
        let mut entries = entries.into_iter().peekable();
        each_member(self.text, spot.at, |key, value_at| {
            let inner = Spot {
                at: value_at,
                depth: spot.depth + 1,
                level: spot.level + 1,
            };
            self.style.indent(inner.level, self.out);
            self.rows.scribe.key(self.text, key, self.out);
            let entry = entries.next_if(|entry| entry.value_at == value_at);
            self.value(entry.map_or(Form::Line, |entry| entry.form), inner)
        })
    }

    fn keyed(&mut self, columns: &[Column], count: u64, spot: Spot) -> Result<usize, Fault> {
        write_table_header(self.out, Count::Keyed(count), columns);
        self.out.push(b'\n');
        let layout = Layout::new(columns);
        each_member(self.text, spot.at, |key, value_at| {
            self.style.indent(spot.level + 1, self.out);
            let end = self.keyed_row(&layout, key, value_at, spot.depth + 1)?;
            self.out.push(b'\n');
            Ok(end)
        })
    }

    fn keyed_row(
        &mut self,
        layout: &Layout,
        key: Literal,
        value_at: usize,
        depth: usize,
    ) -> Result<usize, Fault> {
        let start = self.out.len();
        self.rows.scribe.key(self.text, key, self.out);
        self.out.push(b',');
        if let Some(end) = self
            .rows
            .plain(layout, self.text, value_at, depth, self.out)
        {
            return Ok(end);
        }
        self.out.truncate(start);
        self.out.extend_from_slice(b"* ");
        self.rows.scribe.key(self.text, key, self.out);
        self.out.push(b':');
        self.rows.scribe.flow(self.text, value_at, depth, self.out)
    }
}
