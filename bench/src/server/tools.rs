//! The server of models over pipes, as an editor starts it: its start, its memory, its calls.

use super::Setting;
use super::figure::{mebibytes, milliseconds};
use crate::clock::median;
use crate::report::{Figure, Goal, Section};
use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Calls of two rows, and of many; those before them are not measured.
const CALLS: usize = 500;
const LARGE_CALLS: usize = 50;
const WARM: usize = 50;

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    section.title = "MCP over standard input and output: start, memory at rest, calls".into();
    let mut rounds = Vec::new();
    for _ in 0..setting.rounds {
        rounds.push(Round::of(setting.launcher.tools())?);
    }
    let time = |of: fn(&Round) -> Duration| {
        median(&rounds.iter().map(of).collect::<Vec<_>>()).map(milliseconds)
    };
    let memory: Vec<u64> = rounds.iter().map(|round| round.memory).collect();
    let begun = vec![
        Figure::with_goal("ms", time(|it| it.initialize), Goal::AtMost(30.0)),
        Figure::with_goal(
            "idle MiB",
            median(&memory).map(mebibytes),
            Goal::AtMost(10.0),
        ),
    ];
    let two = vec![
        Figure::with_goal("p50 ms", time(|it| it.two.middle), Goal::AtMost(1.0)),
        Figure::with_goal("p99 ms", time(|it| it.two.late), Goal::AtMost(5.0)),
    ];
    let many = vec![
        Figure::with_goal("p50 ms", time(|it| it.many.middle), Goal::AtMost(10.0)),
        Figure::plain("p99 ms", time(|it| it.many.late)),
    ];
    section.rows.push(("start to initialized".into(), begun));
    section.rows.push(("convert_to_tonl, 2 rows".into(), two));
    section
        .rows
        .push(("convert_to_tonl, 1,000 rows".into(), many));
    Ok(())
}

/// What one process showed.
struct Round {
    initialize: Duration,
    memory: u64,
    two: Spread,
    many: Spread,
}

/// Times of calls: that of the middle, and that which one in a hundred passes.
struct Spread {
    middle: Duration,
    late: Duration,
}

impl Round {
    fn of(program: &Path) -> Result<Self> {
        let begun = Instant::now();
        let mut client = Client::start(program)?;
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "bench", "version": "1" } });
        client.exchange(&request("initialize", &params))?;
        let initialize = begun.elapsed();
        client.input.write_all(INITIALIZED)?;
        thread::sleep(Duration::from_millis(500));
        let memory = super::child::resident(client.child.id())?;
        client.spread(2, WARM)?;
        let two = client.spread(2, CALLS)?;
        let many = client.spread(1_000, LARGE_CALLS)?;
        Ok(Self {
            initialize,
            memory,
            two,
            many,
        })
    }
}

/// A client and the server that it has started.
struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    answer: String,
}

impl Client {
    fn start(program: &Path) -> Result<Self> {
        let mut child = Command::new(program)
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        let input = child.stdin.take().context("no pipe")?;
        let output = BufReader::new(child.stdout.take().context("no pipe")?);
        Ok(Self {
            child,
            input,
            output,
            answer: String::new(),
        })
    }

    /// Sends a line and reads the next one; how long that takes.
    fn exchange(&mut self, line: &str) -> Result<Duration> {
        let begun = Instant::now();
        self.input.write_all(line.as_bytes())?;
        self.answer.clear();
        self.output.read_line(&mut self.answer)?;
        let took = begun.elapsed();
        let answer: Value = serde_json::from_str(&self.answer)?;
        let result = answer.get("result");
        let has_failed = result.is_none_or(|result| result["isError"] == true);
        ensure!(!has_failed, "failed: {}", self.answer);
        Ok(took)
    }

    /// How long so many calls with so many rows take, counting tokens.
    fn spread(&mut self, rows: usize, calls: usize) -> Result<Spread> {
        let rows: Vec<Value> = (0..rows).map(row).collect();
        let params =
            json!({ "name": "convert_to_tonl", "arguments": { "data": rows, "name": "users" } });
        let mut times = Vec::with_capacity(calls);
        let call = request("tools/call", &params);
        for _ in 0..calls {
            times.push(self.exchange(&call)?);
        }
        times.sort_unstable();
        let late = times.get(times.len() * 99 / 100).copied();
        Ok(Spread {
            middle: median(&times).context("no calls")?,
            late: late.context("no calls")?,
        })
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        // It ends with its input; what fails here has ended by itself.
        let _ended = self.child.kill();
        let _status = self.child.wait();
    }
}

const INITIALIZED: &[u8] = b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n";

/// The line of a request.
fn request(method: &str, params: &Value) -> String {
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
    format!("{request}\n")
}

fn row(number: usize) -> Value {
    json!({ "id": number, "name": format!("User {number}"), "email": format!("user{number}@example.com"), "active": number.is_multiple_of(3) })
}
