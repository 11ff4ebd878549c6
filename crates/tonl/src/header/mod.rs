//! Headers: a table's name, count and columns as text.

mod render;

pub(crate) use render::{Count, write_table_header};
