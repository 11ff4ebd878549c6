//! A stream whose bytes are pushed is the stream whose bytes are pulled.

use crate::policies::hiding_email;
use std::fmt::Write as _;
use tonl::write::EndLine;
use tonl::{Code, Profile};
use tonl_convert::{ErrorKind, Invalid, PushStream, Report, Result, StreamJob, Verify, stream};
use tonl_testkit::Random;

/// What came of a stream: its text, and its report or its error as text.
type Outcome = (String, String);

fn outcome(out: Vec<u8>, ended: Result<Report>) -> Outcome {
    let told = match ended {
        Ok(report) => format!("{report:?}"),
        Err(error) => format!("{error} {:?} {:?}", error.kind(), error.hint()),
    };
    (String::from_utf8(out).unwrap(), told)
}

/// Pulled, and without records no text: the only thing that differs.
fn pulled(text: &[u8], job: &StreamJob) -> Outcome {
    let mut out = Vec::new();
    let mut ended = stream(Box::new(std::io::Cursor::new(text.to_vec())), &mut out, job);
    if let Ok(report) = &mut ended
        && report.records == Some(0)
        && job.end == EndLine::None
    {
        assert_eq!(out, b"data[]{}:\n");
        out.clear();
        report.bytes_out = 0;
    }
    outcome(out, ended)
}

fn pushed(text: &[u8], job: &StreamJob, mut size: impl FnMut() -> usize) -> Outcome {
    let mut out = Vec::new();
    let ended = push_all(text, job, &mut size, &mut out);
    outcome(out, ended)
}

fn push_all(
    text: &[u8],
    job: &StreamJob,
    size: &mut dyn FnMut() -> usize,
    out: &mut Vec<u8>,
) -> Result<Report> {
    let mut stream = PushStream::new(job.clone());
    let mut rest = text;
    let mut part = Vec::new();
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(size().clamp(1, rest.len()));
        // The caller empties its buffer after each piece.
        let taken = stream.push(piece, &mut part);
        out.append(&mut part);
        taken?;
        assert!(stream.held() <= job.max_line.saturating_add(2));
        rest = behind;
    }
    stream.finish(out)
}

/// Lines of all kinds that a stream meets.
const LINES: [&[u8]; 20] = [
    b"{\"a\":1,\"b\":\"x\"}\n",
    b"{\"a\":2,\"b\":\"y,z\"}\r\n",
    b"{\"a\":3}\n",
    b"{\"b\":\"\xC3\xA4\xF0\x9F\x98\x80\"}\n",
    b"{\"email\":\"ada@example.com\",\"a\":4}\n",
    b"{\"c\":{\"d\":[1,{\"e\":null}]}}\n",
    b"[1,2]\n",
    b"\"text\"\n",
    b"\n",
    b"  \t \r\n",
    b"{\"a\":\n",
    b"{\"a\":1,\"a\":2}\n",
    b"{\"a\":1} x\n",
    b"{\"b\":\"\xFF\"}\n",
    b"\xEF\xBB\xBF{\"a\":5}\n",
    b"{\"a\":\"a line of more than forty bytes is one too long\"}\n",
    b"{\"a\":\"thirty-nine and a carriage ret\"}\r\n",
    b"\0\0\n",
    b"                                              \n",
    b"{\"a\":6,\"b\":\"without an end\"}",
];

/// What may stand at the beginning.
const MARKS: [&[u8]; 4] = [b"\xEF\xBB\xBF", b"\xEF\xBB", b"\xEF", b"\xFF\xFE"];

fn some_lines(random: &mut Random) -> Vec<u8> {
    let mut text = Vec::new();
    if random.chance(30) {
        text.extend_from_slice(MARKS[random.below(MARKS.len())]);
    }
    let usual = random.chance(50);
    for _ in 0..random.below(150) {
        let kinds = if usual && random.chance(90) {
            3
        } else {
            LINES.len()
        };
        text.extend_from_slice(LINES[random.below(kinds)]);
    }
    text
}

/// Every setting that changes what a stream does.
fn jobs() -> Vec<StreamJob> {
    let job = |change: &dyn Fn(&mut StreamJob)| {
        let mut job = StreamJob::default();
        change(&mut job);
        job
    };
    vec![
        StreamJob::default(),
        job(&|job| job.max_line = 40),
        job(&|job| job.max_line = 0),
        job(&|job| job.max_line = usize::MAX),
        job(&|job| job.invalid = Invalid::Fail),
        job(&|job| {
            job.invalid = Invalid::Fail;
            job.max_line = 40;
        }),
        job(&|job| job.write.limits.rows = 20),
        job(&|job| job.write.profile = Profile::Classic),
        job(&|job| job.end = EndLine::Count),
        job(&|job| job.verify = Verify::Compare),
        job(&|job| job.privacy = Some(hiding_email())),
        job(&|job| {
            job.privacy = Some(hiding_email());
            job.invalid = Invalid::Fail;
        }),
    ]
}

// S36, S37: lines in any cut, invalid ones skipped or refused with their number.
#[test]
fn any_cut_gives_the_rows_the_report_and_the_fault_of_a_pulled_stream() {
    for seed in 0..150 {
        let mut random = Random::new(seed);
        let text = some_lines(&mut random);
        for (at, job) in jobs().iter().enumerate() {
            let expected = pulled(&text, job);
            let case = format!("seed {seed}, job {at}");
            assert_eq!(pushed(&text, job, || usize::MAX), expected, "{case}, whole");
            assert_eq!(pushed(&text, job, || 1), expected, "{case}, bytes");
            let size = || 1 + random.below(60);
            assert_eq!(pushed(&text, job, size), expected, "{case}, pieces");
        }
    }
}

#[test]
fn every_single_cut_of_a_short_text_gives_the_same() {
    let text = b"\xEF\xBB\xBF{\"a\":1}\r\n\r\nx\n{\"a\":\"\xC3\xA4 and so on until it is too long\"}\n{\"a\":2}";
    for job in jobs() {
        let expected = pulled(text, &job);
        for cut in 0..=text.len() {
            let mut sizes = [cut, usize::MAX].into_iter().filter(|size| *size > 0);
            let size = || sizes.next().unwrap_or(usize::MAX);
            assert_eq!(pushed(text, &job, size), expected, "cut at {cut}");
        }
    }
}

#[test]
fn a_byte_order_mark_counts_at_the_beginning_alone_however_the_bytes_come() {
    let text = b"1\n\xEF\xBB\xBF2\n3\n";
    let expected = pulled(text, &StreamJob::default());
    assert!(expected.1.contains("first_lines: [2]"), "{expected:?}");
    assert_eq!(pushed(text, &StreamJob::default(), || 2), expected);
}

#[test]
fn text_in_utf_16_is_refused_however_its_bytes_come() {
    let text: Vec<u8> = "{\"a\":1}\n{\"a\":2}\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for size in [1, 2, 7, usize::MAX] {
        let mut out = Vec::new();
        let job = StreamJob::default();
        let error = push_all(&text, &job, &mut || size, &mut out).unwrap_err();
        assert_eq!((error.kind(), out.len()), (ErrorKind::Encoding, 0));
    }
}

// S36: a line over the limit is an invalid line, and costs no memory.
#[test]
fn a_line_of_sixty_mebibytes_is_passed_over_without_being_held() {
    let mut stream = PushStream::new(StreamJob::default());
    let mut out = Vec::new();
    stream.push(b"{\"a\":1}\n{\"a\":\"", &mut out).unwrap();
    let piece = vec![b'x'; 64 << 10];
    let mut most = 0;
    for _ in 0..960 {
        stream.push(&piece, &mut out).unwrap();
        most = most.max(stream.held());
    }
    assert!(most <= StreamJob::MAX_LINE, "{most}");
    assert_eq!((stream.held(), stream.skipped().count), (0, 1));
    stream.push(b"\"}\n{\"a\":2}\n", &mut out).unwrap();
    let report = stream.finish(&mut out).unwrap();
    assert_eq!(report.skipped.first_lines, [2]);
    assert_eq!(out, b"data[]{a:i64}:\n 1\n 2\n");
}

#[test]
fn a_pause_writes_the_first_rows_and_leaves_the_unfinished_line() {
    let mut stream = PushStream::new(StreamJob::default());
    let mut out = Vec::new();
    stream.pause(&mut out);
    stream.push(b"{\"a\":1}\n{\"a\":", &mut out).unwrap();
    assert_eq!((out.len(), stream.records(), stream.held()), (0, 1, 5));
    stream.pause(&mut out);
    assert_eq!(out, b"data[]{a:i64}:\n 1\n");
    stream.push(b"2}\n", &mut out).unwrap();
    assert_eq!(out, b"data[]{a:i64}:\n 1\n 2\n");
    let report = stream.finish(&mut out).unwrap();
    assert_eq!(
        (report.records, report.bytes_out),
        (Some(2), out.len() as u64)
    );
}

// S35: no record is no text.
#[test]
fn without_records_there_is_no_text_unless_rows_are_counted() {
    for text in ["", "\n", "\u{FEFF}", " \r\n\n", "broken\n"] {
        let mut job = StreamJob::default();
        let mut out = Vec::new();
        let report = push_all(text.as_bytes(), &job, &mut || 1, &mut out).unwrap();
        assert_eq!((report.records, report.bytes_out), (Some(0), 0));
        assert_eq!(out, b"", "{text:?}");
        job.end = EndLine::Count;
        push_all(text.as_bytes(), &job, &mut || 1, &mut out).unwrap();
        assert_eq!(out, b"data[]{}:\n#end 0\n", "{text:?}");
    }
}

#[test]
fn behind_a_fault_every_call_fails_and_nothing_is_written() {
    let mut job = StreamJob::default();
    job.invalid = Invalid::Fail;
    let mut stream = PushStream::new(job);
    let mut out = Vec::new();
    let error = stream
        .push(b"{\"a\":1}\nbroken\n{\"a\":2}\n", &mut out)
        .unwrap_err();
    let fault = error.content().unwrap();
    assert_eq!(
        fault.position().map(|at| (at.line, at.column)),
        Some((2, 1))
    );
    assert_eq!(out, b"data[]{a:i64}:\n 1\n");
    let len = out.len();
    assert!(stream.push(b"{\"a\":3}\n", &mut out).is_err());
    stream.pause(&mut out);
    assert!(stream.finish(&mut out).is_err());
    assert_eq!(out.len(), len);
}

#[test]
fn a_line_that_is_too_long_ends_a_strict_stream_before_its_end_has_come() {
    let mut job = StreamJob::default();
    job.invalid = Invalid::Fail;
    job.max_line = 10;
    let mut stream = PushStream::new(job);
    let error = stream
        .push(b"1\n\"0123456789", &mut Vec::new())
        .unwrap_err();
    let fault = error.content().unwrap();
    assert_eq!(fault.code(), Code::LineLimit);
    assert_eq!(fault.position().map(|at| at.line), Some(2));
}

#[test]
fn a_policy_hides_in_any_cut_and_its_errors_quote_nothing() {
    let text = b"{\"email\":\"ada@example.com\",\"n\":1}\n{\"email\":\"leak\"x}\n";
    let mut job = StreamJob::default();
    job.privacy = Some(hiding_email());
    job.invalid = Invalid::Fail;
    for size in [1, 5, usize::MAX] {
        let (out, told) = pushed(text, &job, || size);
        assert!(out.contains("[REDACTED]") && !out.contains("ada"), "{out}");
        assert!(
            told.contains("line 2") && !told.contains("leak") && !told.contains("'x'"),
            "{told}"
        );
    }
}

#[test]
fn a_piece_gives_a_small_multiple_of_its_bytes_whatever_the_columns() {
    let members: Vec<String> = (0..4_000).map(|n| format!("\"a{n}\":{n}")).collect();
    let mut text = format!("{{{}}}\n", members.join(",")).repeat(2);
    for number in 0..60_000 {
        // Changing keys, so that no segment is opened for them.
        writeln!(text, "{{\"a{}\":1}}", number % 7 * 500).unwrap();
    }
    let mut stream = PushStream::new(StreamJob::default());
    for piece in text.as_bytes().chunks(64 << 10) {
        let mut out = Vec::new();
        stream.push(piece, &mut out).unwrap();
        assert!(out.len() < 8 * (64 << 10), "{} bytes", out.len());
    }
    assert_eq!(stream.records(), 60_002);
}

#[test]
fn a_stream_may_move_between_threads() {
    fn moves<T: Send + 'static>(_: &T) {}
    moves(&PushStream::new(StreamJob::default()));
}
