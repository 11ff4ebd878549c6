//! The shapes of data that the benches run on, each made record by record from a seed.
//!
//! A shape is fixed by its name and seed: the same bytes on every machine. Changing a field here
//! changes every figure, so do it rarely and say so in the changelog.

mod drift;
mod hostile;
mod logs;
mod nested;
mod rag;
mod users;
mod wide;

use crate::random::Random;
use clap::ValueEnum;
use std::fmt;

/// What the records look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// Five short fields, 97 bytes a record.
    Users,
    /// Fifteen fields with verbose keys, 679 bytes a record.
    Logs,
    /// Paragraphs with escapes, and arrays of tags, 929 bytes a record.
    Rag,
    /// Objects in objects and in arrays, 307 bytes a record.
    Nested,
    /// Logs with missing, late and reordered keys, nulls and type changes.
    Drift,
    /// Escapes, emoji, look-alikes of literals, big integers, 144 bytes a record.
    Hostile,
    /// A thousand columns, in another order in every record (for growth, not for the table).
    Wide,
}

impl Shape {
    /// The six shapes of the table, in its order.
    pub const TABLE: [Self; 6] = [
        Self::Users,
        Self::Logs,
        Self::Rag,
        Self::Nested,
        Self::Drift,
        Self::Hostile,
    ];

    /// The name on the command line and in the table.
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Logs => "logs",
            Self::Rag => "rag",
            Self::Nested => "nested",
            Self::Drift => "drift",
            Self::Hostile => "hostile",
            Self::Wide => "wide",
        }
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The endless sequence of records of a shape.
#[derive(Debug)]
pub struct Records {
    shape: Shape,
    random: Random,
    next: u64,
    columns: wide::Columns,
}

impl Records {
    /// Starts the sequence; it depends on the shape and the seed alone.
    pub fn new(shape: Shape, seed: u64) -> Self {
        let columns = wide::Columns::new(if shape == Shape::Wide { 1000 } else { 0 });
        Self {
            shape,
            random: Random::new(seed),
            next: 1,
            columns,
        }
    }

    /// Records of [`Shape::Wide`] with another number of columns.
    pub fn wide(columns: u32, seed: u64) -> Self {
        let columns = wide::Columns::new(columns);
        Self {
            shape: Shape::Wide,
            random: Random::new(seed),
            next: 1,
            columns,
        }
    }

    /// Appends the next record as one compact JSON object without a line end.
    pub fn append(&mut self, out: &mut Vec<u8>) {
        let (random, index) = (&mut self.random, self.next);
        self.next += 1;
        match self.shape {
            Shape::Users => users::append(out, random, index),
            Shape::Logs => logs::append(out, random),
            Shape::Rag => rag::append(out, random),
            Shape::Nested => nested::append(out, random, index),
            Shape::Drift => drift::append(out, random, index),
            Shape::Hostile => hostile::append(out, random),
            Shape::Wide => self.columns.append(out, random),
        }
    }

    /// Whole NDJSON lines of about `bytes` bytes in all, never more than `bytes` unless it is one line.
    pub fn lines(mut self, bytes: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes + 64 * 1024);
        loop {
            let before = out.len();
            self.append(&mut out);
            out.push(b'\n');
            if out.len() > bytes {
                out.truncate(if before == 0 { out.len() } else { before });
                return out;
            }
        }
    }
}

#[cfg(test)]
mod tests;
