//! Small requests as fast as they are answered: by `wrk` where it is installed, else by own tasks.

use super::client::{get, whole_length};
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Who makes the load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Load {
    /// The command `wrk`.
    Wrk,
    /// Tasks of this process, one request in flight on each connection.
    Own,
}

impl Load {
    /// `wrk` if it is there.
    pub(super) fn find() -> Self {
        match Command::new("wrk").arg("--version").output() {
            Ok(_) => Self::Wrk,
            Err(_) => Self::Own,
        }
    }

    /// Its name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Wrk => "wrk",
            Self::Own => "own load",
        }
    }

    /// How many requests a second are answered over [`CONNECTIONS`] kept alive.
    ///
    /// # Errors
    /// When the load cannot be made, or an answer is not 200.
    pub(super) fn run(self, addr: SocketAddr, path: &str, time: Duration) -> Result<f64> {
        match self {
            Self::Wrk => wrk(addr, path, time),
            Self::Own => own(addr, path, time),
        }
    }
}

fn wrk(addr: SocketAddr, path: &str, time: Duration) -> Result<f64> {
    let output = Command::new("wrk")
        .args([
            "-t1",
            &format!("-c{CONNECTIONS}"),
            &format!("-d{}s", time.as_secs()),
        ])
        .arg(format!("http://{addr}{path}"))
        .output()
        .context("cannot run wrk")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let failed = text.contains("Non-2xx") || text.contains("Socket errors");
    ensure!(!failed, "wrk says: {text}");
    let mut lines = text.lines().map(str::trim);
    let rate = lines.find_map(|line| line.strip_prefix("Requests/sec:"));
    rate.and_then(|rate| rate.trim().parse().ok())
        .with_context(|| format!("wrk says: {text}"))
}

fn own(addr: SocketAddr, path: &str, time: Duration) -> Result<f64> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let request = get(path, addr);
    let begun = Instant::now();
    let answered = runtime.block_on(async {
        let mut tasks = JoinSet::new();
        for _ in 0..CONNECTIONS {
            tasks.spawn(ask(addr, request.clone(), begun + time));
        }
        let mut answered = 0_u32;
        while let Some(task) = tasks.join_next().await {
            answered += task??;
        }
        anyhow::Ok(answered)
    })?;
    Ok(f64::from(answered) / begun.elapsed().as_secs_f64())
}

/// Asks again and again until the time; gives how often it was answered.
async fn ask(addr: SocketAddr, request: String, until: Instant) -> Result<u32> {
    let mut socket = TcpStream::connect(addr).await?;
    socket.set_nodelay(true)?;
    let mut answer = vec![0; 64 << 10];
    let mut answered = 0;
    while Instant::now() < until {
        socket.write_all(request.as_bytes()).await?;
        let mut filled = 0;
        while whole_length(&answer[..filled]).is_none_or(|(_, whole)| filled < whole) {
            let read = socket.read(&mut answer[filled..]).await?;
            ensure!(read > 0, "the connection was closed");
            filled += read;
        }
        ensure!(answer.starts_with(b"HTTP/1.1 200 "), "not 200");
        answered += 1;
    }
    Ok(answered)
}

/// Connections that are kept alive.
pub(super) const CONNECTIONS: usize = 64;
