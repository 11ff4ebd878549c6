//! Whole bodies in memory, out of the common budget.

use crate::raw::{Act, Scripted};
use bytes::Bytes;
use tonl_layers::Refusal;
use tonl_layers::body::{BodyError, BodyLimit, Budget, Share, collect};
use tonl_layers::rate_limit::Key;
use tonl_testkit::Random;

const LIMIT: BodyLimit = BodyLimit::Bytes(1_000_000);

fn whole(total: u64) -> (Budget, Share) {
    let budget = Budget::new(total, total);
    let share = budget.of(Key::unknown());
    (budget, share)
}

// S34
#[tokio::test]
async fn a_body_is_collected_and_its_bytes_come_back_when_it_is_dropped() {
    let (budget, share) = whole(2_000_000);
    let text = vec![b'x'; 1_000_000];
    let raw = Scripted::torn(&text, &mut Random::new(7));
    let body = collect(raw, LIMIT, &share).await.unwrap();
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
    let (budget, share) = whole(2_000_000);
    let raw = Scripted::cut(&vec![b'x'; 1_000_001], &[1_000_000]);
    let error = collect(raw, LIMIT, &share).await.unwrap_err();
    assert!(matches!(error, BodyError::TooLarge { limit: 1_000_000 }));
    assert_eq!(budget.used(), 0);
}

// S34
#[tokio::test]
async fn a_full_budget_is_503_with_a_time_to_come_again() {
    let (_, share) = whole(100_000);
    let small = || Scripted::cut(&vec![b'x'; 60_000], &[]);
    let first = collect(small(), LIMIT, &share).await.unwrap();
    let error = collect(small(), LIMIT, &share).await.unwrap_err();
    let rejection = error.rejection();
    assert_eq!(rejection.reason(), Refusal::Busy);
    let response: http::Response<Bytes> = rejection.into_response();
    assert_eq!(response.status(), 503);
    assert_eq!(response.headers()["retry-after"], "1");
    assert_eq!(response.body(), r#"{"error":"Service busy"}"#);
    drop(first);
    assert!(collect(small(), LIMIT, &share).await.is_ok());
}

// S34
#[tokio::test]
async fn bodies_dropped_in_any_order_leave_the_budget_whole() {
    let mut random = Random::new(8);
    for _ in 0..100 {
        let (budget, share) = whole(1_000_000);
        let mut held = Vec::new();
        for _ in 0..30 {
            let size = random.below(300_000);
            let mut raw = Scripted::torn(&vec![b'x'; size], &mut random);
            if random.chance(20) {
                raw.0.push_back(Act::Fail("gone"));
            }
            held.extend(collect(raw, LIMIT, &share).await);
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
    let error = collect(raw, LIMIT, &whole(1_000_000).1).await.unwrap_err();
    assert!(matches!(error, BodyError::Disconnected(_)));
}

// S34
#[tokio::test]
async fn a_length_that_is_known_to_be_too_large_is_refused_unread() {
    let (_, share) = whole(2_000_000);
    let body = http_body_util::Full::new(Bytes::from(vec![b'x'; 1_000_001]));
    let mut body = std::pin::pin!(body);
    let error = collect(body.as_mut(), LIMIT, &share).await.unwrap_err();
    assert!(matches!(error, BodyError::TooLarge { limit: 1_000_000 }));
    assert!(!http_body::Body::is_end_stream(&*body), "it was read");
}

// S34
#[tokio::test]
async fn little_is_taken_in_advance_and_nothing_beyond_a_known_length() {
    let mut random = Random::new(9);
    let text = vec![b'x'; 33_000_000];
    let limit = BodyLimit::Bytes(52_428_800);
    for size in [100_000, 3_000_000, 16_800_000, 33_000_000] {
        let (budget, share) = whole(100_000_000);
        let raw = Scripted::torn(&text[..size], &mut random);
        let body = collect(raw, limit, &share).await.unwrap();
        let most = if size < 1_000_000 { 2 * size } else { size };
        assert!(budget.used() <= most as u64, "{size}: {}", budget.used());
        assert_eq!(body.bytes().len(), size);
        let (_, share) = whole(size as u64);
        let known = http_body_util::Full::new(Bytes::copy_from_slice(&text[..size]));
        assert!(collect(known, limit, &share).await.is_ok());
    }
}

// S34
#[tokio::test]
async fn one_client_cannot_deny_bodies_to_others() {
    let budget = Budget::new(400_000, 100_000);
    let share = |number: u8| budget.of(Key::address([192, 0, 2, number].into()));
    let raw = || Scripted::cut(&vec![b'x'; 60_000], &[]);
    let _held = collect(raw(), LIMIT, &share(1)).await.unwrap();
    let error = collect(raw(), LIMIT, &share(1)).await.unwrap_err();
    assert!(matches!(error, BodyError::Busy));
    assert!(collect(raw(), LIMIT, &share(2)).await.is_ok());
}
