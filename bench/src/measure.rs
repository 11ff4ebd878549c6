//! What a child process costs: processor time and peak memory.
//!
//! The system reports the peak of *all* ended children of a process, so each child gets a parent of
//! its own: a second `tonl-bench`, called with the hidden command `measure`, that runs one child
//! and prints what it used. The trap: a child starts as a copy of that small parent, so no figure is
//! below the parent's own 2 to 3 MiB.

use anyhow::{Context, Result, bail};
use clap::Args;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

/// What one run of a program used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Processor time in user and system mode, all threads.
    pub cpu: Duration,
    /// Largest resident memory in bytes.
    pub peak: u64,
}

/// Runs programs and says what they cost.
#[derive(Debug, Clone)]
pub struct Meter {
    launcher: PathBuf,
}

impl Meter {
    /// A meter whose launcher is the given `tonl-bench` binary.
    pub fn new(launcher: PathBuf) -> Self {
        Self { launcher }
    }

    /// Runs a program to its end, without input, its standard output thrown away.
    ///
    /// # Errors
    /// When it cannot be started or does not end with success; the message holds what it said.
    pub fn cost(&self, command: &[OsString]) -> Result<Cost> {
        let mut launcher = Command::new(&self.launcher);
        launcher
            .arg("measure")
            .arg("--")
            .args(command)
            .stdin(Stdio::null());
        let output = launcher.output().context("cannot start the launcher")?;
        if !output.status.success() {
            bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
        }
        let text = String::from_utf8_lossy(&output.stdout);
        let mut numbers = text.split_whitespace().map(str::parse::<u64>);
        match (numbers.next(), numbers.next()) {
            (Some(Ok(micros)), Some(Ok(peak))) => Ok(Cost {
                cpu: Duration::from_micros(micros),
                peak,
            }),
            _ => bail!("the launcher printed {text:?}"),
        }
    }
}

/// `tonl-bench measure`: runs one program, prints its microseconds of processor time and its peak
/// memory in bytes.
#[derive(Debug, Args)]
pub struct Measure {
    /// The program and its arguments
    #[arg(required = true, trailing_var_arg = true)]
    command: Vec<OsString>,
}

impl Measure {
    /// Runs the program and prints the two numbers.
    ///
    /// # Errors
    /// When the program cannot be started or fails.
    pub fn run(&self) -> Result<()> {
        let Some((program, arguments)) = self.command.split_first() else {
            bail!("no program given");
        };
        let status = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .with_context(|| format!("cannot start {}", program.display()))?;
        if !status.success() {
            bail!("{} ended with {status}", program.display());
        }
        let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
        let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
        writeln!(std::io::stdout(), "{micros} {}", usage.max_rss() * 1024)?;
        Ok(())
    }
}
