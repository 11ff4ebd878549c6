//! JSON texts (RFC 8259), read as events: complete checking, exact numbers, no key twice.

mod members;
mod parse;

pub(crate) use members::{MemberKeys, OpenKeys};
pub use parse::{parse, parse_value};
