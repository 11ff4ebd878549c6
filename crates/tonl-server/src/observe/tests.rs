use super::*;
use axum::body::Body as AnyBody;
use http_body_util::BodyExt;
use std::convert::Infallible;
use std::time::Duration;
use tonl_telemetry::Exposition;
use tower::{ServiceExt, service_fn};

/// The value of a series; none if it is not there.
fn value(telemetry: &Telemetry, series: &str) -> Option<String> {
    let page = telemetry.render(Exposition::Classic);
    let line = page.lines().find_map(|line| line.strip_prefix(series));
    line.map(|value| value.trim().to_owned())
}

fn count(telemetry: &Telemetry, series: &str) -> u64 {
    value(telemetry, series).map_or(0, |value| value.parse().unwrap())
}

const REQUESTS: &str = "tonl_http_requests_total";
const DURATION: &str = "tonl_http_request_duration_seconds";

fn requests(telemetry: &Telemetry, status: u16) -> u64 {
    let labels = format!(r#"{{method="GET",route="/health",status="{status}"}}"#);
    count(telemetry, &format!("{REQUESTS}{labels}"))
}

fn durations(telemetry: &Telemetry) -> u64 {
    count(
        telemetry,
        &format!(r#"{DURATION}_count{{route="/health"}}"#),
    )
}

async fn ask(
    telemetry: &Telemetry,
    content_type: &'static str,
    body: AnyBody,
) -> Response<ObservedBody<AnyBody>> {
    let body = std::sync::Mutex::new(Some(body));
    let service = Observe(telemetry.clone()).layer(service_fn(move |_: Request<()>| {
        let body = body.lock().unwrap().take().unwrap();
        let answer = Response::builder().header(CONTENT_TYPE, content_type);
        let answer = answer.body(body).unwrap();
        async move { Ok::<_, Infallible>(answer) }
    }));
    let request = Request::get("/health").body(()).unwrap();
    service.oneshot(request).await.unwrap()
}

// S48
#[tokio::test]
async fn a_request_is_counted_at_the_end_of_its_answer_and_with_the_time_of_its_body() {
    let telemetry = Telemetry::disabled_audit();
    let rows = futures_util::stream::unfold(0, |row| async move {
        tokio::task::yield_now().await;
        (row < 3).then(|| (Ok::<_, Infallible>(Bytes::from_static(b"row\n")), row + 1))
    });
    let answer = ask(&telemetry, "text/plain", AnyBody::from_stream(rows)).await;
    assert_eq!((requests(&telemetry, 200), durations(&telemetry)), (0, 0));
    let started = answer.body().answered.as_ref().unwrap().seen.started;
    std::thread::sleep(Duration::from_millis(2));
    let mut body = answer.into_body();
    for _ in 0..3 {
        let frame = body.frame().await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), "row\n");
    }
    assert_eq!(body.answered.as_ref().unwrap().bytes_out, 12);
    assert_eq!(requests(&telemetry, 200), 0);
    let least = started.elapsed().as_secs_f64();
    assert!(body.frame().await.is_none());
    assert_eq!((requests(&telemetry, 200), durations(&telemetry)), (1, 1));
    let sum = value(&telemetry, &format!(r#"{DURATION}_sum{{route="/health"}}"#));
    let sum: f64 = sum.unwrap().parse().unwrap();
    assert!(sum >= least, "{sum} is less than {least}");
    drop(body);
    assert_eq!(requests(&telemetry, 200), 1, "it is counted once");
}

#[tokio::test]
async fn a_body_that_nobody_reads_to_its_end_is_counted_when_it_is_dropped() {
    let telemetry = Telemetry::disabled_audit();
    let answer = ask(&telemetry, "text/plain", AnyBody::from("ok")).await;
    assert_eq!(answer.body().size_hint().exact(), Some(2));
    drop(answer);
    assert_eq!((requests(&telemetry, 200), durations(&telemetry)), (1, 1));
}

#[tokio::test]
async fn a_stream_of_events_is_counted_at_its_head_and_has_no_duration() {
    let telemetry = Telemetry::disabled_audit();
    let endless = futures_util::stream::pending::<Result<Bytes, Infallible>>();
    let content_type = "text/event-stream; charset=utf-8";
    let answer = ask(&telemetry, content_type, AnyBody::from_stream(endless)).await;
    assert_eq!((requests(&telemetry, 200), durations(&telemetry)), (1, 0));
    drop(answer);
    assert_eq!((requests(&telemetry, 200), durations(&telemetry)), (1, 0));
}

#[tokio::test]
async fn a_request_whose_client_leaves_before_the_head_is_counted_as_499() {
    let telemetry = Telemetry::disabled_audit();
    let service = Observe(telemetry.clone()).layer(service_fn(|_: Request<()>| {
        std::future::pending::<Result<Response<AnyBody>, Infallible>>()
    }));
    let request = Request::get("/health").body(()).unwrap();
    let mut answer = Box::pin(service.oneshot(request));
    assert!(futures_util::poll!(answer.as_mut()).is_pending());
    assert_eq!(requests(&telemetry, 499), 0);
    drop(answer);
    assert_eq!((requests(&telemetry, 499), durations(&telemetry)), (1, 0));
}
