//! Sources: each reads one format and sends the events of exactly one value.
//!
//! A stream of records, such as CSV, is sent as one array. Every error names the input, and where a
//! text was read, line and column.

pub mod csv;
mod text;
pub mod tonl;
pub mod yaml;
