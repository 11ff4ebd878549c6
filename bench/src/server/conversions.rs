//! Memory of many conversions at once: who reads fast, and who does not read at all.

use super::Setting;
use super::client;
use super::figure::{mebibytes, number};
use crate::report::{Figure, Goal, Section};
use crate::shape::{Records, Shape};
use anyhow::{Context, Result};
use std::thread;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    section.title = format!("Memory of {CLIENTS} conversions at once, a server for each row");
    let body = Records::new(Shape::Logs, setting.seed).lines(setting.size.in_memory() / 5);
    for (label, stalled) in [
        ("all read", 0),
        ("one of them reads nothing", 1),
        ("nobody reads", CLIENTS),
    ] {
        section
            .rows
            .push((label.into(), row(setting, &body, stalled)?));
    }
    Ok(())
}

fn row(setting: &Setting, body: &[u8], stalled: usize) -> Result<Vec<Figure>> {
    let server = setting.launcher.server()?;
    let before = server.memory()?;
    let held = thread::scope(|scope| {
        let clients: Vec<_> = (0..CLIENTS)
            .map(|client| {
                let addr = server.addr;
                scope.spawn(move || {
                    if client < stalled {
                        client::post_without_reading(addr, PATH, body).map(Some)
                    } else {
                        client::post(addr, PATH, body).map(|_| None)
                    }
                })
            })
            .collect();
        let ended = clients.into_iter().map(|client| {
            let ended = client.join().ok().context("a client panicked")?;
            anyhow::Ok(ended?)
        });
        ended.collect::<Result<Vec<_>>>()
    })?;
    let peak = server.peak()?;
    drop(held);
    let each = mebibytes(peak.saturating_sub(before)) / number(CLIENTS as u64);
    Ok(vec![
        Figure::plain("before MiB", mebibytes(before)),
        Figure::plain("peak MiB", mebibytes(peak)),
        Figure::with_goal("MiB each", each, Goal::AtMost(2.0)),
    ])
}

const CLIENTS: usize = 100;
const PATH: &str = "/stream/convert";
