//! The headers of every answer.

use crate::exchange::{ask, lines, of_client, request};
use bytes::Bytes;
use http::{Request, Response};
use std::collections::BTreeMap;
use tonl_layers::client_addr::{ClientAddr, TrustedProxies};
use tonl_layers::security_headers::{Config, NoStore, SecurityHeaders};
use tonl_layers::{DefenceLayer, Peer};
use tower::{Layer, ServiceExt, service_fn};

fn plain() -> SecurityHeaders {
    SecurityHeaders::new(Config::default())
}

fn all(response: &Response<Bytes>) -> BTreeMap<String, String> {
    let headers = response.headers().iter();
    headers
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect()
}

const EXPECTED: [(&str, &str); 11] = [
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("origin-agent-cluster", "?1"),
    ("referrer-policy", "no-referrer"),
    ("x-api-version", "1.0.0"),
    ("x-content-type-options", "nosniff"),
    ("x-dns-prefetch-control", "off"),
    ("x-download-options", "noopen"),
    ("x-frame-options", "SAMEORIGIN"),
    ("x-permitted-cross-domain-policies", "none"),
    ("x-xss-protection", "0"),
];

// S26, S27, S29: exactly these, on every status; no CSP, no COEP, no HSTS over plain HTTP.
#[tokio::test]
async fn every_answer_has_exactly_the_headers_of_the_table() {
    for status in ["200", "204", "401", "404", "413", "429", "500"] {
        let response = ask(plain(), of_client("GET /", &[("x-status", status)])).await;
        assert_eq!(response.status().as_str(), status);
        let expected = EXPECTED.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(all(&response), BTreeMap::from(expected));
    }
}

// S28: only to clients that speak HTTPS.
#[tokio::test]
async fn strict_transport_security_is_sent_over_https_alone() {
    let trusted = TrustedProxies::parse("10.0.0.1").unwrap();
    let service = service_fn(|_: Request<()>| async move {
        Ok::<_, std::convert::Infallible>(Response::new(Bytes::new()))
    });
    let service = DefenceLayer(plain()).layer(service);
    let service = DefenceLayer(ClientAddr::new(trusted)).layer(service);
    let cases = [
        ("10.0.0.1:9", false, "https", true),
        ("10.0.0.1:9", false, "http", false),
        ("192.0.2.1:9", false, "https", false),
        ("192.0.2.1:9", true, "http", true),
    ];
    for (peer, tls, proto, expected) in cases {
        let mut request = request("GET /", peer, &[("x-forwarded-proto", proto)]);
        let addr = peer.parse().unwrap();
        request.extensions_mut().insert(Peer { addr, tls });
        let response = service.clone().oneshot(request).await.unwrap();
        let hsts = lines(&response, "strict-transport-security");
        let value: &[&str] = if expected {
            &["max-age=31536000; includeSubDomains"]
        } else {
            &[]
        };
        assert_eq!(hsts, value, "{peer} {tls} {proto}");
    }
}

#[tokio::test]
async fn what_a_route_set_stays_and_what_names_the_server_goes() {
    let headers = [
        ("x-set", "x-frame-options: DENY"),
        ("x-set", "server: nginx/1"),
        ("x-set", "x-powered-by: Express"),
    ];
    let response = ask(plain(), of_client("GET /", &headers)).await;
    assert_eq!(lines(&response, "x-frame-options"), ["DENY"]);
    assert!(lines(&response, "server").is_empty());
    assert!(lines(&response, "x-powered-by").is_empty());
    assert_eq!(response.headers().len(), EXPECTED.len());
}

// S29: further fixed headers by configuration.
#[tokio::test]
async fn configured_headers_come_beside_those_of_the_table() {
    let config = Config::default()
        .with_header("Content-Security-Policy", "default-src 'none'")
        .unwrap();
    let response = ask(SecurityHeaders::new(config), of_client("GET /", &[])).await;
    assert_eq!(
        lines(&response, "content-security-policy"),
        ["default-src 'none'"]
    );
    assert_eq!(response.headers().len(), EXPECTED.len() + 1);
}

#[tokio::test]
async fn an_answer_without_its_own_cache_control_is_not_stored() {
    let response = ask(NoStore, of_client("GET /", &[("x-status", "401")])).await;
    assert_eq!(lines(&response, "cache-control"), ["no-store"]);
    let stream = [("x-set", "cache-control: no-cache, no-transform")];
    let response = ask(NoStore, of_client("GET /", &stream)).await;
    assert_eq!(
        lines(&response, "cache-control"),
        ["no-cache, no-transform"]
    );
}
