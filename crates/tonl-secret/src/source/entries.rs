//! The tokens file: TOML with a `[[token]]` for each token.
//!
//! The trap: messages of a TOML parser quote the text, and the text holds secrets. Of a syntax error
//! only the place is said, and values are looked at by hand, never by a derived deserializer.

use super::bearer;
use crate::digest::Digest;
use crate::error::{SourceError, SourceErrorKind};
use crate::secret::Secret;
use crate::strength::estimate;
use crate::tokens::{BadScopes, Scopes, Token, TokenSet, TokenStrength};
use std::time::SystemTime;
use toml::{Table, Value};

/// Reads the content of a tokens file.
///
/// # Errors
/// [`SourceErrorKind::Syntax`] with line and column, [`SourceErrorKind::Empty`] without an entry, and
/// else what is wrong with the first bad entry, with its name or number.
pub(super) fn parse(content: &[u8]) -> Result<TokenSet, SourceError> {
    let text = std::str::from_utf8(content).map_err(|error| {
        let advice = "save it as UTF-8";
        syntax(content, error.valid_up_to(), "it is not UTF-8", advice)
    })?;
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        let advice = "put texts into double quotes and begin each entry with [[token]]";
        syntax(content, at, "it is not TOML", advice)
    })?;
    let entries = match table.remove("token") {
        Some(Value::Array(entries)) => entries,
        None if table.is_empty() => Vec::new(),
        _ => return Err(not_an_entry()),
    };
    if !table.is_empty() {
        return Err(not_an_entry());
    }
    let (mut tokens, mut strengths) = (Vec::new(), Vec::new());
    for (number, entry) in (1..).zip(entries) {
        let Value::Table(entry) = entry else {
            return Err(not_an_entry());
        };
        let (token, strength) = read(entry, number)?;
        tokens.push(token);
        strengths.extend(strength);
    }
    Ok(TokenSet::new(tokens)?.with_strengths(strengths))
}

fn syntax(content: &[u8], at: usize, problem: &str, advice: &str) -> SourceError {
    let before = content.get(..at).unwrap_or(content);
    let line = before.split(|byte| *byte == b'\n').count();
    SourceError::new(SourceErrorKind::Syntax, problem, advice).at(format_args!("line {line}"))
}

fn bad(problem: impl Into<String>, advice: impl Into<String>) -> SourceError {
    SourceError::new(SourceErrorKind::Entry, problem, advice)
}

fn not_an_entry() -> SourceError {
    bad(
        "there is something beside the entries",
        "begin each entry with [[token]], and write nothing outside of them",
    )
}

/// Reads one entry; `number` is one-based.
fn read(mut entry: Table, number: usize) -> Result<(Token, Option<TokenStrength>), SourceError> {
    let name =
        name(entry.remove("name")).map_err(|error| error.at(format_args!("entry {number}")))?;
    let place = format!("entry {name:?}");
    token(name, entry).map_err(|error| error.at(place))
}

fn name(value: Option<Value>) -> Result<String, SourceError> {
    let advice = "write name = \"...\" with 1 to 64 letters, digits, dots, hyphens or underscores";
    match value {
        // A name that is not plain is not quoted: it may be a token in the wrong place.
        Some(Value::String(name)) if Token::is_name(&name) => Ok(name),
        Some(_) => Err(bad("its name is not accepted", advice)),
        None => Err(bad("it has no name", advice)),
    }
}

fn token(name: String, mut entry: Table) -> Result<(Token, Option<TokenStrength>), SourceError> {
    let (value, sha256) = (entry.remove("value"), entry.remove("sha256"));
    let (digest, strength) = match (value, sha256) {
        (Some(value), None) => {
            let secret = bearer::checked(Secret::from(text(value, "value")?))?;
            let strength = estimate(secret.expose());
            (Digest::of(secret.expose()), Some(strength))
        }
        (None, Some(sha256)) => (digest(&text(sha256, "sha256")?)?, None),
        (Some(_), Some(_)) => {
            let problem = "it has both sha256 and value";
            return Err(bad(problem, "keep sha256 and remove value"));
        }
        (None, None) => {
            let advice = "add sha256, as `tonl token --entry NAME --scopes mcp` prints it";
            return Err(bad("it has neither sha256 nor value", advice));
        }
    };
    let scopes = scopes(entry.remove("scopes"))?;
    let not_before = moment(entry.remove("not_before"), "not_before")?;
    let expires = moment(entry.remove("expires"), "expires")?;
    if let (Some(start), Some(end)) = (not_before, expires)
        && start >= end
    {
        let problem = "it expires before it becomes valid";
        return Err(bad(problem, "set expires to a later time than not_before"));
    }
    refuse_others(&entry)?;
    let strength = strength.map(|strength| TokenStrength {
        name: name.clone(),
        strength,
    });
    let token = Token {
        name,
        digest,
        scopes,
        not_before,
        expires,
    };
    Ok((token, strength))
}

fn text(value: Value, key: &str) -> Result<String, SourceError> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err(bad(
            format!("its {key} is not a text"),
            "put it into double quotes",
        )),
    }
}

fn digest(text: &str) -> Result<Digest, SourceError> {
    let digest = Digest::parse_hex(text).ok_or_else(|| {
        bad(
            "its sha256 does not have 64 hexadecimal digits",
            "write the digest of the token, as `tonl token --sha256` prints it",
        )
    })?;
    if digest == Digest::of(b"") {
        let advice = "make a token with `tonl token --entry NAME --scopes mcp`";
        return Err(bad("its sha256 is the digest of nothing", advice));
    }
    Ok(digest)
}

fn scopes(value: Option<Value>) -> Result<Scopes, SourceError> {
    let advice = "write scopes = [\"mcp\"], with one or more of mcp, metrics, stream, and mcp:TOOL for \
                  single tools";
    let names = match value {
        Some(Value::Array(names)) => names,
        Some(_) => return Err(bad("its scopes are not an array", advice)),
        None => return Err(bad("it has no scopes", advice)),
    };
    let names: Option<Vec<&str>> = names.iter().map(Value::as_str).collect();
    let names = names.ok_or_else(|| bad("one of its scopes is not known", advice))?;
    Scopes::from_names(names).map_err(|error| {
        let advice = match error {
            BadScopes::AllAndSome => "remove mcp, or those with the names of tools",
            _ => advice,
        };
        bad(error.to_string(), advice)
    })
}

fn moment(value: Option<Value>, key: &str) -> Result<Option<SystemTime>, SourceError> {
    let text = match value {
        None => return Ok(None),
        Some(Value::String(text)) => text,
        Some(Value::Datetime(moment)) => moment.to_string(),
        Some(_) => String::new(),
    };
    let moment = text.parse::<jiff::Timestamp>().ok();
    let moment = moment.and_then(|moment| SystemTime::try_from(moment).ok());
    moment.map(Some).ok_or_else(|| {
        bad(
            format!("its {key} is not a moment"),
            "write date, time and offset as in 2027-01-31T00:00:00Z (RFC 3339)",
        )
    })
}

/// A key that looks like a word is quoted; anything else may be a token in the wrong place.
fn refuse_others(entry: &Table) -> Result<(), SourceError> {
    let Some(key) = entry.keys().next() else {
        return Ok(());
    };
    let word = key.len() <= 20 && key.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let problem = if word {
        format!("its key {key:?} is not known")
    } else {
        "one of its keys is not known".to_owned()
    };
    let advice = "keep to name, sha256, value, scopes, not_before and expires";
    Err(bad(problem, advice))
}

#[cfg(test)]
mod tests;
