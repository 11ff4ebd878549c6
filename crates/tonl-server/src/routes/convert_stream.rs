//! `POST /stream/convert`: NDJSON or JSON in, TONL rows out, as they come.
//!
//! The status is decided by what happens before the first row: a line that is not valid and may not
//! be skipped is 422, a body over its limit 413. A fault after that cuts the transfer, so that what
//! was sent is never taken for the whole.
//!
//! *Source:* S34 to S38.

mod failure;
mod query;
mod work;

use crate::pool::Pool;
use axum::body::Body;
use bytes::Bytes;
use failure::Failure;
use futures_util::stream;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, TE, TRAILER};
use http::{HeaderMap, Request, Response, request};
use http_body::Frame;
use http_body_util::StreamBody;
use query::Wish;
use std::sync::Arc;
use std::time::Instant;
use tonl_convert::StreamJob;
use tonl_layers::body::{BodyLimit, Budget, collect};
use tonl_layers::content_type::BodyKind;
use tonl_layers::request_id::RequestId;
use tonl_telemetry::Telemetry;
use tonl_telemetry::events::{ErrorType, StreamCompleted, StreamFailed};
use work::{Document, Lines, Work};

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

/// Limits of a conversion, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConvertLimits {
    /// The longest line of NDJSON.
    pub line: usize,
    /// The largest JSON document.
    pub document: u64,
}

impl ConvertLimits {
    /// 10 MiB a line, 50 MB a document.
    pub const STANDARD: Self = Self {
        line: StreamJob::MAX_LINE,
        document: 52_428_800,
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
    let first = match converter.begin(wish.job, kind, body).await {
        Ok(first) => first,
        Err(failure) => {
            running.failed(&failure, None);
            return failure.response();
        }
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
    async fn begin(
        &self,
        mut job: StreamJob,
        kind: Option<BodyKind>,
        body: Body,
    ) -> Result<Begun, Failure> {
        job.max_line = self.limits.line;
        let mut work = match kind {
            Some(BodyKind::Json) => {
                let limit = BodyLimit::Bytes(self.limits.document);
                let text = collect(body, limit, &self.budget).await;
                let text = text.map_err(Failure::Body)?;
                let document = Document::open(text, job, self.pool.clone()).await?;
                Work::Document(Box::new(document))
            }
            _ => {
                let lines = Lines::new(body, job, self.pool.clone(), &self.budget)?;
                Work::Lines(Box::new(lines))
            }
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
                        running.failed(&failure, Some(&self.work));
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
    is_told: bool,
}

impl Running {
    fn new(telemetry: &Telemetry, head: &request::Parts) -> Self {
        Self {
            telemetry: telemetry.clone(),
            started: Instant::now(),
            request_id: head.extensions.get::<RequestId>().cloned(),
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

    fn failed(mut self, failure: &Failure, work: Option<&Work>) {
        self.is_told = true;
        let (lines, skipped) = work.map(Work::counts).unwrap_or_default();
        self.tell(failure.kind(), &failure.to_string(), lines, skipped);
    }

    fn tell(&self, kind: ErrorType, reason: &str, lines: u64, skipped: u64) {
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
            self.tell(ErrorType::Stream, "the client left", 0, 0);
        }
    }
}
