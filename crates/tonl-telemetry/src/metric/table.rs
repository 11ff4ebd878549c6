//! The table itself.

use super::{Description, Kind};

const NONE: &[&str] = &[];
const NO_BUCKETS: &[f64] = &[];
const SECONDS: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 2.0, 5.0];
const RATIOS: &[f64] = &[0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0];
const BYTES: &[f64] = &[1024.0, 10_240.0, 102_400.0, 1_048_576.0, 10_485_760.0];

macro_rules! metrics {
    ($($variant:ident $kind:ident $name:literal $labels:expr, $buckets:expr, $help:literal;)+) => {
        /// Every metric of this project.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Metric {
            $(#[doc = concat!("`", $name, "`")] $variant),+
        }

        impl Metric {
            /// All metrics, in the order in which they are exposed.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// What the table says of it.
            pub fn description(self) -> Description {
                match self {
                    $(Self::$variant => Description {
                        name: $name,
                        kind: Kind::$kind,
                        labels: $labels,
                        buckets: $buckets,
                        help: $help,
                    }),+
                }
            }
        }
    };
}

metrics! {
    TokensSaved Counter "tonl_tokens_saved_total" &["model"], NO_BUCKETS,
        "Tokens that the smaller form saved; outputs that were larger count in tonl_tokens_lost_total";
    TokenSavings Counter "tonl_token_savings_total" &["model"], NO_BUCKETS,
        "The same as tonl_tokens_saved_total under its other name";
    TokensLost Counter "tonl_tokens_lost_total" &["model"], NO_BUCKETS,
        "Tokens by which outputs were larger than their inputs";
    CostSavings Gauge "tonl_estimated_cost_savings_usd" &["model"], NO_BUCKETS,
        "Estimated US dollars saved since the start at list prices, minus what larger outputs cost";
    CompressionRatio Histogram "tonl_compression_ratio" &["model"], RATIOS,
        "Tokens of the output divided by tokens of the input";
    ConversionRequests Counter "tonl_conversion_requests_total" &["operation", "status"], NO_BUCKETS,
        "Operations on data, by how they ended";
    Conversions Counter "tonl_conversions_total" &["type"], NO_BUCKETS,
        "Operations on data that succeeded";
    ConversionDuration Histogram "tonl_conversion_duration_seconds" &["operation"], SECONDS,
        "Time from an operation's first byte to its last";
    DataSize Histogram "tonl_data_size_bytes" &["type"], BYTES,
        "Sizes of what came in and what went out, in bytes";
    StreamLinesSkipped Counter "tonl_stream_lines_skipped_total" NONE, NO_BUCKETS,
        "Invalid lines of streams that were left out";
    Errors Counter "tonl_errors_total" &["type"], NO_BUCKETS,
        "Requests that failed or were refused, by kind";
    ConversionErrors Counter "tonl_conversion_errors_total" &["type"], NO_BUCKETS,
        "The same as tonl_errors_total under its other name";
    Refusals Counter "tonl_refusals_total" &["reason"], NO_BUCKETS,
        "Requests that a defence refused, by reason";
    RateLimitHits Counter "tonl_rate_limit_hits_total" &["endpoint"], NO_BUCKETS,
        "Answers with status 429; by setting also with the client's network in the label ip";
    RateLimitEntries Gauge "tonl_rate_limit_entries" NONE, NO_BUCKETS,
        "Client addresses that the rate limit remembers";
    RateLimitEvictions Counter "tonl_rate_limit_evictions_total" NONE, NO_BUCKETS,
        "Client addresses that left the rate limit's table because it was full";
    HttpRequests Counter "tonl_http_requests_total" &["method", "route", "status"], NO_BUCKETS,
        "Answered requests; unknown methods and routes are other, and status 499 is a client that left before its answer";
    HttpDuration Histogram "tonl_http_request_duration_seconds" &["route"], SECONDS,
        "Time from a request's head to the end of its answer; without event streams";
    HttpInFlight Gauge "tonl_http_requests_in_flight" NONE, NO_BUCKETS,
        "Requests that are being answered";
    ActiveConnections Gauge "tonl_active_connections" NONE, NO_BUCKETS,
        "Open event streams of MCP clients";
    LiveWatchers Gauge "tonl_live_watchers" NONE, NO_BUCKETS,
        "Open event streams of the live metrics";
    ConnectionsOpen Gauge "tonl_connections_open" NONE, NO_BUCKETS,
        "Open network connections";
    ConnectionsOpened Counter "tonl_connections_opened_total" NONE, NO_BUCKETS,
        "Network connections that were accepted";
    ConnectionsRefused Counter "tonl_connections_refused_total" &["reason"], NO_BUCKETS,
        "Network connections that were closed before their first request";
    BodyBudget Gauge "tonl_body_budget_bytes" NONE, NO_BUCKETS,
        "Bytes of request bodies that are held in memory now";
    SessionsActive Gauge "tonl_sessions_active" NONE, NO_BUCKETS,
        "Sessions that are open";
    SessionsOpened Counter "tonl_sessions_opened_total" NONE, NO_BUCKETS,
        "Sessions that were opened";
    SessionsClosed Counter "tonl_sessions_closed_total" &["reason"], NO_BUCKETS,
        "Sessions that ended, by reason";
    McpMessages Counter "tonl_mcp_messages_total" &["transport", "era", "method"], NO_BUCKETS,
        "Messages of MCP clients; unknown methods are other";
    McpSessions Counter "tonl_mcp_sessions_opened_total" &["transport"], NO_BUCKETS,
        "Sessions that were opened, by the transport of their client";
    SecretReloads Counter "tonl_secret_reloads_total" &["result"], NO_BUCKETS,
        "Attempts to read changed secrets again";
    Panics Counter "tonl_panics_total" NONE, NO_BUCKETS,
        "Panics that were caught; each is a fault of the server";
    AuditLines Counter "tonl_audit_lines_total" NONE, NO_BUCKETS,
        "Lines written to the audit log";
    AuditFailures Counter "tonl_audit_failures_total" &["reason"], NO_BUCKETS,
        "What went wrong with the audit log";
    VectorOperations Counter "tonl_vector_db_operations_total" &["database", "operation"], NO_BUCKETS,
        "Calls to vector databases; not exposed before the first";
    BuildInfo Gauge "tonl_build_info" &["version"], NO_BUCKETS,
        "Always 1; the label tells the version";
    ProcessCpuUser Counter "process_cpu_user_seconds_total" NONE, NO_BUCKETS,
        "User CPU time of the process";
    ProcessCpuSystem Counter "process_cpu_system_seconds_total" NONE, NO_BUCKETS,
        "System CPU time of the process";
    ProcessCpu Counter "process_cpu_seconds_total" NONE, NO_BUCKETS,
        "User and system CPU time of the process";
    ProcessResidentMemory Gauge "process_resident_memory_bytes" NONE, NO_BUCKETS,
        "Resident memory of the process";
    ProcessVirtualMemory Gauge "process_virtual_memory_bytes" NONE, NO_BUCKETS,
        "Virtual memory of the process";
    ProcessStartTime Gauge "process_start_time_seconds" NONE, NO_BUCKETS,
        "Start of the process in seconds since 1970";
    ProcessOpenFds Gauge "process_open_fds" NONE, NO_BUCKETS,
        "Open file descriptors of the process";
    ProcessMaxFds Gauge "process_max_fds" NONE, NO_BUCKETS,
        "Most file descriptors that the process may open";
}

impl Metric {
    /// The name as it is exposed.
    pub fn name(self) -> &'static str {
        self.description().name
    }

    /// Whether it is read from the operating system, and exposed a second time with the prefix
    /// `tonl_`.
    pub fn is_of_the_process(self) -> bool {
        self.name().starts_with("process_")
    }

    /// The name without the suffix that the exposition adds to counters.
    pub(crate) fn stem(self) -> &'static str {
        let Description { name, kind, .. } = self.description();
        match kind {
            Kind::Counter => name.strip_suffix("_total").unwrap_or(name),
            Kind::Gauge | Kind::Histogram => name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_distinct_and_counters_end_as_they_must() {
        let names: BTreeSet<&str> = Metric::ALL.iter().map(|metric| metric.name()).collect();
        assert_eq!(names.len(), Metric::ALL.len());
        for metric in Metric::ALL {
            let Description {
                name, kind, help, ..
            } = metric.description();
            assert_eq!(name.ends_with("_total"), kind == Kind::Counter, "{name}");
            assert!(!help.ends_with('.'), "{name}");
        }
    }

    #[test]
    fn only_histograms_have_buckets_and_they_grow() {
        for metric in Metric::ALL {
            let Description {
                name,
                kind,
                buckets,
                ..
            } = metric.description();
            assert_eq!(buckets.is_empty(), kind != Kind::Histogram, "{name}");
            assert!(buckets.windows(2).all(|pair| pair[0] < pair[1]), "{name}");
        }
    }
}
