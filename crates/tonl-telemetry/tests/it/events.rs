//! Which events are on record, and what they never tell.

use crate::audit::Ledger;
use std::net::IpAddr;
use tonl_telemetry::Event;
use tonl_telemetry::Telemetry;
use tonl_telemetry::events::*;
use tonl_telemetry::metric::ErrorType;

const REFUSALS: &[(Refusal, Option<ErrorType>)] = &[
    (Refusal::MissingToken, Some(ErrorType::Auth)),
    (Refusal::MalformedCredentials, Some(ErrorType::Auth)),
    (Refusal::InvalidToken, Some(ErrorType::Auth)),
    (Refusal::ExpiredToken, Some(ErrorType::Auth)),
    (Refusal::NotYetValidToken, Some(ErrorType::Auth)),
    (Refusal::ForeignSession, Some(ErrorType::Auth)),
    (Refusal::WrongScope, Some(ErrorType::Auth)),
    (Refusal::TooManyFailures, Some(ErrorType::Auth)),
    (Refusal::RateLimited, None),
    (Refusal::OriginNotAllowed, Some(ErrorType::Validation)),
    (Refusal::HostNotAllowed, Some(ErrorType::Validation)),
    (Refusal::ContentType, Some(ErrorType::Validation)),
    (Refusal::CollectionName, Some(ErrorType::Validation)),
    (Refusal::TooLarge, Some(ErrorType::Validation)),
    (Refusal::Ratio, Some(ErrorType::Validation)),
    (Refusal::Timeout, Some(ErrorType::Stream)),
    (Refusal::Busy, None),
    (Refusal::MalformedRequest, Some(ErrorType::Validation)),
    (Refusal::AuditUnavailable, Some(ErrorType::Internal)),
];

/// S50: every kind of refusal is a warning in the audit log, with an event of its own.
#[test]
fn every_refusal_is_on_record_as_a_warning_of_its_own() {
    let ledger = Ledger::new();
    let telemetry = ledger.open();
    for (reason, error_type) in REFUSALS {
        assert_eq!(reason.error_type(), *error_type, "{reason:?}");
        telemetry.emit(crate::series::refused(*reason));
    }
    drop(telemetry);
    let lines = ledger.lines();
    assert_eq!(lines.len(), REFUSALS.len());
    for (line, (reason, _)) in lines.iter().zip(REFUSALS) {
        assert_eq!(line["level"], "warn");
        assert_eq!(line["event"], reason.event());
        assert_eq!(line["message"], reason.message());
        assert_eq!(line["reason"], reason.as_str());
    }
}

/// S50: sessions, reloads, start and stop are on record.
#[test]
fn sessions_reloads_start_and_stop_are_on_record() {
    let ledger = Ledger::new();
    let telemetry = ledger.open();
    let client = IpAddr::from([127, 0, 0, 1]);
    telemetry.emit(ServerStarted {
        address: "127.0.0.1:3000",
    });
    telemetry.emit(SessionOpened {
        session: "abc",
        transport: McpTransport::Sse,
        client,
        token: Some("deploy"),
        request_id: "r",
    });
    telemetry.emit(SessionClosed {
        session: "abc",
        reason: CloseReason::Expired,
    });
    telemetry.emit(TokenReloaded { source: "file" });
    telemetry.emit(TokenReloadFailed {
        reason: "the file is empty",
    });
    telemetry.emit(ServerStopping { reason: "SIGTERM" });
    telemetry.emit(ServerStopped { cut: 2 });
    drop(telemetry);
    let lines = ledger.lines();
    let events: Vec<&str> = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(
        events,
        [
            "server_started",
            "session_opened",
            "session_closed",
            "token_reloaded",
            "token_reload_failed",
            "server_stopping",
            "server_stopped",
        ]
    );
    assert_eq!(lines[1]["session"], lines[2]["session"]);
    assert_eq!(lines[1]["token"], "deploy");
    assert_eq!(lines[2]["reason"], "expired");
    assert_eq!(lines[6]["reason"], "2 requests were cut off");
}

/// S5: a session's id opens the session; it is in no audit line, no log line and no metric.
#[test]
fn the_id_of_a_session_is_written_nowhere() {
    let id = "c0ffee5e55104af8b1f2c0ffee5e5510";
    let ledger = Ledger::new();
    let events = |telemetry: &Telemetry| {
        let client = IpAddr::from([127, 0, 0, 1]);
        SessionOpened {
            session: id,
            transport: McpTransport::Sse,
            client,
            token: None,
            request_id: "r",
        }
        .record(telemetry);
        telemetry.emit(Refused {
            session: Some(id),
            path: "/mcp?sessionId=c0ffee5e55104af8b1f2c0ffee5e5510",
            ..crate::series::refused(Refusal::ForeignSession)
        });
        telemetry.emit(SessionClosed {
            session: id,
            reason: CloseReason::Idle,
        });
    };
    let log = crate::logs::logged(
        &crate::logs::config(tonl_telemetry::log::Format::Text),
        |without_audit| {
            let telemetry = ledger.open();
            events(&telemetry);
            events(without_audit);
            let page = telemetry.render(tonl_telemetry::Exposition::Classic);
            assert!(!page.contains("c0ffee"));
        },
    );
    assert_eq!(log.lines().count(), 6, "{log}");
    assert!(!log.contains("c0ffee"), "{log}");
    assert_eq!(ledger.lines().len(), 3);
    assert!(!ledger.text().contains("c0ffee"));
}
