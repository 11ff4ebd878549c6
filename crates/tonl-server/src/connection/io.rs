//! A socket with time limits that the HTTP library does not have.
//!
//! - Between requests it ends after [`Limits::keep_alive`].
//! - In HTTP/2 it ends if no request comes within [`Limits::first_request`]. Frames that are no request
//!   do not make it last longer, or pings would keep it open for ever.
//! - A write that the other end does not take ends it after [`Limits::write_stall`].
//! - Closing is gentle: what the other end is still sending is read and thrown away for a moment,
//!   because closing over unread bytes resets the connection and the answer may be lost on the way.

use super::activity::Activity;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

/// Time limits of one connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// How long a connection may wait for its next request.
    pub(crate) keep_alive: Duration,
    /// How long it may take to the first request; `None` where the HTTP library sees to it, as it
    /// does in HTTP/1, where what comes between requests is the beginning of the next.
    pub(crate) first_request: Option<Duration>,
    /// How long a write may make no progress.
    pub(crate) write_stall: Duration,
}

/// How much of a refused request is read and thrown away.
const LINGER_BYTES: usize = 256 << 10;
/// And for how long.
const LINGER_TIME: Duration = Duration::from_millis(500);

/// A socket with its time limits.
#[derive(Debug)]
pub(crate) struct TimedIo<T> {
    inner: T,
    limits: Limits,
    activity: Activity,
    idle: Timer,
    /// How many requests had begun when the idle time began.
    requests: usize,
    stall: Timer,
    closing: Closing,
    ended: bool,
}

#[derive(Debug)]
enum Closing {
    No,
    Lingering { left: usize, until: Timer },
    Done,
}

/// A timer that exists only while it is needed.
#[derive(Debug, Default)]
struct Timer(Option<Pin<Box<Sleep>>>);

impl Timer {
    /// Starts it if it does not run; ready when the time is over.
    fn poll(&mut self, time: Duration, context: &mut Context<'_>) -> Poll<()> {
        self.0
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + time)))
            .as_mut()
            .poll(context)
    }

    fn stop(&mut self) {
        self.0 = None;
    }
}

impl<T> TimedIo<T> {
    pub(crate) fn new(inner: T, limits: Limits, activity: Activity) -> Self {
        Self {
            inner,
            limits,
            activity,
            idle: Timer::default(),
            requests: 0,
            stall: Timer::default(),
            closing: Closing::No,
            ended: false,
        }
    }

    /// How long the next request may take from now on; `None` while one is answered.
    fn patience(&mut self) -> Option<Duration> {
        let requests = self.activity.requests();
        if std::mem::replace(&mut self.requests, requests) != requests {
            self.idle.stop();
        }
        match (self.activity.is_idle(), requests) {
            (false, _) => None,
            (true, 0) => self.limits.first_request,
            (true, _) => Some(self.limits.keep_alive),
        }
    }

    /// Ends a write that has waited too long.
    fn stalled<R>(
        &mut self,
        written: Poll<io::Result<R>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<R>> {
        if written.is_ready() {
            self.stall.stop();
            return written;
        }
        ready!(self.stall.poll(self.limits.write_stall, context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for TimedIo<T> {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.inner).poll_read(context, buffer) {
            if this.limits.first_request.is_none() {
                this.idle.stop();
            }
            this.ended |= buffer.filled().len() == before;
            return Poll::Ready(read);
        }
        let Some(patience) = this.patience() else {
            this.idle.stop();
            return Poll::Pending;
        };
        ready!(this.idle.poll(patience, context));
        // Nothing read is the end of the input, which ends an idle connection without an error.
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncRead + AsyncWrite + Unpin> AsyncWrite for TimedIo<T> {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write(context, bytes);
        this.stalled(written, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(context, pieces);
        this.stalled(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.inner).poll_flush(context);
        this.stalled(flushed, context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if matches!(this.closing, Closing::No) {
            let closed = Pin::new(&mut this.inner).poll_shutdown(context);
            ready!(this.stalled(closed, context))?;
            this.closing = Closing::Lingering {
                left: LINGER_BYTES,
                until: Timer::default(),
            };
        }
        this.linger(context)
    }
}

impl<T: AsyncRead + Unpin> TimedIo<T> {
    fn linger(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut scratch = [0_u8; 4096];
        while let Closing::Lingering { left, until } = &mut self.closing {
            if self.ended || *left == 0 {
                self.closing = Closing::Done;
                break;
            }
            let mut buffer = ReadBuf::new(&mut scratch);
            match Pin::new(&mut self.inner).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    *left = left.saturating_sub(buffer.filled().len());
                }
                Poll::Ready(_) => self.closing = Closing::Done,
                Poll::Pending => {
                    ready!(until.poll(LINGER_TIME, context));
                    self.closing = Closing::Done;
                }
            }
        }
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    const LIMITS: Limits = Limits {
        keep_alive: Duration::from_secs(5),
        first_request: None,
        write_stall: Duration::from_secs(30),
    };

    fn pair(buffer: usize) -> (TimedIo<DuplexStream>, DuplexStream, Activity) {
        limited(buffer, LIMITS)
    }

    fn limited(buffer: usize, limits: Limits) -> (TimedIo<DuplexStream>, DuplexStream, Activity) {
        let (ours, theirs) = duplex(buffer);
        let activity = Activity::default();
        (
            TimedIo::new(ours, limits, activity.clone()),
            theirs,
            activity,
        )
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_ends_after_the_keep_alive_time() {
        let (mut io, _theirs, activity) = pair(64);
        drop(activity.begin());
        let start = Instant::now();
        assert_eq!(io.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(start.elapsed().as_secs(), 5);
    }

    // S62
    #[tokio::test(start_paused = true)]
    async fn frames_that_are_no_request_do_not_keep_it_open() {
        let limits = Limits {
            first_request: Some(Duration::from_secs(10)),
            ..LIMITS
        };
        let (mut io, mut theirs, activity) = limited(64, limits);
        let start = Instant::now();
        let ping = async {
            while theirs.write_all(b"ping").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let read = async {
            while io.read(&mut [0; 8]).await.unwrap() > 0 {}
            let first = start.elapsed().as_secs();
            drop(activity.begin());
            while io.read(&mut [0; 8]).await.unwrap() > 0 {}
            (first, start.elapsed().as_secs())
        };
        tokio::select! {
            () = ping => panic!("the pings ended"),
            ends = read => assert_eq!(ends, (10, 15)),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_connection_may_wait() {
        let (mut io, _theirs, activity) = pair(64);
        let _busy = activity.begin();
        let wait = tokio::time::timeout(Duration::from_secs(60), async move {
            io.read(&mut [0; 8]).await
        });
        assert!(wait.await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_that_takes_nothing_ends_the_connection() {
        let (mut io, _theirs, _activity) = pair(8);
        let start = Instant::now();
        let error = io.write_all(&[1; 64]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert_eq!(start.elapsed().as_secs(), 30);
    }

    #[tokio::test(start_paused = true)]
    async fn closing_waits_for_what_is_still_sent_but_not_for_long() {
        let (mut io, mut theirs, _activity) = pair(1024);
        theirs.write_all(&[0; 1000]).await.unwrap();
        let start = Instant::now();
        io.shutdown().await.unwrap();
        assert_eq!(start.elapsed(), LINGER_TIME);
        theirs.write_all(&[0; 1000]).await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn closing_is_at_once_when_the_other_end_is_gone() {
        let (mut io, theirs, _activity) = pair(1024);
        drop(theirs);
        let start = Instant::now();
        io.shutdown().await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn closing_reads_no_more_than_its_share() {
        let (mut io, mut theirs, _activity) = pair(1 << 20);
        theirs.write_all(&vec![0; 1 << 20]).await.unwrap();
        let start = Instant::now();
        io.shutdown().await.unwrap();
        assert_eq!(start.elapsed(), Duration::ZERO);
    }
}
