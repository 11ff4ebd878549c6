//! Heads of requests: paths beside the routes, doubled credentials, too much of everything.

use super::attack::{Attack, attacker, plain};
use super::server::{Server, TOKEN};
use anyhow::{Context, Result, ensure};

pub(super) const ATTACKS: &[Attack] = &[
    plain("//mcp, /%6dcp, /mcp/", paths),
    plain("two Authorization headers", credentials),
    plain("absolute form, foreign host", absolute),
    plain("NUL and raw bytes in a path", raw_path),
    plain("100+ headers, 17 KiB head", large_heads),
    plain("HTTP/0.9, HTTP/2 preface, TLS", other_protocols),
];

/// One request and the statuses that are right for it; 0 is a connection closed without a word.
pub(super) type Case = (&'static str, &'static [u8], &'static [u16]);

/// Sends each on a connection of its own.
pub(super) fn each(server: &Server, cases: &[Case]) -> Result<String> {
    let mut said = Vec::new();
    for (number, (name, bytes, statuses)) in cases.iter().enumerate() {
        let answer = server.raw(attacker(number), bytes)?;
        let status = answer.expect(statuses).with_context(|| *name)?;
        ensure!(answer.answers <= 1, "{name}: {} answers", answer.answers);
        said.push(status);
    }
    said.dedup();
    Ok(format!("{} cases: {}", cases.len(), said.join(", ")))
}

fn with_token(method_and_path: &str, more: &str) -> Vec<u8> {
    format!(
        "{method_and_path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n{more}\r\n"
    )
    .into_bytes()
}

fn paths(server: &Server) -> Result<String> {
    let known = server.raw(attacker(0), &with_token("POST /mcp", ""))?;
    known.expect(&[400])?;
    let paths = [
        "//mcp",
        "/%6dcp",
        "/mcp/",
        "/MCP",
        "/./mcp",
        "/x/../mcp",
        "/mcp%2f",
        "/mcp%00",
        "/mcp;a=1",
        "/%2fmcp",
        "\\mcp",
        "/mcp%20",
        "/metrics/live/",
        "/metrics//live",
        "/metrics/%6cive",
        "/sse/",
    ];
    for path in paths {
        let answer = server.raw(attacker(1), &with_token(&format!("GET {path}"), ""))?;
        answer.expect(&[404, 400]).with_context(|| path)?;
        let bare = format!("GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
        let answer = server.raw(attacker(2), bare.as_bytes())?;
        answer.expect(&[404, 400]).with_context(|| path)?;
    }
    Ok(format!("{} paths: 404", paths.len()))
}

fn credentials(server: &Server) -> Result<String> {
    let again = format!("Authorization: Bearer {TOKEN}\r\n");
    let cases = [
        ("twice the right one", again.as_str()),
        ("another one after it", "Authorization: Bearer wrong\r\n"),
        ("an empty one after it", "Authorization:\r\n"),
        ("basic after it", "authorization: Basic YTpi\r\n"),
    ];
    for (name, more) in cases {
        let answer = server.raw(attacker(3), &with_token("GET /mcp", more))?;
        answer.expect(&[400, 401, 403]).with_context(|| name)?;
    }
    let elsewhere = [
        format!(
            "GET /mcp?access_token={TOKEN} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        ),
        format!("GET /mcp?token={TOKEN} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
        format!(
            "GET /mcp HTTP/1.1\r\nHost: localhost\r\nCookie: token={TOKEN}\r\nConnection: close\r\n\r\n"
        ),
    ];
    for request in elsewhere {
        server
            .raw(attacker(4), request.as_bytes())?
            .expect(&[401])?;
    }
    let log = server.log()? + &server.audit()?;
    ensure!(!log.contains(TOKEN), "the token is in the log");
    Ok("4 refused; in query or cookie 401; none logged".to_owned())
}

fn absolute(server: &Server) -> Result<String> {
    each(
        server,
        &[
            (
                "foreign",
                b"GET http://evil.example/mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                &[400, 403],
            ),
            (
                "foreign in both",
                b"GET http://evil.example/mcp HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
                &[403],
            ),
            (
                "user information",
                b"GET http://localhost@evil.example/mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                &[400, 403],
            ),
            (
                "connect",
                b"CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\nConnection: close\r\n\r\n",
                &[400, 403, 404, 405],
            ),
        ],
    )
}

fn raw_path(server: &Server) -> Result<String> {
    each(
        server,
        &[
            (
                "NUL",
                b"GET /mcp\0 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                &[400, 0],
            ),
            (
                "beyond ASCII",
                b"GET /\xe2\x80\xaemcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                &[400],
            ),
            (
                "escape",
                b"GET /\x1b[2J HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                &[400, 0],
            ),
            (
                "NUL in a header",
                b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: a\0b\r\nConnection: close\r\n\r\n",
                &[400, 0],
            ),
            (
                "NUL in a host",
                b"GET /health HTTP/1.1\r\nHost: local\0host\r\nConnection: close\r\n\r\n",
                &[400, 0],
            ),
        ],
    )
}

fn large_heads(server: &Server) -> Result<String> {
    let start = "GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    let many = "X-A: 1\r\n".repeat(200);
    let many = server.raw(attacker(0), format!("{start}{many}\r\n").as_bytes())?;
    let long = format!("{start}X-A: {}\r\n\r\n", "a".repeat(17 << 10));
    let long = server.raw(attacker(0), long.as_bytes())?;
    // Just within the limits it is served.
    let good = format!("X-A: {}\r\n", "a".repeat(100)).repeat(90);
    let good = server.raw(attacker(0), format!("{start}{good}\r\n").as_bytes())?;
    // An endless header line never fills the memory.
    let endless = super::client::exchange(&server.connect(attacker(1))?, |to| {
        use std::io::Write;
        to.write_all(b"GET /health HTTP/1.1\r\nX-A: ")?;
        let piece = vec![b'a'; 1 << 20];
        (0..64).try_for_each(|_| to.write_all(&piece))
    })?;
    Ok(format!(
        "many {}, long {}, endless {}, 9 KiB {}",
        many.expect(&[431])?,
        long.expect(&[431])?,
        endless.expect(&[431, 0])?,
        good.expect(&[200])?
    ))
}

fn other_protocols(server: &Server) -> Result<String> {
    each(
        server,
        &[
            ("HTTP/0.9", b"GET /health\r\n\r\n", &[400, 0]),
            ("no version", b"GET /health \r\n\r\n", &[400, 0]),
            (
                "HTTP/1.2",
                b"GET /health HTTP/1.2\r\nHost: a\r\n\r\n",
                &[400, 505, 0],
            ),
            (
                "HTTP/2 preface",
                b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
                &[400, 505, 0],
            ),
            (
                "TLS client hello",
                b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03 random bytes follow here\r\n\r\n",
                &[400, 0],
            ),
            ("SSH", b"SSH-2.0-OpenSSH_9.6\r\n\r\n", &[400, 0]),
            ("nothing but line ends", b"\r\n\r\n\r\nX\r\n\r\n", &[400, 0]),
        ],
    )
}
