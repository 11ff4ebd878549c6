//! Random documents by the thousand: whatever is written reads back as it was.
//!
//! `TONL_RANDOM_DOCUMENTS` says how many. Every document depends on its number alone, so a failure
//! names all that is needed to see it again.

use std::sync::atomic::{AtomicU64, Ordering};
use tonl::Value;
use tonl_testkit::{Random, codec, compare, generate, oracle};

#[expect(
    clippy::disallowed_methods,
    reason = "the number of documents is the one setting of this test"
)]
fn documents() -> u64 {
    std::env::var("TONL_RANDOM_DOCUMENTS").map_or(5_000, |number| {
        number.parse().expect("a number of documents")
    })
}

/// Calls `check` for every seed, on all processors.
fn every_seed(count: u64, check: impl Fn(u64) + Sync) {
    let next = AtomicU64::new(0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= count {
                        return;
                    }
                    check(seed);
                }
            });
        }
    });
}

#[track_caller]
fn assert_same(seed: u64, value: &Value, text: &str) {
    match oracle::decode(text) {
        Ok(read) => {
            let difference = compare::difference(value, &read);
            assert!(
                difference.is_none(),
                "seed {seed}: {difference:?} in\n{text}"
            );
        }
        Err(error) => panic!("seed {seed}: {error} in\n{text}"),
    }
}

#[test]
fn no_document_loses_anything_in_any_profile() {
    let all = codec::all_write_options();
    every_seed(documents(), |seed| {
        let value = generate::document_of(seed);
        for options in &all {
            let text = codec::write(&value, options)
                .unwrap_or_else(|error| panic!("seed {seed}: {options:?}: {error}"));
            assert_same(seed, &value, &text);
        }
    });
}

#[test]
fn no_stream_loses_anything_in_any_profile() {
    let all = codec::all_write_options();
    every_seed(documents() / 10, |seed| {
        let mut random = Random::new(seed);
        let records = generate::stream(&mut random);
        for options in &all {
            let text = codec::write_stream(&records, options, Some(&mut random))
                .unwrap_or_else(|error| panic!("seed {seed}: {options:?}: {error}"));
            assert_same(seed, &Value::Array(records.clone()), &text);
        }
    });
}
