//! Byte-pair encoding of one piece: the neighbours whose joint bytes have the lowest rank are merged
//! first, the leftmost of equals, until no neighbours are a token together.
//!
//! Short pieces are merged just so; for a long one that would take time in proportion to its
//! square. A long piece is read from left to right instead, each time the longest token that can
//! stand behind the last one, with a step back where none can. That gives the same tokens, because
//! tokens are the encoding of their joint bytes exactly if each two neighbours are the encoding of
//! theirs, and it takes linear time, because no place is left twice without a token behind it.
//! *Source:* "So many tokens, so little time", GitHub's article on its byte-pair encoder.

use crate::encoding::STRIDE;
use crate::vocabulary::Vocabulary;

/// Merges pieces; keeps its memory from one to the next.
#[derive(Debug, Default)]
pub(crate) struct Merger {
    parts: Parts,
    path: Path,
    known: KnownPairs,
}

/// The longest piece, in bytes, that is merged step by step.
const SHORT: usize = 128;

impl Merger {
    /// Calls `token` with the bytes of each token of a piece in turn. Whether it came to the end: a
    /// long piece is given up when `going` says so.
    pub(crate) fn merge<'p>(
        &mut self,
        vocabulary: &Vocabulary<'_>,
        piece: &'p [u8],
        token: impl FnMut(&'p [u8]),
        going: &mut impl FnMut() -> bool,
    ) -> bool {
        if piece.len() <= SHORT {
            self.parts.merge(vocabulary, piece);
            cut(piece, &self.parts.starts).for_each(token);
            return true;
        }
        let is_whole = self.walk(vocabulary, piece, going);
        if is_whole {
            cut(piece, &self.path.ends).for_each(token);
        }
        is_whole
    }

    /// Finds the tokens of a piece from left to right.
    fn walk(
        &mut self,
        vocabulary: &Vocabulary<'_>,
        piece: &[u8],
        going: &mut impl FnMut() -> bool,
    ) -> bool {
        self.path.begin(piece.len());
        let mut longest = usize::MAX;
        let mut steps = 0;
        while self.path.at() < piece.len() {
            steps += 1;
            if steps % STRIDE == 0 && !going() {
                return false;
            }
            let at = self.path.at();
            let rest = piece.get(at..).unwrap_or_default();
            let last = self.path.last(piece);
            let mut lengths = vocabulary.prefixes(rest, longest);
            let next = lengths.find(|len| {
                !self.path.is_dead(at + len)
                    && self.can_follow(vocabulary, last, rest.get(..*len).unwrap_or_default())
            });
            match next {
                Some(len) => {
                    self.path.step(len);
                    longest = usize::MAX;
                }
                None => match self.path.back() {
                    Some(len) => longest = len - 1,
                    // Single bytes are tokens, so that a walk always has an end.
                    None => return true,
                },
            }
        }
        true
    }

    /// Whether two tokens stay two when their joint bytes are merged.
    fn can_follow(&mut self, vocabulary: &Vocabulary<'_>, last: &[u8], next: &[u8]) -> bool {
        if last.is_empty() {
            return true;
        }
        let pair = (vocabulary.find(last), vocabulary.find(next));
        if let Some(known) = self.known.get(pair) {
            return known;
        }
        let joint = [last, next].concat();
        self.parts.merge(vocabulary, &joint);
        let stays = self.parts.starts == [0, last.len(), joint.len()];
        self.known.put(pair, stays);
        stays
    }
}

/// The parts of some bytes that lie between each two places.
fn cut<'p>(bytes: &'p [u8], places: &[usize]) -> impl Iterator<Item = &'p [u8]> {
    places.windows(2).filter_map(|pair| match pair {
        [start, end] => bytes.get(*start..*end),
        _ => None,
    })
}

/// The parts of some bytes while they are merged, each a token.
#[derive(Debug, Default)]
struct Parts {
    /// Where each part begins; then the end.
    starts: Vec<usize>,
    /// The rank of each part joined with the next one.
    ranks: Vec<u32>,
}

/// The rank of what is no token.
const NONE: u32 = u32::MAX;

impl Parts {
    fn merge(&mut self, vocabulary: &Vocabulary<'_>, bytes: &[u8]) {
        self.starts.clear();
        self.starts.extend(0..=bytes.len());
        let pairs = bytes.windows(2);
        self.ranks.clear();
        self.ranks
            .extend(pairs.map(|pair| vocabulary.find(pair).unwrap_or(NONE)));
        loop {
            let lowest = self.ranks.iter().copied().min().unwrap_or(NONE);
            if lowest == NONE {
                return;
            }
            let Some(at) = self.ranks.iter().position(|rank| *rank == lowest) else {
                return;
            };
            self.starts.remove(at + 1);
            self.ranks.remove(at);
            self.rank(vocabulary, bytes, at);
            if let Some(before) = at.checked_sub(1) {
                self.rank(vocabulary, bytes, before);
            }
        }
    }

    /// Ranks the part at `at` joined with the next one anew.
    #[inline]
    fn rank(&mut self, vocabulary: &Vocabulary<'_>, bytes: &[u8], at: usize) {
        if let (Some(rank), Some([start, _, end])) = (
            self.ranks.get_mut(at),
            self.starts.get(at..).and_then(<[usize]>::first_chunk),
        ) {
            let joint = bytes.get(*start..*end).unwrap_or_default();
            *rank = vocabulary.find(joint).unwrap_or(NONE);
        }
    }
}

/// The tokens of a walk so far.
#[derive(Debug, Default)]
struct Path {
    /// Where each token ends, after a zero.
    ends: Vec<usize>,
    /// A bit for each place from which no way leads to the end.
    dead: Vec<u64>,
}

impl Path {
    fn begin(&mut self, len: usize) {
        self.ends.clear();
        self.ends.push(0);
        self.dead.clear();
        self.dead.resize(len / 64 + 1, 0);
    }

    fn at(&self) -> usize {
        self.ends.last().copied().unwrap_or(0)
    }

    fn last<'p>(&self, piece: &'p [u8]) -> &'p [u8] {
        let last = self.ends.last_chunk::<2>();
        last.and_then(|[start, end]| piece.get(*start..*end))
            .unwrap_or_default()
    }

    fn step(&mut self, len: usize) {
        self.ends.push(self.at() + len);
    }

    /// Takes the last token back, because no way leads on behind it; gives its length.
    fn back(&mut self) -> Option<usize> {
        let [start, end] = *self.ends.last_chunk::<2>()?;
        self.ends.pop();
        if let Some(bits) = self.dead.get_mut(end / 64) {
            *bits |= 1 << (end % 64);
        }
        Some(end - start)
    }

    fn is_dead(&self, at: usize) -> bool {
        self.dead
            .get(at / 64)
            .is_some_and(|bits| bits & 1 << (at % 64) != 0)
    }
}

/// Two tokens by number.
type Pair = (Option<u32>, Option<u32>);

/// What was found out about pairs of tokens; long pieces repeat themselves.
#[derive(Debug, Default)]
struct KnownPairs {
    entries: Vec<(Pair, bool)>,
}

/// How many pairs are remembered.
const KNOWN: usize = 1024;

impl KnownPairs {
    fn slot(pair: Pair) -> usize {
        let (last, next) = pair;
        let joined = last.unwrap_or(0).wrapping_mul(0x9E37_79B9) ^ next.unwrap_or(0);
        (joined.wrapping_mul(0x85EB_CA6B) >> 22) as usize % KNOWN
    }

    fn get(&self, pair: Pair) -> Option<bool> {
        let (known, stays) = self.entries.get(Self::slot(pair))?;
        (*known == pair).then_some(*stays)
    }

    fn put(&mut self, pair: Pair, stays: bool) {
        if self.entries.is_empty() {
            self.entries.resize(KNOWN, ((None, None), false));
        }
        if let Some(entry) = self.entries.get_mut(Self::slot(pair)) {
            *entry = (pair, stays);
        }
    }
}

#[cfg(test)]
mod tests;
