//! `rag`: passages of documents: paragraphs with escapes, tags, a score.

use crate::random::Random;
use crate::text::{FAMILY, GIVEN, date, number, padded, quoted, raw, uuid, words};

pub(super) fn append(out: &mut Vec<u8>, random: &mut Random) {
    raw(out, r#"{"id":""#);
    uuid(out, random);
    raw(out, r#"","title":""#);
    let count = random.between(3, 8);
    words(out, random, count);
    raw(out, r#"","content":""#);
    paragraphs(out, random);
    raw(out, r#"","category":"#);
    quoted(out, random.pick(&CATEGORIES));
    raw(out, r#","tags":["#);
    for index in 0..random.between(2, 5) {
        if index > 0 {
            out.push(b',');
        }
        quoted(out, random.pick(&TAGS));
    }
    raw(out, r#"],"author":""#);
    raw(out, random.pick(&GIVEN));
    out.push(b' ');
    raw(out, random.pick(&FAMILY));
    raw(out, r#"","date":""#);
    date(out, random);
    raw(out, r#"","score":0."#);
    number(out, random.between(1, 9).into());
    padded(out, random.below(100), 2);
    out.push(b'}');
}

/// Two to four paragraphs of two to four sentences, with a line break between them.
fn paragraphs(out: &mut Vec<u8>, random: &mut Random) {
    for paragraph in 0..random.between(2, 4) {
        if paragraph > 0 {
            raw(out, r"\n\n");
        }
        for sentence in 0..random.between(2, 4) {
            if sentence > 0 {
                out.push(b' ');
            }
            self::sentence(out, random);
        }
    }
}

fn sentence(out: &mut Vec<u8>, random: &mut Random) {
    let count = random.between(7, 15);
    words(out, random, count);
    match random.below(10) {
        0 => {
            raw(out, r#", the \""#);
            raw(out, random.pick(&TAGS));
            raw(out, r#"\" case."#);
        }
        1 => raw(out, r", see docs\\index\\notes.md."),
        2 => raw(out, "; it is naïve – yet it works."),
        3 => raw(out, ", as measured, and then some."),
        _ => out.push(b'.'),
    }
}

const CATEGORIES: [&str; 6] = [
    "engineering",
    "research",
    "operations",
    "security",
    "product",
    "finance",
];
const TAGS: [&str; 15] = [
    "rag",
    "llm",
    "vector-db",
    "search",
    "chunking",
    "prompting",
    "evaluation",
    "latency",
    "caching",
    "tokens",
    "ranking",
    "hybrid",
    "privacy",
    "streaming",
    "parsing",
];
