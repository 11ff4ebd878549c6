//! RFC 1952: members one after another, each with a head, deflate data, a checksum and a length.
//!
//! flate2 has no gzip decoder that is given bytes and a room of a fixed size; the deflate data and
//! the checksum are its work, the few bytes around them are read here.

use super::decode::{Decode, Fault, INFLATE_BYTES, inflate};
use flate2::{Crc, Decompress};

/// A decoder of gzip members.
pub(super) struct Gzip {
    part: Part,
    /// The bytes of a fixed-size part that have come.
    seen: [u8; 10],
    have: usize,
    flags: u8,
    head_sum: Crc,
    data_sum: Crc,
    inflate: Decompress,
    /// Whether a member is complete.
    whole_member: bool,
}

/// What comes next, in the order of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Fixed,
    ExtraLength,
    Extra(u16),
    Name,
    Comment,
    HeadSum,
    Data,
    Trailer,
}

impl Gzip {
    pub(super) fn new() -> Self {
        Self {
            part: Part::Fixed,
            seen: [0; 10],
            have: 0,
            flags: 0,
            head_sum: Crc::new(),
            data_sum: Crc::new(),
            inflate: Decompress::new(false),
            whole_member: false,
        }
    }

    /// Takes bytes of a part that has `N` of them; gives them once all are there.
    fn gather<const N: usize>(&mut self, input: &mut &[u8]) -> Option<[u8; N]> {
        while self.have < N {
            let byte = input.split_off_first()?;
            if let Some(place) = self.seen.get_mut(self.have) {
                *place = *byte;
            }
            self.have += 1;
        }
        self.have = 0;
        self.seen.first_chunk().copied()
    }

    /// Reads the head as far as the bytes go.
    fn head(&mut self, input: &mut &[u8]) -> Result<(), Fault> {
        while !input.is_empty() && !matches!(self.part, Part::Data | Part::Trailer) {
            let before = *input;
            let part = self.part;
            let next = self.head_part(input)?;
            if part != Part::HeadSum {
                let used = before.len() - input.len();
                self.head_sum.update(before.get(..used).unwrap_or_default());
            }
            match next {
                Some(next) => self.part = self.present(next),
                None => break,
            }
        }
        Ok(())
    }

    /// Reads one part of the head. Returns the part after it; `None` if more bytes are needed.
    fn head_part(&mut self, input: &mut &[u8]) -> Result<Option<Part>, Fault> {
        Ok(match self.part {
            Part::Fixed => return self.fixed(input),
            Part::ExtraLength => self
                .gather::<2>(input)
                .map(|length| Part::Extra(u16::from_le_bytes(length))),
            Part::Extra(left) => {
                let skipped = input.len().min(usize::from(left));
                *input = input.get(skipped..).unwrap_or_default();
                let left = left - u16::try_from(skipped).unwrap_or(left);
                Some(if left > 0 {
                    Part::Extra(left)
                } else {
                    Part::Name
                })
            }
            Part::Name => terminated(input).then_some(Part::Comment),
            Part::Comment => terminated(input).then_some(Part::HeadSum),
            Part::HeadSum => match self.gather::<2>(input) {
                Some(sum) if u32::from(u16::from_le_bytes(sum)) != self.head_sum.sum() & 0xffff => {
                    return Err(Fault::Malformed);
                }
                sum => sum.map(|_| Part::Data),
            },
            Part::Data | Part::Trailer => None,
        })
    }

    /// Magic number, method, flags; the rest says nothing that matters here.
    fn fixed(&mut self, input: &mut &[u8]) -> Result<Option<Part>, Fault> {
        // A wrong first byte shows at once, not only when ten bytes are there.
        let magic = MAGIC.get(self.have..).unwrap_or_default();
        if magic.iter().zip(*input).any(|(want, byte)| want != byte) {
            return Err(if self.whole_member {
                Fault::Trailing
            } else {
                Fault::Malformed
            });
        }
        let Some([_, _, method, flags, ..]) = self.gather::<10>(input) else {
            return Ok(None);
        };
        if method != DEFLATE || flags & RESERVED != 0 {
            return Err(Fault::Malformed);
        }
        self.flags = flags;
        Ok(Some(Part::ExtraLength))
    }

    /// This part, or the next one that the flags announce.
    fn present(&self, part: Part) -> Part {
        let mut part = part;
        loop {
            let (flag, next) = match part {
                Part::ExtraLength => (EXTRA, Part::Name),
                Part::Extra(0) => (0, Part::Name),
                Part::Name => (NAME, Part::Comment),
                Part::Comment => (COMMENT, Part::HeadSum),
                Part::HeadSum => (HEAD_SUM, Part::Data),
                Part::Fixed | Part::Extra(_) | Part::Data | Part::Trailer => return part,
            };
            if self.flags & flag != 0 {
                return part;
            }
            part = next;
        }
    }

    fn data(&mut self, input: &mut &[u8], out: &mut Vec<u8>) -> Result<(), Fault> {
        let filled = out.len();
        let (used, ended) = inflate(&mut self.inflate, input, out)?;
        *input = input.get(used..).unwrap_or_default();
        self.data_sum.update(out.get(filled..).unwrap_or_default());
        if ended {
            self.part = Part::Trailer;
        }
        Ok(())
    }

    /// The checksum and the length, both of the decoded bytes.
    fn trailer(&mut self, input: &mut &[u8]) -> Result<(), Fault> {
        let Some(trailer) = self.gather::<8>(input) else {
            return Ok(());
        };
        let mut expected = [0; 8];
        let (sum, length) = expected.split_at_mut(4);
        sum.copy_from_slice(&self.data_sum.sum().to_le_bytes());
        length.copy_from_slice(&self.data_sum.amount().to_le_bytes());
        if trailer != expected {
            return Err(Fault::Malformed);
        }
        self.part = Part::Fixed;
        self.head_sum.reset();
        self.data_sum.reset();
        self.inflate.reset(false);
        self.whole_member = true;
        Ok(())
    }
}

impl Decode for Gzip {
    /// Ends a call at the end of each member: many empty ones are work too.
    fn decode(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<usize, Fault> {
        let mut rest = input;
        self.head(&mut rest)?;
        if self.part == Part::Data {
            self.data(&mut rest, out)?;
        }
        if self.part == Part::Trailer {
            self.trailer(&mut rest)?;
        }
        Ok(input.len() - rest.len())
    }

    fn is_complete(&self) -> bool {
        self.whole_member && self.part == Part::Fixed && self.have == 0
    }

    fn held(&self) -> u64 {
        INFLATE_BYTES
    }
}

/// Skips to behind the next zero byte; `false` if it has not come yet.
fn terminated(input: &mut &[u8]) -> bool {
    if let Some(index) = input.iter().position(|byte| *byte == 0) {
        *input = input.get(index + 1..).unwrap_or_default();
        return true;
    }
    *input = &[];
    false
}

const MAGIC: [u8; 2] = [0x1f, 0x8b];
const DEFLATE: u8 = 8;
const HEAD_SUM: u8 = 0b10;
const EXTRA: u8 = 0b100;
const NAME: u8 = 0b1000;
const COMMENT: u8 = 0b1_0000;
const RESERVED: u8 = 0b1110_0000;
