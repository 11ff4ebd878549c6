//! The conversion of a stream, beside a server that sends the same stream back.

use super::Setting;
use super::child::Running;
use super::client;
use super::figure::number;
use crate::clock::median;
use crate::report::{Figure, Goal, Section};
use crate::shape::{Records, Shape};
use anyhow::Result;
use std::time::Instant;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    section.title = format!(
        "POST /stream/convert of {} beside a bare hyper that sends it back",
        setting.size
    );
    let ours = setting.launcher.server()?;
    let echo = setting.launcher.bare(0)?;
    for shape in [Shape::Logs, Shape::Users] {
        let body = Records::new(shape, setting.seed).lines(setting.size.in_memory());
        let mut rounds = Vec::new();
        for _ in 0..setting.rounds {
            rounds.push((
                Round::of(&ours, "/stream/convert", &body)?,
                Round::of(&echo, "/echo", &body)?,
            ));
        }
        section.rows.push((shape.name().into(), figures(&rounds)));
    }
    Ok(())
}

fn figures(rounds: &[(Round, Round)]) -> Vec<Figure> {
    let middle = |figure: fn(&Round, &Round) -> f64| {
        let figures: Vec<f64> = rounds
            .iter()
            .map(|(ours, echo)| figure(ours, echo))
            .collect();
        median(&figures)
    };
    vec![
        Figure::plain("MB/s", middle(|ours, _| ours.speed)),
        Figure::plain("echo", middle(|_, echo| echo.speed)),
        Figure::with_goal(
            "share",
            middle(|ours, echo| ours.speed / echo.speed),
            Goal::AtLeast(0.5),
        ),
        Figure::plain("CPU ms", middle(|ours, _| ours.cpu)),
        Figure::plain("echo ms", middle(|_, echo| echo.cpu)),
        Figure::plain("CPU share", middle(|ours, echo| echo.cpu / ours.cpu)),
    ]
}

/// One body sent once.
struct Round {
    /// MB of the body a second.
    speed: f64,
    /// Processor time of the server in milliseconds.
    cpu: f64,
}

impl Round {
    fn of(server: &Running, path: &str, body: &[u8]) -> Result<Self> {
        let (before, begun) = (server.cpu()?, Instant::now());
        client::post(server.addr, path, body)?;
        let time = begun.elapsed().as_secs_f64();
        let cpu = server.cpu()?.saturating_sub(before);
        Ok(Self {
            speed: number(body.len() as u64) / time / 1e6,
            cpu: cpu.as_secs_f64() * 1e3,
        })
    }
}
