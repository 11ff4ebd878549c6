//! Rate limits as the settings say them: the one of addresses, and classes of `tonl.toml`.
//!
//! ```toml
//! [[rate_limit.class]]
//! token = "ci"            # holders of this token; or route = "/stream/convert" for everybody there
//! max = 50
//! window_ms = 900000
//! message = "Stream rate limit exceeded"
//! ```

use crate::settings::layers::Values;
use crate::settings::problem::{Problem, Problems};
use crate::settings::table;
use std::fmt;
use std::time::Duration;
use toml::Value;
use tonl_layers::rate_limit::{Class, RateLimitConfig, Subject};
use tonl_server::RateLimits;

/// The one route that is limited.
const ROUTE: &str = "/stream/convert";

/// The limits, or none if they are switched off.
pub(crate) fn limits(
    values: &Values,
    classes: &[toml::Table],
    problems: &mut Problems,
) -> Option<RateLimits> {
    let base = base(values);
    let address = checked(base.clone(), "rate limit", problems);
    let mut limits = RateLimits::of_address(address?);
    for (index, class) in classes.iter().enumerate() {
        let place = format!("rate_limit.class {}", index + 1);
        if let Err(error) = add(&mut limits, class, &base, values) {
            problems.add(Problem::new(format!("{place}: {error}")));
        }
    }
    values.switch(&table::RATE_LIMIT_ENABLED).then_some(limits)
}

fn base(values: &Values) -> RateLimitConfig {
    let word = |setting| values.text(setting).unwrap_or_default();
    RateLimitConfig {
        window: values.time(&table::RATE_LIMIT_WINDOW),
        max: u32::try_from(values.count(&table::RATE_LIMIT_MAX)).unwrap_or(u32::MAX),
        message: word(&table::RATE_LIMIT_MESSAGE).to_owned(),
        reset: word(&table::RATE_LIMIT_RESET).parse().unwrap_or_default(),
        headers: word(&table::RATE_LIMIT_HEADERS).parse().unwrap_or_default(),
        algorithm: word(&table::RATE_LIMIT_ALGORITHM)
            .parse()
            .unwrap_or_default(),
        ..RateLimitConfig::default()
    }
}

fn checked(config: RateLimitConfig, place: &str, problems: &mut Problems) -> Option<Class> {
    match Class::try_from(config) {
        Ok(class) => Some(class),
        Err(errors) => {
            for error in errors {
                problems.add(Problem::new(format!("{place}: {error}")));
            }
            None
        }
    }
}

fn add(
    limits: &mut RateLimits,
    class: &toml::Table,
    base: &RateLimitConfig,
    values: &Values,
) -> Result<(), String> {
    let mut config = base.clone();
    let (mut route, mut token) = (None, None);
    for (name, value) in class {
        match (name.as_str(), value) {
            ("route", Value::String(text)) => route = Some(text.clone()),
            ("token", Value::String(text)) => token = Some(text.clone()),
            ("message", Value::String(text)) => config.message.clone_from(text),
            ("max", Value::Integer(max)) => config.max = number(name, *max)?,
            ("window_ms", Value::Integer(ms)) => {
                config.window = Duration::from_millis(number::<u64>(name, *ms)?);
            }
            _ => {
                return Err(format!(
                    "{name}: expected route, token, max, window_ms or message"
                ));
            }
        }
    }
    match (route, token) {
        (Some(route), None) if route == ROUTE => limits.address = as_class(config)?,
        (Some(route), None) => return Err(format!("route: expected {ROUTE:?}, found {route:?}")),
        (None, Some(token)) if !values.switch(&table::PROTECT_STREAM) => {
            return Err(format!(
                "the class of the token {token:?} would have no effect: {ROUTE} asks for no token, set TONL_PROTECT_STREAM=true"
            ));
        }
        (None, Some(token)) => {
            config.subject = Subject::Principal;
            limits.tokens.push((token, as_class(config)?));
        }
        _ => return Err("expected either route or token".to_owned()),
    }
    Ok(())
}

fn as_class(config: RateLimitConfig) -> Result<Class, String> {
    Class::try_from(config).map_err(|errors| joined(&errors))
}

fn number<T: TryFrom<i64>>(name: &str, value: i64) -> Result<T, String> {
    T::try_from(value).map_err(|_| format!("{name}: expected a whole number that is not negative"))
}

/// Errors in one sentence.
pub(crate) fn joined<E: fmt::Display>(errors: &[E]) -> String {
    let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
    texts.join("; ")
}
