//! Refuses requests while the audit log cannot be written, if it is set to fail closed. Probes and
//! metrics stay, so that somebody can see why.

use http::{StatusCode, request};
use std::time::Duration;
use tonl_layers::{Defence, Refusal, Rejection, Verdict};
use tonl_telemetry::Telemetry;

/// The layer that refuses.
#[derive(Clone, Debug)]
pub(crate) struct FailClosed(pub(crate) Telemetry);

/// When a client may try again: the audit log is tried again about as often.
const RETRY: Duration = Duration::from_secs(5);

impl Defence for FailClosed {
    type Memo = ();

    fn check(&self, _head: &mut request::Parts) -> Verdict<()> {
        if self.0.audit_healthy() {
            return Verdict::Pass(());
        }
        let rejection = Rejection::new(
            StatusCode::SERVICE_UNAVAILABLE,
            Refusal::AuditUnavailable,
            "Audit log unavailable",
        );
        Verdict::Refuse(rejection.retry_after(RETRY))
    }
}
