//! `docs/metrics.md`, made from the table.

use super::{
    AuditFailure, CloseReason, ConnectionRefusal, ErrorType, Method, Operation, Outcome, SizeOf,
    VectorOperation,
};
use super::{Closed, Description, Metric};
use crate::events::Refusal;
use std::fmt::Write as _;

const HEAD: &str = "\
# Metrics

Written by `cargo xtask docs` from the table in `crates/tonl-telemetry/src/metric/table.rs`; change it there.

`GET /metrics` answers in the classic text format, or in OpenMetrics if `Accept` asks for it. Every label has a bounded
set of values: what a client sends never becomes one. Series with a closed set of values exist with the value 0 from the
start, so that `rate()` sees the first event. Durations are in seconds, sizes in bytes.

| name | type | labels | meaning |
|---|---|---|---|
";

/// The page, as Markdown.
pub fn page() -> String {
    let mut page = HEAD.to_owned();
    for metric in Metric::ALL {
        row(&mut page, *metric);
    }
    page.push_str(
        "\nThe `process_*` metrics are read when the page is asked for, on Linux only, and exist a second time with the \
         prefix\n`tonl_`. The label `ip` of `tonl_rate_limit_hits_total` is off unless a setting asks for it: it is \
         personal data. It\nthen holds the network (IPv4 /24, IPv6 /48) of at most 1,000 networks, and `other` for the \
         rest.\n\n## Label values\n\n| label | of | values |\n|---|---|---|\n",
    );
    values::<ErrorType>(
        &mut page,
        "type",
        &[Metric::Errors, Metric::ConversionErrors],
    );
    values::<Operation>(
        &mut page,
        "operation",
        &[Metric::ConversionRequests, Metric::ConversionDuration],
    );
    values::<Operation>(&mut page, "type", &[Metric::Conversions]);
    values::<Outcome>(&mut page, "status", &[Metric::ConversionRequests]);
    values::<Outcome>(&mut page, "result", &[Metric::SecretReloads]);
    values::<SizeOf>(&mut page, "type", &[Metric::DataSize]);
    values::<Method>(&mut page, "method", &[Metric::HttpRequests]);
    values::<Refusal>(&mut page, "reason", &[Metric::Refusals]);
    values::<ConnectionRefusal>(&mut page, "reason", &[Metric::ConnectionsRefused]);
    values::<CloseReason>(&mut page, "reason", &[Metric::SessionsClosed]);
    values::<AuditFailure>(&mut page, "reason", &[Metric::AuditFailures]);
    values::<VectorOperation>(&mut page, "operation", &[Metric::VectorOperations]);
    page
}

fn row(page: &mut String, metric: Metric) {
    let Description {
        name,
        kind,
        labels,
        buckets,
        help,
    } = metric.description();
    let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
    let kind = kind.as_str();
    let labels = labels.join(", ");
    let _infallible = write!(page, "| `{name}` | {kind} | {labels} | {help}");
    if !buckets.is_empty() {
        let bounds: Vec<String> = buckets.iter().map(ToString::to_string).collect();
        let _infallible = write!(page, ". Buckets: {}", bounds.join(", "));
    }
    page.push_str(" |\n");
}

fn values<T: Closed>(page: &mut String, label: &str, of: &[Metric]) {
    let names: Vec<String> = of
        .iter()
        .map(|metric| format!("`{}`", metric.name()))
        .collect();
    let values: Vec<String> = T::ALL
        .iter()
        .map(|value| format!("`{}`", value.label()))
        .collect();
    let _infallible = writeln!(
        page,
        "| `{label}` | {} | {} |",
        names.join(", "),
        values.join(", ")
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_row_for_every_metric() {
        let page = page();
        for metric in Metric::ALL {
            let row = format!("\n| `{}` | ", metric.name());
            assert_eq!(page.matches(&row).count(), 1, "{row}");
        }
        assert!(page.contains("Buckets: 0.3, 0.4"));
        assert!(page.contains("`auth`, `validation`, `internal`, `stream`"));
    }
}
