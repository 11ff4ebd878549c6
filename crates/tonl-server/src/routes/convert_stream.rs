//! `POST /stream/convert`: NDJSON or JSON in, TONL rows out, as they come.
//!
//! The status is decided by what happens before the first row: a line that is not valid and may not
//! be skipped is 422, a body over its limit 413. A fault after that cuts the transfer, so that what
//! was sent is never taken for the whole.
//!
//! *Source:* S34 to S38.

mod counts;
mod failure;
mod hold;
mod query;
mod work;

use crate::pool::Pool;
use axum::body::Body;
use bytes::Bytes;
use counts::Counts;
use failure::Failure;
use futures_util::stream;
use hold::Hold;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, TE, TRAILER};
use http::{HeaderMap, Request, Response, request};
use http_body::Frame;
use http_body_util::StreamBody;
use query::Wish;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tonl_convert::StreamJob;
use tonl_layers::Refused;
use tonl_layers::body::{BodyError, BodyLimit, Budget, Share, collect};
use tonl_layers::content_type::BodyKind;
use tonl_layers::request_id::RequestId;
use tonl_telemetry::Telemetry;
use tonl_telemetry::events::{ErrorType, StreamCompleted, StreamFailed, StreamRefused};
use work::{Bench, Document, Lines, Work};

const COLLECTION: HeaderName = HeaderName::from_static("x-collection-name");
const SKIPPED: HeaderName = HeaderName::from_static("x-skipped-lines");

/// What conversions have in common.
#[derive(Clone, Debug)]
pub(crate) struct Converter {
    pub(crate) pool: Pool,
    pub(crate) budget: Budget,
    pub(crate) telemetry: Telemetry,
    pub(crate) limits: ConvertLimits,
}

/// Limits of a conversion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvertLimits {
    /// The longest line of NDJSON, in bytes.
    pub line: usize,
    /// The largest JSON document, in bytes.
    pub document: u64,
    /// How long a document may take to come, or a line once it is large. Both are held until they
    /// are whole.
    pub within: Duration,
}

impl ConvertLimits {
    /// 10 MiB a line, 50 MB a document, two minutes for either.
    pub const STANDARD: Self = Self {
        line: StreamJob::MAX_LINE,
        document: 52_428_800,
        within: Duration::from_secs(120),
    };
}

/// Answers one request.
pub(crate) async fn convert(converter: Arc<Converter>, request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let wish = match Wish::read(head.uri.query()) {
        Ok(wish) => wish,
        Err(rejection) => return rejection.into_response(),
    };
    let kind = head.extensions.get::<BodyKind>().copied();
    let running = Running::new(&converter.telemetry, &head);
    let share = converter.budget.of_request(&head.extensions);
    let bench = converter.bench(share, Arc::clone(&running.counts));
    let first = match converter.begin(wish.job, kind, body, bench).await {
        Ok(first) => first,
        Err(failure) => return running.refused(&failure),
    };
    let wants_trailers = accepts_trailers(&head.headers);
    answer(&wish.collection, first, running, wants_trailers)
}

/// A conversion whose first rows are there.
struct Begun {
    work: Work,
    rows: Option<Bytes>,
}

impl Converter {
    fn bench(&self, share: Share, counts: Arc<Counts>) -> Bench {
        Bench {
            pool: self.pool.clone(),
            hold: Hold::new(&share),
            share,
            counts,
            within: self.limits.within,
        }
    }

    async fn begin(
        &self,
        mut job: StreamJob,
        kind: Option<BodyKind>,
        body: Body,
        bench: Bench,
    ) -> Result<Begun, Failure> {
        job.max_line = self.limits.line;
        let mut work = match kind {
            Some(BodyKind::Json) => {
                let limit = BodyLimit::Bytes(self.limits.document);
                let within = self.limits.within;
                let text = tokio::time::timeout(within, collect(body, limit, &bench.share)).await;
                let text = text.unwrap_or(Err(BodyError::Late { within }));
                let text = text.map_err(Failure::Body)?;
                let document = Document::open(text, job, bench).await?;
                Work::Document(Box::new(document))
            }
            _ => Work::Lines(Box::new(Lines::new(body, job, bench))),
        };
        let rows = work.next().await?;
        Ok(Begun { work, rows })
    }
}

fn accepts_trailers(headers: &HeaderMap) -> bool {
    let values = headers
        .get_all(TE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut codings = values.flat_map(|value| value.split(','));
    codings.any(|coding| coding.trim().eq_ignore_ascii_case("trailers"))
}

fn answer(
    collection: &tonl_convert::Label,
    begun: Begun,
    running: Running,
    wants_trailers: bool,
) -> Response<Body> {
    let rows = Rows {
        work: begun.work,
        first: begun.rows,
        running: Some(running),
        wants_trailers,
    };
    let frames = stream::try_unfold(Box::new(rows), |mut rows| async move {
        let frame = rows.frame().await?;
        Ok::<_, Failure>(frame.map(|frame| (frame, rows)))
    });
    let mut response = Response::new(Body::new(StreamBody::new(frames)));
    let headers = response.headers_mut();
    headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/plain; charset=utf-8"),
    );
    if let Ok(name) = HeaderValue::from_str(collection.as_str()) {
        headers.insert(COLLECTION, name);
    }
    if wants_trailers {
        headers.insert(TRAILER, HeaderValue::from_static("X-Skipped-Lines"));
    }
    response
}

/// The answer on its way.
struct Rows {
    work: Work,
    first: Option<Bytes>,
    /// There until the end is told.
    running: Option<Running>,
    wants_trailers: bool,
}

impl Rows {
    async fn frame(&mut self) -> Result<Option<Frame<Bytes>>, Failure> {
        let rows = match self.first.take() {
            Some(rows) => Some(rows),
            None => match self.work.next().await {
                Ok(rows) => rows,
                Err(failure) => {
                    if let Some(running) = self.running.take() {
                        running.failed(&failure);
                    }
                    return Err(failure);
                }
            },
        };
        if let Some(rows) = rows {
            return Ok(Some(Frame::data(rows)));
        }
        Ok(self.end())
    }

    /// Tells the end, once, and gives the trailers if they are wanted.
    fn end(&mut self) -> Option<Frame<Bytes>> {
        let running = self.running.take()?;
        let report = self.work.report()?;
        let skipped = report.skipped.count;
        running.completed(report);
        self.wants_trailers.then(|| {
            let mut trailers = HeaderMap::new();
            trailers.insert(SKIPPED, HeaderValue::from(skipped));
            Frame::trailers(trailers)
        })
    }
}

/// Tells the records how a conversion ended, also if the client leaves.
struct Running {
    telemetry: Telemetry,
    started: Instant,
    request_id: Option<RequestId>,
    /// How far it is; the work tells it.
    counts: Arc<Counts>,
    is_told: bool,
}

impl Running {
    fn new(telemetry: &Telemetry, head: &request::Parts) -> Self {
        Self {
            telemetry: telemetry.clone(),
            started: Instant::now(),
            request_id: head.extensions.get::<RequestId>().cloned(),
            counts: Arc::default(),
            is_told: false,
        }
    }

    fn request_id(&self) -> &str {
        self.request_id.as_ref().map_or("", RequestId::as_str)
    }

    fn completed(mut self, report: &tonl_convert::Report) {
        self.is_told = true;
        self.telemetry.emit(StreamCompleted {
            lines: report.records.unwrap_or_default(),
            bytes_in: report.bytes_in,
            bytes_out: report.bytes_out,
            skipped: report.skipped.count,
            duration: self.started.elapsed(),
            request_id: self.request_id(),
        });
    }

    /// The answer while no row has left. Why it was refused is told where all refusals are, by
    /// whoever sees the answer: it must not be counted here too.
    fn refused(mut self, failure: &Failure) -> Response<Body> {
        let response = failure.response();
        if response.extensions().get::<Refused>().is_none() {
            self.failed(failure);
            return response;
        }
        self.is_told = true;
        let (_, skipped) = self.counts.get();
        self.telemetry.emit(StreamRefused {
            skipped,
            duration: self.started.elapsed(),
            request_id: self.request_id(),
        });
        response
    }

    fn failed(mut self, failure: &Failure) {
        self.is_told = true;
        self.tell(failure.kind(), &failure.to_string());
    }

    fn tell(&self, kind: ErrorType, reason: &str) {
        let (lines, skipped) = self.counts.get();
        self.telemetry.emit(StreamFailed {
            kind,
            reason,
            lines,
            skipped,
            duration: self.started.elapsed(),
            request_id: self.request_id(),
        });
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.is_told {
            self.tell(ErrorType::Stream, "the client left");
        }
    }
}

#[cfg(test)]
mod tests;
