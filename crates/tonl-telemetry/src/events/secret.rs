//! Secrets are read again while the server runs.

use crate::audit::{Level, Record};
use crate::metric::Outcome;
use crate::telemetry::{Event, Telemetry};
use tracing::error;

/// Changed tokens are in force.
#[derive(Clone, Copy, Debug)]
pub struct TokenReloaded<'a> {
    /// Where they come from, in words, for example `file`; never a value.
    pub source: &'a str,
}

impl Event for TokenReloaded<'_> {
    fn record(&self, telemetry: &Telemetry) {
        telemetry
            .series()
            .secret_reloads
            .get(Outcome::Success)
            .inc();
        telemetry.audit_and_log(&Record {
            reason: Some(self.source),
            ..Record::new(Level::Info, "token reloaded", "token_reloaded")
        });
    }
}

/// Changed tokens could not be read; the last good ones stay in force.
#[derive(Clone, Copy, Debug)]
pub struct TokenReloadFailed<'a> {
    /// What went wrong, without a value.
    pub reason: &'a str,
}

impl Event for TokenReloadFailed<'_> {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.series().secret_reloads.get(Outcome::Error).inc();
        error!(
            event = "token_reload_failed",
            reason = self.reason,
            "token not reloaded, the last good one stays in force"
        );
        telemetry.audit(&Record {
            reason: Some(self.reason),
            ..Record::new(Level::Warn, "token not reloaded", "token_reload_failed")
        });
    }
}

/// A changed certificate is in use.
#[derive(Clone, Copy, Debug)]
pub struct CertificateReloaded;

impl Event for CertificateReloaded {
    fn record(&self, telemetry: &Telemetry) {
        telemetry.audit(&Record::new(
            Level::Info,
            "certificate reloaded",
            CERTIFICATE_RELOADED,
        ));
    }
}

/// A changed certificate could not be used; the last good one stays in use.
#[derive(Clone, Copy, Debug)]
pub struct CertificateReloadFailed<'a> {
    /// What went wrong, without any part of a key.
    pub reason: &'a str,
}

impl Event for CertificateReloadFailed<'_> {
    fn record(&self, telemetry: &Telemetry) {
        error!(
            event = CERTIFICATE_RELOAD_FAILED,
            reason = self.reason,
            "certificate not reloaded, the last good one stays in use"
        );
        telemetry.audit(&Record {
            reason: Some(self.reason),
            ..Record::new(
                Level::Warn,
                "certificate not reloaded",
                CERTIFICATE_RELOAD_FAILED,
            )
        });
    }
}

const CERTIFICATE_RELOADED: &str = "certificate_reloaded";
const CERTIFICATE_RELOAD_FAILED: &str = "certificate_reload_failed";
