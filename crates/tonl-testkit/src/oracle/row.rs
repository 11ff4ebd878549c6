//! Rows, cells, tuples and flow.

use super::header::Columns;
use super::token::{Cursor, bare, check_kind};
use super::{at_end, object};
use tonl::{Column, ColumnKind, ColumnType, Value};

/// A row of a table.
pub(super) fn row(line: &str, columns: &Columns) -> Result<Value, String> {
    if let Some(rest) = line.strip_prefix("* ") {
        return rest_of_line(rest, "an escape row");
    }
    let mut cursor = Cursor::new(line);
    let place = Place::Row(columns.delimiter);
    let value = record(&mut cursor, &columns.columns, place)?;
    at_end(&cursor)?;
    Ok(value)
}

/// A row of a keyed table.
pub(super) fn keyed(line: &str, columns: &Columns) -> Result<(String, Value), String> {
    if let Some(rest) = line.strip_prefix("* ") {
        let mut cursor = Cursor::new(rest);
        let key = cursor.key(&[':'], None)?;
        if !cursor.take(":") {
            return Err("an escape row without ':'".into());
        }
        return Ok((key, rest_of_line(cursor.rest, "an escape row")?));
    }
    let delimiter = columns.delimiter;
    let mut cursor = Cursor::new(line);
    let key = cursor.key(&[delimiter], Some(delimiter))?;
    if !cursor.take_char(delimiter) {
        return Err("a row key without cells".into());
    }
    cursor.take(" ");
    let value = record(&mut cursor, &columns.columns, Place::Row(delimiter))?;
    at_end(&cursor)?;
    Ok((key, value))
}

/// A value up to the end of the line.
pub(super) fn rest_of_line(rest: &str, what: &str) -> Result<Value, String> {
    let mut cursor = Cursor::new(rest);
    let value = match rest.chars().next() {
        None => return Err(format!("{what} without a value")),
        Some('{' | '[') => flow(&mut cursor)?,
        Some('"') => Value::String(cursor.quoted()?),
        Some(_) => bare(cursor.until(&[]), &['"', '\\'], ColumnType::Any)?,
    };
    at_end(&cursor)?;
    Ok(value)
}

/// Where cells stand: in a row with its delimiter, or in a tuple.
#[derive(Clone, Copy)]
enum Place {
    Row(char),
    Tuple,
}

/// The cells of all columns, groups expanded depth first.
fn record(cursor: &mut Cursor<'_>, columns: &[Column], place: Place) -> Result<Value, String> {
    let mut is_first = true;
    if columns.is_empty() {
        return Err("a plain row without columns".into());
    }
    members(cursor, columns, place, &mut is_first)
}

fn members(
    cursor: &mut Cursor<'_>,
    columns: &[Column],
    place: Place,
    is_first: &mut bool,
) -> Result<Value, String> {
    let mut members = Vec::new();
    for column in columns {
        let value = match &column.kind {
            ColumnKind::Group(inner) => Some(self::members(cursor, inner, place, is_first)?),
            kind => {
                separator(cursor, place, is_first)?;
                cell(cursor, kind, place)?
            }
        };
        members.extend(value.map(|value| (column.name.clone(), value)));
    }
    object(members)
}

fn separator(cursor: &mut Cursor<'_>, place: Place, is_first: &mut bool) -> Result<(), String> {
    if std::mem::take(is_first) {
        return Ok(());
    }
    let (delimiter, may_have_space) = match place {
        Place::Row(delimiter) => (delimiter, true),
        Place::Tuple => (',', false),
    };
    if !cursor.take_char(delimiter) {
        return Err(format!(
            "too few cells, or no delimiter before {:?}",
            cursor.rest
        ));
    }
    if may_have_space {
        cursor.take(" ");
    }
    Ok(())
}

/// A cell; `None` if it is missing.
fn cell(cursor: &mut Cursor<'_>, kind: &ColumnKind, place: Place) -> Result<Option<Value>, String> {
    let (ends, forbidden): (&[char], &[char]) = match place {
        Place::Row(',') => (&[','], &['"', '\\', '{', '}', '[', ']']),
        Place::Row('|') => (&['|'], &['"', '\\', '{', '}', '[', ']']),
        Place::Row(';') => (&[';'], &['"', '\\', '{', '}', '[', ']']),
        Place::Row(_) => (&['\t'], &['"', '\\', '{', '}', '[', ']']),
        Place::Tuple => (&[',', ')'], &['{', '}', '[', ']', '(', ')', '"', '\\']),
    };
    if cursor.rest.is_empty() || cursor.rest.starts_with(ends) {
        return Ok(None);
    }
    let column_type = match kind {
        ColumnKind::Tuples(columns) => return tuples(cursor, columns, ends).map(Some),
        ColumnKind::Leaf(column_type) => *column_type,
        ColumnKind::Group(_) | _ => return Err("a group has no cell".into()),
    };
    let value = match cursor.rest.chars().next() {
        Some('"') => Value::String(cursor.quoted()?),
        Some('{' | '[') => flow(cursor)?,
        _ => bare(cursor.until(ends), forbidden, column_type)?,
    };
    check_kind(&value, column_type)?;
    Ok(Some(value))
}

/// `null` or `[(..),(..)]`, §6.12.
fn tuples(cursor: &mut Cursor<'_>, columns: &[Column], ends: &[char]) -> Result<Value, String> {
    if !cursor.rest.starts_with('[') {
        return match cursor.until(ends) {
            "null" => Ok(Value::Null),
            other => Err(format!("{other:?} in a tuple column")),
        };
    }
    cursor.take("[");
    let mut items = Vec::new();
    if cursor.take("]") {
        return Ok(Value::Array(items));
    }
    loop {
        if !cursor.take("(") {
            return Err("no tuple".into());
        }
        items.push(record(cursor, columns, Place::Tuple)?);
        if !cursor.take(")") {
            return Err("a tuple of too many cells".into());
        }
        if cursor.take("]") {
            return Ok(Value::Array(items));
        }
        if !cursor.take(",") {
            return Err("tuples without ',' between them".into());
        }
    }
}

/// `{key:value,..}` or `[value,..]`.
pub(super) fn flow(cursor: &mut Cursor<'_>) -> Result<Value, String> {
    cursor.deeper()?;
    let value = if cursor.take("[") {
        array(cursor)
    } else {
        pairs(cursor)
    };
    cursor.back();
    value
}

fn pairs(cursor: &mut Cursor<'_>) -> Result<Value, String> {
    cursor.take("{");
    let mut members = Vec::new();
    if cursor.take("}") {
        return object(members);
    }
    loop {
        let key = cursor.key(&[':'], None)?;
        if !cursor.take(":") {
            return Err("a pair without ':'".into());
        }
        members.push((key, flow_value(cursor)?));
        if cursor.take("}") {
            return object(members);
        }
        if !cursor.take(",") {
            return Err("pairs without ',' between them".into());
        }
    }
}

fn array(cursor: &mut Cursor<'_>) -> Result<Value, String> {
    let mut items = Vec::new();
    if cursor.take("]") {
        return Ok(Value::Array(items));
    }
    loop {
        items.push(flow_value(cursor)?);
        if cursor.take("]") {
            return Ok(Value::Array(items));
        }
        if !cursor.take(",") {
            return Err("values without ',' between them".into());
        }
    }
}

fn flow_value(cursor: &mut Cursor<'_>) -> Result<Value, String> {
    match cursor.rest.chars().next() {
        Some('{' | '[') => flow(cursor),
        Some('"') => Ok(Value::String(cursor.quoted()?)),
        _ => bare(
            cursor.until(&[',', '}', ']']),
            &['{', '[', '"', '\\'],
            ColumnType::Any,
        ),
    }
}
