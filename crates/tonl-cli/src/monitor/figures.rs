//! What one page of metrics says of the server, by the names that are known.
//!
//! A figure that the page does not have is nothing, never zero. Metrics of the process stand with and without
//! the prefix `tonl_`; the aliases that two versions of the server use are read in the order given here.

use super::latency::Histogram;
use crate::exposition::Exposition;
use std::collections::BTreeMap;

const CONVERSIONS: &str = "tonl_conversion_requests_total";
const DURATIONS: &str = "tonl_conversion_duration_seconds";
const REQUESTS: &str = "tonl_http_requests_total";
const REQUEST_DURATIONS: &str = "tonl_http_request_duration_seconds";
const RATIO_SUM: &str = "tonl_compression_ratio_sum";
const RATIO_COUNT: &str = "tonl_compression_ratio_count";
/// Two names of the same events: the larger one counts, their sum would count twice.
const ERRORS: [&str; 2] = ["tonl_errors_total", "tonl_conversion_errors_total"];
const TOKENS: [&str; 2] = ["tonl_tokens_saved_total", "tonl_token_savings_total"];
const COST: [&str; 2] = [
    "tonl_estimated_cost_savings_usd",
    "tonl_estimated_cost_savings_usd_total",
];
const CPU: [&str; 2] = [
    "process_cpu_seconds_total",
    "tonl_process_cpu_seconds_total",
];
const RESIDENT: [&str; 2] = [
    "process_resident_memory_bytes",
    "tonl_process_resident_memory_bytes",
];
const LIMIT: [&str; 3] = [
    "process_memory_limit_bytes",
    "tonl_process_memory_limit_bytes",
    "process_virtual_memory_max_bytes",
];
/// Above this a limit is none: systems write "unlimited" as a huge number.
const UNLIMITED: f64 = 1e15;
const STARTED: [&str; 2] = [
    "process_start_time_seconds",
    "tonl_process_start_time_seconds",
];
const FILES: [&str; 2] = ["process_open_fds", "tonl_process_open_fds"];
const LAG: [&str; 2] = [
    "tonl_nodejs_eventloop_lag_seconds",
    "nodejs_eventloop_lag_seconds",
];

/// The figures of one page. Counts are whole numbers, as the text format has them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Figures {
    pub(crate) version: Option<String>,
    /// When the process began, in seconds since 1970.
    pub(crate) started: Option<f64>,
    /// Processor time so far, in seconds.
    pub(crate) cpu_seconds: Option<f64>,
    /// Memory in use, in bytes.
    pub(crate) resident: Option<f64>,
    /// The most memory it may use, in bytes.
    pub(crate) limit: Option<f64>,
    pub(crate) open_files: Option<f64>,
    /// How late the event loop runs, in seconds; servers without one say nothing.
    pub(crate) lag: Option<f64>,
    /// Open connections that stream.
    pub(crate) connections: Option<f64>,
    /// HTTP requests so far.
    pub(crate) requests: Option<f64>,
    pub(crate) request_durations: Option<Histogram>,
    /// Conversions by operation.
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) conversion_durations: Option<Histogram>,
    /// Errors by type, those without any left out; nothing if errors are not counted.
    pub(crate) errors: Option<BTreeMap<String, f64>>,
    pub(crate) rate_limit_hits: Option<f64>,
    pub(crate) tokens_saved: Option<f64>,
    /// In US dollars.
    pub(crate) cost_saved: Option<f64>,
    /// Tokens of TONL for one of JSON, on average.
    pub(crate) ratio: Option<f64>,
}

/// One kind of conversion.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Operation {
    pub(crate) succeeded: f64,
    pub(crate) failed: f64,
    pub(crate) durations: Option<Histogram>,
}

impl Figures {
    /// Reads what is known out of a page.
    pub(crate) fn of(page: &Exposition) -> Self {
        Self {
            version: version(page),
            started: page.sum_of(&STARTED),
            cpu_seconds: page.sum_of(&CPU),
            resident: page.sum_of(&RESIDENT),
            limit: limit(page),
            open_files: page.sum_of(&FILES),
            lag: page.sum_of(&LAG),
            connections: page.sum("tonl_active_connections"),
            requests: page.sum(REQUESTS),
            request_durations: Histogram::of(page, REQUEST_DURATIONS),
            operations: operations(page),
            conversion_durations: Histogram::of(page, DURATIONS),
            errors: errors(page),
            rate_limit_hits: page.sum("tonl_rate_limit_hits_total"),
            tokens_saved: page.sum_of(&TOKENS),
            cost_saved: page.sum_of(&COST),
            ratio: ratio(page),
        }
    }

    /// Whether the page has nothing that a TONL server tells.
    pub(crate) fn is_foreign(&self) -> bool {
        let known = Self {
            started: None,
            cpu_seconds: None,
            resident: None,
            limit: None,
            open_files: None,
            lag: None,
            ..self.clone()
        };
        known == Self::default()
    }

    /// Conversions that went well, of all operations.
    pub(crate) fn succeeded(&self) -> Option<f64> {
        self.total(|operation| operation.succeeded)
    }

    /// Conversions that failed, of all operations.
    pub(crate) fn failed(&self) -> Option<f64> {
        self.total(|operation| operation.failed)
    }

    fn total(&self, count: impl Fn(&Operation) -> f64) -> Option<f64> {
        let counts = self.operations.values().map(count);
        counts.reduce(|sum, count| sum + count)
    }
}

fn version(page: &Exposition) -> Option<String> {
    let mut infos = page.named("tonl_build_info");
    let version = infos.next()?.label("version");
    (!version.is_empty()).then(|| version.to_owned())
}

fn limit(page: &Exposition) -> Option<f64> {
    let known = LIMIT.iter().filter_map(|name| page.sum(name));
    let mut real = known.filter(|limit| *limit > 0.0 && *limit < UNLIMITED);
    real.next()
}

/// Every label set counts: the same status may stand on several lines of an operation.
fn operations(page: &Exposition) -> BTreeMap<String, Operation> {
    let mut operations: BTreeMap<String, Operation> = BTreeMap::new();
    let counted = page.named(CONVERSIONS);
    for series in counted.filter(|series| series.value.is_finite()) {
        let name = series.label("operation");
        let operation = operations.entry(name.to_owned()).or_default();
        match series.label("status") {
            "success" => operation.succeeded += series.value,
            _ => operation.failed += series.value,
        }
    }
    for (name, operation) in &mut operations {
        operation.durations = Histogram::labelled(page, DURATIONS, "operation", name);
    }
    operations
}

fn errors(page: &Exposition) -> Option<BTreeMap<String, f64>> {
    let mut errors: BTreeMap<String, f64> = BTreeMap::new();
    for (kind, count) in ERRORS.iter().flat_map(|name| page.sums_by(name, "type")) {
        let most = errors.entry(kind).or_insert(0.0);
        *most = most.max(count);
    }
    if errors.is_empty() {
        return None;
    }
    errors.retain(|_, count| *count > 0.0);
    Some(errors)
}

fn ratio(page: &Exposition) -> Option<f64> {
    let (sum, count) = (page.sum(RATIO_SUM)?, page.sum(RATIO_COUNT)?);
    (count > 0.0).then(|| sum / count)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(text: &str) -> Figures {
        Figures::of(&Exposition::parse(text).unwrap())
    }

    #[test]
    fn conversions_are_summed_over_every_label_set() {
        let figures = figures(
            "tonl_conversion_requests_total{operation=\"json_to_tonl\",status=\"success\"} 5\n\
             tonl_conversion_requests_total{operation=\"json_to_tonl\",status=\"error\"} 1\n\
             tonl_conversion_requests_total{operation=\"stream_conversion\",status=\"success\"} 7\n\
             tonl_conversion_requests_total{operation=\"stream_conversion\",status=\"success\",shard=\"b\"} 2\n",
        );
        assert_eq!(
            (figures.succeeded(), figures.failed()),
            (Some(14.0), Some(1.0))
        );
        let streams = figures.operations.get("stream_conversion");
        assert_eq!(streams.map(|streams| streams.succeeded), Some(9.0));
    }

    #[test]
    fn what_is_missing_is_nothing_and_not_zero() {
        let none = figures("");
        assert_eq!(none, Figures::default());
        assert_eq!(
            (none.succeeded(), none.failed(), none.ratio),
            (None, None, None)
        );
        let empty = figures("tonl_compression_ratio_sum 0\ntonl_compression_ratio_count 0\n");
        assert_eq!(empty.ratio, None, "no conversion has no ratio");
        assert_eq!(none.errors, None);
        let well = figures("tonl_errors_total{type=\"auth\"} 0\n");
        assert_eq!(well.errors, Some(BTreeMap::new()), "none were counted");
        assert_eq!(
            figures("tonl_rate_limit_hits_total 0\n").rate_limit_hits,
            Some(0.0)
        );
    }

    #[test]
    fn metrics_of_the_process_are_read_with_and_without_the_prefix() {
        for prefix in ["", "tonl_"] {
            let text = format!(
                "{prefix}process_cpu_seconds_total 1.5\n{prefix}process_resident_memory_bytes 2048\n\
                 {prefix}process_start_time_seconds 99\n{prefix}process_open_fds 7\n"
            );
            let read = figures(&text);
            let process = [
                read.cpu_seconds,
                read.resident,
                read.started,
                read.open_files,
            ];
            assert_eq!(process, [1.5, 2048.0, 99.0, 7.0].map(Some), "{prefix}");
            assert!(read.is_foreign(), "any program has these");
        }
        assert!(!figures("tonl_active_connections 0\n").is_foreign());
    }

    #[test]
    fn two_names_of_the_same_errors_are_not_counted_twice() {
        let figures = figures(
            "tonl_errors_total{type=\"auth\"} 3\ntonl_conversion_errors_total{type=\"auth\"} 3\n\
             tonl_conversion_errors_total{type=\"stream\"} 2\ntonl_errors_total{type=\"internal\"} 0\n",
        );
        let errors: Vec<_> = figures
            .errors
            .iter()
            .flatten()
            .map(|(k, v)| (k.as_str(), *v))
            .collect();
        assert_eq!(errors, [("auth", 3.0), ("stream", 2.0)]);
    }

    #[test]
    fn ratio_savings_version_and_limit_are_read() {
        let read = figures(
            "tonl_build_info{version=\"1.2.3\"} 1\n\
             tonl_compression_ratio_sum{model=\"a\"} 3\ntonl_compression_ratio_count{model=\"a\"} 4\n\
             tonl_compression_ratio_sum{model=\"b\"} 1\ntonl_compression_ratio_count{model=\"b\"} 4\n\
             tonl_tokens_saved_total{model=\"a\"} 10\ntonl_tokens_saved_total{model=\"b\"} 5\n\
             tonl_estimated_cost_savings_usd{model=\"a\"} 0.25\n\
             process_virtual_memory_max_bytes 18446744073709551615\n",
        );
        assert_eq!(read.version.as_deref(), Some("1.2.3"));
        assert_eq!(read.ratio, Some(0.5));
        assert_eq!(
            (read.tokens_saved, read.cost_saved),
            (Some(15.0), Some(0.25))
        );
        assert_eq!(read.limit, None, "unlimited is no limit");
        let limited =
            figures("process_memory_limit_bytes 1000\nprocess_virtual_memory_max_bytes -1\n");
        assert_eq!(limited.limit, Some(1000.0));
    }
}
