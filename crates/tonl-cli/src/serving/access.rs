//! Which token opens the door: exactly one source, or development mode.
//!
//! The rule that everything here serves: no start is open while it says that it is secured. Two
//! sources, a source that cannot be read, or a public address without a token end the start.

use super::{Manner, Purpose};
use crate::settings::layers::Values;
use crate::settings::problem::{Problem, Problems};
use crate::settings::table::{self, Setting};
use std::path::PathBuf;
use tonl_mcp::Toolbox;
use tonl_secret::source::{Address, AwsCredentials, PlainHttp, Source, UrlSource, VaultToken};
use tonl_secret::{Secret, TokenSet};

/// Where tokens come from, with what was read at the start.
#[derive(Debug)]
pub(crate) enum Tokens {
    /// A source.
    Of(Box<Configured>),
    /// None is configured: development mode.
    Development,
}

/// A source of tokens that was read.
#[derive(Debug)]
pub(crate) struct Configured {
    /// The source, to be read again.
    pub(crate) source: Source,
    /// What it gave.
    pub(crate) set: TokenSet,
    /// The setting that names it.
    pub(crate) setting: Setting,
}

/// The settings of which exactly one may be set.
const SOURCES: [Setting; 4] = [
    table::AUTH_TOKEN,
    table::AUTH_TOKEN_FILE,
    table::AUTH_TOKENS_FILE,
    table::AUTH_TOKEN_SOURCE,
];

impl Tokens {
    /// Finds the source and reads it.
    pub(crate) fn read(values: &Values, manner: Manner, problems: &mut Problems) -> Option<Self> {
        if SOURCES.iter().any(|setting| values.is_wrong(setting)) {
            return None;
        }
        let set: Vec<&Setting> = (SOURCES.iter())
            .filter(|setting| values.text(setting).is_some())
            .collect();
        match set.as_slice() {
            [] => Self::development(values, manner, problems),
            [only] => Self::of(values, only, manner, problems),
            several => {
                let names: Vec<&str> = several.iter().map(|setting| setting.name()).collect();
                problems.add(Problem::new(format!(
                    "{} are set together: keep one source of the token and remove the others",
                    names.join(" and ")
                )));
                None
            }
        }
    }

    fn development(values: &Values, manner: Manner, problems: &mut Problems) -> Option<Self> {
        let is_local = (values.address(&table::HOST)).is_some_and(|host| host.is_loopback());
        let is_production = values.text(&table::NODE_ENV) == Some("production");
        if manner.is_insecure || (is_local && !is_production) {
            return Some(Self::Development);
        }
        let (why, or) = match (is_local, is_production) {
            (true, _) => ("NODE_ENV is production", "remove NODE_ENV"),
            (false, false) => ("HOST is not a loopback address", "listen on 127.0.0.1"),
            (false, true) => (
                "HOST is not a loopback address",
                "remove NODE_ENV and listen on 127.0.0.1",
            ),
        };
        problems.add(Problem::new(format!(
            "there is no token and {why}: set TONL_AUTH_TOKEN_FILE (`tonl token` makes a token), or {or}"
        )));
        None
    }

    fn of(
        values: &Values,
        setting: &Setting,
        manner: Manner,
        problems: &mut Problems,
    ) -> Option<Self> {
        let origin = values.origin(setting);
        let source = problems.take(setting, &origin, source(values, setting))?;
        let set = problems.take(setting, &origin, source.read())?;
        for token in set.tokens() {
            if let Some(tool) = unknown_tool(token) {
                problems.add(Problem::of(setting, &origin, &tool));
            }
        }
        let source = match source {
            // It is never read again, and the set has the digest.
            Source::Inline(_) => Source::Inline(Secret::new(Vec::new())),
            source => source,
        };
        if manner.is_strict && manner.purpose == Purpose::Start {
            for weak in set.weak() {
                problems.add(Problem::of(setting, &origin, &weakness(weak)));
            }
        }
        Some(Self::Of(Box::new(Configured {
            source,
            set,
            setting: *setting,
        })))
    }
}

impl Tokens {
    /// Whether a token of this name is configured.
    pub(crate) fn has(&self, name: &str) -> bool {
        match self {
            Self::Of(configured) => configured.set.tokens().any(|token| token.name == name),
            Self::Development => false,
        }
    }
}

/// What is said of a token that opens a tool that does not exist.
fn unknown_tool(token: &tonl_secret::Token) -> Option<String> {
    let mut named = token.scopes.tools()?.iter();
    let unknown = named.find(|name| Toolbox::tool_names().all(|tool| tool != **name))?;
    let known: Vec<&str> = Toolbox::tool_names().collect();
    Some(format!(
        "the token {}: there is no tool {unknown}, expected one of {}",
        token.name,
        known.join(", ")
    ))
}

/// What is said of a token that is too short.
pub(crate) fn weakness(weak: &tonl_secret::tokens::TokenStrength) -> String {
    format!(
        "the token {} has about {} bits, expected at least {}: make one with `tonl token`",
        weak.name,
        weak.strength.bits,
        tonl_secret::RECOMMENDED_BITS
    )
}

fn source(values: &Values, setting: &Setting) -> Result<Source, String> {
    let text = values.text(setting).unwrap_or_default();
    if setting.name() == table::AUTH_TOKEN.name() {
        return Ok(Source::Inline(Secret::new(text.as_bytes())));
    }
    if setting.name() == table::AUTH_TOKEN_FILE.name() {
        return Ok(Source::File(PathBuf::from(text)));
    }
    if setting.name() == table::AUTH_TOKENS_FILE.name() {
        return Ok(Source::TokensFile(PathBuf::from(text)));
    }
    let url = Source::parse_url(text).map_err(|error| error.to_string())?;
    match &url {
        UrlSource::Vault { .. } => vault(values, url),
        UrlSource::AwsSecretsManager { .. } => aws(values, url),
    }
}

fn vault(values: &Values, url: UrlSource) -> Result<Source, String> {
    let address = needed(values, &table::VAULT_ADDR)?;
    let address = Address::parse(address, PlainHttp::LoopbackOnly)
        .map_err(|error| format!("VAULT_ADDR: {error}"))?;
    let token = match (
        values.text(&table::VAULT_TOKEN),
        values.path(&table::VAULT_TOKEN_FILE),
    ) {
        (Some(token), None) => VaultToken::Value(Secret::new(token.as_bytes())),
        (None, Some(path)) => VaultToken::File(path),
        (Some(_), Some(_)) => {
            return Err("VAULT_TOKEN and VAULT_TOKEN_FILE are set together: keep one".to_owned());
        }
        (None, None) => return Err("set VAULT_TOKEN_FILE or VAULT_TOKEN too".to_owned()),
    };
    let mut source = url.with_vault(address, token);
    if let Some(Source::Vault(vault)) = &mut source {
        vault.namespace = values.text(&table::VAULT_NAMESPACE).map(str::to_owned);
        vault.ca_file = values.path(&table::VAULT_CACERT);
    }
    source.ok_or_else(|| "it is not in vault".to_owned())
}

fn aws(values: &Values, url: UrlSource) -> Result<Source, String> {
    let secret = |setting| {
        values
            .text(setting)
            .map(|text| Secret::new(text.as_bytes()))
    };
    let credentials = AwsCredentials {
        access_key_id: needed(values, &table::AWS_ACCESS_KEY_ID)?.to_owned(),
        secret_access_key: Secret::new(needed(values, &table::AWS_SECRET_ACCESS_KEY)?.as_bytes()),
        session_token: secret(&table::AWS_SESSION_TOKEN),
    };
    let endpoint = values
        .text(&table::AWS_ENDPOINT)
        .map(|text| Address::parse(text, PlainHttp::LoopbackOnly))
        .transpose()
        .map_err(|error| format!("{}: {error}", table::AWS_ENDPOINT.name()))?;
    url.with_aws(credentials, endpoint)
        .ok_or_else(|| "it is not in aws".to_owned())
}

fn needed<'v>(values: &'v Values, setting: &Setting) -> Result<&'v str, String> {
    values
        .text(setting)
        .ok_or_else(|| format!("set {} too", setting.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::layers::Said;

    fn read(variables: &[(&str, &str)], manner: Manner) -> (Option<Tokens>, String) {
        let mut said = Said::default();
        let variables = variables.iter();
        said.environment = variables
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        let mut problems = Problems::default();
        let values = Values::resolve(&said, &mut problems);
        let tokens = Tokens::read(&values, manner, &mut problems);
        (tokens, problems.to_string())
    }

    // S9, S10
    #[test]
    fn the_advice_without_a_token_is_one_that_helps() {
        for (variables, advice) in [
            (&[("NODE_ENV", "production")][..], "or remove NODE_ENV"),
            (&[("HOST", "0.0.0.0")], "or listen on 127.0.0.1"),
            (
                &[("HOST", "0.0.0.0"), ("NODE_ENV", "production")],
                "or remove NODE_ENV and listen on 127.0.0.1",
            ),
        ] {
            let (tokens, problems) = read(variables, Manner::default());
            assert!(tokens.is_none());
            assert!(problems.ends_with(advice), "{variables:?}: {problems}");
        }
    }

    // S4
    #[test]
    fn a_token_that_opens_a_tool_that_does_not_exist_keeps_the_server_from_starting() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tokens.toml");
        let entry = |scope: &str| {
            let sha256 = tonl_secret::Digest::of(b"some token").to_hex();
            let entry = format!("[[token]]\nname = \"ci\"\nsha256 = \"{sha256}\"\n");
            std::fs::write(&file, format!("{entry}scopes = [\"{scope}\"]\n")).unwrap();
            let file = file.to_str().unwrap();
            read(&[("TONL_AUTH_TOKENS_FILE", file)], Manner::default()).1
        };
        let found = entry("mcp:parse_toml");
        let expected =
            "the token ci: there is no tool parse_toml, expected one of convert_to_tonl, ";
        assert!(found.contains(expected), "{found}");
        let found = entry("mcp:parse_tonl");
        assert!(!found.contains("the token ci"), "{found}");
    }

    // S59
    #[test]
    fn the_text_of_a_variable_is_not_kept_beside_its_digest() {
        let (tokens, problems) = read(
            &[("TONL_AUTH_TOKEN", "hunter2hunter2\n")],
            Manner::default(),
        );
        let Some(Tokens::Of(configured)) = tokens else {
            panic!("{problems}");
        };
        assert!(matches!(&configured.source, Source::Inline(value) if value.is_empty()));
        let now = std::time::SystemTime::now();
        assert!(configured.set.find(b"hunter2hunter2", now).is_some());
    }
}
