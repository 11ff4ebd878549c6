//! The published test suite of Signature Version 4: its credentials, its time, its signatures.

use super::*;
use crate::secret::Secret;
use std::time::Duration;

const TIME: &str = "20150830T123600Z";
const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");

/// Name of the case, method, query, headers beside host and date, body, signed headers, signature.
type Case = (
    &'static str,
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [(&'static str, &'static str)],
    &'static str,
    &'static str,
    &'static str,
);

const PLAIN: &str = "host;x-amz-date";

const SUITE: &[Case] = &[
    (
        "get-vanilla",
        "GET",
        &[],
        &[],
        "",
        PLAIN,
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    ),
    (
        "get-vanilla-query-order-key-case",
        "GET",
        &[("Param2", "value2"), ("Param1", "value1")],
        &[],
        "",
        PLAIN,
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
    ),
    (
        "get-vanilla-empty-query-key",
        "GET",
        &[("Param1", "value1")],
        &[],
        "",
        PLAIN,
        "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb",
    ),
    (
        "get-vanilla-utf8-query",
        "GET",
        &[("\u{1234}", "bar")],
        &[],
        "",
        PLAIN,
        "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
    ),
    (
        "get-header-key-duplicate",
        "GET",
        &[],
        &[
            ("My-Header1", "value2"),
            ("My-Header1", "value2"),
            ("My-Header1", "value1"),
        ],
        "",
        "host;my-header1;x-amz-date",
        "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
    ),
    (
        "get-header-value-trim",
        "GET",
        &[],
        &[("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
        "",
        "host;my-header1;my-header2;x-amz-date",
        "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
    ),
    (
        "post-vanilla",
        "POST",
        &[],
        &[],
        "",
        PLAIN,
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
    ),
    (
        "post-vanilla-query",
        "POST",
        &[("Param1", "value1")],
        &[],
        "",
        PLAIN,
        "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
    ),
    (
        "post-header-key-sort",
        "POST",
        &[],
        &[("My-Header1", "value1")],
        "",
        "host;my-header1;x-amz-date",
        "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
    ),
    (
        "post-x-www-form-urlencoded",
        "POST",
        &[],
        &[FORM],
        "Param1=value1",
        "content-type;host;x-amz-date",
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a",
    ),
    (
        "post-x-www-form-urlencoded-parameters",
        "POST",
        &[],
        &[(
            "Content-Type",
            "application/x-www-form-urlencoded; charset=utf8",
        )],
        "Param1=value1",
        "content-type;host;x-amz-date",
        "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe",
    ),
];

fn credentials() -> AwsCredentials {
    AwsCredentials {
        access_key_id: "AKIDEXAMPLE".to_owned(),
        secret_access_key: Secret::from("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        session_token: None,
    }
}

// S42
#[test]
fn every_case_of_the_published_suite_has_its_signature() {
    let signer = Signer {
        credentials: &credentials(),
        region: "us-east-1",
        service: "service",
    };
    for (name, method, query, more, payload, signed_headers, signature) in SUITE {
        let mut headers = vec![("Host", "example.amazonaws.com"), ("X-Amz-Date", TIME)];
        headers.extend(*more);
        let request = Signed {
            method,
            path: "/",
            query,
            headers: &headers,
            payload: payload.as_bytes(),
        };
        let expected = format!(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders={signed_headers}, Signature={signature}"
        );
        assert_eq!(signer.authorization(&request, TIME), expected, "{name}");
    }
}

#[test]
fn the_canonical_request_is_the_published_one() {
    let request = Signed {
        method: "GET",
        path: "/",
        query: &[("Param2", "value2"), ("Param1", "value1")],
        headers: &[("X-Amz-Date", TIME), ("Host", "example.amazonaws.com")],
        payload: b"",
    };
    assert_eq!(
        canonical(&request),
        "GET\n/\nParam1=value1&Param2=value2\nhost:example.amazonaws.com\n\
         x-amz-date:20150830T123600Z\n\nhost;x-amz-date\n\
         e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    assert_eq!(
        string_to_sign(&request, TIME, "20150830/us-east-1/service/aws4_request"),
        "AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/service/aws4_request\n\
         816cd5b414d056048ba4f7c5386d6e0533120fb1fcfa93762cf0fc39e2cf19e0"
    );
}

#[test]
fn a_moment_is_written_as_aws_wants_it() {
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
    assert_eq!(timestamp(moment).unwrap(), TIME);
}

// S42
#[test]
fn a_whole_request_is_signed_as_botocore_signs_it() {
    use super::super::AwsSecretsManager;
    use ureq::http::HeaderValue;
    let mut credentials = credentials();
    credentials.session_token = Some(Secret::from("session/token+1=="));
    let manager = AwsSecretsManager {
        region: "us-east-1".to_owned(),
        id: "tonl/auth-token".to_owned(),
        field: None,
        credentials,
        endpoint: None,
    };
    let address = manager.address().unwrap();
    assert_eq!(
        address.to_string(),
        "https://secretsmanager.us-east-1.amazonaws.com"
    );
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_440_938_160);
    let request = manager.request(&address, moment).unwrap();
    let authorization = request.headers().get("authorization").unwrap();
    assert_eq!(
        authorization,
        &HeaderValue::from_static(
            "AWS4-HMAC-SHA256 \
             Credential=AKIDEXAMPLE/20150830/us-east-1/secretsmanager/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, \
             Signature=7dd9dba318f9457097b0fbc604e9313e9092e83372f4c415b87a4d592b196252"
        )
    );
    assert!(authorization.is_sensitive());
    let china = AwsSecretsManager {
        region: "cn-north-1".to_owned(),
        ..manager
    };
    let address = china.address().unwrap().to_string();
    assert_eq!(
        address,
        "https://secretsmanager.cn-north-1.amazonaws.com.cn"
    );
}
