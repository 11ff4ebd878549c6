//! Words for people, all of them on standard error, in colour where that is wanted.

pub(crate) mod analysis;
pub(crate) mod costs;
pub(crate) mod dashboard;
pub(crate) mod excerpt;
pub(crate) mod figures;
pub(crate) mod markdown;
pub(crate) mod monitor;
pub(crate) mod progress;
pub(crate) mod table;

use crate::failure::Failure;
use anstyle::{AnsiColor, Style};
use clap::ColorChoice;
use std::fmt;
use std::io::Write;

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// Speaks to the person at the terminal. What cannot be said (standard error is closed) is not said.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Voice {
    color: bool,
    quiet: bool,
}

impl Voice {
    /// A voice; a quiet one says errors only.
    pub(crate) fn new(color: ColorChoice, quiet: bool) -> Self {
        Self {
            color: color == ColorChoice::Always,
            quiet,
        }
    }

    /// Whether colour is wanted.
    pub(crate) fn is_colored(self) -> bool {
        self.color
    }

    /// Whether only errors are said.
    pub(crate) fn is_quiet(self) -> bool {
        self.quiet
    }

    /// Says one line of information.
    pub(crate) fn say(self, line: impl fmt::Display) {
        if !self.quiet {
            write_line(format_args!("{line}"));
        }
    }

    /// Says one line about something that went well but deserves a look.
    pub(crate) fn warn(self, line: impl fmt::Display) {
        if !self.quiet {
            self.labelled(WARNING, "warning", line);
        }
    }

    /// Says what failed, where, and what to do.
    pub(crate) fn fail(self, failure: &Failure) {
        self.labelled(ERROR, "error", failure.message());
        if let Some(excerpt) = failure.excerpt() {
            write_line(format_args!("{excerpt}"));
        }
        for hint in failure.hints() {
            self.labelled(HINT, "hint", hint);
        }
    }

    fn labelled(self, style: Style, label: &str, line: impl fmt::Display) {
        if self.color {
            write_line(format_args!("{style}{label}:{style:#} {line}"));
        } else {
            write_line(format_args!("{label}: {line}"));
        }
    }
}

fn write_line(line: fmt::Arguments<'_>) {
    let _closed = writeln!(std::io::stderr(), "{line}");
}
