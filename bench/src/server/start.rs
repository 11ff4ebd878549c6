//! From the start of the process to the first connection, and what it then holds.

use super::Setting;
use super::figure::{mebibytes, milliseconds};
use crate::clock::median;
use crate::report::{Figure, Goal, Section};
use anyhow::Result;
use std::thread;
use std::time::Duration;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    section.title = "Start of the process to its first connection, and memory at rest".into();
    let (mut starts, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..setting.rounds {
        let server = setting.launcher.server()?;
        starts.push(server.start);
        // What is done in the background at the start is done then.
        thread::sleep(Duration::from_millis(500));
        memory.push(server.memory()?);
    }
    let figures = vec![
        Figure::with_goal("ms", median(&starts).map(milliseconds), Goal::AtMost(25.0)),
        Figure::plain("slowest ms", starts.iter().max().copied().map(milliseconds)),
        Figure::with_goal(
            "idle MiB",
            median(&memory).map(mebibytes),
            Goal::AtMost(10.0),
        ),
    ];
    section.rows.push(("tonl-mcp-server".into(), figures));
    Ok(())
}
