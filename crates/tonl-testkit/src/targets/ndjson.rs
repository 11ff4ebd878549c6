//! Lines of JSON into a stream: however the bytes come, the rows are the same.

use crate::Random;
use std::io::{self, Read};
use tonl_convert::{JsonStream, PushStream, Report, Result, StreamJob};

/// The stream of the bytes in pieces is the stream of the bytes at once, whether they are pulled or
/// pushed, lines that are too long or not valid included.
///
/// # Panics
/// If it is not.
pub(super) fn pieces_make_no_difference(data: &[u8]) {
    let mut job = StreamJob::default();
    for max_line in [StreamJob::MAX_LINE, 40] {
        job.max_line = max_line;
        let whole = run(Pieces::new(data, false), &job);
        let pieces = run(Pieces::new(data, true), &job);
        assert_eq!(whole, pieces, "the rows, the counts or the fault");
        // Without records a pushed stream has no text, a pulled one a header.
        let expected = match whole {
            (rows, ended) if rows == "data[]{}:\n" => (String::new(), ended),
            other => other,
        };
        let mut random = Random::new(data.len() as u64);
        for most in [1, 9, data.len()] {
            let pushed = push(data, &job, || 1 + random.below(most.max(1)));
            assert_eq!(expected, pushed, "what a pushed stream gives");
        }
    }
}

/// Any bytes as a document: what is taken is as many records as there are values, and is one text
/// however it is cut; an array that JSON takes is taken, and gives its elements.
///
/// # Panics
/// If that is not so.
pub(super) fn documents_are_streams_of_their_records(data: &[u8]) {
    let parsed = tonl::json::parse_value(data, &tonl::Limits::default());
    let Ok(mut stream) = JsonStream::open(data, StreamJob::default()) else {
        assert!(
            !matches!(parsed, Ok(tonl::Value::Array(_))),
            "an array is refused"
        );
        return;
    };
    let mut out = Vec::new();
    while stream.advance(&mut out).is_ok_and(|more| more) {}
    let report = match stream.finish(&mut out) {
        Ok(report) => report,
        Err(error) => panic!("a document that was checked fails: {error}"),
    };
    let read = crate::codec::read(&out, &tonl::ReadOptions::default());
    let records = match (read, parsed) {
        (Ok(tonl::Value::Array(records)), Ok(tonl::Value::Array(expected))) => {
            assert!(records == expected, "other records than the elements");
            records
        }
        (Ok(tonl::Value::Array(records)), Ok(value)) => {
            assert!(records == [value], "another record than the root");
            records
        }
        (Ok(tonl::Value::Array(records)), Err(_)) => records,
        (other, _) => panic!("the rows read as {other:?}"),
    };
    assert_eq!(report.records, Some(records.len() as u64), "the count");
}

/// As [`run`], for a stream whose bytes are pushed in pieces of these sizes.
fn push(data: &[u8], job: &StreamJob, size: impl FnMut() -> usize) -> (String, String) {
    let mut out = Vec::new();
    let ended = told(push_all(data, job, size, &mut out));
    (String::from_utf8_lossy(&out).into_owned(), ended)
}

fn push_all(
    data: &[u8],
    job: &StreamJob,
    mut size: impl FnMut() -> usize,
    out: &mut Vec<u8>,
) -> Result<Report> {
    let mut stream = PushStream::new(job.clone());
    let mut rest = data;
    while !rest.is_empty() {
        let (piece, behind) = rest.split_at(size().min(rest.len()));
        stream.push(piece, out)?;
        assert!(stream.held() <= job.max_line + 1, "too much is held");
        rest = behind;
    }
    stream.finish(out)
}

fn told(ended: Result<Report>) -> String {
    match ended {
        Ok(report) => format!("{:?} {:?}", report.records, report.skipped),
        Err(error) => error.to_string(),
    }
}

/// The rows, and the number of records with the lines that were skipped or the fault that ended all.
fn run(input: Pieces, job: &StreamJob) -> (String, String) {
    let mut out = Vec::new();
    let ended = told(tonl_convert::stream(Box::new(input), &mut out, job));
    (String::from_utf8_lossy(&out).into_owned(), ended)
}

/// Gives its bytes at once or in pieces of random sizes.
struct Pieces {
    bytes: Vec<u8>,
    at: usize,
    random: Option<Random>,
}

impl Pieces {
    fn new(bytes: &[u8], in_pieces: bool) -> Self {
        Self {
            bytes: bytes.to_vec(),
            at: 0,
            random: in_pieces.then(|| Random::new(bytes.len() as u64)),
        }
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = match &mut self.random {
            Some(random) => 1 + random.below(9),
            None => buffer.len(),
        };
        let mut rest = self
            .bytes
            .get(self.at..)
            .unwrap_or_default()
            .take(size as u64);
        let read = rest.read(buffer)?;
        self.at += read;
        Ok(read)
    }
}
