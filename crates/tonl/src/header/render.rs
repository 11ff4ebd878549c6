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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::ColumnType;

    fn header(count: Count, columns: &[Column]) -> String {
        let mut out = b"data".to_vec();
        write_table_header(&mut out, count, columns);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn counts_are_written_in_brackets() {
        for (count, expected) in [
            (Count::Rows(0), "data[0]{}:"),
            (Count::Rows(12), "data[12]{}:"),
            (Count::Keyed(3), "data[3:]{}:"),
            (Count::Open, "data[]{}:"),
        ] {
            assert_eq!(header(count, &[]), expected);
        }
    }

    #[test]
    fn columns_are_written_with_their_types_and_inner_columns() {
        let leaf = |name: &str, leaf| Column::new(name, ColumnKind::Leaf(leaf));
        let inner = vec![leaf("x", ColumnType::I32), leaf("y", ColumnType::Any)];
        let columns = [
            leaf("a b", ColumnType::Str),
            leaf("c,d", ColumnType::Any),
            Column::new("", ColumnKind::Group(inner.clone())),
            Column::new(
                "t",
                ColumnKind::Tuples(vec![Column::new("g", ColumnKind::Group(inner))]),
            ),
        ];
        assert_eq!(
            header(Count::Rows(1), &columns),
            r#"data[1]{a b:str,"c,d",""{x:i32,y},t[]{g{x:i32,y}}}:"#
        );
    }
}
