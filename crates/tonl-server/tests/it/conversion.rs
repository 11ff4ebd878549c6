//! `POST /stream/convert`: what comes out of what goes in.

use crate::client::{Answer, head};
use crate::server::TestServer;
use std::io;
use std::sync::{Arc, Mutex};
use tonl_convert::{Format, Input, Job, convert};
use tonl_telemetry::log::{Format as LogFormat, LogConfig, subscriber};

const NDJSON: &[u8] = b"{\"a\":1,\"b\":\"x\"}\n{\"a\":2,\"b\":\"y, z\"}\n";
const CHUNKED: &str = "transfer-encoding: chunked\r\n";

/// What a TONL text reads as.
fn read(text: &[u8]) -> serde_json::Value {
    let job = Job::new(Format::Tonl, Format::Json);
    let mut json = Vec::new();
    convert(&Input::from_bytes("answer", text.to_vec()), &mut json, &job).unwrap();
    serde_json::from_slice(&json).unwrap()
}

fn records() -> serde_json::Value {
    serde_json::json!([{"a": 1, "b": "x"}, {"a": 2, "b": "y, z"}])
}

async fn post(server: &TestServer, query: &str, kind: &str, body: &[u8]) -> Answer {
    let kind = match kind {
        "" => String::new(),
        kind => format!("content-type: {kind}\r\n"),
    };
    server
        .post(&format!("/stream/convert{query}"), &kind, body)
        .await
}

// S36
#[tokio::test]
async fn lines_in_every_type_read_back_as_the_records_they_were() {
    let server = TestServer::start();
    for kind in [
        "",
        "application/json",
        "application/x-ndjson",
        "application/ndjson",
        "application/jsonl",
        "application/vnd.api+json",
        "Application/X-NDJSON; charset=utf-8",
    ] {
        let answer = post(&server, "", kind, NDJSON).await;
        assert_eq!(answer.status, 200, "{kind}");
        assert_eq!(answer.header("x-collection-name"), Some("data"));
        let sent = answer.header("content-type");
        assert_eq!(sent, Some("text/plain; charset=utf-8"), "{kind}");
        assert_eq!(read(&answer.body), records(), "{kind}: {}", answer.text());
    }
    for kind in ["text/html", "text/plain; a=json", "application/xml", "json"] {
        let answer = post(&server, "", kind, NDJSON).await;
        let expected = r#"{"error":"Invalid Content-Type","expected":"application/x-ndjson or application/json"}"#;
        assert_eq!((answer.status, answer.text()), (400, expected), "{kind}");
    }
}

// S36
#[tokio::test]
async fn json_documents_become_their_records() {
    let server = TestServer::start();
    let array = br#"[{"a":1,"b":"x"},{"a":2,"b":"y, z"}]"#.as_slice();
    let pretty = serde_json::to_vec_pretty(&records()).unwrap();
    for body in [array, &pretty, NDJSON] {
        let answer = post(&server, "", "application/json", body).await;
        assert_eq!(read(&answer.body), records(), "{}", answer.text());
    }
    let one = b"{\n \"a\": 1,\n \"b\": \"x\"\n}";
    let answer = post(&server, "", "application/json", one).await;
    assert_eq!(read(&answer.body), serde_json::json!([{"a": 1, "b": "x"}]));
    // A fault in a document is never skipped, whatever the query says.
    let bad = b"[{\"a\":1},\n{\"a\":}]";
    let answer = post(&server, "?skipInvalid=true", "application/json", bad).await;
    assert_eq!(answer.status, 422);
    let body: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
    assert_eq!(
        (&body["line"], &body["error"]),
        (&2.into(), &"Stream processing failed".into())
    );
}

// S36, S38
#[tokio::test]
async fn nothing_becomes_nothing() {
    let server = TestServer::start();
    for (kind, body) in [
        ("", ""),
        ("", "\n\n"),
        ("application/json", "[]"),
        ("application/json", ""),
        ("", "{bad}\n"),
    ] {
        let answer = post(&server, "", kind, body.as_bytes()).await;
        assert_eq!((answer.status, answer.text()), (200, ""), "{body:?}");
        assert!(answer.is_whole);
    }
}

// S36
#[tokio::test]
async fn a_row_leaves_while_the_upload_is_open() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    client.send(head("POST", "/stream/convert", CHUNKED)).await;
    client.chunk(b"{\"a\":1}\n{\"a\":").await;
    let mut answer = client.head().await;
    assert_eq!(answer.status, 200);
    let first = client.piece(&mut answer).await.unwrap();
    assert_eq!(first, b"data[]{a:i64}:\n 1\n");
    for number in 2..6 {
        client
            .chunk(format!("{number}}}\n{{\"a\":").as_bytes())
            .await;
        let row = client.piece(&mut answer).await.unwrap();
        assert_eq!(row, format!(" {number}\n").as_bytes());
    }
    client.chunk(b"6}").await;
    client.send("0\r\n\r\n").await;
    assert_eq!(client.piece(&mut answer).await.unwrap(), b" 6\n");
    assert!(client.piece(&mut answer).await.is_none() && answer.is_whole);
}

// S38
#[tokio::test]
async fn the_first_bad_line_is_a_422_with_its_number() {
    let server = TestServer::start();
    let answer = post(
        &server,
        "?skipInvalid=false",
        "",
        b"{\"a\":tru}\n{\"a\":1}\n",
    )
    .await;
    assert_eq!(answer.status, 422);
    let body: serde_json::Value = serde_json::from_str(answer.text()).unwrap();
    assert_eq!(
        (&body["line"], &body["column"]),
        (&1.into(), &9.into()),
        "{body}"
    );
    // One refusal, one error, one request that failed; not a second error as a broken stream.
    assert_eq!(server.metric(r#"tonl_errors_total{type="validation"}"#), 1);
    assert_eq!(
        server.metric(r#"tonl_refusals_total{reason="invalid_data"}"#),
        1
    );
    let failed = r#"tonl_conversion_requests_total{operation="stream_conversion",status="error"}"#;
    assert_eq!(server.metric(failed), 1);
}

// S38
#[tokio::test]
async fn a_later_bad_line_cuts_the_transfer() {
    let server = TestServer::start();
    let mut client = server.connect().await;
    let target = "/stream/convert?skipInvalid=false";
    client.send(head("POST", target, CHUNKED)).await;
    client.chunk(b"{\"a\":1}\n").await;
    let mut answer = client.head().await;
    assert!(client.piece(&mut answer).await.is_some());
    client.chunk(b"{]\n").await;
    while client.piece(&mut answer).await.is_some() {}
    assert!(!answer.is_whole, "half of it looks whole");
    assert_eq!(server.metric(r#"tonl_errors_total{type="validation"}"#), 1);
}

// S38
#[tokio::test]
async fn skipped_lines_are_counted_in_a_trailer_and_a_metric() {
    let server = TestServer::start();
    let body = b"{\"a\":1}\nnonsense\n{\"a\":2}\n{\n";
    let te = "te: trailers\r\n";
    let answer = server.post("/stream/convert", te, body).await;
    assert_eq!(answer.header("trailer"), Some("X-Skipped-Lines"));
    assert_eq!(answer.trailers["x-skipped-lines"], "2");
    assert_eq!(answer.text(), "data[]{a:i64}:\n 1\n 2\n");
    let answer = server.post("/stream/convert", "", body).await;
    assert_eq!(answer.header("trailer"), None);
    assert!(answer.trailers.is_empty());
    assert_eq!(server.metric("tonl_stream_lines_skipped_total"), 4);
}

// S37
#[tokio::test]
async fn a_collection_name_is_plain_or_refused() {
    let server = TestServer::start();
    let longest = "n".repeat(256);
    for name in ["data", "my_rows-2", "A", longest.as_str()] {
        let answer = post(&server, &format!("?collection={name}"), "", NDJSON).await;
        assert_eq!(answer.header("x-collection-name"), Some(name));
        assert!(answer.text().starts_with(&format!("{name}[]")), "{name}");
    }
    let long = "n".repeat(257);
    for name in [
        "",
        "a.b",
        "a%20b",
        "a%0d%0aX-Evil:%201",
        "a%0a",
        "%E2%80%AE",
        "a&collection=b",
        "%00",
        long.as_str(),
    ] {
        let answer = post(&server, &format!("?collection={name}"), "", NDJSON).await;
        let refusal = r#"{"error":"Invalid collection name"}"#;
        assert_eq!((answer.status, answer.text()), (400, refusal), "{name}");
        assert_eq!(answer.header("x-evil"), None);
    }
}

// S38
#[tokio::test]
async fn no_key_and_no_value_forges_a_header_or_a_row() {
    let server = TestServer::start();
    let hostile = serde_json::json!([
        {"a]{x}:\n 9": "1\n 2", "data[]{b}:": "\r\nX-Evil: 1", "\u{202e}": ",,"},
        {"a]{x}:\n 9": "#2", "data[]{b}:": "\"", "\u{202e}": "null"},
    ]);
    let lines: Vec<_> = hostile
        .as_array()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    let lines = lines.join("\n");
    for profile in ["compact", "flat", "classic"] {
        let query = format!("?profile={profile}");
        let answer = post(&server, &query, "", lines.as_bytes()).await;
        assert_eq!(answer.header("x-evil"), None);
        assert_eq!(read(&answer.body), hostile, "{profile}: {}", answer.text());
    }
}

// S36
#[tokio::test]
async fn profiles_and_hidden_fields_can_be_asked_for() {
    let server = TestServer::start();
    let body = b"{\"id\":1,\"email\":\"ada@example.com\",\"card\":\"4532015112830366\"}\n";
    for (query, hidden) in [
        ("?anonymize=email", "ada@example.com"),
        ("?mask=card", "4532015112830366"),
        ("?anonymize=email,card&mask=true", "4532015112830366"),
        ("?anonymize=email&profile=classic", "ada@example.com"),
    ] {
        let answer = post(&server, query, "", body).await;
        assert_eq!(answer.status, 200, "{query}");
        assert!(
            !answer.text().contains(hidden),
            "{query}: {}",
            answer.text()
        );
    }
    for query in [
        "?profile=tiny",
        "?anonymize=",
        "?mask=true",
        "?profile=flat&profile=flat",
    ] {
        assert_eq!(post(&server, query, "", body).await.status, 400, "{query}");
    }
    // A fault quotes nothing when something is to be hidden.
    let query = "?anonymize=email&skipInvalid=false";
    let answer = post(&server, query, "", b"{\"email\":\"ada@example.com\" x}\n").await;
    assert_eq!(answer.status, 422);
    assert!(!answer.text().contains("ada"), "{}", answer.text());
}

/// A place for the log of all tests.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_completed_stream_is_told_once() {
    let lines = Lines::default();
    let writer = lines.clone();
    let config = LogConfig {
        format: LogFormat::Json,
        filter: String::new(),
        terminal: false,
        color: false,
    };
    let clock = tonl_telemetry::Clock::system();
    let subscriber = subscriber(&config, clock, move || writer.clone()).unwrap();
    // For the whole process: that of one thread may be missed where another thread logs first.
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let server = TestServer::start();
    let mut client = server.connect().await;
    let id = "x-request-id: one-stream\r\n";
    let sent = client
        .post("/stream/convert", id, b"{\"a\":1}\nbad\n")
        .await;
    assert!(sent.is_whole);
    let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
    let mut told = text
        .lines()
        .filter(|line| line.contains("stream_completed") && line.contains("one-stream"));
    let event: serde_json::Value = serde_json::from_str(told.next().unwrap()).unwrap();
    assert_eq!(told.next(), None, "told twice");
    for (key, value) in [
        ("lines", 1),
        ("skipped", 1),
        ("bytesIn", 12),
        ("bytesOut", 18),
    ] {
        assert_eq!(event[key], value, "{key} of {event}");
    }
    assert_eq!(event["requestId"], "one-stream");
    let done = r#"tonl_conversions_total{type="stream_conversion"}"#;
    assert_eq!(server.metric(done), 1);
}
