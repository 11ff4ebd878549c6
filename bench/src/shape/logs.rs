//! `logs`: the request log of a service with 15 verbose keys. `drift` is made of the same fields.

use crate::random::Random;
use crate::text::{HEX, code, number, raw, timestamp};

/// The keys in their usual order.
pub(super) const KEYS: [&str; 15] = [
    "event_timestamp_utc_iso8601",
    "application_log_severity_level",
    "kubernetes_pod_instance_name",
    "http_request_method_verb",
    "http_response_status_code",
    "request_latency_milliseconds",
    "originating_service_identifier",
    "distributed_trace_correlation_id",
    "authenticated_session_token_hash",
    "client_source_ip_address_v4",
    "cloud_deployment_region_name",
    "human_readable_log_message",
    "database_query_duration_ms",
    "edge_cache_lookup_outcome",
    "response_payload_size_bytes",
];

pub(super) fn append(out: &mut Vec<u8>, random: &mut Random) {
    for (field, key) in KEYS.iter().enumerate() {
        out.push(if field == 0 { b'{' } else { b',' });
        member(out, random, key, field);
    }
    out.push(b'}');
}

/// Appends `"key":value`, where the value is that of the field with the given index in [`KEYS`].
pub(super) fn member(out: &mut Vec<u8>, random: &mut Random, key: &str, field: usize) {
    out.push(b'"');
    raw(out, key);
    raw(out, "\":");
    let quote = !matches!(field, 4 | 5 | 12 | 14);
    if quote {
        out.push(b'"');
    }
    value(out, random, field);
    if quote {
        out.push(b'"');
    }
}

fn value(out: &mut Vec<u8>, random: &mut Random, field: usize) {
    match field {
        0 => timestamp(out, random),
        1 => raw(
            out,
            random.pick(&["DEBUG", "INFO", "WARN", "ERROR", "FATAL"]),
        ),
        2 => pod(out, random),
        3 => raw(out, random.pick(&["GET", "POST", "PUT", "PATCH", "DELETE"])),
        4 => number(out, random.pick(&STATUS)),
        5 => number(out, random.between(5, 2000).into()),
        6 => raw(out, random.pick(&SERVICES)),
        7 => code(out, random, 12, HEX),
        8 => code(out, random, 16, b"ABCDEFGHJKMNPQRT"),
        9 => address(out, random),
        10 => raw(out, random.pick(&REGIONS)),
        11 => raw(out, random.pick(&MESSAGES)),
        12 => number(out, random.between(1, 500).into()),
        13 => raw(out, random.pick(&["HIT", "MISS", "STALE", "BYPASS"])),
        _ => number(out, random.between(128, 8192).into()),
    }
}

fn pod(out: &mut Vec<u8>, random: &mut Random) {
    raw(out, random.pick(&SERVICES));
    raw(out, "-v1-");
    code(out, random, 5, HEX);
}

fn address(out: &mut Vec<u8>, random: &mut Random) {
    raw(out, "10");
    for _ in 0..3 {
        out.push(b'.');
        number(out, random.below(256).into());
    }
}

const STATUS: [u64; 11] = [200, 201, 204, 301, 304, 400, 401, 403, 404, 500, 503];
const SERVICES: [&str; 5] = [
    "auth-gateway",
    "billing-api",
    "catalogue",
    "order-service",
    "search-indexer",
];
const REGIONS: [&str; 5] = [
    "eu-central-1",
    "eu-west-3",
    "us-east-1",
    "us-west-2",
    "ap-southeast-1",
];
const MESSAGES: [&str; 6] = [
    "Request completed without errors",
    "Connection pool exhausted, retrying in 50 ms",
    "Upstream did not answer in time",
    "Cache entry expired and was fetched again",
    "Token refreshed for an active session",
    "Payload rejected: schema mismatch",
];
