//! What a guard lets pass, and what it answers.

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tonl_layers::auth::{AuthConfig, Authenticator, Guard, InvalidStatus, Verified, Verifier};
use tonl_layers::{
    Client, Clock, DefenceLayer, Hands, Identity, Moment, Peer, Principal, Refusal, Refused, Scope,
    Scopes,
};
use tonl_testkit::Random;
use tower::{Layer, ServiceExt, service_fn};

/// A verifier of a handful of tokens, slow and obvious.
#[derive(Debug)]
struct Known;

impl Verifier for Known {
    fn verify(&self, presented: &[u8], _now: Moment) -> Verified {
        match presented {
            b"good" => Verified::Valid(principal("ci", Scopes::all())),
            b"metrics" => {
                Verified::Valid(principal("watcher", Scopes::from_iter([Scope::Metrics])))
            }
            b"old" => Verified::Expired {
                name: Arc::from("last-year"),
            },
            b"new" => Verified::NotYet {
                name: Arc::from("next-year"),
            },
            _ => Verified::Unknown,
        }
    }
}

fn principal(name: &str, scopes: Scopes) -> Principal {
    Principal::token(name, Identity::new([7; 32]), scopes)
}

/// The client that a request of this address comes from.
pub(crate) fn client(address: &str) -> Client {
    let ip: IpAddr = address.parse().unwrap();
    Client::direct(Peer {
        addr: (ip, 50_000).into(),
        tls: false,
    })
}

/// Sends a request through a guard to a service that tells who came.
pub(crate) async fn ask(guard: &Guard, request: Request<()>) -> Response<Bytes> {
    let whoami = service_fn(|request: Request<()>| async move {
        let name = request.extensions().get::<Principal>().unwrap().name();
        Ok::<_, Infallible>(Response::new(Bytes::from(name.to_owned())))
    });
    let service = DefenceLayer(guard.clone()).layer(whoami);
    service.oneshot(request).await.unwrap()
}

fn with(lines: &[&str]) -> Request<()> {
    let mut request = Request::new(());
    for line in lines {
        let value = line.parse().unwrap();
        request.headers_mut().append(header::AUTHORIZATION, value);
    }
    request.extensions_mut().insert(client("192.0.2.1"));
    request
}

fn from(address: &str, token: &str) -> Request<()> {
    let mut request = with(&[&format!("Bearer {token}")]);
    request.extensions_mut().insert(client(address));
    request
}

fn authenticator(config: AuthConfig) -> (Authenticator, Hands) {
    let (clock, hands) = Clock::stopped(SystemTime::UNIX_EPOCH);
    (Authenticator::new(Arc::new(Known), config, clock), hands)
}

fn guard() -> Guard {
    authenticator(AuthConfig::default()).0.require(Scope::Mcp)
}

fn refused(response: &Response<Bytes>) -> &Refused {
    response.extensions().get().unwrap()
}

// S4, S51
#[tokio::test]
async fn no_credentials_are_401_with_the_exact_words() {
    for lines in [&[][..], &["Basic Z29vZA=="], &["Bearer"], &["good"]] {
        let response = ask(&guard(), with(lines)).await;
        assert_eq!(response.status(), 401, "{lines:?}");
        assert_eq!(
            response.body(),
            r#"{"error":"Unauthorized: Missing Bearer token"}"#
        );
        let headers = response.headers();
        assert_eq!(
            headers[header::WWW_AUTHENTICATE],
            r#"Bearer realm="tonl-mcp-bridge""#
        );
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(refused(&response).reason, Refusal::MissingToken);
    }
}

// S4
#[tokio::test]
async fn a_wrong_token_is_403_with_the_exact_words() {
    let cases: [(&[&str], Refusal); 6] = [
        (&["Bearer wrong"], Refusal::InvalidToken),
        (&["Bearer goo"], Refusal::InvalidToken),
        (&["Bearer good good"], Refusal::MalformedCredentials),
        (&["Bearer good,"], Refusal::MalformedCredentials),
        (
            &["Bearer good", "Bearer good"],
            Refusal::MalformedCredentials,
        ),
        (
            &["Bearer good", "Basic Z29vZA=="],
            Refusal::MalformedCredentials,
        ),
    ];
    for (lines, reason) in cases {
        let response = ask(&guard(), with(lines)).await;
        assert_eq!(response.status(), 403, "{lines:?}");
        assert_eq!(response.body(), r#"{"error":"Forbidden: Invalid token"}"#);
        let headers = response.headers();
        assert_eq!(
            headers[header::WWW_AUTHENTICATE],
            r#"Bearer realm="tonl-mcp-bridge", error="invalid_token""#
        );
        assert_eq!(headers[header::CACHE_CONTROL], "no-store");
        assert_eq!(refused(&response).reason, reason, "{lines:?}");
        assert_eq!(refused(&response).token, None);
    }
}

#[tokio::test]
async fn strict_clients_get_401_for_a_wrong_token() {
    let config = AuthConfig {
        invalid_status: InvalidStatus::Unauthorized,
        ..AuthConfig::default()
    };
    let guard = authenticator(config).0.require(Scope::Mcp);
    let response = ask(&guard, with(&["Bearer wrong"])).await;
    assert_eq!(response.status(), 401);
    assert_eq!(response.body(), r#"{"error":"Forbidden: Invalid token"}"#);
    let challenge = response.headers()[header::WWW_AUTHENTICATE]
        .to_str()
        .unwrap();
    assert!(challenge.contains("invalid_token"));
}

// S4, S7
#[tokio::test]
async fn a_good_token_passes_whatever_the_case_of_its_scheme() {
    for line in ["Bearer good", "bearer good", "BEARER  good", "Bearer good "] {
        let response = ask(&guard(), with(&[line])).await;
        assert_eq!(response.status(), 200, "{line}");
        assert_eq!(response.body(), "ci");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        let known = response.extensions().get::<Principal>().unwrap();
        assert_eq!(known.name(), "ci");
    }
}

#[tokio::test]
async fn the_cache_control_of_a_route_stays() {
    let sse = service_fn(|_: Request<()>| async {
        let mut response = Response::new(Bytes::new());
        let value = "no-cache, no-transform".parse().unwrap();
        response.headers_mut().insert(header::CACHE_CONTROL, value);
        Ok::<_, Infallible>(response)
    });
    let service = DefenceLayer(guard()).layer(sse);
    let response = service.oneshot(with(&["Bearer good"])).await.unwrap();
    let values = response.headers().get_all(header::CACHE_CONTROL);
    let values: Vec<_> = values.iter().collect();
    assert_eq!(values, ["no-cache, no-transform"]);
}

// S4
#[tokio::test]
async fn a_token_in_the_query_or_a_cookie_is_none() {
    let request = Request::builder()
        .uri("/mcp?access_token=good&token=good&authorization=Bearer%20good")
        .header(header::COOKIE, "authorization=Bearer good; token=good")
        .header("x-api-key", "good")
        .header(header::PROXY_AUTHORIZATION, "Bearer good")
        .body(())
        .unwrap();
    assert_eq!(ask(&guard(), request).await.status(), 401);
}

#[tokio::test]
async fn a_token_out_of_its_time_is_named_in_our_records_alone() {
    for (token, name, reason) in [
        ("old", "last-year", Refusal::ExpiredToken),
        ("new", "next-year", Refusal::NotYetValidToken),
    ] {
        let response = ask(&guard(), from("192.0.2.1", token)).await;
        assert_eq!(response.status(), 403);
        assert_eq!(response.body(), r#"{"error":"Forbidden: Invalid token"}"#);
        assert_eq!(refused(&response).reason, reason);
        assert_eq!(refused(&response).token.as_deref(), Some(name));
    }
}

#[tokio::test]
async fn a_token_without_the_scope_is_refused_and_told_which() {
    let (authenticator, _) = authenticator(AuthConfig::default());
    let request = || from("192.0.2.1", "metrics");
    let response = ask(&authenticator.require(Scope::Metrics), request()).await;
    assert_eq!(response.status(), 200);
    let response = ask(&authenticator.require(Scope::Mcp), request()).await;
    assert_eq!(response.status(), 403);
    assert_eq!(
        response.headers()[header::WWW_AUTHENTICATE],
        r#"Bearer realm="tonl-mcp-bridge", error="insufficient_scope", scope="mcp""#
    );
    assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
    assert_eq!(refused(&response).reason, Refusal::WrongScope);
    assert_eq!(refused(&response).token.as_deref(), Some("watcher"));
}

#[tokio::test]
async fn wrong_tokens_of_an_address_are_slowed_down_and_good_ones_never() {
    let (authenticator, hands) = authenticator(AuthConfig::default());
    let guard = authenticator.require(Scope::Mcp);
    let other_route = authenticator.require(Scope::Metrics);
    for _ in 0..10 {
        let request = from("192.0.2.1", "wrong");
        assert_eq!(ask(&guard, request).await.status(), 403);
        let request = from("192.0.2.1", "wrong");
        assert_eq!(ask(&other_route, request).await.status(), 403);
    }
    let response = ask(&guard, from("192.0.2.1", "wrong")).await;
    assert_eq!(response.status(), 429);
    assert_eq!(
        response.body(),
        r#"{"error":"Too many failed authentication attempts"}"#
    );
    assert_eq!(response.headers()[header::RETRY_AFTER], "10");
    assert_eq!(refused(&response).reason, Refusal::TooManyFailures);

    assert_eq!(ask(&guard, from("192.0.2.1", "good")).await.status(), 200);
    assert_eq!(ask(&guard, with(&[])).await.status(), 401);
    assert_eq!(ask(&guard, from("192.0.2.1", "old")).await.status(), 403);
    assert_eq!(ask(&guard, from("192.0.2.2", "wrong")).await.status(), 403);

    hands.advance(Duration::from_secs(10));
    assert_eq!(ask(&guard, from("192.0.2.1", "wrong")).await.status(), 403);
    assert_eq!(ask(&guard, from("192.0.2.1", "wrong")).await.status(), 429);
}

#[tokio::test]
async fn requests_without_credentials_count_as_no_failure() {
    let (authenticator, _) = authenticator(AuthConfig::default());
    let guard = authenticator.require(Scope::Mcp);
    for _ in 0..100 {
        assert_eq!(ask(&guard, with(&[])).await.status(), 401);
        assert_eq!(ask(&guard, with(&["Bearer good"])).await.status(), 200);
    }
    assert_eq!(authenticator.addresses(), 0);
}

#[tokio::test]
async fn an_ipv6_network_fails_as_one_and_zero_switches_off() {
    let (authenticator, _) = authenticator(AuthConfig::default());
    let guard = authenticator.require(Scope::Mcp);
    for number in 0..20 {
        let address = format!("2001:db8::{number:x}");
        assert_eq!(ask(&guard, from(&address, "wrong")).await.status(), 403);
    }
    let response = ask(&guard, from("2001:db8::ffff:1", "wrong")).await;
    assert_eq!(response.status(), 429);
    assert_eq!(
        ask(&guard, from("2001:db8:0:1::1", "wrong")).await.status(),
        403
    );

    let config = AuthConfig {
        failure_max: 0,
        ..AuthConfig::default()
    };
    let guard = self::authenticator(config).0.require(Scope::Mcp);
    for _ in 0..100 {
        assert_eq!(ask(&guard, from("192.0.2.1", "wrong")).await.status(), 403);
    }
}

#[tokio::test]
async fn nobody_is_let_in_by_what_the_extensions_held_before() {
    let mut request = with(&[]);
    let forged = principal("forged", Scopes::all());
    request.extensions_mut().insert(forged);
    assert_eq!(ask(&guard(), request).await.status(), 401);
}

#[tokio::test]
async fn random_headers_never_pass_and_never_panic() {
    let guard = guard();
    let mut random = Random::new(1);
    for _ in 0..5_000 {
        let line: Vec<u8> = (0..random.below(60))
            .map(|_| u8::try_from(random.below(256)).unwrap())
            .filter(|byte| *byte == b'\t' || (*byte >= 32 && *byte != 127))
            .collect();
        let mut headers = HeaderMap::new();
        headers.append(header::AUTHORIZATION, line.as_slice().try_into().unwrap());
        let mut request = Request::new(());
        *request.headers_mut() = headers;
        let status = ask(&guard, request).await.status().as_u16();
        assert!([401, 403, 429].contains(&status));
    }
}
