//! What may come instead of a TLS handshake, and what may follow it.

use super::attack::{Attack, attacker, over_tls};
use super::client;
use super::crowds::left_open;
use super::heads::each;
use super::server::{Server, TOKEN};
use anyhow::{Result, ensure};
use std::io::Write;
use std::time::Duration;

pub(super) const ATTACKS: &[Attack] = &[
    over_tls("plain HTTP on the TLS port", SHORT, plain_http),
    over_tls("handshakes that never end", SHORT, endless_handshakes),
    over_tls("300 handshakes", SHORT, handshakes),
    over_tls("slow heads over TLS", SHORT, slow_heads),
    over_tls("forged names over TLS", SHORT, names),
];

pub(super) const SHORT: &[(&str, &str)] = &[
    ("TONL_HANDSHAKE_TIMEOUT_MS", "1000"),
    ("TONL_HEADER_TIMEOUT_MS", "1500"),
    ("TONL_KEEP_ALIVE_TIMEOUT_MS", "1000"),
    ("TONL_WRITE_STALL_TIMEOUT_MS", "1500"),
];

fn plain_http(server: &Server) -> Result<String> {
    each(
        server,
        &[
            (
                "HTTP",
                b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
                &[0],
            ),
            ("preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", &[0]),
            (
                "record of length 0",
                b"\x16\x03\x01\x00\x00\x16\x03\x01\x00\x00",
                &[0],
            ),
            (
                "record too long",
                b"\x16\x03\x01\xff\xffaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                &[0],
            ),
            (
                "SSL 2",
                b"\x80\x2e\x01\x00\x02\x00\x15\x00\x00\x00\x10aaaaaaaaaaaaaaaaaaaa",
                &[0],
            ),
            ("alert", b"\x15\x03\x01\x00\x02\x02\x28", &[0]),
        ],
    )
}

fn endless_handshakes(server: &Server) -> Result<String> {
    let mut open = Vec::new();
    for number in 0..400 {
        let mut stream = server.connect(attacker(number / 200))?;
        // A client hello of 16,000 bytes, of which five come.
        stream.write_all(b"\x16\x03\x01\x3e\x80\x01\x00\x3e\x7c\x03")?;
        open.push(stream);
    }
    let left = left_open(open, Duration::from_secs(4))?;
    ensure!(left == 0, "{left} of 400 are still open");
    let refused = server.metric("tonl_connections_refused_total")?;
    ensure!(refused >= 400.0, "only {refused} were counted");
    Ok("400 closed in time and counted".to_owned())
}

fn handshakes(server: &Server) -> Result<String> {
    let ask = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    for _ in 0..300 {
        client::over_tls(server, ask)?.expect(&[200])?;
    }
    Ok("300 served".to_owned())
}

fn slow_heads(server: &Server) -> Result<String> {
    let mut open = Vec::new();
    for number in 0..100 {
        let mut stream = client::tls(server, attacker(number / 50), &[b"http/1.1"])?;
        stream.write_all(b"GET /health HTTP/1.1\r\n")?;
        open.push(stream.sock);
    }
    let left = left_open(open, Duration::from_secs(4))?;
    ensure!(left == 0, "{left} of 100 are still open");
    Ok("100 closed in time".to_owned())
}

fn names(server: &Server) -> Result<String> {
    // The name of the handshake is localhost; the request names another.
    let ask = format!(
        "GET /mcp HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    );
    client::over_tls(server, ask.as_bytes())?.expect(&[403])
}
