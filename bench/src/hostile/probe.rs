//! Asks `/health` again and again on a connection of its own, and remembers the worst time.

use super::client;
use super::server::Server;
use anyhow::{Context, Result, ensure};
use std::io::{Read, Write};
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, ScopedJoinHandle};
use std::time::{Duration, Instant};

/// How often it asks.
const EVERY: Duration = Duration::from_millis(20);

const ASK: &[u8] = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// What was seen.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Health {
    /// The longest time to an answer.
    pub(super) worst: Duration,
    /// How many answers there were.
    pub(super) answers: u32,
}

/// A probe that runs.
#[derive(Debug)]
pub(super) struct Probe<'scope> {
    thread: ScopedJoinHandle<'scope, Result<Health>>,
}

impl<'scope> Probe<'scope> {
    /// Starts asking; the connection is open when this returns.
    pub(super) fn start(
        scope: &'scope thread::Scope<'scope, '_>,
        server: &'scope Server,
        stop: &'scope AtomicBool,
    ) -> Result<Self> {
        let mut line = Line::open(server)?;
        let thread = scope.spawn(move || {
            let mut health = Health::default();
            while !stop.load(Ordering::Relaxed) {
                let asked = Instant::now();
                line.ask()
                    .with_context(|| format!("/health, answer {}", health.answers))?;
                health.worst = health.worst.max(asked.elapsed());
                health.answers += 1;
                thread::sleep(EVERY.saturating_sub(asked.elapsed()));
            }
            Ok(health)
        });
        Ok(Self { thread })
    }

    /// What was seen. Whoever started it has told it to stop.
    pub(super) fn end(self) -> Result<Health> {
        let seen = self.thread.join();
        seen.unwrap_or_else(|_| Err(anyhow::anyhow!("the probe failed")))
    }
}

trait Both: Read + Write + Send {}
impl<T: Read + Write + Send> Both for T {}

struct Line(Box<dyn Both>);

impl Line {
    fn open(server: &Server) -> Result<Self> {
        let mut line = Self(if server.certificate().is_some() {
            Box::new(client::tls(server, Ipv4Addr::LOCALHOST, &[b"http/1.1"])?)
        } else {
            Box::new(server.connect(Ipv4Addr::LOCALHOST)?)
        });
        line.ask()?;
        Ok(line)
    }

    fn ask(&mut self) -> Result<()> {
        self.0.write_all(ASK)?;
        let mut got = Vec::new();
        let mut piece = [0; 2048];
        // The answer is one object without another inside.
        while got.last() != Some(&b'}') {
            let read = self.0.read(&mut piece)?;
            ensure!(read > 0, "the connection was closed");
            got.extend_from_slice(&piece[..read]);
        }
        ensure!(got.starts_with(b"HTTP/1.1 200 "), "it is not healthy");
        Ok(())
    }
}
