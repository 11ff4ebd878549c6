//! Rate limits as the settings say them: the one of addresses, and classes of `tonl.toml`.
//!
//! ```toml
//! [[rate_limit.class]]
//! token = "ci"            # holders of this token; or route = "/stream/convert" for everybody there
//! max = 50
//! window_ms = 900000
//! message = "Stream rate limit exceeded"
//! algorithm = "gcra"      # or "fixed-window"
//! ```

use super::access::Tokens;
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
    tokens: Option<&Tokens>,
    problems: &mut Problems,
) -> Option<RateLimits> {
    let base = base(values);
    let address = checked(base.clone(), "rate limit", problems);
    let mut limits = RateLimits::of_address(address?);
    for (index, class) in classes.iter().enumerate() {
        let place = format!("rate_limit.class {}", index + 1);
        let added = add(&mut limits, class, &base, values);
        if let Err(error) = added.and_then(|()| known(&limits, tokens)) {
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

/// Whether the newest class is for a token that there is. Tokens that could not be read are a problem
/// of their own.
fn known(limits: &RateLimits, tokens: Option<&Tokens>) -> Result<(), String> {
    match (limits.tokens.last(), tokens) {
        (Some((name, _)), Some(tokens)) if !tokens.has(name) => Err(format!(
            "token: there is no token {name:?}; `default` is the only token of a source with one"
        )),
        _ => Ok(()),
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
            ("algorithm", Value::String(text)) => {
                config.algorithm = text.parse().map_err(|_| {
                    format!("algorithm: expected fixed-window or gcra, found {text:?}")
                })?;
            }
            ("max", Value::Integer(max)) => config.max = number(name, *max)?,
            ("window_ms", Value::Integer(ms)) => {
                config.window = Duration::from_millis(number::<u64>(name, *ms)?);
            }
            _ => {
                return Err(format!(
                    "{name}: expected route, token, max, window_ms, message or algorithm"
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

#[cfg(test)]
mod tests {
    use super::super::Manner;
    use super::*;
    use crate::settings::layers::Said;
    use tonl_layers::rate_limit::Algorithm;

    fn read(variables: &[(&str, &str)], file: &str) -> (Option<RateLimits>, String) {
        let mut said = Said::default();
        let token = ("TONL_AUTH_TOKEN", "a-token");
        said.environment = [&[token, ("TONL_PROTECT_STREAM", "true")], variables]
            .concat()
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        let mut problems = Problems::default();
        let values = Values::resolve(&said, &mut problems);
        let tokens = Tokens::read(&values, Manner::default(), &mut problems);
        let table: toml::Table = file.parse().unwrap();
        let classes: Vec<toml::Table> = table
            .get("class")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .filter_map(|class| class.as_table().cloned())
            .collect();
        let limits = limits(&values, &classes, tokens.as_ref(), &mut problems);
        (limits, problems.to_string())
    }

    // S23
    #[test]
    fn a_class_has_its_own_algorithm() {
        let (limits, problems) = read(
            &[],
            "[[class]]\ntoken = \"default\"\nmax = 5\nalgorithm = \"gcra\"\n",
        );
        let limits = limits.unwrap_or_else(|| panic!("{problems}"));
        let (name, class) = limits.tokens.first().unwrap();
        assert_eq!(name, "default");
        assert_eq!(class.config().algorithm, Algorithm::Gcra);
        let address = limits.address.config();
        assert_eq!(address.algorithm, Algorithm::FixedWindow);
    }

    // S23
    #[test]
    fn a_class_that_would_have_no_effect_is_refused() {
        for (class, part) in [
            ("token = \"ci\"\nmax = 5", "there is no token \"ci\""),
            ("route = \"/mcp\"", "expected \"/stream/convert\""),
            (
                "token = \"default\"\nalgorithm = \"lottery\"",
                "fixed-window or gcra",
            ),
            ("token = \"default\"\nmaximum = 5", "maximum: expected"),
        ] {
            let (_, problems) = read(&[], &format!("[[class]]\n{class}\n"));
            assert!(problems.contains(part), "{class}: {problems}");
        }
    }

    // S20
    #[test]
    fn one_mistake_is_told_once() {
        for variable in ["TONL_RATE_LIMIT_MAX", "TONL_RATE_LIMIT_WINDOW_MS"] {
            let (_, problems) = read(&[(variable, "0")], "");
            assert_eq!(problems.lines().count(), 1, "{problems}");
            assert!(problems.starts_with(variable), "{problems}");
        }
    }
}
