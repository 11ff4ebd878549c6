//! Bodies that grow without end when they are decoded.

use crate::raw::{CODINGS, Coder, Got, Made, Scripted, encode, lines, read};
use http_body_util::BodyExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tonl_layers::body::{BodyConfig, BodyError, BodyLimit, Budget, Coding, GuardedBody};
use tonl_layers::rate_limit::Key;
use tonl_testkit::Random;

const MIB: usize = 1024 * 1024;
const PIECE: usize = 64 * 1024;

/// A gibibyte of zeros, coded while it is read, and how many bytes of it were asked for.
async fn bomb(coding: Coding, config: BodyConfig) -> (Got<BodyError>, usize) {
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let zeros = vec![0; MIB];
    let mut coder = Some(Coder::new(coding));
    let mut left = 1024;
    let raw = Made(move || {
        loop {
            let coded = if left > 0 {
                left -= 1;
                coder.as_mut()?.push(&zeros)
            } else {
                coder.take()?.finish()
            };
            if !coded.is_empty() {
                count.fetch_add(coded.len(), Ordering::Relaxed);
                return Some(coded);
            }
        }
    });
    let got = read(GuardedBody::new(raw, coding, config)).await;
    (got, sent.load(Ordering::Relaxed))
}

// S34, S62
#[tokio::test]
async fn a_bomb_of_every_coding_is_stopped_at_the_ratio() {
    for limit in [BodyLimit::Bytes(52_428_800), BodyLimit::Unlimited] {
        let config = BodyConfig {
            limit,
            ..BodyConfig::default()
        };
        for coding in CODINGS {
            let (got, sent) = bomb(coding, config).await;
            assert!(
                matches!(got.error, Some(BodyError::Ratio { limit: 100 })),
                "{coding}: {:?}",
                got.error
            );
            assert!(got.largest <= PIECE, "{coding}: {}", got.largest);
            assert!(got.bytes.len() <= MIB.max(sent * 100), "{coding}");
            assert!(got.bytes.len() <= 2 * MIB, "{coding}: {}", got.bytes.len());
        }
    }
}

// S34
#[tokio::test]
async fn decoded_bytes_end_at_the_limit() {
    let config = BodyConfig {
        limit: BodyLimit::Bytes(100_000),
        ratio: u64::MAX,
        ..BodyConfig::default()
    };
    for coding in CODINGS {
        let (got, _) = bomb(coding, config).await;
        assert!(
            matches!(got.error, Some(BodyError::TooLarge { limit: 100_000 })),
            "{coding}: {:?}",
            got.error
        );
        assert!(got.largest <= PIECE);
        assert!(got.bytes.len() <= 100_000);
    }
}

// S34
#[tokio::test]
async fn a_body_of_exactly_the_limit_passes_and_one_byte_more_does_not() {
    let config = BodyConfig {
        limit: BodyLimit::Bytes(100_000),
        ..BodyConfig::default()
    };
    let text = lines(&mut Random::new(5), 100_001);
    for coding in [&[Coding::Identity][..], &CODINGS].concat() {
        for (size, fits) in [(100_000, true), (100_001, false)] {
            let text = &text[..size];
            let coded = match coding {
                Coding::Identity => text.to_vec(),
                coding => encode(coding, text),
            };
            let raw = Scripted::cut(&coded, &[10, coded.len() / 2]);
            let got = read(GuardedBody::new(raw, coding, config)).await;
            assert_eq!(got.error.is_none(), fits, "{coding}: {:?}", got.error);
            assert!(got.bytes.len() <= 100_000);
            let error = got
                .error
                .is_none_or(|e| matches!(e, BodyError::TooLarge { .. }));
            assert!(error, "{coding}");
        }
    }
}

#[tokio::test]
async fn a_small_body_may_grow_as_it_likes() {
    for coding in CODINGS {
        let coded = encode(coding, &vec![b' '; MIB]);
        let raw = Scripted::cut(&coded, &[]);
        let got = read(GuardedBody::new(raw, coding, BodyConfig::default())).await;
        assert!(got.error.is_none(), "{coding}: {:?}", got.error);
        assert_eq!(got.bytes.len(), MIB);
    }
}

/// Input that costs work and gives nothing must not keep the thread: a poll ends after some steps.
#[tokio::test]
async fn a_frame_of_empty_members_is_read_in_several_polls() {
    let empty = encode(Coding::Gzip, b"");
    let many = empty.repeat(1_000);
    let raw = Scripted::cut(&many, &[]);
    let mut body = Box::pin(GuardedBody::new(raw, Coding::Gzip, BodyConfig::default()));
    let mut polls = 0;
    loop {
        polls += 1;
        let polled = std::future::poll_fn(|context| {
            std::task::Poll::Ready(http_body::Body::poll_frame(body.as_mut(), context))
        });
        match polled.await {
            std::task::Poll::Ready(None) => break,
            std::task::Poll::Ready(Some(frame)) => panic!("{frame:?}"),
            std::task::Poll::Pending => {}
        }
    }
    assert!((1_000 / 32..1_000).contains(&polls), "{polls}");
}

// S34
#[tokio::test]
async fn the_window_of_a_decoder_is_taken_out_of_the_share_as_it_grows() {
    let text = lines(&mut Random::new(3), 9_000_000);
    let cases = [
        (Coding::Gzip, 32 << 10, 64 << 10),
        (Coding::Zstd, 1 << 20, 9 << 20),
        (Coding::Brotli, 1 << 20, 17 << 20),
    ];
    for (coding, least, most) in cases {
        let coded = encode(coding, &text);
        let budget = Budget::new(64 << 20, 64 << 20);
        let share = budget.of(Key::unknown());
        let raw = Scripted::cut(&coded, &[coded.len() / 2]);
        let mut body = GuardedBody::new(raw, coding, BodyConfig::default()).out_of(&share);
        assert_eq!(budget.used(), 0, "{coding}");
        let mut largest = 0;
        while let Some(frame) = body.frame().await {
            frame.unwrap();
            largest = largest.max(budget.used());
        }
        assert!((least..most).contains(&largest), "{coding}: {largest}");
        assert_eq!(budget.used(), 0, "{coding}");

        let tight = Budget::new(64 << 20, least - 1).of(Key::unknown());
        let raw = Scripted::cut(&coded, &[]);
        let got = read(GuardedBody::new(raw, coding, BodyConfig::default()).out_of(&tight)).await;
        assert!(matches!(got.error, Some(BodyError::Busy)), "{coding}");
    }
}
