//! Operations on data, and what they save.

use super::{ErrorType, Operation, VectorOperation};
use crate::metric::{Outcome, SizeOf};
use crate::registry::Series;
use crate::telemetry::{Event, Telemetry};
use std::time::Duration;
use tracing::debug;

/// An operation on data succeeded.
#[derive(Clone, Copy, Debug)]
pub struct Converted {
    /// Which.
    pub operation: Operation,
    /// Bytes that came in.
    pub bytes_in: u64,
    /// Bytes that went out.
    pub bytes_out: u64,
    /// How long it took.
    pub duration: Duration,
}

impl Event for Converted {
    #[expect(clippy::cast_precision_loss, reason = "a histogram's sum is a float")]
    fn record(&self, telemetry: &Telemetry) {
        let series = telemetry.series();
        let seconds = self.duration.as_secs_f64();
        series.request(self.operation, Outcome::Success).inc();
        series.conversions.get(self.operation).inc();
        series
            .conversion_duration
            .get(self.operation)
            .observe(seconds);
        let (json, tonl) = match self.operation {
            Operation::TonlToJson => (self.bytes_out, self.bytes_in),
            Operation::JsonToTonl | Operation::CalculateSavings | Operation::StreamConversion => {
                (self.bytes_in, self.bytes_out)
            }
        };
        series.data_size.get(SizeOf::JsonInput).observe(json as f64);
        series
            .data_size
            .get(SizeOf::TonlOutput)
            .observe(tonl as f64);
        debug!(
            event = "converted",
            operation = self.operation.as_str(),
            bytesIn = self.bytes_in,
            bytesOut = self.bytes_out,
            duration = seconds,
            "converted"
        );
    }
}

/// An operation on data failed.
#[derive(Clone, Copy, Debug)]
pub struct ConversionFailed {
    /// Which.
    pub operation: Operation,
    /// Whose fault it is.
    pub kind: ErrorType,
    /// How long it took.
    pub duration: Duration,
}

impl Event for ConversionFailed {
    fn record(&self, telemetry: &Telemetry) {
        let series = telemetry.series();
        let seconds = self.duration.as_secs_f64();
        series.request(self.operation, Outcome::Error).inc();
        series
            .conversion_duration
            .get(self.operation)
            .observe(seconds);
        series.errors.get(self.kind).inc();
        debug!(
            event = "conversion_failed",
            operation = self.operation.as_str(),
            reason = self.kind.as_str(),
            duration = seconds,
            "conversion failed"
        );
    }
}

/// Tokens were saved, or lost where the output is the larger one. No counter ever falls: losses
/// have their own.
#[derive(Clone, Copy, Debug)]
pub struct TokensSaved {
    /// The model, as the table of models names it. It is `'static`, so that no client can add one.
    pub model: &'static str,
    /// Tokens of the input.
    pub original: u64,
    /// Tokens of the output.
    pub compressed: u64,
    /// What the difference is worth in US dollars; negative for a loss. It is left out if it is no
    /// number.
    pub usd: f64,
}

impl Event for TokensSaved {
    #[expect(clippy::cast_precision_loss, reason = "the ratio is a float")]
    fn record(&self, telemetry: &Telemetry) {
        let series = telemetry.series();
        let model = Series::model(self.model);
        let saved = self.original.saturating_sub(self.compressed);
        let lost = self.compressed.saturating_sub(self.original);
        series.tokens_saved.get_or_create(&model).inc_by(saved);
        if lost > 0 {
            series.tokens_lost.get_or_create(&model).inc_by(lost);
        }
        if self.usd.is_finite() {
            series.cost_savings.get_or_create(&model).inc_by(self.usd);
        }
        if self.original > 0 {
            let ratio = self.compressed as f64 / self.original as f64;
            series
                .compression_ratio
                .get_or_create(&model)
                .observe(ratio);
        }
    }
}

/// A vector database was called.
#[derive(Clone, Copy, Debug)]
pub struct VectorOperated {
    /// The kind of database, for example `qdrant`.
    pub database: &'static str,
    /// What was asked of it.
    pub operation: VectorOperation,
}

impl Event for VectorOperated {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.series().vector(self.database, self.operation);
    }
}
