//! Memory of thousands who are only there: connections without a request, streams that get an event a
//! second, and MCP clients over HTTP+SSE that have said hello and nothing since; and whether it is given back.

use super::Setting;
use super::child::Running;
use super::figure::{kibibytes_each, mebibytes, number};
use super::watchers::{Crowd, LIVE};
use crate::report::{Figure, Goal, Section};
use anyhow::Result;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    let count = setting.sessions;
    section.title = format!("Memory of {count} who are only there, and 30 s after they left");
    section
        .rows
        .push(("connections".into(), connections(setting)?));
    section
        .rows
        .push(("live sessions".into(), sessions(setting, LIVE)?));
    section
        .rows
        .push(("MCP sessions".into(), sessions(setting, "/mcp")?));
    Ok(())
}

fn connections(setting: &Setting) -> Result<Vec<Figure>> {
    let server = used(setting)?;
    let before = server.memory()?;
    let sockets = (0..setting.sessions).map(|_| TcpStream::connect(server.addr));
    let sockets = sockets.collect::<std::io::Result<Vec<_>>>()?;
    thread::sleep(SETTLED);
    let during = server.memory()?;
    drop(sockets);
    figures(setting, &server, before, during)
}

/// A server that has served somebody: the pages of the program that this needs come with the first
/// and stay, so they are no memory of the others.
fn used(setting: &Setting) -> Result<Running> {
    let server = setting.launcher.server()?;
    drop(Crowd::gather(server.addr, LIVE, 1)?);
    drop(Crowd::gather(server.addr, "/mcp", 1)?);
    Ok(server)
}

fn sessions(setting: &Setting, path: &str) -> Result<Vec<Figure>> {
    let server = used(setting)?;
    let before = server.memory()?;
    let crowd = Crowd::gather(server.addr, path, setting.sessions)?;
    thread::sleep(SETTLED);
    let during = server.memory()?;
    drop(crowd);
    figures(setting, &server, before, during)
}

fn figures(setting: &Setting, server: &Running, before: u64, during: u64) -> Result<Vec<Figure>> {
    thread::sleep(AFTER);
    let after = server.memory()?;
    let each = kibibytes_each(before, during, setting.sessions);
    Ok(vec![
        Figure::plain("before MiB", mebibytes(before)),
        Figure::plain("during MiB", mebibytes(during)),
        Figure::with_goal("KiB each", each, Goal::AtMost(28.0)),
        Figure::plain("after MiB", mebibytes(after)),
        Figure::with_goal(
            "after / before",
            number(after) / number(before),
            Goal::AtMost(1.25),
        ),
    ])
}

/// Until all are served and some events were sent.
const SETTLED: Duration = Duration::from_secs(5);
/// How long the server has to give memory back.
const AFTER: Duration = Duration::from_secs(29);
