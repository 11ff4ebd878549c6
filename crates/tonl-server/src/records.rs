//! What the network side tells the records: one place that turns happenings into events.

use crate::connection::Full;
use crate::tls::{TlsError, TlsReload};
use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tonl_telemetry::Telemetry;
use tonl_telemetry::events::{
    ConnectionClosed, ConnectionOpened, ConnectionRefusal, ConnectionRefused, ServerStopped,
    ServerStopping,
};
use tracing::{error, info, warn};

/// Where happenings are told. Clones share everything.
#[derive(Clone, Debug)]
pub struct Records {
    telemetry: Telemetry,
    /// Whether the last connection could not be taken, so that it is said once and not each time.
    is_out_of_files: Arc<AtomicBool>,
}

impl Records {
    /// Tells these counters and logs.
    pub fn new(telemetry: Telemetry) -> Self {
        Self {
            telemetry,
            is_out_of_files: Arc::default(),
        }
    }

    pub(crate) fn connection_opened(&self) {
        self.is_out_of_files.store(false, Ordering::Relaxed);
        self.telemetry.emit(ConnectionOpened);
    }

    pub(crate) fn connection_closed(&self) {
        self.telemetry.emit(ConnectionClosed);
    }

    pub(crate) fn handshake_failed(&self, ip: IpAddr) {
        self.refused(ConnectionRefusal::Tls, ip);
    }

    pub(crate) fn connection_refused(&self, full: Full, ip: IpAddr) {
        let reason = match full {
            Full::Total => ConnectionRefusal::Total,
            Full::Address => ConnectionRefusal::PerAddress,
        };
        self.refused(reason, ip);
    }

    fn refused(&self, reason: ConnectionRefusal, ip: IpAddr) {
        let peer = Some(ip);
        self.telemetry.emit(ConnectionRefused { reason, peer });
    }

    pub(crate) fn accept_failed(&self, error: &io::Error) {
        if !self.is_out_of_files.swap(true, Ordering::Relaxed) {
            error!(
                event = "accept_failed",
                reason = %error,
                "cannot take connections: raise the limit of open files or lower TONL_MAX_CONNECTIONS"
            );
        }
    }

    pub(crate) fn leaving(&self, signal: &'static str) {
        info!(
            event = "signal",
            signal, "🛑 Received {signal}. Shutting down gracefully..."
        );
        self.telemetry.emit(ServerStopping { reason: signal });
    }

    pub(crate) fn draining(open: usize) {
        info!(
            event = "draining",
            connections = open,
            "Waiting for {open} active connections..."
        );
    }

    pub(crate) fn stopped(&self, cut: usize) {
        self.telemetry.emit(ServerStopped { cut: cut as u64 });
        if cut > 0 {
            warn!(
                event = "connections_cut",
                connections = cut,
                "{cut} connections took too long and were cut"
            );
        }
        info!(event = "stopped", "✅ Server shut down successfully");
    }

    /// Tells how a look at the certificates went.
    pub fn tls(reload: &Result<TlsReload, TlsError>) {
        match reload {
            Ok(TlsReload::Unchanged) => {}
            Ok(TlsReload::Changed) => info!(event = "certificate_reloaded", "certificate reloaded"),
            Err(error) => error!(
                event = "certificate_reload_failed",
                reason = %error,
                "certificate not reloaded, the last good one stays in use"
            ),
        }
    }
}
