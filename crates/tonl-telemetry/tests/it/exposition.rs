//! The page of metrics, in both formats.

use crate::parser::Page;
use std::time::Duration;
use tonl_telemetry::events::*;
use tonl_telemetry::metric::{Kind, Metric};
use tonl_telemetry::{Exposition, Telemetry};

/// One of everything that has no series before it happens.
fn used() -> Telemetry {
    let telemetry = Telemetry::disabled_audit();
    telemetry.emit(TokensSaved {
        model: "gpt-4o",
        original: 100,
        compressed: 60,
        usd: 0.5,
    });
    telemetry.emit(TokensSaved {
        model: "gpt-4o",
        original: 10,
        compressed: 12,
        usd: -0.25,
    });
    telemetry.emit(VectorOperated {
        database: "qdrant",
        operation: VectorOperation::Search,
    });
    telemetry.emit(McpMessage {
        transport: McpTransport::Sse,
        era: McpEra::Session,
        method: "ping",
    });
    telemetry.emit(crate::series::finished("GET", 200));
    telemetry.emit(Refused {
        status: 429,
        ..crate::series::refused(Refusal::RateLimited)
    });
    telemetry.emit(Converted {
        operation: Operation::JsonToTonl,
        bytes_in: 2_000,
        bytes_out: 900,
        duration: Duration::from_millis(3),
    });
    telemetry
}

/// S49, S56: every promised name is there with its type, its help and its labels.
#[test]
fn every_metric_of_the_table_is_exposed_as_the_table_says() {
    let page = Page::read(&used().render(Exposition::Classic));
    for metric in Metric::ALL {
        let said = metric.description();
        let mut names = vec![said.name.to_owned()];
        if metric.is_of_the_process() {
            names.push(format!("tonl_{}", said.name));
        }
        for name in names {
            assert_eq!(page.types[&name], said.kind.as_str(), "{name}");
            assert_eq!(page.helps[&name], format!("{}.", said.help), "{name}");
            let sample = match said.kind {
                Kind::Histogram => format!("{name}_count"),
                _ => name.clone(),
            };
            let series = page.series(&sample);
            assert!(!series.is_empty(), "{name}");
            for label in said.labels {
                assert!(
                    series.iter().all(|s| s.contains(&format!("{label}=\""))),
                    "{name}"
                );
            }
        }
    }
    assert_eq!(page.types.len(), Metric::ALL.len() + 8);
}

#[test]
fn histograms_have_the_promised_buckets() {
    let page = Page::read(&used().render(Exposition::Classic));
    for metric in Metric::ALL {
        let said = metric.description();
        let all = page.series(&format!("{}_bucket", said.name));
        let first = page.series(&format!("{}_count", said.name)).len();
        assert_eq!(
            all.len(),
            first * (said.buckets.len() + usize::from(first > 0)),
            "{}",
            said.name
        );
    }
    let in_bucket = |le: &str| {
        page.value(&format!(
            "tonl_conversion_duration_seconds_bucket{{operation=\"json_to_tonl\",le=\"{le}\"}}"
        ))
    };
    assert_eq!(
        [in_bucket("0.001"), in_bucket("0.005"), in_bucket("+Inf")],
        [0.0, 1.0, 1.0]
    );
}

#[test]
fn openmetrics_ends_as_it_must_and_tells_the_same_values() {
    let telemetry = used();
    let open = telemetry.render(Exposition::OpenMetrics);
    assert!(open.ends_with("\n# EOF\n"));
    assert_eq!(open.matches("# EOF").count(), 1);
    let classic = telemetry.render(Exposition::Classic);
    assert!(!classic.contains("EOF"));
    let (open, classic) = (Page::read(&open), Page::read(&classic));
    let plain = |series: &&String| !series.contains("process_") && !series.contains("le=");
    let mine: Vec<_> = open.samples.iter().filter(|(s, _)| plain(s)).collect();
    let theirs: Vec<_> = classic.samples.iter().filter(|(s, _)| plain(s)).collect();
    assert_eq!(mine, theirs);
    assert_eq!(open.types["tonl_errors"], "counter");
}

#[test]
fn content_types_are_those_of_the_formats() {
    let classic = Exposition::Classic.content_type();
    assert_eq!(classic, "text/plain; version=0.0.4; charset=utf-8");
    let open = Exposition::OpenMetrics.content_type();
    assert_eq!(
        open,
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    );
}

/// S48: `rate()` needs a series before the first event.
#[test]
fn closed_sets_of_labels_stand_at_zero_from_the_start() {
    let page = Page::read(&Telemetry::disabled_audit().render(Exposition::Classic));
    for name in ["tonl_errors_total", "tonl_conversion_errors_total"] {
        for kind in ["auth", "validation", "internal", "stream"] {
            assert_eq!(page.value(&format!("{name}{{type=\"{kind}\"}}")), 0.0);
        }
    }
    assert_eq!(page.series("tonl_conversion_requests_total").len(), 8);
    assert!(page.series("tonl_vector_db_operations_total").is_empty());
    assert!(!page.types.contains_key("tonl_vector_db_operations_total"));
    assert_eq!(page.value("tonl_build_info{version=\"test\"}"), 1.0);
}

/// Written for the script that gives the page to promtool.
#[test]
fn a_page_with_every_metric_can_be_kept_for_other_checkers() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR"));
    let page = used().render(Exposition::Classic);
    std::fs::write(folder.join("metrics.txt"), &page).unwrap();
    assert!(page.len() > 4_000);
}
