//! Tokens that change while the server runs: a watch over their source, told to the records.
//!
//! A new token is judged as the first one was: with `--strict` a weak one is refused and the last good
//! one stays; without, and for a file that others can read, the log has a warning at each change.

use super::Manner;
use super::access::{Configured, weakness};
use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use tonl_secret::rotate::Times;
use tonl_secret::{Keyring, Reload, Source, TokenSet, Watch};
use tonl_telemetry::Telemetry;
use tonl_telemetry::events::{TokenReloadFailed, TokenReloaded};
use tracing::warn;

/// What becomes of a weak token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WeakTokens {
    /// It is used, with a warning.
    Warned,
    /// It is refused.
    Refused,
}

impl WeakTokens {
    /// As the start was asked for.
    pub(crate) fn of(manner: Manner) -> Self {
        if manner.is_strict {
            Self::Refused
        } else {
            Self::Warned
        }
    }
}

/// What a change of the tokens is done to.
#[derive(Clone, Debug)]
pub(crate) struct Renewal {
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) overlap: Duration,
    pub(crate) weak: WeakTokens,
    pub(crate) telemetry: Telemetry,
}

/// Watches the source of the tokens. A value of the environment cannot change.
///
/// # Errors
/// The watching thread cannot be started.
pub(crate) fn watch(configured: &Configured, renewal: Renewal) -> io::Result<Option<Watch>> {
    let source = &configured.source;
    if matches!(source, Source::Inline(_)) {
        return Ok(None);
    }
    let kind = source.kind();
    let set = configured.set.clone();
    let report = move |reload| renewal.take(reload, kind);
    Watch::start(source.clone(), set, Times::default(), report).map(Some)
}

impl Renewal {
    fn take(&self, reload: Reload, source: &str) {
        match reload {
            Reload::Changed(set) => match self.judge(&set) {
                Ok(()) => {
                    let now = SystemTime::now();
                    if !self.keyring.install(set, now, self.overlap).is_empty() {
                        self.telemetry.emit(TokenReloaded { source });
                    }
                }
                Err(reason) => self.telemetry.emit(TokenReloadFailed { reason: &reason }),
            },
            Reload::Unchanged => {}
            Reload::Failed(error) => self.telemetry.emit(TokenReloadFailed {
                reason: &error.to_string(),
            }),
        }
    }

    /// Refuses a weak set if it is to be refused; whatever else is unsafe is logged.
    fn judge(&self, set: &TokenSet) -> Result<(), String> {
        let weak: Vec<String> = set.weak().map(weakness).collect();
        if self.weak == WeakTokens::Refused && !weak.is_empty() {
            return Err(weak.join("; "));
        }
        for reason in weak {
            warn!(event = "token_weak", reason, "weak token");
        }
        if let Some(warning) = set.file_warning() {
            warn!(event = "token_file_readable", reason = %warning, "others can read the token's file");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;
    use std::sync::Mutex;
    use tonl_secret::Secret;
    use tonl_telemetry::TelemetryConfig;
    use tracing::field::{Field, Visit};
    use tracing::{Event, Metadata, Subscriber, span};

    const STRONG: &str = "5f0c8a1be2d94736a1c05e7b92f3d8465f0c8a1be2d94736a1c05e7b92f3d846";

    /// Keeps the fields of all events.
    #[derive(Clone, Default)]
    struct Ear(Arc<Mutex<String>>);

    impl Visit for Ear {
        fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
            write!(self.0.lock().unwrap(), "{field}={value:?} ").unwrap();
        }
    }

    impl Subscriber for Ear {
        fn enabled(&self, _: &Metadata<'_>) -> bool {
            true
        }
        fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
            span::Id::from_u64(1)
        }
        fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
        fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
        fn event(&self, event: &Event<'_>) {
            event.record(&mut self.clone());
        }
        fn enter(&self, _: &span::Id) {}
        fn exit(&self, _: &span::Id) {}
    }

    /// Takes a new set; gives whether the token is valid then, and what was logged.
    fn renew(set: TokenSet, token: &str, weak: WeakTokens) -> (bool, String) {
        let renewal = Renewal {
            keyring: Arc::new(Keyring::new(TokenSet::single(&Secret::from(STRONG)))),
            overlap: Duration::ZERO,
            weak,
            telemetry: Telemetry::new(TelemetryConfig::new("test")),
        };
        let ear = Ear::default();
        tracing::subscriber::with_default(ear.clone(), || {
            renewal.take(Reload::Changed(set), "file");
        });
        let now = SystemTime::now();
        let is_valid = renewal.keyring.verify(token.as_bytes(), now).is_some();
        let last_good = renewal.keyring.verify(STRONG.as_bytes(), now).is_some();
        assert_ne!(is_valid, last_good);
        let heard = ear.0.lock().unwrap().clone();
        (is_valid, heard)
    }

    // S4, S6
    #[test]
    fn a_weak_new_token_is_refused_in_strict_mode_and_warned_about_otherwise() {
        let weak = || TokenSet::single(&Secret::from("hunter2"));
        let (is_valid, log) = renew(weak(), "hunter2", WeakTokens::Refused);
        assert!(!is_valid);
        assert!(log.contains("token_reload_failed"), "{log}");
        assert!(log.contains("bits"), "{log}");
        let (is_valid, log) = renew(weak(), "hunter2", WeakTokens::Warned);
        assert!(is_valid);
        assert!(log.contains("token_weak"), "{log}");
        assert!(log.contains("token reloaded"), "{log}");
        assert!(!log.contains("hunter2"), "{log}");
    }

    // S6, S41
    #[cfg(unix)]
    #[test]
    fn each_change_of_a_file_that_others_can_read_is_warned_about() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let token = STRONG.replace('5', "6");
        std::fs::write(&path, &token).unwrap();
        for (mode, is_warned) in [(0o644, true), (0o600, false)] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            let set = Source::File(path.clone()).read().unwrap();
            let (is_valid, log) = renew(set, &token, WeakTokens::Refused);
            assert!(is_valid);
            assert_eq!(log.contains("token_file_readable"), is_warned, "{log}");
        }
    }
}
