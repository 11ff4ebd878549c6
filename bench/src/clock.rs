//! Time as the processor spent it: other work on the machine hardly shows in it.

use nix::time::{ClockId, clock_gettime};
use std::time::Duration;

/// The processor time this thread has used.
///
/// # Errors
/// When the system has no such clock.
pub fn thread_cpu() -> anyhow::Result<Duration> {
    Ok(Duration::from(clock_gettime(
        ClockId::CLOCK_THREAD_CPUTIME_ID,
    )?))
}

/// The middle of the values, the lower one of two; `None` without values.
pub fn median<T: PartialOrd + Copy>(values: &[T]) -> Option<T> {
    let mut sorted = values.to_vec();
    sorted.sort_by(|left, right| left.partial_cmp(right).unwrap_or(std::cmp::Ordering::Equal));
    sorted.get(sorted.len().saturating_sub(1) / 2).copied()
}

/// Bytes in a time as decimal megabytes a second.
#[expect(
    clippy::cast_precision_loss,
    reason = "a rate is printed with four digits"
)]
pub fn megabytes_a_second(bytes: u64, time: Duration) -> f64 {
    bytes as f64 / time.as_secs_f64() / 1e6
}

/// The slope of the best line through the points in log-log scale: 1 when cost is proportional.
///
/// `None` when there are fewer than two different sizes or a value is not positive.
pub fn exponent(points: &[(f64, f64)]) -> Option<f64> {
    if points
        .iter()
        .any(|(size, cost)| *size <= 0.0 || *cost <= 0.0)
    {
        return None;
    }
    let logs: Vec<(f64, f64)> = points
        .iter()
        .map(|(size, cost)| (size.ln(), cost.ln()))
        .collect();
    let count = logs.iter().map(|_| 1.0).sum::<f64>();
    let mean_size = logs.iter().map(|(size, _)| size).sum::<f64>() / count;
    let mean_cost = logs.iter().map(|(_, cost)| cost).sum::<f64>() / count;
    let spread: f64 = logs
        .iter()
        .map(|(size, _)| (size - mean_size).powi(2))
        .sum();
    let common: f64 = logs
        .iter()
        .map(|(size, cost)| (size - mean_size) * (cost - mean_cost))
        .sum();
    (spread > 0.0).then(|| common / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle_of_the_sorted_values() {
        assert_eq!(median(&[3, 1, 2]), Some(2));
        assert_eq!(median(&[4, 1, 3, 2]), Some(2));
        assert_eq!(median::<u8>(&[]), None);
    }

    #[test]
    fn proportional_cost_has_exponent_one_and_quadratic_cost_two() {
        let points =
            |power: i32| [1.0, 10.0, 100.0].map(|size: f64| (size, 3.0 * size.powi(power)));
        assert!((exponent(&points(1)).unwrap() - 1.0).abs() < 1e-9);
        assert!((exponent(&points(2)).unwrap() - 2.0).abs() < 1e-9);
        assert_eq!(exponent(&[(1.0, 1.0)]), None);
        assert_eq!(exponent(&[(1.0, 0.0), (2.0, 1.0)]), None);
    }

    #[test]
    fn thread_time_grows_with_work() {
        let before = thread_cpu().unwrap();
        let mut sum = 0_u64;
        while thread_cpu().unwrap() == before {
            sum = std::hint::black_box(sum + 1);
        }
        assert!(thread_cpu().unwrap() > before);
    }
}
