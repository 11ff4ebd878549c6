//! What a client sees of a rate limit.

use crate::auth::client;
use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};
use tonl_layers::rate_limit::{
    Algorithm, Class, HeaderStyle, Hit, Key, Limiter, Memory, OnOutage, Outcome, RateLimitConfig,
    RateLimitLayer, Store, Subject, Unavailable,
};
use tonl_layers::{Clock, Hands, Identity, Principal, Refusal, Refused, Scopes};
use tower::{Layer, ServiceExt, service_fn};

fn class(change: impl FnOnce(&mut RateLimitConfig)) -> Class {
    let mut config = RateLimitConfig::default();
    change(&mut config);
    Class::try_from(config).unwrap()
}

fn layer(change: impl FnOnce(&mut RateLimitConfig)) -> (RateLimitLayer, Hands, Arc<Memory>) {
    let (clock, hands) = Clock::stopped(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000));
    let (limiter, memory) = Limiter::memory(class(change));
    (
        RateLimitLayer::new(limiter, clock, OnOutage::Pass),
        hands,
        memory,
    )
}

fn request(address: &str) -> Request<()> {
    let mut request = Request::new(());
    request.extensions_mut().insert(client(address));
    request
}

fn of_token(name: &str, identity: u8) -> Request<()> {
    let mut request = request("192.0.2.1");
    let identity = Identity::new([identity; 32]);
    let principal = Principal::token(name, identity, Scopes::all());
    request.extensions_mut().insert(principal);
    request
}

async fn ask(layer: &RateLimitLayer, request: Request<()>) -> Response<Bytes> {
    let route = service_fn(|request: Request<()>| async move {
        let bad = request.headers().contains_key("x-invalid");
        let mut response = Response::new(Bytes::from("fine"));
        if bad {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        Ok::<_, Infallible>(response)
    });
    layer.layer(route).oneshot(request).await.unwrap()
}

fn number(response: &Response<Bytes>, name: &str) -> u64 {
    response.headers()[name].to_str().unwrap().parse().unwrap()
}

// S20, S21
#[tokio::test]
async fn a_hundred_pass_in_fifteen_minutes_and_each_answer_tells_the_share() {
    let (layer, hands, _) = layer(|_| ());
    for left in (0..100).rev() {
        let response = ask(&layer, request("192.0.2.1")).await;
        assert_eq!(response.status(), 200);
        assert_eq!(number(&response, "ratelimit-remaining"), left);
        let names: Vec<_> = response
            .headers()
            .keys()
            .map(header::HeaderName::as_str)
            .collect();
        assert_eq!(
            names,
            [
                "ratelimit-policy",
                "ratelimit-limit",
                "ratelimit-remaining",
                "ratelimit-reset"
            ]
        );
    }
    hands.advance(Duration::from_millis(300_500));
    let response = ask(&layer, request("192.0.2.1")).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.body(), "Too many requests from this IP");
    let headers = response.headers();
    assert_eq!(headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(headers[header::RETRY_AFTER], "600");
    assert_eq!(headers["ratelimit-policy"], "100;w=900");
    assert_eq!(headers["ratelimit-limit"], "100");
    assert_eq!(headers["ratelimit-remaining"], "0");
    assert_eq!(headers["ratelimit-reset"], "600");
    let refused = response.extensions().get::<Refused>().unwrap();
    assert_eq!(refused.reason, Refusal::RateLimited);
    // Another client has its own share, and a new window begins with the next hit after this one.
    assert_eq!(ask(&layer, request("192.0.2.2")).await.status(), 200);
    hands.advance(Duration::from_millis(599_499));
    assert_eq!(ask(&layer, request("192.0.2.1")).await.status(), 429);
    hands.advance(Duration::from_millis(1));
    let response = ask(&layer, request("192.0.2.1")).await;
    assert_eq!(number(&response, "ratelimit-remaining"), 99);
    assert_eq!(number(&response, "ratelimit-reset"), 900);
}

#[tokio::test]
async fn who_prefers_json_gets_json() {
    let (layer, _, _) = layer(|config| config.max = 1);
    ask(&layer, request("192.0.2.1")).await;
    let mut asking = request("192.0.2.1");
    let accept = "text/plain;q=0.5, application/json".parse().unwrap();
    asking.headers_mut().insert(header::ACCEPT, accept);
    let response = ask(&layer, asking).await;
    assert_eq!(response.status(), 429);
    assert_eq!(
        response.body(),
        r#"{"error":"Too many requests from this IP"}"#
    );
    let content_type = &response.headers()[header::CONTENT_TYPE];
    assert_eq!(content_type, "application/json; charset=utf-8");
}

// S20
#[tokio::test]
async fn invalid_and_refused_requests_count_too() {
    let (layer, hands, _) = layer(|config| config.max = 2);
    for wanted in [400, 400, 429, 429] {
        let mut invalid = request("192.0.2.1");
        invalid
            .headers_mut()
            .insert("x-invalid", "1".parse().unwrap());
        assert_eq!(ask(&layer, invalid).await.status(), wanted);
        hands.advance(Duration::from_secs(1));
    }
    let response = ask(&layer, request("192.0.2.1")).await;
    assert_eq!(number(&response, "ratelimit-reset"), 896);
}

// S20
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_120_requests_at_the_same_time_exactly_100_pass() {
    let (layer, _, _) = layer(|_| ());
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..120 {
        let layer = layer.clone();
        tasks.spawn(async move { ask(&layer, request("192.0.2.1")).await.status() });
    }
    let statuses = tasks.join_all().await;
    let passed = statuses.iter().filter(|status| status.is_success());
    assert_eq!(passed.count(), 100);
    let refused = statuses.iter().filter(|status| status.as_u16() == 429);
    assert_eq!(refused.count(), 20);
}

// S24
#[tokio::test]
async fn an_ipv6_network_is_one_client_and_nobody_known_is_one_too() {
    let (layer, _, memory) = layer(|config| config.max = 1);
    assert_eq!(ask(&layer, request("2001:db8::1")).await.status(), 200);
    assert_eq!(ask(&layer, request("2001:db8::2")).await.status(), 429);
    assert_eq!(ask(&layer, request("2001:db8:0:1::1")).await.status(), 200);
    assert_eq!(ask(&layer, request("192.0.2.1")).await.status(), 200);
    assert_eq!(ask(&layer, request("::ffff:192.0.2.1")).await.status(), 429);
    assert_eq!(ask(&layer, Request::new(())).await.status(), 200);
    assert_eq!(ask(&layer, Request::new(())).await.status(), 429);
    assert_eq!((memory.clients(), memory.evicted()), (4, 0));
}

// S23
#[tokio::test]
async fn a_route_has_its_own_share_and_words() {
    let (layer, _, _) = layer(|config| {
        config.max = 50;
        config.message = "Stream rate limit exceeded".to_owned();
    });
    for _ in 0..50 {
        assert_eq!(ask(&layer, request("192.0.2.1")).await.status(), 200);
    }
    let response = ask(&layer, request("192.0.2.1")).await;
    assert_eq!(response.body(), "Stream rate limit exceeded");
    assert_eq!(response.headers()["ratelimit-policy"], "50;w=900");
}

// S23
#[tokio::test]
async fn a_token_may_have_a_class_of_its_own() {
    let (layer, _, _) = layer(|config| {
        config.max = 1;
        config.subject = Subject::Principal;
    });
    let (generous, _) = Limiter::memory(class(|config| {
        config.max = 3;
        config.subject = Subject::Principal;
    }));
    let layer = layer.for_token("ci", generous);
    assert_eq!(ask(&layer, of_token("other", 1)).await.status(), 200);
    assert_eq!(ask(&layer, of_token("other", 1)).await.status(), 429);
    assert_eq!(ask(&layer, of_token("second", 2)).await.status(), 200);
    for left in [2, 1, 0] {
        let response = ask(&layer, of_token("ci", 3)).await;
        assert_eq!(number(&response, "ratelimit-remaining"), left);
        assert_eq!(number(&response, "ratelimit-limit"), 3);
    }
    assert_eq!(ask(&layer, of_token("ci", 3)).await.status(), 429);
    // Without a token the address is counted.
    assert_eq!(ask(&layer, request("192.0.2.1")).await.status(), 200);
    assert_eq!(ask(&layer, request("192.0.2.1")).await.status(), 429);
}

#[tokio::test]
async fn an_even_pace_is_another_algorithm_by_setting() {
    let (layer, hands, _) = layer(|config| {
        config.algorithm = Algorithm::Gcra;
        config.max = 9;
    });
    for _ in 0..9 {
        assert_eq!(ask(&layer, request("192.0.2.1")).await.status(), 200);
    }
    let response = ask(&layer, request("192.0.2.1")).await;
    assert_eq!(response.status(), 429);
    assert_eq!(response.headers()[header::RETRY_AFTER], "100");
    assert_eq!(number(&response, "ratelimit-reset"), 900);
    hands.advance(Duration::from_secs(100));
    assert_eq!(ask(&layer, request("192.0.2.1")).await.status(), 200);
    assert_eq!(ask(&layer, request("192.0.2.1")).await.status(), 429);
}

// S20
#[tokio::test]
async fn no_style_but_legacy_sends_legacy_headers() {
    for (style, names) in [
        (HeaderStyle::Draft6, 4),
        (HeaderStyle::Draft8, 2),
        (HeaderStyle::Off, 0),
    ] {
        let (layer, _, _) = layer(|config| {
            config.headers = style;
            config.max = 1;
        });
        let response = ask(&layer, request("192.0.2.1")).await;
        assert_eq!(response.headers().len(), names, "{style:?}");
        let keys = response.headers().keys();
        assert!(
            keys.into_iter()
                .all(|name| !name.as_str().starts_with("x-"))
        );
        let response = ask(&layer, request("192.0.2.1")).await;
        assert!(
            response.headers().contains_key(header::RETRY_AFTER),
            "{style:?}"
        );
    }
}

/// A store that answers after the task was woken once.
#[derive(Debug)]
struct Remote(Result<Outcome, Unavailable>, AtomicUsize);

impl Store for Remote {
    fn hit(&self, _key: Key, _now: Duration) -> Hit {
        self.1.fetch_add(1, Ordering::Relaxed);
        let answer = self.0;
        Hit::Later(Box::pin(async move {
            tokio::task::yield_now().await;
            answer
        }))
    }
}

async fn remote(answer: Result<Outcome, Unavailable>, on_outage: OnOutage) -> Response<Bytes> {
    let (clock, _) = Clock::stopped(SystemTime::UNIX_EPOCH);
    let store = Arc::new(Remote(answer, AtomicUsize::new(0)));
    let limiter = Limiter::new(class(|_| ()), store.clone());
    let layer = RateLimitLayer::new(limiter, clock, on_outage);
    let response = ask(&layer, request("192.0.2.1")).await;
    assert_eq!(store.1.load(Ordering::Relaxed), 1);
    response
}

#[tokio::test]
async fn a_store_may_answer_later_or_not_at_all() {
    let outcome = Outcome {
        allowed: true,
        remaining: 7,
        reset: Duration::from_secs(9),
        retry: Duration::ZERO,
    };
    let response = remote(Ok(outcome), OnOutage::Pass).await;
    assert_eq!(
        (
            response.status().as_u16(),
            number(&response, "ratelimit-remaining")
        ),
        (200, 7)
    );

    let outcome = Outcome {
        allowed: false,
        remaining: 0,
        retry: Duration::from_secs(9),
        ..outcome
    };
    let response = remote(Ok(outcome), OnOutage::Pass).await;
    assert_eq!(
        (
            response.status().as_u16(),
            number(&response, "ratelimit-reset")
        ),
        (429, 9)
    );

    let response = remote(Err(Unavailable), OnOutage::Pass).await;
    assert_eq!(
        (response.status().as_u16(), response.headers().len()),
        (200, 0)
    );
    let response = remote(Err(Unavailable), OnOutage::Refuse).await;
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()[header::RETRY_AFTER], "1");
}

#[tokio::test]
async fn of_two_limits_on_one_way_the_inner_one_is_told() {
    let (outer, _, _) = layer(|_| ());
    let (inner, _, _) = layer(|config| config.max = 1);
    let route =
        service_fn(|_: Request<()>| async { Ok::<_, Infallible>(Response::new(Bytes::new())) });
    let service = outer.layer(inner.layer(route));
    for status in [200, 429] {
        let response = service.clone().oneshot(request("192.0.2.1")).await.unwrap();
        assert_eq!(response.status(), status);
        assert_eq!(number(&response, "ratelimit-limit"), 1);
        assert_eq!(
            response.headers().get_all("ratelimit-limit").iter().count(),
            1
        );
    }
}
