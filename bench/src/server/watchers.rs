//! Live metrics: what one who watches costs, and a thousand; and beside them the bare writes of as many
//! bytes to as many sockets, below which no server can be that sends each of them its event.

use super::Setting;
use super::child::Running;
use super::client::{answer, get};
use super::figure::milliseconds;
use crate::report::{Figure, Goal, Section};
use anyhow::{Context, Result, ensure};
use nix::time::ClockId;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
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
    let (_, event) = answer(server.addr, "/metrics")?;
    let bare = bare_writes(event, time)?;
    let over = many.as_secs_f64() / bare.as_secs_f64();
    let figures = vec![
        Figure::plain("nobody ms", milliseconds(nobody)),
        Figure::plain("one ms", milliseconds(one)),
        Figure::plain("all ms", milliseconds(many)),
        Figure::with_goal("all / one", ratio, Goal::AtMost(5.0)),
        Figure::plain("bare writes ms", milliseconds(bare)),
        Figure::plain("all / bare", over),
    ];
    section.rows.push((format!("{WATCHERS} watchers"), figures));
    Ok(())
}

fn cost(server: &Running, watchers: usize, time: Duration) -> Result<Duration> {
    let crowd = Crowd::gather(server.addr, LIVE, watchers)?;
    // The first events after the beginning are not what is measured.
    thread::sleep(Duration::from_millis(1500));
    let before = server.cpu()?;
    thread::sleep(time);
    let cost = server.cpu()?.saturating_sub(before);
    drop(crowd);
    Ok(cost)
}

/// The processor time of nothing but writing so many bytes to as many sockets once a second.
fn bare_writes(bytes: usize, time: Duration) -> Result<Duration> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let addr = listener.local_addr()?;
    let runtime = reading()?;
    let mut tasks = JoinSet::new();
    let mut sockets = Vec::with_capacity(WATCHERS);
    for _ in 0..WATCHERS {
        let reader = runtime.block_on(TcpStream::connect(addr))?;
        sockets.push(listener.accept()?.0);
        tasks.spawn_on(watch(reader), runtime.handle());
    }
    let writing = thread::spawn(move || {
        let event = vec![b'x'; bytes];
        let clock = ClockId::CLOCK_THREAD_CPUTIME_ID;
        let before = clock.now()?;
        for _ in 0..time.as_secs() {
            for mut socket in &sockets {
                socket.write_all(&event)?;
            }
            thread::sleep(Duration::from_secs(1));
        }
        anyhow::Ok(Duration::from(clock.now()? - before))
    });
    let written = writing.join();
    runtime.shutdown_background();
    written.map_err(|_| anyhow::anyhow!("the writes broke off"))?
}

/// A runtime that reads on one thread.
fn reading() -> Result<Runtime> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    Ok(runtime.worker_threads(1).enable_all().build()?)
}

/// Many who watch live metrics, read what comes and throw it away. They leave when it is dropped.
#[derive(Debug)]
pub(super) struct Crowd {
    tasks: JoinSet<std::io::Result<()>>,
    // Dropped after the tasks that run on it.
    runtime: Runtime,
}

impl Crowd {
    /// Lets so many open the streams of this path; all of them have got their first event when this returns.
    ///
    /// # Errors
    /// When one is refused.
    pub(super) fn gather(addr: SocketAddr, path: &str, count: usize) -> Result<Self> {
        let runtime = reading()?;
        let mut tasks = JoinSet::new();
        let request = get(path, addr);
        runtime
            .block_on(async {
                for _ in 0..count {
                    let mut socket = TcpStream::connect(addr).await?;
                    socket.write_all(request.as_bytes()).await?;
                    let mut first = [0; 2048];
                    let read = socket.read(&mut first).await?;
                    let answer = String::from_utf8_lossy(first.get(..read).unwrap_or_default());
                    ensure!(answer.starts_with("HTTP/1.1 200 "), "refused: {answer}");
                    introduce(addr, &answer).await?;
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

/// Says hello on a stream of MCP: to where its first event says that messages go. Other streams want none.
async fn introduce(addr: SocketAddr, first: &str) -> Result<()> {
    let Some(messages) = first.lines().find_map(|line| line.strip_prefix("data: /")) else {
        return Ok(());
    };
    for message in [INITIALIZE, INITIALIZED] {
        let head = get(&format!("/{messages}"), addr).replacen("GET", "POST", 1);
        let head = head.trim_end();
        let length = message.len();
        let mut socket = TcpStream::connect(addr).await?;
        let request = format!(
            "{head}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n{message}"
        );
        socket.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await?;
        ensure!(answer.starts_with("HTTP/1.1 202 "), "refused: {answer}");
    }
    Ok(())
}

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}"#;
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

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

/// The path of live metrics.
pub(super) const LIVE: &str = "/metrics/live";
