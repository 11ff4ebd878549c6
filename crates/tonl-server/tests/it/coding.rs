//! Compressed bodies in and out (S34, S62).

use crate::client::Answer;
use crate::server::TestServer;
use std::io::{Read, Write};

const RECORD: &[u8] = b"{\"a\":1}\n";
const ROWS: &str = "data[]{a:i64}:\n 1\n";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = brotli::CompressorWriter::new(Vec::new(), 4096, 5, 22);
    encoder.write_all(bytes).unwrap();
    encoder.into_inner()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

async fn post(server: &TestServer, headers: &str, body: &[u8]) -> Answer {
    server.post("/stream/convert", headers, body).await
}

// S34
#[tokio::test]
async fn bodies_may_come_in_four_codings() {
    let server = TestServer::start();
    for (coding, body) in [
        ("gzip", gzip(RECORD)),
        ("x-gzip", gzip(RECORD)),
        ("deflate", deflate(RECORD)),
        ("zstd", zstd(RECORD)),
        ("br", brotli(RECORD)),
        ("identity", RECORD.to_vec()),
        ("GZip", gzip(RECORD)),
    ] {
        for kind in ["application/x-ndjson", "application/json"] {
            let headers = format!("content-encoding: {coding}\r\ncontent-type: {kind}\r\n");
            let answer = post(&server, &headers, &body).await;
            assert_eq!(
                (answer.status, answer.text()),
                (200, ROWS),
                "{coding} {kind}"
            );
        }
    }
}

// S34, S62
#[tokio::test]
async fn an_unknown_or_second_coding_is_a_415() {
    let server = TestServer::start();
    for coding in [
        "rot13",
        "gzip, gzip",
        "gzip, identity, br",
        "gzip\r\ncontent-encoding: gzip",
    ] {
        let headers = format!("content-encoding: {coding}\r\n");
        let answer = post(&server, &headers, &gzip(&gzip(RECORD))).await;
        assert_eq!(answer.status, 415, "{coding}: {}", answer.text());
    }
    assert_eq!(
        server.metric(r#"tonl_refusals_total{reason="content_coding"}"#),
        4
    );
}

// S34, S62
#[tokio::test]
async fn a_body_that_grows_too_much_is_a_413() {
    let server = TestServer::start();
    let spaces = vec![b' '; 32 << 20];
    for (coding, body) in [
        ("gzip", gzip(&spaces)),
        ("deflate", deflate(&spaces)),
        ("zstd", zstd(&spaces)),
        ("br", brotli(&spaces)),
    ] {
        for kind in ["application/x-ndjson", "application/json"] {
            let headers = format!("content-encoding: {coding}\r\ncontent-type: {kind}\r\n");
            let answer = post(&server, &headers, &body).await;
            assert_eq!(answer.status, 413, "{coding} {kind}: {}", answer.text());
        }
    }
    assert_eq!(server.metric(r#"tonl_refusals_total{reason="ratio"}"#), 8);
    assert_eq!(server.metric("tonl_body_budget_bytes"), 0);
}

// S34
#[tokio::test]
async fn a_body_that_is_not_what_its_coding_says_is_a_400() {
    let server = TestServer::start();
    let mut cut = gzip(RECORD);
    cut.truncate(cut.len() - 4);
    let mut more = gzip(RECORD);
    more.extend_from_slice(b"more");
    for body in [RECORD.to_vec(), cut] {
        let answer = post(&server, "content-encoding: gzip\r\n", &body).await;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    // What follows the end is seen before or after rows have left, but never taken for the end.
    let answer = post(&server, "content-encoding: gzip\r\n", &more).await;
    assert!(answer.status == 400 || !answer.is_whole, "{answer:?}");
}

// S36
#[tokio::test]
async fn rows_leave_compressed_for_who_asks() {
    let server = TestServer::start();
    let body = RECORD.repeat(1000);
    let plain = post(&server, "", &body).await;
    for coding in ["gzip", "zstd"] {
        let headers = format!("accept-encoding: {coding}\r\nte: trailers\r\n");
        let answer = post(&server, &headers, &body).await;
        assert_eq!(answer.header("content-encoding"), Some(coding));
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        assert!(answer.body.len() < plain.body.len() / 2);
        assert_eq!(answer.trailers["x-skipped-lines"], "0");
        let mut text = Vec::new();
        match coding {
            "gzip" => {
                let mut decoder = flate2::read::GzDecoder::new(answer.body.as_slice());
                decoder.read_to_end(&mut text).unwrap();
            }
            _ => text = zstd::decode_all(answer.body.as_slice()).unwrap(),
        }
        assert_eq!(text, plain.body, "{coding}");
    }
    let answer = post(&server, "accept-encoding: br\r\n", &body).await;
    assert_eq!(answer.header("content-encoding"), None);
}
