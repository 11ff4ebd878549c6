//! A server to be attacked: started with settings, watched, asked for its figures, and ended.
//!
//! Each attack has a server of its own, so that the peak of its memory is that attack's. The trap:
//! its log is read only after its end, because lines may still be on their way before.

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;
use socket2::{Domain, Socket, Type};
use std::fs::{self, File};
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

use super::client::{self, Answer};

/// The bearer token of every server that is attacked.
pub(super) const TOKEN: &str = "4f1d0a7be2c95836d0b7c1e48a53f9206be7d1c0459a3f8e72d6b1c3058e9fa4";

/// How long a connection may make the client wait before the attack counts as failed.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a server is started with.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Setup {
    /// Settings besides the standard ones.
    pub(super) settings: &'static [(&'static str, &'static str)],
    /// Whether it speaks TLS.
    pub(super) tls: bool,
}

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    child: Child,
    addr: SocketAddr,
    folder: TempDir,
    certificate: Option<Vec<u8>>,
}

impl Server {
    /// Starts the program and waits until it answers.
    pub(super) fn start(program: &Path, setup: Setup) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let port = free_port()?;
        let log = File::create(folder.path().join("log"))?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PORT", port.to_string())
            .env("TONL_AUTH_TOKEN", TOKEN)
            .env("TONL_LOG_FORMAT", "json")
            .env("TONL_AUDIT_LOG", folder.path().join("audit"))
            .envs(setup.settings.iter().copied());
        let certificate = if setup.tls {
            let made = certificate(folder.path())?;
            command
                .env("TONL_TLS_CERT", folder.path().join("cert.pem"))
                .env("TONL_TLS_KEY", folder.path().join("key.pem"));
            Some(made)
        } else {
            None
        };
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let addr = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let mut server = Self {
            child,
            addr,
            folder,
            certificate,
        };
        server.wait_until_ready()?;
        Ok(server)
    }

    fn wait_until_ready(&mut self) -> Result<()> {
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(10) {
            if let Some(status) = self.child.try_wait()? {
                bail!("the server ended with {status}:\n{}", self.log()?);
            }
            if TcpStream::connect(self.addr).is_ok() {
                return Ok(());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        bail!("the server does not listen after 10 s:\n{}", self.log()?)
    }

    /// Its certificate, DER, if it speaks TLS.
    pub(super) fn certificate(&self) -> Option<&[u8]> {
        self.certificate.as_deref()
    }

    /// A connection that comes from this address of the loopback network.
    pub(super) fn connect(&self, from: Ipv4Addr) -> Result<TcpStream> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.bind(&SocketAddr::from((from, 0)).into())?;
        socket.connect(&self.addr.into())?;
        let stream = TcpStream::from(socket);
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        Ok(stream)
    }

    /// A connection that has a small room for what it receives, so that the server cannot send far.
    pub(super) fn connect_narrow(&self, from: Ipv4Addr) -> Result<TcpStream> {
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None)?;
        socket.set_recv_buffer_size(2048)?;
        socket.bind(&SocketAddr::from((from, 0)).into())?;
        socket.connect(&self.addr.into())?;
        Ok(TcpStream::from(socket))
    }

    /// Sends these bytes on a connection of its own and reads until the server closes it.
    pub(super) fn raw(&self, from: Ipv4Addr, bytes: &[u8]) -> Result<Answer> {
        client::exchange(&self.connect(from)?, |to| to.write_all(bytes))
    }

    /// The value of a series of `/metrics`, summed over its labels.
    pub(super) fn metric(&self, name: &str) -> Result<f64> {
        let head = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        let text = match self.certificate() {
            None => self.raw(Ipv4Addr::LOCALHOST, head)?,
            Some(_) => client::over_tls(self, head)?,
        };
        let text = String::from_utf8_lossy(&text.body).into_owned();
        ensure!(text.contains("# TYPE"), "/metrics gave {text:?}");
        let of_name = |line: &&str| {
            line.strip_prefix(name)
                .is_some_and(|rest| rest.starts_with([' ', '{']))
        };
        let values = text.lines().filter(of_name);
        Ok(values
            .filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok())
            .sum())
    }

    /// A figure of the process in KiB, such as `VmHWM`, its largest memory so far.
    pub(super) fn memory(&self, figure: &str) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id()))
            .context("the server is gone")?;
        status
            .lines()
            .find_map(|line| line.strip_prefix(figure)?.strip_prefix(':'))
            .and_then(|value| value.trim().strip_suffix(" kB")?.parse().ok())
            .context("no figure of memory")
    }

    /// Allows it no more than this many open files from now on.
    pub(super) fn limit_files(&self, most: u32) -> Result<()> {
        let pid = self.child.id().to_string();
        let limit = format!("--nofile={most}:{most}");
        let status = Command::new("prlimit")
            .args(["--pid", &pid, &limit])
            .status()
            .context("cannot run prlimit (util-linux)")?;
        ensure!(status.success(), "prlimit failed");
        Ok(())
    }

    /// How many files it has open.
    pub(super) fn files(&self) -> Result<usize> {
        Ok(fs::read_dir(format!("/proc/{}/fd", self.child.id()))?.count())
    }

    /// What it logged so far.
    pub(super) fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(self.folder.path().join("log"))?)
    }

    /// What is on record so far.
    pub(super) fn audit(&self) -> Result<String> {
        Ok(fs::read_to_string(self.folder.path().join("audit"))?)
    }

    /// Whether it never panicked, and every line it wrote is one JSON object without a raw control or
    /// direction character.
    pub(super) fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            bail!("the server ended with {status}:\n{}", tail(&self.log()?));
        }
        let panics = self.metric("tonl_panics_total")?;
        ensure!(panics == 0.0, "{panics} panics:\n{}", tail(&self.log()?));
        let log = self.log()?;
        // The start speaks to people; lines of the log are what follows.
        let lines = log.lines().skip_while(|line| !line.starts_with('{'));
        lines.chain(self.audit()?.lines()).try_for_each(is_clean)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn is_clean(line: &str) -> Result<()> {
    let value: Value =
        serde_json::from_str(line).with_context(|| format!("no JSON in the log: {line:?}"))?;
    ensure!(value.is_object(), "no object in the log: {line:?}");
    let tricks = |char: char| {
        char.is_control()
            || matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    ensure!(!line.contains(tricks), "a raw control character: {line:?}");
    Ok(())
}

fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(5);
    lines.into_iter().skip(from).collect::<Vec<_>>().join("\n")
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port())
}

fn certificate(folder: &Path) -> Result<Vec<u8>> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()])?;
    let paths: [PathBuf; 2] = ["cert.pem", "key.pem"].map(|name| folder.join(name));
    fs::write(&paths[0], made.cert.pem())?;
    fs::write(&paths[1], made.signing_key.serialize_pem())?;
    Ok(made.cert.der().to_vec())
}
