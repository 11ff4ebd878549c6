//! Metrics, events, logs and the audit log.
