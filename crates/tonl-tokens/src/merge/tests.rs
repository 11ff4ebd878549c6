use super::*;
use crate::encoding::Encoding;
use tonl_testkit::Random;

fn walked(vocabulary: &Vocabulary<'_>, piece: &[u8]) -> Vec<usize> {
    let mut merger = Merger::default();
    assert!(merger.walk(vocabulary, piece, &mut || true));
    merger.path.ends
}

fn merged(vocabulary: &Vocabulary<'_>, piece: &[u8]) -> Vec<usize> {
    let mut parts = Parts::default();
    parts.merge(vocabulary, piece);
    parts.starts
}

#[test]
fn a_walk_finds_the_tokens_that_merging_finds() {
    for encoding in Encoding::ALL {
        let vocabulary = encoding.vocabulary();
        for seed in 0..3_000 {
            let mut random = Random::new(seed);
            let letters = 1 + random.below(26);
            let length = 1 + random.below(80);
            let piece: Vec<u8> = (0..length)
                .map(|_| match random.below(40) {
                    0 => u8::try_from(random.below(256)).unwrap(),
                    _ => b'a' + u8::try_from(random.below(letters)).unwrap(),
                })
                .collect();
            assert_eq!(
                walked(&vocabulary, &piece),
                merged(&vocabulary, &piece),
                "{piece:?}"
            );
        }
    }
}

#[test]
fn a_walk_steps_back_where_no_token_can_follow() {
    let tokens = ["a", "b", "c", "ab", "bc", "abc"];
    // The pair `ab` has the lower rank, so that `abc` is never `a` and `bc`.
    let tokens: Vec<Vec<u8>> = tokens
        .iter()
        .map(|token| token.as_bytes().to_vec())
        .collect();
    let block = crate::vocabulary::build(&tokens).unwrap();
    let vocabulary = Vocabulary::new(&block).unwrap();
    for text in ["abcabc", "aabbcc", "bcabcab", "cabcbcab"] {
        let text = text.as_bytes();
        assert_eq!(
            walked(&vocabulary, text),
            merged(&vocabulary, text),
            "{text:?}"
        );
    }
}

#[test]
fn the_tokens_of_a_long_piece_are_the_piece_and_its_pairs_stand() {
    let vocabulary = Encoding::O200kBase.vocabulary();
    let mut random = Random::new(1);
    for letters in [1, 2, 5] {
        let piece: Vec<u8> = (0..200_000)
            .map(|_| b'a' + u8::try_from(random.below(letters)).unwrap())
            .collect();
        let mut tokens = Vec::new();
        Merger::default().merge(&vocabulary, &piece, |token| tokens.push(token), &mut || {
            true
        });
        assert!(tokens.concat() == piece, "{letters} letters");
        for pair in tokens.windows(2) {
            let [last, next] = pair else { continue };
            let joint = [*last, *next].concat();
            assert_eq!(merged(&vocabulary, &joint), [0, last.len(), joint.len()]);
        }
    }
}
