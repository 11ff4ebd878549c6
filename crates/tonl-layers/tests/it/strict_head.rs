//! Heads on the wire: what hyper refuses itself, what it hides, and what the layer refuses.

use bytes::Bytes;
use http::{Request, Response, Version};
use http_body_util::{BodyExt, Empty, Full};
use hyper::body::Incoming;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::service::TowerToHyperService;
use std::convert::Infallible;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tonl_layers::strict_head::StrictHead;
use tonl_layers::{Defence, DefenceLayer, Verdict};
use tower::{Layer, service_fn};

/// What a service behind the layer is shown, as text.
async fn shown(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, mut body) = request.into_parts();
    let mut bytes = 0;
    while let Some(Ok(frame)) = body.frame().await {
        bytes += frame.into_data().map_or(0, |data| data.len());
    }
    let has = |name| head.headers.contains_key(name);
    let text = format!(
        "[{} length:{} coding:{} bytes:{bytes}]",
        head.uri,
        has("content-length"),
        has("transfer-encoding")
    );
    Ok(Response::new(Full::new(Bytes::from(text))))
}

/// Everything the server sends to these bytes until it closes the connection. A second request
/// follows them, which asks to close and is answered unless the first closes already.
async fn exchange(bytes: &[u8]) -> String {
    let (mut client, server) = duplex(64 * 1024);
    let service = TowerToHyperService::new(DefenceLayer(StrictHead).layer(service_fn(shown)));
    let serve =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(server), service);
    let talk = async {
        client.write_all(bytes).await.unwrap();
        client.write_all(SECOND).await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        String::from_utf8(answer).unwrap()
    };
    // A head that hyper cannot read is an error of the connection here, and an answer to the client.
    let (_, answer) = tokio::join!(serve, talk);
    answer
}

const SECOND: &[u8] = b"GET /second HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

fn is_open_after(answer: &str) -> bool {
    answer.contains("[/second ")
}

#[tokio::test]
async fn a_clear_request_passes_and_the_connection_stays_open() {
    let answer = exchange(b"POST /x HTTP/1.1\r\nHost: a:80\r\nContent-Length: 2\r\n\r\nhi").await;
    assert!(
        answer.contains("[/x length:true coding:false bytes:2]"),
        "{answer}"
    );
    assert!(is_open_after(&answer));
    for coding in ["chunked", "Chunked", " chunked "] {
        let head = format!("POST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: {coding}\r\n\r\n");
        let answer = exchange(format!("{head}2\r\nhi\r\n0\r\n\r\n").as_bytes()).await;
        assert!(
            answer.contains("[/x length:false coding:true bytes:2]"),
            "{answer}"
        );
        assert!(is_open_after(&answer));
    }
}

// S62: one valid Host.
#[tokio::test]
async fn a_request_without_exactly_one_valid_host_is_refused() {
    for hosts in [
        "",
        "Host:\r\n",
        "Host: a\r\nHost: a\r\n",
        "Host: a\r\nhost: b\r\n",
        "Host: a b\r\n",
        "Host: a, b\r\n",
        "Host: u@a\r\n",
        "Host: a/b\r\n",
        "Host: a:b\r\n",
        "Host: a\r\nHost:\r\n",
    ] {
        let answer = exchange(format!("GET /x HTTP/1.1\r\n{hosts}\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{hosts:?}: {answer}");
        assert!(
            answer.contains(r#"{"error":"Invalid Host header"}"#),
            "{hosts:?}: {answer}"
        );
        assert!(is_open_after(&answer), "{hosts:?}");
    }
}

#[tokio::test]
async fn the_target_and_the_host_must_name_the_same() {
    let answer = exchange(b"GET http://a/x HTTP/1.1\r\nHost: A\r\n\r\n").await;
    assert!(answer.contains("[http://a/x "), "{answer}");
    let answer = exchange(b"GET http://evil/x HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(
        answer.contains(r#"{"error":"Invalid Host header"}"#),
        "{answer}"
    );
}

#[tokio::test]
async fn http_1_0_needs_no_host() {
    let answer = exchange(b"GET /x HTTP/1.0\r\n\r\n").await;
    assert!(answer.contains("[/x "), "{answer}");
    assert!(!is_open_after(&answer));
    let answer = exchange(b"GET /x HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n").await;
    assert!(
        answer.contains(r#"{"error":"Invalid Host header"}"#),
        "{answer}"
    );
}

// S62: no coding but chunked, once.
#[tokio::test]
async fn any_other_transfer_encoding_is_refused_and_the_connection_closed() {
    for codings in [
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked, chunked\r\n",
        "Transfer-Encoding: ,chunked\r\n",
    ] {
        let head = format!("POST /x HTTP/1.1\r\nHost: a\r\n{codings}\r\n");
        let answer = exchange(format!("{head}0\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{codings:?}: {answer}");
        let text = r#"{"error":"Invalid Transfer-Encoding header"}"#;
        assert!(answer.contains(text), "{codings:?}: {answer}");
        assert!(
            answer.contains("connection: close"),
            "{codings:?}: {answer}"
        );
        assert!(!is_open_after(&answer), "{codings:?}");
    }
}

/// These never reach a layer: hyper's own answer is a bare 400, and it closes.
#[tokio::test]
async fn hyper_itself_refuses_bodies_without_a_clear_length() {
    for head in [
        "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip",
        "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip",
        "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked",
        "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: \u{b}chunked",
        "HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked",
        "HTTP/1.0\r\nTransfer-Encoding: chunked",
        "HTTP/1.1\r\nHost: a\r\nContent-Length: +2",
        "HTTP/1.1\r\nHost: a\r\nContent-Length: 2, 2",
        "HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3",
        "HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999",
        "HTTP/1.1\r\nHost: a\r\nX: a\r\n folded",
        "HTTP/1.1\r\nHost: a\r\nX: a\0b",
    ] {
        let answer = exchange(format!("POST /x {head}\r\n\r\nhi").as_bytes()).await;
        assert!(
            answer.contains(" 400 Bad Request\r\n"),
            "{head:?}: {answer}"
        );
        assert!(answer.ends_with("\r\n\r\n"), "{head:?}: {answer}");
        assert!(!is_open_after(&answer), "{head:?}");
    }
}

/// hyper hides the length from every service. What counts: the chunks are the body, and nothing
/// that follows them is taken for a request.
#[tokio::test]
async fn a_length_beside_chunks_is_dropped_and_the_connection_closes() {
    for lengths in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive\r\n",
    ] {
        let head = format!("POST /x HTTP/1.1\r\nHost: a\r\n{lengths}\r\n");
        let answer = exchange(format!("{head}2\r\nhi\r\n0\r\n\r\n").as_bytes()).await;
        assert!(
            answer.contains("[/x length:false coding:true bytes:2]"),
            "{answer}"
        );
        assert!(!is_open_after(&answer), "{lengths:?}");
    }
}

#[tokio::test]
async fn a_server_that_shows_both_lengths_is_refused_here() {
    let request = Request::builder()
        .header("host", "a")
        .header("content-length", "5")
        .header("transfer-encoding", "chunked");
    let (mut head, ()) = request.body(()).unwrap().into_parts();
    let Verdict::Refuse(rejection) = StrictHead.check(&mut head) else {
        unreachable!("it has two lengths");
    };
    let response: Response<Bytes> = rejection.into_response();
    assert_eq!(response.status(), 400);
    assert_eq!(response.headers()["connection"], "close");
}

// S62: bytes of a target that could harm a log or a terminal.
#[tokio::test]
async fn a_target_beyond_printable_ascii_is_refused() {
    for target in [
        "/\u{e4}",
        "/\u{202e}x",
        "/x?\u{e4}",
        "/\u{7f}",
        "/x\u{1}",
        "/\0",
        "/x?\u{1b}[2J",
    ] {
        let answer = exchange(format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{target:?}: {answer}");
        assert!(!answer.contains("[/x "), "{target:?}: {answer}");
    }
    let answer = exchange(b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

/// Routes match exactly, so a path that needs reading matches none as long as it stays as it is.
#[tokio::test]
async fn strange_paths_reach_the_router_as_they_were_written() {
    for path in [
        "/../x", "//x", "/x/", "/%78", "/x/..%2f", "/x\\y", "/x;a", "/%00", "/X", "/./x",
    ] {
        let answer = exchange(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).await;
        assert!(answer.contains(&format!("[{path} ")), "{path}: {answer}");
    }
    let answer = exchange(b"GET /x#y HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert!(answer.contains("[/x "), "{answer}");
}

/// A client and a server of HTTP/2 on the two ends of a pipe; the status of the answer.
async fn status_over_http2(request: Request<Empty<Bytes>>) -> u16 {
    let (client, server) = duplex(64 * 1024);
    let service = TowerToHyperService::new(DefenceLayer(StrictHead).layer(service_fn(shown)));
    let serve = hyper::server::conn::http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(server), service);
    let ask = async {
        let io: TokioIo<DuplexStream> = TokioIo::new(client);
        let (mut send, connection) =
            hyper::client::conn::http2::handshake(TokioExecutor::new(), io)
                .await
                .unwrap();
        tokio::select! {
            response = send.send_request(request) => response.unwrap().status().as_u16(),
            _ = connection => unreachable!("the answer comes before the end"),
        }
    };
    tokio::select! {
        status = ask => status,
        _ = serve => unreachable!("the client leaves first"),
    }
}

#[tokio::test]
async fn over_http2_the_authority_is_the_host_and_none_may_contradict_it() {
    let ask = |host: Option<&str>| {
        let mut request = Request::builder()
            .version(Version::HTTP_2)
            .uri("http://a/x");
        if let Some(host) = host {
            request = request.header("host", host);
        }
        status_over_http2(request.body(Empty::new()).unwrap())
    };
    assert_eq!(ask(None).await, 200);
    assert_eq!(ask(Some("a")).await, 200);
    assert_eq!(ask(Some("b")).await, 400);
}
