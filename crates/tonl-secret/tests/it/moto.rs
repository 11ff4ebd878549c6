//! AWS Secrets Manager, played by moto's server. `tests/aws-moto.sh` starts one with the two secrets
//! asked for here and sets `TONL_MOTO_URL`; without it there is nobody to ask.

use std::time::SystemTime;
use tonl_secret::source::{Address, AwsCredentials, PlainHttp};
use tonl_secret::{Secret, Source, SourceErrorKind, TokenSet};

#[expect(
    clippy::disallowed_methods,
    reason = "a test's own variable, read by no library"
)]
fn server() -> Option<String> {
    std::env::var("TONL_MOTO_URL").ok()
}

fn read(server: &str, url: &str) -> Result<TokenSet, tonl_secret::SourceError> {
    let endpoint = Address::parse(server, PlainHttp::LoopbackOnly).unwrap();
    let credentials = AwsCredentials {
        access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret_access_key: Secret::from("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
        session_token: Some(Secret::from("session")),
    };
    let url = Source::parse_url(url).unwrap();
    url.with_aws(credentials, Some(endpoint)).unwrap().read()
}

// S42
#[test]
fn a_token_comes_out_of_motos_secrets_manager() {
    let Some(server) = server() else {
        println!("TONL_MOTO_URL is not set: run crates/tonl-secret/tests/aws-moto.sh");
        return;
    };
    let now = SystemTime::now();
    let whole = read(&server, "aws-sm://us-east-1/tonl/auth-token").unwrap();
    assert!(whole.find(b"whole-token-1", now).unwrap().is_valid());
    let field = read(&server, "aws-sm://us-east-1/tonl/object#auth-token").unwrap();
    assert!(field.find(b"field-token-2", now).unwrap().is_valid());
    let missing = read(&server, "aws-sm://us-east-1/tonl/missing").unwrap_err();
    assert_eq!(missing.kind(), SourceErrorKind::NotFound, "{missing}");
    let elsewhere = read(&server, "aws-sm://eu-west-1/tonl/auth-token").unwrap_err();
    assert_eq!(elsewhere.kind(), SourceErrorKind::NotFound, "{elsewhere}");
    let field = read(&server, "aws-sm://us-east-1/tonl/object#nothing").unwrap_err();
    assert_eq!(field.kind(), SourceErrorKind::NotFound, "{field}");
}
