//! A small request through all layers, beside a server that has none and sends as many bytes.

use super::Setting;
use super::child::Running;
use super::client;
use super::load::{CONNECTIONS, Load};
use crate::clock::median;
use crate::report::{Figure, Goal, Section};
use anyhow::Result;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    let load = Load::find();
    section.title = format!(
        "GET /health with all layers beside bare hyper, {CONNECTIONS} connections, {}",
        load.name()
    );
    let ours = setting.launcher.server()?;
    let (_, whole) = client::answer(ours.addr, PATH)?;
    let bare = as_long_as(setting, whole)?;
    let mut rounds = Vec::new();
    for _ in 0..setting.rounds {
        rounds.push((
            Round::of(setting, load, &ours)?,
            Round::of(setting, load, &bare)?,
        ));
    }
    let middle = |figure: fn(&Round, &Round) -> f64| {
        let figures: Vec<f64> = rounds
            .iter()
            .map(|(ours, bare)| figure(ours, bare))
            .collect();
        median(&figures)
    };
    section.rows.push((
        format!("{whole} bytes each"),
        vec![
            Figure::plain("requests/s", middle(|ours, _| ours.rate)),
            Figure::plain("bare", middle(|_, bare| bare.rate)),
            Figure::with_goal(
                "share",
                middle(|ours, bare| ours.rate / bare.rate),
                Goal::AtLeast(0.6),
            ),
            Figure::plain("CPU us each", middle(|ours, _| ours.cpu)),
            Figure::plain("bare us each", middle(|_, bare| bare.cpu)),
            Figure::plain("CPU share", middle(|ours, bare| bare.cpu / ours.cpu)),
        ],
    ));
    Ok(())
}

/// The bare server whose answers are so long, head included.
fn as_long_as(setting: &Setting, whole: usize) -> Result<Running> {
    let probe = setting.launcher.bare(100)?;
    let (_, length) = client::answer(probe.addr, PATH)?;
    setting.launcher.bare(whole.saturating_sub(length - 100))
}

/// One round of load on one server.
struct Round {
    /// Requests a second.
    rate: f64,
    /// The server's processor time of a request in microseconds.
    cpu: f64,
}

impl Round {
    fn of(setting: &Setting, load: Load, server: &Running) -> Result<Self> {
        let before = server.cpu()?;
        let rate = load.run(server.addr, PATH, setting.time)?;
        let cpu = server.cpu()?.saturating_sub(before);
        let requests = rate * setting.time.as_secs_f64();
        Ok(Self {
            rate,
            cpu: cpu.as_secs_f64() * 1e6 / requests,
        })
    }
}

const PATH: &str = "/health";
