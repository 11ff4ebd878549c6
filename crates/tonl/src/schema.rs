//! The columns of a table: names, types, and which of them hold columns of their own.

use crate::scan::number::{self, Form};

/// The type that a header declares for a column.
///
/// *Source:* `spec/tonl.md`, section "Grammar", rule `type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColumnType {
    /// No type: any value.
    #[default]
    Any,
    /// Strings; a bare cell is a string whatever it looks like, except `null`.
    Str,
    /// `true` and `false`.
    Bool,
    /// Only `null`.
    Null,
    /// Numbers, labelled as 8-bit integers.
    I8,
    /// Numbers, labelled as 16-bit integers.
    I16,
    /// Numbers, labelled as 32-bit integers.
    I32,
    /// Numbers, labelled as 64-bit integers.
    I64,
    /// Numbers, labelled as unsigned 8-bit integers.
    U8,
    /// Numbers, labelled as unsigned 16-bit integers.
    U16,
    /// Numbers, labelled as unsigned 32-bit integers.
    U32,
    /// Numbers, labelled as unsigned 64-bit integers.
    U64,
    /// Numbers, labelled as single precision.
    F32,
    /// Numbers, labelled as double precision.
    F64,
    /// Strings, labelled as dates.
    Date,
    /// Strings, labelled as dates with time.
    Datetime,
    /// Arrays.
    Arr,
    /// Objects.
    Obj,
}

impl ColumnType {
    /// The name in a header; `None` for a column without a type.
    pub fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::Any => return None,
            Self::Str => "str",
            Self::Bool => "bool",
            Self::Null => "null",
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Arr => "arr",
            Self::Obj => "obj",
        })
    }

    /// The type with this name in a header; `list` is `arr` and `any` is no type.
    pub fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "any" => Self::Any,
            "str" => Self::Str,
            "bool" => Self::Bool,
            "null" => Self::Null,
            "i8" => Self::I8,
            "i16" => Self::I16,
            "i32" => Self::I32,
            "i64" => Self::I64,
            "u8" => Self::U8,
            "u16" => Self::U16,
            "u32" => Self::U32,
            "u64" => Self::U64,
            "f32" => Self::F32,
            "f64" => Self::F64,
            "date" => Self::Date,
            "datetime" => Self::Datetime,
            "arr" | "list" => Self::Arr,
            "obj" => Self::Obj,
            _ => return None,
        })
    }

    /// Whether a number fits a column of this type under strict types.
    ///
    /// *Source:* `spec/tonl.md`, section "Types".
    #[inline]
    pub fn admits_number(self, text: &[u8], form: Form) -> bool {
        let is_integer = form == Form::Integer;
        match self {
            Self::Any => true,
            Self::F64 => number::is_finite(text, form),
            Self::F32 => number::is_finite_f32(text),
            // Eighteen characters hold no integer beyond 64 bits.
            Self::I64 if text.len() <= 18 => is_integer,
            _ => {
                is_integer
                    && self
                        .integer_range()
                        .is_some_and(|(min, max)| number::is_within(text, min, max))
            }
        }
    }

    /// The integers of this type, if it is an integer type.
    pub fn integer_range(self) -> Option<(i128, i128)> {
        Some(match self {
            Self::I8 => (i8::MIN.into(), i8::MAX.into()),
            Self::I16 => (i16::MIN.into(), i16::MAX.into()),
            Self::I32 => (i32::MIN.into(), i32::MAX.into()),
            Self::I64 => (i64::MIN.into(), i64::MAX.into()),
            Self::U8 => (0, u8::MAX.into()),
            Self::U16 => (0, u16::MAX.into()),
            Self::U32 => (0, u32::MAX.into()),
            Self::U64 => (0, u64::MAX.into()),
            _ => return None,
        })
    }

    /// Whether a bare cell is a string whatever it looks like (except `null`).
    pub fn is_text(self) -> bool {
        matches!(self, Self::Str | Self::Date | Self::Datetime)
    }
}

/// One column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Column {
    /// The key in each record, decoded.
    pub name: String,
    /// What its cells hold.
    pub kind: ColumnKind,
}

impl Column {
    /// A column of this name and kind.
    pub fn new(name: impl Into<String>, kind: ColumnKind) -> Self {
        Self {
            name: name.into(),
            kind,
        }
    }

    /// How many cells it takes in a row: 1, or those of a group's columns together.
    pub fn leaves(&self) -> usize {
        match &self.kind {
            ColumnKind::Leaf(_) | ColumnKind::Tuples(_) => 1,
            ColumnKind::Group(columns) => columns.iter().map(Self::leaves).sum(),
        }
    }
}

/// What the cells of a column hold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ColumnKind {
    /// One value a row.
    Leaf(ColumnType),
    /// An object a row, its members in columns of their own.
    Group(Vec<Column>),
    /// An array of objects a row, written as tuples.
    Tuples(Vec<Column>),
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAMES: &[&str] = &[
        "str", "bool", "null", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "f32", "f64",
        "date", "datetime", "arr", "obj",
    ];

    #[test]
    fn names_of_types_are_read_as_they_are_written() {
        for name in NAMES {
            assert_eq!(
                ColumnType::from_name(name).and_then(ColumnType::name),
                Some(*name)
            );
        }
        assert_eq!(ColumnType::from_name("list"), Some(ColumnType::Arr));
        assert_eq!(ColumnType::from_name("any"), Some(ColumnType::Any));
        assert_eq!(ColumnType::Any.name(), None);
        for name in ["", "Str", "string", "i128", "int"] {
            assert_eq!(ColumnType::from_name(name), None, "{name}");
        }
    }

    #[test]
    fn strict_types_admit_the_numbers_of_their_range() {
        for (text, admitted) in [
            ("0", "any i8 i16 i32 i64 u8 u16 u32 u64 f32 f64"),
            ("-1", "any i8 i16 i32 i64 f32 f64"),
            ("128", "any i16 i32 i64 u8 u16 u32 u64 f32 f64"),
            ("65536", "any i32 i64 u32 u64 f32 f64"),
            ("4294967296", "any i64 u64 f32 f64"),
            ("9223372036854775808", "any u64 f32 f64"),
            ("18446744073709551616", "any f32 f64"),
            ("1.0", "any f32 f64"),
            ("1e2", "any f32 f64"),
            ("1e39", "any f64"),
            ("1e309", "any"),
        ] {
            let form = number::scan(text.as_bytes(), 0).unwrap().form;
            for name in NAMES.iter().chain(&["any"]) {
                let column = ColumnType::from_name(name).unwrap();
                let expected = admitted.split(' ').any(|one| one == *name);
                assert_eq!(
                    column.admits_number(text.as_bytes(), form),
                    expected,
                    "{text} {name}"
                );
            }
        }
    }

    #[test]
    fn a_group_takes_the_cells_of_its_columns() {
        let leaf = || Column::new("x", ColumnKind::Leaf(ColumnType::Any));
        let group = Column::new("g", ColumnKind::Group(vec![leaf(), leaf()]));
        let tuples = Column::new("t", ColumnKind::Tuples(vec![leaf(), leaf()]));
        assert_eq!(
            (leaf().leaves(), group.leaves(), tuples.leaves()),
            (1, 2, 1)
        );
        let outer = Column::new("o", ColumnKind::Group(vec![group, tuples, leaf()]));
        assert_eq!(outer.leaves(), 4);
    }
}
