//! Floods of refusals: what is written of them, what is counted, and what they must not push out.

use crate::audit::{Ledger, key, refuse};
use crate::parser::Page;
use serde_json::Value;
use std::time::Duration;
use tonl_telemetry::audit::{AuditConfig, Damage, VerifyError, verify, verify_from};
use tonl_telemetry::events::*;
use tonl_telemetry::{Exposition, Folding, Telemetry};

const SOON: Duration = Duration::from_secs(20);

/// A ledger with the standard folding.
fn folding() -> Ledger {
    let mut ledger = Ledger::new();
    ledger.folding = Folding::default();
    ledger
}

fn counts(lines: &[Value]) -> (u64, u64) {
    let counted = lines.iter().filter_map(|line| line["count"].as_u64()).sum();
    let full = lines
        .iter()
        .filter(|line| line.get("count").is_none())
        .count();
    (full as u64, counted)
}

/// S50, S51: a flood of one address is ten lines and a count, and the count is exact.
#[test]
fn a_flood_of_one_address_is_ten_lines_a_minute_and_an_exact_count() {
    let ledger = folding();
    let telemetry = ledger.open();
    for number in 0..25_000 {
        refuse(&telemetry, &format!("r{number}"));
    }
    ledger.hand.forward(Duration::from_secs(60));
    telemetry.tell_repeats();
    assert!(telemetry.flush_audit(SOON));
    let lines = ledger.lines();
    assert_eq!(counts(&lines), (10, 24_990));
    let last = lines.last().unwrap();
    assert_eq!(last["event"], "missing_token");
    assert_eq!(last["message"], "Unauthorized access attempt");
    assert_eq!(last["ip"], "203.0.113.9");
    assert_eq!(last["path"], "/mcp");
    assert_eq!(last["reason"], "24990 more within 60 s");
    let page = Page::read(&telemetry.render(Exposition::Classic));
    assert_eq!(
        page.value("tonl_refusals_total{reason=\"missing_token\"}"),
        25_000.0
    );
    assert_eq!(
        page.value("tonl_audit_failures_total{reason=\"lost\"}"),
        0.0
    );
    refuse(&telemetry, "next");
    drop(telemetry);
    assert_eq!(ledger.lines().last().unwrap()["requestId"], "next");
    assert_eq!(verify(ledger.path(), None).unwrap().lines, 12);
}

#[test]
fn the_end_of_the_process_tells_what_was_only_counted() {
    for flushes in [false, true] {
        let ledger = folding();
        let telemetry = ledger.open();
        for _ in 0..15 {
            refuse(&telemetry, "r");
        }
        if flushes {
            assert!(telemetry.flush_audit(SOON));
        }
        drop(telemetry);
        assert_eq!(counts(&ledger.lines()), (10, 5), "{flushes}");
    }
}

#[test]
fn the_same_event_on_another_route_or_of_another_address_is_told() {
    let ledger = folding();
    let telemetry = ledger.open();
    for _ in 0..20 {
        refuse(&telemetry, "r");
    }
    telemetry.emit(Refused {
        route: "/stream/convert",
        request_id: "other route",
        ..crate::series::refused(Refusal::MissingToken)
    });
    telemetry.emit(Refused {
        client: [198, 51, 100, 7].into(),
        request_id: "other address",
        ..crate::series::refused(Refusal::MissingToken)
    });
    telemetry.emit(Refused {
        request_id: "other reason",
        ..crate::series::refused(Refusal::InvalidToken)
    });
    drop(telemetry);
    let text = ledger.text();
    for id in ["other route", "other address", "other reason"] {
        assert!(text.contains(id), "{id}");
    }
    assert_eq!(counts(&ledger.lines()), (13, 10));
}

/// Connections over a cap and failed handshakes are on record, and as little of a flood.
#[test]
fn refused_connections_are_on_record_and_folded() {
    let ledger = folding();
    let telemetry = ledger.open();
    for _ in 0..1_000 {
        telemetry.emit(ConnectionRefused {
            reason: ConnectionRefusal::Tls,
            peer: Some([203, 0, 113, 9].into()),
        });
    }
    telemetry.emit(ConnectionRefused {
        reason: ConnectionRefusal::FileLimit,
        peer: None,
    });
    drop(telemetry);
    let lines = ledger.lines();
    assert_eq!(counts(&lines), (11, 990));
    let first = lines.first().unwrap();
    assert_eq!(first["event"], "handshake_failed");
    assert_eq!(
        (&first["ip"], &first["reason"]),
        (&"203.0.113.9".into(), &"tls".into())
    );
}

#[test]
fn certificates_that_are_read_again_are_on_record() {
    let ledger = Ledger::new();
    let telemetry = ledger.open();
    telemetry.emit(CertificateReloaded);
    telemetry.emit(CertificateReloadFailed {
        reason: "there is no certificate in cert.pem",
    });
    drop(telemetry);
    let lines = ledger.lines();
    let events: Vec<_> = lines
        .iter()
        .map(|line| (&line["level"], &line["event"]))
        .collect();
    let (info, warn) = (Value::from("info"), Value::from("warn"));
    let (done, failed) = (
        "certificate_reloaded".into(),
        "certificate_reload_failed".into(),
    );
    assert_eq!(events, [(&info, &done), (&warn, &failed)]);
}

/// While the disk stands still a flood fills its part of the queue, and nothing more.
#[test]
fn a_flood_leaves_room_for_the_lines_of_sessions_reloads_and_stops() {
    let ledger = Ledger::new();
    let obstacle = ledger.folder.path().join("security-audit.log.head.new");
    std::fs::create_dir(&obstacle).unwrap();
    let telemetry = ledger.open();
    for number in 0..20_000 {
        refuse(&telemetry, &format!("r{number}"));
    }
    let info = |telemetry: &Telemetry| {
        for _ in 0..500 {
            telemetry.emit(TokenReloaded { source: "file" });
        }
        telemetry.emit(ServerStopping { reason: "SIGTERM" });
    };
    info(&telemetry);
    std::fs::remove_dir(&obstacle).unwrap();
    assert!(telemetry.flush_audit(SOON));
    drop(telemetry);
    let lines = ledger.lines();
    let of = |event: &str| lines.iter().filter(|line| line["event"] == event).count();
    assert_eq!((of("token_reloaded"), of("server_stopping")), (500, 1));
    assert!(of("missing_token") < 20_000);
    assert!(of("audit_gap") > 0);
}

#[test]
fn the_oldest_files_are_removed_and_what_is_left_is_sound_because_it_says_so() {
    for key in [None, Some(key(7))] {
        let mut ledger = Ledger::new();
        ledger.config.key = key.clone();
        ledger.config.max_bytes = 1;
        ledger.config.keep_files = 2;
        for _ in 0..5 {
            ledger.write(1);
        }
        let aside = || {
            let names = ledger.names().into_iter();
            names.filter(|name| name.contains(".20231114T"))
        };
        assert_eq!(aside().count(), 2, "{:?}", ledger.names());
        let lines = ledger.lines();
        let told = lines
            .iter()
            .rfind(|line| line["event"] == "audit_files_removed");
        let from = told.unwrap()["from"].as_u64().unwrap();
        let verified = verify(ledger.path(), key.as_ref()).unwrap();
        assert_eq!((verified.files, verified.first_seq), (3, from));
        assert_eq!(
            verify_from(ledger.path(), key.as_ref(), from).unwrap(),
            verified
        );
        // One more that is missing is nobody's word.
        let oldest = aside().min_by_key(String::len).unwrap();
        std::fs::remove_file(ledger.folder.path().join(oldest)).unwrap();
        let error = verify(ledger.path(), key.as_ref()).unwrap_err();
        let VerifyError::Line { damage, .. } = error else {
            panic!("{error}");
        };
        assert!(
            matches!(damage, Damage::Number { expected: 1, .. }),
            "{damage}"
        );
        // A server goes on with it.
        ledger.write(1);
    }
}

#[test]
fn all_files_are_kept_if_that_is_said_and_ten_if_nothing_is() {
    assert_eq!(AuditConfig::at("a").keep_files, 10);
    let mut ledger = Ledger::new();
    ledger.config.max_bytes = 1;
    for _ in 0..13 {
        ledger.write(1);
    }
    assert_eq!(verify(ledger.path(), None).unwrap().files, 13);
}
