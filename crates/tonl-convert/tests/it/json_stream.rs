//! JSON documents as streams: arrays by element, other roots as one record, NDJSON by line.

use crate::policies::hiding_email;
use tonl::write::EndLine;
use tonl::{Code, ReadOptions, Value};
use tonl_convert::{ErrorKind, Invalid, JsonStream, Report, Result, StreamJob, Verify, stream};
use tonl_testkit::{Random, codec, generate, json};

/// The rows, their pieces checked for size, and the report.
fn run(text: &[u8], job: &StreamJob) -> Result<(String, Report)> {
    let mut stream = JsonStream::open(text, job.clone())?;
    let mut out = Vec::new();
    let mut piece = Vec::new();
    while stream.advance(&mut piece)? {
        assert!(
            piece.len() <= (64 << 10) + text.len().min(400_000),
            "{}",
            piece.len()
        );
        out.append(&mut piece);
    }
    out.append(&mut piece);
    let report = stream.finish(&mut piece)?;
    out.append(&mut piece);
    assert_eq!(report.bytes_out, out.len() as u64);
    assert_eq!(report.bytes_in, text.len() as u64);
    Ok((String::from_utf8(out).unwrap(), report))
}

fn rows(text: &str) -> String {
    run(text.as_bytes(), &StreamJob::default()).unwrap().0
}

/// Code, line and column of the fault.
fn fault(text: &[u8]) -> (Code, u64, u64) {
    let mut job = StreamJob::default();
    job.invalid = Invalid::Skip;
    let error = JsonStream::open(text, job).err().unwrap();
    let fault = error.content().unwrap();
    let place = fault.position().unwrap();
    (fault.code(), place.line, place.column)
}

// S35: what `application/json` may hold.
#[test]
fn arrays_give_their_elements_and_other_roots_themselves() {
    let two = "data[]{a:i64}:\n 1\n 2\n";
    let one = "data[]{a:i64}:\n 1\n";
    for (text, expected) in [
        ("[{\"a\":1},{\"a\":2}]", two),
        ("\u{FEFF} [ {\"a\": 1} ,\n\n{\n\"a\"\n:2}\r\n]\r\n", two),
        ("{\"a\":1}", one),
        ("\n{\n  \"a\": 1\n}\n", one),
        ("{\"a\":1}\n{\"a\":2}\n", two),
        ("\n{\"a\":1}\r\n\n {\"a\":2} ", two),
        ("1", "data[]{}:\n * 1\n"),
        ("[[1,2],[3]]", "data[]{}:\n * [1,2]\n * [3]\n"),
        ("[1,2]\n[3]\n", "data[]{}:\n * [1,2]\n * [3]\n"),
        ("[1,2]\n", "data[]{}:\n * 1\n * 2\n"),
        ("[\n1,\n2\n]\n", "data[]{}:\n * 1\n * 2\n"),
    ] {
        assert_eq!(rows(text), expected, "{text:?}");
    }
}

#[test]
fn without_records_there_is_no_text_unless_rows_are_counted() {
    for text in ["", " \r\n\t", "\u{FEFF}", "[]", " [ ] \n", "[\n]"] {
        let mut job = StreamJob::default();
        let (out, report) = run(text.as_bytes(), &job).unwrap();
        assert_eq!((out.as_str(), report.records), ("", Some(0)), "{text:?}");
        job.end = EndLine::Count;
        assert_eq!(run(text.as_bytes(), &job).unwrap().0, "data[]{}:\n#end 0\n");
    }
}

// S35, S37: a syntax error in a document is never skipped, and is found before the first row.
#[test]
fn a_fault_anywhere_is_found_before_the_first_row_with_line_and_column() {
    for (text, expected) in [
        ("[{\"a\":1},\n {\"a\":]", (Code::JsonSyntax, 2, 7)),
        ("[1,2", (Code::Truncated, 1, 5)),
        ("[1,]", (Code::JsonSyntax, 1, 4)),
        ("[1 2]", (Code::JsonSyntax, 1, 4)),
        ("[", (Code::Truncated, 1, 2)),
        ("]", (Code::JsonSyntax, 1, 1)),
        ("[1]]", (Code::TrailingContent, 1, 4)),
        ("[][][]", (Code::TrailingContent, 1, 3)),
        ("{\"a\":1} {\"a\":2}", (Code::TrailingContent, 1, 9)),
        ("{\n\"a\":1}\n{\"a\":2}", (Code::TrailingContent, 3, 1)),
        ("[\n1]\n[2]", (Code::TrailingContent, 3, 1)),
        ("{\"a\":1}\n{\"a\":2\n", (Code::Truncated, 2, 7)),
        ("{\"a\":1}\n\n{\"a\":2} x\n", (Code::TrailingContent, 3, 9)),
        ("{\"a\":1}\n{\"b\":1,\"b\":2}\n", (Code::DuplicateKey, 2, 9)),
        ("{\"a\":1}\n}\n", (Code::JsonSyntax, 2, 1)),
        ("\u{FEFF}[1,x]", (Code::JsonSyntax, 1, 4)),
        ("oops", (Code::JsonSyntax, 1, 1)),
    ] {
        assert_eq!(fault(text.as_bytes()), expected, "{text:?}");
    }
    assert_eq!(fault(b"[1,\n\"\xFF\"]"), (Code::InvalidUtf8, 2, 2));
}

// S38: depth 512, the array around the records included.
#[test]
fn nesting_is_limited_as_in_every_stream() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(run(nested(512).as_bytes(), &StreamJob::default()).is_ok());
    assert_eq!(fault(nested(513).as_bytes()).0, Code::DepthLimit);
    assert_eq!(fault("[".repeat(1 << 20).as_bytes()).0, Code::DepthLimit);
    let lines = |depth: usize| format!("1\n{}\n", nested(depth));
    assert!(run(lines(511).as_bytes(), &StreamJob::default()).is_ok());
    assert_eq!(fault(lines(512).as_bytes()).0, Code::DepthLimit);
}

#[test]
fn text_in_utf_16_is_refused() {
    let text: Vec<u8> = "[1]".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let error = JsonStream::open(text, StreamJob::default()).err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Encoding);
}

#[test]
fn limits_of_rows_and_lines_are_found_before_the_first_row() {
    let mut job = StreamJob::default();
    job.write.limits.rows = 2;
    job.max_line = 20;
    for (text, code) in [
        ("[1,2,3]", Some(Code::RowLimit)),
        ("1\n2\n3\n", Some(Code::RowLimit)),
        ("[1,2]", None),
        ("1\n\n2\n", None),
        ("1\n\"longer than twenty bytes\"\n", Some(Code::LineLimit)),
        ("[\"longer than twenty bytes\"]", None),
    ] {
        let opened = JsonStream::open(text, job.clone());
        let found = opened.err().map(|error| error.content().unwrap().code());
        assert_eq!(found, code, "{text}");
    }
}

#[test]
fn a_long_document_comes_in_pieces_and_is_the_stream_of_its_records() {
    let records: Vec<String> = (0..40_000)
        .map(|n| match n % 1_000 {
            7 => format!("{{\"other\":[{n},{{}}]}}"),
            _ => format!("{{\"id\":{n},\"text\":\"row {n}, with words\"}}"),
        })
        .collect();
    let ndjson = records.join("\n");
    let mut expected = Vec::new();
    let mut job = StreamJob::default();
    stream(
        Box::new(std::io::Cursor::new(ndjson.clone())),
        &mut expected,
        &job,
    )
    .unwrap();
    job.verify = Verify::Compare;
    let array = format!("[{}]", records.join(",\n "));
    for text in [array, ndjson] {
        let (out, report) = run(text.as_bytes(), &job).unwrap();
        assert!(out.as_bytes() == expected);
        assert_eq!(report.records, Some(40_000));
    }
}

#[test]
fn any_array_reads_back_as_itself() {
    for seed in 0..300 {
        let mut random = Random::new(seed);
        let records = generate::stream(&mut random);
        let array = Value::Array(records);
        let text = json::spaced_text(&array, &mut random, &[" ", "\n", "\r\n\t"]);
        let (out, _) = run(text.as_bytes(), &StreamJob::default()).unwrap();
        let read = codec::read(out.as_bytes(), &ReadOptions::default()).unwrap();
        assert_eq!(read, array, "seed {seed}");
    }
}

#[test]
fn a_policy_hides_in_every_kind_of_document() {
    let record = "{\"email\":\"ada@example.com\",\"n\":1}";
    let mut job = StreamJob::default();
    job.privacy = Some(hiding_email());
    for (text, hits) in [
        (record.to_owned(), 1),
        (format!("[{record},\n{record}]"), 2),
        (format!("{record}\n{record}\n{record}\n"), 3),
    ] {
        let (out, report) = run(text.as_bytes(), &job).unwrap();
        assert!(out.contains("[REDACTED]") && !out.contains("ada"), "{out}");
        assert_eq!(report.privacy.unwrap().count(), hits);
    }
    let error = JsonStream::open("[{\"email\":leak}]", job).err().unwrap();
    let told = format!("{error} {error:?}");
    assert!(
        error.hides_input() && !told.contains("leak") && !told.contains("'l'"),
        "{told}"
    );
}

#[test]
fn debug_output_shows_no_text() {
    let stream = JsonStream::open("[\"secret\"]", StreamJob::default()).unwrap();
    assert!(!format!("{stream:?}").contains("secret"));
}
