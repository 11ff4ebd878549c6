//! Which series the events move, and that no client can make one.

use crate::parser::Page;
use std::net::IpAddr;
use std::time::Duration;
use tonl_telemetry::events::*;
use tonl_telemetry::{Exposition, Gauge, NetworkLabel, Telemetry, TelemetryConfig};
use tonl_testkit::Random;

pub(crate) fn finished(method: &str, status: u16) -> RequestFinished<'_> {
    RequestFinished {
        method,
        route: "/mcp",
        status,
        duration: Duration::from_millis(2),
        bytes_in: 1,
        bytes_out: 2,
        request_id: "id",
    }
}

pub(crate) fn refused(reason: Refusal) -> Refused<'static> {
    Refused {
        reason,
        route: "/mcp",
        client: IpAddr::from([203, 0, 113, 9]),
        method: "GET",
        path: "/mcp",
        token: None,
        session: None,
        request_id: "id",
        status: 401,
    }
}

fn page(telemetry: &Telemetry) -> Page {
    Page::read(&telemetry.render(Exposition::Classic))
}

/// S48: both names of the errors move together, for 401 and for 403.
#[test]
fn a_failed_authentication_moves_both_names_of_the_auth_errors() {
    let telemetry = Telemetry::disabled_audit();
    telemetry.emit(refused(Refusal::MissingToken));
    telemetry.emit(Refused {
        status: 403,
        ..refused(Refusal::InvalidToken)
    });
    telemetry.emit(Refused {
        status: 429,
        ..refused(Refusal::TooManyFailures)
    });
    telemetry.emit(Refused {
        status: 413,
        ..refused(Refusal::TooLarge)
    });
    let page = page(&telemetry);
    for name in ["tonl_errors_total", "tonl_conversion_errors_total"] {
        assert_eq!(page.value(&format!("{name}{{type=\"auth\"}}")), 3.0);
        assert_eq!(page.value(&format!("{name}{{type=\"validation\"}}")), 1.0);
        assert_eq!(page.value(&format!("{name}{{type=\"internal\"}}")), 0.0);
    }
    assert_eq!(
        page.value("tonl_refusals_total{reason=\"invalid_token\"}"),
        1.0
    );
}

/// S49
#[test]
fn each_answer_with_429_is_a_rate_limit_hit_of_its_endpoint() {
    let telemetry = Telemetry::disabled_audit();
    for _ in 0..3 {
        telemetry.emit(Refused {
            route: "/stream/convert",
            status: 429,
            ..refused(Refusal::RateLimited)
        });
    }
    telemetry.emit(refused(Refusal::MissingToken));
    let page = page(&telemetry);
    let series = page.series("tonl_rate_limit_hits_total");
    assert_eq!(series.len(), 1);
    assert_eq!(
        page.value("tonl_rate_limit_hits_total{endpoint=\"/stream/convert\"}"),
        3.0
    );
}

/// S49: the label `ip` is a network, by setting, and there is an end of them.
#[test]
fn networks_are_told_by_setting_and_are_bounded() {
    let config = TelemetryConfig {
        networks: NetworkLabel::On,
        ..TelemetryConfig::new("test")
    };
    let telemetry = Telemetry::new(config);
    let mut random = Random::new(49);
    for _ in 0..5_000 {
        let address = if random.chance(50) {
            IpAddr::from(u32::try_from(random.bits() >> 32).unwrap().to_be_bytes())
        } else {
            IpAddr::from((u128::from(random.bits()) << 64).to_be_bytes())
        };
        telemetry.emit(Refused {
            client: address,
            status: 429,
            ..refused(Refusal::RateLimited)
        });
    }
    let page = page(&telemetry);
    let series = page.series("tonl_rate_limit_hits_total");
    assert_eq!(series.len(), 1_001);
    assert!(page.value("tonl_rate_limit_hits_total{endpoint=\"/mcp\",ip=\"other\"}") > 3_000.0);
    assert!(
        series
            .iter()
            .all(|s| s.contains("/24\"") || s.contains("/48\"") || s.contains("other"))
    );
}

#[test]
fn a_hostile_client_cannot_make_series() {
    let telemetry = Telemetry::disabled_audit();
    let mut random = Random::new(56);
    for number in 0..3_000 {
        let method = format!("M{}\n\"}}", random.bits());
        let path = format!("/{number}");
        telemetry.emit(finished(&method, 404));
        let hostile = Refused {
            method: &method,
            path: &path,
            token: Some(&path),
            session: Some(&path),
            ..refused(Refusal::InvalidToken)
        };
        telemetry.emit(hostile);
        telemetry.emit(finished("get", u16::try_from(number + 600).unwrap()));
    }
    let page = page(&telemetry);
    let requests = page.series("tonl_http_requests_total");
    assert_eq!(requests.len(), 2, "{requests:?}");
    assert!(page.samples.len() < 300, "{}", page.samples.len());
}

#[test]
fn negative_savings_never_lower_a_counter() {
    let telemetry = Telemetry::disabled_audit();
    let saved = |original, compressed, usd| TokensSaved {
        model: "m",
        original,
        compressed,
        usd,
    };
    telemetry.emit(saved(100, 40, 2.0));
    telemetry.emit(saved(40, 100, -1.5));
    telemetry.emit(saved(0, 5, f64::NAN));
    telemetry.emit(saved(u64::MAX, 0, f64::INFINITY));
    let page = page(&telemetry);
    assert_eq!(
        page.value("tonl_estimated_cost_savings_usd{model=\"m\"}"),
        0.5
    );
    assert_eq!(page.value("tonl_tokens_lost_total{model=\"m\"}"), 65.0);
    let one = page.value("tonl_tokens_saved_total{model=\"m\"}");
    assert_eq!(one, page.value("tonl_token_savings_total{model=\"m\"}"));
    assert_eq!(page.value("tonl_compression_ratio_count{model=\"m\"}"), 3.0);
}

#[test]
fn sessions_and_connections_come_and_go() {
    let telemetry = Telemetry::disabled_audit();
    let client = IpAddr::from([127, 0, 0, 1]);
    for session in ["a", "b"] {
        telemetry.emit(SessionOpened {
            session,
            transport: McpTransport::Sse,
            client,
            token: None,
            request_id: "r",
        });
        telemetry.emit(ConnectionOpened);
    }
    telemetry.emit(SessionClosed {
        session: "a",
        reason: CloseReason::Idle,
    });
    telemetry.emit(ConnectionClosed);
    telemetry.emit(ConnectionRefused {
        reason: ConnectionRefusal::PerAddress,
        peer: Some(client),
    });
    let page = page(&telemetry);
    assert_eq!(page.value("tonl_sessions_active"), 1.0);
    assert_eq!(page.value("tonl_sessions_opened_total"), 2.0);
    assert_eq!(
        page.value("tonl_sessions_closed_total{reason=\"idle\"}"),
        1.0
    );
    assert_eq!(page.value("tonl_connections_open"), 1.0);
    assert_eq!(page.value("tonl_connections_opened_total"), 2.0);
    assert_eq!(
        page.value("tonl_connections_refused_total{reason=\"per_address\"}"),
        1.0
    );
}

#[test]
fn a_gauge_that_is_held_falls_when_it_is_let_go() {
    let telemetry = Telemetry::disabled_audit();
    let hold = telemetry.hold(Gauge::HttpInFlight);
    telemetry.set(Gauge::BodyBudget, u64::MAX);
    telemetry.set(Gauge::RateLimitEntries, 7);
    assert_eq!(page(&telemetry).value("tonl_http_requests_in_flight"), 1.0);
    drop(hold);
    let page = page(&telemetry);
    assert_eq!(page.value("tonl_http_requests_in_flight"), 0.0);
    assert_eq!(page.value("tonl_rate_limit_entries"), 7.0);
    assert!(page.value("tonl_body_budget_bytes") > 9e18);
}

/// S56
#[test]
fn streams_panics_and_reloads_are_counted() {
    let telemetry = Telemetry::disabled_audit();
    let second = Duration::from_secs(1);
    telemetry.emit(StreamCompleted {
        lines: 10,
        bytes_in: 2_000,
        bytes_out: 900,
        skipped: 3,
        duration: second,
        request_id: "r",
    });
    telemetry.emit(StreamFailed {
        kind: ErrorType::Stream,
        reason: "the client went away",
        lines: 1,
        skipped: 1,
        duration: second,
        request_id: "r",
    });
    telemetry.emit(ConversionFailed {
        operation: Operation::TonlToJson,
        kind: ErrorType::Validation,
        duration: second,
    });
    telemetry.emit(Panicked {
        route: "/mcp",
        request_id: "r",
        place: "oh",
    });
    telemetry.emit(TokenReloaded { source: "file" });
    telemetry.emit(TokenReloadFailed {
        reason: "the file is empty",
    });
    telemetry.emit(RateLimitEvicted { entries: 4 });
    let page = page(&telemetry);
    for (series, value) in [
        ("tonl_stream_lines_skipped_total", 4.0),
        (
            "tonl_conversion_requests_total{operation=\"stream_conversion\",status=\"success\"}",
            1.0,
        ),
        (
            "tonl_conversion_requests_total{operation=\"stream_conversion\",status=\"error\"}",
            1.0,
        ),
        (
            "tonl_conversion_requests_total{operation=\"tonl_to_json\",status=\"error\"}",
            1.0,
        ),
        ("tonl_conversions_total{type=\"stream_conversion\"}", 1.0),
        ("tonl_data_size_bytes_sum{type=\"json_input\"}", 2_000.0),
        ("tonl_data_size_bytes_sum{type=\"tonl_output\"}", 900.0),
        ("tonl_errors_total{type=\"stream\"}", 1.0),
        ("tonl_errors_total{type=\"internal\"}", 1.0),
        ("tonl_panics_total", 1.0),
        ("tonl_secret_reloads_total{result=\"success\"}", 1.0),
        ("tonl_secret_reloads_total{result=\"error\"}", 1.0),
        ("tonl_rate_limit_evictions_total", 4.0),
    ] {
        assert_eq!(page.value(series), value, "{series}");
    }
}

/// S56
#[test]
fn a_stream_that_is_refused_is_an_error_once() {
    let telemetry = Telemetry::disabled_audit();
    telemetry.emit(StreamRefused {
        skipped: 2,
        duration: Duration::from_secs(1),
        request_id: "r",
    });
    telemetry.emit(refused(Refusal::InvalidData));
    let page = page(&telemetry);
    for (series, value) in [
        ("tonl_stream_lines_skipped_total", 2.0),
        (
            "tonl_conversion_requests_total{operation=\"stream_conversion\",status=\"error\"}",
            1.0,
        ),
        ("tonl_errors_total{type=\"validation\"}", 1.0),
        ("tonl_errors_total{type=\"stream\"}", 0.0),
    ] {
        assert_eq!(page.value(series), value, "{series}");
    }
}

#[test]
fn messages_of_clients_count_by_transport_era_and_method() {
    let telemetry = Telemetry::disabled_audit();
    let message = |era, method| McpMessage {
        transport: McpTransport::StreamableHttp,
        era,
        method,
    };
    telemetry.emit(message(McpEra::Stateless, "tools/call"));
    telemetry.emit(message(McpEra::Session, "tools/call"));
    telemetry.emit(message(McpEra::Session, "tools/call"));
    telemetry.emit(message(McpEra::Session, "\"forged\" 1"));
    let page = telemetry.render(Exposition::Classic);
    for line in [
        "{transport=\"streamable_http\",era=\"stateless\",method=\"tools/call\"} 1",
        "{transport=\"streamable_http\",era=\"session\",method=\"tools/call\"} 2",
        "{transport=\"streamable_http\",era=\"session\",method=\"other\"} 1",
    ] {
        assert!(
            page.contains(&format!("tonl_mcp_messages_total{line}\n")),
            "{page}"
        );
    }
}
