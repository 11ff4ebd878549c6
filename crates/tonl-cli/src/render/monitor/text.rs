//! A server as text, for pipes and machines: everything at once, one line a sample, or JSON. No colour.

use super::words;
use crate::monitor::figures::{Figures, Operation};
use crate::monitor::latency::{Histogram, Latency};
use crate::monitor::{Monitor, Sample, Span};
use crate::render::table::{Column, Table, visible};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Everything that is known, a line a figure, and a table of the operations.
pub(crate) fn page(monitor: &Monitor, url: &str, now: Duration) -> String {
    let nothing = Figures::default();
    let sample = monitor.last();
    let figures = sample.map_or(&nothing, |sample| &sample.figures);
    let rates = monitor.rates();
    let rows = [
        ("status", monitor.health(now).name().to_owned()),
        ("url", visible(url)),
        ("version", version(figures)),
        ("uptime", words::uptime(sample.and_then(Sample::uptime))),
        ("cpu", words::percent(rates.and_then(|rates| rates.cpu))),
        ("memory", words::memory(figures.resident, figures.limit)),
        ("open files", words::count(figures.open_files)),
        ("streams", words::count(figures.connections)),
        (
            "requests/s",
            words::rate(rates.and_then(|rates| rates.requests)),
        ),
        ("request time", words::latency(request_latency(monitor))),
        ("conversions", words::conversions(figures)),
        (
            "conversions/s",
            words::rate(rates.and_then(|rates| rates.conversions)),
        ),
        (
            "conversion time",
            words::latency(conversion_latency(monitor)),
        ),
        ("errors", words::errors(figures.errors.as_ref())),
        ("rate limit hits", words::count(figures.rate_limit_hits)),
        ("tokens saved", words::count(figures.tokens_saved)),
        ("cost saved", words::dollars(figures.cost_saved)),
        (
            "average ratio",
            words::percent(figures.ratio.map(|ratio| ratio * 100.0)),
        ),
    ];
    let mut text = "TONL SERVER MONITOR\n".to_owned();
    for (heading, value) in rows {
        text.push_str(format!("{heading:17}{value}").trim_end());
        text.push('\n');
    }
    if !figures.operations.is_empty() {
        text.push('\n');
        text.push_str(&operations(monitor, figures));
    }
    text
}

/// One line, for logs. `wall` is the time now, in seconds since 1970, for a line without a sample.
pub(crate) fn line(monitor: &Monitor, now: Duration, wall: f64) -> String {
    let health = monitor.health(now);
    let Some(sample) = monitor.last().filter(|_| !monitor.is_troubled()) else {
        let reason = health.reason().unwrap_or_default();
        let line = format!("{} {} {reason}", time(wall), health.name());
        return line.trim_end().to_owned();
    };
    let (figures, rates) = (&sample.figures, monitor.rates());
    let line = format!(
        "{} {} cpu {} memory {} streams {} requests/s {} ok {} failed {} limit hits {} tokens saved {} errors {}",
        time(sample.wall),
        health.name(),
        words::percent(rates.and_then(|rates| rates.cpu)),
        words::bytes(figures.resident),
        words::count(figures.connections),
        words::rate(rates.and_then(|rates| rates.requests)),
        words::count(figures.succeeded()),
        words::count(figures.failed()),
        words::count(figures.rate_limit_hits),
        words::count(figures.tokens_saved),
        words::errors(figures.errors.as_ref()),
    );
    match health.reason() {
        Some(reason) => format!("{line}; {reason}"),
        None => line,
    }
}

/// The same for machines; what is not known is null.
pub(crate) fn value(monitor: &Monitor, url: &str, now: Duration) -> Value {
    let nothing = Figures::default();
    let sample = monitor.last();
    let figures = sample.map_or(&nothing, |sample| &sample.figures);
    let rates = monitor.rates();
    let health = monitor.health(now);
    json!({
        "status": health.name().to_lowercase(),
        "reason": health.reason(),
        "url": url,
        "timestamp": sample.map(|sample| time(sample.wall)),
        "version": figures.version,
        "uptime_seconds": sample.and_then(Sample::uptime),
        "cpu_percent": rates.and_then(|rates| rates.cpu),
        "memory_bytes": whole(figures.resident),
        "memory_limit_bytes": whole(figures.limit),
        "open_files": whole(figures.open_files),
        "active_connections": whole(figures.connections),
        "requests_per_second": rates.and_then(|rates| rates.requests),
        "request_seconds": latency_value(request_latency(monitor)),
        "conversions": {
            "succeeded": whole(figures.succeeded()),
            "failed": whole(figures.failed()),
            "per_second": rates.and_then(|rates| rates.conversions),
        },
        "conversion_seconds": latency_value(conversion_latency(monitor)),
        "errors": figures.errors.as_ref().map(errors_value),
        "rate_limit_hits": whole(figures.rate_limit_hits),
        "tokens_saved": whole(figures.tokens_saved),
        "cost_saved_usd": figures.cost_saved,
        "average_ratio": figures.ratio,
        "operations": figures.operations.iter().map(|(name, operation)| {
            (name.clone(), operation_value(monitor, name, operation))
        }).collect::<Map<_, _>>(),
    })
}

/// The latency of conversions.
pub(crate) fn conversion_latency(monitor: &Monitor) -> Option<(Latency, Span)> {
    monitor.latency(|figures| figures.conversion_durations.as_ref())
}

/// The latency of HTTP requests.
pub(crate) fn request_latency(monitor: &Monitor) -> Option<(Latency, Span)> {
    monitor.latency(|figures| figures.request_durations.as_ref())
}

/// The version as the server tells it.
pub(crate) fn version(figures: &Figures) -> String {
    figures
        .version
        .as_deref()
        .map_or_else(|| "-".to_owned(), words::name)
}

/// The cells of an operation: its name, ok, failed, rate and the two quantiles.
pub(crate) fn operation_cells(monitor: &Monitor, name: &str, operation: &Operation) -> [String; 6] {
    let rate = monitor
        .rates()
        .and_then(|rates| rates.operations.get(name).copied());
    let latency = operation_latency(monitor, name).map(|(latency, _)| latency);
    [
        words::name(name),
        words::count(Some(operation.succeeded)),
        words::count(Some(operation.failed)),
        words::rate(rate),
        words::duration(latency.map(|latency| latency.half)),
        words::duration(latency.map(|latency| latency.nearly_all)),
    ]
}

fn operation_latency(monitor: &Monitor, name: &str) -> Option<(Latency, Span)> {
    fn durations<'a>(figures: &'a Figures, name: &str) -> Option<&'a Histogram> {
        figures.operations.get(name)?.durations.as_ref()
    }
    monitor.latency(|figures| durations(figures, name))
}

fn operations(monitor: &Monitor, figures: &Figures) -> String {
    let mut table = Table::new([
        Column::name("operation"),
        Column::number("ok"),
        Column::number("failed"),
        Column::number("per second"),
        Column::number("p50"),
        Column::number("p95"),
    ]);
    for (name, operation) in &figures.operations {
        table.row(operation_cells(monitor, name, operation));
    }
    table.text(None)
}

fn operation_value(monitor: &Monitor, name: &str, operation: &Operation) -> Value {
    json!({
        "succeeded": whole(Some(operation.succeeded)),
        "failed": whole(Some(operation.failed)),
        "per_second": monitor.rates().and_then(|rates| rates.operations.get(name).copied()),
        "seconds": latency_value(operation_latency(monitor, name)),
    })
}

fn errors_value(errors: &BTreeMap<String, f64>) -> Map<String, Value> {
    let counts = errors.iter();
    counts
        .map(|(kind, count)| (kind.clone(), whole(Some(*count))))
        .collect()
}

/// `above` says that a quantile is above the last bound of its histogram, which is then given.
fn latency_value(latency: Option<(Latency, Span)>) -> Value {
    let Some((latency, span)) = latency else {
        return Value::Null;
    };
    json!({
        "p50": latency.half.seconds,
        "p95": latency.nearly_all.seconds,
        "above": latency.nearly_all.is_above,
        "of": match span {
            Span::Watched => "interval",
            Span::SinceStart => "since_start",
        },
    })
}

/// A count as a whole number where it is one.
fn whole(value: Option<f64>) -> Value {
    let Some(value) = value else {
        return Value::Null;
    };
    if value.fract() == 0.0 && value.abs() < 1e15 {
        format!("{value:.0}")
            .parse::<i64>()
            .map_or(Value::Null, Value::from)
    } else {
        Value::from(value)
    }
}

/// Seconds since 1970 as a time in UTC.
fn time(wall: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "it saturates, and what is out of range is not shown"
    )]
    let seconds = wall as i64;
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| "-".to_owned(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
    )
}
