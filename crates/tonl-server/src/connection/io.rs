//! A socket with time limits that the HTTP library does not have.
//!
//! - Between requests it ends after [`Limits::keep_alive`].
//! - In HTTP/2 the same holds whatever frames come, because pings are no requests; and the first
//!   request has to come within [`Protocol::Http2`]'s time.
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
    /// How long a write may make no progress.
    pub(crate) write_stall: Duration,
    /// What is spoken.
    pub(crate) protocol: Protocol,
}

/// What is spoken on a socket, as far as its time limits care.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// Bytes between requests are the next head, which has a time limit of its own.
    Http1,
    /// Bytes between requests may be anything.
    Http2 {
        /// How long the first request may take.
        first: Duration,
    },
}

/// An answer that is written on after its request is over keeps an HTTP/2 connection as long as so
/// much of it leaves within the time of keep-alive. Answers to pings are far less.
const PROGRESS: usize = 16 << 10;

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
    /// How many requests there had been when `idle` was started, and what was written since.
    idle_since: (usize, usize),
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
            idle_since: (0, 0),
            stall: Timer::default(),
            closing: Closing::No,
            ended: false,
        }
    }

    /// Whether an HTTP/2 connection has had nothing to do for too long, whatever was received.
    fn is_idle_too_long(&mut self, first: Duration, context: &mut Context<'_>) -> bool {
        let (requests, written) = self.idle_since;
        let now = self.activity.requests();
        if !self.activity.is_idle() || requests != now || written >= PROGRESS {
            self.idle.stop();
            self.idle_since = (now, 0);
        }
        let time = if now == 0 {
            first
        } else {
            self.limits.keep_alive
        };
        self.activity.is_idle() && self.idle.poll(time, context).is_ready()
    }

    fn wrote(&mut self, written: &Poll<io::Result<usize>>) {
        if let Poll::Ready(Ok(bytes)) = written {
            self.idle_since.1 = self.idle_since.1.saturating_add(*bytes);
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
        if let Protocol::Http2 { first } = this.limits.protocol {
            if this.is_idle_too_long(first, context) {
                return Poll::Ready(Ok(()));
            }
            let before = buffer.filled().len();
            let read = Pin::new(&mut this.inner).poll_read(context, buffer);
            this.ended |= read.is_ready() && buffer.filled().len() == before;
            return read;
        }
        let before = buffer.filled().len();
        if let Poll::Ready(read) = Pin::new(&mut this.inner).poll_read(context, buffer) {
            this.idle.stop();
            this.ended |= buffer.filled().len() == before;
            return Poll::Ready(read);
        }
        if !this.activity.is_between_requests() {
            this.idle.stop();
            return Poll::Pending;
        }
        ready!(this.idle.poll(this.limits.keep_alive, context));
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
        this.wrote(&written);
        this.stalled(written, context)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = Pin::new(&mut this.inner).poll_write_vectored(context, pieces);
        this.wrote(&written);
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
        write_stall: Duration::from_secs(30),
        protocol: Protocol::Http1,
    };

    fn pair(buffer: usize) -> (TimedIo<DuplexStream>, DuplexStream, Activity) {
        limited(LIMITS, buffer)
    }

    fn limited(limits: Limits, buffer: usize) -> (TimedIo<DuplexStream>, DuplexStream, Activity) {
        let (ours, theirs) = duplex(buffer);
        let activity = Activity::default();
        (
            TimedIo::new(ours, limits, activity.clone()),
            theirs,
            activity,
        )
    }

    fn http2() -> (TimedIo<DuplexStream>, DuplexStream, Activity) {
        let first = Duration::from_secs(10);
        let protocol = Protocol::Http2 { first };
        limited(Limits { protocol, ..LIMITS }, 64)
    }

    /// Reads until the end while the other end writes something every second; how many seconds it took.
    async fn pinged(mut io: TimedIo<DuplexStream>, mut theirs: DuplexStream) -> u64 {
        let start = Instant::now();
        let reading = async {
            while io.read(&mut [0; 8]).await.unwrap() > 0 {}
            start.elapsed().as_secs()
        };
        let pinging = async {
            loop {
                theirs.write_all(b"ping").await.unwrap();
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let minute = tokio::time::sleep(Duration::from_secs(60));
        tokio::select! {
            seconds = reading => seconds,
            () = pinging => unreachable!(),
            () = minute => 60,
        }
    }

    // S62
    #[tokio::test(start_paused = true)]
    async fn pings_do_not_stand_in_for_the_first_request() {
        let (io, theirs, _activity) = http2();
        assert_eq!(pinged(io, theirs).await, 10);
    }

    // S62
    #[tokio::test(start_paused = true)]
    async fn pings_do_not_keep_a_connection_after_its_last_request() {
        let (io, theirs, activity) = http2();
        drop(activity.begin());
        assert_eq!(pinged(io, theirs).await, 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_busy_connection_of_http2_goes_on() {
        let (io, theirs, activity) = http2();
        let _busy = activity.begin();
        assert_eq!(pinged(io, theirs).await, 60);
    }

    #[tokio::test(start_paused = true)]
    async fn an_idle_connection_ends_after_the_keep_alive_time() {
        let (mut io, _theirs, activity) = pair(64);
        drop(activity.begin());
        let start = Instant::now();
        assert_eq!(io.read(&mut [0; 8]).await.unwrap(), 0);
        assert_eq!(start.elapsed().as_secs(), 5);
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
