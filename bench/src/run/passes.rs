//! Throughput in memory: ours beside the parsers that only look, on the same bytes.

use super::Setting;
use crate::clock::{median, megabytes_a_second, thread_cpu};
use crate::passes::Pass;
use crate::report::{Figure, Goal, Section};
use crate::shape::{Records, Shape};
use anyhow::Result;
use std::time::Duration;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    section.title = format!(
        "NDJSON in memory, {} a shape, MB/s of processor time, medians of {} interleaved runs",
        setting.wish.size, setting.wish.rounds
    );
    let mut first_error = Ok(());
    for shape in &setting.wish.shapes {
        let lines = Records::new(*shape, setting.wish.seed).lines(setting.wish.size.in_memory());
        let speeds = speeds(&lines, setting.wish.rounds, &mut first_error);
        section
            .rows
            .push((shape.name().to_owned(), figures(*shape, &speeds)));
    }
    first_error
}

/// The median speed of each pass in MB/s; a pass that fails has none and leaves its error.
fn speeds(lines: &[u8], rounds: u32, first_error: &mut Result<()>) -> [Option<f64>; 6] {
    let mut times: [Vec<Duration>; 6] = Default::default();
    let mut buffer = Vec::with_capacity(lines.len());
    for _ in 0..rounds {
        for (pass, times) in Pass::ALL.iter().zip(&mut times) {
            match timed(*pass, lines, &mut buffer) {
                Ok(time) => times.push(time),
                Err(error) if first_error.is_ok() => *first_error = Err(error),
                Err(_) => {}
            }
        }
    }
    times.map(|times| median(&times).map(|time| megabytes_a_second(lines.len() as u64, time)))
}

fn timed(pass: Pass, lines: &[u8], buffer: &mut Vec<u8>) -> Result<Duration> {
    let start = thread_cpu()?;
    pass.run(lines, buffer)?;
    Ok(thread_cpu()?.saturating_sub(start))
}

fn figures(shape: Shape, speeds: &[Option<f64>; 6]) -> Vec<Figure> {
    let by_pass = || Pass::ALL.into_iter().zip(speeds.iter().copied());
    let best = by_pass()
        .filter(|(pass, _)| Pass::PARSE_ONLY.contains(pass))
        .filter_map(|(_, speed)| speed)
        .reduce(f64::max);
    let ours = by_pass()
        .find(|(pass, _)| *pass == Pass::Ours)
        .and_then(|(_, speed)| speed);
    let share = ours.zip(best).map(|(ours, best)| 100.0 * ours / best);
    let mut figures: Vec<Figure> = by_pass()
        .map(|(pass, speed)| Figure::plain(pass.name(), speed))
        .collect();
    figures.push(Figure::with_goal(
        "ours / best parse-only %",
        share,
        Goal::AtLeast(goal(shape)),
    ));
    figures
}

/// The share of the best parse-only pass to reach, in per cent.
fn goal(shape: Shape) -> f64 {
    match shape {
        Shape::Users | Shape::Logs | Shape::Rag | Shape::Nested => 85.0,
        Shape::Drift | Shape::Wide => 65.0,
        Shape::Hostile => 75.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_taken_from_the_fastest_parser_not_from_copying() {
        let speeds = [90.0, 50.0, 80.0, 100.0, 9000.0, 8000.0].map(Some);
        let share = figures(Shape::Users, &speeds).pop().unwrap();
        assert_eq!((share.value, share.met()), (Some(90.0), Some(true)));
    }

    #[test]
    fn without_our_speed_there_is_no_share() {
        let speeds = [
            None,
            Some(50.0),
            Some(80.0),
            Some(100.0),
            Some(9000.0),
            Some(8000.0),
        ];
        assert_eq!(figures(Shape::Users, &speeds).pop().unwrap().met(), None);
    }
}
