//! `/mcp`, `/sse` and `/messages`: the door of the MCP transports, which stands behind its defences
//! already and opens onto nothing yet.

use crate::respond;
use axum::body::Body;
use http::{Response, StatusCode};

/// The answer to who passed the defences.
pub(crate) async fn not_implemented() -> Response<Body> {
    respond::error(
        StatusCode::NOT_IMPLEMENTED,
        "MCP transports are not part of this version yet",
    )
}
