//! The servers that are measured, each a process of its own, and what the system says of them.

use anyhow::{Context, Result, bail};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::sys::signal::{Signal, kill};
use nix::time::ClockId;
use nix::unistd::Pid;
use std::ffi::OsString;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// The bearer token of the server that is measured. It guards nothing.
pub(super) const TOKEN: &str = "bench-5f1d7c3a9e8b4206d1c7a5e3f9b80246";

/// Starts servers.
#[derive(Debug)]
pub(super) struct Launcher {
    server: PathBuf,
    tools: PathBuf,
    bench: PathBuf,
    /// Where the servers run, so that no file of settings is found.
    folder: TempDir,
}

impl Launcher {
    /// Servers of these binaries. Raises how many files may be open, for them and for this process.
    ///
    /// # Errors
    /// When the server is not built.
    pub(super) fn new(server: PathBuf, bench: PathBuf) -> Result<Self> {
        if !server.is_file() {
            bail!(
                "no binary {}: build it with `cargo build --release -p tonl-cli`",
                server.display()
            );
        }
        let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
        setrlimit(Resource::RLIMIT_NOFILE, most, most)?;
        let server = std::path::absolute(server)?;
        Ok(Self {
            tools: server.with_file_name("tonl-mcp-stdio"),
            server,
            bench,
            folder: tempfile::tempdir()?,
        })
    }

    /// The program that speaks over pipes; it is built with the server.
    pub(super) fn tools(&self) -> &Path {
        &self.tools
    }

    /// Our server with all its defences, its caps raised to what is measured.
    pub(super) fn server(&self) -> Result<Running> {
        let mut command = self.command(&self.server);
        command
            .env("TONL_AUTH_TOKEN", TOKEN)
            .env("TONL_RATE_LIMIT_ENABLED", "false")
            .env("TONL_MAX_SESSIONS", "15000")
            .env("TONL_MAX_SESSIONS_PER_IP", "15000")
            .env("TONL_MAX_CONNECTIONS", "15000")
            .env("TONL_MAX_CONNECTIONS_PER_IP", "15000")
            .env("TONL_HEADER_TIMEOUT_MS", "120000")
            .env("TONL_LOG", "warn");
        let port = free_port()?;
        command.env("PORT", port.to_string());
        Running::start(command, port)
    }

    /// A server that does nothing but HTTP: it answers GET with so many bytes, and sends the body of
    /// a POST back.
    pub(super) fn bare(&self, bytes: usize) -> Result<Running> {
        let port = free_port()?;
        let mut command = self.command(&self.bench);
        let words: [OsString; 3] = ["bare", &port.to_string(), &bytes.to_string()].map(Into::into);
        command.args(words);
        Running::start(command, port)
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok(listener.local_addr()?.port())
}

/// A server that runs; it is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Running {
    child: Child,
    /// Where it listens.
    pub(super) addr: SocketAddr,
    /// From its start to the first connection.
    pub(super) start: Duration,
}

impl Running {
    fn start(mut command: Command, port: u16) -> Result<Self> {
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let begun = Instant::now();
        let child = command.spawn().context("cannot start the server")?;
        let mut running = Self {
            child,
            addr,
            start: Duration::ZERO,
        };
        while begun.elapsed() < PATIENCE {
            if TcpStream::connect(addr).is_ok() {
                running.start = begun.elapsed();
                return Ok(running);
            }
            if let Some(status) = running.child.try_wait()? {
                bail!("the server ended with {status} before it listened");
            }
            std::thread::sleep(Duration::from_micros(100));
        }
        bail!("the server does not listen")
    }

    /// The processor time it has used, all its threads that ever were.
    ///
    /// # Errors
    /// When it has ended.
    pub(super) fn cpu(&self) -> Result<Duration> {
        Ok(Duration::from(
            ClockId::pid_cpu_clock_id(self.pid())?.now()?,
        ))
    }

    /// Its resident memory in bytes.
    ///
    /// # Errors
    /// When it has ended.
    pub(super) fn memory(&self) -> Result<u64> {
        resident(self.child.id())
    }

    /// The most resident memory it ever had, in bytes.
    ///
    /// # Errors
    /// When it has ended.
    pub(super) fn peak(&self) -> Result<u64> {
        status(self.child.id(), "VmHWM:")
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.id().cast_signed())
    }
}

/// The resident memory of a process in bytes.
///
/// # Errors
/// When it has ended.
pub(super) fn resident(process: u32) -> Result<u64> {
    status(process, "VmRSS:")
}

fn status(process: u32, field: &str) -> Result<u64> {
    let text = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(field));
    let kibibytes = line.and_then(|line| line.split_whitespace().next());
    let kibibytes: u64 = kibibytes.context("no memory in /proc")?.parse()?;
    Ok(kibibytes * 1024)
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both kinds end at once of this; what fails here has ended by itself.
        let _ended = kill(self.pid(), Signal::SIGKILL);
        let _status = self.child.wait();
    }
}

/// How long a server may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);
