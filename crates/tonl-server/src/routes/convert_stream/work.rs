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
use tonl_layers::body::{BodyError, Budget, Collected, Permit};

/// From so many bytes on that come without a pause, work is given to the pool: about a millisecond of
/// it. A body that is unpacked from little, of lines that give no rows, would else keep a thread that
/// serves connections for as long as it likes.
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
    /// The unfinished line, out of the budget that all bodies share.
    held: Permit,
    /// How many bytes came since the client was waited for.
    at_once: usize,
}

impl Lines {
    /// A conversion of this body. Its unfinished lines come out of the budget.
    pub(crate) fn new(
        body: Body,
        job: StreamJob,
        pool: Pool,
        budget: &Budget,
    ) -> Result<Self, Failure> {
        Ok(Self {
            body,
            stream: Some(PushStream::new(job)),
            pool,
            report: None,
            held: budget.try_reserve(0).ok_or(BUSY)?,
            at_once: 0,
        })
    }

    async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        let mut out = Vec::new();
        while let Some(mut stream) = self.stream.take() {
            let Some(piece) = self.piece(&mut stream, &mut out).await? else {
                self.report = Some(stream.finish(&mut out).map_err(content)?);
                break;
            };
            self.at_once = self.at_once.saturating_add(piece.len());
            let is_heavy = self.at_once.max(stream.held() + piece.len()) >= HEAVY;
            stream = if is_heavy {
                push_on(&self.pool, stream, piece, &mut out).await?
            } else {
                stream.push(&piece, &mut out).map_err(content)?;
                stream
            };
            self.account(stream.held() as u64)?;
            self.stream = Some(stream);
            if !out.is_empty() {
                break;
            }
        }
        Ok((!out.is_empty()).then(|| Bytes::from(out)))
    }

    /// Takes the bytes of an unfinished line out of the budget, or gives back those of a finished one.
    fn account(&mut self, held: u64) -> Result<(), Failure> {
        self.held.shrink_to(held);
        let more = held.saturating_sub(self.held.bytes());
        if more == 0 || self.held.try_grow(more) {
            Ok(())
        } else {
            Err(BUSY)
        }
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
                        self.at_once = 0;
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

/// The budget of bodies is used up.
const BUSY: Failure = Failure::Body(BodyError::Busy);

/// Takes a piece on the pool.
async fn push_on(
    pool: &Pool,
    mut stream: PushStream,
    piece: Bytes,
    out: &mut Vec<u8>,
) -> Result<PushStream, Failure> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::stream;
    use std::cell::Cell;
    use std::convert::Infallible;
    use std::time::Duration;

    fn lines(body: Body, budget: &Budget) -> Lines {
        let pool = Pool::new(1, Duration::from_secs(10));
        Lines::new(body, StreamJob::default(), pool, budget).unwrap()
    }

    // S62
    #[tokio::test]
    async fn an_unfinished_line_comes_out_of_the_budget() {
        let body = || Body::from(vec![b'a'; 100 << 10]);
        let small = Budget::new(64 << 10);
        let mut refused = lines(body(), &small);
        let error = refused.next().await.unwrap_err();
        assert!(matches!(error, Failure::Body(BodyError::Busy)), "{error:?}");
        drop(refused);
        assert_eq!(small.used(), 0);
        let large = Budget::new(1 << 20);
        assert!(lines(body(), &large).next().await.unwrap().is_none());
        assert_eq!(large.used(), 0);
    }

    // S62
    #[tokio::test]
    async fn lines_without_rows_do_not_keep_the_thread() {
        let piece = Bytes::from(b"no json\n".repeat(8 << 10));
        let pieces = std::iter::repeat_n(piece, 64).map(Ok::<_, Infallible>);
        let mut lines = lines(
            Body::from_stream(stream::iter(pieces)),
            &Budget::new(1 << 20),
        );
        let turns = Cell::new(0);
        let others = async {
            loop {
                turns.set(turns.get() + 1);
                tokio::task::yield_now().await;
            }
        };
        tokio::select! {
            biased;
            rows = lines.next() => assert!(rows.unwrap().is_none()),
            () = others => {}
        }
        assert!(turns.get() > 0, "nobody else had a turn");
    }
}
