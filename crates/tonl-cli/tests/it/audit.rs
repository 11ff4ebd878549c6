//! `tonl audit verify`.

use crate::sandbox::{Outcome, Sandbox};
use insta::assert_snapshot;
use serde_json::Value;
use std::time::{Duration, SystemTime};
use tonl_telemetry::Clock;
use tonl_telemetry::audit::{AuditConfig, AuditKey, AuditLog, Level, Record};

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// A folder with a log of three lines, one a minute.
fn with_log(key: Option<&str>) -> Sandbox {
    let sandbox = Sandbox::new();
    let config = AuditConfig {
        key: key.map(|key| AuditKey::new(key.into()).unwrap()),
        ..AuditConfig::at(sandbox.path("security-audit.log"))
    };
    let start = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let log = AuditLog::open(&config, Clock::fixed(start)).unwrap();
    for minute in 0..3 {
        let time = start + Duration::from_secs(60 * minute);
        let record = Record::new(Level::Warn, "Unauthorized access attempt", "missing_token");
        assert!(log.write(time, &record));
    }
    sandbox
}

/// The same without hashes, which are long.
fn short(mut outcome: Outcome) -> Outcome {
    let is_hash = |word: &&str| word.len() == 64 && word.chars().all(|c| c.is_ascii_hexdigit());
    let words = outcome.stdout.split_inclusive([' ', '\n', '"']);
    let shown = words.map(|word| match word.get(..64).filter(is_hash) {
        Some(hash) => word.replace(hash, "HASH"),
        None => word.to_owned(),
    });
    outcome.stdout = shown.collect();
    outcome
}

fn tamper(sandbox: &Sandbox) {
    let text = sandbox
        .read("security-audit.log")
        .replacen("warn", "info", 1);
    std::fs::write(sandbox.path("security-audit.log"), text).unwrap();
}

/// S50
#[test]
fn a_sound_log_tells_how_much_of_it_there_is() {
    let sandbox = with_log(None);
    assert_snapshot!(short(sandbox.tonl(&["audit", "verify"])), @"
    exit 0
    --- stdout
    sound: security-audit.log: 3 lines in 1 file, from 2023-11-14T22:13:20.000Z to 2023-11-14T22:15:20.000Z
    last line: number 3, hash HASH
    --- stderr
    ");
    assert_snapshot!(short(sandbox.tonl(&["audit", "verify", "security-audit.log", "--json"])), @r#"
    exit 0
    --- stdout
    {
      "file": "security-audit.log",
      "sound": true,
      "files": 1,
      "lines": 3,
      "firstSeq": 1,
      "lastSeq": 3,
      "firstTime": "2023-11-14T22:13:20.000Z",
      "lastTime": "2023-11-14T22:15:20.000Z",
      "lastHash": "HASH",
      "remarks": 0
    }
    --- stderr
    "#);
}

/// S50
#[test]
fn a_log_that_was_tampered_with_tells_what_and_where() {
    let sandbox = with_log(None);
    tamper(&sandbox);
    assert_snapshot!(sandbox.tonl(&["audit", "verify"]), @"
    exit 1
    --- stdout
    not sound: security-audit.log:1: the line was changed: it is not the one that the next line or the head vouches for; or the key is another
    --- stderr
    ");
    assert_snapshot!(sandbox.tonl(&["audit", "verify", "--json"]), @r#"
    exit 1
    --- stdout
    {
      "file": "security-audit.log",
      "sound": false,
      "error": "security-audit.log:1: the line was changed: it is not the one that the next line or the head vouches for; or the key is another",
      "where": "security-audit.log",
      "line": 1
    }
    --- stderr
    "#);
    let headless = with_log(None);
    std::fs::remove_file(headless.path("security-audit.log.head")).unwrap();
    assert_snapshot!(headless.tonl(&["audit", "verify"]), @"
    exit 1
    --- stdout
    not sound: security-audit.log.head is missing: the end of the log cannot be vouched for
    --- stderr
    ");
}

#[test]
fn a_log_with_a_key_needs_that_key() {
    let sandbox = with_log(Some(KEY))
        .and("audit.key", format!("{KEY}\n"))
        .and("other.key", KEY.to_uppercase())
        .and("short.key", "hunter2\n");
    let verify = |key: &str| sandbox.tonl(&["audit", "verify", "--key-file", key]);
    assert_eq!(verify("audit.key").code, Some(0));
    assert_snapshot!(verify("other.key"), @"
    exit 1
    --- stdout
    not sound: security-audit.log.head: the head was changed, or the key is not the one of this log
    --- stderr
    warning: other.key: everybody on this machine can read it (mode 0644): chmod 600 other.key
    ");
    assert_snapshot!(verify("short.key"), @"
    exit 64
    --- stdout
    --- stderr
    error: short.key: expected an audit key of at least 16 bytes, found 7 bytes: make one with openssl rand -hex 32
    ");
    assert_snapshot!(verify("audit.kay"), @"
    exit 2
    --- stdout
    --- stderr
    error: cannot find audit.kay
    hint: did you mean audit.key?
    ");
    assert_eq!(sandbox.tonl(&["audit", "verify"]).code, Some(1));
}

#[test]
fn what_cannot_be_read_is_an_error_and_not_a_finding() {
    let sandbox = with_log(None);
    assert_snapshot!(sandbox.tonl(&["audit", "verify", "security-audti.log"]), @"
    exit 2
    --- stdout
    --- stderr
    error: cannot find security-audti.log
    hint: did you mean security-audit.log?
    ");
    assert_snapshot!(sandbox.tonl(&["audit", "verify", "--from", "0"]), @"
    exit 2
    --- stdout
    --- stderr
    error: invalid value '0' for '--from <NUMBER>': 0 is not in 1..18446744073709551615

    For more information, try '--help'.
    ");
}

#[test]
fn lines_in_an_archive_can_be_left_out_and_trouble_is_told() {
    let sandbox = with_log(None);
    let text = sandbox.read("security-audit.log");
    let rest: Vec<&str> = text.lines().skip(1).collect();
    std::fs::write(sandbox.path("security-audit.log"), rest.join("\n") + "\n").unwrap();
    assert_eq!(sandbox.tonl(&["audit", "verify"]).code, Some(1));
    let json = sandbox
        .tonl(&["audit", "verify", "--from", "2", "--json"])
        .data();
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&value["lines"], &value["firstSeq"]),
        (&2.into(), &2.into())
    );

    let path = sandbox.path("security-audit.log");
    std::fs::write(&path, format!("{}\ntorn", rest.join("\n"))).unwrap();
    let log = AuditLog::open(&AuditConfig::at(path), Clock::fixed(SystemTime::UNIX_EPOCH)).unwrap();
    drop(log);
    let outcome = sandbox.tonl(&["audit", "verify", "--from", "2"]);
    assert_eq!(outcome.code, Some(0), "{outcome}");
    assert_eq!(
        outcome.stderr,
        "warning: the log tells of trouble with itself in 1 line: look for events that begin with audit_\n"
    );
}
