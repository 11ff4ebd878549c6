//! Where tokens come from: a value, a file, a file of several tokens, Vault, AWS Secrets Manager.
//!
//! A [`Source`] reads, blocking, and gives a [`TokenSet`] or says what to do. It reads no environment
//! variable: what it needs is passed in. The invariant: either every token of a source is well
//! formed, or there is an error; a source never gives half a set.

mod address;
mod aws;
mod bearer;
mod entries;
mod exchange;
mod file;
mod json;
mod percent;
mod url;
mod vault;

pub use address::{Address, PlainHttp};
pub use aws::{AwsCredentials, AwsSecretsManager};
pub use file::{FileWarning, MAX_FILE_BYTES, Readers};
pub use url::UrlSource;
pub use vault::{Vault, VaultToken};

use crate::error::SourceError;
use crate::secret::Secret;
use crate::tokens::TokenSet;
use std::path::{Path, PathBuf};

/// Where tokens come from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A value that was passed in, as `TONL_AUTH_TOKEN` is.
    Inline(Secret),
    /// A file with one token on one line (`TONL_AUTH_TOKEN_FILE`): a Docker secret, a Kubernetes
    /// mount, a systemd credential.
    File(PathBuf),
    /// A TOML file with an entry for each token (`TONL_AUTH_TOKENS_FILE`).
    ///
    /// ```toml
    /// [[token]]
    /// name = "ci"                        # required; 1 to 64 of A-Za-z0-9._-
    /// sha256 = "ba7816bf8f01cf..."       # this, or value = "..."
    /// scopes = ["mcp", "metrics"]        # required; mcp, metrics, stream
    /// not_before = 2026-01-01T00:00:00Z  # optional; RFC 3339, with or without quotes
    /// expires = 2027-01-01T00:00:00Z     # optional
    /// ```
    TokensFile(PathBuf),
    /// A field of a secret in Vault's key-value store, version 2.
    Vault(Vault),
    /// A secret of AWS Secrets Manager.
    AwsSecretsManager(AwsSecretsManager),
}

impl Source {
    /// Reads `vault://secret/tonl#auth-token` or `aws-sm://us-east-1/tonl/auth-token#field`.
    ///
    /// # Errors
    /// [`crate::SourceErrorKind::Address`] for anything else; the text itself is not quoted.
    pub fn parse_url(text: &str) -> Result<UrlSource, SourceError> {
        UrlSource::parse(text)
    }

    /// Reads the tokens, blocking: a file for as long as the disk takes, a store of secrets for at
    /// most 10 s.
    ///
    /// *Source:* S2, S41, S42, S43.
    ///
    /// # Errors
    /// [`SourceError`] with the place and what to do. A set is complete or not there.
    pub fn read(&self) -> Result<TokenSet, SourceError> {
        match self {
            Self::Inline(value) => {
                let token = bearer::checked(Secret::trimmed(value.expose()));
                token.map(|token| TokenSet::single(&token))
            }
            Self::File(path) => file::read(path).and_then(|content| {
                let token = bearer::checked(content.secret).map_err(|e| e.at(path.display()))?;
                Ok(TokenSet::single(&token).with_file_warning(content.warning))
            }),
            Self::TokensFile(path) => file::read(path).and_then(|content| {
                let set = entries::parse(content.secret.expose());
                let set = set.map_err(|error| error.at(path.display()))?;
                Ok(set.with_file_warning(content.warning))
            }),
            Self::Vault(vault) => vault.read(),
            Self::AwsSecretsManager(manager) => manager.read(),
        }
    }

    /// What kind of source it is, in a word for logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Inline(_) => "environment",
            Self::File(_) => "file",
            Self::TokensFile(_) => "tokens file",
            Self::Vault(_) => "vault",
            Self::AwsSecretsManager(_) => "aws secrets manager",
        }
    }

    /// The file it reads, if it reads one.
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) | Self::TokensFile(path) => Some(path),
            Self::Inline(_) | Self::Vault(_) | Self::AwsSecretsManager(_) => None,
        }
    }
}
