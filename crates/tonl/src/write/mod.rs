//! The writer: JSON texts in, TONL text out.

mod array;
mod document;
mod ink;
mod layout;
mod plan;
mod row;
mod scribe;
mod segment;
mod serialize;
mod short;
mod stream;
mod style;

pub use array::{ArraySurvey, ArrayWriter};
pub use document::document;
pub use serialize::{to_string, to_vec, to_writer};
pub use stream::{EndLine, StreamWriter};

pub(crate) use ink::{Ink, Length};
pub(crate) use layout::ExpectedKey;
pub(crate) use scribe::{Scribe, member, word};
