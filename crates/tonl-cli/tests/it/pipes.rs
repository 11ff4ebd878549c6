//! Pipes that are slow, that close early, that have a name.

use crate::sandbox::Sandbox;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// Far longer than a row needs; only a run that hangs meets it.
const PATIENCE: Duration = Duration::from_secs(30);

/// The lines of a child's output as they come.
fn lines(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    let stdout = child.stdout.take().unwrap();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            if sender.send(line.unwrap()).is_err() {
                return;
            }
        }
    });
    receiver
}

fn many_records() -> String {
    let mut text = String::new();
    for id in 0..40_000 {
        writeln!(
            text,
            "{{\"id\":{id},\"message\":\"request finished in time\"}}"
        )
        .unwrap();
    }
    text
}

#[test]
fn a_row_comes_after_its_record_while_the_pipe_stays_open() {
    let sandbox = Sandbox::new();
    let mut child = sandbox
        .command(&["stream"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let rows = lines(&mut child);
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"{\"id\":1,\"name\":\"Ada\"}\n").unwrap();
    assert_eq!(
        rows.recv_timeout(PATIENCE).unwrap(),
        "data[]{id:i64,name:str}:"
    );
    assert_eq!(rows.recv_timeout(PATIENCE).unwrap(), " 1,Ada");
    stdin.write_all(b"{\"id\":2,\"na").unwrap();
    stdin.write_all(b"me\":\"Bob\"}\n").unwrap();
    assert_eq!(rows.recv_timeout(PATIENCE).unwrap(), " 2,Bob");
    drop(stdin);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[cfg(unix)]
#[test]
fn a_named_pipe_is_streamed_and_not_read_to_its_end_first() {
    let sandbox = Sandbox::new();
    let fifo = sandbox.path("records.ndjson");
    let made = std::process::Command::new("mkfifo")
        .arg(&fifo)
        .status()
        .unwrap();
    assert!(made.success());
    let mut child = sandbox
        .command(&["stream", "-i", "records.ndjson"])
        .spawn()
        .unwrap();
    let rows = lines(&mut child);
    let mut writer = std::fs::OpenOptions::new().write(true).open(&fifo).unwrap();
    writer.write_all(b"{\"id\":1}\n").unwrap();
    assert_eq!(rows.recv_timeout(PATIENCE).unwrap(), "data[]{id:i64}:");
    assert_eq!(rows.recv_timeout(PATIENCE).unwrap(), " 1");
    drop(writer);
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

#[test]
fn a_reader_that_closes_the_pipe_ends_the_run_without_an_error() {
    let sandbox = Sandbox::with("many.ndjson", many_records());
    for arguments in [
        &["stream", "-i", "many.ndjson"][..],
        &["convert", "many.ndjson", "-"],
        &["convert", "many.ndjson", "-", "--to", "json"],
    ] {
        let mut child = sandbox.command(arguments).spawn().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let mut first = [0; 16];
        stdout.read_exact(&mut first).unwrap();
        drop(stdout);
        let output = child.wait_with_output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {stderr}");
        assert_eq!(stderr, "", "{arguments:?}");
    }
}

#[test]
fn a_long_pipe_is_spooled_and_converted() {
    let sandbox = Sandbox::new();
    let records = many_records();
    let json = format!("[{}]", records.trim_end().replace('\n', ","));
    let text = sandbox.fed(&["convert", "-"], json).data();
    assert!(text.starts_with("data[40000]{id:i32,message:str}:\n 0,"));
    assert_eq!(text.lines().count(), 40_001);
}
