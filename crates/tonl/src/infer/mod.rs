//! Finds a table's columns: what the records hold, and which form needs the fewest characters.
//!
//! A *survey* looks at each record's text once and keeps counts and sizes a key, never the
//! records. Afterwards the key sequences are *merged* into one order of columns, and each column's
//! kind is *chosen*. Sizes count the characters of keys and marks; the contents of strings are
//! counted in bytes, which changes no comparison, since each content stands once in every form.
//!
//! *Source:* `spec/tonl.md`, section "Writing rules".

mod choose;
mod leaf;
mod merge;
mod stats;
mod survey;
#[cfg(test)]
mod tests;

pub(crate) use choose::{Choice, choose_table};
pub(crate) use stats::{RecordStats, characters};
pub(crate) use survey::{Surveyor, Wishes};
