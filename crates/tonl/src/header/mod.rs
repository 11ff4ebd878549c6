//! Headers of tables, keyed tables and lists, as text and as columns.
//!
//! *Source:* `spec/tonl.md`, sections 4 and 6.

mod parse;
mod render;

pub(crate) use parse::{Header, Rules, Shape, parse, parse_columns};
pub(crate) use render::{Count, write_table_header};
