//! Thirty-two bytes at a time: which of them end a plain run, need quotes, or lie beyond ASCII.

use std::ops::Range;
use wide::{u8x16, u8x32};

/// How many bytes one step looks at.
pub(crate) const STEP: usize = 32;

/// Half a step, where little is looked for.
pub(crate) const HALF: usize = STEP / 2;

/// The bytes of one step, those behind the text's end as NUL.
#[derive(Clone, Copy)]
pub(crate) struct Step(u8x32);

impl Step {
    /// These bytes.
    #[inline]
    pub(crate) fn new(bytes: [u8; STEP]) -> Self {
        Self(u8x32::new(bytes))
    }

    /// The step at byte `at`.
    #[inline]
    pub(super) fn at(text: &[u8], at: usize) -> Self {
        let rest = text.get(at..).unwrap_or_default();
        Self(u8x32::new(match rest.first_chunk() {
            Some(step) => *step,
            None => last_step(rest),
        }))
    }

    #[inline]
    fn is(self, byte: u8) -> u8x32 {
        self.0.simd_eq(u8x32::splat(byte))
    }

    /// Quotes, backslashes and controls below the space: a bit a byte, the first byte lowest.
    #[inline]
    pub(super) fn stops(self) -> u32 {
        // With one bit turned, the quote lies directly behind the controls.
        let turned = self.0 ^ u8x32::splat(b'"' ^ b' ');
        let low = turned.min(u8x32::splat(b' ')).simd_eq(turned);
        (low | self.is(b'\\')).to_bitmask()
    }

    /// All that may end a string or ask for a second look at it: stops, structural and wide bytes, and a
    /// few others (`_ ^ | ~`). A bit a byte, the first byte lowest.
    #[inline]
    pub(crate) fn specials(self) -> u32 {
        // The backslash is among the suspicious.
        let turned = self.0 ^ u8x32::splat(b'"' ^ b' ');
        let low = turned.min(u8x32::splat(b' ')).simd_eq(turned);
        (low | self.suspicious()).to_bitmask()
    }

    /// ASCII digits: a bit a byte, the first byte lowest.
    #[inline]
    pub(super) fn digits(self) -> u32 {
        let value = self.0 - u8x32::splat(b'0');
        value.min(u8x32::splat(9)).simd_eq(value).to_bitmask()
    }

    /// Backslashes.
    #[inline]
    pub(super) fn backslashes(self) -> u32 {
        self.is(b'\\').to_bitmask()
    }

    /// Whether a structural byte is among the first `count` (less than 32), and whether a wide one.
    #[inline]
    pub(super) fn holds(self, count: u32) -> (bool, bool) {
        let below = (1_u32 << count) - 1;
        if self.suspicious().to_bitmask() & below == 0 {
            return (false, false);
        }
        let structural = self.structural().to_bitmask() & below != 0;
        (structural, self.wide().to_bitmask() & below != 0)
    }

    /// Every structural and every wide byte, and a few others (`_ ^ | ~`), each all ones. One
    /// comparison covers almost all of them, because they lie behind the letters.
    #[inline]
    fn suspicious(self) -> u8x32 {
        let folded = self.0 | u8x32::splat(0x20);
        self.is(b',') | folded.max(u8x32::splat(b'{')).simd_eq(folded)
    }

    /// Whether one of `, { } [ ]` is among the bytes.
    #[inline]
    pub(super) fn is_structural(self) -> bool {
        self.structural().to_bitmask() != 0
    }

    /// Whether DEL or a byte beyond ASCII is among the bytes.
    #[inline]
    pub(super) fn is_wide(self) -> bool {
        self.wide().to_bitmask() != 0
    }

    /// `, { } [ ]`, each such byte all ones.
    #[inline]
    fn structural(self) -> u8x32 {
        // `{` and `[`, `}` and `]` differ in one bit.
        let folded = self.0 | u8x32::splat(0x20);
        self.is(b',') | folded.simd_eq(u8x32::splat(b'{')) | folded.simd_eq(u8x32::splat(b'}'))
    }

    /// DEL and what lies beyond ASCII, each such byte all ones.
    #[inline]
    fn wide(self) -> u8x32 {
        self.0.max(u8x32::splat(0x7F)).simd_eq(self.0)
    }
}

/// ASCII digits among the bytes of half a step: a bit a byte, the first byte lowest.
#[inline]
pub(crate) fn digits(bytes: [u8; HALF]) -> u16 {
    let value = u8x16::new(bytes) - u8x16::splat(b'0');
    let digits = value.min(u8x16::splat(9)).simd_eq(value).to_bitmask();
    // One bit for each of sixteen bytes.
    u16::try_from(digits).unwrap_or(u16::MAX)
}

/// The text's last bytes, filled up with NUL, which ends every run.
#[cold]
fn last_step(rest: &[u8]) -> [u8; STEP] {
    let mut step = [0; STEP];
    for (to, from) in step.iter_mut().zip(rest) {
        *to = *from;
    }
    step
}

/// What a run of steps holds besides plain characters.
#[derive(Clone, Copy, Default)]
pub(super) struct Seen {
    structural: u8x32,
    wide: u8x32,
}

impl Seen {
    /// Adds all bytes of a step.
    #[inline]
    pub(super) fn add(&mut self, step: Step) {
        self.structural |= step.structural();
        self.wide |= step.wide();
    }

    /// Whether a structural byte was added, and whether a wide one, together with those among the
    /// first `count` bytes (less than 32) of a last step.
    #[inline]
    pub(super) fn with_last(self, last: Step, count: u32) -> (bool, bool) {
        let (structural, wide) = last.holds(count);
        (
            structural || self.structural.to_bitmask() != 0,
            wide || self.wide.to_bitmask() != 0,
        )
    }
}

/// Whether a run of steps may hold DEL or a character beyond ASCII. The bytes of the last step behind
/// the run count too, which only makes the answer more careful.
#[derive(Clone, Copy, Default)]
pub(super) struct WideSeen(u8x32);

impl WideSeen {
    /// Adds all bytes of a step.
    #[inline]
    pub(super) fn add(&mut self, step: Step) {
        // One more sets the highest bit of DEL too; UTF-8 has no byte 0xFF whose bit it would clear.
        self.0 |= step.0 + u8x32::splat(1);
    }

    /// Whether one was added.
    #[inline]
    pub(super) fn any(self) -> bool {
        self.0.to_bitmask() != 0
    }
}

/// Goes from stop to stop of a text: quotes, backslashes and controls below the space. What a step
/// has found is kept, so that stops close to each other cost little.
#[derive(Clone, Copy)]
pub(super) struct Stops {
    /// Where the last step began.
    from: usize,
    /// Its stops.
    found: u32,
    wide: WideSeen,
}

impl Stops {
    /// Begins at byte `at` of a text.
    #[inline]
    pub(super) fn new(text: &[u8], at: usize) -> Self {
        let mut wide = WideSeen::default();
        Self {
            from: at,
            found: stops_at(text, at, &mut wide),
            wide,
        }
    }

    /// The first stop at or after byte `at`, which is not before the stop given last; the text's end
    /// if there is none.
    #[inline]
    pub(super) fn next(&mut self, text: &[u8], at: usize) -> usize {
        let ahead = at - self.from;
        if ahead < STEP {
            let found = self.found >> ahead;
            if found != 0 {
                return (at + found.trailing_zeros() as usize).min(text.len());
            }
        }
        self.search(text, at.max(self.from + STEP))
    }

    #[inline]
    fn search(&mut self, text: &[u8], mut at: usize) -> usize {
        loop {
            let found = stops_at(text, at, &mut self.wide);
            if found != 0 {
                self.from = at;
                self.found = found;
                return (at + found.trailing_zeros() as usize).min(text.len());
            }
            at += STEP;
        }
    }

    /// Whether DEL or a byte beyond ASCII may have been passed.
    #[inline]
    pub(super) fn passed_wide(&self) -> bool {
        self.wide.any()
    }
}

/// The stops of the step at byte `at`.
#[inline]
fn stops_at(text: &[u8], at: usize, wide: &mut WideSeen) -> u32 {
    let step = Step::at(text, at);
    wide.add(step);
    step.stops()
}

/// What a whole text holds.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "three independent facts about one text"
)]
pub(super) struct Contents {
    /// Quotes, backslashes or controls below the space.
    pub(super) has_stops: bool,
    /// `, { } [ ]`
    pub(super) has_structural: bool,
    /// DEL or characters beyond ASCII.
    pub(super) has_wide: bool,
}

/// Looks at all of a text.
#[inline]
pub(super) fn contents(text: &[u8]) -> Contents {
    let mut seen = Seen::default();
    let mut stops = 0;
    let mut at = 0;
    while at + STEP <= text.len() {
        let step = Step::at(text, at);
        stops |= step.stops();
        seen.add(step);
        at += STEP;
    }
    let rest = u32::try_from(text.len() - at).unwrap_or(0);
    let last = Step::at(text, at);
    stops |= last.stops() & ((1_u32 << rest) - 1);
    let (has_structural, has_wide) = seen.with_last(last, rest);
    Contents {
        has_stops: stops != 0,
        has_structural,
        has_wide,
    }
}

/// The first quote, backslash or control below the space at or after byte `at`, or the text's end.
#[inline]
pub(super) fn plain_run(text: &[u8], mut at: usize) -> usize {
    loop {
        let stops = Step::at(text, at).stops();
        if stops != 0 {
            return (at + stops.trailing_zeros() as usize).min(text.len());
        }
        at += STEP;
    }
}

/// The bytes of `range` that may begin a character that is always escaped: DEL, and the first bytes
/// of controls beyond ASCII, of line and paragraph separators, and of the byte-order mark.
#[inline]
pub(super) fn suspects(text: &[u8], range: Range<usize>) -> impl Iterator<Item = usize> {
    let mut at = range.start;
    let mut found = 0;
    std::iter::from_fn(move || {
        while found == 0 {
            if at >= range.end {
                return None;
            }
            let step = Step::at(text, at);
            found = (step.is(0x7F) | step.is(0xC2) | step.is(0xE2) | step.is(0xEF)).to_bitmask();
            at += STEP;
        }
        let first = at - STEP + found.trailing_zeros() as usize;
        found &= found - 1;
        (first < range.end).then_some(first)
    })
}

/// Whether a text holds one of two bytes, which are not NUL.
#[inline]
pub(super) fn holds_either(text: &[u8], first: u8, second: u8) -> bool {
    let mut at = 0;
    while at < text.len() {
        let step = Step::at(text, at);
        if (step.is(first) | step.is(second)).to_bitmask() != 0 {
            return true;
        }
        at += STEP;
    }
    false
}

/// Whether a text holds one of `, { } [ ]`.
#[inline]
pub(super) fn has_structural(text: &[u8]) -> bool {
    (0..text.len()).step_by(STEP).any(|at| {
        let rest = text.get(at..).unwrap_or_default();
        Step::at(rest, 0).is_structural()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_testkit::Random;

    fn is_stop(byte: u8) -> bool {
        matches!(byte, 0..=0x1F | b'"' | b'\\')
    }

    fn is_structural(byte: u8) -> bool {
        b",{}[]".contains(&byte)
    }

    fn is_suspect(byte: u8) -> bool {
        matches!(byte, 0x7F | 0xC2 | 0xE2 | 0xEF)
    }

    fn check(text: &[u8]) {
        let any = |accept: fn(u8) -> bool| text.iter().any(|byte| accept(*byte));
        let found = contents(text);
        assert_eq!(found.has_stops, any(is_stop), "{text:?}");
        assert_eq!(found.has_structural, any(is_structural), "{text:?}");
        assert_eq!(found.has_wide, any(|byte| byte >= 0x7F), "{text:?}");
        assert_eq!(has_structural(text), any(is_structural), "{text:?}");
        let holds = any(|byte| byte == b':' || byte == b'|');
        assert_eq!(holds_either(text, b':', b'|'), holds, "{text:?}");
        let places = |accept: fn(u8) -> bool| {
            let all = text.iter().enumerate();
            all.filter(move |(_, byte)| accept(**byte))
                .map(|(at, _)| at)
        };
        let all = 0..text.len();
        assert!(suspects(text, all).eq(places(is_suspect)), "{text:?}");
        for from in [0, 1, text.len() / 2, text.len()] {
            let stop = places(is_stop).find(|at| *at >= from);
            let stop = stop.unwrap_or(text.len()).max(from.min(text.len()));
            let part = from.min(text.len())..text.len() / 3 * 2;
            let inside = places(is_suspect).filter(|at| part.contains(at));
            assert!(suspects(text, part.clone()).eq(inside), "{text:?} {part:?}");
            assert_eq!(plain_run(text, from.min(text.len())), stop, "{text:?}");
            check_stops(text, from.min(text.len()));
        }
    }

    /// Checks that going from stop to stop, over the byte behind each, leaves none out.
    fn check_stops(text: &[u8], from: usize) {
        let mut stops = Stops::new(text, from);
        let mut at = from;
        while at < text.len() {
            let found = stops.next(text, at);
            assert_eq!(found, plain_run(text, at), "{text:?} from {from} at {at}");
            at = found + 2;
        }
        let wide = text
            .iter()
            .skip(from)
            .any(|byte| (0x7F..0xFF).contains(byte));
        assert!(stops.passed_wide() || !wide, "{text:?} from {from}");
    }

    #[test]
    fn every_byte_is_classed_at_every_place_of_a_step() {
        for byte in 0..=u8::MAX {
            for length in [1, 2, 31, 32, 33, 64, 70] {
                for at in [0, 1, 15, 30, 31, 32, 33, 63, 64, 69] {
                    let mut text = vec![b'x'; length];
                    if let Some(place) = text.get_mut(at) {
                        *place = byte;
                        check(&text);
                    }
                }
            }
        }
    }

    #[test]
    fn texts_of_any_bytes_hold_what_they_hold() {
        for seed in 0..3_000 {
            let mut random = Random::new(seed);
            let length = random.below(100);
            let rare = random.below(20);
            let text: Vec<u8> = (0..length)
                .map(|_| match random.below(100) {
                    n if n < rare => u8::try_from(random.below(256)).unwrap(),
                    _ => b'a',
                })
                .collect();
            check(&text);
        }
    }

    #[test]
    fn what_a_step_holds_counts_up_to_its_end_only() {
        let mut text = [b'_'; STEP];
        text[5] = b'{';
        text[9] = 0x7F;
        let step = Step::at(&text, 0);
        let held = [4, 5, 6, 9, 10, 31].map(|count| step.holds(count));
        let (none, structural) = ((false, false), (true, false));
        assert_eq!(
            held,
            [
                none,
                none,
                structural,
                structural,
                (true, true),
                (true, true)
            ]
        );
    }
}
