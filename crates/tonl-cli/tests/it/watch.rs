//! `tonl watch`, as a process that real files are changed under. Each step waits for its line.
#![cfg(unix)]

use crate::sandbox::Sandbox;
use insta::assert_snapshot;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Far longer than a change needs to be noticed; only a run that hangs meets it.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running watch; it is ended with the test, however that ends.
struct Watch {
    child: Child,
    lines: Receiver<String>,
    heard: Vec<String>,
}

impl Watch {
    /// Starts it and waits until it watches.
    fn start(sandbox: &Sandbox, arguments: &[&str]) -> Self {
        let mut child = sandbox
            .command(&[&["watch"], arguments].concat())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines() {
                if sender.send(line.unwrap()).is_err() {
                    return;
                }
            }
        });
        let heard = Vec::new();
        let mut watch = Self {
            child,
            lines,
            heard,
        };
        watch.hear("watching ");
        watch
    }

    /// Waits for a line that has this in it.
    #[track_caller]
    fn hear(&mut self, wanted: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("no line with {wanted:?} in {:#?}", self.heard);
            };
            let found = line.contains(wanted);
            self.heard.push(line);
            if found {
                return;
            }
        }
    }

    /// How many lines have begun so.
    fn count(&self, start: &str) -> usize {
        self.heard
            .iter()
            .filter(|line| line.starts_with(start))
            .count()
    }

    /// Ends it as Ctrl-C does; all that it said.
    fn interrupt(mut self) -> String {
        let id = self.child.id().to_string();
        let sent = Command::new("kill").args(["-INT", &id]).status();
        assert!(sent.unwrap().success());
        assert_eq!(
            self.child.wait().unwrap().code(),
            Some(0),
            "{:#?}",
            self.heard
        );
        self.heard.extend(self.lines.iter());
        self.heard.join("\n")
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

fn write(sandbox: &Sandbox, name: &str, content: &str) {
    let path = sandbox.path(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

#[test]
fn files_are_converted_at_first_when_they_change_and_when_they_come() {
    let sandbox = Sandbox::with("in/a.json", "[{\"x\":1}]").and("in/notes.md", "words");
    let mut watch = Watch::start(&sandbox, &["in", "-o", "out", "-n", "rows"]);
    assert_eq!(sandbox.read("out/a.tonl"), "rows: [{x:1}]\n");
    write(&sandbox, "in/a.json", "[{\"x\":22}]");
    watch.hear("in/a.json ->");
    assert_eq!(sandbox.read("out/a.tonl"), "rows: [{x:22}]\n");
    write(&sandbox, "in/deep/er/b.yaml", "- x: 3\n");
    watch.hear("in/deep/er/b.yaml ->");
    assert_eq!(sandbox.read("out/deep/er/b.tonl"), "rows: [{x:3}]\n");
    std::fs::remove_file(sandbox.path("in/a.json")).unwrap();
    watch.hear("is gone");
    assert_snapshot!(watch.interrupt(), @"
    in/a.json -> out/a.tonl: 1 row; 9 -> 14 bytes, saved -55.6 %
    left out: 1 file of no known format
    watching 1 file; Ctrl-C ends
    in/a.json -> out/a.tonl: 1 row; 10 -> 15 bytes, saved -50.0 %
    in/deep/er/b.yaml -> out/deep/er/b.tonl: 1 row; 7 -> 14 bytes, saved -100.0 %
    in/a.json is gone; out/a.tonl stays
    3 conversions, 0 failures, 1 deletion
    ");
    assert!(sandbox.path("out/a.tonl").is_file());
}

#[test]
fn an_editor_that_saves_by_renaming_is_one_change() {
    let sandbox = Sandbox::with("a.json", "[1]").and("b.json", "[1]");
    let mut watch = Watch::start(&sandbox, &["*.json"]);
    write(&sandbox, ".a.json.swp", "[1,2]");
    std::fs::rename(sandbox.path(".a.json.swp"), sandbox.path("a.json")).unwrap();
    watch.hear("a.json ->");
    assert_eq!(sandbox.read("a.tonl"), "data: [1,2]\n");
    // The way of vim: the old file moves aside, a new one takes its name.
    std::fs::rename(sandbox.path("b.json"), sandbox.path("b.json~")).unwrap();
    write(&sandbox, "b.json", "[1,2,3]");
    std::fs::remove_file(sandbox.path("b.json~")).unwrap();
    watch.hear("b.json ->");
    assert_eq!(sandbox.read("b.tonl"), "data: [1,2,3]\n");
    assert!(
        watch
            .interrupt()
            .ends_with("4 conversions, 0 failures, 0 deletions")
    );
}

#[test]
fn a_burst_ends_with_the_last_content_and_outputs_wake_nothing() {
    let sandbox = Sandbox::with("a.json", "[0]").and("z.json", "[0]");
    let mut watch = Watch::start(&sandbox, &[".", "--debounce", "400"]);
    for n in 0..200 {
        write(&sandbox, "a.json", &format!("[{n}]"));
    }
    watch.hear("a.json ->");
    for round in 1..=3 {
        write(&sandbox, "z.json", &format!("[{round},{round}]"));
        watch.hear("z.json ->");
    }
    assert_eq!(sandbox.read("a.tonl"), "data: [199]\n");
    // Once at first and once for the burst, unless the machine paused in the middle of it.
    assert!(watch.count("a.json ->") < 10, "{:#?}", watch.heard);
    assert_eq!(watch.count("z.json ->"), 4, "{:#?}", watch.heard);
}

#[test]
fn a_broken_file_is_said_and_watching_goes_on() {
    let sandbox = Sandbox::with("a.json", "[1,");
    let mut watch = Watch::start(&sandbox, &["a.json"]);
    assert_eq!(
        watch.count("error: a.json: line 1"),
        1,
        "{:#?}",
        watch.heard
    );
    write(&sandbox, "a.json", "[1,2]");
    watch.hear("a.json ->");
    assert_eq!(sandbox.read("a.tonl"), "data: [1,2]\n");
    write(&sandbox, "a.json", "[1,2");
    watch.hear("error: ");
    assert_eq!(sandbox.read("a.tonl"), "data: [1,2]\n");
    assert!(
        watch
            .interrupt()
            .ends_with("1 conversion, 2 failures, 0 deletions")
    );
}

#[test]
fn nothing_may_match_yet_and_a_second_file_of_one_target_is_refused() {
    let sandbox = Sandbox::new();
    let mut watch = Watch::start(&sandbox, &["*.{json,yaml}"]);
    assert_eq!(watch.heard, ["watching 0 files; Ctrl-C ends"]);
    write(&sandbox, "a.json", "[1]");
    watch.hear("a.json ->");
    write(&sandbox, "a.yaml", "- 2\n");
    watch.hear("error: a.yaml would become a.tonl, as a.json does");
    assert_eq!(sandbox.read("a.tonl"), "data: [1]\n");
}

#[test]
fn a_folder_that_is_replaced_is_watched_on() {
    let sandbox = Sandbox::with("in/a.json", "[1]");
    let mut watch = Watch::start(&sandbox, &["in", "-o", "out"]);
    std::fs::rename(sandbox.path("in"), sandbox.path("old")).unwrap();
    write(&sandbox, "in/b.json", "[2]");
    watch.hear("in/b.json ->");
    write(&sandbox, "in/c.json", "[3]");
    watch.hear("in/c.json ->");
    assert_eq!(sandbox.read("out/c.tonl"), "data: [3]\n");
}

#[test]
fn a_folder_that_is_gone_is_said_and_awaited() {
    let sandbox = Sandbox::with("in/a.json", "[1]");
    let mut watch = Watch::start(&sandbox, &["in", "-o", "out"]);
    std::fs::remove_dir_all(sandbox.path("in")).unwrap();
    watch.hear("error: cannot find in");
    write(&sandbox, "in/b.json", "[2]");
    watch.hear("in/b.json ->");
    write(&sandbox, "in/b.json", "[2,3]");
    watch.hear("in/b.json ->");
    assert_eq!(sandbox.read("out/b.tonl"), "data: [2,3]\n");
    assert_eq!(watch.count("error:"), 1, "{:#?}", watch.heard);
}

#[test]
fn polling_finds_the_same_changes() {
    let sandbox = Sandbox::with("in/a.json", "[1]");
    let mut watch = Watch::start(&sandbox, &["in/**/*.json", "--poll", "--debounce", "50"]);
    write(&sandbox, "in/a.json", "[2]");
    watch.hear("in/a.json ->");
    write(&sandbox, "in/sub/b.json", "[3]");
    watch.hear("in/sub/b.json ->");
    assert_eq!(sandbox.read("in/a.tonl"), "data: [2]\n");
    std::fs::remove_dir_all(sandbox.path("in/sub")).unwrap();
    watch.hear("in/sub/b.json is gone");
    assert!(
        watch
            .interrupt()
            .ends_with("3 conversions, 0 failures, 1 deletion")
    );
}

#[test]
fn what_cannot_be_watched_is_an_error() {
    let sandbox = Sandbox::with("a.json", "[1]").and("a.yaml", "- 1\n");
    assert_snapshot!(sandbox.tonl(&["watch", "b.json"]), @"
    exit 2
    --- stdout
    --- stderr
    error: cannot find b.json
    hint: did you mean a.json?
    ");
    assert_snapshot!(sandbox.tonl(&["watch", "none/*.json"]), @"
    exit 2
    --- stdout
    --- stderr
    error: cannot find none
    ");
    assert_snapshot!(sandbox.tonl(&["watch", "a.json", "a.yaml"]), @"
    exit 64
    --- stdout
    --- stderr
    error: a.json and a.yaml would both become a.tonl
    hint: rename one of them, or convert them into different folders
    ");
    assert_snapshot!(sandbox.tonl(&["watch", "-"]), @"
    exit 64
    --- stdout
    --- stderr
    error: standard input is no file
    hint: use: tonl convert -
    ");
    assert_snapshot!(sandbox.tonl(&["watch", "a.json", "--debounce", "soon"]), @"
    exit 2
    --- stdout
    --- stderr
    error: invalid value 'soon' for '--debounce <MS>': invalid digit found in string

    For more information, try '--help'.
    ");
    assert_eq!(sandbox.names(), ["a.json", "a.yaml"]);
}
