//! Network connections.

use super::ConnectionRefusal;
use crate::audit::{Level, Record};
use crate::fold::Kind;
use crate::telemetry::{Event, Gauge, Telemetry};
use std::net::IpAddr;

/// A connection was accepted.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionOpened;

impl Event for ConnectionOpened {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.series().connections_opened.inc();
        telemetry.series().gauge(Gauge::ConnectionsOpen).inc();
    }
}

/// A connection that was accepted is closed.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionClosed;

impl Event for ConnectionClosed {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.series().gauge(Gauge::ConnectionsOpen).dec();
    }
}

/// A connection was closed before its first request. It was not emitted as [`ConnectionOpened`].
#[derive(Clone, Copy, Debug)]
pub struct ConnectionRefused {
    /// Why.
    pub reason: ConnectionRefusal,
    /// The address of the other side; none where there was no connection yet.
    pub peer: Option<IpAddr>,
}

impl Event for ConnectionRefused {
    fn record(&self, telemetry: &Telemetry) {
        telemetry
            .series()
            .connections_refused
            .get(self.reason)
            .inc();
        let (event, message) = match self.reason {
            ConnectionRefusal::Total => ("connections_full", "Too many connections"),
            ConnectionRefusal::PerAddress => {
                ("address_full", "Too many connections of one address")
            }
            ConnectionRefusal::FileLimit => ("file_limit", "No file left for a connection"),
            ConnectionRefusal::Tls => ("handshake_failed", "TLS handshake failed"),
        };
        let kind = Kind {
            event,
            message,
            route: None,
        };
        let record = Record {
            ip: self.peer,
            reason: Some(self.reason.as_str()),
            ..Record::new(Level::Warn, message, event)
        };
        telemetry.audit_refusal(kind, &record);
    }
}
