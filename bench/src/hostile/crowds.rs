//! Many connections, and slow ones.

use super::attack::{Attack, attacker, plain, with};
use super::bodies::{NDJSON, head};
use super::server::{Server, Setup, TOKEN};
use anyhow::{Result, ensure};
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

pub(super) const ATTACKS: &[Attack] = &[
    with("slowloris on heads", SHORT, slow_heads),
    with("slowloris on bodies", SHORT, slow_bodies),
    plain("bodies a byte at a time", trickled_bodies),
    with("slow reading", SHORT, slow_reading),
    with("1,000 half-open connections", SHORT, half_open),
    plain("300 connections of one address", one_address),
    plain("500 event streams, half slow", event_streams),
    Attack {
        name: "no files left",
        setup: Setup {
            settings: SHORT,
            tls: false,
        },
        run: no_files,
    },
    plain("5,000 connections that leave", churn),
];

/// Short times, so that their end is seen.
const SHORT: &[(&str, &str)] = &[
    ("TONL_HEADER_TIMEOUT_MS", "1500"),
    ("TONL_BODY_IDLE_TIMEOUT_MS", "1000"),
    ("TONL_WRITE_STALL_TIMEOUT_MS", "1000"),
    ("TONL_KEEP_ALIVE_TIMEOUT_MS", "1000"),
    ("TONL_RATE_LIMIT_MAX", "100000"),
];

/// Connections from as many addresses as their cap makes necessary, each with these bytes sent.
fn crowd(server: &Server, count: usize, bytes: &[u8]) -> Result<Vec<TcpStream>> {
    let mut open = Vec::with_capacity(count);
    for number in 0..count {
        let mut stream = server.connect(attacker(number / 200))?;
        stream.write_all(bytes)?;
        open.push(stream);
    }
    Ok(open)
}

/// Whether the server has closed a connection; what it said before is passed over.
pub(super) fn is_closed(stream: &mut TcpStream) -> Result<bool> {
    stream.set_read_timeout(Some(Duration::from_millis(1)))?;
    let mut piece = [0; 4096];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return Ok(true),
            Ok(_) => {}
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                return Ok(false);
            }
            Err(_) => return Ok(true),
        }
    }
}

/// How many of these the server has not closed, once all are or the time is over.
pub(super) fn left_open(mut open: Vec<TcpStream>, within: Duration) -> Result<usize> {
    let start = Instant::now();
    loop {
        let mut left = Vec::new();
        for mut stream in open {
            if !is_closed(&mut stream)? {
                left.push(stream);
            }
        }
        if left.is_empty() || start.elapsed() > within {
            return Ok(left.len());
        }
        open = left;
        thread::sleep(Duration::from_millis(50));
    }
}

/// Sends one more byte on each again and again; the server's answer to that is not waited for.
fn drip(open: &mut [TcpStream], byte: u8, every: Duration, times: usize) {
    for _ in 0..times {
        thread::sleep(every);
        for stream in &mut *open {
            let _closed = stream.write_all(&[byte]);
        }
    }
}

fn slow_heads(server: &Server) -> Result<String> {
    let mut open = crowd(
        server,
        200,
        b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: ",
    )?;
    drip(&mut open, b'a', Duration::from_millis(250), 8);
    let left = left_open(open, Duration::from_secs(1))?;
    ensure!(
        left == 0,
        "{left} of 200 are still open after twice the time"
    );
    Ok("200 closed in time".to_owned())
}

fn slow_bodies(server: &Server) -> Result<String> {
    let head = head(NDJSON, "", "Content-Length: 100000\r\n\r\n{");
    let open = crowd(server, 200, head.as_bytes())?;
    let left = left_open(open, Duration::from_secs(4))?;
    ensure!(
        left == 0,
        "{left} of 200 are still open after four times the time"
    );
    Ok("200 closed in time".to_owned())
}

fn trickled_bodies(server: &Server) -> Result<String> {
    let head = head(NDJSON, "", "Content-Length: 100000\r\n\r\n{");
    let mut open = crowd(server, 50, head.as_bytes())?;
    // Ten seconds are free, then a kibibyte a second is asked for.
    drip(&mut open, b' ', Duration::from_millis(500), 22);
    let left = left_open(open, Duration::from_secs(2))?;
    ensure!(left == 0, "{left} of 50 go on at two bytes a second");
    Ok("50 closed after 10 s".to_owned())
}

fn slow_reading(server: &Server) -> Result<String> {
    // Several megabytes of answers for each, which is more than the system keeps for a connection.
    let ask = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(300);
    let mut open = Vec::new();
    for _ in 0..40 {
        let mut stream = server.connect_narrow(attacker(0))?;
        stream.set_nonblocking(true)?;
        // As much of it as the server takes.
        let _some = stream.write_all(&ask);
        stream.set_nonblocking(false)?;
        open.push(stream);
    }
    let start = Instant::now();
    let mut left = server.metric("tonl_connections_open")?;
    while left > 3.0 && start.elapsed() < Duration::from_secs(10) {
        thread::sleep(Duration::from_millis(100));
        left = server.metric("tonl_connections_open")?;
    }
    drop(open);
    ensure!(
        left <= 3.0,
        "{left} of 40 are still open after ten times the time"
    );
    Ok("40 cut in time".to_owned())
}

fn half_open(server: &Server) -> Result<String> {
    let open = crowd(server, 1000, b"G")?;
    let each = (server.memory("VmRSS")?) / 1000;
    let left = left_open(open, Duration::from_secs(4))?;
    ensure!(left == 0, "{left} of 1,000 are still open");
    Ok(format!("1,000 closed in time, {each} KiB each at most"))
}

fn one_address(server: &Server) -> Result<String> {
    let mut open: Vec<TcpStream> = Vec::new();
    for _ in 0..300 {
        open.push(server.connect(attacker(9))?);
    }
    thread::sleep(Duration::from_millis(200));
    let mut closed = 0;
    for stream in &mut open {
        closed += usize::from(is_closed(stream)?);
    }
    ensure!(closed == 44, "{closed} of 300 were closed, not 44");
    let other = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    server.raw(attacker(10), other)?.expect(&[200])?;
    Ok("44 of 300 closed, others served".to_owned())
}

fn event_streams(server: &Server) -> Result<String> {
    let ask = format!(
        "GET /metrics/live HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\n\r\n"
    );
    let mut open = crowd(server, 500, ask.as_bytes())?;
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(4) {
        // Every second one is read from time to time, the others never.
        for stream in open.iter_mut().step_by(2) {
            ensure!(!is_closed(stream)?, "a reader was closed");
        }
        thread::sleep(Duration::from_millis(50));
    }
    let watching = server.metric("tonl_live_watchers")?;
    ensure!(watching > 240.0, "only {watching} watch");
    drop(open);
    thread::sleep(Duration::from_millis(2500));
    let left = server.metric("tonl_live_watchers")?;
    ensure!(left < 1.0, "{left} are still watching after they left");
    Ok(format!("{watching} watched, none is left"))
}

fn no_files(server: &Server) -> Result<String> {
    // The server lowers its caps to the limit that it finds at its start, so the limit falls later.
    server.limit_files(64)?;
    let mut open = Vec::new();
    for number in 0..300 {
        open.push(server.connect(attacker(number / 50))?);
    }
    thread::sleep(Duration::from_millis(300));
    let files = server.files()?;
    let log = server.log()?;
    ensure!(log.contains("accept_failed"), "the server has files left");
    // As many as there is room for are taken, and end after their time; then the next.
    let left = left_open(open, Duration::from_secs(60))?;
    ensure!(left == 0, "{left} of 300 are still open");
    let ask = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let after = server.raw(attacker(20), ask)?.expect(&[200])?;
    // One is the look itself, and some were open before the limit fell.
    ensure!(files <= 70, "{files} files are open");
    Ok(format!("{files} of 64 files in use, then {after}"))
}

fn churn(server: &Server) -> Result<String> {
    for number in 0..5000 {
        drop(server.connect(attacker(number % 50))?);
    }
    thread::sleep(Duration::from_millis(300));
    let open = server.metric("tonl_connections_open")?;
    ensure!(open < 10.0, "{open} connections are still counted");
    ensure!(server.files()? < 64, "files are left open");
    Ok("none is left".to_owned())
}
