//! Chooses each column's kind and adds up what the table costs.

use super::leaf::leaf_type;
use super::merge::{ESCAPE_MARK, Leave, Merged, merge};
use super::stats::{ColumnStats, KeyStats, RecordStats};
use crate::options::{Profile, Types, WriteOptions};
use crate::schema::{Column, ColumnKind};

/// What decides about columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    pub(crate) profile: Profile,
    pub(crate) types: Types,
    /// Whether types must hold for records that are still to come.
    pub(crate) is_stream: bool,
    /// The most column names in one header.
    pub(crate) max_columns: usize,
}

impl Choice {
    /// The choice for a table whose records are all known.
    pub(crate) fn counted(options: &WriteOptions) -> Self {
        let WriteOptions {
            profile,
            types,
            limits,
            ..
        } = options;
        Self {
            profile: *profile,
            types: *types,
            is_stream: false,
            max_columns: limits.columns,
        }
    }

    /// The choice for a table whose records are still coming.
    pub(crate) fn stream(options: &WriteOptions) -> Self {
        Self {
            is_stream: true,
            ..Self::counted(options)
        }
    }
}

/// A table's columns and its size in characters.
#[derive(Debug)]
pub(crate) struct Chosen {
    pub(crate) columns: Vec<Column>,
    /// What stands between the header's braces.
    pub(crate) header: u64,
    /// All rows, without their indentation and line ends.
    pub(crate) rows: u64,
}

/// The columns for a table of these records.
pub(crate) fn choose_table(stats: &RecordStats, choice: &Choice) -> Chosen {
    let merged = merge(stats, choice, Leave::Allowed);
    let nesting = Nesting {
        names_left: choice.max_columns,
        in_tuple: false,
    };
    let set = column_set(stats, choice, &merged, nesting);
    let escape_rows = stats.records() - merged.plain_rows;
    let escape_flow = stats.flow.saturating_sub(merged.plain_records_flow);
    let delimiters = merged.plain_rows * (set.leaves as u64).saturating_sub(1);
    let rows = set.values + delimiters + escape_flow + ESCAPE_MARK * escape_rows;
    Chosen {
        columns: set.columns,
        header: set.header,
        rows,
    }
}

/// Where columns are chosen.
#[derive(Clone, Copy, Debug)]
struct Nesting {
    names_left: usize,
    in_tuple: bool,
}

/// Columns side by side: of a table, a group, or a tuple column.
#[derive(Debug, Default)]
struct ColumnSet {
    columns: Vec<Column>,
    /// Characters between the braces of the header.
    header: u64,
    /// Characters of all cells, without delimiters.
    values: u64,
    /// Cells a row.
    leaves: usize,
    /// Column names, nested ones included.
    names: usize,
}

/// One way to write a column.
struct Candidate {
    kind: ColumnKind,
    /// Characters in the header.
    header: u64,
    /// Characters of all cells, delimiters within groups and tuples included.
    cells: u64,
    leaves: usize,
    names: usize,
}

impl Candidate {
    /// Characters that the cells of all records take less than as flow values.
    fn saved(&self, column: &ColumnStats) -> i64 {
        signed(column.flow) - signed(self.cells)
    }

    /// Whether this column is not larger than another for the same key.
    fn is_as_small_as(&self, other: &Self, share: Share) -> bool {
        let saved = share.of(signed(other.cells) - signed(self.cells));
        signed(self.header) <= signed(other.header) + saved
    }
}

/// Which part of the records that have a key become plain rows. Only there a column's kind saves
/// characters, and only how much it saves in all records is known.
#[derive(Clone, Copy, Debug)]
struct Share {
    plain: u64,
    all: u64,
}

impl Share {
    fn of(self, saved: i64) -> i64 {
        if self.plain == self.all {
            return saved;
        }
        let part = i128::from(saved) * i128::from(self.plain) / i128::from(self.all.max(1));
        i64::try_from(part).unwrap_or(saved)
    }
}

fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

fn column_set(
    stats: &RecordStats,
    choice: &Choice,
    merged: &Merged,
    nesting: Nesting,
) -> ColumnSet {
    let mut set = ColumnSet {
        names: merged.order.len(),
        header: (merged.order.len() as u64).saturating_sub(1),
        values: merged.plain_flow,
        ..Default::default()
    };
    for index in &merged.order {
        let Some(key) = stats.keys.get(*index as usize) else {
            continue;
        };
        let share = Share {
            plain: merged.plain_rows_with(*index),
            all: key.column.present(),
        };
        let left = Nesting {
            names_left: nesting.names_left.saturating_sub(set.names),
            ..nesting
        };
        let found = candidate(stats, key, choice, left, share);
        set.header += found.header;
        // A group's inner delimiters are counted with those of its row.
        let inner = match found.kind {
            ColumnKind::Group(_) => (found.leaves as u64 - 1) * share.plain,
            _ => 0,
        };
        let saved = share
            .of(found.saved(&key.column))
            .saturating_add_unsigned(inner);
        set.values = set.values.saturating_add_signed(-saved);
        set.leaves += found.leaves;
        set.names += found.names;
        set.columns.push(Column::new(key.name.clone(), found.kind));
    }
    set
}

/// The smaller of a plain column and, where the values allow it, a group or tuple column.
fn candidate(
    stats: &RecordStats,
    key: &KeyStats,
    choice: &Choice,
    nesting: Nesting,
    share: Share,
) -> Candidate {
    let leaf = leaf(key, choice, nesting);
    let nested = if choice.profile == Profile::Compact {
        group(stats, key, choice, nesting).or_else(|| tuples(key, choice, nesting))
    } else {
        None
    };
    match nested {
        Some(nested)
            if nested.is_as_small_as(&leaf, share) && nested.names <= nesting.names_left =>
        {
            nested
        }
        _ => leaf,
    }
}

fn leaf(key: &KeyStats, choice: &Choice, nesting: Nesting) -> Candidate {
    let column = &key.column;
    let declared = leaf_type(column, choice);
    let name = declared.name().map_or(0, |name| 1 + name.len() as u64);
    let saved = if declared.is_text() {
        2 * column.look_alikes
    } else {
        0
    };
    let added = if nesting.in_tuple {
        2 * column.parenthesised
    } else {
        0
    };
    Candidate {
        kind: ColumnKind::Leaf(declared),
        header: key.size + name,
        cells: (column.flow + added).saturating_sub(saved),
        leaves: 1,
        names: 0,
    }
}

fn group(
    stats: &RecordStats,
    key: &KeyStats,
    choice: &Choice,
    nesting: Nesting,
) -> Option<Candidate> {
    let column = &key.column;
    let members = column.members.as_deref()?;
    let is_in_every_row = column.objects == stats.objects
        && column.present() == column.objects
        && members.objects == column.objects
        && members.empty == 0
        && !(nesting.in_tuple && stats.empty > 0);
    if !is_in_every_row {
        return None;
    }
    let set = members_set(members, choice, nesting, nesting.in_tuple)?;
    Some(Candidate {
        header: key.size + 2 + set.header,
        cells: set.values + members.objects * (set.leaves as u64 - 1),
        leaves: set.leaves,
        names: set.names,
        kind: ColumnKind::Group(set.columns),
    })
}

fn tuples(key: &KeyStats, choice: &Choice, nesting: Nesting) -> Option<Candidate> {
    let column = &key.column;
    let elements = column.elements.as_deref()?;
    if column.present_values() != column.arrays || elements.others > 0 {
        return None;
    }
    let set = members_set(elements, choice, nesting, true)?;
    let count = elements.objects + elements.empty;
    let parentheses_and_commas = count * (2 + set.leaves as u64 - 1);
    let between = count.saturating_sub(column.filled_arrays);
    Some(Candidate {
        header: key.size + 4 + set.header,
        cells: set.values
            + parentheses_and_commas
            + between
            + 2 * column.arrays
            + NULL.len() as u64 * column.nulls,
        leaves: 1,
        names: set.names,
        kind: ColumnKind::Tuples(set.columns),
    })
}

const NULL: &str = "null";

/// The columns of a group or tuple column; `None` if the records do not all fit one order.
fn members_set(
    stats: &RecordStats,
    choice: &Choice,
    nesting: Nesting,
    in_tuple: bool,
) -> Option<ColumnSet> {
    let merged = merge(stats, choice, Leave::Forbidden);
    let is_all = merged.is_complete && merged.plain_rows == stats.objects;
    if !is_all || merged.order.is_empty() {
        return None;
    }
    let nesting = Nesting {
        in_tuple,
        ..nesting
    };
    Some(column_set(stats, choice, &merged, nesting))
}
