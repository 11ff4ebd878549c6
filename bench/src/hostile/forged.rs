//! What clients claim about themselves: addresses in front of proxies, and text meant for logs.

use super::attack::{Attack, attacker, plain, with};
use super::client::Answer;
use super::server::{Server, TOKEN};
use anyhow::{Context, Result, ensure};
use std::fmt::Write;

pub(super) const ATTACKS: &[Attack] = &[
    plain("forged X-Forwarded-For", forged),
    with("forged chains, trusted proxy", TRUSTING, forged_chains),
    with("10,000 forged addresses", TRUSTING, many_addresses),
    with("CR/LF/ESC/bidi in what is logged", TRUSTING, log_tricks),
    plain("a flood of refusals", refusals),
];

const TRUSTING: &[(&str, &str)] = &[("TONL_TRUSTED_PROXIES", "loopback")];

/// How many requests are sent on one connection without waiting for answers.
const BATCH: usize = 500;

/// Asks for conversions of nothing, one for each of these headers, and gives their statuses.
fn conversions(server: &Server, headers: &[String]) -> Result<Vec<String>> {
    let mut statuses = Vec::new();
    for batch in headers.chunks(BATCH) {
        let mut text = String::new();
        for (at, header) in batch.iter().enumerate() {
            let close = if at + 1 == batch.len() {
                "close"
            } else {
                "keep-alive"
            };
            write!(
                text,
                "POST /stream/convert HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: {close}\r\n{header}\r\n\r\n"
            )?;
        }
        let answer = server.raw(attacker(0), text.as_bytes())?;
        statuses.extend(all_statuses(&answer));
    }
    ensure!(
        statuses.len() == headers.len(),
        "{} answers to {} requests",
        statuses.len(),
        headers.len()
    );
    Ok(statuses)
}

fn all_statuses(answer: &Answer) -> Vec<String> {
    let text = answer.head.to_uppercase() + &answer.text();
    let after = text.split("HTTP/1.1 ").skip(1);
    after.map(|rest| rest.chars().take(3).collect()).collect()
}

fn served(statuses: &[String]) -> usize {
    statuses.iter().filter(|status| *status == "200").count()
}

fn forged(server: &Server) -> Result<String> {
    let headers: Vec<String> = (0..150)
        .map(|at| format!("X-Forwarded-For: 203.0.113.{at}\r\nForwarded: for=198.51.100.{at}\r\nX-Real-IP: 192.0.2.{at}"))
        .collect();
    let served = served(&conversions(server, &headers)?);
    ensure!(served == 100, "{served} of 150 were served");
    Ok("100 of 150 served, then 429".to_owned())
}

fn forged_chains(server: &Server) -> Result<String> {
    // The nearest untrusted address stays the same, whatever is written in front of it.
    let headers: Vec<String> = (0..150)
        .map(|at| format!("X-Forwarded-For: 10.0.0.{at}, ::1, unknown, 203.0.113.7\r\nX-Forwarded-For: 127.0.0.9"))
        .collect();
    let served = served(&conversions(server, &headers)?);
    ensure!(served == 100, "{served} of 150 were served");
    let long = vec!["127.0.0.1"; 1000].join(",");
    let long = format!(
        "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Forwarded-For: {long}\r\n\r\n"
    );
    let long = server.raw(attacker(0), long.as_bytes())?.expect(&[200])?;
    Ok(format!("100 of 150 served, then 429; 1,000 hops {long}"))
}

fn many_addresses(server: &Server) -> Result<String> {
    let before = server.memory("VmRSS")?;
    let headers: Vec<String> = (0..10_000_u32)
        .map(|at| {
            let [_, high, middle, low] = at.to_be_bytes();
            format!("X-Forwarded-For: 203.{high}.{middle}.{low}")
        })
        .collect();
    let served = served(&conversions(server, &headers)?);
    ensure!(served == 10_000, "{served} of 10,000 were served");
    let grown = server.memory("VmRSS")?.saturating_sub(before);
    ensure!(grown < 32 << 10, "{grown} KiB for 10,000 addresses");
    Ok(format!("each served, {grown} KiB more"))
}

/// Escapes for a terminal, line ends and changes of direction, as they may stand in a header.
const TRICKS: [&str; 5] = [
    "\u{202e}gnp.exe",
    "\u{2066}a\u{2069}",
    "caf\u{e9}\u{85}next",
    "\t\"},{\"level\":\"info\",\"message\":\"forged",
    "\u{2028}line",
];

const TARGETS: [&str; 7] = [
    "/mcp",
    "/%0d%0aSet-Cookie:%20a=b",
    "/mcp%0a%7b%22seq%22:1%7d",
    "/%1b%5b2Jmcp",
    "/%e2%80%aemcp",
    "/stream/convert?collection=%0d%0aSet-Cookie:a&profile=%1b[2J",
    "/metrics/live?token=%0a",
];

fn log_tricks(server: &Server) -> Result<String> {
    let names = [
        "X-Request-ID",
        "User-Agent",
        "Origin",
        "Authorization",
        "X-Forwarded-For",
        "X-Forwarded-Host",
        "X-Forwarded-Proto",
        "Referer",
        "Mcp-Session-Id",
        "Content-Type",
        "Accept",
        "Sec-Fetch-Site",
        "Content-Encoding",
        "Last-Event-ID",
        "Access-Control-Request-Method",
    ];
    let mut sent = 0;
    for method in ["GET", "POST", "OPTIONS"] {
        for target in TARGETS {
            for name in names {
                let lines = TRICKS
                    .map(|trick| format!("{name}: Bearer {trick}\r\n"))
                    .concat();
                check(
                    server,
                    &format!("{method} {target} HTTP/1.1\r\nHost: localhost\r\n{lines}"),
                )?;
                sent += 1;
            }
        }
    }
    for host in TRICKS {
        check(server, &format!("GET /mcp HTTP/1.1\r\nHost: {host}\r\n"))?;
        check(
            server,
            &format!("{host} /mcp HTTP/1.1\r\nHost: localhost\r\n"),
        )?;
        check(
            server,
            &format!("GET /{host} HTTP/1.1\r\nHost: localhost\r\n"),
        )?;
        sent += 3;
    }
    for raw in ["\r", "\n", "\x1b[31m", "\0", "\u{7f}", "\u{9b}2J"] {
        check(
            server,
            &format!("GET /mcp HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: a{raw}b\r\n"),
        )?;
        check(
            server,
            &format!("GET /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer a{raw}b\r\n"),
        )?;
        sent += 2;
    }
    records_with_tricks(server)?;
    let audit = server.audit()?.lines().count();
    ensure!(audit > 50, "only {audit} lines on record");
    Ok(format!("{sent} requests, {audit} clean audit lines"))
}

fn check(server: &Server, head: &str) -> Result<()> {
    let request = format!("{head}Connection: close\r\nContent-Length: 0\r\n\r\n");
    let answer = server.raw(attacker(5), request.as_bytes())?;
    let (own, _body) = answer
        .head
        .split_once("\r\n\r\n")
        .unwrap_or((&answer.head, ""));
    ensure!(
        !own.contains("set-cookie"),
        "a header was injected by {head:?}"
    );
    ensure!(
        !own.contains('\u{202e}'),
        "a direction mark came back from {head:?}"
    );
    ensure!(answer.status < 500, "status {} for {head:?}", answer.status);
    Ok(())
}

/// Keys and values with tricks neither forge rows nor reach the log.
fn records_with_tricks(server: &Server) -> Result<()> {
    let body = "{\"a\\nb\":\"x\\n1,2\",\"\\u202e\":\"\\u001b[2J\"}\n\u{1b}[2J not json \u{202e}\n";
    for query in ["", "?skipInvalid=false"] {
        let request = format!(
            "POST /stream/convert{query} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = server.raw(attacker(6), request.as_bytes())?;
        answer.expect(&[200, 422]).context("records with tricks")?;
        ensure!(
            !answer.text().contains('\u{1b}'),
            "a raw escape came back: {:?}",
            answer.text()
        );
    }
    Ok(())
}

fn refusals(server: &Server) -> Result<String> {
    let before = server.memory("VmRSS")?;
    let mut refused = 0;
    for attempt in 0..20 {
        let mut text = String::new();
        for at in 0..BATCH {
            let close = if at + 1 == BATCH {
                "close"
            } else {
                "keep-alive"
            };
            write!(
                text,
                "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {at}\r\nConnection: {close}\r\n\r\n"
            )?;
        }
        let answer = server.raw(attacker(attempt), text.as_bytes())?;
        refused += all_statuses(&answer)
            .iter()
            .filter(|status| ["403", "429"].contains(&status.as_str()))
            .count();
    }
    ensure!(
        refused == 20 * BATCH,
        "{refused} of {} were refused",
        20 * BATCH
    );
    let right = format!(
        "GET /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nAccept: application/json\r\nConnection: close\r\n\r\n"
    );
    let right = server.raw(attacker(0), right.as_bytes())?;
    let right = right.expect(&[406])?;
    let grown = server.memory("VmRSS")?.saturating_sub(before);
    ensure!(grown < 64 << 10, "{grown} KiB for refusals");
    Ok(format!(
        "{refused} refused, the right token {right}, {grown} KiB more"
    ))
}
