//! Streams of records.

use crate::metric::{ErrorType, Operation, Outcome, SizeOf};
use crate::telemetry::{Event, Telemetry};
use std::time::Duration;
use tracing::{debug, info, warn};

/// A stream was converted to its end.
#[derive(Clone, Copy, Debug)]
pub struct StreamCompleted<'a> {
    /// Lines that became rows.
    pub lines: u64,
    /// Bytes that came in, after decompression.
    pub bytes_in: u64,
    /// Bytes that went out, before compression.
    pub bytes_out: u64,
    /// Invalid lines that were left out.
    pub skipped: u64,
    /// From the first byte to the last.
    pub duration: Duration,
    /// The request's id.
    pub request_id: &'a str,
}

impl Event for StreamCompleted<'_> {
    #[expect(clippy::cast_precision_loss, reason = "a histogram's sum is a float")]
    fn record(&self, telemetry: &Telemetry) {
        let series = telemetry.series();
        let seconds = self.duration.as_secs_f64();
        let operation = Operation::StreamConversion;
        series.request(operation, Outcome::Success).inc();
        series.conversions.get(operation).inc();
        series.conversion_duration.get(operation).observe(seconds);
        series
            .data_size
            .get(SizeOf::JsonInput)
            .observe(self.bytes_in as f64);
        series
            .data_size
            .get(SizeOf::TonlOutput)
            .observe(self.bytes_out as f64);
        series.stream_lines_skipped.inc_by(self.skipped);
        info!(
            event = "stream_completed",
            lines = self.lines,
            bytesIn = self.bytes_in,
            bytesOut = self.bytes_out,
            skipped = self.skipped,
            duration = seconds,
            requestId = self.request_id,
            "stream completed"
        );
    }
}

/// A stream was refused before a row had left. Why is told by [`super::Refused`], which comes with
/// the answer and counts the error.
#[derive(Clone, Copy, Debug)]
pub struct StreamRefused<'a> {
    /// Invalid lines that had been left out.
    pub skipped: u64,
    /// From the first byte to the answer.
    pub duration: Duration,
    /// The request's id.
    pub request_id: &'a str,
}

impl Event for StreamRefused<'_> {
    fn record(&self, telemetry: &Telemetry) {
        let series = telemetry.series();
        let seconds = self.duration.as_secs_f64();
        let operation = Operation::StreamConversion;
        series.request(operation, Outcome::Error).inc();
        series.conversion_duration.get(operation).observe(seconds);
        series.stream_lines_skipped.inc_by(self.skipped);
        debug!(
            event = "stream_refused",
            skipped = self.skipped,
            duration = seconds,
            requestId = self.request_id,
            "stream refused"
        );
    }
}

/// A stream broke off after rows had left, or in a way that has no answer of its own.
#[derive(Clone, Copy, Debug)]
pub struct StreamFailed<'a> {
    /// Whose fault it is: `Validation` for data that is not valid, `Internal` for ours, `Stream` for
    /// the rest. It is counted once, here: a stream that was refused with a status of its own is
    /// [`StreamRefused`] instead.
    pub kind: ErrorType,
    /// What happened.
    pub reason: &'a str,
    /// Lines that had become rows.
    pub lines: u64,
    /// Invalid lines that had been left out.
    pub skipped: u64,
    /// From the first byte to the end.
    pub duration: Duration,
    /// The request's id.
    pub request_id: &'a str,
}

impl Event for StreamFailed<'_> {
    fn record(&self, telemetry: &Telemetry) {
        let series = telemetry.series();
        let seconds = self.duration.as_secs_f64();
        let operation = Operation::StreamConversion;
        series.request(operation, Outcome::Error).inc();
        series.conversion_duration.get(operation).observe(seconds);
        series.stream_lines_skipped.inc_by(self.skipped);
        series.errors.get(self.kind).inc();
        warn!(
            event = "stream_failed",
            reason = self.reason,
            lines = self.lines,
            skipped = self.skipped,
            duration = seconds,
            requestId = self.request_id,
            "stream failed"
        );
    }
}
