//! The server starts, stops, and fails inside.

use crate::audit::{Level, Record};
use crate::metric::ErrorType;
use crate::telemetry::{Event, Telemetry};
use tracing::error;

/// The server listens.
#[derive(Clone, Copy, Debug)]
pub struct ServerStarted<'a> {
    /// Where, for example `127.0.0.1:3000`.
    pub address: &'a str,
}

impl Event for ServerStarted<'_> {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.audit(&Record {
            reason: Some(self.address),
            ..Record::new(Level::Info, "Server started", "server_started")
        });
    }
}

/// The server begins to stop.
#[derive(Clone, Copy, Debug)]
pub struct ServerStopping<'a> {
    /// What made it stop, for example `SIGTERM`.
    pub reason: &'a str,
}

impl Event for ServerStopping<'_> {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.audit(&Record {
            reason: Some(self.reason),
            ..Record::new(Level::Info, "Server stopping", "server_stopping")
        });
    }
}

/// The server has stopped.
#[derive(Clone, Copy, Debug)]
pub struct ServerStopped {
    /// Requests that were cut off because their time was over.
    pub cut: u64,
}

impl Event for ServerStopped {
    fn record(&self, telemetry: &Telemetry) {
        let cut = format!("{} requests were cut off", self.cut);
        telemetry.audit(&Record {
            reason: (self.cut > 0).then_some(cut.as_str()),
            ..Record::new(Level::Info, "Server stopped", "server_stopped")
        });
    }
}

/// A panic was caught and answered with a status 500.
#[derive(Clone, Copy, Debug)]
pub struct Panicked<'a> {
    /// Where it happened, as the server names it.
    pub route: &'a str,
    /// The request's id.
    pub request_id: &'a str,
    /// At what point of the request, in words. The panic's own words may hold what a client sent and
    /// are nowhere written.
    pub place: &'a str,
}

impl Event for Panicked<'_> {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.series().panics.inc();
        telemetry.series().errors.get(ErrorType::Internal).inc();
        error!(
            event = "panicked",
            route = self.route,
            requestId = self.request_id,
            reason = self.place,
            "a panic was caught"
        );
    }
}
