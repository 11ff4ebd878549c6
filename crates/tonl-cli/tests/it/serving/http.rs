//! HTTP/1.1 as bytes: what is sent is what the test says, and what comes back is kept whole.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// An answer, read to the end of the connection.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    /// The value of a header; its name in any case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut fields = self.head.lines().filter_map(|line| line.split_once(": "));
        fields
            .find(|(field, _)| field.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Status and body.
    pub(crate) fn parts(&self) -> (u16, &str) {
        (self.status, &self.body)
    }
}

/// Longer than any server that works would take.
const PATIENCE: Duration = Duration::from_secs(20);

/// A connection with that much patience.
pub(crate) fn connect(addr: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect_timeout(&addr, PATIENCE).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A request's head: its first line's words, then headers, each `Name: value`.
pub(crate) fn request(method_and_path: &str, headers: &[&str]) -> String {
    let mut text = format!("{method_and_path} HTTP/1.1\r\nHost: localhost\r\n");
    for header in headers {
        text.push_str(header);
        text.push_str("\r\n");
    }
    text + "Connection: close\r\n\r\n"
}

/// Sends one request and reads until the end.
pub(crate) fn ask(addr: SocketAddr, method_and_path: &str, headers: &[&str]) -> Answer {
    exchange(connect(addr), &request(method_and_path, headers))
}

/// The same on any connection.
pub(crate) fn exchange(mut stream: impl Read + Write, request: &str) -> Answer {
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    // Some ends of TLS come without a farewell; what was read counts.
    let _end = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Answer {
        status: status.unwrap_or_else(|| panic!("no answer: {text:?}")),
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

/// The header that carries a token.
pub(crate) fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}
