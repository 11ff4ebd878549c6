//! Histograms of durations: what half, and nearly all, took at most.

use crate::exposition::{Exposition, Series};
use std::collections::BTreeMap;

/// The quantiles that are shown.
const HALF: f64 = 0.5;
const NEARLY_ALL: f64 = 0.95;

/// Counts by upper bound, cumulative as the text format has them. Bounds are seconds; the last is infinite.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Histogram {
    buckets: Vec<(f64, f64)>,
}

/// A quantile of a histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Quantile {
    /// Interpolated within its bucket, as `histogram_quantile` does.
    pub(crate) seconds: f64,
    /// Whether it is above the last finite bound, which `seconds` then is.
    pub(crate) is_above: bool,
}

/// The two quantiles of one histogram.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Latency {
    pub(crate) half: Quantile,
    pub(crate) nearly_all: Quantile,
}

impl Histogram {
    /// All series of `name` (without `_bucket`) that `label` has this value in; nothing if there are none.
    pub(crate) fn labelled(
        page: &Exposition,
        name: &str,
        label: &str,
        value: &str,
    ) -> Option<Self> {
        Self::filtered(page, name, |series| series.label(label) == value)
    }

    /// All series of `name` over all label sets.
    pub(crate) fn of(page: &Exposition, name: &str) -> Option<Self> {
        Self::filtered(page, name, |_| true)
    }

    fn filtered(page: &Exposition, name: &str, wanted: impl Fn(&Series) -> bool) -> Option<Self> {
        let name = format!("{name}_bucket");
        // Bounds are keyed by their bits, which keep the order of the positive ones.
        let mut counts: BTreeMap<u64, f64> = BTreeMap::new();
        for series in page.named(&name) {
            let bound: f64 = series.label("le").parse().unwrap_or(f64::NAN);
            let is_count = series.value.is_finite() && series.value >= 0.0 && bound >= 0.0;
            if is_count && wanted(series) {
                *counts.entry((bound + 0.0).to_bits()).or_insert(0.0) += series.value;
            }
        }
        let buckets = counts.into_iter();
        let mut buckets: Vec<(f64, f64)> = buckets
            .map(|(bits, count)| (f64::from_bits(bits), count))
            .collect();
        rising(&mut buckets);
        (!buckets.is_empty()).then_some(Self { buckets })
    }

    /// What came since `earlier`; nothing if that cannot be said, because a count became smaller.
    pub(crate) fn since(&self, earlier: &Self) -> Option<Self> {
        if self.buckets.len() != earlier.buckets.len() {
            return None;
        }
        let pairs = self.buckets.iter().zip(&earlier.buckets);
        let mut buckets = Vec::with_capacity(self.buckets.len());
        for ((bound, now), (earlier_bound, before)) in pairs {
            if bound.to_bits() != earlier_bound.to_bits() || now < before {
                return None;
            }
            buckets.push((*bound, now - before));
        }
        rising(&mut buckets);
        Some(Self { buckets })
    }

    /// Both quantiles; nothing if nothing was measured.
    pub(crate) fn latency(&self) -> Option<Latency> {
        Some(Latency {
            half: self.quantile(HALF)?,
            nearly_all: self.quantile(NEARLY_ALL)?,
        })
    }

    fn quantile(&self, share: f64) -> Option<Quantile> {
        let total = self.buckets.last().map(|(_, count)| *count)?;
        if total <= 0.0 {
            return None;
        }
        let rank = share * total;
        let (mut below, mut counted) = (0.0, 0.0);
        for &(bound, count) in &self.buckets {
            if count >= rank {
                return Some(if bound.is_finite() {
                    let inside = (rank - counted) / (count - counted).max(f64::MIN_POSITIVE);
                    Quantile {
                        seconds: below + (bound - below) * inside.clamp(0.0, 1.0),
                        is_above: false,
                    }
                } else {
                    Quantile {
                        seconds: below,
                        is_above: true,
                    }
                });
            }
            (below, counted) = (bound, count);
        }
        None
    }
}

/// Makes cumulative counts rise: those of different series may be of slightly different times.
fn rising(buckets: &mut [(f64, f64)]) {
    let mut most = 0.0_f64;
    for (_, count) in buckets {
        most = most.max(*count);
        *count = most;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "d_seconds";

    /// A histogram with the bounds 0.1, 1 and infinity.
    fn page(operation: &str, counts: [u32; 3]) -> String {
        let [first, second, all] = counts;
        let series = format!("{NAME}_bucket{{operation=\"{operation}\",le=");
        format!("{series}\"0.1\"}} {first}\n{series}\"1\"}} {second}\n{series}\"+Inf\"}} {all}\n")
    }

    fn histogram(counts: [u32; 3]) -> Histogram {
        Histogram::of(&Exposition::parse(&page("x", counts)).unwrap(), NAME).unwrap()
    }

    fn seconds(counts: [u32; 3]) -> [(f64, bool); 2] {
        let latency = histogram(counts).latency().unwrap();
        [latency.half, latency.nearly_all].map(|q| ((q.seconds * 1e6).round() / 1e6, q.is_above))
    }

    #[test]
    fn quantiles_are_interpolated_in_their_bucket() {
        assert_eq!(seconds([10, 20, 20]), [(0.1, false), (0.91, false)]);
        assert_eq!(seconds([100, 100, 100]), [(0.05, false), (0.095, false)]);
        assert_eq!(seconds([0, 100, 100]), [(0.55, false), (0.955, false)]);
        assert_eq!(
            seconds([0, 0, 5]),
            [(1.0, true), (1.0, true)],
            "above the last bound"
        );
    }

    #[test]
    fn nothing_measured_has_no_latency() {
        assert_eq!(histogram([0, 0, 0]).latency(), None);
        let empty = Exposition::parse("d_seconds_sum 1\nd_seconds_bucket{le=\"x\"} 1").unwrap();
        assert_eq!(Histogram::of(&empty, NAME), None);
    }

    #[test]
    fn label_sets_are_added_up_or_told_apart() {
        let text = page("x", [1, 1, 1]) + &page("y", [0, 9, 9]);
        let page = Exposition::parse(&text).unwrap();
        assert_eq!(Histogram::of(&page, NAME), Some(histogram([1, 10, 10])));
        let one = Histogram::labelled(&page, NAME, "operation", "y");
        assert_eq!(one, Some(histogram([0, 9, 9])));
        assert_eq!(Histogram::labelled(&page, NAME, "operation", "z"), None);
    }

    #[test]
    fn what_came_since_is_the_difference_and_never_negative() {
        let (before, now) = (histogram([10, 20, 20]), histogram([10, 120, 120]));
        assert_eq!(now.since(&before), Some(histogram([0, 100, 100])));
        assert_eq!(before.since(&now), None, "the server began anew");
        assert_eq!(now.since(&Histogram::default()), None);
    }

    #[test]
    fn counts_that_do_not_rise_are_made_to() {
        assert_eq!(histogram([5, 3, 6]), histogram([5, 5, 6]));
    }
}
