//! A socket with time limits that the HTTP library does not have.
//!
//! - The head of a request must be there within [`Limits::head`] of its first byte, and the first
//!   head within the same time of the connection's beginning.
//! - Between requests the connection ends after [`Limits::keep_alive`].
//! - A write that the other end does not take ends it after [`Limits::write_stall`].
//! - Closing is gentle: what the other end is still sending is read and thrown away for a moment,
//!   because closing over unread bytes resets the connection and the answer may be lost on the way.
//!
//! The trap: in HTTP/2 bytes are no sign of a request, or pings would keep a connection for ever.
//! There the time between requests runs whatever is read.

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
    /// How long a request's head may take.
    pub(crate) head: Duration,
    /// How long a connection may wait for its next request.
    pub(crate) keep_alive: Duration,
    /// How long a write may make no progress.
    pub(crate) write_stall: Duration,
}

/// What bytes mean while no request is being answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// The beginning of a head.
    Http1,
    /// Nothing yet.
    Http2,
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
    protocol: Protocol,
    activity: Activity,
    /// How many requests there had been when the timers were looked at.
    requests: usize,
    head_began: bool,
    head: Timer,
    idle: Timer,
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
    pub(crate) fn new(inner: T, limits: Limits, protocol: Protocol, activity: Activity) -> Self {
        Self {
            inner,
            limits,
            protocol,
            activity,
            requests: 0,
            head_began: false,
            head: Timer::default(),
            idle: Timer::default(),
            stall: Timer::default(),
            closing: Closing::No,
            ended: false,
        }
    }

    /// Ends a write that has waited too long.
    fn stalled<R>(
        &mut self,
        written: Poll<io::Result<R>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<R>> {
        self.activity.set_writing(written.is_pending());
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
        this.look();
        if let Poll::Ready(read) = Pin::new(&mut this.inner).poll_read(context, buffer) {
            let came = buffer.filled().len() > before;
            this.ended |= !came;
            this.note(came);
            return Poll::Ready(read);
        }
        this.wait(context)
    }
}

impl<T> TimedIo<T> {
    /// Stops the timers when a request has come since.
    fn look(&mut self) {
        let requests = self.activity.ever();
        if requests != self.requests || self.activity.now() > 0 {
            self.requests = requests;
            self.head_began = false;
            self.head.stop();
            self.idle.stop();
        }
    }

    fn note(&mut self, came: bool) {
        if came && self.protocol == Protocol::Http1 && self.activity.now() == 0 {
            self.head_began = true;
            self.idle.stop();
        }
    }

    /// Waits for bytes, but not longer than allowed.
    fn wait(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.activity.poll_busy(context) {
            return Poll::Pending;
        }
        if self.requests == 0 || self.head_began {
            ready!(self.head.poll(self.limits.head, context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        ready!(self.idle.poll(self.limits.keep_alive, context));
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
    use tokio_util::task::TaskTracker;

    const LIMITS: Limits = Limits {
        head: Duration::from_secs(10),
        keep_alive: Duration::from_secs(5),
        write_stall: Duration::from_secs(30),
    };

    fn pair(buffer: usize) -> (TimedIo<DuplexStream>, DuplexStream, Activity) {
        speaking(Protocol::Http1, buffer)
    }

    fn speaking(
        protocol: Protocol,
        buffer: usize,
    ) -> (TimedIo<DuplexStream>, DuplexStream, Activity) {
        let (ours, theirs) = duplex(buffer);
        let activity = Activity::default();
        let io = TimedIo::new(ours, LIMITS, protocol, activity.clone());
        (io, theirs, activity)
    }

    /// Reads until the connection ends, and gives how long that took.
    async fn until_end(io: &mut TimedIo<DuplexStream>) -> (Duration, io::Result<usize>) {
        let start = Instant::now();
        loop {
            match io.read(&mut [0; 8]).await {
                Ok(1..) => {}
                end => return (start.elapsed(), end),
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_head_that_trickles_ends_the_connection_in_both_protocols() {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let (mut io, mut theirs, _activity) = speaking(protocol, 64);
            let trickle = TaskTracker::new().spawn(async move {
                while theirs.write_all(b"x").await.is_ok() {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            });
            let (took, end) = until_end(&mut io).await;
            assert_eq!(end.unwrap_err().kind(), io::ErrorKind::TimedOut);
            assert_eq!(took.as_secs(), 10, "{protocol:?}");
            trickle.abort();
        }
    }

    #[tokio::test(start_paused = true)]
    async fn the_next_head_has_its_time_from_its_first_byte() {
        let (mut io, mut theirs, activity) = pair(64);
        drop(activity.begin());
        let late = TaskTracker::new().spawn(async move {
            tokio::time::sleep(Duration::from_secs(4)).await;
            theirs.write_all(b"x").await.unwrap();
            theirs
        });
        let (took, end) = until_end(&mut io).await;
        assert_eq!(end.unwrap_err().kind(), io::ErrorKind::TimedOut);
        assert_eq!(took.as_secs(), 14);
        drop(late);
    }

    #[tokio::test(start_paused = true)]
    async fn the_time_between_requests_begins_with_the_end_of_the_answer() {
        let (mut io, _theirs, activity) = pair(64);
        let busy = activity.begin();
        let answering = TaskTracker::new().spawn(async move {
            tokio::time::sleep(Duration::from_secs(60)).await;
            drop(busy);
        });
        // One read that is never repeated by who waits for it, as the library does.
        let (took, end) = until_end(&mut io).await;
        assert_eq!((took.as_secs(), end.unwrap()), (65, 0));
        answering.await.unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn pings_keep_no_connection_of_http_2() {
        let (mut io, mut theirs, activity) = speaking(Protocol::Http2, 64);
        drop(activity.begin());
        let pings = TaskTracker::new().spawn(async move {
            while theirs.write_all(b"x").await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        });
        let (took, end) = until_end(&mut io).await;
        assert_eq!((took.as_secs(), end.unwrap()), (5, 0));
        pings.abort();
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
