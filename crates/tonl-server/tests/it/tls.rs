//! TLS (S45), and what is different over it.

use crate::client::{Client, bearer, head, soon};
use crate::server::{TOKEN, TestServer};
use axum::body::Body;
use http::Request;
use http_body_util::{BodyExt, Limited};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, Issuer, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, RootCertStore, SupportedProtocolVersion};
use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tonl_layers::client_addr::TrustedProxies;
use tonl_server::{TlsFiles, TlsReload};

const HSTS: &str = "max-age=31536000; includeSubDomains";

const ONE_EACH: [&[&SupportedProtocolVersion]; 2] = [&[&TLS12], &[&TLS13]];

/// Writes a new certificate for `localhost` and its key.
fn renew(folder: &Path) -> CertificateDer<'static> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("cert.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    made.cert.der().clone()
}

fn files(folder: &Path) -> TlsFiles {
    TlsFiles::new(folder.join("cert.pem"), folder.join("key.pem"))
}

/// A server with a certificate that lies in a folder, which is looked at by [`tonl_server::Tls`]
/// only when a test wants it.
fn start(files: TlsFiles) -> TestServer {
    TestServer::with(|setup| {
        setup.network.tls = Some(files);
        setup.network.tls_poll = Duration::from_secs(3600);
    })
}

/// How a client begins.
struct Hello {
    versions: &'static [&'static SupportedProtocolVersion],
    alpn: &'static [u8],
    identity: Option<(CertificateDer<'static>, PrivateKeyDer<'static>)>,
}

impl Hello {
    const PLAIN: Self = Self {
        versions: &[&TLS13, &TLS12],
        alpn: b"http/1.1",
        identity: None,
    };

    async fn say(
        self,
        server: &TestServer,
        root: &CertificateDer<'static>,
    ) -> io::Result<TlsStream<TcpStream>> {
        let mut roots = RootCertStore::empty();
        roots.add(root.clone()).unwrap();
        let provider = Arc::new(ring::default_provider());
        let builder = ClientConfig::builder_with_provider(provider);
        let builder = builder.with_protocol_versions(self.versions).unwrap();
        let builder = builder.with_root_certificates(roots);
        let mut config = match self.identity {
            None => builder.with_no_client_auth(),
            Some((cert, key)) => builder.with_client_auth_cert(vec![cert], key).unwrap(),
        };
        config.alpn_protocols = vec![self.alpn.to_vec()];
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TcpStream::connect(server.addr).await?;
        let connector = TlsConnector::from(Arc::new(config));
        soon("a handshake", connector.connect(name, stream)).await
    }
}

// S27, S45
#[tokio::test]
async fn both_versions_work_and_have_hsts() {
    let folder = TempDir::new().unwrap();
    let root = renew(folder.path());
    let server = start(files(folder.path()));
    for versions in ONE_EACH {
        let hello = Hello {
            versions,
            ..Hello::PLAIN
        };
        let stream = hello.say(&server, &root).await.unwrap();
        assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
        let mut client = Client::over(stream);
        let answer = client.ask("GET", "/health", "").await;
        assert_eq!(answer.header("strict-transport-security"), Some(HSTS));
        let answer = client.ask("GET", "/mcp", "").await;
        assert_eq!(answer.status, 401);
        assert_eq!(answer.header("strict-transport-security"), Some(HSTS));
    }
}

// S27
#[tokio::test]
async fn without_tls_only_a_trusted_proxy_can_say_https() {
    let https = "x-forwarded-proto: https\r\n";
    let server = TestServer::start();
    for headers in ["", https] {
        let answer = server.ask("GET", "/health", headers).await;
        assert_eq!(answer.header("strict-transport-security"), None);
    }
    let server = TestServer::with(|setup| {
        setup.app.proxies = TrustedProxies::parse("loopback").unwrap();
    });
    let answer = server.ask("GET", "/health", https).await;
    assert_eq!(answer.header("strict-transport-security"), Some(HSTS));
    let answer = server
        .ask("GET", "/health", "x-forwarded-proto: http\r\n")
        .await;
    assert_eq!(answer.header("strict-transport-security"), None);
}

// S45
#[tokio::test]
async fn an_older_version_and_plain_http_get_no_answer() {
    let folder = TempDir::new().unwrap();
    renew(folder.path());
    let server = start(files(folder.path()));
    // A hello of TLS 1.1, with a cipher suite that is fine.
    let mut hello = vec![0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0xc0, 0x2f, 1, 0]);
    let mut client = server.connect().await;
    client.send(hello).await;
    let rest = client.rest().await;
    assert_eq!(rest.first(), Some(&0x15), "no alert: {rest:?}");
    let mut client = server.connect().await;
    client.send(head("GET", "/health", "")).await;
    let rest = client.rest().await;
    assert!(!rest.starts_with(b"HTTP"), "{rest:?}");
    server
        .metric_becomes(r#"tonl_connections_refused_total{reason="tls"}"#, 2)
        .await;
}

// S45
#[tokio::test]
async fn a_handshake_has_its_time() {
    let folder = TempDir::new().unwrap();
    renew(folder.path());
    let tls = files(folder.path());
    let server = TestServer::with(|setup| {
        setup.network.tls = Some(tls);
        setup.network.connections.handshake = Duration::from_millis(100);
    });
    assert!(server.connect().await.rest().await.is_empty());
    server
        .metric_becomes(r#"tonl_connections_refused_total{reason="tls"}"#, 1)
        .await;
}

// S45, S54
#[tokio::test]
async fn a_handshake_that_hangs_does_not_delay_the_end() {
    let folder = TempDir::new().unwrap();
    renew(folder.path());
    let tls = files(folder.path());
    let long = Duration::from_secs(3600);
    let server = TestServer::with(|setup| {
        setup.network.tls = Some(tls);
        setup.network.connections.handshake = long;
        setup.network.shutdown.timeout = long;
    });
    let _hanging = server.connect().await;
    server.metric_becomes("tonl_connections_open", 1).await;
    server.signal().await;
    assert_eq!(server.stopped().await.cut, 0);
}

// S36, S45
#[tokio::test]
async fn http_2_serves_probes_and_conversions() {
    let folder = TempDir::new().unwrap();
    let root = renew(folder.path());
    let server = start(files(folder.path()));
    let hello = Hello {
        alpn: b"h2",
        ..Hello::PLAIN
    };
    let stream = hello.say(&server, &root).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let io = TokioIo::new(stream);
    let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await.unwrap();
    let mut running = tokio::task::JoinSet::new();
    running.spawn(connection);
    for (method, path, body, status, start) in [
        ("GET", "/health", "", 200, r#"{"status":"healthy""#),
        (
            "POST",
            "/stream/convert",
            "{\"a\":1}\n",
            200,
            "data[]{a:i64}:\n",
        ),
        ("POST", "/mcp", "{}", 401, r#"{"error":"Unauthorized"#),
    ] {
        let uri = format!("https://localhost{path}");
        let request = Request::builder().method(method).uri(uri);
        let request = request.body(Body::from(body)).unwrap();
        let answer = soon("an answer", sender.send_request(request))
            .await
            .unwrap();
        assert_eq!(answer.status(), status, "{path}");
        assert_eq!(answer.headers()["strict-transport-security"], HSTS);
        assert!(!answer.headers().contains_key("connection"));
        let body = Limited::new(answer.into_body(), 1 << 20);
        #[expect(clippy::disallowed_methods, reason = "the body is limited")]
        let body = soon("a body", body.collect()).await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        assert!(text.starts_with(start), "{path}: {text}");
    }
}

// S45, S62
#[tokio::test]
async fn http_2_has_its_times_too() {
    let folder = TempDir::new().unwrap();
    let root = renew(folder.path());
    let tls = files(folder.path());
    let server = TestServer::with(|setup| {
        setup.network.tls = Some(tls);
        setup.network.connections.header_timeout = Duration::from_millis(100);
    });
    let hello = Hello {
        alpn: b"h2",
        ..Hello::PLAIN
    };
    // It greets and asks nothing.
    let stream = hello.say(&server, &root).await.unwrap();
    let mut client = Client::over(stream);
    client
        .send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0")
        .await;
    client.rest().await;
    server.metric_becomes("tonl_connections_open", 0).await;
}

// S45
#[tokio::test]
async fn a_new_certificate_is_for_new_connections_and_ends_no_other() {
    let folder = TempDir::new().unwrap();
    let old = renew(folder.path());
    let server = start(files(folder.path()));
    let mut client = Client::over(Hello::PLAIN.say(&server, &old).await.unwrap());
    client
        .send(head("GET", "/metrics/live", &bearer(TOKEN)))
        .await;
    let mut answer = client.head().await;
    assert!(client.piece(&mut answer).await.is_some());
    let new = renew(folder.path());
    let reload = server.tls.as_ref().unwrap().reload();
    assert_eq!(reload.unwrap(), TlsReload::Changed);
    assert!(Hello::PLAIN.say(&server, &old).await.is_err());
    let mut other = Client::over(Hello::PLAIN.say(&server, &new).await.unwrap());
    assert_eq!(other.ask("GET", "/health", "").await.status, 200);
    assert!(
        client.piece(&mut answer).await.is_some(),
        "the stream ended"
    );
}

// S45
#[tokio::test]
async fn with_a_client_authority_clients_must_show_a_certificate() {
    let folder = TempDir::new().unwrap();
    let root = renew(folder.path());
    let mut params = CertificateParams::default();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca_key = KeyPair::generate().unwrap();
    let ca = params.self_signed(&ca_key).unwrap();
    let issuer = Issuer::from_params(&params, &ca_key);
    let ca_file = folder.path().join("ca.pem");
    fs::write(&ca_file, ca.pem()).unwrap();
    let mut tls = files(folder.path());
    tls.client_ca = Some(ca_file);
    let server = start(tls);
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["client".to_owned()]).unwrap();
    let cert = params.signed_by(&key, &issuer).unwrap();
    let stranger = rcgen::generate_simple_self_signed(["client".to_owned()]).unwrap();
    let known = (cert.der().clone(), der(&key));
    let unknown = (stranger.cert.der().clone(), der(&stranger.signing_key));
    for (identity, passes) in [(None, false), (Some(unknown), false), (Some(known), true)] {
        let hello = Hello {
            identity,
            ..Hello::PLAIN
        };
        // A client of TLS 1.3 learns of the refusal only when it reads.
        let Ok(stream) = hello.say(&server, &root).await else {
            assert!(!passes);
            continue;
        };
        let mut client = Client::over(stream);
        let close = "connection: close\r\n";
        client.try_send(&head("GET", "/health", close)).await;
        let answer = client.rest().await;
        assert_eq!(answer.starts_with(b"HTTP/1.1 200"), passes);
    }
}

fn der(key: &KeyPair) -> PrivateKeyDer<'static> {
    PrivateKeyDer::try_from(key.serialize_der()).unwrap()
}
