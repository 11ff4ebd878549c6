//! A slow pipe: how long a record waits in `tonl stream` before its row is out.

use super::Setting;
use crate::clock::median;
use crate::report::{Figure, Goal, Section};
use crate::shape::{Records, Shape};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

pub(super) fn measure(setting: &Setting, section: &mut Section) -> Result<()> {
    section.title =
        format!("tonl stream through a pipe that pauses after each line, {PIPES} pipes");
    let tonl = setting.tonl()?;
    let (mut first, mut next) = (Vec::new(), Vec::new());
    for seed in 0..PIPES {
        let mut records = Records::new(Shape::Users, setting.wish.seed + seed);
        let mut pipe = Pipe::open(tonl)?;
        first.push(pipe.wait_for_row(&mut records)?);
        next.push(pipe.wait_for_row(&mut records)?);
        pipe.close()?;
    }
    section.rows.push((
        "first row, start of the process included".into(),
        figures(&first),
    ));
    section.rows.push(("second row".into(), figures(&next)));
    Ok(())
}

fn figures(waits: &[Duration]) -> Vec<Figure> {
    let millis = |wait: Option<Duration>| wait.map(|wait| wait.as_secs_f64() * 1000.0);
    vec![
        Figure::with_goal("median ms", millis(median(waits)), Goal::AtMost(50.0)),
        Figure::plain("slowest ms", millis(waits.iter().max().copied())),
    ]
}

/// A running `tonl stream`, fed line by line.
#[derive(Debug)]
struct Pipe {
    child: Child,
    rows: Receiver<Instant>,
}

impl Pipe {
    fn open(tonl: &Path) -> Result<Self> {
        let mut child = Command::new(tonl)
            .arg("stream")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start tonl stream")?;
        let output = child.stdout.take().context("no output pipe")?;
        let (sender, rows) = channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if line.starts_with(' ') && sender.send(Instant::now()).is_err() {
                    return;
                }
            }
        });
        Ok(Self { child, rows })
    }

    /// Writes one record and waits for the row it becomes.
    fn wait_for_row(&mut self, records: &mut Records) -> Result<Duration> {
        let mut line = Vec::new();
        records.append(&mut line);
        line.push(b'\n');
        let input = self.child.stdin.as_mut().context("no input pipe")?;
        let start = Instant::now();
        input.write_all(&line)?;
        input.flush()?;
        match self.rows.recv_timeout(PATIENCE) {
            Ok(arrival) => Ok(arrival.saturating_duration_since(start)),
            Err(RecvTimeoutError::Disconnected) => bail!("the output was closed without a row"),
            Err(RecvTimeoutError::Timeout) => {
                self.child.kill()?;
                self.child.wait()?;
                bail!("no row within {} s of its record", PATIENCE.as_secs())
            }
        }
    }

    fn close(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        if !status.success() {
            bail!("tonl stream ended with {status}");
        }
        Ok(())
    }
}

const PIPES: u64 = 20;
const PATIENCE: Duration = Duration::from_secs(5);
