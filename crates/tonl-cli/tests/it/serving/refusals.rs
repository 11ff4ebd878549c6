//! Starts that must not happen: exit code 64, a sentence that says what to do, and nothing listens.

use super::running::{OTHER, Setup, TOKEN};
use crate::sandbox::Outcome;
use insta::assert_snapshot;

/// The start is refused before anything is bound.
#[track_caller]
fn refused(setup: &Setup) -> String {
    let Outcome {
        code,
        stdout,
        stderr,
    } = setup.run();
    assert_eq!((code, stdout.as_str()), (Some(64), ""), "{stderr}");
    assert!(
        !stderr.contains("TONL-MCP Bridge"),
        "it was bound: {stderr}"
    );
    stderr
}

// S4, S59
#[test]
fn two_sources_of_the_token_are_refused() {
    let setup = Setup::secured().variable("TONL_AUTH_TOKEN", TOKEN);
    assert_snapshot!(refused(&setup), @"error: TONL_AUTH_TOKEN and TONL_AUTH_TOKEN_FILE are set together: keep one source of the token and remove the others");
}

// S4, S59
#[test]
fn a_source_that_is_set_but_empty_is_refused() {
    for source in [
        "TONL_AUTH_TOKEN",
        "TONL_AUTH_TOKEN_FILE",
        "TONL_AUTH_TOKENS_FILE",
        "TONL_AUTH_TOKEN_SOURCE",
    ] {
        let said = refused(&Setup::new().variable(source, ""));
        let sentence = format!(
            "error: {source} (environment): it is set but empty: give it a value or remove it\n"
        );
        assert_eq!(said, sentence);
    }
}

// S4, S41, S59
#[test]
fn a_file_without_a_token_is_refused() {
    let with = |setup: Setup| refused(&setup.variable("TONL_AUTH_TOKEN_FILE", "token"));
    assert_snapshot!(with(Setup::new()), @"error: TONL_AUTH_TOKEN_FILE (environment): token: there is no such file: correct the path, or mount the secret");
    assert_snapshot!(with(Setup::new().file("token", "")), @"error: TONL_AUTH_TOKEN_FILE (environment): token: the token is empty: put a token there, for example the output of `tonl token`");
    assert_snapshot!(with(Setup::new().file("token", " \n")), @"error: TONL_AUTH_TOKEN_FILE (environment): token: character 1 of the token cannot be part of a bearer token: use letters, digits and -._~+/ only, with = at the end alone; `tonl token` makes one");
    assert_snapshot!(with(Setup::new().file("token/inside", "")), @"error: TONL_AUTH_TOKEN_FILE (environment): token: it is a directory: name the file in it that holds the token; a directory may also mean that the file to mount did not exist");
    assert_snapshot!(with(Setup::new().file("token", "two words")), @"error: TONL_AUTH_TOKEN_FILE (environment): token: character 4 of the token cannot be part of a bearer token: use letters, digits and -._~+/ only, with = at the end alone; `tonl token` makes one");
}

// S4, S41, S59
#[test]
fn a_file_that_may_not_be_read_is_refused() {
    let setup = Setup::secured();
    let path = setup.sandbox.path("token");
    let none = std::os::unix::fs::PermissionsExt::from_mode(0o000);
    std::fs::set_permissions(&path, none).unwrap();
    if std::fs::read(&path).is_ok() {
        // The superuser may read everything: a loop of links is unreadable for everybody.
        std::fs::remove_file(&path).unwrap();
        std::os::unix::fs::symlink("token", &path).unwrap();
    }
    let said = refused(&setup);
    assert!(
        said.contains("TONL_AUTH_TOKEN_FILE (environment): "),
        "{said}"
    );
    assert!(said.contains("token"), "{said}");
}

// S8, S59
#[test]
fn a_public_address_without_a_token_is_refused() {
    for host in ["0.0.0.0", "::", "192.0.2.1"] {
        let said = refused(&Setup::new().variable("HOST", host));
        assert!(
            said.contains("there is no token and HOST is not a loopback address"),
            "{said}"
        );
        assert!(said.contains("`tonl token` makes a token"), "{said}");
    }
}

// S8, S59
#[test]
fn production_without_a_token_is_refused() {
    assert_snapshot!(refused(&Setup::new().variable("NODE_ENV", "production")), @"error: there is no token and NODE_ENV is production: set TONL_AUTH_TOKEN_FILE (`tonl token` makes a token), or remove NODE_ENV");
}

// S55
#[test]
fn strict_refuses_a_weak_token_and_takes_a_strong_one() {
    let setup = Setup::new()
        .variable("TONL_AUTH_TOKEN", "hunter2")
        .argument("--strict");
    assert_snapshot!(refused(&setup), @"error: TONL_AUTH_TOKEN (environment): the token default has about 42 bits, expected at least 256: make one with `tonl token`");
    let strong = Setup::secured().argument("--strict").start();
    assert_eq!(strong.get("/mcp", &[]).status, 401);
}

// S59
#[test]
fn garbage_of_every_kind_is_reported_at_once() {
    let setup = Setup::bare()
        .variable("PORT", "http")
        .variable("HOST", "my-server")
        .variable("TONL_RATE_LIMIT_ENABLED", "yes")
        .variable("TONL_RATE_LIMIT_MAX", "-1")
        .variable("TONL_RATE_LIMIT_WINDOW_MS", "15m")
        .variable("TONL_RATE_LIMIT_RESET", "later")
        .variable("TONL_TOKEN_OVERLAP_SECS", "0.5")
        .variable("TONL_JSON_LIMIT_BYTES", "lots")
        .variable("TONL_TRUSTED_PROXIES", "10.0.0.0/99")
        .variable("TONL_CORS_ORIGINS", "*")
        .variable("TONL_ALLOWED_HOSTS", "a b")
        .variable("TONL_EXTRA_HEADERS", "no colon")
        .variable("TONL_TLS_CERT", "cert.pem")
        .variable("TONL_AUDIT_KEY_FILE", "audit.key")
        .variable("TONL_LOG", "info,tonl=loud")
        .variable("TONL_AUTH_TOKEN", "line\nbreak");
    assert_snapshot!(refused(&setup), @r#"
    error: 16 settings are not valid
      HOST (environment): expected an IP address, such as 127.0.0.1 or ::, found "my-server"
      PORT (environment): expected a port from 1 to 65535, or 0 for any free one, found "http"
      TONL_AUTH_TOKEN (environment): expected text on one line, found something else
      TONL_TOKEN_OVERLAP_SECS (environment): expected whole seconds, at most a year, found "0.5"
      TONL_RATE_LIMIT_ENABLED (environment): expected true or false, found "yes"
      TONL_RATE_LIMIT_WINDOW_MS (environment): expected whole milliseconds, at most a year, found "15m"
      TONL_RATE_LIMIT_MAX (environment): expected a whole number from 1 to 1000000000, found "-1"
      TONL_RATE_LIMIT_RESET (environment): expected one of seconds, epoch, found "later"
      TONL_JSON_LIMIT_BYTES (environment): expected a number of bytes, such as 52428800 or 50MiB, found "lots"
      TONL_TRUSTED_PROXIES (environment): "10.0.0.0/99" is no trusted proxy: expected an address (10.0.0.1), a network (10.0.0.0/8), loopback or private
      TONL_ALLOWED_HOSTS (environment): "a b" is no host: expected a name or address, with or without a port, as api.example.com or [2001:db8::1]:3000; there are no wildcards
      TONL_CORS_ORIGINS (environment): "*" would let every page use this server in its visitors' names: list each origin in full
      TONL_EXTRA_HEADERS (environment): "no colon" is no header name: expected letters, digits and dashes
      TONL_TLS_CERT and TONL_TLS_KEY belong together: set both, or neither of the TLS settings
      TONL_AUDIT_KEY_FILE is set and TONL_AUDIT_LOG is not: set both
      TONL_LOG (environment): expected a log filter such as info or info,tonl_server=debug, found "info,tonl=loud": error parsing level filter: expected one of "off", "error", "warn", "info", "debug", "trace", or a number 0-5
    "#);
}

// S5, S59
#[test]
fn what_a_configuration_file_may_not_hold_is_refused() {
    let with = |text: &str| refused(&Setup::bare().file("tonl.toml", text));
    assert_snapshot!(with("[server]\nprot = 3000\n\n[auth]\ntoken = \"x\"\n"), @"
    error: 2 settings are not valid
      tonl.toml: auth.token is not a setting; secrets are not read from this file: name the file that holds them
      tonl.toml: server.prot is not a setting; did you mean server.port?
    ");
    assert_snapshot!(with("[server\n"), @"error: tonl.toml, line 1: unclosed table, expected `]`");
    let named = Setup::new().argument("--config").argument("missing.toml");
    assert_snapshot!(refused(&named), @"error: cannot read missing.toml: no such file or directory");
    let env_file = Setup::new().argument("--env-file").argument("missing.env");
    let said = refused(&env_file);
    assert!(said.contains("cannot read missing.env"), "{said}");
}

#[test]
fn a_broken_line_of_an_environment_file_is_not_shown() {
    let setup = Setup::new()
        .file(".env", format!("TONL_AUTH_TOKEN='{OTHER}\n"))
        .argument("--env-file")
        .argument(".env");
    let said = refused(&setup);
    assert!(said.contains(".env is not an environment file"), "{said}");
    assert!(!said.contains(OTHER), "{said}");
}

// S50
#[test]
fn an_audit_log_that_cannot_be_written_is_refused() {
    let with = |setup: Setup| refused(&setup.variable("TONL_AUDIT_LOG", "audit.log"));
    assert_snapshot!(with(Setup::new().file("audit.log/inside", "")), @"error: TONL_AUDIT_LOG (environment): expected audit.log to be a file: a chain of lines cannot be kept in anything else");
    let broken = with(Setup::new().file("audit.log", "not a line of ours\n"));
    assert!(broken.contains("tonl audit verify"), "{broken}");
    let nowhere = refused(&Setup::new().variable("TONL_AUDIT_LOG", "none/audit.log"));
    let sentence = "error: TONL_AUDIT_LOG (environment): cannot write in none: ";
    assert!(nowhere.starts_with(sentence), "{nowhere}");
    let short = Setup::new()
        .file("key", "short")
        .variable("TONL_AUDIT_LOG", "audit.log")
        .variable("TONL_AUDIT_KEY_FILE", "key");
    assert_snapshot!(refused(&short), @"error: TONL_AUDIT_KEY_FILE (environment): key: expected an audit key of at least 16 bytes, found 5 bytes: make one with openssl rand -hex 32");
}

// S59
#[test]
fn certificates_that_cannot_be_used_are_refused() {
    let with = |setup: Setup| {
        refused(
            &setup
                .variable("TONL_TLS_CERT", "cert.pem")
                .variable("TONL_TLS_KEY", "key.pem"),
        )
    };
    assert_snapshot!(with(Setup::secured()), @"error: TONL_TLS_CERT (environment): cannot read a certificate from cert.pem: I/O error: No such file or directory (os error 2)");
    let garbage = Setup::secured().file("cert.pem", "x").file("key.pem", "x");
    assert_snapshot!(with(garbage), @"error: TONL_TLS_CERT (environment): there is no certificate in cert.pem (expected PEM)");
}

// S52
#[test]
fn a_check_refuses_what_a_start_refuses() {
    let setup = Setup::secured().variable("TONL_AUTH_TOKEN", TOKEN);
    let started = setup.run();
    let checked = setup.tonl(&["serve", "--check"]);
    let examined = setup.tonl(&["doctor"]);
    for other in [&checked, &examined] {
        assert_eq!((other.code, &other.stderr), (Some(64), &started.stderr));
        assert_eq!(other.stdout, "");
    }
}
