//! Where a value comes from, proved on what the server then does; and slips in names.

use super::http;
use super::running::{Server, Setup};

/// The limit that a client sees.
#[track_caller]
fn window(server: &Server) -> String {
    let head = http::request("POST /stream/convert", &["Content-Length: 0"]);
    let answer = http::exchange(http::connect(server.addr), &head);
    answer.header("ratelimit-policy").unwrap().to_owned()
}

#[test]
fn a_flag_goes_before_the_environment_before_its_file_before_tonl_toml_before_the_default() {
    let toml =
        "[server]\nport = 1\nhost = \"127.63.1.1\"\n[rate_limit]\nmax = 11\nwindow_ms = 60000\n";
    let env = "PORT=2\nTONL_RATE_LIMIT_MAX=22\nHOST=127.63.1.2\n";
    let files = || Setup::bare().file("tonl.toml", toml).file("vars", env);
    // Ports 1 and 2 cannot be what is used: the strongest says 0, any free one.
    let server = files()
        .argument("--env-file")
        .argument("vars")
        .variable("PORT", "3")
        .variable("HOST", "127.63.1.3")
        .argument("--port")
        .argument("0")
        .argument("--host")
        .argument("127.63.1.4")
        .start();
    assert_eq!(server.addr.ip().to_string(), "127.63.1.4");
    assert!(server.addr.port() > 3);
    assert_eq!(window(&server), "22;w=60");

    let environment = files()
        .argument("--env-file")
        .argument("vars")
        .variable("PORT", "0")
        .variable("HOST", "127.63.1.3")
        .start();
    assert_eq!(environment.addr.ip().to_string(), "127.63.1.3");

    let env_file = files()
        .argument("--env-file")
        .argument("vars")
        .variable("PORT", "0")
        .start();
    assert_eq!(env_file.addr.ip().to_string(), "127.63.1.2");

    let toml = files().variable("PORT", "0").start();
    assert_eq!(toml.addr.ip().to_string(), "127.63.1.1");
    assert_eq!(window(&toml), "11;w=60");

    let default = Setup::new().start();
    assert_eq!(default.addr.ip().to_string(), "127.0.0.1");
    assert_eq!(window(&default), "100;w=900");
}

// S39
#[test]
fn an_environment_file_is_read_only_when_it_is_named() {
    let server = Setup::new()
        .file(".env", "NODE_ENV=production\nHOST=0.0.0.0\n")
        .start();
    assert!(server.addr.ip().is_loopback());
    assert!(
        server.said().contains("Development mode"),
        "{}",
        server.said()
    );
}

#[test]
fn an_empty_variable_leaves_what_the_file_says() {
    let server = Setup::new()
        .file("tonl.toml", "[rate_limit]\nmax = 7\n")
        .variable("TONL_RATE_LIMIT_MAX", "")
        .start();
    assert_eq!(window(&server), "7;w=900");
}

// S59
#[test]
fn a_slip_in_a_name_is_a_warning_and_links_of_kubernetes_are_none() {
    let server = Setup::secured()
        .variable("TONL_RATE_LIMT_MAX", "5")
        .variable("TONL_PORT", "tcp://10.0.0.1:3000")
        .variable("TONL_SERVICE_HOST", "10.0.0.1")
        .variable("TONL_MCP_BRIDGE_PORT_3000_TCP_ADDR", "10.0.0.1")
        .variable("TONL_MCP_BRIDGE_SERVICE_PORT_HTTP", "3000")
        .start();
    let said = server.said();
    let warning =
        "warning: TONL_RATE_LIMT_MAX is not a setting; did you mean TONL_RATE_LIMIT_MAX?\n";
    assert!(said.contains(warning), "{said}");
    assert_eq!(said.matches("is not a setting").count(), 1, "{said}");
    assert_eq!(window(&server), "100;w=900");
}
