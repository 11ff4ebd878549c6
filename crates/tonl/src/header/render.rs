//! Writes headers.
//!
//! *Source:* `spec/tonl.md`, section "Grammar", rules `table`, `keyed` and `columns`.

use crate::scan::quote;
use crate::schema::{Column, ColumnKind};

/// What stands in a header's brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    /// `[N]`: a table of so many rows.
    Rows(u64),
    /// `[N:]`: an object of so many like objects.
    Keyed(u64),
    /// `[]`: a stream.
    Open,
}

/// Appends `[N]{...}:`, what follows the key in a table's header line.
pub(crate) fn write_table_header(out: &mut Vec<u8>, count: Count, columns: &[Column]) {
    out.push(b'[');
    match count {
        Count::Rows(rows) => out.extend_from_slice(rows.to_string().as_bytes()),
        Count::Keyed(rows) => out.extend_from_slice(format!("{rows}:").as_bytes()),
        Count::Open => {}
    }
    out.push(b']');
    write_columns(out, columns);
    out.push(b':');
}

/// Appends `{...}`.
fn write_columns(out: &mut Vec<u8>, columns: &[Column]) {
    out.push(b'{');
    for (at, column) in columns.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        quote::write_key(out, column.name.as_bytes());
        match &column.kind {
            ColumnKind::Leaf(leaf) => {
                if let Some(name) = leaf.name() {
                    out.push(b':');
                    out.extend_from_slice(name.as_bytes());
                }
            }
            ColumnKind::Group(columns) => write_columns(out, columns),
            ColumnKind::Tuples(columns) => {
                out.extend_from_slice(b"[]");
                write_columns(out, columns);
            }
        }
    }
    out.push(b'}');
}
