//! Clients of MCP: more than there may be, many that do not stay, and one that sends too much.

use super::attack::{Attack, attacker, plain};
use super::client::{self, Answer};
use super::payload::{self, Chunks};
use super::server::{Server, TOKEN};
use anyhow::{Context, Result, bail, ensure};
use std::io::{Read, Write};
use std::thread;
use std::time::{Duration, Instant};

pub(super) const ATTACKS: &[Attack] = &[
    plain("10,000 MCP clients that leave", leave),
    plain("1,000 MCP sessions and one more", fill),
    plain("64 MiB to MCP", large),
    plain("large answers in one MCP session", answers),
];

const HELLO: &str = r#"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"hostile","version":"1"}}}"#;

/// A request's head with the token, up to further headers.
fn head(line: &str) -> String {
    format!(
        "{line} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n"
    )
}

/// A whole POST to `/mcp`, on a connection of its own.
fn post(further: &str, body: &str) -> String {
    let length = body.len();
    let head = head("POST /mcp");
    format!("{head}{further}Connection: close\r\nContent-Length: {length}\r\n\r\n{body}")
}

/// Waits until there are no more sessions than this.
fn sessions_fall_to(server: &Server, most: f64) -> Result<f64> {
    let start = Instant::now();
    loop {
        let left = server.metric("tonl_sessions_active")?;
        if left <= most || start.elapsed() > Duration::from_secs(10) {
            return Ok(left);
        }
        thread::sleep(Duration::from_millis(50));
    }
}

fn leave(server: &Server) -> Result<String> {
    let doors = ["GET /mcp", "GET /sse"].map(|line| format!("{}\r\n", head(line)));
    let mut memory = Vec::new();
    let mut first = [0; 1];
    for round in 0..4 {
        for number in 0..2_500 {
            let mut stream = server.connect(attacker(number % 100))?;
            let door = doors.get(number % doors.len()).map_or("", String::as_str);
            stream.write_all(door.as_bytes())?;
            // The session is open when its answer begins.
            stream.read_exact(&mut first)?;
        }
        let left = sessions_fall_to(server, 0.0)?;
        ensure!(left == 0.0, "{left} sessions are left after round {round}");
        memory.push(server.memory("VmRSS")? >> 10);
    }
    let opened = server.metric("tonl_sessions_opened_total")?;
    ensure!(opened > 9_999.5, "{opened} sessions were opened");
    let (before, after) = (memory[0], memory[3]);
    ensure!(
        after <= before + 16,
        "{before} MiB after 2,500 and {after} MiB after 10,000"
    );
    Ok(format!(
        "none is left, {before} MiB after 2,500, {after} MiB after 10,000"
    ))
}

fn fill(server: &Server) -> Result<String> {
    let hello = post("", HELLO);
    let before = server.memory("VmRSS")?;
    for number in 0..1_000 {
        server
            .raw(attacker(number / 50), hello.as_bytes())?
            .expect(&[200])?;
    }
    let each = server.memory("VmRSS")?.saturating_sub(before) / 1_000;
    let refused = server.raw(attacker(30), hello.as_bytes())?;
    ensure!(
        refused.head.contains("\r\nretry-after: "),
        "no word of when to come again: {:?}",
        refused.head
    );
    let told = refused.expect(&[503])?;
    Ok(format!("{told}, {each} KiB a session"))
}

fn large(server: &Server) -> Result<String> {
    let claimed = format!("{}Content-Length: 67108864\r\n\r\n", head("POST /mcp"));
    let claimed = server.raw(attacker(0), claimed.as_bytes())?;
    ensure!(
        claimed.took < Duration::from_secs(5),
        "the body was waited for"
    );
    let head = format!("{}Transfer-Encoding: chunked\r\n\r\n", head("POST /mcp"));
    let piece = payload::repeated(b" ", 1 << 20);
    // From as many addresses at the same time as there is memory for.
    let streamed: Result<Vec<Answer>> = thread::scope(|scope| {
        let (head, piece) = (&head, &piece);
        let sending: Vec<_> = (0..4)
            .map(|number| {
                let stream = server.connect(attacker(number));
                scope.spawn(move || {
                    client::exchange(&stream?, |to| {
                        to.write_all(head.as_bytes())?;
                        let mut chunks = Chunks(to);
                        (0..64).try_for_each(|_| chunks.send(piece))
                    })
                })
            })
            .collect();
        let joined = sending.into_iter().map(thread::ScopedJoinHandle::join);
        joined
            .map(|answer| answer.unwrap_or_else(|_| bail!("an attacker panicked")))
            .collect()
    });
    let streamed: Result<Vec<String>> = streamed?
        .iter()
        .map(|answer| answer.expect(&[413, 503]))
        .collect();
    Ok(format!(
        "claimed {}, streamed {}",
        claimed.expect(&[413])?,
        streamed?.join(" ")
    ))
}

/// What is kept for clients whose connections break must not grow with what they ask.
fn answers(server: &Server) -> Result<String> {
    let hello = server.raw(attacker(0), post("", HELLO).as_bytes())?;
    let session = hello
        .head
        .lines()
        .find(|line| line.starts_with("mcp-session-id: "));
    let session = session.context("no session was opened")?;
    let rows = payload::repeated(br#"{"id":1,"name":"ada","city":"london"},"#, 4 << 20);
    let rows = String::from_utf8_lossy(&rows);
    let (rows, _cut) = rows.rsplit_once(",{").context("no rows")?;
    let call = format!(
        r#"{{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{{"name":"convert_to_tonl","arguments":{{"data":[{rows}],"options":{{"includeStats":false}}}}}}}}"#
    );
    let call = post(&format!("{session}\r\n"), &call);
    let mut first = [0; 1];
    for _ in 0..20 {
        server.raw(attacker(0), call.as_bytes())?.expect(&[200])?;
        let mut leaving = server.connect(attacker(0))?;
        leaving.write_all(call.as_bytes())?;
        leaving.read_exact(&mut first)?;
    }
    let now = server.memory("VmRSS")? >> 10;
    Ok(format!("40 answers of 4 MiB, {now} MiB at the end"))
}
