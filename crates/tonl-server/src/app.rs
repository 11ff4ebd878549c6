//! The server's parts put together from checked settings: what routes share, and its upkeep.

use crate::access::{Access, Gate};
use crate::lifecycle::{Lifecycle, Phase};
use crate::live::Live;
use crate::pool::Pool;
use crate::routes::convert_stream::{ConvertLimits, Converter};
use crate::routes::health::Probes;
use crate::routes::mcp::{Front, Links};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio_util::task::TaskTracker;
use tonl_layers::auth::AuthConfig;
use tonl_layers::body::{BodyConfig, Budget};
use tonl_layers::client_addr::TrustedProxies;
use tonl_layers::host::AllowedHosts;
use tonl_layers::origin::AllowedOrigins;
use tonl_layers::rate_limit::{Class, Limiter, Memory, OnOutage, RateLimitLayer};
use tonl_layers::session::{CloseReason, SessionConfig, Sessions};
use tonl_layers::{Clock, cors, security_headers};
use tonl_mcp::{Handler, HandlerConfig, McpServer, ToolConfig, Toolbox};
use tonl_telemetry::events::{RateLimitEvicted, SessionClosed};
use tonl_telemetry::{Gauge, Telemetry};

/// Whether a route that is public by default asks for a token (S19).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Protection {
    /// Anybody may ask.
    #[default]
    Public,
    /// A token with the route's scope is needed.
    Token,
}

/// Whether MCP is spoken over the transport of 2024-11-05 too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum LegacySse {
    /// It is.
    #[default]
    Served,
    /// Its addresses are not there, and `/mcp` is for Streamable HTTP alone.
    Refused,
}

/// The rate limit of the stream conversion (S20 to S25).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RateLimits {
    /// For each address.
    pub address: Class,
    /// For holders of these tokens, by name, beside it. Only where the route asks for a token.
    pub tokens: Vec<(String, Class)>,
}

impl RateLimits {
    /// One class for each address.
    pub fn of_address(address: Class) -> Self {
        Self {
            address,
            tokens: Vec::new(),
        }
    }
}

/// What the application is told.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AppConfig {
    /// Who may ask.
    pub access: Access,
    /// How wrong tokens are answered.
    pub auth: AuthConfig,
    /// Sessions.
    pub sessions: SessionConfig,
    /// Proxies whose forwarding headers count.
    pub proxies: TrustedProxies,
    /// Names by which the server may be called.
    pub hosts: AllowedHosts,
    /// Origins of pages that may ask.
    pub origins: AllowedOrigins,
    /// What those pages may do; nothing if none is allowed.
    pub cors: Option<cors::Config>,
    /// Further headers of every answer.
    pub headers: security_headers::Config,
    /// How often the stream conversion may be asked; `None` as often as anybody likes.
    pub rate_limit: Option<RateLimits>,
    /// Whether `/metrics` is public.
    pub metrics: Protection,
    /// Whether `/stream/convert` is public.
    pub stream: Protection,
    /// How many requests may be in flight.
    pub max_requests: NonZeroUsize,
    /// What bodies must keep to.
    pub body: BodyConfig,
    /// What conversions must keep to.
    pub convert: ConvertLimits,
    /// How the tools work.
    pub tools: ToolConfig,
    /// What is offered over MCP instead of the tools of this product.
    pub mcp: Option<McpServer>,
    /// Whether MCP is spoken over the older transport too.
    pub legacy_sse: LegacySse,
    /// How many bytes all bodies held in memory may take.
    pub body_budget: u64,
    /// How many of them those of one client may take; at least one body of the largest size.
    pub body_budget_per_address: u64,
    /// How long the processor may work on one step of a request.
    pub work_deadline: Duration,
    /// Where the ages of tokens and sessions and the windows of limits come from.
    pub clock: Clock,
}

impl AppConfig {
    /// The standard settings, for a server that listens on loopback.
    pub fn new(access: Access, hosts: AllowedHosts) -> Self {
        let sessions = match access {
            Access::Tokens(_) => SessionConfig::production(),
            Access::Development(_) => SessionConfig::development(),
        };
        let rate_limit = Class::try_from(tonl_layers::rate_limit::RateLimitConfig::default());
        Self {
            access,
            auth: AuthConfig::default(),
            sessions,
            proxies: TrustedProxies::default(),
            hosts,
            origins: AllowedOrigins::default(),
            cors: None,
            headers: security_headers::Config::default(),
            rate_limit: rate_limit.ok().map(RateLimits::of_address),
            metrics: Protection::Public,
            stream: Protection::Public,
            max_requests: NonZeroUsize::MIN.saturating_add(19_999),
            body: BodyConfig {
                limit: tonl_layers::body::BodyLimit::Unlimited,
                ..BodyConfig::default()
            },
            tools: ToolConfig::default(),
            mcp: None,
            legacy_sse: LegacySse::default(),
            convert: ConvertLimits::STANDARD,
            body_budget: 256 << 20,
            body_budget_per_address: 64 << 20,
            work_deadline: Duration::from_secs(10),
            clock: Clock::system(),
        }
    }
}

/// What routes share. Clones share everything.
#[derive(Clone, Debug)]
pub struct App {
    pub(crate) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) config: AppConfig,
    pub(crate) lifecycle: Lifecycle,
    pub(crate) telemetry: Telemetry,
    pub(crate) gate: Gate,
    pub(crate) probes: Probes,
    pub(crate) converter: Arc<Converter>,
    pub(crate) front: Arc<Front>,
    pub(crate) live: Live,
    pub(crate) rate_limit: Option<RateLimitLayer>,
    /// Where the rate limit counts: of addresses, and of each class of tokens.
    counts: Vec<Arc<Memory>>,
    /// How many evictions of the rate limit's table are told already.
    evicted: AtomicU64,
}

/// How often quiet work is done: sweeping, and gauges that nobody moves. Sessions that are over are
/// refused from that moment on; their streams end with the next sweep (S11, S12).
const UPKEEP: Duration = Duration::from_secs(1);
/// The largest body that the SDK takes; the limit of a server's own settings lies in front of it.
const MAX_BODY: usize = 1 << 30;
/// How often live metrics are rendered.
const TICK: Duration = Duration::from_secs(1);

impl App {
    /// Puts the parts together.
    pub fn new(config: AppConfig, lifecycle: Lifecycle, telemetry: Telemetry) -> Self {
        let clock = config.clock.clone();
        let links = Links::default();
        let sessions = sessions(config.sessions, &clock, &telemetry, &links);
        let gate = Gate::new(config.access.clone(), config.auth, sessions, clock.clone());
        let (rate_limit, counts) = match &config.rate_limit {
            None => (None, Vec::new()),
            Some(limits) => {
                let (layer, counts) = limiter(limits, &clock);
                (Some(layer), counts)
            }
        };
        let threads = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
        let converter = Converter {
            pool: Pool::new(threads, config.work_deadline),
            budget: budget(&config),
            telemetry: telemetry.clone(),
            limits: config.convert,
        };
        let mcp = config.mcp.clone();
        let front = Front {
            server: mcp.unwrap_or_else(|| our_tools(&config, &telemetry)),
            sessions: gate.sessions().clone(),
            links,
            legacy_sse: config.legacy_sse,
            pool: Pool::new(threads, config.work_deadline),
            telemetry: telemetry.clone(),
            budget: converter.budget.clone(),
            largest: config.convert.document,
            within: config.convert.within,
            conversations: TaskTracker::new(),
            calls: TaskTracker::new(),
            lifecycle: lifecycle.clone(),
        };
        Self {
            inner: Arc::new(Inner {
                probes: Probes::new(lifecycle.clone()),
                live: Live::new(lifecycle.clone()),
                converter: Arc::new(converter),
                front: Arc::new(front),
                config,
                lifecycle,
                telemetry,
                gate,
                rate_limit,
                counts,
                evicted: AtomicU64::new(0),
            }),
        }
    }

    /// Whether an address is a trusted proxy, which is exempt from the cap of connections.
    pub fn is_trusted(&self, ip: std::net::IpAddr) -> bool {
        self.inner.config.proxies.contains(ip)
    }

    /// Does the quiet work until the server drains: live metrics, sweeping, gauges. Then ends sessions
    /// and conversations, when the calls that were begun are answered, and waits for the server's end.
    pub async fn upkeep(&self) {
        let inner = &self.inner;
        let sweeping = async {
            loop {
                tokio::time::sleep(UPKEEP).await;
                inner.gate.sweep();
                inner.gate.sessions().sweep();
                inner.tell_gauges();
                inner.telemetry.tell_repeats();
            }
        };
        tokio::select! {
            () = sweeping => {}
            () = inner.front.links.tell(&inner.front.server) => {}
            () = inner.live.run(&inner.telemetry, TICK) => {}
            () = inner.lifecycle.reached(Phase::Draining) => {}
        }
        inner.front.calls.close();
        tokio::select! {
            () = inner.front.calls.wait() => {}
            () = inner.lifecycle.reached(Phase::Over) => {}
        }
        inner.gate.sessions().close_all(CloseReason::Shutdown);
        inner.front.conversations.close();
        inner.front.conversations.wait().await;
        // Calls without a session that come on connections which are still open are answered too.
        inner.lifecycle.reached(Phase::Over).await;
        inner.front.server.stop();
    }
}

impl Inner {
    fn tell_gauges(&self) {
        let telemetry = &self.telemetry;
        telemetry.set(Gauge::BodyBudget, self.converter.budget.used());
        telemetry.set(Gauge::LiveWatchers, self.live.watchers() as u64);
        let now = self.config.clock.now().elapsed;
        let (mut clients, mut evicted) = (0, 0);
        for counts in &self.counts {
            counts.sweep(now);
            clients += counts.clients() as u64;
            evicted += counts.evicted();
        }
        telemetry.set(Gauge::RateLimitEntries, clients);
        let before = self.evicted.swap(evicted, Ordering::Relaxed);
        telemetry.emit(RateLimitEvicted {
            entries: evicted.saturating_sub(before),
        });
    }
}

/// The tools of this product.
fn our_tools(config: &AppConfig, telemetry: &Telemetry) -> McpServer {
    let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let mut handling = HandlerConfig::new(threads);
    handling.deadline = config.work_deadline;
    let toolbox = Toolbox::new(config.tools.clone());
    McpServer::of_tools(Handler::new(toolbox, handling, telemetry.clone()), MAX_BODY)
}

/// The budget of bodies. Less than the largest body for a client would refuse that body for ever.
fn budget(config: &AppConfig) -> Budget {
    let largest = (config.convert.line as u64).max(config.convert.document);
    let each = config.body_budget_per_address.max(largest);
    Budget::new(config.body_budget, each)
}

fn sessions(
    config: SessionConfig,
    clock: &Clock,
    telemetry: &Telemetry,
    links: &Links,
) -> Sessions {
    let (telemetry, links) = (telemetry.clone(), links.clone());
    Sessions::new(config, clock.clone(), move |id, reason| {
        links.forget(id);
        telemetry.emit(SessionClosed {
            session: &id.to_string(),
            reason,
        });
    })
}

fn limiter(limits: &RateLimits, clock: &Clock) -> (RateLimitLayer, Vec<Arc<Memory>>) {
    let (limiter, counts) = Limiter::memory(limits.address.clone());
    let mut layer = RateLimitLayer::new(limiter, clock.clone(), OnOutage::Refuse);
    let mut all = vec![counts];
    for (name, class) in &limits.tokens {
        let (limiter, counts) = Limiter::memory(class.clone());
        layer = layer.for_token(name.clone(), limiter);
        all.push(counts);
    }
    (layer, all)
}

#[cfg(test)]
mod tests;
