//! Tokens that change while requests come in.

use super::running::{OTHER, Server, Setup, TOKEN, private};
use rustix::process::Signal;
use std::fs;
use std::os::unix::fs::symlink;

const FAILED: &str = r#"tonl_secret_reloads_total{result="error"}"#;

/// A short overlap, and no limit of wrong tokens, which these tests send by the dozen.
fn setup() -> Setup {
    Setup::secured()
        .variable("TONL_TOKEN_OVERLAP_SECS", "1")
        .variable("TONL_AUTH_FAILURE_MAX", "0")
        .variable("TONL_AUDIT_LOG", "audit.log")
}

#[track_caller]
fn is_accepted(server: &Server, token: &str) -> bool {
    match server.mcp(token).status {
        403 => false,
        401 => panic!("a token was sent"),
        status => {
            assert!(status != 429 && status != 503, "{status}");
            true
        }
    }
}

/// The new token comes into force, and from then on no request with it fails, while the old one stays
/// valid for a while and is then refused for good.
#[track_caller]
fn is_replaced(server: &Server, old: &str, new: &str) {
    let load = |stop: &std::sync::atomic::AtomicBool| {
        let (mut accepted, mut lost) = (0, 0);
        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
            match is_accepted(server, new) {
                true => accepted += 1,
                false if accepted > 0 => lost += 1,
                false => {}
            }
        }
        (accepted, lost)
    };
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clients = [(); 4].map(|()| scope.spawn(|| load(&stop)));
        server.until("the new token", |server| is_accepted(server, new));
        server.until("the end of the old token", |server| {
            !is_accepted(server, old)
        });
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        for client in clients {
            let (accepted, lost) = client.join().unwrap();
            assert!(accepted > 0, "no request came through");
            assert_eq!(lost, 0, "of {accepted} requests");
        }
    });
    assert!(!is_accepted(server, old), "the old token came back");
    server.wait_for("token reloaded");
}

// S6, S41
#[test]
fn a_file_that_is_replaced_gives_the_new_token() {
    let server = setup().start();
    assert!(is_accepted(&server, TOKEN));
    fs::write(server.setup.sandbox.path("next"), OTHER).unwrap();
    private(&server.setup.sandbox, "next");
    fs::rename(
        server.setup.sandbox.path("next"),
        server.setup.sandbox.path("token"),
    )
    .unwrap();
    is_replaced(&server, TOKEN, OTHER);
    let (said, setup) = server.stop();
    let audit = setup.sandbox.read("audit.log");
    assert!(audit.contains(r#""event":"token_reloaded""#), "{audit}");
    for text in [said, audit] {
        assert!(!text.contains(TOKEN) && !text.contains(OTHER), "{text}");
    }
}

// S6, S40, S41
#[test]
fn a_secret_that_kubernetes_swaps_gives_the_new_token() {
    let setup = Setup::new()
        .file("secret/..v1/token", TOKEN)
        .file("secret/..v2/token", OTHER)
        .variable("TONL_AUTH_TOKEN_FILE", "secret/token")
        .variable("TONL_TOKEN_OVERLAP_SECS", "1")
        .variable("TONL_AUTH_FAILURE_MAX", "0");
    let folder = setup.sandbox.path("secret");
    symlink("..v1", folder.join("..data")).unwrap();
    symlink("..data/token", folder.join("token")).unwrap();
    let server = setup.start();
    assert!(is_accepted(&server, TOKEN));
    symlink("..v2", folder.join("..data_tmp")).unwrap();
    fs::rename(folder.join("..data_tmp"), folder.join("..data")).unwrap();
    is_replaced(&server, TOKEN, OTHER);
}

// S6, S41
#[test]
fn an_emptied_file_changes_nothing_and_is_told() {
    let server = setup().start();
    fs::write(server.setup.sandbox.path("token"), "").unwrap();
    server.until("the metric", |server| server.metric(FAILED) > 0.0);
    assert!(is_accepted(&server, TOKEN));
    server.wait_for("token not reloaded, the last good one stays in force");
    let (_, setup) = server.stop();
    let audit = setup.sandbox.read("audit.log");
    assert!(
        audit.contains(r#""event":"token_reload_failed""#),
        "{audit}"
    );
}

// S6
#[test]
fn a_hangup_reads_the_token_again() {
    let server = setup().start();
    fs::remove_file(server.setup.sandbox.path("token")).unwrap();
    server.until("the metric", |server| server.metric(FAILED) > 0.0);
    let before = server.metric(FAILED);
    server.signal(Signal::HUP);
    server.until("another look", |server| server.metric(FAILED) > before);
    fs::write(server.setup.sandbox.path("token"), OTHER).unwrap();
    server.signal(Signal::HUP);
    is_replaced(&server, TOKEN, OTHER);
}

// S6
#[test]
fn without_an_overlap_the_old_token_is_revoked_at_once() {
    let server = Setup::secured()
        .variable("TONL_TOKEN_OVERLAP_SECS", "0")
        .variable("TONL_AUTH_FAILURE_MAX", "0")
        .start();
    fs::write(server.setup.sandbox.path("token"), OTHER).unwrap();
    server.until("the new token", |server| is_accepted(server, OTHER));
    assert!(!is_accepted(&server, TOKEN));
}
