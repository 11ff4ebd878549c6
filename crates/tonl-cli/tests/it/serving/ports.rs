//! Which port is taken. Each test has a loopback address of its own, so that none is in another's way.

use super::http;
use super::running::Setup;
use std::net::{IpAddr, TcpListener};

/// Somebody else's port 3000, which stays taken as long as this lives.
fn taken(host: &str) -> TcpListener {
    TcpListener::bind((host, 3000)).unwrap()
}

#[test]
fn without_a_wish_it_is_3000() {
    let server = Setup::bare().variable("HOST", "127.63.0.1").start();
    assert_eq!(server.addr, "127.63.0.1:3000".parse().unwrap());
    assert!(!server.said().contains("was busy"), "{}", server.said());
}

#[test]
fn without_a_wish_a_busy_3000_is_passed_over_with_a_notice() {
    let _other = taken("127.63.0.2");
    let server = Setup::bare().variable("HOST", "127.63.0.2").start();
    assert_eq!(server.addr.port(), 3001);
    let notice = "Port 3000 was busy, using available port 3001 instead.\n";
    assert!(server.said().contains(notice), "{}", server.said());
    assert!(
        server.said().contains("http://127.63.0.2:3001/mcp"),
        "{}",
        server.said()
    );
    assert_eq!(server.get("/health", &[]).status, 200);
}

#[test]
fn a_busy_port_that_was_asked_for_is_an_error() {
    let _other = taken("127.63.0.3");
    let asked = [
        Setup::bare().variable("PORT", "3000"),
        Setup::bare().argument("--port").argument("3000"),
        Setup::bare().file("tonl.toml", "[server]\nport = 3000\n"),
    ];
    for setup in asked {
        let outcome = setup.variable("HOST", "127.63.0.3").run();
        assert_eq!(outcome.code, Some(2), "{outcome}");
        let sentence = "error: port 3000 on 127.63.0.3 is in use: stop what uses it, or set PORT to another one\n";
        assert_eq!(outcome.stderr, sentence);
    }
}

#[test]
fn an_address_of_another_machine_is_an_error() {
    let setup = Setup::secured().variable("HOST", "192.0.2.1");
    let outcome = setup.run();
    assert_eq!(outcome.code, Some(2), "{outcome}");
    assert!(
        outcome.stderr.contains("cannot listen on 192.0.2.1:"),
        "{outcome}"
    );
}

#[test]
fn the_banner_shows_the_address_by_which_others_come() {
    let server = Setup::secured()
        .variable("HOST", "0.0.0.0")
        .variable("EXTERNAL_HOST", "tonl.example.com")
        .variable("EXTERNAL_PORT", "8443")
        .start();
    assert!(
        server.said().contains("http://tonl.example.com:8443/mcp\n"),
        "{}",
        server.said()
    );
    assert_eq!(server.addr.ip(), IpAddr::from([0, 0, 0, 0]));
    let local = ([127, 0, 0, 1], server.addr.port()).into();
    assert_eq!(http::ask(local, "GET /mcp", &[]).status, 401);
}
