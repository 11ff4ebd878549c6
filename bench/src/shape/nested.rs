//! `nested`: orders with objects in objects and arrays of objects.

use crate::random::Random;
use crate::text::{FAMILY, GIVEN, code, number, padded, quoted, raw};

pub(super) fn append(out: &mut Vec<u8>, random: &mut Random, index: u64) {
    raw(out, r#"{"order":"#);
    number(out, index);
    raw(out, r#","customer":{"name":""#);
    raw(out, random.pick(&GIVEN));
    out.push(b' ');
    raw(out, random.pick(&FAMILY));
    raw(out, r#"","address":{"city":"#);
    quoted(
        out,
        random.pick(&["Lyon", "Porto", "Hamburg", "Utrecht", "Uppsala", "Bologna"]),
    );
    raw(out, r#","zip":""#);
    padded(out, random.below(100_000), 5);
    raw(out, r#"","geo":{"lat":"#);
    decimal(out, random, 4);
    raw(out, r#","lon":"#);
    decimal(out, random, 4);
    raw(out, r#"}},"vip":"#);
    raw(out, if random.chance(20) { "true" } else { "false" });
    raw(out, r#"},"items":["#);
    for item in 0..random.between(1, 4) {
        if item > 0 {
            out.push(b',');
        }
        self::item(out, random);
    }
    raw(out, r#"],"total":"#);
    decimal(out, random, 2);
    raw(out, r#","labels":["#);
    for label in 0..random.between(0, 2) {
        if label > 0 {
            out.push(b',');
        }
        quoted(out, random.pick(&["gift", "express", "b2b", "return"]));
    }
    raw(out, r#"],"note":null}"#);
}

fn item(out: &mut Vec<u8>, random: &mut Random) {
    raw(out, r#"{"sku":""#);
    code(out, random, 6, b"ABCDEFGHJKMNPQRT");
    raw(out, r#"","qty":"#);
    number(out, random.between(1, 9).into());
    raw(out, r#","price":"#);
    decimal(out, random, 2);
    out.push(b'}');
}

/// A number below 100 with `places` digits behind the point.
fn decimal(out: &mut Vec<u8>, random: &mut Random, places: usize) {
    number(out, random.below(100).into());
    out.push(b'.');
    padded(out, random.below(10_000), places);
}
