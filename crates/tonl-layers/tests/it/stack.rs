//! All defences of heads as one stack: who gets through, what every answer has, what they cost.

use crate::exchange::{lines, request};
use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use std::convert::Infallible;
use std::time::Instant;
use tonl_layers::DefenceLayer;
use tonl_layers::client_addr::{ClientAddr, TrustedProxies};
use tonl_layers::content_type::{Config as Types, ContentTypes};
use tonl_layers::cors::{Config as CorsConfig, Cors};
use tonl_layers::host::{AllowedHosts, HostGuard};
use tonl_layers::origin::{AllowedOrigins, OriginGuard};
use tonl_layers::request_id::RequestIds;
use tonl_layers::security_headers::{Config, NoStore, SecurityHeaders};
use tonl_layers::strict_head::StrictHead;
use tonl_testkit::Random;
use tower::{Layer, Service, ServiceExt, service_fn};

/// Answers whatever reaches it.
async fn reached(_: Request<()>) -> Result<Response<Bytes>, Infallible> {
    Ok(Response::new(Bytes::from_static(b"reached")))
}

fn stack() -> impl Service<Request<()>, Response = Response<Bytes>, Error = Infallible> + Clone {
    let origins = AllowedOrigins::parse("https://app.example.com").unwrap();
    let hosts = AllowedHosts::parse([127, 0, 0, 1].into(), "api.example").unwrap();
    let trusted = TrustedProxies::parse("loopback, private").unwrap();
    let service = DefenceLayer(ContentTypes::new(Types::records())).layer(service_fn(reached));
    let service = DefenceLayer(NoStore).layer(service);
    let service = DefenceLayer(OriginGuard::new(origins.clone())).layer(service);
    let service = DefenceLayer(HostGuard::new(hosts)).layer(service);
    let service = DefenceLayer(Cors::new(CorsConfig::new(origins))).layer(service);
    let service = DefenceLayer(StrictHead).layer(service);
    let service = DefenceLayer(SecurityHeaders::new(Config::default())).layer(service);
    let service = DefenceLayer(RequestIds::new().unwrap()).layer(service);
    DefenceLayer(ClientAddr::new(trusted)).layer(service)
}

/// Printed with `--nocapture`; ask for it in a release build. The figure is not asserted.
#[tokio::test]
async fn an_honest_request_passes_all_defences_of_heads_together() {
    let (without, _) = time(service_fn(reached)).await;
    let (with, response) = time(stack()).await;
    assert_eq!(response.body(), "reached");
    assert_eq!(response.headers().len(), 14, "{:?}", response.headers());
    println!("a request: {without} ns bare, {with} ns behind all defences of heads");
}

// S26, S29, S62: no header brings a defence down, and every answer has what every answer has.
#[tokio::test]
async fn arbitrary_headers_get_an_answer_with_all_that_answers_have() {
    let mut random = Random::new(62);
    let mut statuses = [0; 600];
    for _ in 0..5_000 {
        let mut request = honest();
        if random.chance(50) {
            *request.method_mut() = http::Method::OPTIONS;
            let method = HeaderValue::from_static("POST");
            request
                .headers_mut()
                .insert("access-control-request-method", method);
        }
        for _ in 0..random.below(5) {
            let name = *random.pick(&READ);
            let mut bytes = random.pick(&BEGINS).to_vec();
            bytes.extend((0..random.below(6).saturating_sub(3)).map(|_| *random.pick(MARKS)));
            if let Ok(value) = HeaderValue::from_bytes(&bytes) {
                request.headers_mut().insert(name, value);
            }
        }
        let response = stack().oneshot(request).await.unwrap();
        statuses[usize::from(response.status().as_u16())] += 1;
        for name in ["x-request-id", "x-frame-options", "x-api-version"] {
            assert_eq!(lines(&response, name).len(), 1, "{name} of {response:?}");
        }
        assert_eq!(response.status() == 200, response.body() == "reached");
    }
    let met: Vec<usize> = (0..600).filter(|status| statuses[*status] > 0).collect();
    assert_eq!(met, [200, 204, 400, 403]);
}

/// Every header that a defence reads.
const READ: [&str; 12] = [
    "host",
    "origin",
    "sec-fetch-site",
    "content-type",
    "content-length",
    "transfer-encoding",
    "x-forwarded-for",
    "x-forwarded-proto",
    "x-forwarded-host",
    "x-request-id",
    "access-control-request-method",
    "access-control-request-headers",
];

const BEGINS: [&[u8]; 8] = [
    b"",
    b"localhost",
    b"https://app.example.com",
    b"application/json",
    b"127.0.0.1",
    b"[::1]",
    b"chunked",
    b"cross-site",
];

const MARKS: &[u8] = b"a0.:/,;=[]\"\\ \t%@-\x80\xff";

/// Nanoseconds a request, without making it, and the last answer.
async fn time<S>(mut service: S) -> (u128, Response<Bytes>)
where
    S: Service<Request<()>, Response = Response<Bytes>, Error = Infallible>,
{
    const ROUNDS: u32 = 20;
    const REQUESTS: u32 = 500;
    let mut best = u128::MAX;
    let mut last = Response::new(Bytes::new());
    for _ in 0..ROUNDS {
        let requests: Vec<_> = (0..REQUESTS).map(|_| honest()).collect();
        let begin = Instant::now();
        for request in requests {
            last = service.ready().await.unwrap().call(request).await.unwrap();
        }
        best = best.min(begin.elapsed().as_nanos() / u128::from(REQUESTS));
    }
    (best, last)
}

fn honest() -> Request<()> {
    let headers = [
        ("host", "localhost:3000"),
        ("content-type", "application/x-ndjson"),
        ("x-forwarded-for", "192.0.2.7"),
        ("x-forwarded-proto", "http"),
    ];
    request("POST /stream", "127.0.0.1:4000", &headers)
}
