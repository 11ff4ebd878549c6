//! The TONL format: structured data as text that costs a language model few tokens and loses
//! nothing.
#![deny(
    clippy::indexing_slicing,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs
)]

mod de;
pub mod error;
pub mod event;
mod header;
mod infer;
pub mod json;
pub mod limits;
pub mod options;
pub mod read;
pub mod scan;
pub mod schema;
mod ser;
pub mod value;
pub mod write;

pub use de::{from_reader, from_slice, from_str, from_value, read_value};
pub use error::{Code, Error, Position, Result};
pub use event::{Event, EventSink};
pub use limits::Limits;
pub use options::{Label, Profile, Ranges, ReadOptions, Strictness, Types, WriteOptions};
pub use read::Reader;
pub use schema::{Column, ColumnKind, ColumnType};
pub use ser::to_value;
pub use value::{Number, Object, Value, ValueBuilder};
pub use write::{to_string, to_vec, to_writer};

/// The examples of the repository's first page, run as tests.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
mod readme {}
