//! How the cost of `tonl stream` grows: with size, and with columns in changing order.

use super::Setting;
use crate::clock::exponent;
use crate::layout::Form;
use crate::report::{Figure, Goal, Section};
use crate::shape::{Records, Shape};
use crate::size::Size;
use anyhow::Result;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    section.title = "Growth of processor time of tonl stream: 1 is proportional".into();
    setting.tonl()?;
    let start = start_up(setting)?;
    let size = setting.wish.file_size.0;
    let mut sizes = vec![size / 10, size / 3, size];
    for shape in [Shape::Logs, Shape::Wide] {
        if setting.wish.large {
            sizes.push(1_000_000_000);
        }
        let mut points = Vec::new();
        for bytes in &sizes {
            let data = setting.data(shape, Form::Ndjson, Size(*bytes))?;
            points.push((float(data.bytes), seconds(setting, &data.path, start)?));
        }
        sizes.truncate(3);
        let label = match shape {
            Shape::Wide => "bytes, wide (1,000 columns in changing order)".to_owned(),
            _ => format!("bytes, {}", shape.name()),
        };
        section.rows.push((label, figures(&points)));
    }
    let points = column_points(setting, start)?;
    section.rows.push((
        "columns in changing order, cost of a record".into(),
        figures(&points),
    ));
    Ok(())
}

/// Cost against columns at the same number of bytes, scaled to the same number of records: cost
/// that is linear in columns gives exponent 1, a search through all columns 2.
fn column_points(setting: &Setting, start: f64) -> Result<Vec<(f64, f64)>> {
    let mut points = Vec::new();
    for columns in [10, 100, 1000] {
        let path = setting.path("columns.ndjson");
        let bytes = setting.wish.file_size.in_memory() / 5;
        let lines = Records::wide(columns, setting.wish.seed).lines(bytes);
        let cells = memchr::memchr_iter(b':', &lines).count() as u64;
        std::fs::write(&path, lines)?;
        let a_cell = seconds(setting, &path, start)? / float(cells);
        points.push((f64::from(columns), a_cell * f64::from(columns)));
    }
    Ok(points)
}

fn figures(points: &[(f64, f64)]) -> Vec<Figure> {
    let ends = points.first().zip(points.last());
    let (from, to) = ends.map(|(first, last)| (first.0, last.0)).unzip();
    vec![
        Figure::plain("from", from),
        Figure::plain("to", to),
        Figure::with_goal("exponent", exponent(points), Goal::AtMost(1.05)),
    ]
}

/// The cost of a run on one record, which is the start of the process.
fn start_up(setting: &Setting) -> Result<f64> {
    let data = setting.data(Shape::Users, Form::Ndjson, Size(1))?;
    Ok(setting.stream(&data.path)?.cpu.as_secs_f64())
}

fn seconds(setting: &Setting, path: &std::path::Path, start: f64) -> Result<f64> {
    Ok(setting.stream(path)?.cpu.as_secs_f64() - start)
}

#[expect(clippy::cast_precision_loss, reason = "a count for a logarithm")]
fn float(count: u64) -> f64 {
    count as f64
}
