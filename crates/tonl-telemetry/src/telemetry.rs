//! One handle for everything that is counted, logged and put on record.

use crate::audit::{AuditLog, Level, Record};
use crate::clock::Clock;
use crate::fold::{Folding, Folds, Kind, Repeats, Seen};
use crate::metric::Metric;
use crate::registry::{self, ClientNetworks, Series};
use prometheus_client::registry::Registry;
use std::sync::Arc;
use std::time::Duration;

/// Something that happened: a struct of [`crate::events`] that knows its counters, its log line and
/// its audit line.
pub trait Event {
    /// Counts, logs and puts on record what happened.
    fn record(&self, telemetry: &Telemetry);
}

/// What [`Telemetry`] is made from.
#[derive(Clone, Debug)]
pub struct TelemetryConfig {
    /// The version that `tonl_build_info` tells.
    pub version: &'static str,
    /// Where times of audit lines come from.
    pub clock: Clock,
    /// Whether answers with status 429 are counted by the client's network too.
    pub networks: NetworkLabel,
    /// Where audit lines go; [`AuditLog::disabled`] leaves them to the ordinary log.
    pub audit: AuditLog,
    /// How repeats of one refusal are put on record.
    pub folding: Folding,
}

impl TelemetryConfig {
    /// Counts and logs, with the system's clock, without networks and without an audit log.
    pub fn new(version: &'static str) -> Self {
        Self {
            version,
            clock: Clock::system(),
            networks: NetworkLabel::Off,
            audit: AuditLog::disabled(),
            folding: Folding::default(),
        }
    }
}

/// Whether `tonl_rate_limit_hits_total` has the label `ip` (S49).
///
/// An address is personal data and there is no end of them, so that it is off by default, and when
/// on holds the network of at most 1,000 networks, then `other`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NetworkLabel {
    /// No label.
    Off,
    /// IPv4 /24 and IPv6 /48.
    On,
}

/// The text format of the metrics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Exposition {
    /// The Prometheus text format, version 0.0.4.
    Classic,
    /// `OpenMetrics`, version 1.0.0.
    OpenMetrics,
}

impl Exposition {
    /// The media type, for the header `Content-Type`.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Classic => "text/plain; version=0.0.4; charset=utf-8",
            Self::OpenMetrics => "application/openmetrics-text; version=1.0.0; charset=utf-8",
        }
    }
}

/// The gauges that the server moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Gauge {
    /// Addresses in the rate limit's table.
    RateLimitEntries,
    /// Requests being answered.
    HttpInFlight,
    /// Event streams of MCP clients.
    ActiveConnections,
    /// Event streams of the live metrics.
    LiveWatchers,
    /// Network connections.
    ConnectionsOpen,
    /// Bytes of bodies in memory.
    BodyBudget,
    /// Open sessions.
    SessionsActive,
}

impl Gauge {
    /// The gauge of a metric.
    pub(crate) fn of(metric: Metric) -> Option<Self> {
        Some(match metric {
            Metric::RateLimitEntries => Self::RateLimitEntries,
            Metric::HttpInFlight => Self::HttpInFlight,
            Metric::ActiveConnections => Self::ActiveConnections,
            Metric::LiveWatchers => Self::LiveWatchers,
            Metric::ConnectionsOpen => Self::ConnectionsOpen,
            Metric::BodyBudget => Self::BodyBudget,
            Metric::SessionsActive => Self::SessionsActive,
            _ => return None,
        })
    }
}

/// Counts, logs and puts on record. Clones are cheap and share everything.
#[derive(Clone, Debug)]
pub struct Telemetry(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    series: Series,
    registry: Registry,
    networks: ClientNetworks,
    clock: Clock,
    audit: AuditLog,
    folds: Folds,
}

impl Telemetry {
    /// A new set of metrics, all at 0.
    pub fn new(config: TelemetryConfig) -> Self {
        let series = Series::new(config.version);
        let registry = registry::registry(&series, &config.audit);
        let networks = match config.networks {
            NetworkLabel::Off => ClientNetworks::default(),
            NetworkLabel::On => ClientNetworks::told(),
        };
        Self(Arc::new(Inner {
            series,
            registry,
            networks,
            clock: config.clock,
            audit: config.audit,
            folds: Folds::new(config.folding),
        }))
    }

    /// Metrics and logs without an audit log, for tests.
    pub fn disabled_audit() -> Self {
        Self::new(TelemetryConfig::new("test"))
    }

    /// Counts, logs and puts on record what happened.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "an event is given away when it is emitted"
    )]
    pub fn emit(&self, event: impl Event) {
        event.record(self);
    }

    /// The metrics now, as text.
    pub fn render(&self, exposition: Exposition) -> String {
        registry::render(&self.0.registry, exposition)
    }

    /// Sets a gauge.
    pub fn set(&self, gauge: Gauge, value: u64) {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        self.0.series.gauge(gauge).set(value);
    }

    /// Raises a gauge by 1 until what is returned is dropped, so that a cancelled request cannot leave
    /// it raised.
    #[must_use = "the gauge falls again as soon as this is dropped"]
    pub fn hold(&self, gauge: Gauge) -> Hold {
        self.0.series.gauge(gauge).inc();
        Hold {
            telemetry: self.clone(),
            gauge,
        }
    }

    /// Whether requests may be served: `false` only if the audit log fails closed and cannot be
    /// written at the moment, or has just lost a line.
    pub fn audit_healthy(&self) -> bool {
        self.0.audit.healthy()
    }

    /// Waits until the audit lines emitted so far are on disk; `false` if they are not within the
    /// time given. For the end of the process: repeats are told, though their window is not over.
    pub fn flush_audit(&self, most: Duration) -> bool {
        self.0.tell_all_repeats();
        self.0.audit.flush(most)
    }

    /// Puts refusals on record that were only counted because they were repeats, where their window is
    /// over. For a task that does so about once a second.
    pub fn tell_repeats(&self) {
        let now = self.0.clock.now();
        for repeats in self.0.folds.over(now) {
            self.0.tell(&repeats);
        }
    }

    pub(crate) fn series(&self) -> &Series {
        &self.0.series
    }

    pub(crate) fn networks(&self) -> &ClientNetworks {
        &self.0.networks
    }

    /// Puts a security event on record: in the audit log, or in the ordinary log where there is none
    /// or where its line found no room. With an audit log it is in the ordinary log for debugging.
    pub(crate) fn audit(&self, record: &Record<'_>) {
        let written = self.0.audit.write(self.0.clock.now(), record);
        Inner::log(record, written);
    }

    /// The same for what is to be in the ordinary log in any case.
    pub(crate) fn audit_and_log(&self, record: &Record<'_>) {
        self.0.audit.write(self.0.clock.now(), record);
        record.log();
    }

    /// The same for what any client can cause as often as it likes: repeats are folded, and leave
    /// room in the queue for other events.
    pub(crate) fn audit_refusal(&self, kind: Kind, record: &Record<'_>) {
        let now = self.0.clock.now();
        let (seen, before) = self.0.folds.see(kind, record.ip, now);
        for repeats in &before {
            self.0.tell(repeats);
        }
        match seen {
            Seen::Told => {
                let written = self.0.audit.write_refusal(now, record);
                Inner::log(record, written);
            }
            Seen::Folded => record.log_for_debugging(),
        }
    }
}

impl Inner {
    fn log(record: &Record<'_>, written: bool) {
        if written {
            record.log_for_debugging();
        } else {
            record.log();
        }
    }

    /// A line for all repeats of a window. There are few of them, so that they may use all room.
    fn tell(&self, repeats: &Repeats) {
        let reason = format!("{} more within {} s", repeats.count, repeats.time.as_secs());
        let record = Record {
            ip: repeats.ip,
            path: repeats.kind.route,
            reason: Some(&reason),
            count: Some(repeats.count),
            ..Record::new(Level::Warn, repeats.kind.message, repeats.kind.event)
        };
        let written = self.audit.write(self.clock.now(), &record);
        Self::log(&record, written);
    }

    fn tell_all_repeats(&self) {
        for repeats in self.folds.all(self.clock.now()) {
            self.tell(&repeats);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.tell_all_repeats();
    }
}

/// Keeps a gauge raised by 1.
#[derive(Debug)]
pub struct Hold {
    telemetry: Telemetry,
    gauge: Gauge,
}

impl Drop for Hold {
    fn drop(&mut self) {
        self.telemetry.0.series.gauge(self.gauge).dec();
    }
}
