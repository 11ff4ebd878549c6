//! The series themselves: handles that events move, and the registry that exposes them.
//!
//! Closed label sets are arrays that an enum indexes, so that counting one costs one atomic
//! addition. Open ones (routes, models, databases) are hash maps whose keys are `'static` text of
//! the program, so that counting allocates nothing and no client can add a series.

mod network;
mod process;
mod series;

pub(crate) use network::ClientNetworks;

use crate::audit::AuditLog;
use crate::events::Refusal;
use crate::metric::{
    AuditFailure, CloseReason, Closed, ConnectionRefusal, ErrorType, McpTransport, Method, Metric,
    Operation, Outcome, SizeOf, VectorOperation,
};
use crate::telemetry::{Exposition, Gauge};
use network::HitLabels;
use prometheus_client::encoding::{EncodeMetric, prometheus_text, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge as GaugeSeries;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use series::{HttpLabels, ModelLabel, OperationStatus, Per, RouteLabel, VectorLabels, Version};
use std::sync::atomic::AtomicU64;

pub(crate) use series::{Dollars, McpLabels, histogram};

type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// All series of one server.
#[derive(Debug)]
pub(crate) struct Series {
    pub(crate) tokens_saved: Family<ModelLabel, Counter>,
    pub(crate) tokens_lost: Family<ModelLabel, Counter>,
    pub(crate) cost_savings: Family<ModelLabel, Dollars>,
    pub(crate) compression_ratio: Histograms<ModelLabel>,
    pub(crate) conversion_requests: Per<OperationStatus, Counter>,
    pub(crate) conversions: Per<Operation, Counter>,
    pub(crate) conversion_duration: Per<Operation, Histogram>,
    pub(crate) data_size: Per<SizeOf, Histogram>,
    pub(crate) stream_lines_skipped: Counter,
    pub(crate) errors: Per<ErrorType, Counter>,
    pub(crate) refusals: Per<Refusal, Counter>,
    pub(crate) rate_limit_hits: Family<HitLabels, Counter>,
    pub(crate) rate_limit_evictions: Counter,
    pub(crate) http_requests: Family<HttpLabels, Counter>,
    pub(crate) http_duration: Histograms<RouteLabel>,
    pub(crate) connections_opened: Counter,
    pub(crate) connections_refused: Per<ConnectionRefusal, Counter>,
    pub(crate) sessions_opened: Counter,
    pub(crate) sessions_closed: Per<CloseReason, Counter>,
    pub(crate) mcp_messages: Family<McpLabels, Counter>,
    pub(crate) mcp_sessions: Per<McpTransport, Counter>,
    pub(crate) secret_reloads: Per<Outcome, Counter>,
    pub(crate) panics: Counter,
    pub(crate) vector_operations: Family<VectorLabels, Counter>,
    gauges: Per<GaugeMember, GaugeSeries>,
    version: &'static str,
}

impl Series {
    /// Series that all stand at 0.
    pub(crate) fn new(version: &'static str) -> Self {
        Self {
            tokens_saved: Family::default(),
            tokens_lost: Family::default(),
            cost_savings: Family::default(),
            compression_ratio: Family::new_with_constructor(|| histogram(Metric::CompressionRatio)),
            conversion_requests: Per::counters("operation"),
            conversions: Per::counters("type"),
            conversion_duration: Per::histograms("operation", Metric::ConversionDuration),
            data_size: Per::histograms("type", Metric::DataSize),
            stream_lines_skipped: Counter::default(),
            errors: Per::counters("type"),
            refusals: Per::counters("reason"),
            rate_limit_hits: Family::default(),
            rate_limit_evictions: Counter::default(),
            http_requests: Family::default(),
            http_duration: Family::new_with_constructor(|| histogram(Metric::HttpDuration)),
            connections_opened: Counter::default(),
            connections_refused: Per::counters("reason"),
            sessions_opened: Counter::default(),
            sessions_closed: Per::counters("reason"),
            mcp_messages: Family::default(),
            mcp_sessions: Per::counters("transport"),
            secret_reloads: Per::counters("result"),
            panics: Counter::default(),
            vector_operations: Family::default(),
            gauges: Per::of("", GaugeSeries::default),
            version,
        }
    }

    pub(crate) fn gauge(&self, gauge: Gauge) -> &GaugeSeries {
        self.gauges.get(GaugeMember(gauge))
    }

    pub(crate) fn model(model: &'static str) -> ModelLabel {
        ModelLabel { model }
    }

    pub(crate) fn request(&self, operation: Operation, outcome: Outcome) -> &Counter {
        self.conversion_requests
            .get(OperationStatus(operation, outcome))
    }

    /// Counts a message of an MCP client.
    pub(crate) fn mcp_message(&self, labels: McpLabels) {
        self.mcp_messages.get_or_create(&labels).inc();
    }

    /// Counts a request without a duration.
    pub(crate) fn http_untimed(&self, method: Method, route: &'static str, status: u16) {
        let labels = HttpLabels::new(method, route, status);
        self.http_requests.get_or_create(&labels).inc();
    }

    /// Counts an answered request.
    pub(crate) fn http(&self, method: Method, route: &'static str, status: u16, seconds: f64) {
        self.http_untimed(method, route, status);
        let route = RouteLabel { route };
        self.http_duration.get_or_create(&route).observe(seconds);
    }

    pub(crate) fn vector(&self, database: &'static str, operation: VectorOperation) {
        let labels = VectorLabels {
            database,
            operation: operation.as_str(),
        };
        self.vector_operations.get_or_create(&labels).inc();
    }

    /// Counts an answer with status 429.
    pub(crate) fn rate_limit_hit(&self, endpoint: &'static str, network: Option<network::Network>) {
        let labels = HitLabels { endpoint, network };
        self.rate_limit_hits.get_or_create(&labels).inc();
    }

    /// The metric's series, as the registry takes them; none for what is read at the time of asking.
    fn of(&self, metric: Metric, audit: &AuditLog) -> Option<Box<dyn RegistryMetric>> {
        Some(match metric {
            Metric::TokensSaved | Metric::TokenSavings => Box::new(self.tokens_saved.clone()),
            Metric::TokensLost => Box::new(self.tokens_lost.clone()),
            Metric::CostSavings => Box::new(self.cost_savings.clone()),
            Metric::CompressionRatio => Box::new(self.compression_ratio.clone()),
            Metric::ConversionRequests => Box::new(self.conversion_requests.clone()),
            Metric::Conversions => Box::new(self.conversions.clone()),
            Metric::ConversionDuration => Box::new(self.conversion_duration.clone()),
            Metric::DataSize => Box::new(self.data_size.clone()),
            Metric::StreamLinesSkipped => Box::new(self.stream_lines_skipped.clone()),
            Metric::Errors | Metric::ConversionErrors => Box::new(self.errors.clone()),
            Metric::Refusals => Box::new(self.refusals.clone()),
            Metric::RateLimitHits => Box::new(self.rate_limit_hits.clone()),
            Metric::RateLimitEvictions => Box::new(self.rate_limit_evictions.clone()),
            Metric::HttpRequests => Box::new(self.http_requests.clone()),
            Metric::HttpDuration => Box::new(self.http_duration.clone()),
            Metric::ConnectionsOpened => Box::new(self.connections_opened.clone()),
            Metric::ConnectionsRefused => Box::new(self.connections_refused.clone()),
            Metric::SessionsOpened => Box::new(self.sessions_opened.clone()),
            Metric::SessionsClosed => Box::new(self.sessions_closed.clone()),
            Metric::McpMessages => Box::new(self.mcp_messages.clone()),
            Metric::McpSessions => Box::new(self.mcp_sessions.clone()),
            Metric::SecretReloads => Box::new(self.secret_reloads.clone()),
            Metric::Panics => Box::new(self.panics.clone()),
            Metric::AuditLines => Box::new(audit.lines_counter()),
            Metric::AuditFailures => Box::new(Per::<AuditFailure, Counter>::from_counters(
                "reason",
                audit.failure_counters(),
            )),
            Metric::VectorOperations => Box::new(self.vector_operations.clone()),
            Metric::BuildInfo => Box::new(Version::family(self.version)),
            metric => Box::new(self.gauge(Gauge::of(metric)?).clone()),
        })
    }
}

/// What the registry takes: a metric of any type.
trait RegistryMetric: EncodeMetric + std::fmt::Debug + Send + Sync {}

impl<T: EncodeMetric + std::fmt::Debug + Send + Sync> RegistryMetric for T {}

/// A boxed metric; the box of the trait object does not implement the library's trait by itself.
#[derive(Debug)]
struct Boxed(Box<dyn RegistryMetric>);

impl EncodeMetric for Boxed {
    fn encode(
        &self,
        encoder: prometheus_client::encoding::MetricEncoder<'_>,
    ) -> Result<(), std::fmt::Error> {
        self.0.encode(encoder)
    }

    fn metric_type(&self) -> prometheus_client::metrics::MetricType {
        self.0.metric_type()
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A registry with every metric of the table.
pub(crate) fn registry(series: &Series, audit: &AuditLog) -> Registry {
    let mut registry = Registry::default();
    for metric in Metric::ALL {
        if let Some(of) = series.of(*metric, audit) {
            registry.register(metric.stem(), metric.description().help, Boxed(of));
        }
    }
    registry.register_collector(Box::new(process::Process::new()));
    registry
}

/// The exposition of all series now.
pub(crate) fn render(registry: &Registry, exposition: Exposition) -> String {
    let mut page = String::with_capacity(16 * 1024);
    // Writing into a string cannot fail, and no encoder of this crate returns an error of its own.
    let _infallible = match exposition {
        Exposition::Classic => prometheus_text::encode(&mut page, registry),
        Exposition::OpenMetrics => text::encode(&mut page, registry),
    };
    page
}

/// The gauges that callers move, as an array.
#[derive(Clone, Copy)]
struct GaugeMember(Gauge);

impl Closed for GaugeMember {
    const ALL: &'static [Self] = &[
        Self(Gauge::RateLimitEntries),
        Self(Gauge::HttpInFlight),
        Self(Gauge::ActiveConnections),
        Self(Gauge::LiveWatchers),
        Self(Gauge::ConnectionsOpen),
        Self(Gauge::BodyBudget),
        Self(Gauge::SessionsActive),
    ];

    fn label(self) -> &'static str {
        ""
    }

    fn index(self) -> usize {
        self.0 as usize
    }
}

pub(crate) type FloatStore = AtomicU64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_of_the_table_has_series_or_is_of_the_process() {
        let series = Series::new("1.0.0");
        let audit = AuditLog::disabled();
        for metric in Metric::ALL {
            let found = series.of(*metric, &audit);
            assert_ne!(
                found.is_some(),
                metric.is_of_the_process(),
                "{}",
                metric.name()
            );
            let kind = metric.description().kind.as_str();
            if let Some(found) = found {
                assert_eq!(found.metric_type().as_str(), kind, "{}", metric.name());
            }
        }
    }

    #[test]
    fn gauges_know_their_places() {
        for (at, member) in GaugeMember::ALL.iter().enumerate() {
            assert_eq!(member.index(), at);
        }
    }
}
