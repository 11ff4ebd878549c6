//! The types of leaf columns.
//!
//! *Source:* `spec/tonl.md`, sections "Types" and "Profiles".

use super::choose::Choice;
use super::stats::{ColumnStats, IntegerWidth};
use crate::options::{Profile, Types};
use crate::schema::ColumnType;

/// The type that is declared for a column with these values.
pub(super) fn leaf_type(column: &ColumnStats, choice: &Choice) -> ColumnType {
    let found = match choice.profile {
        Profile::Classic if !choice.is_stream => classic_type(column),
        _ => plain_type(column),
    };
    let declared = if choice.is_stream {
        stream_type(found)
    } else {
        found
    };
    match choice.types {
        Types::Always => declared,
        Types::Auto if declared == ColumnType::Str && column.look_alikes > 0 => declared,
        Types::Auto | Types::Never => ColumnType::Any,
    }
}

fn plain_type(column: &ColumnStats) -> ColumnType {
    match values(column) {
        Values::Numbers if column.fractions == 0 && column.width <= IntegerWidth::I32 => {
            ColumnType::I32
        }
        Values::Numbers if column.fractions == 0 && column.width <= IntegerWidth::Digits18 => {
            ColumnType::I64
        }
        Values::Numbers if !column.has_infinite => ColumnType::F64,
        other => other.other_type(),
    }
}

fn classic_type(column: &ColumnStats) -> ColumnType {
    match values(column) {
        Values::Numbers if column.has_infinite => ColumnType::Any,
        Values::Numbers if column.fractions == 0 => match column.width {
            IntegerWidth::I8 => ColumnType::I8,
            IntegerWidth::I16 => ColumnType::I16,
            IntegerWidth::I32 => ColumnType::I32,
            IntegerWidth::Digits18 | IntegerWidth::I64 => ColumnType::I64,
            IntegerWidth::Beyond => ColumnType::F64,
        },
        Values::Numbers if column.integers == 0 => ColumnType::F32,
        Values::Numbers => ColumnType::F64,
        Values::Strings if column.dates == column.strings => ColumnType::Date,
        Values::Strings if column.datetimes == column.strings => ColumnType::Datetime,
        other => other.other_type(),
    }
}

/// The type for values that are still to come.
fn stream_type(found: ColumnType) -> ColumnType {
    match found {
        ColumnType::I32 => ColumnType::I64,
        ColumnType::Null => ColumnType::Any,
        other => other,
    }
}

/// What a column holds, nulls aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Values {
    None,
    Strings,
    Booleans,
    Numbers,
    Arrays,
    Objects,
    Mixed,
}

impl Values {
    fn other_type(self) -> ColumnType {
        match self {
            Self::None => ColumnType::Null,
            Self::Strings => ColumnType::Str,
            Self::Booleans => ColumnType::Bool,
            Self::Arrays => ColumnType::Arr,
            Self::Objects => ColumnType::Obj,
            Self::Numbers | Self::Mixed => ColumnType::Any,
        }
    }
}

fn values(column: &ColumnStats) -> Values {
    let all = column.present_values();
    if all == 0 {
        return Values::None;
    }
    let kinds = [
        (column.strings, Values::Strings),
        (column.bools, Values::Booleans),
        (column.numbers(), Values::Numbers),
        (column.arrays, Values::Arrays),
        (column.objects, Values::Objects),
    ];
    kinds
        .iter()
        .find(|(count, _)| *count == all)
        .map_or(Values::Mixed, |(_, kind)| *kind)
}
