//! AWS Secrets Manager, played by a stand-in that computes the signature itself.

use crate::stand_in::{Asked, StandIn};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use std::time::SystemTime;
use tonl_secret::source::{Address, AwsCredentials, AwsSecretsManager, PlainHttp};
use tonl_secret::{Secret, Source, SourceError, SourceErrorKind};

const KEY: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn manager(store: &StandIn, url: &str) -> AwsSecretsManager {
    let endpoint = Address::parse(&store.url(), PlainHttp::LoopbackOnly).unwrap();
    let credentials = AwsCredentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: Secret::from(KEY),
        session_token: None,
    };
    let url = Source::parse_url(url).unwrap();
    match url.with_aws(credentials, Some(endpoint)) {
        Some(Source::AwsSecretsManager(manager)) => manager,
        other => panic!("{other:?}"),
    }
}

fn stored(secret: &str) -> String {
    serde_json::json!({"ARN": "arn", "Name": "tonl", "SecretString": secret}).to_string()
}

fn read(status: u16, body: &str, url: &str) -> Result<(), SourceError> {
    let store = StandIn::answering(status, body);
    let set = Source::AwsSecretsManager(manager(&store, url)).read()?;
    assert!(set.find(b"abc-123", SystemTime::now()).unwrap().is_valid());
    Ok(())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn keyed(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// The signature that belongs to a request, computed from what arrived.
fn signature(asked: &Asked, names: &str) -> String {
    let mut canonical = "POST\n/\n\n".to_owned();
    for name in names.split(';') {
        writeln!(canonical, "{name}:{}", asked.header(name).unwrap()).unwrap();
    }
    write!(
        canonical,
        "\n{names}\n{}",
        hex(&Sha256::digest(&asked.body))
    )
    .unwrap();
    let time = asked.header("x-amz-date").unwrap();
    let day = time.split_at(8).0;
    let scope = format!("{day}/us-east-1/secretsmanager/aws4_request");
    let canonical = hex(&Sha256::digest(canonical));
    let text = format!("AWS4-HMAC-SHA256\n{time}\n{scope}\n{canonical}");
    let key = ["us-east-1", "secretsmanager", "aws4_request"]
        .iter()
        .fold(keyed(format!("AWS4{KEY}").as_bytes(), day), |key, part| {
            keyed(&key, part)
        });
    hex(&keyed(&key, &text))
}

// S42
#[test]
fn aws_is_asked_with_a_signature_that_belongs_to_the_request() {
    for session in [None, Some("session/token+1==")] {
        let store = StandIn::answering(200, stored("abc-123"));
        let mut manager = manager(&store, "aws-sm://us-east-1/tonl/auth-token");
        manager.credentials.session_token = session.map(Secret::from);
        let set = Source::AwsSecretsManager(manager).read().unwrap();
        assert!(set.find(b"abc-123", SystemTime::now()).unwrap().is_valid());

        let asked = store.asked();
        assert_eq!(asked.line, "POST / HTTP/1.1");
        assert_eq!(asked.body, r#"{"SecretId":"tonl/auth-token"}"#);
        assert_eq!(
            asked.header("x-amz-target"),
            Some("secretsmanager.GetSecretValue")
        );
        assert_eq!(
            asked.header("content-type"),
            Some("application/x-amz-json-1.1")
        );
        assert_eq!(asked.header("x-amz-security-token"), session);
        assert_eq!(asked.header("host"), Some(store.authority().as_str()));
        let names = match session {
            None => "content-type;host;x-amz-date;x-amz-target",
            Some(_) => "content-type;host;x-amz-date;x-amz-security-token;x-amz-target",
        };
        let day = asked.header("x-amz-date").unwrap().split_at(8).0;
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/{day}/us-east-1/secretsmanager/aws4_request, \
             SignedHeaders={names}, Signature={}",
            signature(&asked, names)
        );
        assert_eq!(asked.header("authorization"), Some(expected.as_str()));
    }
}

// S42
#[test]
fn a_secret_is_taken_whole_or_by_its_field() {
    let whole = "aws-sm://us-east-1/tonl";
    let field = "aws-sm://us-east-1/tonl#auth-token";
    read(200, &stored("abc-123"), whole).unwrap();
    read(200, &stored("abc-123\n"), whole).unwrap();
    read(200, &stored(r#"{"auth-token":"abc-123","x":1}"#), field).unwrap();
    for (body, url, kind, advice) in [
        (
            stored(r#"{"auth-token":"abc-123"}"#),
            whole,
            SourceErrorKind::BadCharacter,
            "#FIELD",
        ),
        (
            stored("abc-123"),
            field,
            SourceErrorKind::Syntax,
            "leave the # and the field out",
        ),
        (
            stored(r#"{"token":"abc-123"}"#),
            field,
            SourceErrorKind::NotFound,
            "after #",
        ),
        (
            stored(r#"{"auth-token":""}"#),
            field,
            SourceErrorKind::Empty,
            "tonl token",
        ),
        (stored(""), whole, SourceErrorKind::Empty, "tonl token"),
        (
            r#"{"SecretBinary":"YWJjLTEyMw=="}"#.to_owned(),
            whole,
            SourceErrorKind::Answer,
            "SecretString",
        ),
        (
            "<html>".to_owned(),
            whole,
            SourceErrorKind::Answer,
            "region",
        ),
    ] {
        let error = read(200, &body, url).unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(error.advice().contains(advice), "{error}");
        assert!(
            !format!("{error} {error:?}").contains("abc-123"),
            "{error:?}"
        );
        assert!(
            error.place().starts_with("secret tonl of aws in us-east-1"),
            "{error}"
        );
    }
}

// S42, S59
#[test]
fn each_refusal_of_aws_says_what_to_do() {
    use SourceErrorKind::{Answer, NotFound, Refused, Unreachable};
    for (status, code, kind, advice) in [
        (400, "ResourceNotFoundException", NotFound, "create it"),
        (
            400,
            "com.amazonaws.x#ResourceNotFoundException",
            NotFound,
            "create it",
        ),
        (
            400,
            "AccessDeniedException",
            Refused,
            "secretsmanager:GetSecretValue",
        ),
        (
            400,
            "UnrecognizedClientException",
            Refused,
            "AWS_ACCESS_KEY_ID",
        ),
        (400, "ExpiredTokenException", Refused, "AWS_SESSION_TOKEN"),
        (400, "InvalidSignatureException", Refused, "clock"),
        (400, "InvalidRequestException", Refused, "restore"),
        (400, "DecryptionFailure", Refused, "kms:Decrypt"),
        (400, "ThrottlingException", Unreachable, "later"),
        (500, "InternalServiceError", Unreachable, "later"),
        (403, "abc-123", Refused, "credentials"),
        (400, "abc-123", Answer, "region"),
        (302, "", Answer, "region"),
    ] {
        let body = serde_json::json!({"__type": code, "message": "abc-123"}).to_string();
        let error = read(status, &body, "aws-sm://us-east-1/tonl").unwrap_err();
        assert_eq!(error.kind(), kind, "{code}: {error}");
        assert!(error.advice().contains(advice), "{code}: {error}");
        assert!(
            !format!("{error} {error:?}").contains("abc-123"),
            "{error:?}"
        );
    }
    let error = read(503, "", "aws-sm://us-east-1/tonl").unwrap_err();
    assert!(error.is_temporary(), "{error}");
}

// S5, S42
#[test]
fn credentials_that_cannot_be_sent_are_refused_without_being_printed() {
    let store = StandIn::answering(200, stored("abc-123"));
    let good = manager(&store, "aws-sm://us-east-1/tonl");
    let mut session = good.clone();
    session.credentials.session_token = Some(Secret::from("hunter2\r\nX: y"));
    let mut id = good.clone();
    id.credentials.access_key_id = "hunter2\n".to_owned();
    let mut region = good.clone();
    region.region = "hunter2.example.com/".to_owned();
    region.endpoint = None;
    let mut endpoint = good;
    let with_path = format!("{}/hunter2", store.url());
    endpoint.endpoint = Some(Address::parse(&with_path, PlainHttp::LoopbackOnly).unwrap());
    for manager in [session, id, region, endpoint] {
        let printed = format!("{:?}", manager.credentials.secret_access_key);
        assert_eq!(printed, "Secret(****)");
        let error = Source::AwsSecretsManager(manager).read().unwrap_err();
        assert!(
            !format!("{error} {error:?}").contains("hunter2"),
            "{error:?}"
        );
    }
    assert!(store.is_silent());
}
