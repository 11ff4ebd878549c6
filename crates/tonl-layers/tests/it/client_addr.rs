//! Who the client is, with and without proxies in front.

use crate::exchange::{found, request};
use http::Request;
use std::net::IpAddr;
use tonl_layers::client_addr::{ClientAddr, TrustedProxies};
use tonl_layers::{Client, Peer};
use tonl_testkit::Random;

fn behind(list: &str) -> ClientAddr {
    ClientAddr::new(TrustedProxies::parse(list).unwrap())
}

async fn client(trusted: &str, peer: &str, headers: &[(&str, &str)]) -> Client {
    let request = request("GET /", peer, headers);
    found(behind(trusted), request).await.unwrap()
}

async fn address(trusted: &str, forwarded: &[&str]) -> String {
    let headers: Vec<_> = forwarded
        .iter()
        .map(|it| ("x-forwarded-for", *it))
        .collect();
    client(trusted, "10.0.0.1:9", &headers).await.ip.to_string()
}

// S25: without the setting, X-Forwarded-For is ignored.
#[tokio::test]
async fn a_peer_that_is_no_trusted_proxy_is_the_client_whatever_it_says() {
    let lies = [
        ("x-forwarded-for", "1.2.3.4"),
        ("x-forwarded-proto", "https"),
        ("x-forwarded-host", "bank.example"),
    ];
    for (trusted, peer) in [("", "10.0.0.1:9"), ("10.0.0.0/8", "192.0.2.1:9")] {
        let client = client(trusted, peer, &lies).await;
        let peer = peer.parse().unwrap();
        assert_eq!(
            client,
            Client::direct(Peer {
                addr: peer,
                tls: false
            })
        );
    }
}

// S24, S25: the first untrusted address from the right, over all lines.
#[tokio::test]
async fn the_first_untrusted_address_from_the_right_is_the_client() {
    let cases: &[(&[&str], &str)] = &[
        (&["192.0.2.7"], "192.0.2.7"),
        (&["1.1.1.1, 192.0.2.7"], "192.0.2.7"),
        (&["1.1.1.1, 192.0.2.7, 10.0.0.2"], "192.0.2.7"),
        (&["1.1.1.1", "192.0.2.7", "10.0.0.3,10.0.0.2"], "192.0.2.7"),
        (&["192.0.2.7:1234"], "192.0.2.7"),
        (&["[2001:db8::7]:1234"], "2001:db8::7"),
        (&["2001:db8::7, ::ffff:10.0.0.2"], "2001:db8::7"),
        (&["::ffff:192.0.2.7"], "192.0.2.7"),
        (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (&[], "10.0.0.1"),
    ];
    for (forwarded, expected) in cases {
        assert_eq!(
            address("10.0.0.0/8", forwarded).await,
            *expected,
            "{forwarded:?}"
        );
    }
}

#[tokio::test]
async fn a_malformed_entry_stops_the_walk_at_the_last_proxy_before_it() {
    for entry in [
        "",
        "unknown",
        "_x",
        "1.2.3.4 5",
        "fe80::1%eth0",
        "1.2.3.4:x",
        "\"1.2.3.4\"",
    ] {
        let forwarded = format!("192.0.2.7, {entry}, 10.0.0.2");
        assert_eq!(
            address("10.0.0.0/8", &[&forwarded]).await,
            "10.0.0.2",
            "{entry:?}"
        );
        assert_eq!(
            address("10.0.0.0/8", &[entry]).await,
            "10.0.0.1",
            "{entry:?}"
        );
    }
}

#[tokio::test]
async fn the_walk_ends_after_a_hundred_hops() {
    let proxies = vec!["10.0.0.2"; 99].join(",");
    let within = format!("1.1.1.1, 192.0.2.7, {proxies}");
    assert_eq!(address("10.0.0.0/8", &[&within]).await, "192.0.2.7");
    let beyond = format!("192.0.2.7, 10.0.0.3, {proxies}");
    assert_eq!(address("10.0.0.0/8", &[&beyond]).await, "10.0.0.3");
}

// S28: the scheme counts from a trusted peer alone.
#[tokio::test]
async fn scheme_and_host_are_the_rightmost_of_a_trusted_peer() {
    let cases = [
        ("https", true),
        ("HTTPS", true),
        ("http, https", true),
        ("https, http", false),
        ("https,", false),
        ("httpsx", false),
    ];
    for (proto, https) in cases {
        let client = client("private", "10.0.0.1:9", &[("x-forwarded-proto", proto)]).await;
        assert_eq!(client.https, https, "{proto}");
    }
    let hosts = [
        ("a.example", Some("a.example")),
        ("evil.example, a.example:8443", Some("a.example:8443")),
        ("a.example, b c", None),
        ("", None),
    ];
    for (host, expected) in hosts {
        let client = client("private", "10.0.0.1:9", &[("x-forwarded-host", host)]).await;
        assert_eq!(client.forwarded_host.as_deref(), expected, "{host}");
    }
}

#[tokio::test]
async fn without_a_peer_the_client_is_nobody() {
    let request = Request::builder()
        .header("x-forwarded-for", "1.2.3.4")
        .header("x-forwarded-proto", "https")
        .body(())
        .unwrap();
    let client: Client = found(behind("loopback, private"), request).await.unwrap();
    assert!(client.ip.is_unspecified());
    assert!(!client.https);
    assert_eq!(client.forwarded_host, None);
}

// S25: whatever a client writes to the left, the address its proxy saw wins.
#[tokio::test]
async fn no_forged_chain_makes_another_address_the_client() {
    let mut random = Random::new(25);
    let forgeries = [
        "10.0.0.9",
        "127.0.0.1",
        "1.2.3.4",
        "::1",
        "unknown",
        "",
        ",",
        "10.0.0.9:1",
        "[::1]:2",
        "\t",
        "for=10.0.0.9",
        "192.0.2.99",
    ];
    for _ in 0..2_000 {
        let mut lines: Vec<String> = Vec::new();
        for _ in 0..random.below(4) {
            let parts: Vec<&str> = (0..random.below(6))
                .map(|_| *random.pick(&forgeries))
                .collect();
            lines.push(parts.join(","));
        }
        // What trusted proxies appended: the client as they saw it, then each other.
        let mut seen = String::from("192.0.2.7");
        for _ in 0..random.below(3) {
            seen.push_str(", 10.0.0.2");
        }
        match lines.last_mut().filter(|_| random.chance(50)) {
            Some(line) => *line = format!("{line}, {seen}"),
            None => lines.push(seen),
        }
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(
            address("10.0.0.0/8, loopback", &lines).await,
            "192.0.2.7",
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn arbitrary_bytes_are_read_without_panic_and_never_as_a_made_up_address() {
    let mut random = Random::new(7);
    let alphabet = b"0123456789.:[],%abf \t\"\xff";
    for _ in 0..5_000 {
        let bytes: Vec<u8> = (0..random.below(40))
            .map(|_| *random.pick(alphabet))
            .collect();
        let Ok(value) = http::HeaderValue::from_bytes(&bytes) else {
            continue;
        };
        let mut request = request("GET /", "127.0.0.1:9", &[]);
        for name in ["x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"] {
            request.headers_mut().insert(name, value.clone());
        }
        let client: Client = found(behind("loopback"), request).await.unwrap();
        let last = bytes
            .rsplit(|byte| *byte == b',')
            .next()
            .unwrap()
            .trim_ascii();
        let last = String::from_utf8_lossy(last);
        let written = last.parse::<IpAddr>().ok();
        if let Some(written) = written {
            assert_eq!(client.ip, written.to_canonical());
        }
    }
}
