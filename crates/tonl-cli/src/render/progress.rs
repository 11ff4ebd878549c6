//! How far long work has come, on standard error, only for a person at a terminal.
//!
//! A bar tells the share of the input that was read, all passes counted. Where the passes are not known
//! beforehand there is no bar that pretends to know: a line tells what has been written.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// How long a conversion runs before it is worth a word.
const PATIENCE: Duration = Duration::from_millis(700);

/// One line about work that goes on; it appears when the work turns out to be long, and vanishes
/// with the last of its clones.
#[derive(Clone, Debug)]
pub(crate) struct Progress {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    line: ProgressBar,
    template: &'static str,
    started: Instant,
    shown: AtomicBool,
}

impl Progress {
    /// A bar that is full after so many bytes.
    pub(crate) fn of(total: u64) -> Self {
        let template =
            "{bar:32} {percent:>3} %  {binary_bytes_per_sec}  {eta} to go, {elapsed} so far";
        Self::new(Some(total), template)
    }

    /// A bar that is full after so many files.
    pub(crate) fn of_files(total: u64) -> Self {
        Self::new(
            Some(total),
            "{bar:32} {pos} of {len} files, {elapsed} so far",
        )
    }

    /// The bytes written so far and their speed.
    pub(crate) fn open_ended() -> Self {
        Self::new(
            None,
            "{spinner} {binary_bytes} written, {binary_bytes_per_sec}",
        )
    }

    fn new(total: Option<u64>, template: &'static str) -> Self {
        let line = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
        Self {
            shared: Arc::new(Shared {
                line,
                template,
                started: Instant::now(),
                shown: AtomicBool::new(false),
            }),
        }
    }

    /// Lets `say` write lines above the bar.
    pub(crate) fn aside<T>(&self, say: impl FnOnce() -> T) -> T {
        self.shared.line.suspend(say)
    }

    /// Tells that so many more bytes, or files, are done.
    pub(crate) fn advance(&self, bytes: u64) {
        let shared = &*self.shared;
        let is_long = shared.started.elapsed() > PATIENCE;
        if is_long && !shared.shown.swap(true, Ordering::Relaxed) {
            shared.line.set_style(style(shared.template));
            shared.line.set_draw_target(ProgressDrawTarget::stderr());
        }
        shared.line.inc(bytes);
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        self.line.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .unwrap_or_else(|_| ProgressStyle::default_spinner())
        .progress_chars("=> ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_that_is_done_is_counted_from_every_clone() {
        let progress = Progress::of(1_000);
        let clone = progress.clone();
        clone.advance(300);
        progress.advance(200);
        assert_eq!(progress.shared.line.position(), 500);
        assert_eq!(progress.shared.line.length(), Some(1_000));
    }

    #[test]
    fn all_lines_can_be_drawn() {
        for progress in [
            Progress::of(1),
            Progress::of_files(1),
            Progress::open_ended(),
        ] {
            assert!(ProgressStyle::with_template(progress.shared.template).is_ok());
        }
    }
}
