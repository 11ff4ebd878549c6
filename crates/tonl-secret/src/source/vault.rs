//! Vault, and stores that speak its language: one field of a secret in the key-value store, version 2.
//!
//! One GET of `/v1/MOUNT/data/PATH` with the header `X-Vault-Token`. The token of a file is read
//! each time, so that an agent can renew it. It neither logs in nor renews a lease.

use super::exchange::{Answer, send};
use super::json::Answered;
use super::{Address, bearer, file, percent};
use crate::error::{SourceError, SourceErrorKind};
use crate::secret::Secret;
use crate::tokens::TokenSet;
use std::path::PathBuf;
use ureq::http::{HeaderValue, Request};

/// A field of a secret in Vault.
#[derive(Clone, Debug)]
pub struct Vault {
    /// The server, the value of `VAULT_ADDR`.
    pub address: Address,
    /// Where the store is mounted, for example `secret`.
    pub mount: String,
    /// The secret, for example `apps/tonl`.
    pub path: String,
    /// The field, for example `auth-token`.
    pub field: String,
    /// Who we are.
    pub token: VaultToken,
    /// The namespace, the value of `VAULT_NAMESPACE`.
    pub namespace: Option<String>,
    /// A PEM file with the certificate of the authority that signed the server's, the value of
    /// `VAULT_CACERT`; `None` = the public ones.
    pub ca_file: Option<PathBuf>,
}

/// What proves to Vault who we are.
#[derive(Clone, Debug)]
pub enum VaultToken {
    /// The value of `VAULT_TOKEN`.
    Value(Secret),
    /// The file of `VAULT_TOKEN_FILE`, read each time.
    File(PathBuf),
}

impl Vault {
    /// Asks Vault, blocking for at most 10 s.
    ///
    /// # Errors
    /// Our token cannot be read, Vault cannot be reached or refuses us, the secret or the field is
    /// not there, or the field is no token.
    pub(super) fn read(&self) -> Result<TokenSet, SourceError> {
        let request = self.request()?;
        let answer = send(&self.address, self.ca_file.as_deref(), request)?;
        let token = self
            .token_of(&answer)
            .map_err(|error| error.at(self.place()))?;
        Ok(TokenSet::single(&token))
    }

    fn place(&self) -> String {
        let Self {
            address,
            mount,
            path,
            ..
        } = self;
        format!("secret {mount}/{path} of vault at {address}")
    }

    fn request(&self) -> Result<Request<Vec<u8>>, SourceError> {
        let kept: &[u8] = b"/";
        let uri = format!(
            "{}/v1/{}/data/{}",
            self.address,
            percent::encode(self.mount.trim_matches('/'), kept),
            percent::encode(self.path.trim_matches('/'), kept)
        );
        let mut request = Request::get(uri).header("x-vault-request", "true");
        if let Some(namespace) = &self.namespace {
            request = request.header("x-vault-namespace", namespace);
        }
        request
            .header("x-vault-token", self.credential()?)
            .body(Vec::new())
            .map_err(|_| unsendable("the namespace or the path", "use plain text there"))
    }

    fn credential(&self) -> Result<HeaderValue, SourceError> {
        let (secret, place) = match &self.token {
            VaultToken::Value(secret) => {
                (Secret::trimmed(secret.expose()), "VAULT_TOKEN".to_owned())
            }
            VaultToken::File(path) => (file::read(path)?.secret, path.display().to_string()),
        };
        if secret.is_empty() {
            let advice = "put the token there that vault gave to this server";
            let problem = "the token for vault is empty";
            return Err(SourceError::new(SourceErrorKind::Empty, problem, advice).at(place));
        }
        let mut value = HeaderValue::from_bytes(secret.expose())
            .map_err(|_| unsendable("the token for vault", "write it on one line").at(place))?;
        value.set_sensitive(true);
        Ok(value)
    }

    fn token_of(&self, answer: &Answer) -> Result<Secret, SourceError> {
        if answer.status != 200 {
            return Err(refusal(answer.status));
        }
        let malformed = || unexpected("it is not an answer of the key-value store, version 2");
        let parsed = Answered::parse(&answer.body).ok_or_else(malformed)?;
        let fields = parsed.object(&["data", "data"]).ok_or_else(malformed)?;
        let field = fields.get(&self.field).ok_or_else(|| {
            SourceError::new(
                SourceErrorKind::NotFound,
                format!("it has no field {:?}", self.field),
                "correct the name after # in the URL, or write the field",
            )
        })?;
        let text = field.as_str().ok_or_else(|| {
            let problem = format!("its field {:?} is not a string", self.field);
            SourceError::new(
                SourceErrorKind::Answer,
                problem,
                "store the token as a string",
            )
        })?;
        bearer::checked(Secret::trimmed(text))
            .map_err(|error| error.at(format_args!("field {:?}", self.field)))
    }
}

fn unsendable(what: &str, advice: &str) -> SourceError {
    let problem = format!("{what} holds characters that a request cannot carry");
    SourceError::new(SourceErrorKind::ControlCharacter, problem, advice)
}

fn unexpected(problem: &str) -> SourceError {
    let advice = "see that VAULT_ADDR, the mount and its version are right";
    SourceError::new(SourceErrorKind::Answer, problem, advice)
}

fn refusal(status: u16) -> SourceError {
    match status {
        400 | 403 => SourceError::new(
            SourceErrorKind::Refused,
            format!("vault refuses us with status {status}"),
            "give the server a token that is not expired, with a policy that allows \
             `read` on MOUNT/data/PATH",
        ),
        404 => SourceError::new(
            SourceErrorKind::NotFound,
            "vault has no such secret, or its newest version is deleted",
            "write it, for example with `vault kv put`, or correct the mount and the path",
        ),
        300..=399 => unexpected("vault answers with a redirect, which is not followed"),
        429 | 472..=473 | 500..=599 => SourceError::new(
            SourceErrorKind::Unreachable,
            format!("vault is not ready: status {status}"),
            "see that it is unsealed and active; it is asked again later",
        ),
        other => unexpected(&format!("vault answers with status {other}")),
    }
}
