//! What the banner says is what the answers do, in every mode.

use super::http::bearer;
use super::running::{OTHER, Server, Setup, TOKEN};

const MISSING: (u16, &str) = (401, r#"{"error":"Unauthorized: Missing Bearer token"}"#);
const WRONG: (u16, &str) = (403, r#"{"error":"Forbidden: Invalid token"}"#);
const ENABLED: &str = "🔒 Security: Enabled (Bearer Token required for /mcp)\n";
const DEVELOPMENT: &str = "⚠️  Security: Development mode (Auto-generated session tokens)\n\
                           💡 Set TONL_AUTH_TOKEN for production use\n";

/// The banner says that a token is needed, and it is.
#[track_caller]
fn is_secured(server: &Server, token: &str) {
    let banner = server.said();
    assert!(banner.contains(ENABLED), "{banner}");
    assert!(!banner.contains("Development mode"), "{banner}");
    assert!(!banner.contains(token), "{banner}");
    for path in ["/mcp", "/sse", "/messages", "/metrics/live"] {
        let answer = server.get(path, &[]);
        assert_eq!(answer.parts(), MISSING, "{path}");
        let challenge = answer.header("www-authenticate");
        assert_eq!(challenge, Some(r#"Bearer realm="tonl-mcp-bridge""#));
        let answer = server.get(path, &[&bearer(OTHER)]);
        assert_eq!(answer.parts(), WRONG, "{path}");
    }
    let answer = server.mcp(token);
    assert!(![401, 403].contains(&answer.status), "{answer:?}");
}

// S2, S4, S7
#[test]
fn a_token_of_the_environment_secures_the_server() {
    let server = Setup::new().variable("TONL_AUTH_TOKEN", TOKEN).start();
    is_secured(&server, TOKEN);
}

// S4, S41
#[test]
fn a_token_of_a_file_secures_the_server_and_its_last_line_break_is_no_part_of_it() {
    for ending in ["", "\n", "\r\n"] {
        let server = Setup::new()
            .file("token", format!("{TOKEN}{ending}"))
            .variable("TONL_AUTH_TOKEN_FILE", "token")
            .start();
        is_secured(&server, TOKEN);
    }
}

// S4, S41
#[test]
fn tokens_of_a_file_open_what_their_scopes_say() {
    let entries = format!(
        "[[token]]\nname = \"client\"\nvalue = \"{TOKEN}\"\nscopes = [\"mcp\"]\n\
         [[token]]\nname = \"grafana\"\nvalue = \"{OTHER}\"\nscopes = [\"metrics\"]\n"
    );
    let server = Setup::new()
        .file("tokens.toml", entries)
        .variable("TONL_AUTH_TOKENS_FILE", "tokens.toml")
        .start();
    let banner = server.said();
    assert!(banner.contains(ENABLED), "{banner}");
    assert!(
        banner.contains("2 tokens from TONL_AUTH_TOKENS_FILE"),
        "{banner}"
    );
    assert_eq!(server.get("/mcp", &[]).parts(), MISSING);
    assert_eq!(server.mcp(&"c".repeat(64)).parts(), WRONG);
    let narrow = server.mcp(OTHER);
    assert_eq!(narrow.status, 403, "{narrow:?}");
    let challenge = narrow.header("www-authenticate").unwrap();
    assert!(
        challenge.contains(r#"error="insufficient_scope""#),
        "{challenge}"
    );
    assert!(![401, 403].contains(&server.mcp(TOKEN).status));
    // A token that is right is no failed attempt, however often it lacks the scope.
    let failures = server.metric(r#"tonl_conversion_errors_total{type="auth"}"#);
    assert!((failures - 3.0).abs() < 0.5, "{failures}");
}

// S4, S8, S18
#[test]
fn without_a_token_it_is_development_mode_on_this_machine_alone() {
    let server = Setup::new().start();
    let banner = server.said();
    assert!(banner.contains(DEVELOPMENT), "{banner}");
    assert!(!banner.contains("Security: Enabled"), "{banner}");
    assert!(server.addr.ip().is_loopback());
    let token = super::development::run_token(&banner);
    assert_eq!(server.mcp(OTHER).parts(), WRONG);
    assert_eq!(server.get("/metrics/live", &[]).parts(), MISSING);
    assert!(![401, 403].contains(&server.mcp(&token).status));
}

// S8, S59
#[test]
fn development_mode_is_public_only_when_it_is_asked_for() {
    let server = Setup::new()
        .variable("HOST", "0.0.0.0")
        .argument("--insecure")
        .start();
    let banner = server.said();
    assert!(banner.contains(DEVELOPMENT), "{banner}");
    assert!(server.addr.ip().is_unspecified());
    assert!(banner.contains("FAIL  HTTPS"), "{banner}");
    assert_eq!(
        super::http::ask(
            ([127, 0, 0, 1], server.addr.port()).into(),
            "GET /mcp",
            &[&bearer(OTHER)]
        )
        .parts(),
        WRONG
    );
}

// S4
#[test]
fn the_status_of_a_wrong_token_is_a_setting() {
    let server = Setup::secured()
        .variable("TONL_AUTH_INVALID_STATUS", "401")
        .start();
    let answer = server.mcp(OTHER);
    assert_eq!(answer.status, 401);
    let challenge = answer.header("www-authenticate").unwrap();
    assert!(
        challenge.contains(r#"error="invalid_token""#),
        "{challenge}"
    );
}

// S3, S55
#[test]
fn a_weak_token_is_a_warning_with_its_figure() {
    let server = Setup::new().variable("TONL_AUTH_TOKEN", "hunter2").start();
    let banner = server.said();
    assert!(banner.contains(ENABLED), "{banner}");
    assert!(banner.contains("WARN  Bearer token"), "{banner}");
    assert!(
        banner.contains("about 42 bits, expected at least 256: make one with `tonl token`"),
        "{banner}"
    );
    assert!(!banner.contains("hunter2"), "{banner}");
    assert_eq!(server.get("/mcp", &[]).parts(), MISSING);
}

// S20, S21
#[test]
fn a_limit_that_is_switched_off_is_said_and_off() {
    let on = Setup::secured().start();
    assert!(
        on.said().contains("🚦 Rate Limiting: 100 req / 15min\n"),
        "{}",
        on.said()
    );
    let off = Setup::secured()
        .variable("TONL_RATE_LIMIT_ENABLED", "false")
        .start();
    assert!(
        off.said().contains("⚠️  Rate Limiting: disabled\n"),
        "{}",
        off.said()
    );
    let convert = |server: &Server| {
        let head = super::http::request(
            "POST /stream/convert",
            &["Content-Type: application/x-ndjson", "Content-Length: 8"],
        );
        super::http::exchange(super::http::connect(server.addr), &(head + "{\"a\":1}\n"))
    };
    assert_eq!(convert(&on).header("ratelimit-limit"), Some("100"));
    let answer = convert(&off);
    assert_eq!(
        (answer.status, answer.header("ratelimit-limit")),
        (200, None)
    );
}
