//! What the network side tells the records: one place that turns happenings into events.

use crate::connection::Full;
use crate::tls::{TlsError, TlsReload};
use std::io;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tonl_telemetry::Telemetry;
use tonl_telemetry::events::{
    CertificateReloadFailed, CertificateReloaded, ConnectionClosed, ConnectionOpened,
    ConnectionRefusal, ConnectionRefused, ServerStopped, ServerStopping,
};
use tracing::{error, info, warn};

/// Where happenings are told. Clones share everything.
#[derive(Clone, Debug)]
pub struct Records {
    telemetry: Telemetry,
    /// Whether the last connection could not be taken, so that it is said once and not each time.
    is_out_of_files: Arc<AtomicBool>,
    /// Why the certificate could not be read again, so that it is said once and not at each look.
    certificate: Arc<Mutex<Option<String>>>,
}

impl Records {
    /// Tells these counters and logs.
    pub fn new(telemetry: Telemetry) -> Self {
        Self {
            telemetry,
            is_out_of_files: Arc::default(),
            certificate: Arc::default(),
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
        self.telemetry.emit(ConnectionRefused {
            reason: ConnectionRefusal::FileLimit,
            peer: None,
        });
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

    /// A look at the certificates that was taken by itself. What is wrong is told once, until it is
    /// wrong in another way or right again.
    pub(crate) fn certificates(&self, look: &Result<TlsReload, TlsError>) {
        let reason = look.as_ref().err().map(ToString::to_string);
        let mut last = self
            .certificate
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match (look, &reason) {
            (Ok(TlsReload::Changed), _) => self.telemetry.emit(CertificateReloaded),
            (Err(_), Some(reason)) if last.as_ref() != Some(reason) => {
                self.telemetry.emit(CertificateReloadFailed { reason });
            }
            _ => {}
        }
        *last = reason;
    }

    /// A look at the certificates that somebody asked for, who is told in any case.
    pub fn certificates_asked_for(&self, look: &Result<TlsReload, TlsError>) {
        *self
            .certificate
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = None;
        self.certificates(look);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;
    use tonl_telemetry::audit::{AuditConfig, AuditLog};
    use tonl_telemetry::{Clock, Exposition, TelemetryConfig};

    /// The events on record, after this has happened.
    fn on_record(happens: impl FnOnce(&Records)) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.log");
        let mut config = TelemetryConfig::new("test");
        config.audit = AuditLog::open(&AuditConfig::at(&path), Clock::system()).unwrap();
        happens(&Records::new(Telemetry::new(config)));
        let text = std::fs::read_to_string(path).unwrap();
        let event = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).unwrap();
            line["event"].as_str().unwrap().to_owned()
        };
        text.lines().map(event).collect()
    }

    fn broken(file: &str) -> Result<TlsReload, TlsError> {
        Err(TlsError::Empty(PathBuf::from(file)))
    }

    #[test]
    fn a_broken_certificate_is_on_record_once_for_each_way_it_is_broken() {
        let events = on_record(|records| {
            for look in [
                Ok(TlsReload::Unchanged),
                broken("a"),
                broken("a"),
                broken("b"),
                Ok(TlsReload::Changed),
                Ok(TlsReload::Unchanged),
                broken("b"),
            ] {
                records.certificates(&look);
            }
        });
        let (done, failed) = ("certificate_reloaded", "certificate_reload_failed");
        assert_eq!(events, [failed, failed, done, failed]);
    }

    #[test]
    fn who_asks_for_a_look_is_told_again() {
        let events = on_record(|records| {
            records.certificates(&broken("a"));
            records.certificates_asked_for(&broken("a"));
            records.certificates(&broken("a"));
        });
        assert_eq!(events.len(), 2);
    }

    // S55
    #[test]
    fn connections_that_were_not_taken_are_counted_and_on_record() {
        let mut page = String::new();
        let here = IpAddr::from([203, 0, 113, 9]);
        let events = on_record(|records| {
            records.accept_failed(&io::Error::from_raw_os_error(24));
            records.accept_failed(&io::Error::from_raw_os_error(24));
            records.connection_refused(Full::Total, here);
            records.connection_refused(Full::Address, here);
            records.handshake_failed(here);
            page = records.telemetry.render(Exposition::Classic);
        });
        for (reason, count) in [
            ("file_limit", 2),
            ("total", 1),
            ("per_address", 1),
            ("tls", 1),
        ] {
            let line = format!("tonl_connections_refused_total{{reason=\"{reason}\"}} {count}\n");
            assert!(page.contains(&line), "{page}");
        }
        let expected = [
            "file_limit",
            "file_limit",
            "connections_full",
            "address_full",
            "handshake_failed",
        ];
        assert_eq!(events, expected);
    }
}
