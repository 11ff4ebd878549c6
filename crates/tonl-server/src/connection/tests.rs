//! What becomes of a TLS handshake that is under way when the server drains (S45, S54).
//!
//! Time stands still and moves on only when both ends wait, so that "after that" is exact.

use super::*;
use bytes::Bytes;
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http2 as client;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use std::future::{Ready, ready};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, copy, duplex, split};
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

const MOMENT: Duration = Duration::from_millis(1);
/// Just within the time of a last request.
const LAST_MOMENT: Duration = Duration::from_millis(499);

type Answers = Ready<Result<Response<Body>, Infallible>>;

/// A connection whose client said its hello and is held back before it ends its handshake.
struct Held {
    client: JoinHandle<TlsStream<DuplexStream>>,
    rest: Arc<Notify>,
    served: JoinHandle<Ending>,
    lifecycle: Lifecycle,
}

impl Held {
    async fn offering(protocol: &[u8]) -> Self {
        let (tls, root) = certificate();
        let lifecycle = Lifecycle::default();
        lifecycle.advance(Phase::Serving);
        let answers: fn(Request<Body>) -> Answers =
            |_| ready(Ok(Response::new(Body::from("answered"))));
        let connections = Connections {
            config: ConnectionConfig::STANDARD,
            tls: Some(tls),
            lifecycle: lifecycle.clone(),
            stack: tower::service_fn(answers),
        };
        let (near, of_client) = duplex(BUFFER);
        let (of_server, far) = duplex(BUFFER);
        let rest = Arc::new(Notify::new());
        Handle::current().spawn(hold_back(of_client, of_server, Arc::clone(&rest)));
        let addr = ([127, 0, 0, 1], 50_000).into();
        let served = Handle::current().spawn(connections.serve_over(far, addr));
        let connector = connector(root, protocol);
        let client = Handle::current().spawn(async move {
            let name = ServerName::try_from("localhost").unwrap();
            connector.connect(name, near).await.unwrap()
        });
        // Time passes when nobody has anything to do: the server waits for the client.
        sleep(MOMENT).await;
        assert!(!served.is_finished());
        Self {
            client,
            rest,
            served,
            lifecycle,
        }
    }

    /// Lets the server drain, and after this time the client say the rest.
    async fn drain_and_go_on_after(self, time: Duration) -> (TlsStream<DuplexStream>, Ended) {
        self.lifecycle.advance(Phase::Draining);
        sleep(time).await;
        self.rest.notify_one();
        (self.client.await.unwrap(), Ended(self.served))
    }
}

/// The end of the server's side.
struct Ended(JoinHandle<Ending>);

/// Carries the client's hello, and what follows when it may; what the server says at once.
async fn hold_back(client: DuplexStream, server: DuplexStream, rest: Arc<Notify>) {
    let (mut from_client, mut to_client) = split(client);
    let (mut from_server, mut to_server) = split(server);
    let forth = async {
        let mut hello = vec![0; BUFFER];
        let length = from_client.read(&mut hello).await.unwrap();
        to_server.write_all(&hello[..length]).await.unwrap();
        rest.notified().await;
        // One of them may be gone.
        let _carried = copy(&mut from_client, &mut to_server).await;
        let _closed = to_server.shutdown().await;
    };
    let back = async {
        let _carried = copy(&mut from_server, &mut to_client).await;
        let _closed = to_client.shutdown().await;
    };
    tokio::join!(forth, back);
}

fn certificate() -> (Tls, CertificateDer<'static>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (
        folder.path().join("cert.pem"),
        folder.path().join("key.pem"),
    );
    std::fs::write(&cert, made.cert.pem()).unwrap();
    std::fs::write(&key, made.signing_key.serialize_pem()).unwrap();
    let tls = Tls::load(crate::TlsFiles::new(cert, key)).unwrap();
    (tls, made.cert.der().clone())
}

fn connector(root: CertificateDer<'static>, protocol: &[u8]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap();
    let mut config = builder.with_root_certificates(roots).with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    TlsConnector::from(Arc::new(config))
}

// S45, S54
#[tokio::test(start_paused = true)]
async fn a_request_behind_a_handshake_that_was_under_way_is_answered() {
    let held = Held::offering(b"http/1.1").await;
    let (mut client, ended) = held.drain_and_go_on_after(LAST_MOMENT).await;
    let request = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
    client.write_all(request).await.unwrap();
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    assert!(answer.ends_with("answered"), "{answer}");
    drop(client);
    assert_eq!(ended.0.await.unwrap(), Ending::Clean);
}

// S45, S54
#[tokio::test(start_paused = true)]
async fn a_request_of_http_2_behind_a_handshake_that_was_under_way_is_answered() {
    for late in [Duration::ZERO, LAST_MOMENT] {
        let held = Held::offering(b"h2").await;
        let (stream, ended) = held.drain_and_go_on_after(MOMENT).await;
        // The preface of HTTP/2 and the first request need not come at once.
        sleep(late).await;
        let io = TokioIo::new(stream);
        let (mut sender, connection) = client::handshake(TokioExecutor::new(), io).await.unwrap();
        let connection = Handle::current().spawn(connection);
        let request = Request::get("https://localhost/");
        let request = request.body(Empty::<Bytes>::new()).unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        let body = Limited::new(answer.into_body(), 1024);
        #[expect(clippy::disallowed_methods, reason = "the body is limited")]
        let body = body.collect().await.unwrap().to_bytes();
        assert_eq!(body, "answered");
        // GOAWAY ends the connection, though its client would go on.
        connection.await.unwrap().unwrap();
        assert_eq!(ended.0.await.unwrap(), Ending::Clean);
        drop(sender);
    }
}

// S45, S54
#[tokio::test(start_paused = true)]
async fn a_handshake_that_does_not_go_on_has_the_time_of_a_last_request() {
    let held = Held::offering(b"http/1.1").await;
    let start = Instant::now();
    held.lifecycle.advance(Phase::Draining);
    assert_eq!(held.served.await.unwrap(), Ending::Clean);
    assert_eq!(start.elapsed(), LAST_REQUEST);
}

// S45, S54
#[tokio::test(start_paused = true)]
async fn a_second_signal_waits_for_no_handshake() {
    let held = Held::offering(b"http/1.1").await;
    let start = Instant::now();
    held.lifecycle.advance(Phase::Draining);
    held.lifecycle.advance(Phase::Over);
    assert_eq!(held.served.await.unwrap(), Ending::Clean);
    assert_eq!(start.elapsed(), Duration::ZERO);
}
