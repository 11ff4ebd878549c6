//! Random documents by the thousand: whatever is written reads back as it was.
//!
//! `TONL_RANDOM_DOCUMENTS` says how many. Every document depends on its number alone, so a failure
//! names all that is needed to see it again.

use std::sync::atomic::{AtomicU64, Ordering};
use tonl::write::{EndLine, StreamWriter};
use tonl::{Profile, ReadOptions, Value, WriteOptions};
use tonl_testkit::{Random, codec, compare, generate, json, mutate, oracle, targets};

#[expect(
    clippy::disallowed_methods,
    reason = "the number of documents is the one setting of this test"
)]
fn documents() -> u64 {
    std::env::var("TONL_RANDOM_DOCUMENTS").map_or(5_000, |number| {
        number.parse().expect("a number of documents")
    })
}

/// Calls `check` for every seed, on all processors; a panic names the seed.
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
                    let guard = Named(seed);
                    check(seed);
                    drop(guard);
                }
            });
        }
    });
}

/// Says on the way out of a panic which seed it was.
struct Named(u64);

impl Drop for Named {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the seed is {}", self.0);
        }
    }
}

#[track_caller]
fn assert_same(value: &Value, read: &Value, text: &str) {
    let difference = compare::difference(value, read);
    assert!(difference.is_none(), "{difference:?} in\n{text}");
}

#[test]
fn no_document_loses_anything_in_any_profile() {
    let all = codec::all_write_options();
    every_seed(documents(), |seed| {
        let value = generate::document_of(seed);
        let text = json::text(&value);
        for options in &all {
            let tonl = codec::write_json(text.as_bytes(), options).unwrap();
            match codec::read(tonl.as_bytes(), &ReadOptions::default()) {
                Ok(read) => assert_same(&value, &read, &tonl),
                Err(error) => panic!("{options:?}: {error} in\n{tonl}"),
            }
        }
    });
}

#[test]
fn the_oracle_reads_what_is_written_as_the_reader_does() {
    let all = codec::all_write_options();
    every_seed(documents() / 5, |seed| {
        let mut random = Random::new(seed);
        let value = generate::document(&mut random);
        let tonl = codec::write(&value, random.pick(&all)).unwrap();
        match oracle::decode(&tonl) {
            Ok(read) => assert_same(&value, &read, &tonl),
            Err(error) => panic!("{error} in\n{tonl}"),
        }
    });
}

#[test]
fn the_oracle_and_the_reader_agree_on_damaged_documents() {
    let all = codec::all_write_options();
    every_seed(documents(), |seed| {
        let mut random = Random::new(seed);
        let tonl = if random.chance(20) {
            let records = generate::stream(&mut random);
            codec::write_stream(&records, random.pick(&all), None).unwrap()
        } else {
            let value = generate::document(&mut random);
            codec::write(&value, random.pick(&all)).unwrap()
        };
        let damaged = mutate::mutated(&tonl, &mut random);
        let read = codec::read(damaged.as_bytes(), &ReadOptions::default());
        targets::agrees_with_oracle(&damaged, &read);
        let pieces = codec::pieces(damaged.as_bytes(), &mut random);
        let split = codec::read_in_pieces(&pieces, &ReadOptions::default());
        let place = |error: tonl::Error| (error.code(), error.position());
        assert_eq!(read.map_err(place), split.map_err(place), "{damaged:?}");
    });
}

#[test]
fn json_with_spaces_is_written_as_compact_json_is() {
    let all = codec::all_write_options();
    every_seed(documents() / 5, |seed| {
        let mut random = Random::new(seed);
        let value = generate::document(&mut random);
        let spaced = json::spaced_text(&value, &mut random, &[" ", "\n", "\r\n", "\t", "  "]);
        let options = random.pick(&all);
        let plain = codec::write(&value, options).unwrap();
        let tonl = codec::write_json(spaced.as_bytes(), options).unwrap();
        assert_eq!(plain, tonl, "{spaced}");
    });
}

#[test]
fn json_with_needless_escapes_is_written_as_json_without_them() {
    let all = codec::all_write_options();
    every_seed(documents() / 5, |seed| {
        let value = generate::document_of(seed);
        let text = json::escaped_text(&value);
        for options in &all {
            let tonl = codec::write_json(text.as_bytes(), options).unwrap();
            assert_eq!(tonl, codec::write(&value, options).unwrap(), "{text}");
        }
    });
}

/// The first records choose the columns, 64 KiB of JSON at most: escapes must not make them fewer.
#[test]
fn streams_of_json_with_needless_escapes_are_written_as_those_without_them() {
    const FIRST_BYTES: usize = 64 << 10;
    let all = codec::all_write_options();
    every_seed(documents() / 20, |seed| {
        let records = generate::stream(&mut Random::new(seed));
        let escaped: Vec<String> = records.iter().map(json::escaped_text).collect();
        if escaped.iter().map(String::len).sum::<usize>() >= FIRST_BYTES {
            return;
        }
        for options in &all {
            let mut tonl = Vec::new();
            let mut writer = StreamWriter::new(options);
            for record in &escaped {
                writer.record(record.as_bytes(), &mut tonl).unwrap();
            }
            writer.finish(EndLine::Count, &mut tonl);
            let expected = codec::write_stream(&records, options, None).unwrap();
            assert_eq!(String::from_utf8_lossy(&tonl), expected);
        }
    });
}

#[test]
fn no_stream_loses_anything_in_any_profile_and_all_pass_strict_types() {
    let all = codec::all_write_options();
    every_seed(documents() / 10, |seed| {
        let mut random = Random::new(seed);
        let records = generate::stream(&mut random);
        for options in &all {
            targets::stream_is_strict(&records, options, &mut random);
        }
    });
}

/// What a column's kind saves in the records that become escape rows is estimated, so a table is now
/// and then written where flow would be shorter: 6 of 20,000 documents. More would be a step back.
#[test]
fn one_of_a_thousand_documents_at_most_is_longer_than_it_need_be() {
    let count = documents() / 5;
    let longer = AtomicU64::new(0);
    every_seed(count, |seed| {
        let value = generate::document_of(seed);
        let mut options = WriteOptions::default();
        let length = |options: &WriteOptions| codec::write(&value, options).unwrap().len();
        let compact = length(&options);
        options.profile = Profile::Flat;
        let flat = length(&options);
        options.limits.columns = 0;
        let flow = length(&options);
        let is_longer = compact > flat || flat > flow;
        longer.fetch_add(u64::from(is_longer), Ordering::Relaxed);
    });
    let longer = longer.into_inner();
    assert!(longer <= 2 + count / 1_000, "{longer} of {count}");
}
