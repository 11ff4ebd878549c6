//! What the records of one table have in common.

use super::{any, key, number, object_of, scalar, string};
use crate::random::Random;
use tonl::{Number, Value};

/// The kind of values that a member has in every record.
pub(super) enum Shape {
    Small,
    Long,
    Fraction,
    AnyNumber,
    Bool,
    Word,
    AnyString,
    LookAlike,
    Date,
    Null,
    Scalars,
    Mixed,
    Object(Vec<Member>),
    Records(Box<Self>),
}

pub(super) struct Member {
    key: String,
    shape: Shape,
    missing: usize,
    null: usize,
}

impl Shape {
    /// An object of a few members, at most `depth` levels of objects deep.
    pub(super) fn object(random: &mut Random, depth: usize) -> Self {
        let sometimes = |random: &mut Random| match random.below(6) {
            0 => 5 + random.below(60),
            _ => 0,
        };
        let count = match random.below(20) {
            0 => 0,
            1 => 6 + random.below(10),
            _ => 1 + random.below(4),
        };
        let members = (0..count).map(|_| Member {
            key: key(random),
            shape: Self::member(random, depth),
            missing: sometimes(random),
            null: sometimes(random),
        });
        Self::Object(members.collect())
    }

    fn member(random: &mut Random, depth: usize) -> Self {
        let deeper = if depth == 0 { 0 } else { 4 };
        match random.below(14 + deeper) {
            0 => Self::Small,
            1 => Self::Long,
            2 => Self::Fraction,
            3 => Self::AnyNumber,
            4 => Self::Bool,
            5..7 => Self::Word,
            7..9 => Self::AnyString,
            9 => Self::LookAlike,
            10 => Self::Date,
            11 => Self::Null,
            12 => Self::Scalars,
            13 => Self::Mixed,
            14..16 => Self::object(random, depth - 1),
            _ => Self::Records(Box::new(Self::object(random, depth - 1))),
        }
    }

    /// A value of this shape.
    pub(super) fn value(&self, random: &mut Random) -> Value {
        match self {
            Self::Small => integer(&random.below(1_000)),
            Self::Long => integer(&(random.bits() >> random.below(40))),
            Self::Fraction => {
                let text = format!("{}.{}", random.below(1_000), random.below(100));
                Number::new(&text).map_or(Value::Null, Value::Number)
            }
            Self::AnyNumber => number(random),
            Self::Bool => Value::Bool(random.chance(50)),
            Self::Word => {
                Value::String((*random.pick(&["Ada", "Bo", "red", "x y", "DE"])).to_owned())
            }
            Self::AnyString => Value::String(string(random)),
            Self::LookAlike => {
                Value::String((*random.pick(&["1", "007", "true", "1e5", "NaN", "a"])).to_owned())
            }
            Self::Date => Value::String(date(random)),
            Self::Null => Value::Null,
            Self::Scalars => {
                let length = random.below(4);
                Value::Array((0..length).map(|_| scalar(random)).collect())
            }
            Self::Mixed => any(random, 2),
            Self::Object(members) => record(random, members),
            Self::Records(shape) => {
                let length = random.below(4);
                Value::Array((0..length).map(|_| shape.value(random)).collect())
            }
        }
    }
}

fn record(random: &mut Random, members: &[Member]) -> Value {
    let mut all = Vec::with_capacity(members.len());
    for member in members {
        if random.chance(member.missing) {
            continue;
        }
        let value = if random.chance(member.null) {
            Value::Null
        } else {
            member.shape.value(random)
        };
        all.push((member.key.clone(), value));
    }
    object_of(all)
}

fn integer(value: &impl ToString) -> Value {
    Number::new(&value.to_string()).map_or(Value::Null, Value::Number)
}

fn date(random: &mut Random) -> String {
    let day = format!(
        "20{:02}-{:02}-{:02}",
        random.below(30),
        1 + random.below(12),
        1
    );
    if random.chance(50) {
        format!("{day}T0{}:00:00Z", random.below(10))
    } else {
        day
    }
}
