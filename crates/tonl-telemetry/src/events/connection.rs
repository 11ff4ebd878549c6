//! Network connections.

use super::ConnectionRefusal;
use crate::telemetry::{Event, Gauge, Telemetry};
use std::net::IpAddr;
use tracing::warn;

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
        let ip = self.peer.map(|peer| peer.to_canonical().to_string());
        warn!(
            event = "connection_refused",
            reason = self.reason.as_str(),
            ip = ip.as_deref(),
            "connection refused"
        );
    }
}
