//! Whole bodies in memory, out of the common budget.

use crate::raw::{Act, Scripted};
use bytes::Bytes;
use tonl_layers::Refusal;
use tonl_layers::body::{BodyError, BodyLimit, Budget, collect};
use tonl_testkit::Random;

const LIMIT: BodyLimit = BodyLimit::Bytes(1_000_000);

// S34
#[tokio::test]
async fn a_body_is_collected_and_its_bytes_come_back_when_it_is_dropped() {
    let budget = Budget::new(2_000_000);
    let text = vec![b'x'; 1_000_000];
    let raw = Scripted::torn(&text, &mut Random::new(7));
    let body = collect(raw, LIMIT, &budget).await.unwrap();
    assert!(body.bytes() == text);
    assert_eq!(budget.used(), 1_000_000);
    let (bytes, permit) = body.into_parts();
    assert_eq!(bytes.capacity() as u64, permit.bytes());
    drop(bytes);
    assert_eq!(budget.used(), 1_000_000);
    drop(permit);
    assert_eq!(budget.used(), 0);
}

#[tokio::test]
async fn a_body_over_the_limit_is_too_large_and_leaves_nothing() {
    let budget = Budget::new(2_000_000);
    let raw = Scripted::cut(&vec![b'x'; 1_000_001], &[1_000_000]);
    let error = collect(raw, LIMIT, &budget).await.unwrap_err();
    assert!(matches!(error, BodyError::TooLarge { limit: 1_000_000 }));
    assert_eq!(budget.used(), 0);
}

// S34
#[tokio::test]
async fn a_full_budget_is_503_with_a_time_to_come_again() {
    let budget = Budget::new(100_000);
    let small = || Scripted::cut(&vec![b'x'; 60_000], &[]);
    let first = collect(small(), LIMIT, &budget).await.unwrap();
    let error = collect(small(), LIMIT, &budget).await.unwrap_err();
    let rejection = error.rejection();
    assert_eq!(rejection.reason(), Refusal::Busy);
    let response: http::Response<Bytes> = rejection.into_response();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(response.body(), r#"{"error":"Service busy"}"#);
    drop(first);
    assert!(collect(small(), LIMIT, &budget).await.is_ok());
}

// S34
#[tokio::test]
async fn bodies_dropped_in_any_order_leave_the_budget_whole() {
    let mut random = Random::new(8);
    for _ in 0..100 {
        let budget = Budget::new(1_000_000);
        let mut held = Vec::new();
        for _ in 0..30 {
            let size = random.below(300_000);
            let mut raw = Scripted::torn(&vec![b'x'; size], &mut random);
            if random.chance(20) {
                raw.0.push_back(Act::Fail("gone"));
            }
            held.extend(collect(raw, LIMIT, &budget).await);
            assert!(budget.used() <= budget.total());
            if random.chance(50) && !held.is_empty() {
                held.swap_remove(random.below(held.len()));
            }
        }
        let bytes: usize = held.iter().map(|body| body.bytes().len()).sum();
        assert!(bytes as u64 <= budget.used());
        while !held.is_empty() {
            held.swap_remove(random.below(held.len()));
        }
        assert_eq!(budget.used(), 0);
    }
}

#[tokio::test]
async fn an_error_of_another_kind_is_a_broken_connection() {
    let raw = Scripted::new([Act::Data(Bytes::from_static(b"x")), Act::Fail("reset")]);
    let error = collect(raw, LIMIT, &Budget::new(1_000_000))
        .await
        .unwrap_err();
    assert!(matches!(error, BodyError::Disconnected(_)));
}

/// A body that claims a length and never comes.
struct Claim(u64);

impl http_body::Body for Claim {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        self: std::pin::Pin<&mut Self>,
        _context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        std::task::Poll::Pending
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.0)
    }
}

// S34
#[tokio::test(start_paused = true)]
async fn a_claim_over_the_limit_is_refused_before_a_byte_comes() {
    let collected = collect(Claim(1_000_001), LIMIT, &Budget::new(2_000_000));
    let answer = tokio::time::timeout(std::time::Duration::from_secs(1), collected).await;
    assert!(matches!(answer, Ok(Err(BodyError::TooLarge { .. }))));
}
