//! AWS Secrets Manager: one `GetSecretValue`, signed with Signature Version 4.
//!
//! Credentials are passed in as values; it asks no metadata service and assumes no role.

mod sigv4;

use super::exchange::{Answer, send};
use super::json::Answered;
use super::{Address, PlainHttp, bearer, url};
use crate::error::{SourceError, SourceErrorKind};
use crate::secret::Secret;
use crate::tokens::TokenSet;
use sigv4::{Signed, Signer};
use std::time::SystemTime;
use ureq::http::{HeaderValue, Request};

/// A secret of AWS Secrets Manager.
#[derive(Clone, Debug)]
pub struct AwsSecretsManager {
    /// The region, for example `us-east-1`.
    pub region: String,
    /// The name or ARN of the secret.
    pub id: String,
    /// The member of the secret's JSON object; `None` = the whole string.
    pub field: Option<String>,
    /// Who we are.
    pub credentials: AwsCredentials,
    /// Another address than the region's own: a VPC endpoint, or a stand-in for tests.
    pub endpoint: Option<Address>,
}

/// What proves to AWS who we are.
#[derive(Clone, Debug)]
pub struct AwsCredentials {
    /// The value of `AWS_ACCESS_KEY_ID`.
    pub access_key_id: String,
    /// The value of `AWS_SECRET_ACCESS_KEY`.
    pub secret_access_key: Secret,
    /// The value of `AWS_SESSION_TOKEN`, for credentials that end.
    pub session_token: Option<Secret>,
}

const SERVICE: &str = "secretsmanager";
const TARGET: &str = "secretsmanager.GetSecretValue";
const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

impl AwsSecretsManager {
    /// Asks AWS, blocking for at most 10 s.
    ///
    /// # Errors
    /// AWS cannot be reached or refuses us, the secret or its field is not there or no token.
    pub(super) fn read(&self) -> Result<TokenSet, SourceError> {
        let address = self.address()?;
        let request = self.request(&address, SystemTime::now())?;
        let answer = send(&address, None, request)?;
        let token = self.token_of(&answer).map_err(|error| {
            error.at(format_args!("secret {} of aws in {}", self.id, self.region))
        })?;
        Ok(TokenSet::single(&token))
    }

    fn address(&self) -> Result<Address, SourceError> {
        if let Some(endpoint) = &self.endpoint {
            if endpoint.prefix().is_empty() {
                return Ok(endpoint.clone());
            }
            let advice = "write it as https://host:port without a path";
            let problem = "the endpoint for aws has a path";
            return Err(SourceError::new(SourceErrorKind::Address, problem, advice));
        }
        if !url::is_region(&self.region) {
            let advice = "write a region such as us-east-1";
            let problem = "the region for aws is not well formed";
            return Err(SourceError::new(SourceErrorKind::Address, problem, advice));
        }
        let china = if self.region.starts_with("cn-") {
            ".cn"
        } else {
            ""
        };
        let host = format!("https://{SERVICE}.{}.amazonaws.com{china}", self.region);
        Address::parse(&host, PlainHttp::LoopbackOnly)
    }

    fn request(&self, address: &Address, now: SystemTime) -> Result<Request<Vec<u8>>, SourceError> {
        let body = serde_json::json!({ "SecretId": self.id }).to_string();
        let signer = Signer {
            credentials: &self.credentials,
            region: &self.region,
            service: SERVICE,
        };
        let time = sigv4::timestamp(now).ok_or_else(wrong_clock)?;
        let session = self.session_token()?;
        let mut headers = vec![
            ("content-type", CONTENT_TYPE),
            ("host", address.authority()),
            ("x-amz-date", &time),
            ("x-amz-target", TARGET),
        ];
        headers.extend(session.map(|token| ("x-amz-security-token", token)));
        let signed = Signed {
            method: "POST",
            path: "/",
            query: &[],
            headers: &headers,
            payload: body.as_bytes(),
        };
        let authorization = signer.authorization(&signed, &time);
        let mut request = Request::post(format!("{address}/"));
        for (name, value) in headers {
            let mut value = HeaderValue::from_str(value).map_err(|_| unsendable())?;
            value.set_sensitive(name == "x-amz-security-token");
            request = request.header(name, value);
        }
        let mut value = HeaderValue::from_str(&authorization).map_err(|_| unsendable())?;
        value.set_sensitive(true);
        let request = request.header("authorization", value);
        request.body(body.into_bytes()).map_err(|_| unsendable())
    }

    fn session_token(&self) -> Result<Option<&str>, SourceError> {
        let Some(token) = &self.credentials.session_token else {
            return Ok(None);
        };
        let text = std::str::from_utf8(token.expose()).map_err(|_| unsendable())?;
        Ok(Some(text))
    }

    fn token_of(&self, answer: &Answer) -> Result<Secret, SourceError> {
        let parsed = Answered::parse(&answer.body);
        if answer.status != 200 {
            let code = parsed.as_ref().and_then(|parsed| parsed.text(&["__type"]));
            return Err(refusal(answer.status, code));
        }
        let parsed = parsed.ok_or_else(|| unexpected("the answer is not JSON"))?;
        let Some(text) = parsed.text(&["SecretString"]) else {
            let problem = "the secret is not stored as a string";
            let advice = "store it as SecretString, not as SecretBinary";
            return Err(SourceError::new(SourceErrorKind::Answer, problem, advice));
        };
        let Some(field) = &self.field else {
            return bearer::checked(Secret::trimmed(text)).map_err(hint_at_field);
        };
        let place = format!("field {field:?}");
        let members = Answered::parse(text.as_bytes()).ok_or_else(|| {
            let advice = "store a JSON object, or leave the # and the field out of the URL";
            let problem = "the secret is not a JSON object, but a field of it is asked for";
            SourceError::new(SourceErrorKind::Syntax, problem, advice)
        })?;
        let token = members.text(&[field.as_str()]).ok_or_else(|| {
            let advice =
                "correct the name after # in the URL, or store the token there as a string";
            let problem = "the secret has no such string";
            SourceError::new(SourceErrorKind::NotFound, problem, advice).at(&place)
        })?;
        bearer::checked(Secret::trimmed(token)).map_err(|error| error.at(&place))
    }
}

/// A brace at the start is a JSON object taken whole: the most likely mistake.
fn hint_at_field(error: SourceError) -> SourceError {
    if error.position() != Some(1) {
        return error;
    }
    SourceError::new(
        error.kind(),
        error.problem(),
        "if the secret is a JSON object, name the member with #FIELD at the end of the URL; else \
         use letters, digits and -._~+/ only",
    )
    .at_position(1)
}

fn unsendable() -> SourceError {
    SourceError::new(
        SourceErrorKind::ControlCharacter,
        "the credentials for aws hold characters that a request cannot carry",
        "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN again, each on one line",
    )
}

fn wrong_clock() -> SourceError {
    let advice = "set the clock of this machine";
    SourceError::new(
        SourceErrorKind::Refused,
        "the time cannot be signed",
        advice,
    )
}

fn unexpected(problem: &str) -> SourceError {
    let advice = "see that the region and the endpoint are right";
    SourceError::new(SourceErrorKind::Answer, problem, advice)
}

/// Error codes come as `Code` or `namespace#Code`; only those known here are said.
fn refusal(status: u16, code: Option<&str>) -> SourceError {
    let code = code
        .and_then(|code| code.rsplit('#').next())
        .unwrap_or_default();
    let refused =
        |problem: &str, advice: &str| SourceError::new(SourceErrorKind::Refused, problem, advice);
    match code {
        "ResourceNotFoundException" => SourceError::new(
            SourceErrorKind::NotFound,
            "aws has no such secret in this region",
            "create it, or correct the region and the id in the URL",
        ),
        "AccessDeniedException" => refused(
            "aws does not let us read it (AccessDeniedException)",
            "allow secretsmanager:GetSecretValue on this secret, and kms:Decrypt on its key",
        ),
        "ExpiredTokenException" | "UnrecognizedClientException" | "InvalidClientTokenId" => {
            refused(
                "aws does not know our credentials, or they have ended",
                "set AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN anew",
            )
        }
        "InvalidSignatureException" | "SignatureDoesNotMatch" | "IncompleteSignatureException" => {
            refused(
                "aws does not accept our signature",
                "see that AWS_SECRET_ACCESS_KEY belongs to AWS_ACCESS_KEY_ID and that the clock \
                 of this machine is right",
            )
        }
        "InvalidRequestException" => refused(
            "the secret cannot be read in its present state (InvalidRequestException)",
            "restore it if it is scheduled for deletion",
        ),
        "DecryptionFailure" => refused(
            "aws cannot decrypt the secret (DecryptionFailure)",
            "allow kms:Decrypt on its key",
        ),
        _ if status == 429 || status >= 500 || code == "ThrottlingException" => SourceError::new(
            SourceErrorKind::Unreachable,
            format!("aws is not ready: status {status}"),
            "it is asked again later",
        ),
        _ if status == 401 || status == 403 => refused(
            &format!("aws refuses us with status {status}"),
            "see that the credentials are right and allow secretsmanager:GetSecretValue",
        ),
        _ => unexpected(&format!("aws answers with status {status}")),
    }
}
