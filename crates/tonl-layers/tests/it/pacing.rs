//! Slow bodies, on a clock that only moves when everyone waits.

use crate::raw::{Got, read};
use bytes::Bytes;
use http_body::{Body, Frame};
use std::collections::VecDeque;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};
use tonl_layers::body::{BodyConfig, BodyError, BodyLimit, Coding, GuardedBody};

/// A body whose frames come at moments of the client's choice, in milliseconds from the start.
struct Client {
    frames: VecDeque<(u64, Bytes)>,
    start: Instant,
    next: Option<Pin<Box<Sleep>>>,
}

impl Client {
    fn new(frames: impl IntoIterator<Item = (u64, Bytes)>) -> Self {
        Self {
            frames: frames.into_iter().collect(),
            start: Instant::now(),
            next: None,
        }
    }
}

impl Body for Client {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let Some(at) = self.frames.front().map(|(at, _)| *at) else {
            return Poll::Ready(None);
        };
        let due = self.start + Duration::from_millis(at);
        let next = self.next.get_or_insert_with(|| Box::pin(sleep_until(due)));
        if next.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.next = None;
        let data = self.frames.pop_front().map(|(_, data)| data);
        Poll::Ready(data.map(|data| Ok(Frame::data(data))))
    }
}

fn guarded(frames: impl IntoIterator<Item = (u64, usize)>) -> GuardedBody<Client> {
    let config = BodyConfig {
        limit: BodyLimit::Unlimited,
        ..BodyConfig::default()
    };
    let frames = frames.into_iter();
    let frames = frames.map(|(at, size)| (at, Bytes::from(vec![b'x'; size])));
    GuardedBody::new(Client::new(frames), Coding::Identity, config)
}

/// What came, and after how many milliseconds it ended.
async fn timed(frames: impl IntoIterator<Item = (u64, usize)>) -> (Got<BodyError>, u128) {
    let start = Instant::now();
    let got = read(guarded(frames)).await;
    (got, start.elapsed().as_millis())
}

#[tokio::test(start_paused = true)]
async fn silence_ends_a_body_after_the_idle_time() {
    let (got, after) = timed([(0, 1_000_000), (29_900, 1_000_000), (59_950, 1)]).await;
    assert!(matches!(got.error, Some(BodyError::IdleTimeout { .. })));
    assert_eq!(got.bytes.len(), 2_000_000);
    assert!((59_900..59_950).contains(&after), "{after}");
    assert_eq!(got.error.unwrap().rejection().status(), 408);
}

#[tokio::test(start_paused = true)]
async fn silence_within_the_idle_time_is_allowed() {
    let (got, _) = timed((0..10).map(|n| (n * 29_000, 100_000))).await;
    assert!(got.error.is_none(), "{:?}", got.error);
    assert_eq!(got.bytes.len(), 1_000_000);
}

#[tokio::test(start_paused = true)]
async fn a_client_that_sends_nothing_at_all_is_too_slow_after_ten_seconds() {
    let (got, after) = timed([(1_000_000, 1)]).await;
    assert!(matches!(
        got.error,
        Some(BodyError::TooSlow { rate: 1_024 })
    ));
    assert!((10_000..10_050).contains(&after), "{after}");
}

#[tokio::test(start_paused = true)]
async fn one_byte_a_second_is_too_slow_and_one_kib_a_second_is_not() {
    let (got, after) = timed((0..100).map(|n| (n * 1_000, 1))).await;
    assert!(matches!(got.error, Some(BodyError::TooSlow { .. })));
    assert!((10_000..10_100).contains(&after), "{after}");
    let (got, _) = timed((0..600).map(|n| (n * 1_000, 1_024))).await;
    assert!(got.error.is_none(), "{:?}", got.error);
}

#[tokio::test(start_paused = true)]
async fn a_fast_beginning_does_not_pay_for_a_slow_rest() {
    let drip = (1..10_000).map(|n| (n * 1_000, 1));
    let (got, after) = timed([(0, 10_000_000)].into_iter().chain(drip)).await;
    assert!(matches!(got.error, Some(BodyError::TooSlow { .. })));
    assert!((30_000..31_000).contains(&after), "{after}");
}

#[tokio::test(start_paused = true)]
async fn frames_without_bytes_are_no_progress() {
    let config = BodyConfig {
        rate: 0,
        ..BodyConfig::default()
    };
    let frames = (0..100).map(|n| (n * 1_000, Bytes::from(vec![b'x'; usize::from(n == 0)])));
    let start = Instant::now();
    let got = read(GuardedBody::new(
        Client::new(frames),
        Coding::Identity,
        config,
    ))
    .await;
    assert!(matches!(got.error, Some(BodyError::IdleTimeout { .. })));
    let after = start.elapsed().as_millis();
    assert!((30_000..30_050).contains(&after), "{after}");
}

// The last frame of the next two tests is late: whoever counted more of the time before has nothing
// left to wait with.

#[tokio::test(start_paused = true)]
async fn the_time_in_which_nobody_reads_is_not_the_clients() {
    // The client sends a KiB each second; its reader rests a minute after each.
    let last = 50 * 60_000 + 20_000;
    let frames = (0..50).map(|n| (n * 1_000, 1_024));
    let mut body = Box::pin(guarded(frames.chain([(last, 1)])));
    let mut bytes = 0;
    while let Some(frame) = http_body_util::BodyExt::frame(&mut body).await {
        bytes += frame.unwrap().into_data().unwrap().len();
        tokio::time::sleep(Duration::from_secs(60)).await;
    }
    assert_eq!(bytes, 50 * 1_024 + 1);
}

#[tokio::test(start_paused = true)]
async fn only_the_time_until_the_client_wakes_its_reader_counts() {
    // Each KiB comes half a second after it was asked for. The reader sees it a minute later.
    let last = 40 * 60_500 + 20_000;
    let frames = (0..40).map(|n| (n * 60_500 + 500, 1_024));
    let mut body = Box::pin(guarded(frames.chain([(last, 1)])));
    for _ in 0..40 {
        let first = std::future::poll_fn(|context| Poll::Ready(body.as_mut().poll_frame(context)));
        assert!(first.await.is_pending());
        tokio::time::sleep(Duration::from_millis(60_500)).await;
        let frame = http_body_util::BodyExt::frame(&mut body).await.unwrap();
        assert_eq!(frame.unwrap().into_data().unwrap().len(), 1_024);
    }
    let got = read(body.as_mut()).await;
    assert!(got.error.is_none(), "{:?}", got.error);
    assert_eq!(got.bytes.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_rate_is_of_bytes_as_sent_and_not_as_decoded() {
    // Each second 2,000 spaces are sent, which are some 30 bytes on their way.
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    let mut frames = Vec::new();
    for second in 0..60 {
        encoder.write_all(&[b' '; 2_000]).unwrap();
        encoder.flush().unwrap();
        let data = std::mem::take(encoder.get_mut());
        assert!(data.len() < 100, "{}", data.len());
        frames.push((second * 1_000, Bytes::from(data)));
    }
    let start = Instant::now();
    let client = Client::new(frames);
    let got = read(GuardedBody::new(
        client,
        Coding::Deflate,
        BodyConfig::default(),
    ))
    .await;
    assert!(
        matches!(got.error, Some(BodyError::TooSlow { .. })),
        "{:?}",
        got.error
    );
    let after = start.elapsed().as_millis();
    assert!((10_000..11_000).contains(&after), "{after}");
    assert!(got.bytes.len() > 10 * 1_024);
}
