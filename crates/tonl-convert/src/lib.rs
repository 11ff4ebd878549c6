//! Bytes in, bytes out: converts between TONL, JSON, NDJSON, YAML, CSV and TOON.
//!
//! A source reads an [`Input`] and sends the [`tonl::Event`]s of exactly one value to an
//! [`tonl::EventSink`]; a sink turns events into the text of another format. Nothing here is
//! asynchronous, and nothing is lost in silence: what a target cannot hold is an error or is
//! counted.
#![deny(clippy::indexing_slicing)]

pub mod choose;
pub mod compression;
pub mod error;
pub mod format;
pub mod input;
pub mod pipeline;
pub mod progress;
pub mod report;
pub mod sink;
pub mod source;
pub mod tokens;
pub mod toon;

pub use compression::Compression;
pub use error::{Error, ErrorKind, Result};
pub use format::Format;
pub use input::Input;
pub use pipeline::{
    Arrival, Invalid, Job, JsonStream, PushStream, StreamJob, Verify, convert, inspect, stream,
};
pub use progress::Progress;
pub use report::{Report, Skipped};
pub use source::ReadSettings;
pub use tonl;
pub use tonl::{Error as Fault, Label, Profile};
pub use tonl_privacy as privacy;
pub use tonl_tokens as counting;
