//! Random documents that are hard on purpose: look-alike numbers, strings that need quotes, odd
//! keys, deep nesting, records that drift, tables in tables.
//!
//! Everything depends on the seed alone, so a failing document is named by its number.

mod shape;
mod words;

use crate::random::Random;
use shape::Shape;
use tonl::{Object, Value};
pub use words::{key, number, string};

/// A random document: most often records of one shape, sometimes anything at all.
pub fn document(random: &mut Random) -> Value {
    match random.below(100) {
        0..5 => scalar(random),
        5..45 => records(random),
        45..60 => drifted(random),
        60..75 => like_objects(random),
        75..85 => object_of_tables(random),
        _ => any(random, 5),
    }
}

/// Records as they come in a stream: one shape, several shapes in runs, or anything.
pub fn stream(random: &mut Random) -> Vec<Value> {
    let mut all = Vec::new();
    for _ in 0..=random.below(4) {
        let shape = Shape::object(random, 2);
        for _ in 0..random.below(30) {
            all.push(if random.chance(4) {
                any(random, 2)
            } else {
                shape.value(random)
            });
        }
    }
    all
}

/// The document of a seed; the same as [`document`] with a fresh source.
pub fn document_of(seed: u64) -> Value {
    document(&mut Random::new(seed))
}

fn records(random: &mut Random) -> Value {
    let shape = Shape::object(random, 2);
    let rows = random.below(8);
    Value::Array((0..rows).map(|_| shape.value(random)).collect())
}

/// Records of two or three shapes, with elements of other kinds between them.
fn drifted(random: &mut Random) -> Value {
    let shapes: Vec<Shape> = (0..2 + random.below(2))
        .map(|_| Shape::object(random, 1))
        .collect();
    let rows = 2 + random.below(10);
    let mut items = Vec::with_capacity(rows);
    for _ in 0..rows {
        let item = match random.below(10) {
            0 => any(random, 2),
            1 => shuffled(random, &shapes),
            _ => random.pick(&shapes).value(random),
        };
        items.push(item);
    }
    Value::Array(items)
}

/// A record whose members come in another order.
fn shuffled(random: &mut Random, shapes: &[Shape]) -> Value {
    let Value::Object(object) = random.pick(shapes).value(random) else {
        return Value::Null;
    };
    let mut members = object.into_members();
    for end in (1..members.len()).rev() {
        members.swap(end, random.below(end + 1));
    }
    object_of(members)
}

/// An object whose members are records.
fn like_objects(random: &mut Random) -> Value {
    let shape = Shape::object(random, 2);
    let mut members = Vec::new();
    for _ in 0..=random.below(7) {
        let value = if random.chance(5) {
            any(random, 1)
        } else {
            shape.value(random)
        };
        members.push((key(random), value));
    }
    object_of(members)
}

fn object_of_tables(random: &mut Random) -> Value {
    let mut members = Vec::new();
    for _ in 0..=random.below(3) {
        let value = match random.below(5) {
            0 => scalar(random),
            1 => like_objects(random),
            2 => object_of_tables_below(random),
            _ => records(random),
        };
        members.push((key(random), value));
    }
    object_of(members)
}

fn object_of_tables_below(random: &mut Random) -> Value {
    let inner = if random.chance(30) {
        object_of_tables_below(random)
    } else {
        records(random)
    };
    object_of(vec![(key(random), scalar(random)), (key(random), inner)])
}

/// Any value, at most `depth` levels deep, or far deeper once in a while.
pub fn any(random: &mut Random, depth: usize) -> Value {
    if depth == 0 {
        return scalar(random);
    }
    match random.below(20) {
        0..8 => scalar(random),
        8..13 => {
            let length = random.below(5);
            Value::Array((0..length).map(|_| any(random, depth - 1)).collect())
        }
        13 => wrapped(random),
        _ => {
            let members = (0..random.below(5)).map(|_| (key(random), any(random, depth - 1)));
            object_of(members.collect())
        }
    }
}

/// A scalar inside many arrays and objects.
fn wrapped(random: &mut Random) -> Value {
    let mut value = scalar(random);
    for _ in 0..random.below(40) {
        value = if random.chance(50) {
            Value::Array(vec![value])
        } else {
            object_of(vec![(key(random), value)])
        };
    }
    value
}

/// Any scalar.
pub fn scalar(random: &mut Random) -> Value {
    match random.below(10) {
        0 => Value::Null,
        1 => Value::Bool(random.chance(50)),
        2..6 => number(random),
        _ => Value::String(string(random)),
    }
}

/// An object of these members; of members with one key the first stays.
pub fn object_of(members: Vec<(String, Value)>) -> Value {
    let mut kept: Vec<(String, Value)> = Vec::with_capacity(members.len());
    for member in members {
        if kept.iter().all(|(key, _)| *key != member.0) {
            kept.push(member);
        }
    }
    Value::Object(Object::from_members(kept).unwrap_or_default())
}
