//! `tonl top` against a real server on a port of this machine; what a terminal shows is tested beside the code.

use crate::sandbox::{Outcome, Sandbox};
use crate::stub::{Reply, Request, Stub, encrypted};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, ChildStdout, Command};

/// All metrics of a server that has done something and does nothing now.
const PAGE: &str = r#"# HELP tonl_build_info What runs.
# TYPE tonl_build_info gauge
tonl_build_info{version="1.0.0"} 1
process_cpu_seconds_total 12.5
process_resident_memory_bytes 35756441
process_open_fds 42
tonl_active_connections 3
tonl_http_requests_total{method="POST",route="/stream/convert",status="200"} 170
tonl_http_requests_total{method="GET",route="/health",status="200"} 30
tonl_http_request_duration_seconds_bucket{route="/health",le="0.005"} 190
tonl_http_request_duration_seconds_bucket{route="/health",le="+Inf"} 200
tonl_conversion_requests_total{operation="json_to_tonl",status="success"} 100
tonl_conversion_requests_total{operation="stream_conversion",status="success"} 20
tonl_conversion_requests_total{operation="stream_conversion",status="error"} 2
tonl_conversion_duration_seconds_bucket{operation="json_to_tonl",le="0.001"} 50
tonl_conversion_duration_seconds_bucket{operation="json_to_tonl",le="0.01"} 100
tonl_conversion_duration_seconds_bucket{operation="json_to_tonl",le="+Inf"} 100
tonl_errors_total{type="auth"} 7
tonl_errors_total{type="internal"} 0
tonl_rate_limit_hits_total{endpoint="/stream/convert"} 5
tonl_tokens_saved_total{model="gpt-4o"} 12345
tonl_estimated_cost_savings_usd{model="gpt-4o"} 0.0308625
tonl_compression_ratio_sum{model="gpt-4o"} 60
tonl_compression_ratio_count{model="gpt-4o"} 100
# EOF
"#;

const OK: &str = "200 OK";
/// What a person would have to type; nothing of it may be shown.
const TOKEN: &str = "0123456789abcdef-secret";

fn page(text: impl Into<String>) -> Reply {
    Reply::Page(OK, text.into())
}

/// An event of the live stream at this time of the server.
fn event(milliseconds: u64, page: &str) -> String {
    let data = json!({"type": "metrics", "timestamp": milliseconds, "data": page});
    format!("data: {data}\n\n")
}

/// The command without what the environment of the tests says of servers.
fn command(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.command(&[&["top"], arguments].concat());
    for variable in ["TONL_SERVER_URL", "TONL_AUTH_TOKEN", "TONL_AUTH_TOKEN_FILE"] {
        command.env_remove(variable);
    }
    command
}

fn run(arguments: &[&str]) -> Outcome {
    Outcome::from(command(&Sandbox::new(), arguments).output().unwrap())
}

/// One look at a stub.
fn once(stub: &Stub, arguments: &[&str]) -> Outcome {
    let url = stub.url();
    run(&[&["--once", "-i", "100", "-u", &url], arguments].concat())
}

/// A run that goes on until the test ends it.
struct Watching {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Watching {
    fn start(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    /// The next lines.
    fn hear(&mut self, count: usize) -> String {
        let lines = self.lines.by_ref().take(count);
        lines.map(|line| line.unwrap() + "\n").collect()
    }

    /// The next line without its time, which is now.
    fn hear_timeless(&mut self) -> String {
        let line = self.hear(1);
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.starts_with("20") && time.ends_with('Z'), "{line}");
        rest.trim_end().to_owned()
    }

    /// The next line that begins so.
    fn hear_until(&mut self, begin: &str) -> String {
        let mut lines = self.lines.by_ref().map(Result::unwrap);
        lines.find(|line| line.contains(begin)).unwrap()
    }

    /// Ends it; what it said on standard error.
    fn end(mut self) -> String {
        self.child.kill().unwrap();
        let mut said = String::new();
        let mut stderr = self.child.stderr.take().unwrap();
        std::io::Read::read_to_string(&mut stderr, &mut said).unwrap();
        said
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn one_look_tells_everything_as_text() {
    let stub = Stub::start(|_| page(PAGE));
    assert_snapshot!(stub.without_port(&once(&stub, &[]).to_string()), @"
    exit 0
    --- stdout
    TONL SERVER MONITOR
    status           ONLINE
    url              http://127.0.0.1:PORT/metrics
    version          1.0.0
    uptime           -
    cpu              0.0 %
    memory           34.1 MiB
    open files       42
    streams          3
    requests/s       0.0
    request time     p50 2.6 ms, p95 5.0 ms
    conversions      120 ok, 2 failed
    conversions/s    0.0
    conversion time  p50 1.0 ms, p95 9.1 ms
    errors           auth 7
    rate limit hits  5
    tokens saved     12,345
    cost saved       $0.0309
    average ratio    60.0 %

    operation           ok  failed  per second     p50     p95
    json_to_tonl       100       0         0.0  1.0 ms  9.1 ms
    stream_conversion   20       2         0.0       -       -
    --- stderr
    ");
    let asked: Vec<String> = stub
        .asked()
        .into_iter()
        .map(|request| request.path)
        .collect();
    assert_eq!(asked, ["/metrics", "/metrics"], "two samples make a rate");
}

#[test]
fn one_look_for_machines_has_null_where_nothing_is_known() {
    let stub =
        Stub::start(|request| page(format!("tonl_http_requests_total {}\n", request.before * 5)));
    let outcome = run(&["--json", "-i", "100", "-u", &stub.url()]);
    assert_eq!(outcome.stdout.lines().count(), 1, "{outcome}");
    let value: Value = serde_json::from_str(&outcome.data()).unwrap();
    let rate = value["requests_per_second"].as_f64().unwrap();
    assert!(rate > 0.0, "{rate}");
    for missing in [
        "version",
        "uptime_seconds",
        "cpu_percent",
        "errors",
        "cost_saved_usd",
    ] {
        assert_eq!(value.get(missing), Some(&Value::Null), "{missing}");
    }
    assert_eq!(value["status"], "online");
    let full = Stub::start(|_| page(PAGE));
    let outcome = run(&["--json", "-i", "100", "-u", &full.url()]).data();
    let value: Value = serde_json::from_str(&outcome).unwrap();
    assert_eq!(value["conversions"]["succeeded"], 120);
    assert_eq!(value["errors"], json!({"auth": 7}));
    assert_eq!(value["operations"]["stream_conversion"]["failed"], 2);
    assert_eq!(value["average_ratio"], 0.6);
}

#[test]
fn a_pipe_gets_a_line_for_each_sample_of_the_live_stream() {
    let stub = Stub::start(|request| match request.path.as_str() {
        "/metrics/live" => Reply::Events(vec![
            "data: {\"type\":\"connected\",\"timestamp\":1700000000000}\n\n".to_owned(),
            event(1_700_000_001_000, "tonl_http_requests_total 10\n"),
            ": heartbeat\n\n".to_owned(),
            event(1_700_000_001_050, "tonl_http_requests_total 11\n"),
            event(
                1_700_000_002_000,
                "tonl_http_requests_total 16\nprocess_cpu_seconds_total 3\n",
            ),
            // The server was started again.
            event(
                1_700_000_003_000,
                "tonl_http_requests_total 2\nprocess_cpu_seconds_total 0.1\n",
            ),
            event(
                1_700_000_005_000,
                "tonl_http_requests_total 6\nprocess_cpu_seconds_total 0.5\n",
            ),
            "event: shutdown\ndata: {}\n\n".to_owned(),
        ]),
        path => panic!("{path} is not asked for"),
    });
    let sandbox = Sandbox::new();
    let mut watching = Watching::start(command(&sandbox, &["-i", "100", "-u", &stub.url()]));
    assert_snapshot!(watching.hear(4), @"
    2023-11-14T22:13:21Z ONLINE cpu - memory - streams - requests/s - ok - failed - limit hits - tokens saved - errors -
    2023-11-14T22:13:22Z ONLINE cpu - memory - streams - requests/s 6.0 ok - failed - limit hits - tokens saved - errors -
    2023-11-14T22:13:23Z ONLINE cpu - memory - streams - requests/s - ok - failed - limit hits - tokens saved - errors -
    2023-11-14T22:13:25Z ONLINE cpu 20.0 % memory - streams - requests/s 2.0 ok - failed - limit hits - tokens saved - errors -
    ");
    let end = watching.hear_timeless();
    assert_eq!(end, "OFFLINE the server ended the live stream");
    let told = watching.end();
    assert!(told.contains("warning: the server was restarted"), "{told}");
    assert!(
        told.contains("warning: the server is shutting down"),
        "{told}"
    );
}

// S5, for the client: a token comes from the environment or a file, and is never told.
#[test]
fn the_token_comes_from_any_of_its_places_and_is_never_shown() {
    let sandbox = Sandbox::with("token", format!("{TOKEN}\n"));
    let stub = Stub::start(|_| page(PAGE));
    let url = stub.url();
    let mut told = Vec::new();
    for (arguments, variable, input) in [
        (&["--token-file", "token"][..], None, None),
        (&["-t", "@token"], None, None),
        (&["-t", "-"], None, Some(TOKEN)),
        (&["-t", TOKEN], None, None),
        (&[], Some(("TONL_AUTH_TOKEN", TOKEN)), None),
        (&[], Some(("TONL_AUTH_TOKEN_FILE", "token")), None),
    ] {
        let all = [&["--once", "-i", "100", "-u", &url], arguments].concat();
        let mut command = command(&sandbox, &all);
        command.envs(variable);
        let outcome = match input {
            Some(input) => Sandbox::feed(command, input),
            None => Outcome::from(command.output().unwrap()),
        };
        assert_eq!(outcome.code, Some(0), "{arguments:?} {outcome}");
        assert!(!format!("{outcome}").contains(TOKEN), "{outcome}");
        let sent = stub.asked().pop().unwrap().authorization;
        assert_eq!(sent, Some(format!("Bearer {TOKEN}")), "{arguments:?}");
        told.push(outcome.stderr);
    }
    assert_eq!(told.iter().filter(|told| !told.is_empty()).count(), 1);
    assert_snapshot!(told.concat(), @"warning: other users of this machine can see arguments, so also the token after --token; use --token-file, --token - or TONL_AUTH_TOKEN");
}

#[test]
fn a_stream_that_is_refused_is_told_and_pages_are_asked_for_without_the_token() {
    for (status, tells) in [
        (
            "401 Unauthorized",
            "the live stream needs a valid token (401)",
        ),
        ("403 Forbidden", "the live stream needs a valid token (403)"),
        ("404 Not Found", "the server has no live stream (404)"),
    ] {
        let stub = Stub::start(move |request| match request.path.as_str() {
            "/metrics/live" => Reply::Page(status, "{}".to_owned()),
            _ => page(PAGE),
        });
        let sandbox = Sandbox::new();
        let mut command = command(&sandbox, &["-i", "100", "-u", &stub.url()]);
        command.env("TONL_AUTH_TOKEN", TOKEN);
        let mut watching = Watching::start(command);
        let lines = watching.hear(2);
        assert_eq!(lines.matches(" ONLINE cpu ").count(), 2, "{lines}");
        let told = watching.end();
        assert!(told.contains(tells), "{told}");
        assert!(told.contains("/metrics is asked for instead"), "{told}");
        let (live, pages): (Vec<Request>, Vec<Request>) = stub
            .asked()
            .into_iter()
            .partition(|request| request.path == "/metrics/live");
        assert_eq!(live.len(), 1, "a refused stream is not asked for again");
        let sent = Some(format!("Bearer {TOKEN}"));
        assert_eq!(live[0].authorization, sent);
        let later = if status.starts_with("404") {
            sent
        } else {
            None
        };
        assert!(
            pages.iter().all(|request| request.authorization == later),
            "{pages:?}"
        );
    }
}

#[test]
fn a_server_that_comes_back_is_watched_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let sandbox = Sandbox::new();
    let url = format!("http://{address}");
    let mut watching =
        Watching::start(command(&sandbox, &["-i", "100", "--no-stream", "-u", &url]));
    let line = watching.hear_timeless();
    assert_eq!(line, "OFFLINE cannot connect: connection refused");
    let listener = TcpListener::bind(address).unwrap();
    let stub = Stub::on(listener, |_| page(PAGE));
    let line = watching.hear_until("ONLINE");
    assert!(line.contains("tokens saved 12,345"), "{line}");
    drop(stub);
    watching.hear_until("OFFLINE");
}

#[test]
fn a_page_that_is_no_longer_one_is_told_while_watching() {
    let stub = Stub::start(|request| match request.before {
        0 => page(PAGE),
        1 => Reply::Page(
            "500 Internal Server Error",
            "Error generating metrics".to_owned(),
        ),
        _ => page("tonl_active_connections three\n"),
    });
    let sandbox = Sandbox::new();
    let mut watching = Watching::start(command(
        &sandbox,
        &["-i", "100", "--no-stream", "-u", &stub.url()],
    ));
    let lines: Vec<String> = (0..3).map(|_| watching.hear_timeless()).collect();
    assert!(lines[0].starts_with("ONLINE cpu "), "{lines:?}");
    assert_snapshot!(lines[1..].join("\n"), @"
    DEGRADED the server answered with status 500
    DEGRADED what the server sends are no metrics: line 1: expected a number, found three
    ");
}

#[test]
fn a_reader_that_leaves_ends_the_run_well() {
    let stub = Stub::start(|_| page(PAGE));
    let sandbox = Sandbox::new();
    let mut child = command(&sandbox, &["-i", "100", "--no-stream", "-u", &stub.url()])
        .spawn()
        .unwrap();
    let mut first = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut first).unwrap();
    assert!(first.contains(" ONLINE "), "{first}");
    drop(stdout);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn colour_and_escapes_are_never_in_a_pipe() {
    let stub = Stub::start(|_| {
        page(
            "tonl_build_info{version=\"\u{1b}[31m1\"} 1\ntonl_errors_total{type=\"\u{1b}[2J\"} 1\n",
        )
    });
    let sandbox = Sandbox::new();
    for form in ["--once", "--json"] {
        let mut command = command(&sandbox, &[form, "-i", "100", "-u", &stub.url()]);
        let outcome = Outcome::from(command.env("CLICOLOR_FORCE", "1").output().unwrap());
        assert_eq!(outcome.code, Some(0), "{outcome}");
        assert!(!outcome.stdout.contains('\u{1b}'), "{outcome}");
    }
}

#[test]
fn a_server_that_is_not_there_is_an_error_that_says_how_to_start_one() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    drop(listener);
    let outcome = run(&["--once", "-u", &address]).to_string();
    assert_eq!(outcome, run(&["--json", "-u", &address]).to_string());
    assert_snapshot!(outcome.replace(&address, "ADDRESS"), @"
    exit 2
    --- stdout
    --- stderr
    error: http://ADDRESS/metrics: cannot connect: connection refused
    hint: is the server running? start one with: tonl serve; or name another with --url
    ");
}

#[test]
fn a_live_stream_that_falls_silent_is_told_and_asked_for_again() {
    let stub = Stub::start(|request| {
        let time = 1_700_000_000_000 + 5_000 * request.before as u64;
        Reply::OpenEvents(vec![event(time, "tonl_active_connections 1\n")])
    });
    let sandbox = Sandbox::new();
    let arguments = ["-i", "100", "--timeout", "1000", "-u", &stub.url()];
    let mut watching = Watching::start(command(&sandbox, &arguments));
    assert!(watching.hear(1).starts_with("2023-11-14T22:13:20Z ONLINE"));
    let silent = watching.hear_timeless();
    assert_eq!(silent, "DEGRADED the server was silent for 1000 ms");
    assert!(watching.hear(1).starts_with("2023-11-14T22:13:25Z ONLINE"));
    let asked = stub.asked();
    assert!(
        asked.iter().all(|request| request.path == "/metrics/live"),
        "{asked:?}"
    );
}

#[test]
fn a_server_that_says_nothing_is_an_error_in_time() {
    let stub = Stub::start(|_| Reply::Silence);
    assert_snapshot!(stub.without_port(&once(&stub, &["--timeout", "150"]).to_string()), @"
    exit 2
    --- stdout
    --- stderr
    error: http://127.0.0.1:PORT/metrics: the server was silent for 150 ms
    hint: if it needs longer: --timeout
    ");
}

#[test]
fn what_is_no_page_of_metrics_is_an_error_that_names_the_line() {
    for (reply, wanted) in [
        (
            page("tonl_active_connections 1\n<html>\n"),
            "no metrics: line 2: expected the name of a metric, found <html>",
        ),
        (
            page("node_load1 0.5\n"),
            "no metrics: none of the names of a TONL server is on the page",
        ),
        (
            page(""),
            "no metrics: none of the names of a TONL server is on the page",
        ),
        (
            Reply::Raw(b"SSH-2.0-OpenSSH_9.2\r\n"),
            "no metrics: the answer is not HTTP",
        ),
        (
            Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na\xff\n"),
            "no metrics: they are not UTF-8",
        ),
        (
            Reply::Page("500 Internal Server Error", String::new()),
            "answered with status 500",
        ),
        (
            Reply::Page("401 Unauthorized", String::new()),
            "refuses the metrics (401)",
        ),
        (
            Reply::Elsewhere("/login"),
            "sends elsewhere (302), which is not followed",
        ),
        (Reply::Raw(b""), "cannot connect: "),
    ] {
        let told = format!("{reply:?}");
        let stub = Stub::start(move |_| reply.clone());
        let outcome = once(&stub, &[]);
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(2), ""),
            "{told} {outcome}"
        );
        assert!(outcome.stderr.contains(wanted), "{told} {outcome}");
        let asked = stub.asked();
        assert!(
            asked.iter().all(|request| request.path == "/metrics"),
            "{asked:?}"
        );
    }
}

#[test]
fn an_encrypted_server_is_watched_if_its_authority_is_trusted() {
    let (url, certificate) = encrypted(PAGE);
    let sandbox = Sandbox::with("ca.pem", certificate).and("token", TOKEN);
    let look = |arguments: &[&str]| {
        let all = [&["--once", "-i", "100", "-u", &url], arguments].concat();
        Outcome::from(command(&sandbox, &all).output().unwrap())
    };
    let trusted = look(&["--ca-file", "ca.pem"]);
    assert_eq!(
        (trusted.code, trusted.stderr.as_str()),
        (Some(0), ""),
        "{trusted}"
    );
    assert!(
        trusted.stdout.contains("status           ONLINE"),
        "{trusted}"
    );
    let unknown = look(&[]);
    assert_eq!(unknown.code, Some(2), "{unknown}");
    assert!(
        unknown.stderr.contains("invalid peer certificate"),
        "{unknown}"
    );
    assert!(unknown.stderr.contains("--ca-file"), "{unknown}");
    let none = look(&["--ca-file", "token"]);
    assert_eq!(none.code, Some(64), "{none}");
    assert!(
        none.stderr.contains("there is no certificate in it"),
        "{none}"
    );
    assert!(!none.stderr.contains(TOKEN), "{none}");
}

#[test]
fn settings_that_cannot_be_used_are_refused_before_anything_is_asked() {
    let sandbox = Sandbox::with("empty", "\n").and("two", "a\nb\n");
    let refused = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = command(&sandbox, arguments);
        let outcome = Outcome::from(command.envs(variables.iter().copied()).output().unwrap());
        assert_eq!(
            (outcome.code, outcome.stdout.as_str()),
            (Some(64), ""),
            "{outcome}"
        );
        outcome.stderr
    };
    let both = [
        ("TONL_AUTH_TOKEN", TOKEN),
        ("TONL_AUTH_TOKEN_FILE", "token"),
    ];
    let told = [
        refused(&["--once"], &both),
        refused(&["--once"], &[("TONL_AUTH_TOKEN", "")]),
        refused(&["--once"], &[("TONL_AUTH_TOKEN_FILE", "missing")]),
        refused(&["--once", "--token-file", "empty"], &[]),
        refused(&["--once", "--token-file", "."], &[]),
        refused(&["--once", "-t", "@two"], &[]),
        refused(&["--once", "-q", "-t", "two words"], &[]),
        refused(&["-u", "ftp://localhost"], &[]),
        refused(&["-u", "http://me:hunter2@localhost"], &[]),
        refused(&[], &[("TONL_SERVER_URL", "http:///metrics")]),
    ];
    assert!(!told.concat().contains("hunter2"));
    assert_snapshot!(told.concat(), @"
    error: TONL_AUTH_TOKEN and TONL_AUTH_TOKEN_FILE are both set
    hint: unset one of them
    error: TONL_AUTH_TOKEN: the token is empty
    hint: give the token of the server, or leave this out; is a variable not set?
    error: TONL_AUTH_TOKEN_FILE: cannot read missing: no such file or directory
    hint: name a file that holds the token and nothing else
    error: --token-file: the token is empty
    hint: give the token of the server, or leave this out; is a variable not set?
    error: --token-file: cannot read .: is a directory
    hint: name a file that holds the token and nothing else
    error: --token-file: the token has a character that no bearer token has
    hint: a token is one line of letters, digits and -._~+/
    error: --token: the token has a character that no bearer token has
    hint: a token is one line of letters, digits and -._~+/
    error: ftp://localhost is neither http nor https
    error: the address of the server has a user or a password in it
    hint: leave it out; the server takes a token: --token-file or TONL_AUTH_TOKEN
    error: http:///metrics is no address of a server
    hint: give one such as http://localhost:3000/metrics
    ");
}

#[test]
fn intervals_that_make_no_sense_are_usage_errors() {
    for interval in ["0", "99", "3600001", "-1", "1s"] {
        let outcome = run(&["--once", "--interval", interval]);
        assert_eq!(outcome.code, Some(2), "{outcome}");
        assert!(outcome.stderr.starts_with("error: "), "{outcome}");
    }
    let both = run(&["--token-file", "a", "--token", TOKEN]);
    assert_eq!(both.code, Some(2), "{both}");
    assert!(!both.stderr.contains(TOKEN), "{both}");
}
