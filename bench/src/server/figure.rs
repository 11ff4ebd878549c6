//! Small arithmetic of the tables: units, and one value against another.

use std::time::Duration;

/// A time in milliseconds.
pub(super) fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Bytes in MiB.
pub(super) fn mebibytes(bytes: u64) -> f64 {
    number(bytes) / 1_048_576.0
}

/// What `after` is above `before`, shared among so many, in KiB.
pub(super) fn kibibytes_each(before: u64, after: u64, count: usize) -> f64 {
    number(after.saturating_sub(before)) / 1024.0 / number(count as u64)
}

/// A count as a figure.
#[expect(
    clippy::cast_precision_loss,
    reason = "a figure is printed with three digits"
)]
pub(super) fn number(count: u64) -> f64 {
    count as f64
}
