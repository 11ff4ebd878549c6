//! How a share is told: the headers of each counted answer.
//!
//! They are written only where none stands yet: of two limits on one way the inner one, which
//! decided last, is told.

use super::config::{HeaderStyle, RateLimitConfig, Reset};
use super::rule::Outcome;
use crate::clock::{Moment, seconds_up};
use http::header::{HeaderMap, HeaderName, HeaderValue};
use std::time::{Duration, SystemTime};

const POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");
const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");
const COMBINED: HeaderName = HeaderName::from_static("ratelimit");
const X_LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const X_REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const X_RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

/// Writes the headers of the class's style, in the order of the contract (S21).
pub(super) fn write(
    headers: &mut HeaderMap,
    config: &RateLimitConfig,
    outcome: Outcome,
    now: Moment,
) {
    if [LIMIT, COMBINED, X_LIMIT]
        .iter()
        .any(|name| headers.contains_key(name))
    {
        return;
    }
    let window = seconds_up(config.window);
    let left = seconds_up(outcome.reset);
    match config.headers {
        HeaderStyle::Draft6 => {
            let reset = match config.reset {
                Reset::Seconds => left,
                Reset::Epoch => epoch(now, outcome.reset),
            };
            insert_text(headers, POLICY, &format!("{};w={window}", config.max));
            headers.insert(LIMIT, config.max.into());
            headers.insert(REMAINING, outcome.remaining.into());
            headers.insert(RESET, reset.into());
        }
        HeaderStyle::Draft8 => {
            let (name, max, remaining) = (&config.name, config.max, outcome.remaining);
            insert_text(headers, POLICY, &format!("\"{name}\";q={max};w={window}"));
            insert_text(
                headers,
                COMBINED,
                &format!("\"{name}\";r={remaining};t={left}"),
            );
        }
        HeaderStyle::Legacy => {
            headers.insert(X_LIMIT, config.max.into());
            headers.insert(X_REMAINING, outcome.remaining.into());
            headers.insert(X_RESET, epoch(now, outcome.reset).into());
        }
        HeaderStyle::Off => {}
    }
}

/// The second since 1970 in which `left` is over, rounded up.
fn epoch(now: Moment, left: Duration) -> u64 {
    let since = now.wall.duration_since(SystemTime::UNIX_EPOCH);
    seconds_up(since.unwrap_or_default().saturating_add(left))
}

fn insert_text(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    // The text is made of numbers and of a checked name, so it always is a header's value.
    if let Ok(value) = HeaderValue::from_str(text) {
        headers.insert(name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OUTCOME: Outcome = Outcome {
        allowed: true,
        remaining: 95,
        reset: Duration::from_millis(899_001),
        retry: Duration::ZERO,
    };

    fn written(style: HeaderStyle, reset: Reset) -> Vec<String> {
        let mut headers = HeaderMap::new();
        let config = RateLimitConfig {
            headers: style,
            reset,
            ..RateLimitConfig::default()
        };
        let now = Moment {
            elapsed: Duration::ZERO,
            wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_670_345_100),
        };
        write(&mut headers, &config, OUTCOME, now);
        let line = |(name, value): (&HeaderName, &HeaderValue)| {
            format!("{name}: {}", value.to_str().unwrap())
        };
        headers.iter().map(line).collect()
    }

    // S20, S21
    #[test]
    fn four_headers_come_in_the_order_of_the_contract() {
        assert_eq!(
            written(HeaderStyle::Draft6, Reset::Seconds),
            [
                "ratelimit-policy: 100;w=900",
                "ratelimit-limit: 100",
                "ratelimit-remaining: 95",
                "ratelimit-reset: 900",
            ]
        );
    }

    // S21
    #[test]
    fn the_reset_of_the_seed_s_sample_is_a_second_since_1970() {
        let lines = written(HeaderStyle::Draft6, Reset::Epoch);
        assert_eq!(lines[3], "ratelimit-reset: 1670346000");
    }

    #[test]
    fn other_styles_have_their_own_headers_alone() {
        assert_eq!(
            written(HeaderStyle::Draft8, Reset::Seconds),
            [
                "ratelimit-policy: \"default\";q=100;w=900",
                "ratelimit: \"default\";r=95;t=900",
            ]
        );
        assert_eq!(
            written(HeaderStyle::Legacy, Reset::Seconds),
            [
                "x-ratelimit-limit: 100",
                "x-ratelimit-remaining: 95",
                "x-ratelimit-reset: 1670346000",
            ]
        );
        assert!(written(HeaderStyle::Off, Reset::Seconds).is_empty());
    }

    #[test]
    fn what_an_inner_limit_told_stays() {
        let mut headers = HeaderMap::new();
        headers.insert(LIMIT, 5.into());
        let now = Moment {
            elapsed: Duration::ZERO,
            wall: SystemTime::UNIX_EPOCH,
        };
        write(&mut headers, &RateLimitConfig::default(), OUTCOME, now);
        assert_eq!(headers.len(), 1);
        assert_eq!(headers[LIMIT], "5");
    }
}
