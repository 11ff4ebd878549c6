//! `tonl top`: a running server, watched.
//!
//! A terminal gets a dashboard, a pipe one line for each sample, and `--once` and `--json` two samples and an
//! end. Nothing here decides what a figure means; that is in `monitor`.

mod client;
mod credential;
mod events;
mod feed;
mod screen;
mod target;

use crate::args::top::TopArgs;
use crate::authority;
use crate::env::{self, Env};
use crate::exit::Exit;
use crate::failure::{Failure, Result};
use crate::monitor::{Monitor, Update};
use crate::output::Output;
use crate::render::Voice;
use crate::render::monitor::text;
use client::{Client, Fault};
use feed::{Feed, Way};
use std::io::Write;
use std::time::Duration;
use target::Target;

const URL: &str = "TONL_SERVER_URL";
/// How long a pipe waits for an update before it looks again whether the server is silent.
const PATIENCE: Duration = Duration::from_secs(1);

/// Watches the server that the options and the environment name.
///
/// # Errors
/// An address or a token that cannot be used; with `--once` and `--json` also a server that gives no metrics.
pub(super) fn run(args: &TopArgs, env: Env, voice: Voice) -> Result<Exit> {
    let target = target(args)?;
    let token = credential::token(args, voice)?;
    if let (Some(host), Some(_)) = (target.exposed_host(), &token) {
        let host = crate::render::table::visible(host);
        voice.warn(format_args!(
            "the token goes to {host} without encryption; use https if you can"
        ));
    }
    let url = target.page().to_owned();
    let authorities = match &args.ca_file {
        Some(path) => Some(authority::certificates(path)?),
        None => None,
    };
    let client = Client::new(target, token, authorities, args.timeout());
    let monitor = Monitor::new(args.interval());
    if args.once || args.json {
        return once(args, &client, monitor, &url);
    }
    let way = if args.no_stream { Way::Page } else { Way::Live };
    let feed = Feed::start(client, way, args.interval());
    if env.screen {
        screen::show(&feed, monitor, &url, voice.is_colored())
    } else {
        lines(&feed, monitor, voice)
    }
}

fn target(args: &TopArgs) -> Result<Target> {
    if let Some(url) = &args.url {
        return Target::parse(url);
    }
    match env::variable(URL).filter(|url| !url.is_empty()) {
        Some(url) => Target::parse(&url.to_string_lossy()),
        None => Target::parse(target::USUAL),
    }
}

/// Two samples, printed.
fn once(args: &TopArgs, client: &Client, mut monitor: Monitor, url: &str) -> Result<Exit> {
    let samples = feed::two(client, args.interval()).map_err(|fault| failure(&fault, url))?;
    let mut now = Duration::ZERO;
    for sample in samples {
        if let Update::Sample(sample) = &sample {
            now = sample.at;
        }
        monitor.take(sample, now);
    }
    let text = if args.json {
        format!("{}\n", text::value(&monitor, url, now))
    } else {
        text::page(&monitor, url, now)
    };
    Output::stdout().write_whole(text.as_bytes())
}

fn failure(fault: &Fault, url: &str) -> Failure {
    let url = crate::render::table::visible(url);
    let failure = Failure::new(format_args!("{url}: {fault}"));
    match fault.hint() {
        Some(hint) => failure.with_hint(hint),
        None => failure,
    }
}

/// A line for each thing heard, until the reader closes the pipe.
fn lines(feed: &Feed, mut monitor: Monitor, voice: Voice) -> Result<Exit> {
    let mut output = Output::stdout();
    let mut told = None;
    loop {
        let Some(update) = feed.next(PATIENCE) else {
            continue;
        };
        let has_line = !matches!(update, Update::Note(_));
        let now = feed.now();
        monitor.take(update, now);
        if let Some(note) = monitor.note().filter(|note| told.as_deref() != Some(*note)) {
            voice.warn(note);
            told = Some(note.to_owned());
        }
        if !has_line {
            continue;
        }
        let line = text::line(&monitor, now, feed::wall());
        let written = writeln!(output, "{line}").and_then(|()| output.flush());
        if written.is_err() {
            let nothing_more = Ok(());
            output.finish(nothing_more)?;
            return Ok(Exit::Success);
        }
    }
}
