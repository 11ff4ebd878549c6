//! A client that is as small as can be, so that what is measured is the server.

use super::child::TOKEN;
use anyhow::{Context, Result, ensure};
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::thread;
use std::time::Duration;

/// The head of a GET.
pub(super) fn get(path: &str, addr: SocketAddr) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n")
}

/// Sends a body and throws the answer away while it comes; gives the answer's length in bytes, its
/// head included.
///
/// # Errors
/// When the answer is not 200, or is broken off.
pub(super) fn post(addr: SocketAddr, path: &str, body: &[u8]) -> Result<u64> {
    let socket = open(addr, path, body.len())?;
    thread::scope(|scope| {
        let mut writer = &socket;
        let sent = scope.spawn(move || writer.write_all(body));
        let answer = read_to_end(&socket);
        // An answer that came too early must not leave the writer waiting.
        let _closed = socket.shutdown(Shutdown::Both);
        let sent = sent.join().ok().context("the writer panicked")?;
        let answer = answer?;
        sent.context("the body was not taken")?;
        Ok(answer)
    })
}

/// Sends a body as far as it is taken by a server whose answer nobody reads, and gives the
/// connection, which stays open.
///
/// # Errors
/// When the server cannot be reached.
pub(super) fn post_without_reading(addr: SocketAddr, path: &str, body: &[u8]) -> Result<TcpStream> {
    let socket = open(addr, path, body.len())?;
    socket.set_write_timeout(Some(Duration::from_secs(2)))?;
    match (&socket).write_all(body) {
        Ok(()) => {}
        Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(socket)
}

fn open(addr: SocketAddr, path: &str, length: usize) -> Result<TcpStream> {
    let socket = TcpStream::connect(addr)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\
         Content-Type: application/x-ndjson\r\nContent-Length: {length}\r\n\r\n"
    );
    (&socket).write_all(head.as_bytes())?;
    Ok(socket)
}

/// Reads to the end; the last chunk, or the length that was promised, must be there.
fn read_to_end(mut socket: &TcpStream) -> Result<u64> {
    let mut buffer = vec![0; 256 << 10];
    let (mut length, mut promised, mut tail) = (0_u64, None, Vec::new());
    loop {
        let read = socket.read(&mut buffer)?;
        let Some(piece) = buffer.get(..read).filter(|piece| !piece.is_empty()) else {
            break;
        };
        if length == 0 {
            let begins = piece.starts_with(b"HTTP/1.1 200 ");
            ensure!(begins, "{}", String::from_utf8_lossy(piece));
            promised = whole_length(piece).map(|(_, whole)| whole as u64);
        }
        tail.extend_from_slice(&piece[piece.len().saturating_sub(LAST_CHUNK.len())..]);
        tail.drain(..tail.len().saturating_sub(LAST_CHUNK.len()));
        length += read as u64;
    }
    let is_whole = promised.map_or(tail == LAST_CHUNK, |promised| promised == length);
    ensure!(is_whole, "the answer broke off after {length} bytes");
    Ok(length)
}

/// The answer to a small request, whole, and where its body begins.
///
/// # Errors
/// When it does not come, or has no length.
pub(super) fn answer(addr: SocketAddr, path: &str) -> Result<(usize, usize)> {
    let mut socket = TcpStream::connect(addr)?;
    socket.write_all(get(path, addr).as_bytes())?;
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = socket.read(&mut buffer)?;
        ensure!(read > 0, "no answer to {path}");
        answer.extend_from_slice(&buffer[..read]);
        if let Some(whole) = whole_length(&answer) {
            return Ok(whole);
        }
    }
}

/// The length of an answer's head and of all of it, if its head is there and tells.
pub(super) fn whole_length(answer: &[u8]) -> Option<(usize, usize)> {
    let head = memchr::memmem::find(answer, b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(answer.get(..head)?).to_ascii_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"))?;
    Some((head, head + length.trim().parse::<usize>().ok()?))
}

/// The end of a body whose length was not promised (RFC 9112, 7.1).
const LAST_CHUNK: &[u8] = b"0\r\n\r\n";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_as_long_as_its_head_says() {
        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(whole_length(answer), Some((38, 43)));
        assert_eq!(whole_length(&answer[..30]), None);
        assert_eq!(whole_length(b"HTTP/1.1 200 OK\r\n\r\n"), None);
    }
}
