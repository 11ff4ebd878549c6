//! `users`: an id, a name, an age, an e-mail address, a flag.

use crate::random::Random;
use crate::text::{FAMILY, GIVEN, number, raw};

pub(super) fn append(out: &mut Vec<u8>, random: &mut Random, index: u64) {
    let (given, family) = (random.pick(&GIVEN), random.pick(&FAMILY));
    raw(out, r#"{"id":"#);
    number(out, index);
    raw(out, r#","name":""#);
    raw(out, given);
    out.push(b' ');
    raw(out, family);
    raw(out, r#"","age":"#);
    number(out, random.between(18, 75).into());
    raw(out, r#","email":""#);
    let start = out.len();
    raw(out, given);
    out.push(b'.');
    raw(out, family);
    out[start..].make_ascii_lowercase();
    number(out, random.below(100).into());
    raw(out, r#"@example.com","active":"#);
    raw(out, if random.chance(70) { "true}" } else { "false}" });
}
