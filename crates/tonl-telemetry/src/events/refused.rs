//! A request that a defence refused.

use super::Refusal;
use crate::audit::{Level, Record};
use crate::fold::Kind;
use crate::telemetry::{Event, Telemetry};
use std::net::IpAddr;

/// The status of both kinds of "too many".
const TOO_MANY_REQUESTS: u16 = 429;

/// A request was refused (S48 to S51): it moves the errors, the refusals and, with status 429, the
/// rate limit's hits, and is put on record.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    /// Why.
    pub reason: Refusal,
    /// The route, as the server names it; `other` where none matched.
    pub route: &'static str,
    /// The client's address behind trusted proxies.
    pub client: IpAddr,
    /// The method, as the client wrote it.
    pub method: &'a str,
    /// The path, as the client wrote it; a query is cut off before anything is written.
    pub path: &'a str,
    /// The name or id of the token, never its value; none if it is not known.
    pub token: Option<&'a str>,
    /// The session's id; only a prefix of its hash is written.
    pub session: Option<&'a str>,
    /// The request's id.
    pub request_id: &'a str,
    /// The status of the answer.
    pub status: u16,
}

impl Event for Refused<'_> {
    fn record(&self, telemetry: &Telemetry) {
        let series = telemetry.series();
        series.refusals.get(self.reason).inc();
        if let Some(kind) = self.reason.error_type() {
            series.errors.get(kind).inc();
        }
        if self.status == TOO_MANY_REQUESTS {
            series.rate_limit_hit(self.route, telemetry.networks().label(self.client));
        }
        let kind = Kind {
            event: self.reason.event(),
            message: self.reason.message(),
            route: Some(self.route),
        };
        let record = Record {
            ip: Some(self.client),
            method: Some(self.method),
            path: Some(self.path),
            token: self.token,
            session: self.session,
            request_id: Some(self.request_id),
            status: Some(self.status),
            reason: Some(self.reason.as_str()),
            ..Record::new(Level::Warn, kind.message, kind.event)
        };
        telemetry.audit_refusal(kind, &record);
    }
}
