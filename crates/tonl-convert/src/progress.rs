//! Telling how far a long conversion has come.

use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::Arc;

/// Is told how many more bytes of an input were read, as they are stored: before decompression, and
/// in every pass again. [`crate::Job::passes`] says how many there will be.
///
/// It is called from the thread that reads, about once in 256 KiB, and should return at once. It may
/// end the reading, and with it the conversion.
#[derive(Clone)]
pub struct Progress(Arc<dyn Fn(u64) -> ControlFlow<()> + Send + Sync>);

impl Progress {
    /// Progress that `tell` takes note of.
    pub fn new(tell: impl Fn(u64) + Send + Sync + 'static) -> Self {
        Self::stoppable(move |bytes| {
            tell(bytes);
            ControlFlow::Continue(())
        })
    }

    /// Progress that may also end the reading: after [`ControlFlow::Break`] the conversion fails with
    /// [`crate::ErrorKind::Io`].
    pub fn stoppable(tell: impl Fn(u64) -> ControlFlow<()> + Send + Sync + 'static) -> Self {
        Self(Arc::new(tell))
    }

    /// The same progress for an input of `own` bytes whose reading stands for `nominal` bytes.
    pub(crate) fn scaled(self, own: u64, nominal: u64) -> Self {
        let ratio = u128::from(nominal);
        let own = u128::from(own.max(1));
        Self::stoppable(move |bytes| {
            let part = u128::from(bytes) * ratio / own;
            self.tell(u64::try_from(part).unwrap_or(u64::MAX))
        })
    }

    fn tell(&self, bytes: u64) -> ControlFlow<()> {
        (self.0)(bytes)
    }
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Progress")
    }
}

/// How many bytes are read between two words.
const STEP: u64 = 256 << 10;

/// A reader whose bytes are told.
pub(crate) struct Told<R> {
    inner: R,
    progress: Progress,
    untold: u64,
}

impl<R> Told<R> {
    pub(crate) fn new(inner: R, progress: Progress) -> Self {
        Self {
            inner,
            progress,
            untold: 0,
        }
    }

    fn tell(&mut self) -> ControlFlow<()> {
        if self.untold == 0 {
            return ControlFlow::Continue(());
        }
        self.progress.tell(std::mem::take(&mut self.untold))
    }
}

impl<R: Read> Read for Told<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.untold += count as u64;
        if self.untold >= STEP && self.tell().is_break() {
            return Err(io::Error::other("the reading was ended"));
        }
        Ok(count)
    }
}

impl<R> Drop for Told<R> {
    fn drop(&mut self) {
        // What is read is read: there is nothing left to end.
        let _nothing_left = self.tell();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn every_byte_is_told_once_and_in_few_words() {
        let words = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&words);
        let progress = Progress::new(move |bytes| kept.lock().unwrap().push(bytes));
        let mut reader =
            io::BufReader::with_capacity(1 << 10, Told::new(io::repeat(0).take(600_000), progress));
        io::copy(&mut reader, &mut io::sink()).unwrap();
        drop(reader);
        let words = words.lock().unwrap();
        assert_eq!(words.iter().sum::<u64>(), 600_000);
        assert!(words.len() <= 3, "{words:?}");
    }

    #[test]
    fn who_is_told_may_end_the_reading() {
        let progress = Progress::stoppable(|_| ControlFlow::Break(()));
        let mut reader = Told::new(io::repeat(0).take(10 * STEP), progress);
        let copied = io::copy(&mut reader, &mut io::sink());
        assert_eq!(copied.unwrap_err().kind(), io::ErrorKind::Other);
        assert!(reader.inner.limit() >= 8 * STEP);
    }
}
