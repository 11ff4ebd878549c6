//! `tonl stream` as a process of its own: processor time and peak memory on files of many sizes.

use super::Setting;
use crate::clock::megabytes_a_second;
use crate::layout::Form;
use crate::report::{Figure, Goal, Section};
use crate::shape::Shape;
use crate::size::Size;
use anyhow::Result;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    section.title =
        "tonl stream, file to file, as a process: processor time and peak memory".into();
    setting.tonl()?;
    let size = setting.wish.file_size;
    for shape in &setting.wish.shapes {
        row(setting, section, (*shape, size), 1)?;
    }
    row(setting, section, (Shape::Logs, Size(size.0 / 10)), 1)?;
    row(setting, section, (Shape::Logs, size), 2)?;
    if setting.wish.large {
        row(setting, section, (Shape::Logs, Size(1_000_000_000)), 1)?;
        row(setting, section, (Shape::Users, Size(1_000_000_000)), 1)?;
    }
    Ok(())
}

fn row(
    setting: &Setting,
    section: &mut Section,
    (shape, size): (Shape, Size),
    threads: u32,
) -> Result<()> {
    let data = setting.data(shape, Form::Ndjson, size)?;
    let cost = setting.stream_on(threads, &data.path)?;
    let most_memory = if threads == 1 { 8.0 } else { 16.0 };
    let figures = vec![
        Figure::plain("threads", f64::from(threads)),
        Figure::plain("CPU ms", cost.cpu.as_secs_f64() * 1000.0),
        Figure::plain("MB/s of CPU", megabytes_a_second(data.bytes, cost.cpu)),
        Figure::with_goal("peak MiB", mebibytes(cost.peak), Goal::AtMost(most_memory)),
    ];
    section
        .rows
        .push((format!("{} {size}", shape.name()), figures));
    Ok(())
}

/// Bytes as MiB.
#[expect(
    clippy::cast_precision_loss,
    reason = "memory is printed with three digits"
)]
pub(super) fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}
