use super::*;
use crate::{Access, AppConfig, Lifecycle};
use std::net::{IpAddr, Ipv4Addr};
use std::time::SystemTime;
use tonl_layers::auth::RunToken;
use tonl_layers::cors::Config as CorsConfig;
use tonl_layers::host::AllowedHosts;
use tonl_layers::origin::AllowedOrigins;
use tonl_layers::rate_limit::{Class, RateLimitConfig};
use tonl_layers::{Peer, Refusal};
use tonl_telemetry::{Exposition, Telemetry};
use tower::ServiceExt;

const APP: &str = "https://app.example";

/// The stack with a token on everything, and its telemetry.
fn app() -> (App, Telemetry) {
    let (run, _token) = RunToken::generate().unwrap();
    let hosts = AllowedHosts::parse(IpAddr::V4(Ipv4Addr::LOCALHOST), "").unwrap();
    let mut config = AppConfig::new(Access::Development(run), hosts);
    config.origins = AllowedOrigins::parse(APP).unwrap();
    config.cors = Some(CorsConfig::new(config.origins.clone()));
    config.metrics = Protection::Token;
    config.stream = Protection::Token;
    let one = RateLimitConfig {
        max: 1,
        ..RateLimitConfig::default()
    };
    config.rate_limit = Some(crate::RateLimits::of_address(Class::try_from(one).unwrap()));
    let telemetry = Telemetry::disabled_audit();
    let app = App::new(config, Lifecycle::default(), telemetry.clone());
    (app, telemetry)
}

fn request(line: &str, headers: &[(&str, &str)]) -> Request<Body> {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(Body::empty()).unwrap();
    let addr = ([127, 0, 0, 1], 50_000).into();
    request.extensions_mut().insert(Peer { addr, tls: false });
    request
}

async fn ask(app: &App, request: Request<Body>) -> Response<Body> {
    let service = stack(app, RequestIds::with_key(1, 2));
    service.oneshot(request).await.unwrap()
}

// S28, S30, S33: whichever layer refuses, no cache keeps the answer of a route that needs a token.
#[tokio::test]
async fn every_refusal_of_a_protected_route_is_not_to_be_stored() {
    let (app, _) = app();
    let here = ("host", "localhost");
    let cases = [
        ("GET /mcp", [("host", "evil.example"), ("x-a", "")], 403),
        ("GET /mcp", [here, ("origin", "https://evil.example")], 403),
        ("POST /mcp", [here, ("x-a", "")], 401),
        ("PUT /mcp", [here, ("x-a", "")], 401),
        ("POST /sse", [here, ("x-a", "")], 401),
        (
            "GET /metrics/live",
            [("host", "evil.example"), ("x-a", "")],
            403,
        ),
        ("POST /metrics/live", [here, ("x-a", "")], 401),
        ("GET /metrics", [here, ("x-a", "")], 401),
        ("PUT /metrics", [here, ("x-a", "")], 401),
        (
            "POST /stream/convert",
            [("host", "evil.example"), ("x-a", "")],
            403,
        ),
        (
            "POST /stream/convert",
            [here, ("origin", "https://evil.example")],
            403,
        ),
        ("POST /stream/convert", [here, ("x-a", "")], 401),
        ("POST /stream/convert", [here, ("x-a", "")], 429),
        ("GET /stream/convert", [here, ("x-a", "")], 405),
    ];
    for (line, headers, status) in cases {
        let answer = ask(&app, request(line, &headers)).await;
        assert_eq!(answer.status(), status, "{line} {headers:?}");
        let stored = answer.headers().get("cache-control");
        assert_eq!(stored.unwrap(), "no-store", "{line} {headers:?}");
    }
}

#[tokio::test]
async fn a_public_route_may_be_stored_and_a_wrong_method_is_405() {
    let (app, _) = app();
    let here = [("host", "localhost")];
    let answer = ask(&app, request("PUT /health", &here)).await;
    assert_eq!(answer.status(), 405);
    let answer = ask(&app, request("GET /openapi.json", &here)).await;
    assert!(!answer.headers().contains_key("cache-control"));
}

// S30, S33
#[tokio::test]
async fn a_preflight_for_a_foreign_host_is_refused_and_counted() {
    let (app, telemetry) = app();
    let preflight = |host| {
        let headers = [
            ("host", host),
            ("origin", APP),
            ("access-control-request-method", "POST"),
        ];
        request("OPTIONS /mcp", &headers)
    };
    assert_eq!(ask(&app, preflight("localhost")).await.status(), 204);
    let answer = ask(&app, preflight("evil.example")).await;
    assert_eq!(answer.status(), 403);
    assert!(!answer.headers().contains_key("access-control-allow-origin"));
    drop(answer);
    let page = telemetry.render(Exposition::Classic);
    let reason = Refusal::HostNotAllowed.as_str();
    let line = format!("tonl_refusals_total{{reason=\"{reason}\"}} 1\n");
    assert!(page.contains(&line), "{page}");
}

/// Panics are told one after the other: whether an event is wanted is found out when it is first told,
/// and must not be found out by one test while another begins to listen.
static PANICS: std::sync::Mutex<()> = std::sync::Mutex::new(());

// S29
#[test]
fn a_panic_is_on_record_with_its_route_and_the_id_of_its_request() {
    use std::sync::{Arc, Mutex};
    let _alone = PANICS.lock();
    let (app, telemetry) = app();
    let written = Arc::new(Mutex::new(Vec::new()));
    let writer = Lines(Arc::clone(&written));
    let log = tonl_telemetry::log::LogConfig {
        format: tonl_telemetry::log::Format::Json,
        filter: String::new(),
        terminal: false,
        color: false,
    };
    let clock = tonl_telemetry::Clock::from_fn(|| SystemTime::UNIX_EPOCH);
    let subscriber = tonl_telemetry::log::subscriber(&log, clock, move || writer.clone()).unwrap();
    let tell = panicked(&app);
    let service = CatchPanicLayer::new(tell);
    let panics = async |_: Request<Body>| -> Result<Response<Body>, Infallible> {
        panic!("secret of the handler")
    };
    let service = tower::Layer::layer(&service, tower::service_fn(panics));
    let service = tower::Layer::layer(&Before(RequestIds::with_key(1, 2)), service);
    let sent = request(
        "POST /stream/convert?token=secret",
        &[("x-request-id", "id-7")],
    );
    tracing::subscriber::with_default(subscriber, || {
        let answer = futures_util::FutureExt::now_or_never(service.oneshot(sent));
        assert_eq!(answer.unwrap().unwrap().status(), 500);
    });
    let text = String::from_utf8(written.lock().unwrap().clone()).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(
        text.contains(r#""route":"/stream/convert","requestId":"id-7""#),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
    let page = telemetry.render(Exposition::Classic);
    assert!(page.contains("tonl_panics_total 1\n"), "{page}");
}

/// A place to write log lines to.
#[derive(Clone)]
struct Lines(std::sync::Arc<std::sync::Mutex<Vec<u8>>>);

impl std::io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

// S26 to S29
#[test]
fn a_panic_is_a_500_with_all_headers_and_one_in_the_counter() {
    let _alone = PANICS.lock();
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(panic_is_a_500());
}

async fn panic_is_a_500() {
    let (run, _token) = RunToken::generate().unwrap();
    let hosts = AllowedHosts::parse(IpAddr::V4(Ipv4Addr::LOCALHOST), "").unwrap();
    let config = AppConfig::new(Access::Development(run), hosts);
    let telemetry = Telemetry::disabled_audit();
    let app = App::new(config, Lifecycle::default(), telemetry.clone());
    let panics = get(async || -> StatusCode { panic!("as the test wants") });
    let routes = Router::new().route("/panics", panics);
    let request = Request::builder().uri("/panics").header("host", "a");
    let service = around(&app, RequestIds::with_key(1, 2), routes);
    let answer = service.oneshot(request.body(Body::empty()).unwrap()).await;
    let (head, body) = answer.unwrap().into_parts();
    assert_eq!(head.status, 500);
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "SAMEORIGIN"),
        ("x-xss-protection", "0"),
        ("x-api-version", "1.0.0"),
    ] {
        assert_eq!(head.headers[name], value, "{name}");
    }
    assert!(head.headers.contains_key("x-request-id"));
    let body = axum::body::to_bytes(body, 1024).await.unwrap();
    assert_eq!(body, r#"{"error":"Internal Server Error"}"#);
    let page = telemetry.render(Exposition::Classic);
    assert!(page.contains("tonl_panics_total 1"), "{page}");
}
