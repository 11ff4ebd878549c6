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
    /// From the head to the end of the answer.
    pub duration: Duration,
    /// Bytes of the request's body that were read.
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
