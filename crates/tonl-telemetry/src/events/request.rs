//! Requests that were answered.

use crate::metric::Method;
use crate::telemetry::{Event, Telemetry};
use std::time::Duration;
use tracing::{debug, warn};

/// A request was answered to its end, refused ones included.
#[derive(Clone, Copy, Debug)]
pub struct RequestFinished<'a> {
    /// The method, as the client wrote it.
    pub method: &'a str,
    /// The route, as the server names it; `other` where none matched.
    pub route: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// From the request's head to the end of the answer, its body included.
    pub duration: Duration,
    /// Bytes of the request's body, as its head announces them; 0 if it does not.
    pub bytes_in: u64,
    /// Bytes of the answer's body that were sent.
    pub bytes_out: u64,
    /// The request's id.
    pub request_id: &'a str,
}

impl Event for RequestFinished<'_> {
    fn record(&self, telemetry: &Telemetry) {
        let method = Method::named(self.method);
        let seconds = self.duration.as_secs_f64();
        telemetry
            .series()
            .http(method, self.route, self.status, seconds);
        macro_rules! line {
            ($level:ident) => {
                $level!(
                    event = "request_finished",
                    method = method.as_str(),
                    route = self.route,
                    status = self.status,
                    duration = seconds,
                    bytesIn = self.bytes_in,
                    bytesOut = self.bytes_out,
                    requestId = self.request_id,
                    "request finished"
                )
            };
        }
        if self.status >= 500 {
            line!(warn);
        } else {
            line!(debug);
        }
    }
}

/// The answer of a request has begun that is a stream of events. It is counted now, and its duration
/// never: it lasts as long as somebody listens, which says nothing about the server.
#[derive(Clone, Copy, Debug)]
pub struct EventStreamBegan<'a> {
    /// The method, as the client wrote it.
    pub method: &'a str,
    /// The route, as the server names it.
    pub route: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// The request's id.
    pub request_id: &'a str,
}

impl Event for EventStreamBegan<'_> {
    fn record(&self, telemetry: &Telemetry) {
        let method = Method::named(self.method);
        telemetry
            .series()
            .http_untimed(method, self.route, self.status);
        debug!(
            event = "event_stream_began",
            method = method.as_str(),
            route = self.route,
            status = self.status,
            requestId = self.request_id,
            "event stream began"
        );
    }
}

/// A request ended before its answer had a head: the client left, or its connection was cut. It counts
/// as [`RequestAborted::STATUS`] and not among the durations.
#[derive(Clone, Copy, Debug)]
pub struct RequestAborted<'a> {
    /// The method, as the client wrote it.
    pub method: &'a str,
    /// The route, as the server names it; `other` where none matched.
    pub route: &'static str,
    /// How long it had lasted.
    pub duration: Duration,
    /// The request's id.
    pub request_id: &'a str,
}

impl RequestAborted<'_> {
    /// The status it is counted under; no client ever gets it.
    pub const STATUS: u16 = 499;
}

impl Event for RequestAborted<'_> {
    fn record(&self, telemetry: &Telemetry) {
        let method = Method::named(self.method);
        telemetry
            .series()
            .http_untimed(method, self.route, Self::STATUS);
        debug!(
            event = "request_aborted",
            method = method.as_str(),
            route = self.route,
            duration = self.duration.as_secs_f64(),
            requestId = self.request_id,
            "request ended before its answer"
        );
    }
}

/// Client addresses left the rate limit's table because it was full.
#[derive(Clone, Copy, Debug)]
pub struct RateLimitEvicted {
    /// How many.
    pub entries: u64,
}

impl Event for RateLimitEvicted {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.series().rate_limit_evictions.inc_by(self.entries);
    }
}
