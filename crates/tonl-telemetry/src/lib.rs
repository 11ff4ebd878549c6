//! Metrics, events, logs and the audit log.
//!
//! What happens is an event: a struct of [`events`] that is built and given to [`Telemetry::emit`].
//! It knows which counters it moves, how it is logged, and whether it is put on record in the
//! [`audit`] log. The names of metrics are in [`metric`] and nowhere else.
//!
//! ```
//! use std::time::Duration;
//! use tonl_telemetry::events::RequestFinished;
//! use tonl_telemetry::{Exposition, Telemetry, TelemetryConfig};
//!
//! let telemetry = Telemetry::new(TelemetryConfig::new("1.0.0"));
//! telemetry.emit(RequestFinished {
//!     method: "GET",
//!     route: "/health",
//!     status: 200,
//!     duration: Duration::from_micros(80),
//!     bytes_in: 0,
//!     bytes_out: 61,
//!     request_id: "5f0c",
//! });
//! let page = telemetry.render(Exposition::Classic);
//! assert!(page.contains(r#"tonl_http_requests_total{method="GET",route="/health",status="200"} 1"#));
//! ```
//!
//! The crate knows nothing of HTTP's types, of TONL and of MCP. Two rules hold everywhere: what a
//! client chose never becomes a label of its own, and it is escaped where it is written.
#![deny(clippy::indexing_slicing)]

pub mod audit;
mod clock;
mod escape;
pub mod events;
mod fold;
pub mod log;
pub mod metric;
mod registry;
mod telemetry;

pub use clock::Clock;
pub use fold::Folding;
pub use telemetry::{Event, Exposition, Gauge, Hold, NetworkLabel, Telemetry, TelemetryConfig};
