//! Which names a server answers to.

use crate::exchange::{ask, of_client, request};
use http::Request;
use tonl_layers::client_addr::{ClientAddr, TrustedProxies};
use tonl_layers::host::{AllowedHosts, HostGuard};

fn guard(bound: &str, list: &str) -> HostGuard {
    HostGuard::new(AllowedHosts::parse(bound.parse().unwrap(), list).unwrap())
}

async fn passes(guard: HostGuard, request: Request<()>) -> bool {
    let response = ask(guard, request).await;
    if response.status() == 403 {
        assert_eq!(response.body(), r#"{"error":"Host not allowed"}"#);
        return false;
    }
    assert_eq!(response.body(), "reached");
    true
}

async fn passes_for(bound: &str, list: &str, host: &str) -> bool {
    passes(guard(bound, list), of_client("GET /", &[("host", host)])).await
}

// S30: a page that rebinds its name to loopback is refused by its name.
#[tokio::test]
async fn bound_to_loopback_only_loopback_names_pass() {
    for host in [
        "localhost",
        "LocalHost:3000",
        "localhost.",
        "app.localhost:80",
        "127.0.0.1:3000",
        "127.255.0.9",
        "[::1]",
        "[::1]:3000",
        "[0:0:0::1]",
        "[::ffff:127.0.0.1]:3000",
    ] {
        assert!(passes_for("127.0.0.1", "", host).await, "{host}");
        assert!(passes_for("::1", "", host).await, "{host}");
    }
    for host in [
        "evil.example",
        "evil.example:3000",
        "localhost.evil.example",
        "evillocalhost",
        "0.0.0.0:3000",
        "[::]",
        "128.0.0.1",
        "127.1",
        "0x7f.1",
        "127.0.0.1.evil.example",
        "",
        "localhost, evil",
        "evil@localhost",
        "localhost:x",
    ] {
        assert!(!passes_for("127.0.0.1", "", host).await, "{host:?}");
    }
}

#[tokio::test]
async fn names_of_the_list_pass_with_their_port_or_with_any() {
    let list = "api.example.com, tools.example:8443, [2001:db8::1], plain.example:80";
    for bound in ["127.0.0.1", "0.0.0.0"] {
        for host in [
            "API.example.com",
            "api.example.com:1234",
            "api.example.com.",
            "tools.example:8443",
            "[2001:db8:0::1]:9",
            "plain.example",
            "plain.example:80",
        ] {
            assert!(passes_for(bound, list, host).await, "{bound} {host}");
        }
        for host in [
            "tools.example",
            "tools.example:443",
            "x.api.example.com",
            "plain.example:81",
        ] {
            assert!(!passes_for(bound, list, host).await, "{bound} {host}");
        }
    }
    assert!(!passes_for("0.0.0.0", list, "localhost").await);
}

#[tokio::test]
async fn bound_elsewhere_without_a_list_every_host_passes() {
    for host in ["evil.example", "10.0.0.7:3000", ""] {
        assert!(passes_for("0.0.0.0", "", host).await, "{host:?}");
    }
}

#[tokio::test]
async fn a_request_that_names_no_host_or_two_is_refused() {
    let bound = || guard("127.0.0.1", "");
    assert!(!passes(bound(), of_client("GET /", &[])).await);
    let two = [("host", "localhost"), ("host", "localhost")];
    assert!(!passes(bound(), of_client("GET /", &two)).await);
}

#[tokio::test]
async fn the_authority_of_http2_counts_as_the_host() {
    let bound = || guard("127.0.0.1", "");
    assert!(passes(bound(), of_client("GET http://localhost:3000/", &[])).await);
    assert!(!passes(bound(), of_client("GET http://evil.example/", &[])).await);
    let hidden = of_client("GET http://evil.example/", &[("host", "localhost")]);
    assert!(!passes(bound(), hidden).await);
}

// S25: on a machine where loopback is a trusted proxy, a rebound page can write the header as well.
#[tokio::test]
async fn a_forwarded_host_does_not_stand_in_for_the_host() {
    let proxies = ClientAddr::new(TrustedProxies::parse("loopback").unwrap());
    let forwarded = |host, forwarded| {
        let headers = [("host", host), ("x-forwarded-host", forwarded)];
        let mut request = request("GET /", "127.0.0.1:9", &headers);
        let peer = *request.extensions().get().unwrap();
        let client = proxies.client(peer, request.headers());
        request.extensions_mut().insert(client);
        request
    };
    let bound = || guard("127.0.0.1", "api.example");
    assert!(passes(bound(), forwarded("localhost:3000", "api.example")).await);
    assert!(!passes(bound(), forwarded("evil.example", "localhost")).await);
    assert!(!passes(bound(), forwarded("localhost", "evil.example")).await);
}
