//! Conversions from end to end.

use super::*;
use crate::ErrorKind;
use std::io::Read;
use tonl::{Code, Profile};

fn run(from: Format, to: Format, text: &[u8]) -> Result<String> {
    run_job(&Job::new(from, to), text)
}

fn run_job(job: &Job, text: &[u8]) -> Result<String> {
    let input = Input::from_bytes("test", text);
    let mut out = Vec::new();
    convert(&input, &mut out, job)?;
    Ok(String::from_utf8(out).unwrap())
}

fn document(text: &[u8]) -> String {
    let mut out = Vec::new();
    tonl::write::document(text, &WriteOptions::default(), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// An array in which elements are short, long, longer than a window, and cut by its end.
fn long_array() -> Vec<u8> {
    let mut text = b"\xEF\xBB\xBF [ ".to_vec();
    for number in 0..3_000_u32 {
        let len = match number {
            1_500 => 700_000,
            _ if number % 97 == 0 => 9_000,
            _ => 150 + number as usize % 31,
        };
        let separator = if number == 0 { "" } else { " ,\n" };
        let pad = "äx, ".repeat(len / 5);
        let record = format!("{separator}{{\"id\": {number},\"pad\":\"{pad}\",\"n\":[{number}]}}");
        text.extend_from_slice(record.as_bytes());
    }
    text.extend_from_slice(b" ]\n");
    text
}

#[test]
fn an_array_read_through_a_window_is_written_like_one_in_memory() {
    let text = long_array();
    let converted = run(Format::Json, Format::Tonl, &text).unwrap();
    assert!(converted == document(&text), "the texts differ");
    assert!(converted.starts_with("data[3000]{"));
}

#[test]
fn an_array_of_numbers_is_not_cut_inside_one() {
    let numbers: Vec<String> = (0..200_000_u64).map(|n| (n * 7_919).to_string()).collect();
    let text = format!("[{}]", numbers.join(","));
    let converted = run(Format::Json, Format::Tonl, text.as_bytes()).unwrap();
    assert!(converted == format!("data: {text}\n"));
}

#[test]
fn ndjson_and_an_array_of_its_lines_are_the_same_document() {
    let lines = "{\"a\":1}\r\n\n  {\"a\":2,\"b\":[1]}\n{\"a\":null}";
    let array = "[{\"a\":1},{\"a\":2,\"b\":[1]},{\"a\":null}]";
    let converted = run(Format::Ndjson, Format::Tonl, lines.as_bytes()).unwrap();
    assert_eq!(
        converted,
        run(Format::Json, Format::Tonl, array.as_bytes()).unwrap()
    );
}

#[test]
fn every_format_comes_back_through_tonl() {
    let text = br#"[{"id":1,"s":"a, b","t":"007"},{"id":2,"s":"","t":"x"}]"#;
    for format in [Format::Json, Format::Ndjson, Format::Yaml] {
        let there = run(Format::Json, format, text).unwrap();
        let tonl = run(format, Format::Tonl, there.as_bytes()).unwrap();
        assert_eq!(tonl, document(text), "{format}");
        let back = run(Format::Tonl, Format::Json, tonl.as_bytes()).unwrap();
        assert_eq!(back.trim_end().as_bytes(), text, "{format}");
    }
}

#[test]
fn a_verified_conversion_passes_for_every_profile() {
    let text = br#"[{"id":1,"o":{"k":"v w"}},{"id":1e400,"o":{}},5,[],{"o":1}]"#;
    for profile in [Profile::Compact, Profile::Flat, Profile::Classic] {
        let mut job = Job::new(Format::Json, Format::Tonl);
        job.write.profile = profile;
        job.verify = Verify::Compare;
        run_job(&job, text).unwrap();
    }
}

#[test]
fn verification_names_the_first_element_that_was_lost() {
    let mut job = Job::new(Format::Json, Format::Csv);
    job.verify = Verify::Compare;
    let error = run_job(&job, br#"[{"a":"1"},{"a":null},{"a":"x"}]"#).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Different);
    assert!(error.to_string().contains("element 2"), "{error}");
}

#[test]
fn faults_of_arrays_are_found_with_line_and_column() {
    for (text, code, line, column) in [
        ("[1,\n2,]", Code::JsonSyntax, 2, 3),
        ("[1 2]", Code::JsonSyntax, 1, 4),
        ("[1]\n]", Code::TrailingContent, 2, 1),
        ("[", Code::Truncated, 1, 2),
        ("[{\"a\":1,\"ä\":\"x", Code::UnterminatedQuote, 1, 15),
        ("[{\"a\":1,\n\"a\":2}]", Code::DuplicateKey, 2, 2),
        ("[1,", Code::Truncated, 1, 4),
        ("", Code::Truncated, 1, 1),
        ("{\"a\":tru}", Code::JsonSyntax, 1, 9),
    ] {
        for to in [Format::Tonl, Format::Json] {
            let error = run(Format::Json, to, text.as_bytes()).unwrap_err();
            let content = error.content().unwrap();
            assert_eq!(content.code(), code, "{text:?} {error}");
            let position = content.position().unwrap();
            assert_eq!(
                (position.line, position.column),
                (line, column),
                "{text:?} {error}"
            );
        }
    }
}

#[test]
fn the_fault_after_a_long_array_has_its_own_place() {
    let mut text = long_array();
    text.truncate(text.len() - 3);
    text.extend_from_slice(b", \"\xC3\xA4\" \"");
    let error = run(Format::Json, Format::Tonl, &text).unwrap_err();
    let position = error.content().unwrap().position().unwrap();
    let before = std::str::from_utf8(&text[..text.len() - 1]).unwrap();
    let last = before.rsplit('\n').next().unwrap();
    assert_eq!(position.line, 1 + before.matches('\n').count() as u64);
    assert_eq!(position.column, 1 + last.chars().count() as u64);
}

fn stream_text(text: &[u8], job: &StreamJob) -> (Result<Report>, String) {
    let mut out = Vec::new();
    let report = stream(Box::new(std::io::Cursor::new(text.to_vec())), &mut out, job);
    (report, String::from_utf8(out).unwrap())
}

#[test]
fn invalid_lines_are_skipped_and_counted_or_end_the_stream() {
    let text =
        b"{\"a\":1}\n{\"a\":\n\n{\"a\":2,\"a\":3}\n{\"a\":\"\xFF\"}\n{\"a\":2} x\n{\"a\":4}\n";
    let (report, out) = stream_text(text, &StreamJob::default());
    let report = report.unwrap();
    assert_eq!(out, "data[]{a:i64}:\n 1\n 4\n");
    assert_eq!((report.records, report.skipped.count), (Some(2), 4));
    assert_eq!(report.skipped.first_lines, [2, 4, 5, 6]);
    let job = StreamJob {
        invalid: Invalid::Fail,
        ..StreamJob::default()
    };
    let (report, out) = stream_text(text, &job);
    let error = report.unwrap_err();
    assert_eq!(
        error.content().unwrap().position().map(|at| at.line),
        Some(2),
        "{error}"
    );
    assert_eq!(out, "data[]{a:i64}:\n 1\n");
}

#[test]
fn a_line_over_the_limit_is_passed_over_without_being_kept() {
    let long = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20));
    let text = format!("{{\"a\":\"y\"}}\n{long}\n{{\"a\":\"z\"}}\n");
    let job = StreamJob {
        max_line: 1_000,
        ..StreamJob::default()
    };
    let (report, out) = stream_text(text.as_bytes(), &job);
    assert_eq!(report.unwrap().skipped.first_lines, [2]);
    assert_eq!(out, "data[]{a:str}:\n y\n z\n");
    let job = StreamJob {
        invalid: Invalid::Fail,
        ..job
    };
    let error = stream_text(text.as_bytes(), &job).0.unwrap_err();
    assert_eq!(error.content().unwrap().code(), Code::LineLimit);
}

#[test]
fn an_empty_stream_is_an_empty_array() {
    for text in ["", "\n", "\u{FEFF}", " \r\n\n"] {
        let (report, out) = stream_text(text.as_bytes(), &StreamJob::default());
        assert_eq!(report.unwrap().records, Some(0));
        assert_eq!(out, "data[]{}:\n");
        assert_eq!(
            run(Format::Tonl, Format::Json, out.as_bytes()).unwrap(),
            "[]\n"
        );
    }
}

/// Gives each part when it is asked for, and then waits until it is told to go on.
struct Parts(std::sync::mpsc::Receiver<Vec<u8>>);

impl Read for Parts {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let Ok(part) = self.0.recv() else {
            return Ok(0);
        };
        buffer[..part.len()].copy_from_slice(&part);
        Ok(part.len())
    }
}

struct Told(std::sync::mpsc::Sender<Vec<u8>>);

impl Write for Told {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.send(bytes.to_vec()).unwrap();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_live_stream_writes_each_record_before_the_next_comes() {
    let (send, parts) = std::sync::mpsc::channel();
    let (told, written) = std::sync::mpsc::channel();
    let worker = std::thread::spawn(move || {
        let job = StreamJob {
            arrival: Arrival::Live,
            ..StreamJob::default()
        };
        stream(Box::new(Parts(parts)), &mut Told(told), &job).unwrap()
    });
    for (record, row) in [
        ("{\"a\":1}\n", "data[]{a:i64}:\n 1\n"),
        ("{\"a\":2}\n", " 2\n"),
    ] {
        send.send(record.as_bytes().to_vec()).unwrap();
        let mut out = Vec::new();
        while out.len() < row.len() {
            out.extend(
                written
                    .recv_timeout(std::time::Duration::from_secs(20))
                    .unwrap(),
            );
        }
        assert_eq!(String::from_utf8(out).unwrap(), row);
    }
    drop(send);
    assert_eq!(worker.join().unwrap().records, Some(2));
}

#[test]
fn a_stream_is_the_same_however_its_bytes_come() {
    let text: String = (0..2_000)
        .map(|n| match n % 50 {
            49 => format!("{{\"b\":\"é{n}\",\"a\":{n}}}\n"),
            _ => format!("{{\"a\":{n},\"b\":\"x,{n}\"}}\n"),
        })
        .collect();
    let whole = stream_text(text.as_bytes(), &StreamJob::default()).1;
    let (send, parts) = std::sync::mpsc::channel();
    for part in text.as_bytes().chunks(613) {
        send.send(part.to_vec()).unwrap();
    }
    drop(send);
    let mut out = Vec::new();
    let job = StreamJob {
        arrival: Arrival::Live,
        ..StreamJob::default()
    };
    stream(Box::new(Parts(parts)), &mut out, &job).unwrap();
    assert!(whole.as_bytes() == out);
}

#[test]
fn rows_before_a_fault_are_written_even_among_the_first_records() {
    let job = StreamJob {
        invalid: Invalid::Fail,
        ..StreamJob::default()
    };
    let mut out = Vec::new();
    let text = &b"{\"a\":1}\n{\"a\":2}\nbroken\n{\"a\":3}\n"[..];
    let error = stream(Box::new(text), &mut out, &job).unwrap_err();
    let place = error.content().unwrap().position().unwrap();
    assert_eq!((place.line, place.column), (3, 1));
    assert_eq!(String::from_utf8(out).unwrap(), "data[]{a:i64}:\n 1\n 2\n");
}

#[test]
fn rows_before_a_cut_in_a_compressed_stream_are_written() {
    let text = "{\"a\":1}\n".repeat(10);
    let mut writer = crate::Compression::Gzip.writer(Vec::new()).unwrap();
    writer.write_all(text.as_bytes()).unwrap();
    let mut bytes = writer.finish().unwrap();
    bytes.truncate(bytes.len() - 4);
    let reader = Input::from_bytes("a.gz", bytes).open().unwrap();
    let mut out = Vec::new();
    let error = stream(reader, &mut out, &StreamJob::default()).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Damaged);
    assert!(out.starts_with(b"data[]{a:i64}:\n 1\n"), "{out:?}");
}

#[test]
fn a_pipe_of_utf_16_is_refused_and_nul_bytes_are_an_invalid_line() {
    let utf16: Vec<u8> = "\u{feff}{\"a\":1}\n{\"a\":2}\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for text in [utf16.clone(), utf16.get(2..).unwrap().to_vec()] {
        let error = stream(
            Box::new(std::io::Cursor::new(text)),
            &mut Vec::new(),
            &StreamJob::default(),
        )
        .unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Encoding);
    }
    let (report, out) = stream_text(b"\0\0\0\0{\"a\":1}\n{\"a\":2}\n", &StreamJob::default());
    assert_eq!(report.unwrap().skipped.first_lines, [1]);
    assert_eq!(out, "data[]{a:i64}:\n 2\n");
    // What is behind the first line may not have come yet, and must not count.
    let (report, _) = stream_text(b"{\0\n\0{\"a\":1}\n{\"a\":2}\n", &StreamJob::default());
    assert_eq!(report.unwrap().skipped.first_lines, [1, 2]);
    // The beginning of a line that is too long may be gone, and must not count either.
    let job = StreamJob {
        max_line: 10,
        ..StreamJob::default()
    };
    let (report, _) = stream_text(b"{\0\0\0\0\0\0\0\0\0\0}\n{\"a\":2}\n", &job);
    assert_eq!(report.unwrap().skipped.first_lines, [1]);
}

#[test]
fn lines_at_the_limit_are_the_same_however_their_bytes_come() {
    /// Gives one byte at a time.
    struct Drops<'t>(&'t [u8]);
    impl Read for Drops<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            self.0.read(buffer.get_mut(..1).unwrap_or_default())
        }
    }
    let job = StreamJob {
        max_line: 7,
        ..StreamJob::default()
    };
    for (text, skipped) in [
        (&b"{\"a\":1}\r\n{\"a\":2}\n"[..], &[][..]),
        (b"{\"a\":1}\r", &[]),
        (b"{\"a\":10}\r\n{\"a\":2}\n", &[1]),
        (b"        \n{\"a\":2}\n", &[1]),
        (b"       \n{\"a\":2}\n", &[]),
    ] {
        let (whole, rows) = stream_text(text, &job);
        let mut out = Vec::new();
        let drops = stream(Box::new(Drops(text)), &mut out, &job).unwrap();
        let skips = whole.unwrap().skipped;
        assert_eq!(skips.first_lines, skipped, "{text:?}");
        assert_eq!(drops.skipped.first_lines, skipped, "{text:?}");
        assert_eq!(rows.as_bytes(), out, "{text:?}");
    }
}

#[test]
fn a_limit_on_lines_holds_for_json_and_the_default_is_none() {
    let text = format!("[1,\n2,\n\"{}\",\n3]\r\n", "x".repeat(600_000));
    let input = Input::from_bytes("a.json", text.into_bytes());
    for to in [Format::Tonl, Format::Json] {
        let mut job = Job::new(Format::Json, to);
        convert(&input, &mut Vec::new(), &job).unwrap();
        job.read.tonl.limits.line_bytes = 600_003;
        convert(&input, &mut Vec::new(), &job).unwrap();
        job.read.tonl.limits.line_bytes = 600_002;
        let error = convert(&input, &mut Vec::new(), &job).unwrap_err();
        let fault = error.content().unwrap();
        assert_eq!(fault.code(), Code::LineLimit);
        assert_eq!(
            fault.position().map(|at| (at.line, at.column)),
            Some((3, 1))
        );
    }
}
