//! What the checklist says of configurations, and that it says nothing that does not hold.

use super::super::Manner;
use super::*;
use crate::settings::layers::{Said, Values};
use crate::settings::problem::Problems;

const STRONG: &str = "5f0c8a1be2d94736a1c05e7b92f3d8465f0c8a1be2d94736a1c05e7b92f3d846";

type Variables<'a> = &'a [(&'a str, &'a str)];

fn plan(variables: Variables<'_>) -> Result<Plan, String> {
    let mut said = Said::default();
    said.environment = variables
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    let mut problems = Problems::default();
    let values = Values::resolve(&said, &mut problems);
    let plan = Plan::of(values, &[], Manner::default(), &mut problems);
    plan.ok_or_else(|| problems.to_string())
}

fn finding(variables: Variables<'_>, item: &str) -> Finding {
    let all = [&[("TONL_AUTH_TOKEN", STRONG)], variables].concat();
    let findings = checklist(&plan(&all).unwrap());
    let found = findings.into_iter().find(|finding| finding.item == item);
    found.unwrap_or_else(|| panic!("{item}"))
}

// S45, S52
#[test]
fn https_is_left_to_proxies_only_where_nobody_gets_past_them() {
    let cases: &[(Variables<'_>, Level, &str)] = &[
        (&[], Level::Warn, "TONL_TRUSTED_PROXIES"),
        (&[("TONL_TRUSTED_PROXIES", "loopback")], Level::Ok, ""),
        (
            &[("TONL_TRUSTED_PROXIES", "10.0.0.1")],
            Level::Warn,
            "proxy on this machine",
        ),
        (&[("HOST", "0.0.0.0")], Level::Fail, "TONL_TLS_CERT"),
        (
            &[("HOST", "0.0.0.0"), ("TONL_TRUSTED_PROXIES", "loopback")],
            Level::Warn,
            "listen on 127.0.0.1",
        ),
        (
            &[
                ("HOST", "0.0.0.0"),
                ("TONL_TRUSTED_PROXIES", "127.0.0.1, ::1"),
            ],
            Level::Warn,
            "listen on 127.0.0.1",
        ),
        (
            &[("HOST", "0.0.0.0"), ("TONL_TRUSTED_PROXIES", "private")],
            Level::Warn,
            "network policy",
        ),
    ];
    for (variables, level, advice) in cases {
        let found = finding(variables, "HTTPS");
        assert_eq!(found.level, *level, "{variables:?}: {found}");
        assert!(found.advice.contains(advice), "{variables:?}: {found}");
    }
}

// S52
#[test]
fn settings_that_protect_nobody_are_warned_about() {
    let cases: &[(Variables<'_>, &str, Level)] = &[
        (&[], "Wrong tokens", Level::Ok),
        (
            &[("TONL_AUTH_FAILURE_MAX", "0")],
            "Wrong tokens",
            Level::Warn,
        ),
        (&[], "Rate limiting", Level::Ok),
        (
            &[("TONL_RATE_LIMIT_MAX", "100000")],
            "Rate limiting",
            Level::Ok,
        ),
        (
            &[("TONL_RATE_LIMIT_MAX", "100001")],
            "Rate limiting",
            Level::Warn,
        ),
        (
            &[("TONL_RATE_LIMIT_ENABLED", "false")],
            "Rate limiting",
            Level::Fail,
        ),
        (
            &[("TONL_TRUSTED_PROXIES", "10.0.0.1")],
            "Proxies",
            Level::Ok,
        ),
        (
            &[("TONL_TRUSTED_PROXIES", "10.0.0.1, Private")],
            "Proxies",
            Level::Warn,
        ),
        (&[], "Host check", Level::Ok),
        (&[("HOST", "0.0.0.0")], "Host check", Level::Warn),
        (
            &[("HOST", "0.0.0.0"), ("TONL_ALLOWED_HOSTS", "a.example")],
            "Host check",
            Level::Ok,
        ),
    ];
    for (variables, item, level) in cases {
        let found = finding(variables, item);
        assert_eq!(found.level, *level, "{variables:?}: {found}");
        let is_advised = !found.advice.is_empty();
        assert_eq!(is_advised, *level != Level::Ok, "{found}");
    }
}

// S52
#[test]
fn the_shipped_configuration_has_no_failure() {
    let findings = checklist(
        &plan(&[
            ("TONL_AUTH_TOKEN", STRONG),
            ("HOST", "0.0.0.0"),
            ("NODE_ENV", "production"),
            ("TONL_TRUSTED_PROXIES", "private"),
        ])
        .unwrap(),
    );
    for finding in findings {
        assert_ne!(finding.level, Level::Fail, "{finding}");
    }
}

// S52, S53
#[test]
fn what_the_server_would_not_start_with_is_no_checklist_but_all_its_problems() {
    let folder = tempfile::tempdir().unwrap();
    let none = folder.path().join("none");
    let log = none.join("audit.log");
    let problems = plan(&[
        ("TONL_TRUSTED_PROXIES", "everybody"),
        ("TONL_AUDIT_LOG", log.to_str().unwrap()),
        ("TONL_EXTRA_HEADERS", "no header"),
        ("TONL_TLS_CERT", none.to_str().unwrap()),
        ("TONL_TLS_KEY", none.to_str().unwrap()),
        ("TONL_LOG", "info,=="),
    ])
    .unwrap_err();
    for part in [
        "TONL_TLS_CERT",
        "TONL_LOG (",
        "TONL_TRUSTED_PROXIES",
        "TONL_AUDIT_LOG",
        "TONL_EXTRA_HEADERS",
    ] {
        assert!(problems.contains(part), "{part}: {problems}");
    }
    let held = folder.path().join("audit.log");
    let config = tonl_telemetry::audit::AuditConfig::at(&held);
    let clock = tonl_telemetry::Clock::system();
    let _writer = tonl_telemetry::audit::AuditLog::open(&config, clock).unwrap();
    let problems = plan(&[("TONL_AUDIT_LOG", held.to_str().unwrap())]).unwrap_err();
    assert!(
        problems.contains("written by another process"),
        "{problems}"
    );
}

// S49
#[cfg(unix)]
#[test]
fn an_audit_key_that_others_can_read_is_an_item() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("audit.key");
    std::fs::write(&key, STRONG).unwrap();
    std::fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    let log = folder.path().join("audit.log");
    let found = finding(
        &[
            ("TONL_AUDIT_LOG", log.to_str().unwrap()),
            ("TONL_AUDIT_KEY_FILE", key.to_str().unwrap()),
        ],
        "Audit key",
    );
    assert_eq!(found.level, Level::Warn);
    assert!(found.found.contains("chmod 600"), "{found}");
    assert!(!log.exists());
}

// S26, S29
#[test]
fn further_headers_may_hold_commas() {
    let plan = plan(&[(
        "TONL_EXTRA_HEADERS",
        "Permissions-Policy: camera=(), geolocation=()|X-Other: 1",
    )]);
    plan.unwrap();
}
