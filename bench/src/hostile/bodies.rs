//! Bodies: large, deep, long, and larger than they look.

use super::attack::{Attack, attacker, plain, with};
use super::client::{self, Answer};
use super::payload::{self, Chunks, LARGE};
use super::server::Server;
use anyhow::{Result, ensure};
use std::io::{self, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

pub(super) const ATTACKS: &[Attack] = &[
    plain("48 MiB of []", small_arrays),
    plain("48 MiB of [], gzip", small_arrays_gzip),
    plain("10 GB gzip bomb", gzip_bomb),
    plain("gzip in gzip", gzip_in_gzip),
    plain("zstd and brotli bombs", other_bombs),
    plain("a million one-letter", one_letter),
    plain("10,000 deep", deep),
    plain("60 MiB line", long_line),
    plain("60 MiB document", long_document),
    plain("5,000,000 keys", many_keys),
    plain("5,000,000 keys in a line", many_keys_in_lines),
    with("100 unfinished lines of 9 MiB", WIDE, unfinished_lines),
    with("100 windows of zstd and brotli", WIDE, windows),
    with("100 documents at once", WIDE, documents_at_once),
    plain("rows that nobody reads", unread_rows),
];

/// As many requests from one address as an attack needs.
const WIDE: &[(&str, &str)] = &[("TONL_RATE_LIMIT_MAX", "100000")];

pub(super) const NDJSON: &str = "application/x-ndjson";
const JSON: &str = "application/json";

/// The head of a conversion.
pub(super) fn head(kind: &str, query: &str, more: &str) -> String {
    format!(
        "POST /stream/convert{query} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\nConnection: close\r\n{more}"
    )
}

/// Sends a whole body.
fn post(server: &Server, kind: &str, coding: &str, body: &[u8]) -> Result<Answer> {
    let coding = match coding {
        "" => String::new(),
        coding => format!("Content-Encoding: {coding}\r\n"),
    };
    let length = format!("{coding}Content-Length: {}\r\n\r\n", body.len());
    let head = head(kind, "", &length);
    client::exchange(&server.connect(attacker(0))?, move |to| {
        to.write_all(head.as_bytes())?;
        to.write_all(body)
    })
}

/// Sends a body in chunks as it is made.
fn stream(
    server: &Server,
    coding: &str,
    query: &str,
    send: impl FnOnce(&mut Chunks<&mut TcpStream>) -> io::Result<()> + Send,
) -> Result<Answer> {
    let coding = match coding {
        "" => String::new(),
        coding => format!("Content-Encoding: {coding}\r\n"),
    };
    let more = format!("{coding}Transfer-Encoding: chunked\r\n\r\n");
    let head = head(NDJSON, query, &more);
    client::exchange(&server.connect(attacker(0))?, |to| {
        to.write_all(head.as_bytes())?;
        let mut chunks = Chunks(to);
        send(&mut chunks)?;
        chunks.end()
    })
}

fn small_arrays(server: &Server) -> Result<String> {
    let glued = post(server, JSON, "", &payload::repeated(b"[]", LARGE))?;
    let array = post(server, JSON, "", &payload::array_of_arrays(LARGE))?;
    let lines = post(server, NDJSON, "", &payload::repeated(b"[]\n", LARGE))?;
    Ok(format!(
        "glued {}, array {} in {:.1} s, lines {} in {:.1} s",
        glued.expect(&[422])?,
        whole(&array)?,
        array.took.as_secs_f64(),
        whole(&lines)?,
        lines.took.as_secs_f64(),
    ))
}

/// 200 with its last chunk.
fn whole(answer: &Answer) -> Result<String> {
    let status = answer.expect(&[200])?;
    ensure!(answer.is_whole, "200 without an end");
    Ok(status)
}

fn small_arrays_gzip(server: &Server) -> Result<String> {
    let array = payload::gzip(&payload::array_of_arrays(LARGE))?;
    let lines = payload::gzip(&payload::repeated(b"[]\n", LARGE))?;
    let sent = array.len();
    let array = post(server, JSON, "gzip", &array)?;
    let lines = post(server, NDJSON, "gzip", &lines)?;
    ensure!(!lines.is_whole, "a bomb of lines was answered as a whole");
    Ok(format!(
        "{} KiB: array {}, lines {} and cut",
        sent >> 10,
        array.expect(&[413])?,
        lines.expect(&[200, 413])?
    ))
}

fn gzip_bomb(server: &Server) -> Result<String> {
    let (head, part) = payload::endless_gzip()?;
    let bomb = |chunks: &mut Chunks<&mut TcpStream>| {
        chunks.send(&head)?;
        // 640 times 16 MiB.
        (0..640).try_for_each(|_| chunks.send(&part))
    };
    stream(server, "gzip", "", bomb)?.expect(&[413])
}

fn gzip_in_gzip(server: &Server) -> Result<String> {
    let inner = payload::gzip(&payload::repeated(b"0", LARGE))?;
    let outer = payload::gzip(&inner)?;
    let doubled = post(server, NDJSON, "gzip, gzip", &outer)?.expect(&[415])?;
    // Undone once it is no text: a line that is not valid is skipped.
    let single = post(server, NDJSON, "gzip", &outer)?.expect(&[200])?;
    Ok(format!("named twice {doubled}, named once {single}"))
}

fn other_bombs(server: &Server) -> Result<String> {
    let zeros = payload::repeated(b"0", LARGE);
    let zstd = post(server, JSON, "zstd", &payload::zstd(&zeros)?)?;
    let brotli = post(server, JSON, "br", &payload::brotli(&zeros)?)?;
    Ok(format!(
        "zstd {}, brotli {}",
        zstd.expect(&[413])?,
        brotli.expect(&[413])?
    ))
}

fn one_letter(server: &Server) -> Result<String> {
    let word = "a".repeat(1_000_000);
    let line = format!("{{\"a\":\"{word}\"}}\n");
    let start = Instant::now();
    let value = post(server, NDJSON, "", line.as_bytes())?;
    let body = post(server, JSON, "", word.as_bytes())?;
    let query = format!("GET /health?{word} HTTP/1.1\r\nHost: localhost\r\n\r\n");
    let query = server.raw(attacker(1), query.as_bytes())?;
    let header = format!("GET /health HTTP/1.1\r\nHost: localhost\r\nX-A: {word}\r\n\r\n");
    let header = server.raw(attacker(1), header.as_bytes())?;
    let took = start.elapsed();
    ensure!(took < Duration::from_secs(5), "it took {took:?}");
    Ok(format!(
        "value {}, body {}, query {}, header {}",
        whole(&value)?,
        body.expect(&[422])?,
        query.expect(&[414, 431, 0])?,
        header.expect(&[431, 0])?
    ))
}

fn deep(server: &Server) -> Result<String> {
    let nested = payload::nested(10_000);
    let document = post(server, JSON, "", &nested)?;
    let skipped = post(server, NDJSON, "", &nested)?;
    let opened = post(server, JSON, "", &payload::repeated(b"{\"a\":", LARGE))?;
    let failing = stream(server, "", "?skipInvalid=false", |chunks| {
        chunks.send(&nested)
    })?;
    Ok(format!(
        "document {}, line skipped {}, line refused {}, never closed {}",
        document.expect(&[422])?,
        whole(&skipped)?,
        failing.expect(&[422])?,
        opened.expect(&[422])?
    ))
}

fn long_line(server: &Server) -> Result<String> {
    let piece = payload::repeated(b"a", 1 << 20);
    let send = |chunks: &mut Chunks<&mut TcpStream>| {
        chunks.send(b"{\"id\":1}\n\"")?;
        (0..60).try_for_each(|_| chunks.send(&piece))?;
        chunks.send(b"\"\n{\"id\":2}\n")
    };
    let skipped = stream(server, "", "", send)?;
    let text = skipped.text();
    ensure!(
        text.contains('1') && text.contains('2'),
        "rows are lost: {text:?}"
    );
    let refused = stream(server, "", "?skipInvalid=false", |chunks| {
        (0..60).try_for_each(|_| chunks.send(&piece))
    })?;
    Ok(format!(
        "skipped {}, refused {}",
        whole(&skipped)?,
        refused.expect(&[422])?
    ))
}

fn long_document(server: &Server) -> Result<String> {
    let claimed = head(JSON, "", "Content-Length: 62914560\r\n\r\n");
    let claimed = server.raw(attacker(0), claimed.as_bytes())?;
    let head = head(JSON, "", "Transfer-Encoding: chunked\r\n\r\n");
    let piece = payload::repeated(b" ", 1 << 20);
    let streamed = client::exchange(&server.connect(attacker(0))?, |to| {
        to.write_all(head.as_bytes())?;
        let mut chunks = Chunks(to);
        (0..60).try_for_each(|_| chunks.send(&piece))
    })?;
    ensure!(
        claimed.took < Duration::from_secs(5),
        "the body was waited for"
    );
    Ok(format!(
        "claimed {}, streamed {}",
        claimed.expect(&[413])?,
        streamed.expect(&[413])?
    ))
}

fn many_keys(server: &Server) -> Result<String> {
    let body = payload::keys(5_000_000);
    let answer = post(server, JSON, "", &body)?;
    // 64 MB are beyond the limit of documents; what fits into it has about 4,100,000.
    let refused = answer.expect(&[413])?;
    let answer = post(server, JSON, "", &payload::keys(4_100_000))?;
    Ok(format!(
        "{} MB {refused}, 4,100,000 keys {}",
        body.len() / 1_000_000,
        answer.expect(&[200, 413, 422, 503])?
    ))
}

fn many_keys_in_lines(server: &Server) -> Result<String> {
    // As one line it is longer than a line may be; as lines that each have other keys, the columns
    // would grow without end.
    let one = post(server, NDJSON, "", &payload::keys(5_000_000))?;
    let mut lines = Vec::new();
    for line in 0..50_000 {
        let keys: Vec<String> = (0..100)
            .map(|key| format!("\"k{}\":1", line * 100 + key))
            .collect();
        lines.extend_from_slice(format!("{{{}}}\n", keys.join(",")).as_bytes());
    }
    let many = post(server, NDJSON, "", &lines)?;
    Ok(format!(
        "one line {}, 50,000 lines of other keys {}",
        whole(&one)?,
        many.expect(&[200, 413, 422])?
    ))
}

/// Many connections that each send a part and then wait; what the server holds for them is bounded.
fn hold(server: &Server, count: usize, head: &str, part: &[u8]) -> Result<Vec<TcpStream>> {
    let mut open = Vec::new();
    for _ in 0..count {
        let mut stream = server.connect(attacker(0))?;
        // What is refused early is closed early; that is what is wanted.
        let _sent = stream
            .write_all(head.as_bytes())
            .and_then(|()| Chunks(&mut stream).send(part));
        open.push(stream);
    }
    std::thread::sleep(Duration::from_millis(300));
    Ok(open)
}

/// How many of these connections were refused with this status, and how many still wait.
fn refused(open: Vec<TcpStream>, status: u16) -> Result<(usize, usize)> {
    let (mut refused, mut waiting) = (0, 0);
    for stream in open {
        stream.set_read_timeout(Some(Duration::from_millis(5)))?;
        match client::read(stream, Instant::now()) {
            Ok(answer) if answer.status == status || answer.status == 0 => refused += 1,
            Ok(answer) => anyhow::bail!("status {} instead of {status}", answer.status),
            Err(_) => waiting += 1,
        }
    }
    Ok((refused, waiting))
}

fn unfinished_lines(server: &Server) -> Result<String> {
    let mut line = b"{\"a\":\"".to_vec();
    line.extend(payload::repeated(b"a", 9 << 20));
    let head = head(NDJSON, "", "Transfer-Encoding: chunked\r\n\r\n");
    let (refused, waiting) = refused(hold(server, 100, &head, &line)?, 503)?;
    ensure!(waiting > 0, "nobody was served");
    ensure!(refused > 0, "the budget was exceeded");
    Ok(format!("{waiting} wait, {refused} refused"))
}

fn windows(server: &Server) -> Result<String> {
    // As compressible as is allowed: the window of the decoder is filled with few bytes.
    let mut text = Vec::new();
    let mut random = 1_u32;
    while text.len() < 15 << 20 {
        for _ in 0..8 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            text.extend_from_slice(&random.to_be_bytes());
        }
        text.extend(payload::repeated(b"a\n", 1024));
    }
    let mut said = Vec::new();
    let mut all = Vec::new();
    for (name, coded) in [
        ("zstd", payload::zstd(&text)?),
        ("br", payload::brotli(&text)?),
    ] {
        let more = format!("Content-Encoding: {name}\r\nTransfer-Encoding: chunked\r\n\r\n");
        // The last bytes are missing, so that the server waits with all it has.
        let part = &coded[..coded.len() - 8];
        all.push((name, hold(server, 50, &head(NDJSON, "", &more), part)?));
        said.push(format!("{name} {} KiB", part.len() >> 10));
    }
    Ok(said.join(", "))
}

fn documents_at_once(server: &Server) -> Result<String> {
    let document = payload::repeated(b"[[1,2,3],", 8 << 20);
    let head = head(JSON, "", "Transfer-Encoding: chunked\r\n\r\n");
    let (refused, waiting) = refused(hold(server, 100, &head, &document)?, 503)?;
    ensure!(refused > 0, "the budget was exceeded");
    Ok(format!("{waiting} wait, {refused} refused"))
}

fn unread_rows(server: &Server) -> Result<String> {
    let lines = payload::repeated(
        b"{\"a\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}\n",
        32 << 20,
    );
    let head = head(NDJSON, "", "Transfer-Encoding: chunked\r\n\r\n");
    let mut stream = server.connect_narrow(attacker(0))?;
    stream.set_write_timeout(Some(Duration::from_secs(1)))?;
    stream.write_all(head.as_bytes())?;
    // The server stops reading when nobody reads what it writes.
    let stopped = Chunks(&mut stream).send(&lines).is_err();
    ensure!(stopped, "32 MiB were taken though nobody reads");
    Ok("reading stops".to_owned())
}
