//! A client that does not keep to rules: bytes as they are, and whatever comes back.

use super::server::Server;
use anyhow::{Context, Result, ensure};
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A TLS connection.
pub(super) type Tls = StreamOwned<ClientConnection, TcpStream>;

/// How many bytes of an answer are kept; the rest is passed over.
const KEPT: usize = 1 << 20;

/// What came back until the server closed the connection.
#[derive(Debug, Clone, Default)]
pub(super) struct Answer {
    /// The status of the first answer; 0 when there was none.
    pub(super) status: u16,
    /// Its head, in small letters.
    pub(super) head: String,
    /// The beginning of what followed it, with the marks of its chunks.
    pub(super) body: Vec<u8>,
    /// How many answers were in it.
    pub(super) answers: usize,
    /// How long it took.
    pub(super) took: Duration,
    /// Whether the last chunk came, for an answer in chunks.
    pub(super) is_whole: bool,
}

impl Answer {
    /// The body as text, for comparisons.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The status, if it is one of those expected; 0 is a connection closed without a word.
    pub(super) fn expect(&self, statuses: &[u16]) -> Result<String> {
        let text: String = self.text().chars().take(200).collect();
        ensure!(
            statuses.contains(&self.status),
            "status {} instead of {statuses:?}: {text:?}",
            self.status
        );
        Ok(match self.status {
            0 => "closed".to_owned(),
            status => status.to_string(),
        })
    }
}

/// Sends and reads at the same time, until the server closes. A server that stops reading is no
/// error of the client.
pub(super) fn exchange(
    stream: &TcpStream,
    send: impl FnOnce(&mut TcpStream) -> io::Result<()> + Send,
) -> Result<Answer> {
    let mut writer = stream.try_clone()?;
    let start = Instant::now();
    std::thread::scope(|scope| {
        scope.spawn(move || send(&mut writer));
        let answer = read(stream, start);
        // The sender must not wait for room that nobody makes any more.
        let _closed = stream.shutdown(Shutdown::Both);
        answer
    })
}

/// Reads until the server closes.
pub(super) fn read(mut stream: impl Read, start: Instant) -> Result<Answer> {
    let mut kept = Vec::new();
    let mut last = Vec::new();
    let mut piece = vec![0; 64 << 10];
    loop {
        match stream.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => {
                let room = KEPT.saturating_sub(kept.len()).min(read);
                kept.extend_from_slice(&piece[..room]);
                last.extend_from_slice(&piece[read.saturating_sub(5)..read]);
                last.drain(..last.len().saturating_sub(5));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                ) =>
            {
                return Err(error).context("the server neither answers nor closes");
            }
            // A reset is an end as well.
            Err(_) => break,
        }
    }
    Ok(parse(&kept, &last, start.elapsed()))
}

fn parse(kept: &[u8], last: &[u8], took: Duration) -> Answer {
    let end = memchr::memmem::find(kept, b"\r\n\r\n").map_or(kept.len(), |at| at + 4);
    let (head, body) = kept.split_at(end);
    let head = String::from_utf8_lossy(head).to_lowercase();
    let status = head
        .strip_prefix("http/1.1 ")
        .or_else(|| head.strip_prefix("http/1.0 "))
        .and_then(|rest| rest.split(' ').next()?.trim().parse().ok())
        .unwrap_or_default();
    Answer {
        status,
        head,
        body: body.to_vec(),
        answers: memchr::memmem::find_iter(kept, b"HTTP/1.1 ").count(),
        took,
        is_whole: last == b"0\r\n\r\n",
    }
}

/// A TLS connection that offers these protocols.
pub(super) fn tls(server: &Server, from: Ipv4Addr, protocols: &[&[u8]]) -> Result<Tls> {
    let certificate = server.certificate().context("this server speaks no TLS")?;
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from(certificate.to_vec()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let name = ServerName::try_from("localhost")?;
    let connection = ClientConnection::new(Arc::new(config), name)?;
    Ok(StreamOwned::new(connection, server.connect(from)?))
}

/// One exchange of HTTP/1.1 over TLS.
pub(super) fn over_tls(server: &Server, bytes: &[u8]) -> Result<Answer> {
    let start = Instant::now();
    let mut stream = tls(server, Ipv4Addr::LOCALHOST, &[b"http/1.1"])?;
    stream.write_all(bytes)?;
    read(stream, start)
}
