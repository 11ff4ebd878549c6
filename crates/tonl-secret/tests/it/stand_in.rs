//! A store of secrets that answers as it is told, on a socket of this machine, and keeps what it
//! was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

/// One request as it arrived.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    /// The value of the only header with this name, in lower case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(header, _)| header == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} stands there twice");
        value
    }
}

/// A store that runs as long as the test does.
pub(crate) struct StandIn {
    address: SocketAddr,
    asked: Receiver<Asked>,
}

impl StandIn {
    /// Answers every request with this status and body.
    pub(crate) fn answering(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let body = body.into();
        Self::speaking(move |stream| {
            let head = format!(
                "HTTP/1.1 {status} X\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n",
                body.len()
            );
            // A client that has read enough closes early; that is its right.
            let _early = stream.write_all(&[head.as_bytes(), &body].concat());
        })
    }

    /// Answers every request with what this writes.
    pub(crate) fn speaking(mut answer: impl FnMut(&mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (tell, asked) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                if !hear(&stream, &tell) {
                    return;
                }
                answer(&mut stream);
            }
        });
        Self { address, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn authority(&self) -> String {
        self.address.to_string()
    }

    /// The next request that arrived.
    pub(crate) fn asked(&self) -> Asked {
        self.asked.recv_timeout(Duration::from_secs(20)).unwrap()
    }

    /// Whether nobody asked anything more.
    pub(crate) fn is_silent(&self) -> bool {
        self.asked.try_recv().is_err()
    }
}

/// Reads one request and passes it on; `false` when the test has ended.
fn hear(stream: &TcpStream, tell: &Sender<Asked>) -> bool {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).unwrap();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim_end().split_once(": ") else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let length = length.map_or(0, |(_, value)| value.parse().unwrap());
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let asked = Asked {
        line: line.trim_end().to_owned(),
        headers,
        body: String::from_utf8(body).unwrap(),
    };
    tell.send(asked).is_ok()
}
