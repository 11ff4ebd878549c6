//! `tonl-bench hostile`: attacks a running server, one attack after the other, and says whether it
//! holds.
//!
//! While an attack runs, `/health` is asked every 20 ms on a connection of its own. An attack fails
//! when an answer is not the one expected, when `/health` takes longer than 100 ms or is not
//! answered, when the memory of the server goes beyond 400 MiB, when it panics, and when a line
//! of its log or of its audit log is not one JSON object free of control characters.
//!
//! It does not measure speed: attacker, server and probe share the processors of one machine. That is
//! why an attack during which `/health` was slow is run a second time, which the table says.

mod attack;
mod bodies;
mod calls;
mod client;
mod crowds;
mod forged;
mod framing;
mod heads;
mod http2;
mod payload;
mod probe;
mod server;
mod sessions;
mod tls;

use anyhow::{Context, Result};
use attack::Attack;
use clap::Args;
use probe::{Health, Probe};
use server::Server;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Attack a running server, and say whether it holds.
#[derive(Debug, Args)]
pub struct Hostile {
    /// The server to start [default: tonl-mcp-server beside this program]
    #[arg(long)]
    server: Option<PathBuf>,

    /// Only attacks whose names contain this text
    #[arg(long, default_value = "")]
    only: String,

    /// The longest time that /health may take, in milliseconds
    #[arg(long, default_value_t = 100)]
    health_ms: u64,

    /// The most memory that the server may use, in MiB
    #[arg(long, default_value_t = 400)]
    memory_mib: u64,
}

impl Hostile {
    /// Runs the attacks and prints the table. The exit code is 1 when one of them succeeds.
    ///
    /// # Errors
    /// When the server cannot be started, or the table cannot be printed.
    pub fn run(&self) -> Result<ExitCode> {
        let program = match &self.server {
            Some(path) => path.clone(),
            None => std::env::current_exe()?.with_file_name("tonl-mcp-server"),
        };
        let mut out = std::io::stdout().lock();
        let headings = ("attack", "answer", "worst", "peak");
        let (name, answer, worst, peak) = headings;
        writeln!(
            out,
            "{name:<34} {worst:>9} {peak:>8} {:>6}  {answer}",
            "took"
        )?;
        let mut lost = 0_usize;
        let attacks = attack::all().filter(|attack| attack.name.contains(&self.only));
        for attack in attacks {
            let mut seen = once(&program, attack)?;
            if seen.verdict(self) == Verdict::Slow {
                writeln!(out, "{}", seen.line(attack.name, self))?;
                seen = once(&program, attack)?;
                seen.again = true;
            }
            writeln!(out, "{}", seen.line(attack.name, self))?;
            lost += usize::from(seen.verdict(self) != Verdict::Held);
        }
        writeln!(out, "{lost} attacks were not withstood")?;
        Ok(if lost == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(1)
        })
    }
}

/// One attack on a server of its own.
fn once(program: &std::path::Path, attack: &Attack) -> Result<Seen> {
    let mut server = Server::start(program, attack.setup)?;
    let stop = AtomicBool::new(false);
    let start = Instant::now();
    let (answer, health) = thread::scope(|scope| -> Result<_> {
        let probe = Probe::start(scope, &server, &stop)?;
        let answer = (attack.run)(&server);
        stop.store(true, Ordering::Relaxed);
        Ok((answer, probe.end()))
    })
    .with_context(|| format!("{}: the server does not answer at all", attack.name))?;
    let took = start.elapsed();
    let peak = server.memory("VmHWM").unwrap_or_default() >> 10;
    let answer = answer.and_then(|answer| server.check().map(|()| answer));
    Ok(Seen {
        answer,
        health,
        peak,
        took,
        again: false,
    })
}

/// What an attack came to.
#[derive(Debug)]
struct Seen {
    answer: Result<String>,
    health: Result<Health>,
    /// The largest memory of the server in MiB.
    peak: u64,
    took: Duration,
    /// Whether this is the second attempt.
    again: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    Held,
    /// Another answer than the one expected.
    Wrong,
    /// `/health` took too long.
    Slow,
    /// Too much memory.
    Large,
}

impl Seen {
    fn verdict(&self, limits: &Hostile) -> Verdict {
        let worst = self.health.as_ref().map(|health| health.worst);
        match (&self.answer, worst) {
            (Err(_), _) | (_, Err(_)) => Verdict::Wrong,
            _ if self.peak > limits.memory_mib => Verdict::Large,
            (_, Ok(worst)) if worst > Duration::from_millis(limits.health_ms) => Verdict::Slow,
            _ => Verdict::Held,
        }
    }

    fn line(&self, name: &str, limits: &Hostile) -> String {
        let verdict = match self.verdict(limits) {
            Verdict::Held => "",
            Verdict::Wrong => "WRONG ",
            Verdict::Slow => "SLOW ",
            Verdict::Large => "TOO LARGE ",
        };
        let (worst, health) = match &self.health {
            Ok(health) => (millis(health.worst), String::new()),
            Err(error) => ("-".to_owned(), format!(" | {error:#}")),
        };
        let answer = match &self.answer {
            Ok(answer) => answer.clone(),
            Err(error) => format!("{error:#}"),
        };
        let again = if self.again { " (second attempt)" } else { "" };
        format!(
            "{name:<34} {worst:>6} ms {:>4} MiB {:>4.1} s  {verdict}{answer}{health}{again}",
            self.peak,
            self.took.as_secs_f64()
        )
    }
}

fn millis(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}
