//! Tokens that change while the server runs: a watch over their source, told to the records.

use super::access::Configured;
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tonl_secret::rotate::Times;
use tonl_secret::{Keyring, Reload, Source, Watch};
use tonl_telemetry::Telemetry;
use tonl_telemetry::events::{TokenReloadFailed, TokenReloaded};

/// Watches the source of the tokens. A value of the environment cannot change.
///
/// # Errors
/// The watching thread cannot be started.
pub(crate) fn watch(
    configured: &Configured,
    keyring: Arc<Keyring>,
    overlap: Duration,
    telemetry: Telemetry,
) -> io::Result<Option<Watch>> {
    let source = &configured.source;
    if matches!(source, Source::Inline(_)) {
        return Ok(None);
    }
    let kind = source.kind();
    let report = move |reload| match reload {
        Reload::Changed(set) => {
            let change = keyring.install(set, SystemTime::now(), overlap);
            if !change.is_empty() {
                telemetry.emit(TokenReloaded { source: kind });
            }
        }
        Reload::Unchanged => {}
        Reload::Failed(error) => telemetry.emit(TokenReloadFailed {
            reason: &error.to_string(),
        }),
    };
    Watch::start(
        source.clone(),
        configured.set.clone(),
        Times::default(),
        report,
    )
    .map(Some)
}
