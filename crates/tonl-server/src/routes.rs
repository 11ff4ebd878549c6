//! The routes: their paths, which stand here alone, and what answers them.
//!
//! Paths match exactly, byte by byte: `//mcp`, `/mcp/` and `/%6dcp` are other paths, and no defence
//! can be passed by under another spelling.

pub(crate) mod convert_stream;
pub(crate) mod health;
pub(crate) mod mcp;
pub(crate) mod metrics;
pub(crate) mod openapi;
pub(crate) mod root;

/// What the server is and where its doors are.
pub(crate) const ROOT: &str = "/";
/// The process lives.
pub(crate) const HEALTH: &str = "/health";
/// The process wants requests.
pub(crate) const READY: &str = "/ready";
/// The metrics.
pub(crate) const METRICS: &str = "/metrics";
/// The metrics, again and again.
pub(crate) const METRICS_LIVE: &str = "/metrics/live";
/// The description of this interface.
pub(crate) const OPENAPI: &str = "/openapi.json";
/// The conversion of streams.
pub(crate) const STREAM_CONVERT: &str = "/stream/convert";
/// The MCP endpoint.
pub(crate) const MCP: &str = "/mcp";
/// Its legacy alias that opens streams.
pub(crate) const SSE: &str = "/sse";
/// Its legacy alias that takes messages.
pub(crate) const MESSAGES: &str = "/messages";

/// All of them.
pub(crate) const ALL: [&str; 10] = [
    ROOT,
    HEALTH,
    READY,
    METRICS,
    METRICS_LIVE,
    OPENAPI,
    STREAM_CONVERT,
    MCP,
    SSE,
    MESSAGES,
];

/// The route of a path, as records name it: a client must not be able to make up new names.
pub(crate) fn label(path: &str) -> &'static str {
    let known = ALL.iter().find(|route| **route == path);
    known.copied().unwrap_or("other")
}
