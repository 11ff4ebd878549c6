//! Figures of a server as people read them. What is not known is `-`, never zero.

use crate::monitor::Span;
use crate::monitor::figures::Figures;
use crate::monitor::latency::{Latency, Quantile};
use crate::render::figures::grouped_digits;
use crate::render::table::visible;
use std::collections::BTreeMap;

/// What stands for a figure that the server does not tell.
pub(crate) const UNKNOWN: &str = "-";
/// The most characters of a name that the server gives.
const NAME: usize = 48;

const KIB: f64 = 1024.0;
const MINUTE: f64 = 60.0;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// A whole number with a comma between thousands.
pub(crate) fn count(value: Option<f64>) -> String {
    known(value, |value| {
        let digits = format!("{:.0}", value.abs());
        let sign = if value < 0.0 && digits != "0" {
            "-"
        } else {
            ""
        };
        format!("{sign}{}", grouped_digits(&digits))
    })
}

/// A number of things in a second.
pub(crate) fn rate(value: Option<f64>) -> String {
    known(value, |value| format!("{value:.1}"))
}

/// The same with its unit.
pub(crate) fn per_second(value: Option<f64>) -> String {
    known(value, |value| format!("{value:.1}/s"))
}

/// Conversions by how they ended.
pub(crate) fn conversions(figures: &Figures) -> String {
    match (figures.succeeded(), figures.failed()) {
        (None, None) => UNKNOWN.to_owned(),
        (succeeded, failed) => format!("{} ok, {} failed", count(succeeded), count(failed)),
    }
}

/// A share that is given in percent.
pub(crate) fn percent(value: Option<f64>) -> String {
    known(value, |value| format!("{value:.1} %"))
}

/// US dollars with the four decimals that small savings need.
pub(crate) fn dollars(value: Option<f64>) -> String {
    known(value, |value| {
        let sign = if value < 0.0 { "-" } else { "" };
        format!("{sign}${:.4}", value.abs())
    })
}

/// Bytes in MiB, or in GiB from one on.
pub(crate) fn bytes(value: Option<f64>) -> String {
    known(value, |value| {
        let mebibytes = value / KIB / KIB;
        if mebibytes < KIB {
            format!("{mebibytes:.1} MiB")
        } else {
            format!("{:.1} GiB", mebibytes / KIB)
        }
    })
}

/// Memory in use, with its limit if there is one.
pub(crate) fn memory(used: Option<f64>, limit: Option<f64>) -> String {
    match (used, limit) {
        (Some(used), Some(limit)) => format!(
            "{} of {}, {}",
            bytes(Some(used)),
            bytes(Some(limit)),
            percent(Some(used / limit * 100.0))
        ),
        _ => bytes(used),
    }
}

/// The two largest units of a time in seconds.
pub(crate) fn uptime(seconds: Option<f64>) -> String {
    known(seconds, |seconds| {
        let whole = |part: f64, unit: f64| (part / unit).floor();
        let (days, hours) = (whole(seconds, DAY), whole(seconds % DAY, HOUR));
        let (minutes, rest) = (whole(seconds % HOUR, MINUTE), whole(seconds % MINUTE, 1.0));
        if days > 0.0 {
            format!("{days} d {hours} h")
        } else if hours > 0.0 {
            format!("{hours} h {minutes} min")
        } else if minutes > 0.0 {
            format!("{minutes} min {rest} s")
        } else {
            format!("{rest} s")
        }
    })
}

/// Both quantiles of a latency.
pub(crate) fn latency(latency: Option<(Latency, Span)>) -> String {
    latency.map_or_else(
        || UNKNOWN.to_owned(),
        |(latency, _)| {
            let [half, nearly_all] = [latency.half, latency.nearly_all].map(|q| duration(Some(q)));
            format!("p50 {half}, p95 {nearly_all}")
        },
    )
}

/// A quantile in the unit that suits it, with two or three digits.
pub(crate) fn duration(quantile: Option<Quantile>) -> String {
    quantile.map_or_else(
        || UNKNOWN.to_owned(),
        |quantile| {
            let above = if quantile.is_above { "> " } else { "" };
            let milliseconds = quantile.seconds * 1e3;
            let text = if milliseconds < 9.95 {
                format!("{milliseconds:.1} ms")
            } else if milliseconds < 999.5 {
                format!("{milliseconds:.0} ms")
            } else if quantile.seconds < 99.5 {
                format!("{:.1} s", quantile.seconds)
            } else {
                format!("{:.0} s", quantile.seconds)
            };
            format!("{above}{text}")
        },
    )
}

/// Errors by type, the most first.
pub(crate) fn errors(errors: Option<&BTreeMap<String, f64>>) -> String {
    let Some(errors) = errors else {
        return UNKNOWN.to_owned();
    };
    let mut sorted: Vec<(&String, f64)> =
        errors.iter().map(|(kind, count)| (kind, *count)).collect();
    sorted.sort_by(|(_, left), (_, right)| right.total_cmp(left));
    let told = sorted.into_iter();
    let told = told.map(|(kind, errors)| format!("{} {}", name(kind), count(Some(errors))));
    let told: Vec<String> = told.collect();
    if told.is_empty() {
        "none".to_owned()
    } else {
        told.join(", ")
    }
}

/// A name that the server gives, safe to be shown and not too long.
pub(crate) fn name(text: &str) -> String {
    let shown = visible(text);
    if shown.is_empty() {
        return "(no name)".to_owned();
    }
    if shown.chars().count() <= NAME {
        return shown;
    }
    let begin = shown.chars().take(NAME - 3);
    begin.chain("...".chars()).collect()
}

fn known(value: Option<f64>, shown: impl Fn(f64) -> String) -> String {
    let value = value.filter(|value| value.is_finite());
    value.map_or_else(|| UNKNOWN.to_owned(), shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_a_dash() {
        for value in [None, Some(f64::NAN), Some(f64::INFINITY)] {
            for shown in [count, rate, percent, dollars, bytes, uptime] {
                assert_eq!(shown(value), "-");
            }
        }
        assert_eq!(memory(None, Some(5.0)), "-");
        assert_eq!(
            (latency(None), duration(None)),
            ("-".to_owned(), "-".to_owned())
        );
        assert_eq!(
            (errors(None), errors(Some(&BTreeMap::new()))),
            ("-".into(), "none".into())
        );
    }

    #[test]
    fn figures_are_shown_in_their_units() {
        assert_eq!(count(Some(1_234_567.0)), "1,234,567");
        assert_eq!(
            (count(Some(-1234.0)), count(Some(-0.0))),
            ("-1,234".into(), "0".into())
        );
        assert_eq!(rate(Some(4.04)), "4.0");
        assert_eq!(percent(Some(12.34)), "12.3 %");
        assert_eq!(
            (dollars(Some(0.03086)), dollars(Some(-1.0))),
            ("$0.0309".into(), "-$1.0000".into())
        );
        assert_eq!(bytes(Some(35_756_441.0)), "34.1 MiB");
        assert_eq!(bytes(Some(3.0 * KIB * KIB * KIB)), "3.0 GiB");
        assert_eq!(
            memory(Some(KIB * KIB), Some(4.0 * KIB * KIB)),
            "1.0 MiB of 4.0 MiB, 25.0 %"
        );
    }

    #[test]
    fn times_have_their_two_largest_units() {
        for (seconds, wanted) in [
            (0.4, "0 s"),
            (59.9, "59 s"),
            (61.0, "1 min 1 s"),
            (3_600.0, "1 h 0 min"),
            (11_521.0, "3 h 12 min"),
            (180_000.0, "2 d 2 h"),
        ] {
            assert_eq!(uptime(Some(seconds)), wanted);
        }
    }

    #[test]
    fn durations_have_few_digits_and_say_if_they_are_above_all_bounds() {
        for (seconds, is_above, wanted) in [
            (0.0012, false, "1.2 ms"),
            (0.00997, false, "10 ms"),
            (0.12, false, "120 ms"),
            (0.9996, false, "1.0 s"),
            (5.0, true, "> 5.0 s"),
            (250.0, false, "250 s"),
        ] {
            assert_eq!(duration(Some(Quantile { seconds, is_above })), wanted);
        }
    }

    #[test]
    fn names_of_the_server_cannot_steer_the_terminal() {
        assert_eq!(name("a\u{1b}[2J\u{202e}b"), "a\\u{1b}[2J\\u{202e}b");
        assert_eq!(name(""), "(no name)");
        assert_eq!(name(&"x".repeat(90)).len(), NAME);
        let many = BTreeMap::from([("auth".to_owned(), 2.0), ("stream".to_owned(), 1_000.0)]);
        assert_eq!(errors(Some(&many)), "stream 1,000, auth 2");
    }
}
