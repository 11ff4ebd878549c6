//! The audit log of a real run: what stands in it, who may read it, and that it can be verified.

use super::http::bearer;
use super::running::{OTHER, Setup, TOKEN};
use serde_json::Value;
use std::os::unix::fs::PermissionsExt;

/// A run with a refusal of each kind, and its log.
fn run(setup: Setup) -> (Setup, Vec<Value>) {
    let server = setup.variable("TONL_AUDIT_LOG", "audit.log").start();
    server.get("/mcp?secret=hunter2", &["X-Request-ID: first-1"]);
    server.get("/metrics/live", &[&bearer(OTHER)]);
    server.mcp(TOKEN);
    let (_, setup) = server.stop();
    let text = setup.sandbox.read("audit.log");
    for secret in [TOKEN, OTHER, "hunter2"] {
        assert!(!text.contains(secret), "{text}");
    }
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let lines = lines.collect();
    (setup, lines)
}

fn event<'l>(lines: &'l [Value], reason: &str) -> &'l Value {
    let mut found = lines.iter().filter(|line| line["reason"] == reason);
    found
        .next()
        .unwrap_or_else(|| panic!("{reason}: {lines:#?}"))
}

// S50, S51
#[test]
fn every_refusal_is_a_line_with_exactly_the_promised_fields() {
    let (_, lines) = run(Setup::secured());
    let missing = event(&lines, "missing_token");
    let fields: Vec<&str> = missing
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        fields,
        [
            "timestamp",
            "seq",
            "level",
            "message",
            "event",
            "ip",
            "method",
            "path",
            "requestId",
            "status",
            "reason",
            "prev"
        ]
    );
    assert_eq!(missing["message"], "Unauthorized access attempt");
    assert_eq!(missing["level"], "warn");
    assert_eq!(missing["ip"], "127.0.0.1");
    assert_eq!(missing["method"], "GET");
    assert_eq!(missing["path"], "/mcp");
    assert_eq!(missing["requestId"], "first-1");
    assert_eq!(missing["status"], 401);
    let time = missing["timestamp"].as_str().unwrap();
    let shape: String = time
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000Z");
    let wrong = event(&lines, "invalid_token");
    assert_eq!(
        (&wrong["path"], &wrong["status"]),
        (&"/metrics/live".into(), &403.into())
    );
    let events: Vec<&str> = lines
        .iter()
        .map(|line| line["event"].as_str().unwrap())
        .collect();
    assert_eq!(events.first(), Some(&"server_started"), "{events:?}");
    assert_eq!(events.last(), Some(&"server_stopped"), "{events:?}");
    for (number, line) in (1..).zip(&lines) {
        assert_eq!(line["seq"], number);
    }
    assert_eq!(lines[0]["prev"], "0".repeat(64));
}

// S50
#[test]
fn a_log_is_private_sound_after_a_run_and_broken_after_an_edit() {
    let (setup, lines) = run(Setup::secured());
    for name in ["audit.log", "audit.log.head"] {
        let mode = std::fs::metadata(setup.sandbox.path(name))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
    let sound = setup.tonl(&["audit", "verify", "audit.log"]);
    assert_eq!(sound.code, Some(0), "{sound}");
    assert!(
        sound.stdout.contains(&format!("{} lines", lines.len())),
        "{sound}"
    );
    // The next run goes on where this one ended.
    let (setup, more) = run(setup);
    assert!(more.len() > lines.len());
    let sound = setup.tonl(&["audit", "verify", "audit.log"]);
    assert_eq!(sound.code, Some(0), "{sound}");
    let text = setup
        .sandbox
        .read("audit.log")
        .replacen("127.0.0.1", "127.0.0.2", 1);
    std::fs::write(setup.sandbox.path("audit.log"), text).unwrap();
    let broken = setup.tonl(&["audit", "verify", "audit.log"]);
    assert_eq!(broken.code, Some(1), "{broken}");
}

// S50
#[test]
fn with_a_key_only_its_holder_can_verify() {
    let setup = Setup::secured()
        .file("audit.key", OTHER)
        .variable("TONL_AUDIT_KEY_FILE", "audit.key");
    let server = setup.variable("TONL_AUDIT_LOG", "audit.log").start();
    server.get("/mcp", &[]);
    let (_, setup) = server.stop();
    let with = setup.tonl(&["audit", "verify", "audit.log", "--key-file", "audit.key"]);
    assert_eq!(with.code, Some(0), "{with}");
    let setup = setup.file("other.key", TOKEN);
    let without = setup.tonl(&["audit", "verify", "audit.log", "--key-file", "other.key"]);
    assert_eq!(without.code, Some(1), "{without}");
}
