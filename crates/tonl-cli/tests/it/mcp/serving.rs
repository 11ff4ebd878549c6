//! The protocol over standard input and output, as a client that starts the command meets it.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

const INITIALIZE: &str = r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#;
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

/// A server and both ends of its pipes.
struct Served {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Served {
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Self {
            input: child.stdin.take(),
            child,
            output,
        }
    }

    /// The same, after the handshake.
    fn ready() -> Self {
        let mut served = Self::start(Command::new(env!("CARGO_BIN_EXE_tonl")).arg("mcp"));
        served.send(INITIALIZE);
        assert_eq!(served.answer()["result"]["protocolVersion"], "2025-11-25");
        served.send(INITIALIZED);
        served
    }

    fn send(&mut self, message: &str) {
        let input = self.input.as_mut().unwrap();
        input.write_all(message.as_bytes()).unwrap();
        input.write_all(b"\n").unwrap();
    }

    /// The next line, which is a message: nothing else may be there.
    fn answer(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let message: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(message["jsonrpc"], "2.0");
        message
    }

    /// Ends the input and gives what was still said; the end is a success.
    fn end(mut self) -> String {
        drop(self.input.take());
        let mut rest = String::new();
        self.output.read_to_string(&mut rest).unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0));
        rest
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

fn convert(id: usize, data: &Value) -> String {
    let params = json!({ "name": "convert_to_tonl", "arguments": { "data": data } });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params }).to_string()
}

fn text(answer: &Value) -> &str {
    answer["result"]["content"][0]["text"].as_str().unwrap()
}

#[test]
fn calls_that_come_at_once_are_answered_in_their_order() {
    let mut served = Served::ready();
    let mut input = served.input.take().unwrap();
    let writing = std::thread::spawn(move || {
        for id in 1..=200 {
            // Earlier calls are the longer ones.
            let rows: Vec<Value> = (0..(200 - id))
                .map(|row| json!({ "id": id, "row": row }))
                .collect();
            writeln!(input, "{}", convert(id, &json!(rows))).unwrap();
        }
        input
    });
    for id in 1..=200 {
        let answer = served.answer();
        assert_eq!(answer["id"], id);
        assert_eq!(answer["result"]["isError"], Value::Null, "{answer}");
    }
    served.input = Some(writing.join().unwrap());
    assert_eq!(served.end(), "");
}

#[test]
fn requests_before_the_end_of_the_input_are_answered() {
    let mut served = Served::ready();
    for id in 1..=20 {
        served.send(&convert(id, &json!([{ "id": id }])));
    }
    assert_eq!(served.end().lines().count(), 20);
}

#[test]
fn a_line_that_is_no_message_is_answered_and_serving_goes_on() {
    let mut served = Served::ready();
    for (line, code) in [
        ("garbage", -32700),
        ("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":", -32700),
        ("[]", -32600),
        (
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"id\":2,\"method\":\"ping\"}",
            -32700,
        ),
        ("{\"hello\":1}", -32600),
    ] {
        served.send(line);
        assert_eq!(served.answer()["error"]["code"], code, "{line}");
    }
    served.send("");
    served.send(&convert(7, &json!({ "a": 1 })));
    assert_eq!(served.answer()["id"], 7);
    assert_eq!(served.end(), "");
}

#[test]
fn an_argument_of_fifty_megabytes_is_taken_and_a_longer_line_is_refused() {
    let mut served = Served::ready();
    let word = "x".repeat(50 << 20);
    served.send(&convert(1, &json!([{ "word": word }])));
    let answer = served.answer();
    assert_eq!(answer["id"], 1);
    assert!(answer["error"].is_null(), "{}", answer["error"]);
    served.send(&"y".repeat(102 << 20));
    let refused = served.answer();
    assert_eq!(refused["error"]["code"], -32600);
    served.send(&convert(2, &json!([1, 2, 3])));
    assert!(text(&served.answer()).contains("1,2,3"));
    assert_eq!(served.end(), "");
}

#[test]
fn digits_stay_as_they_were_sent() {
    let mut served = Served::ready();
    let data: Value =
        serde_json::from_str("[{\"n\":1.10},{\"n\":-0},{\"n\":12345678901234567890.1}]").unwrap();
    served.send(&convert(1, &data));
    let answer = served.answer();
    let text = text(&answer);
    for digits in ["1.10", "-0", "12345678901234567890.1"] {
        assert!(text.contains(digits), "{text}");
    }
    assert_eq!(served.end(), "");
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_listens_and_a_signal_ends_it_well() {
    use rustix::process::{Pid, Signal, kill_process};
    let mut served = Served::ready();
    let files = std::fs::read_dir(format!("/proc/{}/fd", served.child.id())).unwrap();
    for file in files {
        let target = std::fs::read_link(file.unwrap().path()).unwrap_or_default();
        let name = target.to_string_lossy();
        // The runtime's own pair, by which signals come, is no socket of the network.
        if let Some(inode) = name
            .strip_prefix("socket:[")
            .and_then(|it| it.strip_suffix(']'))
        {
            for table in ["tcp", "tcp6", "udp", "udp6"] {
                let path = format!("/proc/{}/net/{table}", served.child.id());
                let sockets = std::fs::read_to_string(path).unwrap_or_default();
                assert!(!sockets.contains(&format!(" {inode} ")), "{table}: {name}");
            }
        }
    }
    let pid = Pid::from_child(&served.child);
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(served.child.wait().unwrap().code(), Some(0));
}

// S63
#[test]
fn its_own_binary_speaks_the_same() {
    let mut served = Served::start(&mut Command::new(env!("CARGO_BIN_EXE_tonl-mcp-stdio")));
    served.send(INITIALIZE);
    assert_eq!(
        served.answer()["result"]["serverInfo"]["name"],
        "tonl-mcp-bridge"
    );
    assert_eq!(served.end(), "");
}
