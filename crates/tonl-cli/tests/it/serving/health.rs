//! `healthcheck`, as a container runs it: with the variables of the server and nothing else.

use super::running::{Server, Setup};
use crate::sandbox::Outcome;
use std::net::TcpListener;

/// The check with the server's own settings.
fn check(server: &Server, arguments: &[&str]) -> Outcome {
    let port = server.addr.port().to_string();
    let mut command = server.setup.command();
    command.arg("healthcheck").args(arguments).env("PORT", port);
    Outcome::from(command.output().unwrap())
}

/// A certificate for these names, as files.
fn with_certificate(setup: Setup, names: &[&str]) -> Setup {
    let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    setup
        .file("cert.pem", made.cert.pem())
        .file("key.pem", made.signing_key.serialize_pem())
        .variable("TONL_TLS_CERT", "cert.pem")
        .variable("TONL_TLS_KEY", "key.pem")
}

#[test]
fn a_server_that_answers_is_healthy_and_one_that_is_gone_is_not() {
    let server = Setup::secured().start();
    let healthy = check(&server, &[]);
    assert_eq!(
        (healthy.code, healthy.stderr.as_str()),
        (Some(0), ""),
        "{healthy}"
    );
    let (port, (_, setup)) = (server.addr.port(), server.stop());
    let gone = setup
        .variable("PORT", &port.to_string())
        .tonl(&["healthcheck"]);
    assert_eq!(gone.code, Some(1), "{gone}");
    let sentence = format!("error: http://127.0.0.1:{port}/health does not answer: ");
    assert!(gone.stderr.starts_with(&sentence), "{gone}");
}

#[test]
fn an_answer_that_is_not_200_or_comes_too_late_is_not_healthy() {
    let server = Setup::secured().start();
    let url = format!("http://{}/mcp", server.addr);
    let other = server.setup.tonl(&["healthcheck", "--url", &url]);
    assert_eq!(other.code, Some(1), "{other}");
    assert_eq!(
        other.stderr,
        format!("error: {url} answers 401 Unauthorized\n")
    );
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/health", silent.local_addr().unwrap());
    let late = server
        .setup
        .tonl(&["healthcheck", "--url", &url, "--timeout", "50"]);
    assert_eq!(late.code, Some(1), "{late}");
}

#[test]
fn with_tls_the_server_of_the_settings_is_asked_over_tls() {
    // The certificate is for a public name, as it would be, and not for this machine.
    let server = with_certificate(Setup::secured(), &["api.example.com"]).start();
    let banner = server.said();
    assert!(
        banner.contains(&format!("https://{}/mcp", server.addr)),
        "{banner}"
    );
    assert!(
        banner.contains("OK    HTTPS                   TLS 1.2 and 1.3"),
        "{banner}"
    );
    let healthy = check(&server, &[]);
    assert_eq!(healthy.code, Some(0), "{healthy}");
    let plain = format!("http://{}/health", server.addr);
    let plain = server.setup.tonl(&["healthcheck", "--url", &plain]);
    assert_eq!(plain.code, Some(1), "{plain}");
}

#[test]
fn an_authority_that_is_named_must_have_signed() {
    let server = with_certificate(Setup::secured(), &["localhost", "127.0.0.1"]).start();
    let other = with_certificate(Setup::new(), &["localhost", "127.0.0.1"]);
    let url = format!("https://localhost:{}/health", server.addr.port());
    let ours = server
        .setup
        .tonl(&["healthcheck", "--url", &url, "--ca-file", "cert.pem"]);
    assert_eq!(ours.code, Some(0), "{ours}");
    let path = other.sandbox.path("cert.pem");
    let path = path.to_str().unwrap();
    let foreign = server
        .setup
        .tonl(&["healthcheck", "--url", &url, "--ca-file", path]);
    assert_eq!(foreign.code, Some(1), "{foreign}");
    let missing = server
        .setup
        .tonl(&["healthcheck", "--url", &url, "--ca-file", "none.pem"]);
    assert_eq!(missing.code, Some(64), "{missing}");
}
