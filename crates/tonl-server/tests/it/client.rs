//! A client that writes HTTP/1.1 as it is told and reads answers piece by piece.
//!
//! Whatever it waits for comes or the test fails after [`PATIENCE`]: no test waits for a moment and
//! hopes.

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// How long anything may take, on a machine that is busy with other things.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Waits for something that must happen.
pub(crate) async fn soon<T>(what: &str, happening: impl Future<Output = T>) -> T {
    let happened = tokio::time::timeout(PATIENCE, happening).await;
    happened.unwrap_or_else(|_| panic!("{what} did not happen"))
}

pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Wire for T {}

/// A connection.
pub(crate) struct Client {
    wire: Box<dyn Wire>,
    read: Vec<u8>,
}

/// The head of an answer, and its body as far as it was read.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) trailers: BTreeMap<String, String>,
    /// Whether the body came to the end that its framing promises.
    pub(crate) is_whole: bool,
}

impl Answer {
    /// The value of a header that stands at most once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(it, _)| it == name);
        let value = values.next().map(|(_, value)| value.as_str());
        assert!(values.next().is_none(), "{name} stands twice: {self:?}");
        value
    }

    /// The names of all headers, in order of the alphabet.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<_> = self.headers.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

impl Client {
    pub(crate) async fn connect(addr: SocketAddr) -> Self {
        let stream = soon("a connection", TcpStream::connect(addr))
            .await
            .unwrap();
        Self::over(stream)
    }

    pub(crate) fn over(wire: impl Wire + 'static) -> Self {
        Self {
            wire: Box::new(wire),
            read: Vec::new(),
        }
    }

    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let sent = soon("a write", self.wire.write_all(bytes.as_ref())).await;
        sent.unwrap();
        soon("a flush", self.wire.flush()).await.unwrap();
    }

    /// Sends what the server takes; says whether it took all.
    pub(crate) async fn try_send(&mut self, bytes: &[u8]) -> bool {
        soon("a write", self.wire.write_all(bytes)).await.is_ok()
    }

    /// Sends a request without a body and reads the answer.
    pub(crate) async fn ask(&mut self, method: &str, target: &str, headers: &str) -> Answer {
        self.send(head(method, target, headers)).await;
        self.answer_to(method).await
    }

    /// Sends a request with a body and reads the answer.
    pub(crate) async fn post(&mut self, target: &str, headers: &str, body: &[u8]) -> Answer {
        let length = format!("content-length: {}\r\n{headers}", body.len());
        let mut request = head("POST", target, &length);
        request.extend_from_slice(body);
        self.send(request).await;
        self.answer().await
    }

    /// Sends one chunk of a body.
    pub(crate) async fn chunk(&mut self, data: &[u8]) {
        let mut chunk = format!("{:x}\r\n", data.len()).into_bytes();
        chunk.extend_from_slice(data);
        chunk.extend_from_slice(b"\r\n");
        self.send(chunk).await;
    }

    pub(crate) async fn answer(&mut self) -> Answer {
        self.answer_to("GET").await
    }

    /// Reads the answer to a request of this method.
    pub(crate) async fn answer_to(&mut self, method: &str) -> Answer {
        let mut answer = self.head().await;
        if method == "HEAD" || matches!(answer.status, 204 | 304) {
            answer.is_whole = true;
            return answer;
        }
        self.body_of(&mut answer).await;
        answer
    }

    /// Reads the body whose head was read.
    pub(crate) async fn body_of(&mut self, answer: &mut Answer) {
        if answer.header("transfer-encoding") == Some("chunked") {
            while let Some(piece) = self.piece(answer).await {
                answer.body.extend(piece);
            }
        } else {
            let length = answer.header("content-length");
            let length = length.map_or(0, |it| it.parse().unwrap());
            answer.is_whole = self.fill(length).await;
            let end = length.min(self.read.len());
            answer.body = self.read.drain(..end).collect();
        }
    }

    /// Reads the head of an answer.
    pub(crate) async fn head(&mut self) -> Answer {
        let head = self.until(b"\r\n\r\n").await.expect("no answer came");
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.trim_end().split("\r\n");
        let status = lines.next().unwrap();
        let header = |line: &str| {
            let (name, value) = line.split_once(": ").unwrap();
            (name.to_ascii_lowercase(), value.to_owned())
        };
        Answer {
            status: status.split(' ').nth(1).unwrap().parse().unwrap(),
            headers: lines.map(header).collect(),
            ..Answer::default()
        }
    }

    /// Reads a chunk; `None` at the end of the body or of the connection. Only at the first the
    /// answer is whole.
    pub(crate) async fn piece(&mut self, answer: &mut Answer) -> Option<Vec<u8>> {
        let line = String::from_utf8(self.until(b"\r\n").await?).unwrap();
        let length = usize::from_str_radix(line.trim_end(), 16).unwrap();
        if length > 0 {
            if !self.fill(length + 2).await {
                return None;
            }
            let piece = self.read.drain(..length).collect();
            self.read.drain(..2);
            return Some(piece);
        }
        loop {
            let line = String::from_utf8(self.until(b"\r\n").await?).unwrap();
            let Some((name, value)) = line.trim_end().split_once(": ") else {
                answer.is_whole = true;
                return None;
            };
            let name = name.to_ascii_lowercase();
            answer.trailers.insert(name, value.to_owned());
        }
    }

    /// Waits for the end of the connection and gives what came before it.
    pub(crate) async fn rest(&mut self) -> Vec<u8> {
        while self.more().await {}
        std::mem::take(&mut self.read)
    }

    /// The bytes up to and with this mark; `None` if the connection ends before.
    async fn until(&mut self, mark: &[u8]) -> Option<Vec<u8>> {
        loop {
            let found = self.read.windows(mark.len()).position(|it| it == mark);
            if let Some(place) = found {
                return Some(self.read.drain(..place + mark.len()).collect());
            }
            if !self.more().await {
                return None;
            }
        }
    }

    /// Reads until there are so many bytes; `false` if the connection ends before.
    async fn fill(&mut self, length: usize) -> bool {
        while self.read.len() < length {
            if !self.more().await {
                return false;
            }
        }
        true
    }

    async fn more(&mut self) -> bool {
        let mut buffer = vec![0; 16 << 10];
        let read = soon("an answer or an end", self.wire.read(&mut buffer)).await;
        // A connection that is cut may be reset.
        let read = read.unwrap_or(0);
        self.read.extend_from_slice(&buffer[..read]);
        read > 0
    }
}

/// A request's head, with a `Host`; further headers end in CRLF each.
pub(crate) fn head(method: &str, target: &str, headers: &str) -> Vec<u8> {
    format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\n{headers}\r\n").into_bytes()
}

/// An `Authorization` header.
pub(crate) fn bearer(token: &str) -> String {
    format!("authorization: Bearer {token}\r\n")
}

/// Wants no stream, so that a GET of an endpoint of MCP ends.
pub(crate) const NO_EVENTS: &str = "accept: application/json\r\n";

/// The headers of who has a token and wants no stream.
pub(crate) fn passing(token: &str) -> String {
    format!("{}{NO_EVENTS}", bearer(token))
}
