//! The token of a run in development mode: shown once, and nowhere else.

use super::http::{bearer, connect, request};
use super::running::Setup;
use std::io::{BufRead, BufReader, Write};

/// The token that the banner shows.
#[track_caller]
pub(crate) fn run_token(banner: &str) -> String {
    let (_, rest) = banner
        .split_once("Token of this run (shown once, valid until the server stops):\n  ")
        .unwrap();
    let token = rest.lines().next().unwrap();
    assert_eq!(token.len(), 64, "{banner}");
    assert!(
        token.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{banner}"
    );
    token.to_owned()
}

// S5, S8
#[test]
fn the_token_of_a_run_is_nowhere_but_in_its_banner() {
    for format in ["text", "json"] {
        let server = Setup::new()
            .variable("TONL_LOG_FORMAT", format)
            .variable("TONL_LOG", "trace")
            .variable("TONL_AUDIT_LOG", "audit.log")
            .start();
        let banner = server.said();
        let token = run_token(&banner);
        // The line of its own, and the ready configuration for a client.
        assert_eq!(banner.matches(&token).count(), 2, "{banner}");
        let configuration = format!(
            "Client configuration:\n  {{\"mcpServers\":{{\"tonl\":{{\"url\":\"http://{}/mcp\",\
             \"headers\":{{\"Authorization\":\"Bearer {token}\"}}}}}}}}\n",
            server.addr
        );
        assert!(banner.contains(&configuration), "{banner}");
        server.mcp(&token);
        server.get("/mcp?token=x", &[&bearer("wrong")]);
        server.get("/nowhere", &[&bearer(&token)]);
        let metrics = server.get("/metrics", &[]).body;
        assert!(!metrics.contains(&token), "{metrics}");
        let (said, setup) = server.stop();
        assert_eq!(said.matches(&token).count(), 2, "{said}");
        let audit = setup.sandbox.read("audit.log");
        assert!(!audit.contains(&token), "{audit}");
    }
}

// S5, S9, S17
#[test]
fn the_token_of_a_session_is_on_record_by_its_session_s_id_alone() {
    for format in ["text", "json"] {
        let server = Setup::new()
            .variable("TONL_LOG_FORMAT", format)
            .variable("TONL_LOG", "trace")
            .variable("TONL_AUDIT_LOG", "audit.log")
            .start();
        let mut stream = connect(server.addr);
        stream
            .write_all(request("GET /mcp", &[]).as_bytes())
            .unwrap();
        let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
        let mut data = || {
            let line = lines.find(|line| line.starts_with("data: "));
            line.expect("an event")
        };
        let (_, id) = data()
            .split_once("?sessionId=")
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .unwrap();
        let token = data();
        let token = token.split('"').nth(3).unwrap();
        assert_eq!(token.rsplit('-').next().unwrap().len(), 64, "{token}");
        let line = format!("🔑 Generated session token for {id} (valid for 1 hour)");
        server.wait_for(&line);
        drop(lines);
        let (said, setup) = server.stop();
        let audit = setup.sandbox.read("audit.log");
        let secret = token.rsplit('-').next().unwrap();
        assert!(!said.contains(secret) && !audit.contains(secret), "{said}");
    }
}

// S8
#[test]
fn the_token_is_shown_to_those_who_want_quiet_too() {
    let server = Setup::new().serve(&["--quiet", "serve"]);
    let token = run_token(&server.said());
    assert!(![401, 403].contains(&server.mcp(&token).status));
}

#[test]
fn every_run_has_another_token() {
    let tokens = [(); 2].map(|()| run_token(&Setup::new().start().said()));
    assert_ne!(tokens[0], tokens[1]);
}
