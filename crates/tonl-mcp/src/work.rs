//! One call at work: every loop that may take long asks here whether it has to stop, and tells here
//! how far it is.
//!
//! The invariant: between two questions lie at most about 256 KiB of text, or some ten milliseconds.
//! The trap: a conversion reads and writes elsewhere, so that it is stopped from the outside, by its
//! input ([`Work::input`]) and its output ([`Work::watched`]); what it returns then is of no interest.

use crate::context::{CallContext, Step, Stop};
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tonl_convert::counting::Model;
use tonl_convert::{Input, Progress};

/// A call at work. Clones are the same work.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    context: CallContext,
    done: Arc<AtomicU64>,
    total: Arc<AtomicU64>,
}

/// Text is handed on in parts of this size, with a question after each.
const PART: usize = 64 << 10;

impl Work {
    pub(crate) fn new(context: &CallContext) -> Self {
        Self {
            context: context.clone(),
            done: Arc::default(),
            total: Arc::default(),
        }
    }

    /// The call.
    pub(crate) fn context(&self) -> &CallContext {
        &self.context
    }

    /// Fails if the call has to stop.
    pub(crate) fn check(&self) -> Result<(), Stop> {
        self.context.stop().map_or(Ok(()), Err)
    }

    /// So many bytes more are to be worked through, as far as is known.
    pub(crate) fn expect(&self, bytes: u64) {
        self.total.fetch_add(bytes, Ordering::Relaxed);
    }

    /// So many bytes were worked through.
    pub(crate) fn advance(&self, bytes: u64) -> Result<(), Stop> {
        if bytes > 0 {
            let done = self.done.fetch_add(bytes, Ordering::Relaxed) + bytes;
            let total = self.total.load(Ordering::Relaxed);
            // What was expected is a guess: an input may be read once more than usual.
            let total = (total > 0).then_some(total.max(done));
            self.context.tell(Step { done, total });
        }
        self.check()
    }

    /// An input that is read as long as the call may go on.
    pub(crate) fn input(&self, input: Input) -> Input {
        let work = self.clone();
        input.telling(Progress::stoppable(move |bytes| {
            match work.advance(bytes) {
                Ok(()) => ControlFlow::Continue(()),
                Err(_stop) => ControlFlow::Break(()),
            }
        }))
    }

    /// A writer that passes text on in parts as long as the call may go on, and within a limit of
    /// bytes.
    pub(crate) fn watched<W: Write>(&self, output: W, most: usize) -> Watched<W> {
        Watched {
            work: self.clone(),
            output,
            left: most,
            unasked: 0,
            is_full: false,
        }
    }

    /// The tokens of a text, which is work that is to be expected first.
    pub(crate) fn count(&self, model: &Model, text: &str) -> Result<u64, Stop> {
        self.check()?;
        let mut untold = text.len() as u64;
        let counted = model.encoding().count_while(text, || {
            let part = untold.min(PART as u64);
            untold -= part;
            self.advance(part).is_ok()
        });
        self.advance(untold)?;
        counted.ok_or_else(|| self.context.stop().unwrap_or(Stop::Cancelled))
    }
}

/// A writer of a call at work.
pub(crate) struct Watched<W> {
    work: Work,
    output: W,
    left: usize,
    unasked: usize,
    is_full: bool,
}

impl<W> Watched<W> {
    /// Whether there was more text than is allowed.
    pub(crate) fn is_full(&self) -> bool {
        self.is_full
    }

    pub(crate) fn into_inner(self) -> W {
        self.output
    }
}

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let part = bytes.get(..bytes.len().min(PART)).unwrap_or(bytes);
        let Some(left) = self.left.checked_sub(part.len()) else {
            self.is_full = true;
            return Err(io::ErrorKind::FileTooLarge.into());
        };
        self.left = left;
        self.unasked += part.len();
        if self.unasked >= PART {
            self.unasked = 0;
            self.work
                .check()
                .map_err(|_stop| io::Error::other("the call was stopped"))?;
        }
        self.output.write_all(part)?;
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.output.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::IdentityKey;
    use std::sync::Mutex;

    fn call() -> CallContext {
        CallContext::new(IdentityKey::of("test"))
    }

    #[test]
    fn steps_rise_strictly_and_never_pass_the_total() {
        let steps = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&steps);
        let work = Work::new(&call().telling(move |step| kept.lock().unwrap().push(step)));
        work.expect(10);
        for bytes in [4, 0, 6, 3] {
            work.advance(bytes).unwrap();
        }
        let told: Vec<_> = steps
            .lock()
            .unwrap()
            .iter()
            .map(|s| (s.done, s.total))
            .collect();
        assert_eq!(told, [(4, Some(10)), (10, Some(10)), (13, Some(13))]);
    }

    #[test]
    fn a_writer_ends_at_its_limit_and_when_the_call_is_stopped() {
        let mut writer = Work::new(&call()).watched(Vec::new(), 5);
        writer.write_all(b"12345").unwrap();
        assert!(writer.write_all(b"6").is_err() && writer.is_full());
        let stopped = call().stopped_by(|| true);
        let mut writer = Work::new(&stopped).watched(Vec::new(), 10 * PART);
        assert!(writer.write_all(&vec![b'x'; 3 * PART]).is_err() && !writer.is_full());
        assert!(writer.into_inner().len() <= PART);
    }

    #[test]
    fn counting_in_parts_is_counting_and_can_be_stopped() {
        let text = "one two, three! ".repeat(10_000);
        let model = Model::default_model();
        let count = Work::new(&call()).count(model, &text);
        assert_eq!(count, Ok(model.encoding().count(&text)));
        let stopped = Work::new(&call().stopped_by(|| true));
        assert_eq!(stopped.count(model, &text), Err(Stop::Cancelled));
    }
}
