//! The URLs of `TONL_AUTH_TOKEN_SOURCE`. They say where a secret is; who we are is added later.

use super::{Address, AwsCredentials, AwsSecretsManager, Source, Vault, VaultToken};
use crate::error::{SourceError, SourceErrorKind};

/// Where a secret is, in a store that still has to be told who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UrlSource {
    /// `vault://MOUNT/PATH#FIELD`: a field of a secret in Vault's key-value store, version 2.
    Vault {
        /// Where the store is mounted, for example `secret`.
        mount: String,
        /// The secret, for example `tonl` or `apps/tonl`.
        path: String,
        /// The field, for example `auth-token`.
        field: String,
    },
    /// `aws-sm://REGION/ID` or `aws-sm://REGION/ID#FIELD`.
    AwsSecretsManager {
        /// The region, for example `us-east-1`.
        region: String,
        /// The name or ARN of the secret: everything between the region and `#`.
        id: String,
        /// The member of the secret's JSON object; `None` = the whole string.
        field: Option<String>,
    },
}

impl UrlSource {
    /// Reads a URL.
    ///
    /// *Source:* S42, S43.
    ///
    /// # Errors
    /// [`SourceErrorKind::Address`]; the text is not quoted, it may be a token in the wrong variable.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        if let Some(rest) = text.strip_prefix("vault://") {
            return vault(rest).ok_or_else(|| {
                malformed(
                    "write vault://MOUNT/PATH#FIELD, for example vault://secret/tonl#auth-token",
                )
            });
        }
        if let Some(rest) = text.strip_prefix("aws-sm://") {
            return aws(rest).ok_or_else(|| {
                malformed(
                    "write aws-sm://REGION/ID or aws-sm://REGION/ID#FIELD, for example \
                     aws-sm://us-east-1/tonl/auth-token",
                )
            });
        }
        Err(malformed(
            "begin with vault:// or aws-sm://; a token itself belongs into TONL_AUTH_TOKEN",
        ))
    }

    /// The same place in Vault as a source; `None` if it is not in Vault.
    pub fn with_vault(self, address: Address, token: VaultToken) -> Option<Source> {
        let Self::Vault { mount, path, field } = self else {
            return None;
        };
        Some(Source::Vault(Vault {
            address,
            mount,
            path,
            field,
            token,
            namespace: None,
            ca_file: None,
        }))
    }

    /// The same place in AWS as a source; `None` if it is not there.
    pub fn with_aws(
        self,
        credentials: AwsCredentials,
        endpoint: Option<Address>,
    ) -> Option<Source> {
        let Self::AwsSecretsManager { region, id, field } = self else {
            return None;
        };
        Some(Source::AwsSecretsManager(AwsSecretsManager {
            region,
            id,
            field,
            credentials,
            endpoint,
        }))
    }
}

fn malformed(advice: &str) -> SourceError {
    let problem = "the URL of the token's source is not well formed";
    SourceError::new(SourceErrorKind::Address, problem, advice)
}

fn vault(rest: &str) -> Option<UrlSource> {
    let (place, field) = rest.split_once('#')?;
    let (mount, path) = place.split_once('/')?;
    let plain = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_graphic() && !"%?@\\#".contains(c))
    };
    let segments = place.split('/');
    let good = segments
        .clone()
        .all(|part| !matches!(part, "" | "." | ".."));
    if !good || !plain(place) || !is_field(field) {
        return None;
    }
    Some(UrlSource::Vault {
        mount: mount.to_owned(),
        path: path.to_owned(),
        field: field.to_owned(),
    })
}

fn aws(rest: &str) -> Option<UrlSource> {
    let (place, field) = match rest.split_once('#') {
        Some((place, field)) => (place, Some(field)),
        None => (rest, None),
    };
    let (region, id) = place.split_once('/')?;
    let named = |c: char| c.is_ascii_alphanumeric() || "/_+=.@-:".contains(c);
    // What AWS accepts in a name, and the colons of an ARN.
    let good = is_region(region) && !id.is_empty() && id.len() <= 2048 && id.chars().all(named);
    if !good || field.is_some_and(|field| !is_field(field)) {
        return None;
    }
    Some(UrlSource::AwsSecretsManager {
        region: region.to_owned(),
        id: id.to_owned(),
        field: field.map(str::to_owned),
    })
}

/// A region becomes part of a host's name, so that nothing else may be in it.
pub(super) fn is_region(region: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=32).contains(&region.len()) && region.chars().all(plain) && !region.starts_with('-')
}

fn is_field(field: &str) -> bool {
    (1..=256).contains(&field.len()) && !field.chars().any(|c| c.is_control() || c == '#')
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    // S43
    #[test]
    fn a_vault_url_has_mount_path_and_field() {
        for (text, parts) in [
            (
                "vault://secret/tonl#auth-token",
                ("secret", "tonl", "auth-token"),
            ),
            (
                "vault://kv/apps/tonl/prod#token",
                ("kv", "apps/tonl/prod", "token"),
            ),
        ] {
            let (mount, path, field) = parts;
            let expected = UrlSource::Vault {
                mount: mount.to_owned(),
                path: path.to_owned(),
                field: field.to_owned(),
            };
            assert_eq!(Source::parse_url(text).unwrap(), expected);
        }
    }

    // S42
    #[test]
    fn an_aws_url_has_region_id_and_perhaps_a_field() {
        let arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tonl-AbCdEf";
        let with_arn = format!("aws-sm://eu-west-1/{arn}");
        for (text, region, id, field) in [
            (
                "aws-sm://us-east-1/tonl/auth-token",
                "us-east-1",
                "tonl/auth-token",
                None,
            ),
            (
                "aws-sm://us-east-1/tonl#key",
                "us-east-1",
                "tonl",
                Some("key"),
            ),
            (with_arn.as_str(), "eu-west-1", arn, None),
        ] {
            let expected = UrlSource::AwsSecretsManager {
                region: region.to_owned(),
                id: id.to_owned(),
                field: field.map(str::to_owned),
            };
            assert_eq!(Source::parse_url(text).unwrap(), expected);
        }
    }

    // S5
    #[test]
    fn anything_else_is_refused_without_being_quoted() {
        for text in [
            "",
            "hunter2",
            "https://hunter2",
            "vault:",
            "vault://",
            "vault://secret",
            "vault://secret#hunter2",
            "vault://secret/#hunter2",
            "vault://secret/hunter2",
            "vault://secret/hunter2#",
            "vault://secret/../sys#hunter2",
            "vault://secret//hunter2#a",
            "vault://user:hunter2@secret/a#b",
            "vault://secret/hunter2?x#b",
            "vault://secret/a#b#hunter2",
            "vault://secret/a%2e%2e#hunter2",
            "aws-sm://",
            "aws-sm://us-east-1",
            "aws-sm://us-east-1/",
            "aws-sm://us-east-1/hunter2#",
            "aws-sm://evil.example.com/hunter2",
            "aws-sm://US-EAST-1/hunter2",
            "aws-sm:///hunter2",
            "aws-sm://us-east-1/hunter 2",
        ] {
            let error = Source::parse_url(text).unwrap_err();
            assert_eq!(error.kind(), SourceErrorKind::Address, "{text}");
            assert!(!format!("{error} {error:?}").contains("hunter"), "{text}");
        }
    }

    #[test]
    fn any_text_is_a_url_or_an_error() {
        let pieces = [
            "vault://",
            "aws-sm://",
            "/",
            "#",
            "a",
            "us-east-1",
            "..",
            "%",
            "é",
            "\0",
            ":",
            "@",
            "?",
        ];
        let mut random = Random::new(4);
        for _ in 0..20_000 {
            let text: String = (0..random.below(9))
                .map(|_| *random.pick(&pieces))
                .collect();
            if let Ok(UrlSource::Vault { mount, path, .. }) = Source::parse_url(&text) {
                assert!(!format!("/{mount}/{path}/").contains("/../"), "{text}");
            }
        }
    }
}
