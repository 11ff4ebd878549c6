//! A policy in conversions and streams: nothing that it hides comes out anywhere.

use std::fmt::Write as _;
use tonl::Strictness;
use tonl_convert::sink::Layout;
use tonl_convert::toon::Fidelity;
use tonl_convert::{
    Format, Input, Invalid, Job, Report, Result, StreamJob, Verify, convert, stream,
};
use tonl_privacy::{Detector, Mode, Policy};

const RECORDS: usize = 10_000;

fn policy(mode: Mode) -> Policy {
    let mut builder = Policy::builder().detector(Detector::Email, mode);
    for path in ["email", "user.card", "items[].ssn", "secret"] {
        builder = builder.rule(path.parse().unwrap(), mode);
    }
    builder.build().unwrap()
}

/// Records whose hidden values all hold the word `leak`.
fn record(number: usize) -> String {
    format!(
        "{{\"id\":{number},\"email\":\"leak{number}@x.example\",\"user\":{{\"card\":\"leak 4532\",\"n\":1.50}},\
         \"items\":[{{\"ssn\":\"leak-{number}\"}}],\"note\":\"mail leak.{number}@x.example!\"}}\n"
    )
}

fn lines() -> String {
    (0..RECORDS).map(record).collect()
}

fn run(job: &Job, text: &str) -> Result<(String, Report)> {
    let mut out = Vec::new();
    let report = convert(&Input::from_bytes("in", text.as_bytes()), &mut out, job)?;
    Ok((String::from_utf8(out).unwrap(), report))
}

fn job(from: Format, to: Format, mode: Mode) -> Job {
    let mut job = Job::new(from, to);
    job.privacy = Some(policy(mode));
    job.verify = match to {
        Format::Csv | Format::Tsv => Verify::Trust,
        _ => Verify::Compare,
    };
    job.json = Layout::Compact;
    job.toon.fidelity = Fidelity::Exact;
    job
}

#[test]
fn no_format_shows_a_hidden_value_of_ten_thousand_records() {
    let text = lines();
    for to in Format::ALL {
        for mode in [Mode::Redact, Mode::Remove] {
            let (out, report) = run(&job(Format::Ndjson, *to, mode), &text).unwrap();
            assert!(!out.contains("leak"), "{to} {mode}");
            assert!(!format!("{report:?}").contains("leak"), "{to} {mode}");
            assert_eq!(report.records, Some(RECORDS as u64));
            assert!(out.contains("1.50"));
            let findings = report.privacy.unwrap();
            assert_eq!(findings.count(), 4 * RECORDS as u64, "{to} {mode}");
        }
    }
}

#[test]
fn every_source_is_filtered_and_what_is_compared_is_the_filtered_value() {
    let ndjson: String = (0..50).map(record).collect();
    for from in Format::ALL {
        let plain = run(&Job::new(Format::Ndjson, *from), &ndjson).unwrap().0;
        assert!(plain.contains("leak"));
        for to in [Format::Tonl, Format::Json] {
            let (out, report) = run(&job(*from, to, Mode::Redact), &plain).unwrap();
            // In CSV nested values are JSON texts; no path reaches into those.
            let hidden = if matches!(from, Format::Csv | Format::Tsv) {
                !out.contains("@x.example")
            } else {
                !out.contains("leak")
            };
            assert!(hidden, "{from} {to}: {out}");
            assert!(report.privacy.unwrap().count() >= 100);
        }
    }
}

#[test]
fn other_roots_are_filtered_too() {
    let text = r#"{"secret":{"a":1},"email":null,"b":[1,2.50]}"#;
    let (out, report) = run(&job(Format::Json, Format::Tonl, Mode::Mask), text).unwrap();
    assert!(out.contains("***") && out.contains("2.50"), "{out}");
    assert_eq!(report.privacy.unwrap().count(), 1);
}

#[test]
fn a_job_without_a_policy_reports_no_findings() {
    let (out, report) = run(&Job::new(Format::Ndjson, Format::Json), &record(1)).unwrap();
    assert!(out.contains("leak"));
    assert_eq!(report.privacy, None);
}

/// A stream of good lines, with others between them that break off inside a secret.
fn broken_lines() -> String {
    let mut text = String::new();
    for number in 0..RECORDS {
        text.push_str(&record(number));
        match number % 100 {
            10 => text.push_str("{\"email\":\"leak\n"),
            20 => text.push_str("{\"user\":{\"card\":leak}}\n"),
            30 => text.push_str("{\"secret\":\"leak\",\"secret\":\"leak\"}\n"),
            40 => text.push('\n'),
            50 => writeln!(text, "{{\"secret\":{}}}", "[\"leak\",".repeat(3)).unwrap(),
            _ => {}
        }
    }
    text
}

fn run_stream(text: &str, job: &StreamJob) -> (String, Result<Report>) {
    let mut out = Vec::new();
    let input = Box::new(std::io::Cursor::new(text.as_bytes().to_vec()));
    let report = stream(input, &mut out, job);
    (String::from_utf8(out).unwrap(), report)
}

#[test]
fn a_stream_with_broken_lines_shows_no_hidden_value() {
    let text = broken_lines();
    let mut job = StreamJob::default();
    job.privacy = Some(policy(Mode::Redact));
    let (out, report) = run_stream(&text, &job);
    let report = report.unwrap();
    assert!(!out.contains("leak"));
    assert_eq!(report.records, Some(RECORDS as u64));
    assert_eq!(report.skipped.count, 4 * RECORDS as u64 / 100);
    assert_eq!(report.bytes_in, text.len() as u64);
    let findings = report.privacy.unwrap();
    assert_eq!(
        findings.count(),
        4 * RECORDS as u64,
        "broken lines do not count"
    );
    assert!(
        findings
            .hits()
            .all(|hits| hits.count == 0 || hits.first_record == Some(1))
    );
}

#[test]
fn a_stream_and_a_conversion_hide_the_same() {
    let text: String = (0..200).map(record).collect();
    let mut job = StreamJob::default();
    job.privacy = Some(policy(Mode::Mask));
    let streamed = run_stream(&text, &job).0;
    let to_json = |from, text: &str| {
        let mut job = Job::new(from, Format::Json);
        job.json = Layout::Compact;
        run(&job, text).unwrap().0
    };
    let mut converting = Job::new(Format::Ndjson, Format::Tonl);
    converting.privacy = Some(policy(Mode::Mask));
    let converted = run(&converting, &text).unwrap().0;
    assert_eq!(
        to_json(Format::Tonl, &streamed),
        to_json(Format::Tonl, &converted)
    );
}

#[test]
fn an_error_of_a_stream_quotes_nothing() {
    for line in [
        "{\"secret\":leak}",
        "{\"leak\":1,\"leak\":2}",
        "{\"secret\":\"le\u{1}ak\"}",
    ] {
        let mut job = StreamJob::default();
        job.privacy = Some(policy(Mode::Redact));
        job.invalid = Invalid::Fail;
        let (out, result) = run_stream(&format!("{{\"id\":1}}\n{line}\n"), &job);
        let error = result.unwrap_err();
        assert!(out.contains("id"));
        assert_eq!(error.content().unwrap().position().unwrap().line, 2);
        let told = format!("{error} {error:?} {:?}", error.hint());
        assert!(
            told.contains("not shown") && !told.contains("leak"),
            "{told}"
        );
        assert!(!told.contains("'l'"), "{told}");
    }
}

#[test]
fn errors_and_warnings_of_conversions_quote_nothing() {
    for (from, text) in [
        (Format::Json, "[{\"secret\":leak}]"),
        (Format::Json, "{\"leak\":1,\"leak\":2}"),
        (Format::Ndjson, "{\"secret\":leak}\n"),
        (Format::Tonl, "data[1]{secret:i32}:\n leak\n"),
        (Format::Yaml, "secret: !!int leak\n"),
        (Format::Yaml, "secret: \"leak\nx: [\n"),
        (Format::Csv, "a,b\nleak\n"),
        (Format::Csv, "leak,leak\n1,2\n"),
    ] {
        for to in [Format::Tonl, Format::Ndjson, Format::Csv] {
            let error = run(&job(from, to, Mode::Redact), text).unwrap_err();
            let told = format!("{error} {error:?} {:?}", error.hint());
            assert!(!told.contains("leak"), "{from} {to}: {told}");
        }
    }
    let mut lenient = job(Format::Tonl, Format::Json, Mode::Redact);
    lenient.read.tonl.strictness = Strictness::Lenient;
    let text = "data[2]{secret:str,b:str}:\n leak,x\n\n leak,y\n";
    let mut plain = lenient.clone();
    plain.privacy = None;
    assert!(!run(&plain, text).unwrap().1.warnings.is_empty());
    let (out, report) = run(&lenient, text).unwrap();
    assert!(!out.contains("leak"));
    assert!(!report.warnings.is_empty() && !report.warnings.concat().contains("leak"));
}
