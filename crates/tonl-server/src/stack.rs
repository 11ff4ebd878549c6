//! The stack: every layer a request passes, a line each, outermost first, with the reason for its
//! place. The effect of the order is tested: a 429 needs no token, a 401 still has security headers,
//! a request id, a metric and an audit line, and no byte of a body is read before auth.

use crate::app::{App, LegacySse, Protection};
use crate::fail_closed::FailClosed;
use crate::observe::Observe;
use crate::respond;
use crate::routes::{self, convert_stream, mcp, metrics, openapi, root};
use axum::Router;
use axum::body::Body;
use axum::routing::{MethodRouter, get, post};
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use tonl_layers::body::{BodyLayer, GuardedBody};
use tonl_layers::client_addr::ClientAddr;
use tonl_layers::concurrency::{Change, ConcurrencyLayer};
use tonl_layers::content_type::{self, ContentTypes};
use tonl_layers::cors::Cors;
use tonl_layers::encode::EncodeLayer;
use tonl_layers::host::HostGuard;
use tonl_layers::origin::OriginGuard;
use tonl_layers::panic::{CatchPanicLayer, Caught, Panic};
use tonl_layers::rate_limit::RateLimitLayer;
use tonl_layers::request_id::RequestIds;
use tonl_layers::security_headers::{NoStore, SecurityHeaders};
use tonl_layers::strict_head::StrictHead;
use tonl_layers::{DefenceLayer as Before, Principal, Scope};
use tonl_telemetry::{Gauge, events};
use tower::ServiceBuilder;
use tower::util::{MapRequestLayer, MapResponseLayer, option_layer};
use tower_service::Service;

/// What every request passes.
pub fn stack(
    app: &App,
    ids: RequestIds,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static
+ use<> {
    around(app, ids, router(app))
}

/// What every request passes before it comes to these routes.
fn around(
    app: &App,
    ids: RequestIds,
    routes: Router,
) -> impl Service<Request<Body>, Response = Response<Body>, Error = Infallible, Future: Send>
+ Clone
+ Send
+ Sync
+ 'static
+ use<> {
    let inner = &app.inner;
    let config = &inner.config;
    ServiceBuilder::new()
        .layer(Before(ClientAddr::new(config.proxies.clone()))) // all others speak of the client
        .layer(Before(ids)) // whatever happens has an id
        .map_response(boxed)
        .layer(Observe(inner.telemetry.clone())) // sees every refusal behind it, and every body's end
        .layer(Before(SecurityHeaders::new(config.headers.clone()))) // on refusals and panics too
        .layer(CatchPanicLayer::new(panicked(app))) // a panic is an answer
        .layer(Before(StrictHead)) // what is ambiguous goes no further
        .layer(option_layer(cors(app).map(Before))) // preflights need no token
        .service(routes)
}

/// Preflights are answered before any route, so that this layer asks for the host by itself.
fn cors(app: &App) -> Option<Cors> {
    let config = &app.inner.config;
    let hosts = HostGuard::new(config.hosts.clone());
    let cors = config.cors.clone()?;
    Some(Cors::new(cors).under_names(hosts))
}

/// A layer's own body as the one that all others speak of.
fn boxed<B>(response: Response<B>) -> Response<Body>
where
    B: http_body::Body<Data = Bytes, Error: Into<axum::BoxError>> + Send + 'static,
{
    response.map(Body::new)
}

fn router(app: &App) -> Router {
    public(app)
        .merge(protected_metrics(app))
        .merge(live_metrics(app))
        .merge(mcp_doors(app))
        .merge(stream(app))
        .fallback(async || respond::error(StatusCode::NOT_FOUND, "Not Found"))
        .method_not_allowed_fallback(not_allowed)
}

/// These methods, and 405 for all others behind the same defences. Without it the router's own 405
/// stands outside of them and answers without a token.
fn only(methods: MethodRouter) -> MethodRouter {
    methods.fallback(not_allowed)
}

async fn not_allowed() -> Response<Body> {
    respond::error(StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed")
}

/// Probes and descriptions: no name is checked, because probes call by address.
fn public(app: &App) -> Router {
    let (health, ready) = (app.inner.probes.clone(), app.inner.probes.clone());
    Router::new()
        .route(routes::ROOT, get(async || root::root()))
        .route(routes::HEALTH, get(async move || health.health()))
        .route(routes::READY, get(async move || ready.ready()))
        .route(routes::OPENAPI, get(async || openapi::openapi()))
}

fn protected_metrics(app: &App) -> Router {
    let config = &app.inner.config;
    let telemetry = app.inner.telemetry.clone();
    let metrics =
        async move |request: Request<Body>| metrics::metrics(&telemetry, request.headers());
    let guard =
        (config.metrics == Protection::Token).then(|| app.inner.gate.require(Scope::Metrics));
    Router::new()
        .route(routes::METRICS, only(get(metrics)))
        .layer(
            ServiceBuilder::new()
                .layer(option_layer(guard.is_some().then_some(Before(NoStore)))) // no cache keeps what needs a token
                .layer(option_layer(guard.map(Before))),
        )
}

fn live_metrics(app: &App) -> Router {
    let config = &app.inner.config;
    let inner = Arc::clone(&app.inner);
    let live = async move |request: Request<Body>| {
        let principal = request.extensions().get::<Principal>().cloned();
        let gate = inner.gate.clone();
        let may_go_on = move || {
            principal
                .as_ref()
                .is_some_and(|who| gate.is_still_good(who, Scope::Metrics))
        };
        metrics::live(&inner.live, Box::new(may_go_on))
    };
    Router::new()
        .route(routes::METRICS_LIVE, only(get(live)))
        .layer(
            ServiceBuilder::new()
                .layer(Before(NoStore)) // no cache keeps what needs a token, nor a refusal of it
                .layer(Before(FailClosed(app.inner.telemetry.clone()))) // what cannot be put on record is not done
                .layer(Before(HostGuard::new(config.hosts.clone()))) // before the origin, which is compared with it
                .layer(Before(OriginGuard::new(config.origins.clone()))) // pages elsewhere learn nothing
                .layer(Before(app.inner.gate.require(Scope::Metrics))),
        )
}

fn mcp_doors(app: &App) -> Router {
    let config = &app.inner.config;
    let front = &app.inner.front;
    let with = |front: &Arc<mcp::Front>| Arc::clone(front);
    let (of_get, of_delete, of_sse) = (with(front), with(front), with(front));
    let (of_post, of_message) = (with(front), with(front));
    let delete =
        MethodRouter::new().delete(move |request| mcp::delete(Arc::clone(&of_delete), request));
    let door = get(move |request| mcp::get(Arc::clone(&of_get), request))
        .merge(messages(app, move |request| {
            mcp::post(Arc::clone(&of_post), request)
        }))
        .merge(delete);
    let message = messages(app, move |request| {
        mcp::message(Arc::clone(&of_message), request)
    });
    let older = Router::new()
        .route(
            routes::SSE,
            only(get(async move |request| mcp::sse(&of_sse, request))),
        )
        .route(routes::MESSAGES, only(message));
    let older = match config.legacy_sse {
        LegacySse::Served => older,
        LegacySse::Refused => Router::new(),
    };
    Router::new()
        .route(routes::MCP, only(door))
        .merge(older)
        .layer(
            ServiceBuilder::new()
                .layer(Before(NoStore)) // no cache keeps what needs a token, nor a refusal of it
                .layer(Before(FailClosed(app.inner.telemetry.clone()))) // what cannot be put on record is not done
                .layer(Before(HostGuard::new(config.hosts.clone()))) // against DNS rebinding
                .layer(Before(OriginGuard::new(config.origins.clone()))) // pages elsewhere learn nothing
                .layer(Before(app.inner.gate.mcp())),
        )
}

/// A POST whose body is a message.
fn messages<F, A>(app: &App, answer: F) -> MethodRouter
where
    F: Fn(Request<Body>) -> A + Clone + Send + Sync + 'static,
    A: Future<Output = Response<Body>> + Send + 'static,
{
    let read = |request: Request<GuardedBody<Body>>| request.map(Body::new);
    post(answer).route_layer(
        ServiceBuilder::new()
            .layer(MapResponseLayer::new(boxed)) // the layer's own body as everybody's
            .layer(in_flight(app)) // room is known before any work
            .layer(Before(ContentTypes::new(content_type::Config::json()))) // the type is in the head
            .layer(
                BodyLayer::new(app.inner.config.body) // decoded and limited as it streams
                    .out_of(app.inner.converter.budget.clone()),
            )
            .layer(MapRequestLayer::new(read)),
    )
}

fn stream(app: &App) -> Router {
    let config = &app.inner.config;
    let converter = Arc::clone(&app.inner.converter);
    let budget = converter.budget.clone();
    let convert =
        move |request: Request<Body>| convert_stream::convert(Arc::clone(&converter), request);
    let guard = (config.stream == Protection::Token).then(|| app.inner.gate.require(Scope::Stream));
    let read = |request: Request<GuardedBody<Body>>| request.map(Body::new);
    let (of_address, of_token) = rate_limits(app);
    // Other methods get their 405 without a share of the limit.
    let convert = post(convert).route_layer(
        ServiceBuilder::new()
            .layer(option_layer(of_address)) // invalid requests count, tokens or not
            .layer(option_layer(guard.map(Before))) // before a byte of the body
            .layer(option_layer(of_token)) // a token's own class, once it is known
            .layer(MapResponseLayer::new(boxed)) // the layer's own body as everybody's
            .layer(in_flight(app)) // room is known before any work; probes and event streams need none
            .layer(Before(ContentTypes::new(content_type::Config::records()))) // the type is in the head
            .layer(EncodeLayer) // rows may leave compressed
            .layer(BodyLayer::new(config.body).out_of(budget)) // decoded and limited as it streams
            .layer(MapRequestLayer::new(read)),
    );
    let is_protected = config.stream == Protection::Token;
    Router::new()
        .route(routes::STREAM_CONVERT, only(convert))
        .layer(
            ServiceBuilder::new()
                .layer(option_layer(is_protected.then_some(Before(NoStore)))) // no cache keeps what needs a token
                .layer(Before(FailClosed(app.inner.telemetry.clone()))) // what cannot be put on record is not done
                .layer(Before(HostGuard::new(config.hosts.clone()))) // against DNS rebinding
                .layer(Before(OriginGuard::new(config.origins.clone()))), // pages elsewhere use up nobody's share
        )
}

/// The rate limit, before the token is looked at; or behind it, where tokens have classes of their own.
/// Then wrong tokens have the limit of failed attempts.
fn rate_limits(app: &App) -> (Option<RateLimitLayer>, Option<RateLimitLayer>) {
    let config = &app.inner.config;
    let limits = app.inner.rate_limit.clone();
    let has_classes = (config.rate_limit.as_ref()).is_some_and(|limits| !limits.tokens.is_empty());
    if has_classes && config.stream == Protection::Token {
        (None, limits)
    } else {
        (limits, None)
    }
}

fn panicked(app: &App) -> impl Fn(Panic<'_>) + Send + Sync + 'static {
    let telemetry = app.inner.telemetry.clone();
    move |panic| {
        let place = match panic.caught {
            Caught::Body => "in the body of the answer, which broke off",
            _ => "before the answer, which is 500",
        };
        telemetry.emit(events::Panicked {
            route: routes::label(panic.path),
            request_id: panic.request_id,
            place,
        });
    }
}

fn in_flight(app: &App) -> ConcurrencyLayer {
    let telemetry = app.inner.telemetry.clone();
    let held = std::sync::atomic::AtomicU64::new(0);
    ConcurrencyLayer::with_gauge(app.inner.config.max_requests, move |change| {
        use std::sync::atomic::Ordering::Relaxed;
        let now = match change {
            Change::Began => held.fetch_add(1, Relaxed) + 1,
            Change::Ended => held.fetch_sub(1, Relaxed) - 1,
        };
        telemetry.set(Gauge::HttpInFlight, now);
    })
}

#[cfg(test)]
mod tests;
