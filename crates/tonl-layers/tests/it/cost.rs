//! All defences of heads as one stack: that a request gets through, and what they cost.

use crate::exchange::request;
use bytes::Bytes;
use http::{Request, Response};
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
use tower::{Layer, Service, ServiceExt, service_fn};

/// Printed with `--nocapture`; ask for it in a release build. The figure is not asserted.
#[tokio::test]
async fn an_honest_request_passes_all_defences_of_heads_together() {
    let origins = AllowedOrigins::parse("https://app.example.com").unwrap();
    let hosts = AllowedHosts::parse([127, 0, 0, 1].into(), "api.example").unwrap();
    let trusted = TrustedProxies::parse("loopback, private").unwrap();
    let service = service_fn(|_: Request<()>| async move {
        Ok::<_, Infallible>(Response::new(Bytes::from_static(b"reached")))
    });
    let bare = service;
    let service = DefenceLayer(ContentTypes::new(Types::records())).layer(service);
    let service = DefenceLayer(NoStore).layer(service);
    let service = DefenceLayer(OriginGuard::new(origins.clone())).layer(service);
    let service = DefenceLayer(HostGuard::new(hosts)).layer(service);
    let service = DefenceLayer(Cors::new(CorsConfig::new(origins))).layer(service);
    let service = DefenceLayer(StrictHead).layer(service);
    let service = DefenceLayer(SecurityHeaders::new(Config::default())).layer(service);
    let service = DefenceLayer(RequestIds::new().unwrap()).layer(service);
    let service = DefenceLayer(ClientAddr::new(trusted)).layer(service);

    let (without, _) = time(bare).await;
    let (with, response) = time(service).await;
    assert_eq!(response.body(), "reached");
    assert_eq!(response.headers().len(), 14, "{:?}", response.headers());
    println!("a request: {without} ns bare, {with} ns behind all defences of heads");
}

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
