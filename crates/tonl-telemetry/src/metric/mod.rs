//! The metrics: every name, help text, type, label and bucket has its only home in [`Metric`].
//!
//! The registry, the tests and the page `docs/metrics.md` are made from this table. If you add a
//! metric also register it in `registry` (a test finds one that is not) and run `cargo xtask docs`.

mod label;
mod page;
mod table;

pub use label::{
    AuditFailure, CloseReason, ConnectionRefusal, ErrorType, McpEra, McpMethod, McpTransport,
    Method, Operation, Outcome, SizeOf, VectorOperation,
};
pub use page::page;
pub use table::Metric;

pub(crate) use label::{Closed, closed, position};

/// What kind of series a metric is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// Only grows while the process runs.
    Counter,
    /// Goes up and down.
    Gauge,
    /// Counts observations by size.
    Histogram,
}

impl Kind {
    /// The word of the exposition formats.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

/// What the table says of one metric.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Description {
    /// The name, with the suffix `_total` of a counter.
    pub name: &'static str,
    /// The kind.
    pub kind: Kind,
    /// The names of its labels, in their order.
    pub labels: &'static [&'static str],
    /// Upper bounds of a histogram's buckets, without `+Inf`; empty for other kinds.
    pub buckets: &'static [f64],
    /// What it counts, as a sentence without a full stop.
    pub help: &'static str,
}
