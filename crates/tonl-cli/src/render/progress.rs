//! How far long work has come, on standard error, only for a person at a terminal.
//!
//! It tells what has been written. How much there will be is not known before the end, so there is no
//! bar that pretends to know.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};

/// How long a conversion runs before it is worth a word.
const PATIENCE: Duration = Duration::from_millis(700);

/// The bytes written so far and their speed, on one line that vanishes at the end.
#[derive(Debug)]
pub(crate) struct Progress {
    line: ProgressBar,
    started: Instant,
    shown: bool,
}

impl Progress {
    /// Progress that is not shown yet.
    pub(crate) fn new() -> Self {
        let target = ProgressDrawTarget::hidden();
        Self {
            line: ProgressBar::with_draw_target(None, target),
            started: Instant::now(),
            shown: false,
        }
    }

    /// Tells how many bytes have been written.
    pub(crate) fn at(&mut self, bytes: u64) {
        if !self.shown && self.started.elapsed() > PATIENCE {
            self.shown = true;
            self.line.set_style(style());
            self.line.set_draw_target(ProgressDrawTarget::stderr());
        }
        self.line.set_position(bytes);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}

fn style() -> ProgressStyle {
    ProgressStyle::with_template("{spinner} {binary_bytes} written, {binary_bytes_per_sec}")
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
}
