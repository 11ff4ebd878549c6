//! Live metrics: what one who watches costs, and a thousand.

use super::Setting;
use super::child::Running;
use super::client::get;
use super::figure::milliseconds;
use crate::report::{Figure, Goal, Section};
use anyhow::{Context, Result, ensure};
use std::net::SocketAddr;
use std::thread;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    let time = setting.time * 3;
    section.title = format!(
        "Processor time of live metrics in {} s, one event a second",
        time.as_secs()
    );
    let server = setting.launcher.server()?;
    let nobody = cost(&server, 0, time)?;
    let one = cost(&server, 1, time)?;
    let many = cost(&server, WATCHERS, time)?;
    let ratio = many.as_secs_f64() / one.as_secs_f64();
    let figures = vec![
        Figure::plain("nobody ms", milliseconds(nobody)),
        Figure::plain("one ms", milliseconds(one)),
        Figure::plain("all ms", milliseconds(many)),
        Figure::with_goal("all / one", ratio, Goal::AtMost(5.0)),
    ];
    section.rows.push((format!("{WATCHERS} watchers"), figures));
    Ok(())
}

fn cost(server: &Running, watchers: usize, time: Duration) -> Result<Duration> {
    let crowd = Crowd::gather(server.addr, watchers)?;
    // The first events after the beginning are not what is measured.
    thread::sleep(Duration::from_millis(1500));
    let before = server.cpu()?;
    thread::sleep(time);
    let cost = server.cpu()?.saturating_sub(before);
    drop(crowd);
    Ok(cost)
}

/// Many who watch live metrics, read what comes and throw it away. They leave when it is dropped.
#[derive(Debug)]
pub(super) struct Crowd {
    tasks: JoinSet<std::io::Result<()>>,
    // Dropped after the tasks that run on it.
    runtime: Runtime,
}

impl Crowd {
    /// Lets so many watch; all of them have got their first event when this returns.
    ///
    /// # Errors
    /// When one is refused.
    pub(super) fn gather(addr: SocketAddr, count: usize) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()?;
        let mut tasks = JoinSet::new();
        let request = get("/metrics/live", addr);
        runtime
            .block_on(async {
                for _ in 0..count {
                    let mut socket = TcpStream::connect(addr).await?;
                    socket.write_all(request.as_bytes()).await?;
                    let mut first = [0; 2048];
                    let read = socket.read(&mut first).await?;
                    let answer = String::from_utf8_lossy(first.get(..read).unwrap_or_default());
                    ensure!(answer.starts_with("HTTP/1.1 200 "), "refused: {answer}");
                    tasks.spawn_on(watch(socket), runtime.handle());
                }
                Ok(())
            })
            .context("cannot watch live metrics")?;
        Ok(Self { tasks, runtime })
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.tasks.abort_all();
        let tasks = &mut self.tasks;
        self.runtime
            .block_on(async { while tasks.join_next().await.is_some() {} });
    }
}

/// Reads until the server ends. The buffer is not kept between two reads: ten thousand would have
/// one each.
async fn watch(socket: TcpStream) -> std::io::Result<()> {
    loop {
        socket.readable().await?;
        if discard(&socket)? == Flow::Ended {
            return Ok(());
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Flow {
    Open,
    Ended,
}

fn discard(socket: &TcpStream) -> std::io::Result<Flow> {
    let mut scratch = [0; 16 << 10];
    match socket.try_read(&mut scratch) {
        Ok(0) => Ok(Flow::Ended),
        Ok(_) => Ok(Flow::Open),
        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(Flow::Open),
        Err(error) => Err(error),
    }
}

const WATCHERS: usize = 1000;
