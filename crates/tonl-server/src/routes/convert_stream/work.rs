//! A conversion in pieces: bytes of the body in, rows out, never more of either in memory than a
//! piece and what the columns need. Who reads the answer slowly slows down the reading of the body.

use super::failure::Failure;
use crate::pool::Pool;
use axum::body::Body;
use bytes::Bytes;
use futures_util::poll;
use http_body_util::BodyExt;
use std::pin::pin;
use std::task::Poll;
use tonl_convert::{JsonStream, PushStream, Report, StreamJob};
use tonl_layers::body::{BodyError, Collected};

/// From so many bytes on, work is given to the pool: about a millisecond of it.
const HEAVY: usize = 512 << 10;

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

    /// How many records and skipped lines there were so far.
    pub(crate) fn counts(&self) -> (u64, u64) {
        match self {
            Self::Lines(lines) => (lines.stream.as_ref())
                .map(|stream| (stream.records(), stream.skipped().count))
                .unwrap_or_default(),
            Self::Document(document) => (document.stream.as_ref())
                .map(|stream| (stream.records(), 0))
                .unwrap_or_default(),
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

/// NDJSON on its way.
#[derive(Debug)]
pub(crate) struct Lines {
    body: Body,
    stream: Option<PushStream>,
    pool: Pool,
    report: Option<Report>,
}

impl Lines {
    pub(crate) fn new(body: Body, job: StreamJob, pool: Pool) -> Self {
        Self {
            body,
            stream: Some(PushStream::new(job)),
            pool,
            report: None,
        }
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let mut out = Vec::new();
        while let Some(mut stream) = self.stream.take() {
            let Some(piece) = self.piece(&mut stream, &mut out).await? else {
                self.report = Some(stream.finish(&mut out).map_err(content)?);
                break;
            };
            stream = push(&self.pool, stream, piece, &mut out).await?;
            self.stream = Some(stream);
            if !out.is_empty() {
                break;
            }
        }
        Ok((!out.is_empty()).then(|| Bytes::from(out)))
    }

    /// The next piece of the body; `None` at its end. If it makes wait, the rows that are held back
    /// are put into `out` first, and an empty piece is given so that they leave.
    async fn piece(
        &mut self,
        stream: &mut PushStream,
        out: &mut Vec<u8>,
    ) -> Result<Option<Bytes>, Failure> {
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
                        frame.await
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

/// Takes a piece, on the pool if a long line makes it heavy.
async fn push(
    pool: &Pool,
    mut stream: PushStream,
    piece: Bytes,
    out: &mut Vec<u8>,
) -> Result<PushStream, Failure> {
    if stream.held() + piece.len() < HEAVY {
        // Rows are shorter than their records as a rule: one allocation instead of many that grow.
        out.reserve(piece.len());
        stream.push(&piece, out).map_err(content)?;
        return Ok(stream);
    }
    let mut rows = std::mem::take(out);
    let work = move || {
        let pushed = stream.push(&piece, &mut rows);
        (stream, rows, pushed)
    };
    let (stream, rows, pushed) = pool.run(work).await.map_err(Failure::Work)?;
    *out = rows;
    pushed.map_err(content)?;
    Ok(stream)
}

/// A JSON document that is checked and becomes rows.
#[derive(Debug)]
pub(crate) struct Document {
    stream: Option<JsonStream<Collected>>,
    is_heavy: bool,
    pool: Pool,
    report: Option<Report>,
}

impl Document {
    /// Checks the whole text before the first row.
    pub(crate) async fn open(text: Collected, job: StreamJob, pool: Pool) -> Result<Self, Failure> {
        let is_heavy = text.as_ref().len() >= HEAVY;
        let stream = if is_heavy {
            let opened = pool.run(move || JsonStream::open(text, job)).await;
            opened.map_err(Failure::Work)?
        } else {
            JsonStream::open(text, job)
        };
        Ok(Self {
            stream: Some(stream.map_err(content)?),
            is_heavy,
            pool,
            report: None,
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let Some(stream) = self.stream.take() else {
            return Ok(None);
        };
        let work = move || advance(stream);
        let advanced = if self.is_heavy {
            self.pool.run(work).await.map_err(Failure::Work)?
        } else {
            work()
        };
        let (rows, next) = advanced.map_err(content)?;
        match next {
            Next::More(stream) => self.stream = Some(*stream),
            Next::End(report) => self.report = Some(*report),
        }
        Ok((!rows.is_empty()).then(|| Bytes::from(rows)))
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
