//! Which URLs and addresses are reached, against a server on this machine.

use super::*;
use crate::context::IdentityKey;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

fn call() -> CallContext {
    CallContext::new(IdentityKey::of("test"))
}

/// A server that gives one answer, and the URL it is asked at.
fn server(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut head = [0; 4_096];
        let _head = socket.read(&mut head).unwrap();
        socket.write_all(answer.as_bytes()).unwrap();
    });
    url
}

fn fetched(answer: &'static str, reach: Reach) -> Result<(Option<String>, String), FetchError> {
    let url = server(answer);
    let fetch = HttpFetch::new(vec![url.parse().unwrap()], reach);
    let fetched = fetch.fetch(&format!("{url}/a.json"), &call())?;
    let mut text = String::new();
    let mut body = fetched.body;
    body.read_to_string(&mut text).unwrap();
    Ok((fetched.media_type, text))
}

const GOOD: &str =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 3\r\n\r\n[1]";

#[test]
fn an_allowed_url_is_fetched() {
    let found = fetched(GOOD, Reach::Any).unwrap();
    assert_eq!(
        found,
        (Some("application/json".to_owned()), "[1]".to_owned())
    );
}

#[test]
fn a_name_that_leads_inwards_leads_nowhere() {
    assert_eq!(fetched(GOOD, Reach::Public), Err(FetchError::NoAnswer));
    let allowed = "http://localhost:1/".parse().unwrap();
    let fetch = HttpFetch::new(vec![allowed], Reach::Public);
    let inwards = fetch.fetch("http://localhost:1/x", &call());
    assert_eq!(inwards.unwrap_err(), FetchError::NoAnswer);
}

#[test]
fn other_answers_than_data_and_redirects_are_errors() {
    let moved = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(fetched(moved, Reach::Any), Err(FetchError::Status(302)));
    let missing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(fetched(missing, Reach::Any), Err(FetchError::Status(404)));
    let nonsense = fetched("nonsense\r\n\r\n", Reach::Any);
    assert_eq!(nonsense, Err(FetchError::NoAnswer));
}

#[test]
fn a_call_without_time_asks_nobody() {
    let url = server(GOOD);
    let fetch = HttpFetch::new(vec![url.parse().unwrap()], Reach::Any);
    let late = call().until(Instant::now());
    let answer = fetch.fetch(&url, &late);
    assert_eq!(answer.unwrap_err(), FetchError::NoAnswer);
}

#[test]
fn only_urls_that_begin_as_allowed_are_asked_for() {
    let allowed: AllowedUrl = "https://Data.example.com/public".parse().unwrap();
    for url in [
        "https://data.example.com/public",
        "https://data.example.com/public/",
        "https://DATA.example.com:443/public/a.json?x=1",
        "HTTPS://data.example.com/public/b/c",
    ] {
        let uri: Uri = url.parse().unwrap();
        assert!(is_plain(&uri) && allowed.admits(&uri), "{url}");
    }
    for url in [
        "http://data.example.com/public/a",
        "https://data.example.com/publicly",
        "https://data.example.com/",
        "https://data.example.com:8443/public/a",
        "https://data.example.com.evil.example/public/a",
        "https://data.example.com@evil.example/public/a",
        "https://evil.example/https://data.example.com/public/a",
        "https://user@data.example.com/public/a",
        "https://data.example.com/public/../secret",
        "https://data.example.com/public/%2E%2e/secret",
        "https://data.example.com/public/..%2fsecret",
        "https://data.example.com/public//secret",
        "file:///etc/passwd",
        "ftp://data.example.com/public/a",
        "data.example.com/public/a",
        "/public/a",
        "",
    ] {
        let parsed = url.parse::<Uri>();
        let admitted = parsed.is_ok_and(|uri| is_plain(&uri) && allowed.admits(&uri));
        assert!(!admitted, "{url}");
    }
    for bad in [
        "",
        "x",
        "ftp://a/",
        "https://",
        "https://u@a/",
        "https://a/?q",
        "https://a/../b",
    ] {
        assert!(bad.parse::<AllowedUrl>().is_err(), "{bad}");
    }
}

const PUBLIC: &str = "8.8.8.8 1.1.1.1 172.15.0.1 100.63.0.1 2606:4700::1111 2001:4860::1 \
                      64:ff9b::808:808 2002:808:808::1";

const PRIVATE: &str = "127.0.0.1 10.0.0.1 172.16.0.1 192.168.1.1 169.254.169.254 0.0.0.0 \
                       100.64.0.1 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1 198.51.100.1 \
                       203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255 :: ::1 fe80::1 fc00::1 \
                       fd12::1 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::127.0.0.1 \
                       64:ff9b::7f00:1 2002:7f00:1::1 2001::1 2001:db8::1 3fff::1 100::1 4000::1";

#[test]
fn addresses_of_the_public_network_are_told_from_all_others() {
    for text in PUBLIC.split(' ') {
        assert!(is_public(text.parse().unwrap()), "{text}");
    }
    for text in PRIVATE.split(' ') {
        assert!(!is_public(text.parse().unwrap()), "{text}");
    }
}
