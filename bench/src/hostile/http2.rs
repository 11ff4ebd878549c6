//! HTTP/2 by hand: frames in numbers and orders that no library sends.

use super::attack::{Attack, attacker, over_tls};
use super::client::{self, Tls};
use super::server::Server;
use super::tls::SHORT;
use anyhow::{Result, ensure};
use std::io::{ErrorKind, Read, Write};
use std::thread;
use std::time::{Duration, Instant};

pub(super) const ATTACKS: &[Attack] = &[
    over_tls("HTTP/2 rapid reset", SHORT, rapid_reset),
    over_tls("HTTP/2 CONTINUATION flood", SHORT, continuation_flood),
    over_tls("HTTP/2 ping flood", SHORT, ping_flood),
    over_tls("HTTP/2 settings flood", SHORT, settings_flood),
    over_tls("HTTP/2 header bomb", SHORT, header_bomb),
    over_tls("HTTP/2 too many streams", SHORT, many_streams),
    over_tls("HTTP/2 without a window", SHORT, no_window),
    over_tls("HTTP/2 without a request", SHORT, no_request),
    over_tls("HTTP/2 kept alive by pings", SHORT, kept_alive),
];

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const DATA: u8 = 0;
const HEADERS: u8 = 1;
const RST_STREAM: u8 = 3;
const SETTINGS: u8 = 4;
const PING: u8 = 6;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;
const END_STREAM: u8 = 1;
const END_HEADERS: u8 = 4;

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len())
        .unwrap_or_default()
        .to_be_bytes();
    let mut bytes = length[1..].to_vec();
    bytes.extend_from_slice(&[kind, flags]);
    bytes.extend_from_slice(&stream.to_be_bytes());
    bytes.extend_from_slice(payload);
    bytes
}

/// `GET` of a path at `localhost` without use of the dynamic table.
fn get(path: &str) -> Vec<u8> {
    let mut block = vec![
        0x82,
        0x87,
        0x04,
        u8::try_from(path.len()).unwrap_or_default(),
    ];
    block.extend_from_slice(path.as_bytes());
    block.extend_from_slice(&[0x01, 9]);
    block.extend_from_slice(b"localhost");
    block
}

/// What came back until the end, or until nothing more came for the time given.
#[derive(Debug, Default)]
struct Heard {
    /// The code of the last GOAWAY.
    goaway: Option<u32>,
    /// How many streams were answered.
    answers: usize,
    /// How many streams were refused or reset.
    resets: usize,
    is_closed: bool,
}

fn open(server: &Server, number: usize, settings: &[u8]) -> Result<Tls> {
    let mut stream = client::tls(server, attacker(number), &[b"h2"])?;
    stream.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, settings)].concat())?;
    Ok(stream)
}

/// Reads frames for so long at most.
fn hear(stream: &mut Tls, within: Duration) -> Result<Heard> {
    let mut heard = Heard::default();
    let mut bytes = Vec::new();
    let mut piece = vec![0; 64 << 10];
    let start = Instant::now();
    stream
        .sock
        .set_read_timeout(Some(Duration::from_millis(50)))?;
    while start.elapsed() < within && !heard.is_closed {
        match stream.read(&mut piece) {
            Ok(0) => heard.is_closed = true,
            Ok(read) => bytes.extend_from_slice(&piece[..read]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(_) => heard.is_closed = true,
        }
        heard.take(&mut bytes);
    }
    Ok(heard)
}

impl Heard {
    fn take(&mut self, bytes: &mut Vec<u8>) {
        let mut at = 0;
        while let Some(head) = bytes.get(at..at + 9) {
            let length =
                usize::from(head[0]) << 16 | usize::from(head[1]) << 8 | usize::from(head[2]);
            let Some(payload) = bytes.get(at + 9..at + 9 + length) else {
                break;
            };
            match head[3] {
                HEADERS => self.answers += 1,
                RST_STREAM => self.resets += 1,
                GOAWAY => {
                    let code = payload.get(4..8).and_then(|code| code.try_into().ok());
                    self.goaway = code.map(u32::from_be_bytes);
                }
                _ => {}
            }
            at += 9 + length;
        }
        bytes.drain(..at);
    }

    fn words(&self) -> String {
        let goaway = self
            .goaway
            .map_or_else(String::new, |code| format!("GOAWAY {code}, "));
        let closed = if self.is_closed { "closed" } else { "open" };
        format!(
            "{goaway}{} answers, {} resets, {closed}",
            self.answers, self.resets
        )
    }
}

/// Sends without waiting for answers, as far as the server takes it, and then listens.
fn flood(mut stream: Tls, bytes: &[u8], times: usize) -> Result<Heard> {
    for _ in 0..times {
        if stream.write_all(bytes).is_err() {
            break;
        }
    }
    hear(&mut stream, Duration::from_secs(3))
}

fn rapid_reset(server: &Server) -> Result<String> {
    let mut stream = open(server, 0, &[])?;
    let block = get("/health");
    let mut sent = 0;
    'flood: for batch in 0..100 {
        let mut bytes = Vec::new();
        for at in 0..200_u32 {
            let id = (batch * 200 + at) * 2 + 1;
            bytes.extend(frame(HEADERS, END_STREAM | END_HEADERS, id, &block));
            bytes.extend(frame(RST_STREAM, 0, id, &8_u32.to_be_bytes()));
        }
        if stream.write_all(&bytes).is_err() {
            break 'flood;
        }
        sent += 200;
    }
    let heard = hear(&mut stream, Duration::from_secs(3))?;
    ensure!(
        heard.is_closed,
        "the connection lives on: {}",
        heard.words()
    );
    Ok(format!("{sent} sent: {}", heard.words()))
}

fn continuation_flood(server: &Server) -> Result<String> {
    let mut stream = open(server, 0, &[])?;
    stream.write_all(&frame(HEADERS, END_STREAM, 1, &get("/health")))?;
    let mut block = vec![0x00, 1, b'a', 0x7f, 0x80, 0x7c];
    block.resize(16_000, b'a');
    let heard = flood(stream, &frame(CONTINUATION, 0, 1, &block), 4000)?;
    let peak = server.memory("VmHWM")? >> 10;
    ensure!(
        heard.is_closed,
        "the connection lives on: {}",
        heard.words()
    );
    ensure!(peak < 100, "{peak} MiB for one head");
    Ok(heard.words())
}

fn ping_flood(server: &Server) -> Result<String> {
    // Nothing is read, so that answers to pings would have to be kept.
    let heard = flood(
        open(server, 0, &[])?,
        &frame(PING, 0, 0, b"attacker").repeat(1000),
        300,
    )?;
    ensure!(
        heard.is_closed,
        "the connection lives on: {}",
        heard.words()
    );
    Ok(heard.words())
}

fn settings_flood(server: &Server) -> Result<String> {
    let heard = flood(
        open(server, 0, &[])?,
        &frame(SETTINGS, 0, 0, &[]).repeat(1000),
        200,
    )?;
    ensure!(
        heard.is_closed,
        "the connection lives on: {}",
        heard.words()
    );
    Ok(heard.words())
}

fn header_bomb(server: &Server) -> Result<String> {
    let mut stream = open(server, 0, &[])?;
    // One header of 3,800 bytes goes into the table, and is named 10,000 times in one byte each.
    let mut block = get("/health");
    block.extend_from_slice(&[0x40, 1, b'a', 0x7f, 0xd9, 0x1c]);
    block.resize(block.len() + 3800, b'a');
    block.extend(vec![0xbe; 10_000]);
    stream.write_all(&frame(HEADERS, END_STREAM | END_HEADERS, 1, &block))?;
    let heard = hear(&mut stream, Duration::from_secs(1))?;
    let peak = server.memory("VmHWM")? >> 10;
    ensure!(peak < 100, "{peak} MiB for one head");
    Ok(format!("{}, {peak} MiB", heard.words()))
}

fn many_streams(server: &Server) -> Result<String> {
    let mut stream = open(server, 0, &[])?;
    let mut block = vec![0x83, 0x87, 0x04, 15];
    block.extend_from_slice(b"/stream/convert");
    block.extend_from_slice(&[0x01, 9]);
    block.extend_from_slice(b"localhost");
    let mut bytes = Vec::new();
    for at in 0..1000_u32 {
        bytes.extend(frame(HEADERS, END_HEADERS, at * 2 + 1, &block));
        bytes.extend(frame(DATA, 0, at * 2 + 1, b"{"));
    }
    // What the server refuses to read is as good as refused.
    let _cut = stream.write_all(&bytes);
    let heard = hear(&mut stream, Duration::from_secs(1))?;
    ensure!(
        heard.is_closed || heard.resets + heard.answers >= 900,
        "1,000 streams are open: {}",
        heard.words()
    );
    Ok(heard.words())
}

fn no_window(server: &Server) -> Result<String> {
    // Initial window size 0: no byte of a body may be sent.
    let mut stream = open(server, 0, &[0, 4, 0, 0, 0, 0])?;
    for at in 0..100 {
        stream.write_all(&frame(
            HEADERS,
            END_STREAM | END_HEADERS,
            at * 2 + 1,
            &get("/openapi.json"),
        ))?;
    }
    let heard = kept(&mut stream, Duration::from_secs(6))?;
    ensure!(heard.is_closed, "kept for ever: {}", heard.words());
    Ok(heard.words())
}

fn no_request(server: &Server) -> Result<String> {
    let mut stream = open(server, 0, &[])?;
    let heard = kept(&mut stream, Duration::from_secs(4))?;
    ensure!(heard.is_closed, "kept for ever: {}", heard.words());
    Ok(heard.words())
}

fn kept_alive(server: &Server) -> Result<String> {
    let mut stream = open(server, 0, &[])?;
    stream.write_all(&frame(
        HEADERS,
        END_STREAM | END_HEADERS,
        1,
        &get("/health"),
    ))?;
    let heard = kept(&mut stream, Duration::from_secs(4))?;
    ensure!(heard.answers == 1, "no answer: {}", heard.words());
    ensure!(heard.is_closed, "kept for ever: {}", heard.words());
    Ok(heard.words())
}

/// Does nothing but send a ping now and then.
fn kept(stream: &mut Tls, within: Duration) -> Result<Heard> {
    let mut all = Heard::default();
    let start = Instant::now();
    while start.elapsed() < within && !all.is_closed {
        let closed = stream.write_all(&frame(PING, 0, 0, b"attacker")).is_err();
        let heard = hear(stream, Duration::from_millis(200))?;
        all.answers += heard.answers;
        all.resets += heard.resets;
        all.goaway = heard.goaway.or(all.goaway);
        all.is_closed = heard.is_closed || closed;
        thread::sleep(Duration::from_millis(100));
    }
    Ok(all)
}
