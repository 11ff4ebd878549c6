//! A conversion in pieces: bytes of the body in, rows out, never more of either in memory than a
//! piece and what the columns need. Who reads the answer slowly slows down the reading of the body.
//!
//! What is held while the client is waited for comes out of the client's share of the budget. When
//! that is used up the conversion ends: nobody gets more by waiting with more.

use super::counts::Counts;
use super::failure::Failure;
use super::hold::{Hold, Part};
use crate::pool::Pool;
use axum::body::Body;
use bytes::Bytes;
use futures_util::poll;
use http_body_util::BodyExt;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::time::Instant;
use tonl_convert::{JsonStream, PushStream, Report, StreamJob};
use tonl_layers::body::{BodyError, Collected, Share};

/// From so many bytes on, work is given to the pool: about a millisecond of it.
const HEAVY: usize = 512 << 10;

/// An unfinished line of more bytes than this has to end in time.
const LARGE_LINE: usize = 64 << 10;

/// What the conversions of one request have in common.
#[derive(Clone, Debug)]
pub(super) struct Bench {
    pub(super) pool: Pool,
    pub(super) share: Share,
    pub(super) hold: Hold,
    pub(super) counts: Arc<Counts>,
    /// How long a large line, or a document, may be waited for in all.
    pub(super) within: Duration,
}

/// A conversion.
#[derive(Debug)]
pub(crate) enum Work {
    /// NDJSON, row by row as it comes.
    Lines(Box<Lines>),
    /// A JSON document, which was read as a whole.
    Document(Box<Document>),
}

impl Work {
    /// The next rows; `None` at the end.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        match self {
            Self::Lines(lines) => lines.next().await,
            Self::Document(document) => document.next().await,
        }
    }

    /// What was done, at the end.
    pub(crate) fn report(&self) -> Option<&Report> {
        match self {
            Self::Lines(lines) => lines.report.as_ref(),
            Self::Document(document) => document.report.as_ref(),
        }
    }
}

/// So many bytes are taken at once after bytes that gave no rows: many connections may send what
/// unpacks to lines without rows, and others want the thread too.
const TURN: usize = 16 << 10;

/// NDJSON on its way.
#[derive(Debug)]
pub(crate) struct Lines {
    body: Body,
    /// What came and waits for its turn.
    rest: Bytes,
    /// Whether what was taken last gave no rows.
    is_barren: bool,
    stream: Option<Box<PushStream>>,
    bench: Bench,
    /// What the stream holds.
    held: Part,
    /// How long the client was waited for since the unfinished line became large.
    waited: Duration,
    report: Option<Report>,
}

impl Lines {
    pub(super) fn new(body: Body, job: StreamJob, bench: Bench) -> Self {
        Self {
            body,
            rest: Bytes::new(),
            is_barren: false,
            stream: Some(Box::new(PushStream::new(job))),
            held: bench.hold.part(),
            bench,
            waited: Duration::ZERO,
            report: None,
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let mut out = Vec::new();
        while let Some(mut stream) = self.stream.take() {
            let Some(mut piece) = self.piece(&mut stream, &mut out).await? else {
                self.report = Some(stream.finish(&mut out).map_err(content)?);
                break;
            };
            if self.is_barren && piece.len() > TURN {
                self.rest = piece.split_off(TURN);
            }
            let before = self.bench.counts.get();
            stream = push(&self.bench, stream, piece, &mut out).await?;
            if stream.held() <= LARGE_LINE || self.bench.counts.get() != before {
                self.waited = Duration::ZERO;
            }
            self.held.set(stream.memory())?;
            self.stream = Some(stream);
            self.is_barren = out.is_empty();
            if !out.is_empty() {
                break;
            }
            tokio::task::yield_now().await;
        }
        if out.is_empty() {
            return Ok(None);
        }
        self.bench.hold.rows(out).map(Some)
    }

    /// The next piece of the body; `None` at its end. If it makes wait, the rows that are held back
    /// are put into `out` first, and an empty piece is given so that they leave.
    async fn piece(
        &mut self,
        stream: &mut PushStream,
        out: &mut Vec<u8>,
    ) -> Result<Option<Bytes>, Failure> {
        if !self.rest.is_empty() {
            let turn = self.rest.len().min(TURN);
            return Ok(Some(self.rest.split_to(turn)));
        }
        loop {
            let frame = {
                let mut frame = pin!(self.body.frame());
                match poll!(frame.as_mut()) {
                    Poll::Ready(frame) => frame,
                    Poll::Pending => {
                        stream.pause(out);
                        if !out.is_empty() {
                            return Ok(Some(Bytes::new()));
                        }
                        if stream.held() <= LARGE_LINE {
                            frame.await
                        } else {
                            in_time(frame, &mut self.waited, self.bench.within).await?
                        }
                    }
                }
            };
            match frame {
                None => return Ok(None),
                // Trailers say nothing about rows.
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Ok(Some(data));
                    }
                }
                Some(Err(error)) => return Err(body(&error)),
            }
        }
    }
}

/// Waits for what must come before so much waiting is used up.
async fn in_time<T>(
    coming: impl Future<Output = T>,
    waited: &mut Duration,
    within: Duration,
) -> Result<T, Failure> {
    let since = Instant::now();
    let left = within.saturating_sub(*waited);
    let came = tokio::time::timeout(left, coming).await;
    *waited = waited.saturating_add(since.elapsed());
    came.map_err(|_| Failure::Body(BodyError::Late { within }))
}

/// Takes a piece, on the pool if a long line makes it heavy. What was taken is counted also if a
/// later line of the piece fails.
async fn push(
    bench: &Bench,
    mut stream: Box<PushStream>,
    piece: Bytes,
    out: &mut Vec<u8>,
) -> Result<Box<PushStream>, Failure> {
    let pushed = if stream.held() + piece.len() < HEAVY {
        // Rows are shorter than their records as a rule: one allocation instead of many that grow.
        out.reserve(piece.len());
        stream.push(&piece, out)
    } else {
        let mut rows = std::mem::take(out);
        let work = move || {
            let pushed = stream.push(&piece, &mut rows);
            (stream, rows, pushed)
        };
        let done = bench.pool.run(work).await.map_err(Failure::Work)?;
        (stream, *out) = (done.0, done.1);
        done.2
    };
    let counts = (stream.records(), stream.skipped().count);
    bench.counts.set(counts);
    pushed.map_err(content)?;
    Ok(stream)
}

/// A JSON document that is checked and becomes rows.
#[derive(Debug)]
pub(crate) struct Document {
    stream: Option<JsonStream<Collected>>,
    is_heavy: bool,
    bench: Bench,
    report: Option<Report>,
}

impl Document {
    /// Checks the whole text before the first row.
    pub(super) async fn open(
        text: Collected,
        job: StreamJob,
        bench: Bench,
    ) -> Result<Self, Failure> {
        let is_heavy = text.as_ref().len() >= HEAVY;
        let stream = if is_heavy {
            let opened = bench.pool.run(move || JsonStream::open(text, job)).await;
            opened.map_err(Failure::Work)?
        } else {
            JsonStream::open(text, job)
        };
        Ok(Self {
            stream: Some(stream.map_err(content)?),
            is_heavy,
            bench,
            report: None,
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let Some(stream) = self.stream.take() else {
            return Ok(None);
        };
        let work = move || advance(stream);
        let advanced = if self.is_heavy {
            self.bench.pool.run(work).await.map_err(Failure::Work)?
        } else {
            work()
        };
        let (rows, next) = advanced.map_err(content)?;
        match next {
            Next::More(stream) => {
                self.bench.counts.set((stream.records(), 0));
                self.stream = Some(*stream);
            }
            Next::End(report) => self.report = Some(*report),
        }
        if rows.is_empty() {
            return Ok(None);
        }
        self.bench.hold.rows(rows).map(Some)
    }
}

/// How a document goes on.
enum Next {
    More(Box<JsonStream<Collected>>),
    End(Box<Report>),
}

/// Takes pieces until there are rows to send or the end is reached.
fn advance(mut stream: JsonStream<Collected>) -> tonl_convert::Result<(Vec<u8>, Next)> {
    let mut rows = Vec::new();
    while stream.advance(&mut rows)? {
        if !rows.is_empty() {
            return Ok((rows, Next::More(Box::new(stream))));
        }
    }
    let report = stream.finish(&mut rows)?;
    Ok((rows, Next::End(Box::new(report))))
}

fn content(error: tonl_convert::Error) -> Failure {
    Failure::Content(Box::new(error))
}

fn body(error: &axum::Error) -> Failure {
    match BodyError::of(error) {
        Some(error) => Failure::Body(error.clone()),
        None => Failure::Connection,
    }
}
