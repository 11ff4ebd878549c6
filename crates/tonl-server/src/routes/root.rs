//! `/`: what this is and where its doors are.

use crate::respond;
use axum::body::Body;
use http::{Response, StatusCode};
use serde_json::json;

/// The version of the product, for people and metrics.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The answer of `/`.
pub(crate) fn root() -> Response<Body> {
    let body = json!({
        "name": "tonl-mcp-bridge",
        "version": VERSION,
        "endpoints": {
            "health": "/health",
            "ready": "/ready",
            "metrics": "/metrics",
            "liveMetrics": "/metrics/live",
            "convert": "/stream/convert",
            "mcp": "/mcp",
            "openapi": "/openapi.json",
        },
    });
    respond::json(StatusCode::OK, &body)
}
