//! `wide`: many columns, in another order in every record: the worst case of finding a key.

use crate::random::Random;
use crate::text::{number, padded, raw};

/// The columns in the order of the record written last.
#[derive(Debug)]
pub(super) struct Columns(Vec<u32>);

impl Columns {
    pub(super) fn new(count: u32) -> Self {
        Self((0..count).collect())
    }

    pub(super) fn append(&mut self, out: &mut Vec<u8>, random: &mut Random) {
        shuffle(&mut self.0, random);
        for (position, column) in self.0.iter().enumerate() {
            out.push(if position == 0 { b'{' } else { b',' });
            raw(out, r#""column_"#);
            padded(out, *column, 5);
            raw(out, "\":");
            number(out, random.below(1000).into());
        }
        out.push(b'}');
    }
}

fn shuffle(order: &mut [u32], random: &mut Random) {
    for last in (1..order.len()).rev() {
        let bound = u32::try_from(last + 1).unwrap_or(u32::MAX);
        order.swap(last, random.below(bound) as usize);
    }
}
