//! The audit log while it is written: what is in it, across restarts, crashes, rotations and trouble.

use crate::parser::Page;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};
use tempfile::TempDir;
use tonl_telemetry::audit::{
    AuditConfig, AuditError, AuditKey, AuditLog, Damage, OnFailure, VerifyError, verify,
    verify_from,
};
use tonl_telemetry::events::*;
use tonl_telemetry::{Clock, Exposition, Folding, Telemetry, TelemetryConfig};

const SOON: Duration = Duration::from_secs(20);

/// A clock that a test moves.
#[derive(Clone)]
pub(crate) struct Hand(Arc<AtomicU64>);

impl Hand {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicU64::new(1_700_000_000_000)))
    }

    pub(crate) fn forward(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::Relaxed);
    }

    pub(crate) fn clock(&self) -> Clock {
        let hand = self.clone();
        let now = move || Duration::from_millis(hand.0.load(Ordering::Relaxed));
        Clock::from_fn(move || SystemTime::UNIX_EPOCH + now())
    }
}

/// A folder with an audit log, and how it is opened.
pub(crate) struct Ledger {
    pub(crate) folder: TempDir,
    pub(crate) config: AuditConfig,
    pub(crate) folding: Folding,
    pub(crate) hand: Hand,
}

impl Ledger {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = AuditConfig::at(folder.path().join("security-audit.log"));
        config.keep_files = 0;
        Self {
            folder,
            config,
            folding: Folding::OFF,
            hand: Hand::new(),
        }
    }

    pub(crate) fn keyed(byte: u8) -> Self {
        let mut ledger = Self::new();
        ledger.config.key = Some(key(byte));
        ledger
    }

    pub(crate) fn path(&self) -> &Path {
        self.config.path.as_deref().unwrap()
    }

    pub(crate) fn head(&self) -> PathBuf {
        self.folder.path().join("security-audit.log.head")
    }

    pub(crate) fn try_open(&self) -> Result<Telemetry, AuditError> {
        let clock = self.hand.clock();
        let audit = AuditLog::open(&self.config, clock.clone())?;
        Ok(Telemetry::new(TelemetryConfig {
            audit,
            clock,
            folding: self.folding,
            ..TelemetryConfig::new("test")
        }))
    }

    pub(crate) fn open(&self) -> Telemetry {
        self.try_open().unwrap()
    }

    /// Opens it, writes so many lines, and closes it.
    pub(crate) fn write(&self, lines: u64) {
        let telemetry = self.open();
        for number in 0..lines {
            refuse(&telemetry, &format!("r{number}"));
        }
    }

    pub(crate) fn text(&self) -> String {
        std::fs::read_to_string(self.path()).unwrap()
    }

    pub(crate) fn lines(&self) -> Vec<Value> {
        self.text()
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// The names of the files in the folder.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub(crate) fn key(byte: u8) -> AuditKey {
    AuditKey::new(vec![byte; 32]).unwrap()
}

pub(crate) fn refuse(telemetry: &Telemetry, id: &str) {
    telemetry.emit(Refused {
        request_id: id,
        ..crate::series::refused(Refusal::MissingToken)
    });
}

fn failures(telemetry: &Telemetry, reason: &str) -> f64 {
    let page = Page::read(&telemetry.render(Exposition::Classic));
    page.value(&format!("tonl_audit_failures_total{{reason=\"{reason}\"}}"))
}

/// S50, S51: the exact line of an access without a token.
#[test]
fn an_access_without_a_token_is_on_record_with_the_promised_words() {
    let ledger = Ledger::new();
    let telemetry = ledger.open();
    telemetry.emit(Refused {
        path: "/mcp?sessionId=1",
        session: Some("abc"),
        ..crate::series::refused(Refusal::MissingToken)
    });
    drop(telemetry);
    assert_eq!(
        ledger.text(),
        format!(
            "{{\"timestamp\":\"2023-11-14T22:13:20.000Z\",\"seq\":1,\"level\":\"warn\",\
             \"message\":\"Unauthorized access attempt\",\"event\":\"missing_token\",\"ip\":\"203.0.113.9\",\
             \"method\":\"GET\",\"path\":\"/mcp\",\"session\":\"ba7816bf8f01\",\"requestId\":\"id\",\
             \"status\":401,\"reason\":\"missing_token\",\"prev\":\"{}\"}}\n",
            "0".repeat(64)
        )
    );
    let verified = verify(ledger.path(), None).unwrap();
    let head = std::fs::read_to_string(ledger.head()).unwrap();
    assert_eq!(
        head,
        format!("{{\"seq\":1,\"hash\":\"{}\"}}\n", verified.last_hash)
    );
}

/// S50: text of a client cannot forge a line, and comes back as it was sent.
#[test]
fn hostile_text_stays_in_its_line() {
    let ledger = Ledger::new();
    let telemetry = ledger.open();
    let hostile = "/\n{\"seq\":9}\r\u{1b}[2J\u{202e}\u{2028}\",\"status\":200";
    telemetry.emit(Refused {
        method: hostile,
        path: hostile,
        request_id: hostile,
        ..crate::series::refused(Refusal::HostNotAllowed)
    });
    drop(telemetry);
    let text = ledger.text();
    assert_eq!(text.lines().count(), 1);
    assert!(
        !text
            .trim_end()
            .contains(|c: char| c.is_control() || c == '\u{202e}')
    );
    let line = &ledger.lines()[0];
    assert_eq!(line["path"], hostile);
    assert_eq!(line["status"], 401);
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_the_files_of_the_log() {
    use std::os::unix::fs::PermissionsExt;
    let mut ledger = Ledger::new();
    std::fs::write(ledger.path(), "").unwrap();
    std::fs::set_permissions(ledger.path(), PermissionsExt::from_mode(0o644)).unwrap();
    ledger.config.max_bytes = 1;
    ledger.write(1);
    ledger.write(1);
    assert_eq!(ledger.names().len(), 3);
    for name in ledger.names() {
        let metadata = std::fs::metadata(ledger.folder.path().join(&name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn the_chain_goes_on_after_a_restart() {
    for ledger in [Ledger::new(), Ledger::keyed(1)] {
        ledger.write(3);
        ledger.write(2);
        let verified = verify(ledger.path(), ledger.config.key.as_ref()).unwrap();
        assert_eq!(
            (verified.lines, verified.first_seq, verified.last_seq),
            (5, 1, 5)
        );
        assert_eq!((verified.files, verified.remarks), (1, 0));
    }
}

#[test]
fn a_large_file_is_set_aside_and_the_chain_runs_through_all_files() {
    let mut ledger = Ledger::keyed(7);
    ledger.config.max_bytes = 1_000;
    for _ in 0..5 {
        ledger.write(4);
    }
    let verified = verify(ledger.path(), Some(&key(7))).unwrap();
    assert_eq!((verified.lines, verified.last_seq), (20, 20));
    assert!(verified.files >= 4, "{:?}", ledger.names());
    let aside = "security-audit.log.20231114T221320Z.4";
    assert!(
        ledger.names().contains(&aside.to_owned()),
        "{:?}",
        ledger.names()
    );
}

#[test]
fn an_old_file_is_set_aside() {
    let mut ledger = Ledger::new();
    ledger.config.max_age = Duration::from_secs(60);
    let telemetry = ledger.open();
    for step in [0, 59, 1, 59] {
        ledger.hand.forward(Duration::from_secs(step));
        refuse(&telemetry, "r");
        assert!(telemetry.flush_audit(SOON));
    }
    drop(telemetry);
    assert_eq!(verify(ledger.path(), None).unwrap().files, 2);
    assert_eq!(ledger.lines().len(), 2);
    // The age counts from the first line, also after a restart.
    ledger.hand.forward(Duration::from_secs(2));
    ledger.write(1);
    assert_eq!(verify(ledger.path(), None).unwrap().files, 3);
}

#[test]
fn a_server_that_ended_between_rotation_and_the_next_line_continues_the_chain() {
    let mut ledger = Ledger::new();
    ledger.write(3);
    let aside = ledger
        .folder
        .path()
        .join("security-audit.log.20231114T221320Z.3");
    std::fs::rename(ledger.path(), aside).unwrap();
    assert_eq!(verify(ledger.path(), None).unwrap().lines, 3);
    ledger.write(2);
    assert_eq!(verify(ledger.path(), None).unwrap().lines, 5);
    ledger.config.max_bytes = 1;
    ledger.write(1);
    assert_eq!(verify(ledger.path(), None).unwrap().files, 3);
}

#[test]
fn files_that_were_archived_are_allowed_to_be_missing_when_that_is_said() {
    let mut ledger = Ledger::new();
    ledger.config.max_bytes = 1;
    ledger.write(3);
    ledger.write(2);
    let archived = ledger
        .folder
        .path()
        .join("security-audit.log.20231114T221320Z.3");
    std::fs::remove_file(archived).unwrap();
    let error = verify(ledger.path(), None).unwrap_err();
    let expected = Damage::Number {
        expected: 1,
        found: 4,
    };
    assert!(matches!(error, VerifyError::Line { damage, .. } if damage == expected));
    assert_eq!(verify_from(ledger.path(), None, 4).unwrap().lines, 2);
}

#[test]
fn a_torn_last_line_is_kept_aside_and_told() {
    let ledger = Ledger::new();
    ledger.write(2);
    let torn = b"{\"timestamp\":\"2023-11-14T22:1";
    let mut bytes = std::fs::read(ledger.path()).unwrap();
    bytes.extend_from_slice(torn);
    std::fs::write(ledger.path(), bytes).unwrap();
    let error = verify(ledger.path(), None).unwrap_err();
    assert!(
        matches!(
            error,
            VerifyError::Line {
                line: 3,
                damage: Damage::Torn,
                ..
            }
        ),
        "{error}"
    );
    ledger.write(1);
    let aside = ledger
        .folder
        .path()
        .join("security-audit.log.torn.20231114T221320Z.2");
    assert_eq!(std::fs::read(aside).unwrap(), torn);
    let told = &ledger.lines()[2];
    assert_eq!(told["event"], "audit_torn_line");
    let reason = told["reason"].as_str().unwrap();
    assert_eq!(
        reason,
        "29 bytes were set aside in security-audit.log.torn.20231114T221320Z.2"
    );
    let verified = verify(ledger.path(), None).unwrap();
    assert_eq!((verified.lines, verified.remarks), (4, 1));
}

#[test]
fn lines_that_the_head_did_not_learn_of_are_kept_and_told() {
    let ledger = Ledger::keyed(3);
    ledger.write(2);
    let head = std::fs::read(ledger.head()).unwrap();
    ledger.write(3);
    std::fs::write(ledger.head(), head).unwrap();
    ledger.write(1);
    let told = &ledger.lines()[5];
    assert_eq!(told["event"], "audit_recovered");
    assert_eq!(told["reason"], "3 lines were not known to the head");
    let verified = verify(ledger.path(), Some(&key(3))).unwrap();
    assert_eq!((verified.lines, verified.remarks), (7, 1));
}

#[test]
fn a_log_has_one_writer() {
    let ledger = Ledger::new();
    let first = ledger.open();
    assert!(matches!(ledger.try_open(), Err(AuditError::InUse { .. })));
    drop(first);
    assert!(ledger.try_open().is_ok());
}

#[test]
fn a_look_at_a_log_finds_what_opening_it_would_and_writes_nothing() {
    let ledger = Ledger::new();
    let config = AuditConfig::at(ledger.path());
    AuditLog::probe(&config).unwrap();
    assert!(ledger.names().is_empty(), "{:?}", ledger.names());
    let held = ledger.open();
    assert!(matches!(
        AuditLog::probe(&config),
        Err(AuditError::InUse { .. })
    ));
    drop(held);
    ledger.write(3);
    let before = (ledger.names(), ledger.text());
    AuditLog::probe(&config).unwrap();
    assert_eq!((ledger.names(), ledger.text()), before);
    std::fs::remove_file(ledger.head()).unwrap();
    assert!(matches!(
        AuditLog::probe(&config),
        Err(AuditError::Broken(_))
    ));
    let folder = ledger.path().parent().unwrap();
    for path in [folder.to_owned(), folder.join("none").join("a.log")] {
        AuditLog::probe(&AuditConfig::at(path)).unwrap_err();
    }
}

#[test]
fn a_log_that_cannot_be_is_an_error() {
    let mut ledger = Ledger::new();
    ledger.config.path = Some(ledger.folder.path().to_owned());
    assert!(matches!(
        ledger.try_open(),
        Err(AuditError::NotAFile { .. })
    ));
    ledger.config.path = Some(ledger.folder.path().join("none/audit.log"));
    let error = ledger.try_open().unwrap_err();
    assert!(
        matches!(error, AuditError::Io { action: "open", .. }),
        "{error}"
    );
}

#[test]
fn without_a_path_there_is_no_file_and_all_is_healthy() {
    let mut ledger = Ledger::new();
    ledger.config.path = None;
    ledger.config.on_failure = OnFailure::Closed;
    let telemetry = ledger.open();
    refuse(&telemetry, "r");
    assert!(telemetry.audit_healthy() && telemetry.flush_audit(Duration::ZERO));
    assert!(ledger.names().is_empty());
}

/// The disk fails: nothing is lost, the failure is a metric, and a log that fails closed says so
/// until everything is written.
#[test]
fn what_cannot_be_written_is_kept_and_written_later() {
    for on_failure in [OnFailure::Open, OnFailure::Closed] {
        let mut ledger = Ledger::new();
        ledger.config.on_failure = on_failure;
        let telemetry = ledger.open();
        refuse(&telemetry, "first");
        assert!(telemetry.flush_audit(SOON) && telemetry.audit_healthy());
        // A directory where the draft of the head belongs: neither root nor anybody can write it.
        let obstacle = ledger.folder.path().join("security-audit.log.head.new");
        std::fs::create_dir(&obstacle).unwrap();
        refuse(&telemetry, "second");
        assert!(!telemetry.flush_audit(Duration::from_millis(50)));
        assert!(failures(&telemetry, "write") >= 1.0);
        assert_eq!(telemetry.audit_healthy(), on_failure == OnFailure::Open);
        refuse(&telemetry, "third");
        std::fs::remove_dir(&obstacle).unwrap();
        assert!(telemetry.flush_audit(SOON) && telemetry.audit_healthy());
        drop(telemetry);
        assert_eq!(verify(ledger.path(), None).unwrap().lines, 3);
        let ids: Vec<Value> = ledger
            .lines()
            .iter()
            .map(|line| line["requestId"].clone())
            .collect();
        assert_eq!(ids, ["first", "second", "third"]);
    }
}

#[test]
fn a_file_that_is_taken_away_is_noticed_and_the_chain_goes_on() {
    let ledger = Ledger::new();
    let telemetry = ledger.open();
    refuse(&telemetry, "first");
    assert!(telemetry.flush_audit(SOON));
    std::fs::remove_file(ledger.path()).unwrap();
    refuse(&telemetry, "second");
    assert!(telemetry.flush_audit(SOON));
    drop(telemetry);
    let lines = ledger.lines();
    assert_eq!(lines[0]["event"], "audit_file_missing");
    assert_eq!(
        (&lines[0]["seq"], &lines[1]["requestId"]),
        (&2.into(), &"second".into())
    );
    assert!(verify(ledger.path(), None).unwrap_err().is_tampering());
    assert_eq!(verify_from(ledger.path(), None, 2).unwrap().lines, 2);
}

/// A flood while the disk stands still: emitting never waits, and every line that finds no room is
/// counted and stated in the log.
#[test]
fn a_flood_is_never_lost_in_silence() {
    const FLOOD: u64 = 20_000;
    let mut ledger = Ledger::new();
    ledger.config.on_failure = OnFailure::Closed;
    let obstacle = ledger.folder.path().join("security-audit.log.head.new");
    std::fs::create_dir(&obstacle).unwrap();
    let telemetry = ledger.open();
    for number in 0..FLOOD {
        refuse(&telemetry, &format!("r{number}"));
    }
    assert!(!telemetry.audit_healthy());
    std::fs::remove_dir(&obstacle).unwrap();
    assert!(telemetry.flush_audit(SOON));
    // The gap is stated after what was not lost; one more line comes after it.
    refuse(&telemetry, "last");
    assert!(telemetry.flush_audit(SOON) && telemetry.audit_healthy());
    let lost = failures(&telemetry, "lost");
    assert!(lost > 0.0);
    drop(telemetry);
    let lines = ledger.lines();
    let mut stated = 0.0;
    let mut written = 0;
    for line in &lines {
        if line["event"] == "audit_gap" {
            let reason = line["reason"].as_str().unwrap();
            stated += reason.split(' ').next().unwrap().parse::<f64>().unwrap();
        } else {
            written += 1;
        }
    }
    assert_eq!(stated, lost);
    assert_eq!(f64::from(written) + lost, 20_001.0);
    assert!(verify(ledger.path(), None).unwrap().remarks >= 1);
}

#[test]
fn a_log_is_sound_while_many_threads_write_it() {
    let mut ledger = Ledger::keyed(5);
    ledger.config.max_bytes = 20_000;
    let telemetry = ledger.open();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let telemetry = &telemetry;
            scope.spawn(move || {
                for number in 0..250 {
                    refuse(telemetry, &format!("{thread}-{number}"));
                    if number % 50 == 0 {
                        assert!(telemetry.flush_audit(SOON));
                    }
                }
            });
        }
    });
    assert!(telemetry.flush_audit(SOON));
    let page = Page::read(&telemetry.render(Exposition::Classic));
    assert_eq!(page.value("tonl_audit_lines_total"), 1_000.0);
    let verified = verify(ledger.path(), Some(&key(5))).unwrap();
    assert_eq!(verified.lines, 1_000);
    assert!(verified.files > 1);
}
