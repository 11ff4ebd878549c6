//! What a body is said to be.

use crate::exchange::{ask, found, of_client};
use http::HeaderValue;
use tonl_layers::content_type::{BodyKind, Config, ContentTypes};
use tonl_layers::{Refusal, Refused};
use tonl_testkit::Random;

fn records() -> ContentTypes {
    ContentTypes::new(Config::records())
}

// S36: absent, JSON and lines pass.
#[tokio::test]
async fn types_of_records_pass_and_say_how_they_are_read() {
    let cases = [
        ("application/json", BodyKind::Json),
        ("Application/JSON; charset=UTF-8", BodyKind::Json),
        (
            "application/json;charset=\"us-ascii\"; profile=x",
            BodyKind::Json,
        ),
        ("application/vnd.api+json", BodyKind::Json),
        ("text/x+JSON", BodyKind::Json),
        ("application/x-ndjson", BodyKind::Lines),
        ("application/ndjson;", BodyKind::Lines),
        ("application/jsonl", BodyKind::Lines),
        ("application/x-jsonl", BodyKind::Lines),
        ("", BodyKind::Unsaid),
        (" ", BodyKind::Unsaid),
    ];
    for (text, expected) in cases {
        let request = of_client("POST /", &[("content-type", text)]);
        assert_eq!(found(records(), request).await, Some(expected), "{text:?}");
    }
    assert_eq!(
        found(records(), of_client("POST /", &[])).await,
        Some(BodyKind::Unsaid)
    );
}

// S36: everything else gets exactly this body.
#[tokio::test]
async fn every_other_type_is_refused_with_the_text_of_the_contract() {
    for text in [
        "text/plain",
        "text/plain; a=json",
        "text/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=json",
        "application/jsonx",
        "xapplication/json",
        "application/json, application/json",
        "application/json; charset=utf-16",
        "application/json; charset=utf-8; charset=utf-8",
        "application/json; charset",
        "json",
        "application/",
        "/json",
        "application/+json",
        "*/*",
        "application/json\u{e4}",
    ] {
        let response = ask(records(), of_client("POST /", &[("content-type", text)])).await;
        assert_eq!(response.status(), 400, "{text:?}");
        let expected = concat!(
            r#"{"error":"Invalid Content-Type","#,
            r#""expected":"application/x-ndjson or application/json"}"#
        );
        assert_eq!(response.body(), expected);
        assert_eq!(
            response.headers()["content-type"],
            "application/json; charset=utf-8"
        );
        let refused = response.extensions().get::<Refused>().unwrap();
        assert_eq!(refused.reason, Refusal::ContentType);
    }
}

#[tokio::test]
async fn two_types_are_refused_even_if_they_are_the_same() {
    let json = ("content-type", "application/json");
    assert_eq!(
        ask(records(), of_client("POST /", &[json, json]))
            .await
            .status(),
        400
    );
}

#[tokio::test]
async fn the_accepted_types_are_a_setting() {
    let config = Config::new("text/csv")
        .accepting("text/csv", BodyKind::Lines)
        .unwrap();
    let request = |text| of_client("POST /", &[("content-type", text)]);
    let types = ContentTypes::new(config);
    assert_eq!(
        found(types.clone(), request("text/csv")).await,
        Some(BodyKind::Lines)
    );
    let response = ask(types, request("application/json")).await;
    assert_eq!(
        response.body(),
        r#"{"error":"Invalid Content-Type","expected":"text/csv"}"#
    );
}

// S62: no bytes of a header bring the reader down, and none beside the grammar pass.
#[tokio::test]
async fn arbitrary_bytes_never_panic_and_pass_only_as_an_accepted_type() {
    let mut random = Random::new(36);
    let alphabet = b"aj/;=\"\\ +,\t\xc3\xa4\xff";
    for _ in 0..5_000 {
        let mut bytes = random.pick(&STARTS).to_vec();
        bytes.extend((0..random.below(12)).map(|_| *random.pick(alphabet)));
        let Ok(value) = HeaderValue::from_bytes(&bytes) else {
            continue;
        };
        let mut request = of_client("POST /", &[]);
        request.headers_mut().insert("content-type", value);
        if let Some(kind) = found::<BodyKind>(records(), request).await {
            let text = String::from_utf8_lossy(&bytes);
            let essence = text.split(';').next().unwrap().trim();
            let passes = essence == "application/json" || essence.ends_with("+json");
            assert!(
                passes == (kind == BodyKind::Json) && passes != essence.is_empty(),
                "{text:?}"
            );
        }
    }
}

/// Begins of types, so that random ends meet more than the first check.
const STARTS: [&[u8]; 3] = [b"", b"application/json", b"a/b+json;charset="];
