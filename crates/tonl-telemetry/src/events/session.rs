//! Sessions begin and end.

use super::{CloseReason, McpTransport};
use crate::audit::{Level, Record};
use crate::telemetry::{Event, Gauge, Telemetry};
use std::net::IpAddr;

/// A session was opened.
#[derive(Clone, Copy, Debug)]
pub struct SessionOpened<'a> {
    /// Its id; only a prefix of its hash is written.
    pub session: &'a str,
    /// How its client speaks.
    pub transport: McpTransport,
    /// The client's address.
    pub client: IpAddr,
    /// The name or id of the token that opened it.
    pub token: Option<&'a str>,
    /// The request's id.
    pub request_id: &'a str,
}

impl Event for SessionOpened<'_> {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.series().sessions_opened.inc();
        telemetry.series().mcp_sessions.get(self.transport).inc();
        telemetry.series().gauge(Gauge::SessionsActive).inc();
        telemetry.audit(&Record {
            ip: Some(self.client),
            token: self.token,
            session: Some(self.session),
            request_id: Some(self.request_id),
            ..Record::new(Level::Info, "Session opened", "session_opened")
        });
    }
}

/// A session ended; each that was opened ends once.
#[derive(Clone, Copy, Debug)]
pub struct SessionClosed<'a> {
    /// Its id; only a prefix of its hash is written.
    pub session: &'a str,
    /// Why.
    pub reason: CloseReason,
}

impl Event for SessionClosed<'_> {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.series().sessions_closed.get(self.reason).inc();
        telemetry.series().gauge(Gauge::SessionsActive).dec();
        telemetry.audit(&Record {
            session: Some(self.session),
            reason: Some(self.reason.as_str()),
            ..Record::new(Level::Info, "Session closed", "session_closed")
        });
    }
}
