//! The TONL format: structured data as text that costs a language model few tokens and loses
//! nothing.
#![deny(
    clippy::indexing_slicing,
    clippy::exhaustive_enums,
    clippy::exhaustive_structs
)]

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
pub mod value;
pub mod write;

pub use error::{Code, Error, Position, Result};
pub use event::{Event, EventSink};
pub use limits::Limits;
pub use options::{Label, Profile, Ranges, ReadOptions, Strictness, Types, WriteOptions};
pub use read::Reader;
pub use schema::{Column, ColumnKind, ColumnType};
pub use value::{Number, Object, Value, ValueBuilder};
