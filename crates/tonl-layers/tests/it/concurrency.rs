//! How many requests are worked on at one time.

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full};
use std::convert::Infallible;
use std::future::pending;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use tonl_layers::concurrency::{Change, ConcurrencyLayer, InFlight};
use tonl_layers::{Refusal, Refused};
use tower::{Layer, Service, ServiceExt, service_fn};

fn cap(cap: usize) -> NonZeroUsize {
    NonZeroUsize::new(cap).unwrap()
}

async fn ask(layer: &ConcurrencyLayer) -> Response<InFlight<Full<Bytes>>> {
    let service = service_fn(|_: Request<()>| async move {
        Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(b"reached"))))
    });
    layer
        .layer(service)
        .oneshot(Request::new(()))
        .await
        .unwrap()
}

#[tokio::test]
async fn a_request_counts_until_its_body_was_read_to_the_end() {
    let layer = ConcurrencyLayer::new(cap(1));
    let mut first = ask(&layer).await;
    assert_eq!(first.status(), 200);
    assert_eq!(first.body().size_hint().exact(), Some(7));

    let second = ask(&layer).await;
    assert_eq!(second.status(), 503);
    assert_eq!(second.headers()["retry-after"], "1");
    let refused = second.extensions().get::<Refused>().unwrap();
    assert_eq!(refused.reason, Refusal::Busy);
    let mut body = second.into_body();
    let frame = body.frame().await.unwrap().unwrap().into_data().unwrap();
    assert_eq!(frame, r#"{"error":"Server is busy"}"#);
    drop(body);
    assert_eq!(
        layer.in_flight(),
        1,
        "the refused one takes and gives no place"
    );

    let frame = first.body_mut().frame().await.unwrap().unwrap();
    assert_eq!(frame.into_data().unwrap(), "reached");
    assert_eq!(layer.in_flight(), 1);
    assert!(first.body_mut().frame().await.is_none());
    assert_eq!(layer.in_flight(), 0);
    assert_eq!(ask(&layer).await.status(), 200);
}

#[tokio::test]
async fn a_client_that_leaves_gives_its_place_back() {
    let layer = ConcurrencyLayer::new(cap(1));
    drop(ask(&layer).await.into_body());
    assert_eq!(layer.in_flight(), 0, "an answer that is not read");

    let never = service_fn(|_: Request<()>| pending::<Result<Response<Full<Bytes>>, Infallible>>());
    let mut service = layer.layer(never);
    let waiting = service.ready().await.unwrap().call(Request::new(()));
    assert_eq!(layer.in_flight(), 1);
    drop(waiting);
    assert_eq!(layer.in_flight(), 0, "an answer that never came");
}

#[tokio::test]
async fn a_service_that_fails_gives_its_place_back() {
    let layer = ConcurrencyLayer::new(cap(1));
    let fails = service_fn(|_: Request<()>| async { Err::<Response<Full<Bytes>>, _>("broken") });
    let failed = layer.layer(fails).oneshot(Request::new(())).await;
    assert_eq!(failed.unwrap_err(), "broken");
    assert_eq!(layer.in_flight(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_cap_is_exact_under_concurrency_and_the_gauge_ends_at_nought() {
    let gauge = Arc::new(AtomicI64::new(0));
    let moved = Arc::clone(&gauge);
    let layer = ConcurrencyLayer::with_gauge(cap(10), move |change| {
        let by = match change {
            Change::Began => 1,
            Change::Ended => -1,
        };
        moved.fetch_add(by, Ordering::Relaxed);
    });
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let layer = layer.clone();
        tasks.spawn(async move { ask(&layer).await });
    }
    let answers = tasks.join_all().await;
    let passed = answers.iter().filter(|it| it.status() == 200).count();
    assert_eq!(passed, 10);
    assert_eq!(gauge.load(Ordering::Relaxed), 10);
    drop(answers);
    assert_eq!(gauge.load(Ordering::Relaxed), 0);
    assert_eq!(layer.in_flight(), 0);
}
