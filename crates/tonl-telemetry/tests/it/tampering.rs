//! Everything that somebody could do to a log is found, with its file and line; and a server does not
//! go on with a log that is not sound.

use crate::audit::{Ledger, key};
use std::path::Path;
use tonl_telemetry::audit::{AuditError, Damage, VerifyError, verify};
use tonl_testkit::Random;

/// Whether it is what should be found.
type Found = fn(&VerifyError) -> bool;

/// A way to tamper with a log of ten lines.
struct Case {
    name: &'static str,
    tamper: fn(&Ledger),
    found: Found,
}

fn damage(error: &VerifyError, at: u64, what: &Damage) -> bool {
    matches!(error, VerifyError::Line { line, damage, .. } if *line == at && damage == what)
}

fn number(error: &VerifyError, at: u64, expected: u64, found: u64) -> bool {
    damage(error, at, &Damage::Number { expected, found })
}

fn edit(ledger: &Ledger, change: impl FnOnce(&mut Vec<String>)) {
    let mut lines: Vec<String> = ledger.text().lines().map(str::to_owned).collect();
    change(&mut lines);
    std::fs::write(ledger.path(), lines.join("\n") + "\n").unwrap();
}

fn replace_in(ledger: &Ledger, line: usize, from: &str, to: &str) {
    edit(ledger, |lines| {
        assert!(lines[line - 1].contains(from));
        lines[line - 1] = lines[line - 1].replace(from, to);
    });
}

const CASES: &[Case] = &[
    Case {
        name: "edit a byte of a line",
        tamper: |ledger| replace_in(ledger, 4, "203.0.113.9", "203.0.113.8"),
        found: |error| damage(error, 4, &Damage::Changed),
    },
    Case {
        name: "edit a byte of the last line",
        tamper: |ledger| replace_in(ledger, 10, "401", "200"),
        found: |error| damage(error, 10, &Damage::Changed),
    },
    Case {
        name: "edit a prev",
        tamper: |ledger| replace_in(ledger, 1, "\"prev\":\"0", "\"prev\":\"1"),
        found: |error| damage(error, 1, &Damage::Unlinked),
    },
    Case {
        name: "delete a line",
        tamper: |ledger| edit(ledger, |lines| drop(lines.remove(4))),
        found: |error| number(error, 5, 5, 6),
    },
    Case {
        name: "delete the first line",
        tamper: |ledger| edit(ledger, |lines| drop(lines.remove(0))),
        found: |error| number(error, 1, 1, 2),
    },
    Case {
        name: "swap two lines",
        tamper: |ledger| edit(ledger, |lines| lines.swap(2, 6)),
        found: |error| number(error, 3, 3, 7),
    },
    Case {
        name: "repeat a line",
        tamper: |ledger| edit(ledger, |lines| lines.insert(3, lines[2].clone())),
        found: |error| number(error, 4, 4, 3),
    },
    Case {
        name: "delete a line and number the rest anew",
        tamper: |ledger| {
            edit(ledger, |lines| {
                lines.remove(4);
                for (at, line) in lines.iter_mut().enumerate().skip(4) {
                    let (old, new) = (format!("\"seq\":{}", at + 2), format!("\"seq\":{}", at + 1));
                    *line = line.replace(&old, &new);
                }
            });
        },
        found: |error| damage(error, 4, &Damage::Changed),
    },
    Case {
        name: "cut the end off",
        tamper: |ledger| edit(ledger, |lines| lines.truncate(7)),
        found: |error| {
            matches!(
                error,
                VerifyError::Truncated {
                    expected: 10,
                    found: 7,
                    ..
                }
            )
        },
    },
    Case {
        name: "empty the log",
        tamper: |ledger| std::fs::write(ledger.path(), "").unwrap(),
        found: |error| {
            matches!(
                error,
                VerifyError::Truncated {
                    expected: 10,
                    found: 0,
                    ..
                }
            )
        },
    },
    Case {
        name: "cut the last line short",
        tamper: |ledger| {
            let bytes = ledger.text().into_bytes();
            std::fs::write(ledger.path(), &bytes[..bytes.len() - 20]).unwrap();
        },
        found: |error| damage(error, 10, &Damage::Torn),
    },
    Case {
        name: "take away the last line break",
        tamper: |ledger| std::fs::write(ledger.path(), ledger.text().trim_end()).unwrap(),
        found: |error| damage(error, 10, &Damage::Torn),
    },
    Case {
        name: "append a line that fits nowhere",
        tamper: |ledger| {
            edit(ledger, |lines| {
                lines.push(lines[9].replace("\"seq\":10", "\"seq\":11"));
            });
        },
        found: |error| damage(error, 10, &Damage::Changed),
    },
    Case {
        name: "append a line with the hash that the head tells",
        tamper: |ledger| {
            let head: serde_json::Value =
                serde_json::from_slice(&std::fs::read(ledger.head()).unwrap()).unwrap();
            let hash = head["hash"].as_str().unwrap();
            edit(ledger, |lines| {
                let (start, _) = lines[9].split_once("\"prev\"").unwrap();
                let start = start.replace("\"seq\":10", "\"seq\":11");
                lines.push(format!("{start}\"prev\":\"{hash}\"}}"));
            });
        },
        found: |error| damage(error, 11, &Damage::BeyondHead),
    },
    Case {
        name: "append what is no line",
        tamper: |ledger| edit(ledger, |lines| lines.push("all is well".into())),
        found: |error| damage(error, 11, &Damage::NotALine),
    },
    Case {
        name: "replay an old head",
        tamper: |ledger| {
            let old = std::fs::read(ledger.folder.path().join("old-head")).unwrap();
            std::fs::write(ledger.head(), old).unwrap();
        },
        found: |error| damage(error, 7, &Damage::BeyondHead),
    },
    Case {
        name: "remove the head",
        tamper: |ledger| std::fs::remove_file(ledger.head()).unwrap(),
        found: |error| matches!(error, VerifyError::NoHead { .. }),
    },
    Case {
        name: "spoil the head",
        tamper: |ledger| std::fs::write(ledger.head(), "{}").unwrap(),
        found: |error| matches!(error, VerifyError::Head { .. }),
    },
];

/// Ten lines, and the head as it was after six.
fn ten_lines(ledger: Ledger) -> Ledger {
    ledger.write(6);
    std::fs::copy(ledger.head(), ledger.folder.path().join("old-head")).unwrap();
    ledger.write(4);
    ledger
}

fn check(path: &Path, keyed: bool) -> Result<(), VerifyError> {
    verify(path, keyed.then(|| key(1)).as_ref()).map(drop)
}

/// S50
#[test]
fn every_way_to_tamper_is_found_with_its_place() {
    for keyed in [false, true] {
        for case in CASES {
            let ledger = ten_lines(if keyed {
                Ledger::keyed(1)
            } else {
                Ledger::new()
            });
            check(ledger.path(), keyed).unwrap();
            (case.tamper)(&ledger);
            let error = check(ledger.path(), keyed).expect_err(case.name);
            assert!(
                (case.found)(&error),
                "{} (key: {keyed}): {error}",
                case.name
            );
            assert!(error.is_tampering());
        }
    }
}

/// Where a crash can look like it, opening says what it found; everything else is left as it is.
#[test]
fn a_log_that_was_tampered_with_at_its_end_is_not_continued() {
    for name in [
        "edit a byte of the last line",
        "cut the end off",
        "empty the log",
        "cut the last line short",
        "take away the last line break",
        "append a line that fits nowhere",
        "append what is no line",
        "remove the head",
        "spoil the head",
    ] {
        let case = CASES.iter().find(|case| case.name == name).unwrap();
        let ledger = ten_lines(Ledger::keyed(1));
        (case.tamper)(&ledger);
        let (text, names) = (std::fs::read(ledger.path()).unwrap(), ledger.names());
        let error = ledger.try_open().expect_err(name);
        assert!(matches!(error, AuditError::Broken(_)), "{name}: {error}");
        assert_eq!(std::fs::read(ledger.path()).unwrap(), text, "{name}");
        assert_eq!(ledger.names(), names, "{name}");
    }
}

#[test]
fn a_chain_cut_off_with_a_fitting_head_is_found_with_a_key_alone() {
    for keyed in [false, true] {
        let ledger = ten_lines(if keyed {
            Ledger::keyed(1)
        } else {
            Ledger::new()
        });
        let mut prev = String::new();
        edit(&ledger, |lines| {
            let eighth: serde_json::Value = serde_json::from_str(&lines[7]).unwrap();
            prev = eighth["prev"].as_str().unwrap().to_owned();
            lines.truncate(7);
        });
        std::fs::write(
            ledger.head(),
            format!("{{\"seq\":7,\"hash\":\"{prev}\"}}\n"),
        )
        .unwrap();
        let result = check(ledger.path(), keyed);
        assert_eq!(result.is_err(), keyed, "{result:?}");
    }
}

#[test]
fn another_key_or_none_does_not_vouch_for_a_log() {
    let ledger = ten_lines(Ledger::keyed(1));
    for other in [Some(key(2)), None] {
        let error = verify(ledger.path(), other.as_ref()).unwrap_err();
        assert!(matches!(error, VerifyError::Head { .. }), "{error}");
    }
    let mut plain = ten_lines(Ledger::new());
    assert!(check(plain.path(), true).is_err());
    plain.config.key = Some(key(1));
    assert!(matches!(
        plain.try_open(),
        Err(AuditError::Broken(VerifyError::Head { .. }))
    ));
}

#[test]
fn a_file_that_was_set_aside_is_checked_like_the_current_one() {
    let mut ledger = Ledger::keyed(1);
    ledger.config.max_bytes = 1;
    ledger.write(3);
    ledger.write(3);
    ledger.write(3);
    check(ledger.path(), true).unwrap();
    let middle = ledger
        .folder
        .path()
        .join("security-audit.log.20231114T221320Z.6");
    let text = std::fs::read_to_string(&middle).unwrap();
    std::fs::write(&middle, text.replacen("401", "200", 1)).unwrap();
    let error = check(ledger.path(), true).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("security-audit.log.20231114T221320Z.6:1: "),
        "{error}"
    );
    std::fs::remove_file(&middle).unwrap();
    let error = check(ledger.path(), true).unwrap_err();
    assert!(number(&error, 1, 4, 7), "{error}");
}

/// Any single byte: whatever it is changed to, the check says no.
#[test]
fn no_byte_can_be_changed() {
    let ledger = ten_lines(Ledger::keyed(1));
    let bytes = std::fs::read(ledger.path()).unwrap();
    let mut random = Random::new(9);
    for _ in 0..400 {
        let mut changed = bytes.clone();
        let at = random.below(bytes.len());
        changed[at] ^= u8::try_from(1 + random.below(255)).unwrap();
        std::fs::write(ledger.path(), &changed).unwrap();
        let error = check(ledger.path(), true).expect_err("a changed byte");
        assert!(error.is_tampering(), "{at}: {error}");
    }
}

#[test]
fn what_cannot_be_read_is_not_called_tampering() {
    let ledger = Ledger::new();
    let error = check(ledger.path(), false).unwrap_err();
    assert!(
        matches!(error, VerifyError::Unreadable { .. }) && !error.is_tampering(),
        "{error}"
    );
    let error = check(ledger.folder.path(), false).unwrap_err();
    assert!(!error.is_tampering(), "{error}");
}

#[test]
fn a_line_without_an_end_is_refused_without_reading_it_all() {
    let ledger = ten_lines(Ledger::new());
    let mut text = ledger.text();
    text.push_str(&"x".repeat(300_000));
    std::fs::write(ledger.path(), text).unwrap();
    let error = check(ledger.path(), false).unwrap_err();
    assert!(damage(&error, 11, &Damage::NotALine), "{error}");
}
