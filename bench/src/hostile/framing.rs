//! Where a body ends: lengths and codings that two readers may understand differently.

use super::attack::{Attack, attacker, plain};
use super::bodies::{NDJSON, head};
use super::client;
use super::heads::each;
use super::server::Server;
use anyhow::{Result, ensure};
use std::io::Write;

pub(super) const ATTACKS: &[Attack] = &[
    plain("CL+TE, smuggled request", both_lengths),
    plain("TE obfuscations", codings),
    plain("chunk sizes that overflow", chunk_sizes),
    plain("chunk extensions and trailers", extensions),
];

/// A request that hides a second one behind what another reader takes for its end. It is answered
/// once, with whatever status, and then the connection is closed.
fn both_lengths(server: &Server) -> Result<String> {
    let hidden = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut said = Vec::new();
    for (number, lengths) in [
        "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 4\r\nContent-Length: 5\r\n",
        "Content-Length: 4, 5\r\n",
        "Content-Length: +4\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x4\r\n",
        "Content-Length: 18446744073709551616\r\n",
    ]
    .into_iter()
    .enumerate()
    {
        let request = format!(
            "POST /stream/convert HTTP/1.1\r\nHost: localhost\r\nContent-Type: {NDJSON}\r\n{lengths}\r\n0\r\n\r\n{hidden}"
        );
        let answer = server.raw(attacker(number), request.as_bytes())?;
        ensure!(
            answer.answers <= 1,
            "{lengths:?}: the hidden request was answered"
        );
        said.push(answer.expect(&[200, 400, 0])?);
    }
    said.dedup();
    Ok(format!("9 cases, one answer each: {}", said.join(", ")))
}

fn codings(server: &Server) -> Result<String> {
    let lines = [
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: x",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding:\x0bchunked",
        "Transfer-Encoding: \"chunked\"",
        "X: y\nTransfer-Encoding: chunked",
        "Transfer-Encoding\r\n : chunked",
        "Transfer-Encoding: chunked;q=1",
        " Transfer-Encoding: chunked",
    ];
    for (number, line) in lines.into_iter().enumerate() {
        let request = format!(
            "POST /stream/convert HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n{line}\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
        );
        let answer = server.raw(attacker(number), request.as_bytes())?;
        ensure!(answer.answers <= 2, "{line:?}: {} answers", answer.answers);
        // A line end of \n alone is one to this reader and may be none to another: either way the
        // hidden request must not be reached.
        ensure!(
            !answer.text().contains("tonl_build_info"),
            "{line:?}: smuggled"
        );
        answer.expect(&[400, 0, 200])?;
    }
    Ok(format!("{} cases refused", lines.len()))
}

fn chunk_sizes(server: &Server) -> Result<String> {
    const fn case(bytes: &'static [u8]) -> (&'static str, &'static [u8], &'static [u16]) {
        ("a size", bytes, &[400, 200, 0])
    }
    let sizes = [
        "FFFFFFFFFFFFFFFF",
        "10000000000000000",
        "FFFFFFFFFFFFFFFFF",
        "-1",
        "0x10",
        " ",
        "g",
        "+1",
        "1 1",
        "7FFFFFFFFFFFFFFF",
    ];
    for (number, size) in sizes.into_iter().enumerate() {
        let more = format!("Transfer-Encoding: chunked\r\n\r\n{size}\r\n{{\"a\":1}}\n");
        let mut stream = server.connect(attacker(number))?;
        stream.write_all(head(NDJSON, "", &more).as_bytes())?;
        stream.shutdown(std::net::Shutdown::Write)?;
        let answer = client::read(&stream, std::time::Instant::now())?;
        answer.expect(case(b"").2)?;
        ensure!(!answer.is_whole, "a chunk of {size:?} was taken for whole");
    }
    Ok(format!("{} sizes: refused or cut", sizes.len()))
}

fn extensions(server: &Server) -> Result<String> {
    let head = head(NDJSON, "", "Transfer-Encoding: chunked\r\n\r\n");
    let flood = |part: &'static [u8], piece: &'static [u8]| {
        client::exchange(&server.connect(attacker(0))?, |to| {
            to.write_all(head.as_bytes())?;
            to.write_all(part)?;
            (0..4096).try_for_each(|_| to.write_all(&piece.repeat(1024)))
        })
    };
    let one = flood(b"8;", b"extension;")?;
    let many = flood(b"", b"1;a=b\r\n\n\r\n")?;
    let trailers = flood(b"0\r\n", b"X-Trailer: 1\r\n")?;
    ensure!(!one.is_whole, "an endless extension was accepted");
    let zeros = each(
        server,
        &[(
            "zeros before a size",
            b"POST /stream/convert HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n00000000000000000000000000000002\r\n1\n\r\n0\r\n\r\n",
            &[200, 400, 0],
        )],
    )?;
    Ok(format!(
        "one {}, many {}, trailers {}, {zeros}",
        one.expect(&[400, 200, 0])?,
        many.expect(&[400, 200, 0])?,
        trailers.expect(&[400, 200, 0])?,
    ))
}
