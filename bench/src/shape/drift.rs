//! `drift`: the log of a service that changes while it runs.
//!
//! Of 100 records 80 are plain `logs` records, 10 miss one to three fields, 4 carry a key that the
//! first 1,000 records never have (before that they are plain), 3 have their keys in another order,
//! and 3 hold nulls or a value of another type.

use super::logs;
use crate::random::Random;
use crate::text::{number, raw};

pub(super) fn append(out: &mut Vec<u8>, random: &mut Random, index: u64) {
    match random.below(100) {
        80..90 => missing(out, random),
        90..94 if index > FIRST_WITHOUT_LATE_KEYS => late(out, random),
        94..97 => reordered(out, random),
        97..100 => changed(out, random),
        _ => logs::append(out, random),
    }
}

fn missing(out: &mut Vec<u8>, random: &mut Random) {
    let (first, count) = (random.below(15) as usize, random.between(1, 3) as usize);
    out.push(b'{');
    for (field, key) in logs::KEYS.iter().enumerate() {
        if !(first..first + count).contains(&field) {
            separate(out);
            logs::member(out, random, key, field);
        }
    }
    out.push(b'}');
}

fn late(out: &mut Vec<u8>, random: &mut Random) {
    logs::append(out, random);
    out.pop();
    out.push(b',');
    raw(
        out,
        random.pick(&[r#""retry_attempt_count":"#, r#""circuit_breaker_open_ms":"#]),
    );
    number(out, random.below(1000).into());
    out.push(b'}');
}

fn reordered(out: &mut Vec<u8>, random: &mut Random) {
    let mut order: [usize; 15] = std::array::from_fn(|field| field);
    for _ in 0..random.between(1, 4) {
        order.swap(random.below(15) as usize, random.below(15) as usize);
    }
    out.push(b'{');
    for field in order {
        separate(out);
        logs::member(out, random, logs::KEYS[field], field);
    }
    out.push(b'}');
}

fn changed(out: &mut Vec<u8>, random: &mut Random) {
    let chosen = random.below(15) as usize;
    let value = random.pick(&["null", "null", "null", "\"n/a\"", "-1", "true", "[]", "{}"]);
    out.push(b'{');
    for (field, key) in logs::KEYS.iter().enumerate() {
        separate(out);
        if field == chosen {
            out.push(b'"');
            raw(out, key);
            raw(out, "\":");
            raw(out, value);
        } else {
            logs::member(out, random, key, field);
        }
    }
    out.push(b'}');
}

fn separate(out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
}

const FIRST_WITHOUT_LATE_KEYS: u64 = 1000;
