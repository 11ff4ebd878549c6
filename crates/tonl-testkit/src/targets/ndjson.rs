//! Lines of JSON into a stream: however the bytes come, the rows are the same.

use crate::Random;
use std::io::{self, Read};
use tonl_convert::StreamJob;

/// The stream of the bytes in pieces is the stream of the bytes at once, lines that are too long
/// or not valid included.
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
    }
}

/// The rows, and the number of records with the lines that were skipped or the fault that ended all.
fn run(input: Pieces, job: &StreamJob) -> (String, String) {
    let mut out = Vec::new();
    let ended = match tonl_convert::stream(Box::new(input), &mut out, job) {
        Ok(report) => format!("{:?} {:?}", report.records, report.skipped),
        Err(error) => error.to_string(),
    };
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
