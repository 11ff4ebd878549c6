//! What a class of requests may do, as settings say it and as it is used.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;
use thiserror::Error;

/// How requests are counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// All requests since the client's first, until the window is over.
    #[default]
    FixedWindow,
    /// The generic cell rate algorithm: an even pace, with a burst of the whole share.
    Gcra,
}

/// Which headers tell a client its share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HeaderStyle {
    /// `RateLimit-Policy`, `RateLimit-Limit`, `RateLimit-Remaining`, `RateLimit-Reset` (S21).
    #[default]
    Draft6,
    /// `RateLimit-Policy: "default";q=100;w=900` and `RateLimit: "default";r=99;t=900`.
    Draft8,
    /// `X-RateLimit-Limit`, `X-RateLimit-Remaining`, `X-RateLimit-Reset` (seconds since 1970).
    Legacy,
    /// None. A refusal still says `Retry-After`.
    Off,
}

/// What `RateLimit-Reset` counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reset {
    /// Seconds that remain, rounded up.
    #[default]
    Seconds,
    /// The second since 1970 at which the share is whole again, rounded up.
    Epoch,
}

/// Whom a class counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Subject {
    /// The client's address (S24).
    #[default]
    Address,
    /// The token that the operator knows the client by; without one, the address. Its layer stands
    /// behind the auth layer.
    Principal,
}

/// The word is none of those allowed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("expected {expected}, found {found:?}")]
pub struct UnknownWord {
    /// What was expected.
    pub expected: &'static str,
    /// What was found, at most 40 characters of it.
    pub found: String,
}

fn word<T: Copy>(
    text: &str,
    known: &[(&str, T)],
    expected: &'static str,
) -> Result<T, UnknownWord> {
    let found = known.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| UnknownWord {
        expected,
        found: text.chars().take(40).collect(),
    })
}

impl FromStr for Algorithm {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = [("fixed-window", Self::FixedWindow), ("gcra", Self::Gcra)];
        word(text, &known, "fixed-window or gcra")
    }
}

impl FromStr for HeaderStyle {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = [
            ("draft-6", Self::Draft6),
            ("draft-8", Self::Draft8),
            ("legacy", Self::Legacy),
            ("off", Self::Off),
        ];
        word(text, &known, "draft-6, draft-8, legacy or off")
    }
}

impl FromStr for Reset {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let known = [("seconds", Self::Seconds), ("epoch", Self::Epoch)];
        word(text, &known, "seconds or epoch")
    }
}

/// A class of requests as the settings say it. The default is the seed's (S20).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimitConfig {
    /// What the class is called: 1 to 40 of `a-z0-9-`. Part of the headers of draft 8.
    pub name: String,
    /// How long a window lasts: 1 ms to 30 days.
    pub window: Duration,
    /// How many requests a window has room for: 1 to 1,000,000,000.
    pub max: u32,
    /// What a refused client reads: 1 to 200 printable characters.
    pub message: String,
    /// How requests are counted.
    pub algorithm: Algorithm,
    /// Whom it counts.
    pub subject: Subject,
    /// Which headers tell a client its share.
    pub headers: HeaderStyle,
    /// What `RateLimit-Reset` counts.
    pub reset: Reset,
    /// How many clients are known at once, before the oldest are forgotten: 1 to 10,000,000.
    pub entries: usize,
}

impl Default for RateLimitConfig {
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            window: Duration::from_secs(900),
            max: 100,
            message: "Too many requests from this IP".to_owned(),
            algorithm: Algorithm::default(),
            subject: Subject::default(),
            headers: HeaderStyle::default(),
            reset: Reset::default(),
            entries: 100_000,
        }
    }
}

/// What is wrong with a [`RateLimitConfig`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("rate limit {field}: expected {expected}, found {found}")]
pub struct RateLimitError {
    /// The setting's field.
    pub field: &'static str,
    /// What was expected.
    pub expected: &'static str,
    /// What was found.
    pub found: String,
}

/// A checked class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class(RateLimitConfig);

impl Class {
    /// The settings it was made of.
    pub fn config(&self) -> &RateLimitConfig {
        &self.0
    }
}

impl TryFrom<RateLimitConfig> for Class {
    type Error = Vec<RateLimitError>;

    /// # Errors
    /// Everything that is wrong with it, at least one.
    fn try_from(config: RateLimitConfig) -> Result<Self, Self::Error> {
        let mut errors = Vec::new();
        let mut check = |fine: bool, field, expected, found: &dyn fmt::Debug| {
            if !fine {
                let found = format!("{found:?}");
                errors.push(RateLimitError {
                    field,
                    expected,
                    found,
                });
            }
        };
        let name = config.name.as_bytes();
        let name_fits = (1..=40).contains(&name.len())
            && name
                .iter()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'));
        check(name_fits, "name", "1 to 40 of a-z, 0-9 and -", &config.name);
        let days = Duration::from_secs(30 * 86_400);
        let window = Duration::from_millis(1)..=days;
        let window_fits = window.contains(&config.window);
        check(window_fits, "window", "1 ms to 30 days", &config.window);
        check(
            (1..=1_000_000_000).contains(&config.max),
            "max",
            "1 to 1000000000 (to have no limit, switch it off)",
            &config.max,
        );
        check(
            config.algorithm != Algorithm::Gcra
                || config.window.as_nanos() >= u128::from(config.max),
            "max",
            "at most one request a nanosecond",
            &config.max,
        );
        check(
            is_message(&config.message),
            "message",
            "1 to 200 printable characters",
            &config.message.chars().take(201).collect::<String>(),
        );
        check(
            (1..=10_000_000).contains(&config.entries),
            "entries",
            "1 to 10000000",
            &config.entries,
        );
        if errors.is_empty() {
            Ok(Self(config))
        } else {
            Err(errors)
        }
    }
}

/// Whether a person can read it on one line: no control, and nothing that turns the writing around.
fn is_message(text: &str) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}')
            || c == '\u{FEFF}'
    };
    !text.trim().is_empty() && text.chars().count() <= 200 && !text.chars().any(hidden)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bad_fields(change: impl FnOnce(&mut RateLimitConfig)) -> Vec<&'static str> {
        let mut config = RateLimitConfig::default();
        change(&mut config);
        match Class::try_from(config) {
            Ok(_) => Vec::new(),
            Err(errors) => errors.iter().map(|error| error.field).collect(),
        }
    }

    // S20
    #[test]
    fn the_default_is_a_hundred_in_fifteen_minutes() {
        let class = Class::try_from(RateLimitConfig::default()).unwrap();
        let config = class.config();
        assert_eq!((config.max, config.window.as_secs()), (100, 900));
        assert_eq!(config.message, "Too many requests from this IP");
        assert_eq!(config.headers, HeaderStyle::Draft6);
        assert_eq!(config.reset, Reset::Seconds);
    }

    #[test]
    fn everything_wrong_is_reported_at_once() {
        let found = bad_fields(|config| {
            config.name = "A b".to_owned();
            config.window = Duration::ZERO;
            config.max = 0;
            config.message = "a\nb".to_owned();
            config.entries = 0;
        });
        assert_eq!(found, ["name", "window", "max", "message", "entries"]);
    }

    #[test]
    fn bounds_belong_to_what_is_allowed() {
        let thirty_days = Duration::from_secs(30 * 86_400);
        assert!(bad_fields(|c| c.window = thirty_days).is_empty());
        assert!(bad_fields(|c| c.window = Duration::from_millis(1)).is_empty());
        assert_eq!(bad_fields(|c| c.window = thirty_days * 2), ["window"]);
        assert!(bad_fields(|c| c.message = "é".repeat(200)).is_empty());
        assert_eq!(bad_fields(|c| c.message = "é".repeat(201)), ["message"]);
        assert_eq!(bad_fields(|c| c.max = 1_000_000_001), ["max"]);
        let fast = |config: &mut RateLimitConfig| {
            config.algorithm = Algorithm::Gcra;
            config.window = Duration::from_millis(1);
            config.max = 1_000_001;
        };
        assert_eq!(bad_fields(fast), ["max"]);
    }

    #[test]
    fn a_message_that_hides_something_is_refused() {
        for message in [
            "",
            "  ",
            "a\r\nb",
            "a\u{1b}[31m",
            "a\u{202E}b",
            "a\u{200B}",
            "\u{85}",
        ] {
            let message = message.to_owned();
            assert_eq!(bad_fields(|c| c.message = message), ["message"]);
        }
    }

    #[test]
    fn words_of_settings_are_read_and_others_named() {
        assert_eq!("gcra".parse(), Ok(Algorithm::Gcra));
        assert_eq!("fixed-window".parse(), Ok(Algorithm::FixedWindow));
        for (text, style) in [
            ("draft-6", HeaderStyle::Draft6),
            ("draft-8", HeaderStyle::Draft8),
            ("legacy", HeaderStyle::Legacy),
            ("off", HeaderStyle::Off),
        ] {
            assert_eq!(text.parse(), Ok(style));
        }
        assert_eq!("epoch".parse(), Ok(Reset::Epoch));
        let error = "Draft-6".parse::<HeaderStyle>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "expected draft-6, draft-8, legacy or off, found \"Draft-6\""
        );
        assert!("".parse::<Reset>().is_err() && "GCRA".parse::<Algorithm>().is_err());
    }
}
