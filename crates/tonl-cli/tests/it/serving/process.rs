//! What the process may do, as the system tells.

use super::running::Setup;

/// A line of a file about a process.
fn line(text: &str, beginning: &str) -> String {
    let mut lines = text.lines();
    lines
        .find(|line| line.starts_with(beginning))
        .unwrap()
        .to_owned()
}

// S58
#[test]
fn no_core_is_left_behind_and_no_right_is_gained() {
    let server = Setup::secured().start();
    let about =
        |name: &str| std::fs::read_to_string(format!("/proc/{}/{name}", server.pid())).unwrap();
    let limits = about("limits");
    let words: Vec<String> = line(&limits, "Max core file size")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    assert_eq!(words[4..6], ["0", "0"], "{limits}");
    let files: Vec<String> = line(&limits, "Max open files")
        .split_whitespace()
        .map(str::to_owned)
        .collect();
    assert_eq!(files[3], files[4], "{limits}");
    let status = about("status");
    assert_eq!(line(&status, "NoNewPrivs:"), "NoNewPrivs:\t1");
}

// S5
#[test]
fn the_token_is_in_no_argument_of_the_process() {
    let server = Setup::secured().start();
    let arguments = std::fs::read(format!("/proc/{}/cmdline", server.pid())).unwrap();
    let arguments = String::from_utf8(arguments).unwrap();
    assert!(!arguments.contains(super::running::TOKEN), "{arguments}");
    let refused = Setup::new().argument("--auth-token").argument("x").run();
    assert_eq!(refused.code, Some(2), "{refused}");
}
