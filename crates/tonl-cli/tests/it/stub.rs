//! A server of metrics made of a listener and a closure, on a free port of this machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// What the stub is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) authorization: Option<String>,
    /// How many requests came before it.
    pub(crate) before: usize,
}

/// What it answers.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    /// A status line's rest, such as `200 OK`, and a body.
    Page(&'static str, String),
    /// Events of a live stream, and then its end.
    Events(Vec<String>),
    /// Events of a live stream, which then stays open.
    OpenEvents(Vec<String>),
    /// A redirect to this path.
    Elsewhere(&'static str),
    /// These bytes and nothing else.
    Raw(&'static [u8]),
    /// Nothing, with the connection open.
    Silence,
}

/// A running stub; it ends with the test.
pub(crate) struct Stub {
    port: u16,
    asked: Arc<Mutex<Vec<Request>>>,
    ended: Arc<AtomicBool>,
    /// Connections that stay open until the end.
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Stub {
    /// Answers every request.
    pub(crate) fn start(answer: impl Fn(&Request) -> Reply + Send + 'static) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").unwrap(), answer)
    }

    /// The same on a listener that is there already.
    pub(crate) fn on(
        listener: TcpListener,
        answer: impl Fn(&Request) -> Reply + Send + 'static,
    ) -> Self {
        let stub = Self {
            port: listener.local_addr().unwrap().port(),
            asked: Arc::default(),
            ended: Arc::default(),
            open: Arc::default(),
        };
        let (asked, ended, open) = (stub.asked.clone(), stub.ended.clone(), stub.open.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                let Some(mut request) = read(&stream) else {
                    continue;
                };
                {
                    let mut asked = asked.lock().unwrap();
                    request.before = asked.len();
                    asked.push(request.clone());
                }
                if let Some(stream) = write(stream, answer(&request)) {
                    open.lock().unwrap().push(stream);
                }
            }
        });
        stub
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What was asked so far.
    pub(crate) fn asked(&self) -> Vec<Request> {
        self.asked.lock().unwrap().clone()
    }

    /// A text with the port, which is another one each time, left out.
    pub(crate) fn without_port(&self, text: &str) -> String {
        text.replace(&self.port.to_string(), "PORT")
    }
}

impl Drop for Stub {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // The listener waits for a connection; this one ends it.
        drop(TcpStream::connect(("127.0.0.1", self.port)));
        for stream in self.open.lock().unwrap().drain(..) {
            let _closed = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Answers over TLS with this page, whatever is asked; the address and the certificate to trust.
pub(crate) fn encrypted(page: &str) -> (String, String) {
    let names = ["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let provider = rustls::crypto::ring::default_provider();
    let config = rustls::ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], made.signing_key.into())
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{page}");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = rustls::StreamOwned::new(connection, stream.unwrap());
            let mut begun = [0; 1024];
            // A client that does not trust the certificate ends the handshake: that is its right.
            if stream.read(&mut begun).is_ok() {
                stream.write_all(answer.as_bytes()).unwrap();
                stream.conn.send_close_notify();
                stream.flush().unwrap();
            }
        }
    });
    (format!("https://localhost:{port}"), made.cert.pem())
}

fn read(stream: &TcpStream) -> Option<Request> {
    let mut lines = BufReader::new(stream.take(64 << 10)).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut authorization = None;
    for line in lines
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
    {
        let (name, value) = line.split_once(": ")?;
        if name.eq_ignore_ascii_case("authorization") {
            authorization = Some(value.to_owned());
        }
    }
    Some(Request {
        path,
        authorization,
        before: 0,
    })
}

/// Writes a reply; the connection if it is to stay open. The client may have left: that is its right.
fn write(mut stream: TcpStream, reply: Reply) -> Option<TcpStream> {
    let begun = "Content-Type: text/event-stream\r\nConnection: close\r\n\r\n";
    match reply {
        Reply::Page(status, body) => {
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            drop(stream.write_all((head + &body).as_bytes()));
            None
        }
        Reply::Events(events) => {
            let text = format!("HTTP/1.1 200 OK\r\n{begun}{}", events.concat());
            drop(stream.write_all(text.as_bytes()));
            None
        }
        Reply::OpenEvents(events) => {
            let text = format!("HTTP/1.1 200 OK\r\n{begun}{}", events.concat());
            drop(stream.write_all(text.as_bytes()));
            Some(stream)
        }
        Reply::Elsewhere(path) => {
            let head =
                format!("HTTP/1.1 302 Found\r\nLocation: {path}\r\nContent-Length: 0\r\n\r\n");
            drop(stream.write_all(head.as_bytes()));
            None
        }
        Reply::Raw(bytes) => {
            drop(stream.write_all(bytes));
            None
        }
        Reply::Silence => Some(stream),
    }
}
