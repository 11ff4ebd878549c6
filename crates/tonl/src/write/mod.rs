//! The writer: JSON texts in, TONL text out.

mod ink;
mod layout;
mod row;
mod scribe;
mod segment;
mod stream;
mod style;

pub use stream::{EndLine, StreamWriter};

pub(crate) use ink::Length;
pub(crate) use layout::ExpectedKey;
pub(crate) use scribe::{Scribe, member, word};
