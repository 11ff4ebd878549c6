//! `tonl doctor` and `--check`: the seed's lists, answered for these settings.

use super::running::{Setup, TOKEN};
use crate::sandbox::Outcome;
use insta::assert_snapshot;
use serde_json::Value;

/// What depends on this machine is left out: the limit of memory.
fn portable(mut outcome: Outcome) -> String {
    let is_of_this_machine =
        |line: &&str| line.contains("Resource limits") || line.contains(" WARN, ");
    let lines = outcome.stdout.lines();
    let kept: Vec<&str> = lines.filter(|line| !is_of_this_machine(line)).collect();
    outcome.stdout = kept.join("\n") + "\n";
    outcome.to_string()
}

/// A production configuration with all that can be set.
fn production() -> Setup {
    Setup::secured()
        .file("audit.key", TOKEN)
        .variable("TONL_AUDIT_LOG", "audit.log")
        .variable("TONL_AUDIT_KEY_FILE", "audit.key")
        .variable("TONL_TRUSTED_PROXIES", "loopback")
        .variable("TONL_MAX_CONNECTIONS", "100")
}

// S53
#[test]
fn in_development_the_development_list_is_fine() {
    let setup = Setup::new().variable("TONL_MAX_CONNECTIONS", "100");
    assert_snapshot!(portable(setup.tonl(&["doctor", "--strict"])), @"
    exit 0
    --- stdout
    Security checklist (development)
      OK    Tokens                  made by the server, which is fine in development
      OK    HTTPS                   not needed on loopback
      OK    Rate limiting           100 requests in 900 s an address
      OK    Proxies                 none is trusted, X-Forwarded-For is ignored
      OK    CORS                    no foreign page may ask
      OK    Connections             at most 100
      OK    Wrong tokens            20 an address, then one in 10 s
      OK    Host check              on: loopback names
      OK    Different IPs           other addresses can be tried with TONL_TRUSTED_PROXIES=loopback and X-Forwarded-For
      OK    Error messages          without internals; JSON, but for the rate limit's text and the bare status of what is no HTTP
      OK    Security events         security events are in the log on standard error
    --- stderr
    ");
}

// S52
#[test]
fn in_production_every_item_of_the_list_is_answered() {
    let outcome = production().tonl(&["doctor"]);
    for item in [
        "Bearer token",
        "HTTPS",
        "Rate limiting",
        "Security headers",
        "Firewall",
        "Secrets manager",
        "Audit log",
        "Monitoring alerts",
        "Resource limits",
        "Network policies",
        "RBAC",
        "Security updates",
        "Backup and recovery",
    ] {
        let lines = outcome
            .stdout
            .lines()
            .filter(|line| line.get(8..).is_some_and(|rest| rest.starts_with(item)));
        assert_eq!(lines.count(), 1, "{item}: {outcome}");
    }
    assert_snapshot!(portable(outcome), @"
    exit 0
    --- stdout
    Security checklist (production)
      OK    Bearer token            1 token from TONL_AUTH_TOKEN_FILE
      OK    HTTPS                   left to the trusted proxy on this machine; nobody else reaches the port
      OK    Rate limiting           100 requests in 900 s an address
      OK    Security headers        on every answer
      OK    Firewall                127.0.0.1 cannot be reached from other machines
      OK    Secrets manager         the token comes from: file
      OK    Proxies                 trusted: loopback
      OK    CORS                    no foreign page may ask
      OK    Connections             at most 100
      OK    Wrong tokens            20 an address, then one in 10 s
      OK    Host check              on: loopback names
      OK    Audit log               audit.log, authenticated by a key
      WARN  Monitoring alerts       /metrics is served; whether anybody watches cannot be seen from here: load deploy/prometheus/rules.yaml
      OK    Network policies        not in Kubernetes
      OK    RBAC                    not in Kubernetes
      WARN  Security updates        this is version 0.1.0: compare it with the newest release regularly
      WARN  Backup and recovery     the server keeps nothing but audit.log; a backup cannot be seen from here: copy it and its .head file elsewhere
    --- stderr
    ");
}

// S52
#[test]
fn what_tools_may_read_is_an_item_once_something_is_open() {
    let open = production()
        .variable("TONL_MCP_ROOTS", "/usr/share")
        .variable("TONL_MCP_URLS", "https://data.example.com/");
    let outcome = open.tonl(&["doctor"]);
    let line = "OK    Data by reference       whoever may call a tool may read /usr/share, https://data.example.com/\n";
    assert!(outcome.stdout.contains(line), "{outcome}");
    let inside = open.variable("TONL_MCP_PRIVATE_ADDRESSES", "true");
    let outcome = inside.tonl(&["doctor"]);
    assert!(
        outcome.stdout.contains("WARN  Data by reference"),
        "{outcome}"
    );
}

// S52
#[test]
fn what_cannot_be_seen_is_a_warning_and_fails_a_strict_check() {
    let setup = production();
    assert_eq!(setup.tonl(&["doctor"]).code, Some(0));
    assert_eq!(setup.tonl(&["doctor", "--strict"]).code, Some(1));
    assert_eq!(setup.tonl(&["serve", "--check"]).code, Some(0));
    let server = setup.argument("--check").argument("--strict").run();
    assert_eq!(server.code, Some(1), "{server}");
    assert!(
        server
            .stdout
            .starts_with("Security checklist (production)\n"),
        "{server}"
    );
}

// S52, S55
#[test]
fn what_is_wrong_fails_the_check() {
    let unlimited = production()
        .variable("TONL_RATE_LIMIT_ENABLED", "false")
        .tonl(&["doctor"]);
    assert_eq!(unlimited.code, Some(1), "{unlimited}");
    assert!(
        unlimited.stdout.contains("FAIL  Rate limiting"),
        "{unlimited}"
    );
    let plain = Setup::secured()
        .variable("HOST", "0.0.0.0")
        .tonl(&["doctor"]);
    assert_eq!(plain.code, Some(1), "{plain}");
    assert!(plain.stdout.contains("FAIL  HTTPS"), "{plain}");
    let weak = Setup::new().variable("TONL_AUTH_TOKEN", "hunter2");
    let weak = weak.tonl(&["doctor", "--strict"]);
    assert_eq!(weak.code, Some(1), "{weak}");
    assert!(weak.stdout.contains("WARN  Bearer token"), "{weak}");
    assert!(!weak.to_string().contains("hunter2"), "{weak}");
}

// S41, S52
#[test]
fn a_token_file_that_others_can_read_is_a_warning() {
    use std::os::unix::fs::PermissionsExt;
    let setup = production();
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(setup.sandbox.path("token"), open).unwrap();
    let outcome = setup.tonl(&["doctor"]);
    assert!(outcome.stdout.contains("WARN  Token file"), "{outcome}");
    assert!(outcome.stdout.contains("token"), "{outcome}");
}

// S50, S52
#[test]
fn an_audit_log_that_does_not_hold_together_fails_the_check() {
    let setup = Setup::secured()
        .variable("TONL_AUDIT_LOG", "audit.log")
        .file("audit.log", "not a line of ours\n");
    let outcome = setup.tonl(&["doctor"]);
    assert_eq!(outcome.code, Some(1), "{outcome}");
    assert!(outcome.stdout.contains("FAIL  Audit log"), "{outcome}");
    assert_eq!(setup.sandbox.read("audit.log"), "not a line of ours\n");
}

// S50, S52
#[test]
fn a_log_that_a_server_writes_is_told_and_is_no_failure() {
    let server = Setup::secured()
        .variable("TONL_AUDIT_LOG", "audit.log")
        .start();
    let beside = server.setup.tonl(&["doctor"]);
    let told = "WARN  Audit log               audit.log is written by a running server";
    assert!(beside.stdout.contains(told), "{beside}");
    let second = server.setup.run();
    assert_eq!(second.code, Some(64), "{second}");
    let (_, setup) = server.stop();
    let after = setup.tonl(&["doctor"]);
    assert!(after.stdout.contains("OK    Audit log"), "{after}");
}

// S52
#[test]
fn a_check_binds_nothing_and_leaves_no_file() {
    let setup = production();
    let before = setup.sandbox.names();
    setup.tonl(&["doctor"]);
    assert_eq!(setup.sandbox.names(), before);
}

// S52
#[test]
fn the_list_is_there_for_programs() {
    let outcome = production().tonl(&["doctor", "--json"]);
    let list: Value = serde_json::from_str(&outcome.data()).unwrap();
    assert_eq!(list["mode"], "production");
    let items = list["items"].as_array().unwrap();
    assert!(items.len() >= 13, "{list}");
    for item in items {
        let level = item["level"].as_str().unwrap();
        assert!(["OK", "WARN", "FAIL"].contains(&level), "{item}");
        assert!(!item["found"].as_str().unwrap().is_empty(), "{item}");
    }
    let token = &items[0];
    assert_eq!(
        (&token["item"], &token["level"]),
        (&"Bearer token".into(), &"OK".into())
    );
}
