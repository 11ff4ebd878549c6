//! JSON arrays: every row there, little memory, and what it costs beside the stream.

use super::Setting;
use super::memory::mebibytes;
use super::setting::Data;
use crate::layout::Form;
use crate::report::{Figure, Goal, Section};
use crate::shape::Shape;
use crate::size::Size;
use anyhow::{Context, Result};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::time::Duration;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    let size = setting.wish.file_size;
    section.title =
        format!("tonl convert of a JSON array of {size}, beside tonl stream of the same records");
    setting.tonl()?;
    for shape in &setting.wish.shapes {
        rows(setting, section, *shape, size)?;
    }
    if setting.wish.large {
        rows(setting, section, Shape::Logs, Size(1_000_000_000))?;
    }
    Ok(())
}

fn rows(setting: &Setting, section: &mut Section, shape: Shape, size: Size) -> Result<()> {
    let lines = setting.data(shape, Form::Ndjson, size)?;
    let stream = setting.stream(&lines.path)?.cpu.div_f64(count(&lines));
    for (form, name) in [(Form::ArrayLine, "one line"), (Form::ArrayPretty, "pretty")] {
        let data = setting.data(shape, form, size)?;
        let label = format!("{} {size} {name}", shape.name());
        section.rows.push((label, figures(setting, &data, stream)?));
    }
    Ok(())
}

/// `stream` is the cost of one record in the stream: pretty arrays hold fewer records a byte.
fn figures(setting: &Setting, data: &Data, stream: Duration) -> Result<Vec<Figure>> {
    let cost = setting.convert(&data.path)?;
    let rows = Rows::of(&setting.output())?;
    let missing = data.records.abs_diff(rows.declared) + data.records.abs_diff(rows.written);
    let ratio = cost.cpu.div_f64(count(data)).as_secs_f64() / stream.as_secs_f64();
    Ok(vec![
        Figure::plain(
            "rows",
            f64::from(u32::try_from(rows.written).unwrap_or(u32::MAX)),
        ),
        Figure::with_goal(
            "rows wrong",
            f64::from(u32::try_from(missing).unwrap_or(u32::MAX)),
            Goal::AtMost(0.0),
        ),
        Figure::plain("CPU ms", cost.cpu.as_secs_f64() * 1000.0),
        Figure::with_goal("peak MiB", mebibytes(cost.peak), Goal::AtMost(24.0)),
        Figure::with_goal("CPU a record / stream", ratio, Goal::AtMost(3.0)),
    ])
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a divisor of a time printed with three digits"
)]
fn count(data: &Data) -> f64 {
    data.records as f64
}

/// The rows of a written table.
#[derive(Debug, PartialEq, Eq)]
struct Rows {
    /// The count in the header.
    declared: u64,
    /// The lines below the header.
    written: u64,
}

impl Rows {
    /// Reads a document that is one table with a row a line.
    fn of(path: &Path) -> Result<Self> {
        let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
        let mut header = String::new();
        reader.read_line(&mut header)?;
        let declared = header
            .split_once('[')
            .and_then(|(_, rest)| rest.split_once(']'))
            .and_then(|(count, _)| count.parse().ok())
            .context("the output does not begin with the header of a counted table")?;
        let (mut written, mut block) = (0, vec![0; 1 << 16]);
        loop {
            match reader.read(&mut block)? {
                0 => return Ok(Self { declared, written }),
                length => written += memchr::memchr_iter(b'\n', &block[..length]).count() as u64,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Rows> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Rows::of(file.path())
    }

    #[test]
    fn rows_are_counted_in_the_header_and_in_the_lines() {
        let counted = rows("data[3]{id:i32}:\n 1\n 2\n").unwrap();
        assert_eq!(
            counted,
            Rows {
                declared: 3,
                written: 2
            }
        );
    }

    #[test]
    fn a_document_that_is_no_counted_table_is_refused() {
        assert!(rows("data: []\n").is_err());
        assert!(rows("data[]{id:i32}:\n 1\n").is_err());
    }
}
