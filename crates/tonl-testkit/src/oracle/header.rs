//! Entries and headers: everything of a line up to its rows.

use super::token::{Cursor, bare};
use super::{at_end, row};
use tonl::{Column, ColumnKind, ColumnType, Value};

/// What an entry's first line announces.
pub(super) struct Header {
    pub(super) body: Body,
}

/// The value of an entry, or how many lines of which kind follow.
pub(super) enum Body {
    Value(Value),
    Block,
    List(u64),
    Table(u64, Columns),
    Keyed(u64, Columns),
    Stream(Columns),
}

/// The columns of a table and the delimiter of its rows.
pub(super) struct Columns {
    pub(super) columns: Vec<Column>,
    pub(super) delimiter: char,
}

/// `key` and what follows it on its line.
pub(super) fn entry(
    line: &str,
    delimiter: char,
    is_root: bool,
) -> Result<(String, Header), String> {
    let mut cursor = Cursor::new(line);
    let key = if is_root {
        label(&mut cursor)?
    } else {
        cursor.key(&[':', '['], None)?
    };
    let body = if cursor.take("[") {
        brackets(&mut cursor, delimiter, is_root)?
    } else if cursor.take(":") {
        after_colon(&cursor)?
    } else {
        return Err(format!("no ':' or '[' behind {key:?}"));
    };
    Ok((key, Header { body }))
}

fn label(cursor: &mut Cursor<'_>) -> Result<String, String> {
    let label = cursor.until(&[':', '[']);
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if label.is_empty() || label.len() > 256 || !label.chars().all(fits) {
        return Err(format!("the label {label:?}"));
    }
    Ok(label.to_owned())
}

fn after_colon(cursor: &Cursor<'_>) -> Result<Body, String> {
    if cursor.rest.is_empty() {
        return Ok(Body::Block);
    }
    match cursor.rest.strip_prefix(' ') {
        Some(rest) => Ok(Body::Value(row::rest_of_line(rest, "an entry")?)),
        None => Err("no space behind ':'".into()),
    }
}

/// `N`, `:`, `dm` and `]`, then columns or a list.
fn brackets(cursor: &mut Cursor<'_>, default: char, is_root: bool) -> Result<Body, String> {
    let digits = cursor.rest.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = cursor.rest.len() - digits.len();
    let (count, rest) = cursor.rest.split_at(digits);
    cursor.rest = rest;
    let is_keyed = cursor.take(":");
    let delimiter = ['|', '\t', ';']
        .into_iter()
        .find(|c| cursor.take_char(*c))
        .unwrap_or(default);
    if !cursor.take("]") {
        return Err("no ']'".into());
    }
    if count.is_empty() {
        if is_keyed || !is_root {
            return Err("no count".into());
        }
        return Ok(Body::Stream(columns_to_end(cursor, delimiter, true)?));
    }
    if !is_count(count) {
        return Err(format!("the count {count:?}"));
    }
    let count: u64 = count.parse().map_err(|_| "too great a count".to_owned())?;
    if cursor.rest.starts_with('{') {
        let columns = columns_to_end(cursor, delimiter, count == 0)?;
        return Ok(if is_keyed {
            Body::Keyed(count, columns)
        } else {
            Body::Table(count, columns)
        });
    }
    if is_keyed || !cursor.take(":") {
        return Err("no columns".into());
    }
    list(cursor, count, delimiter)
}

/// Whether a text is a number as headers spell it.
pub(super) fn is_count(text: &str) -> bool {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits && (text == "0" || !text.starts_with('0'))
}

fn list(cursor: &mut Cursor<'_>, count: u64, delimiter: char) -> Result<Body, String> {
    if cursor.rest.is_empty() {
        return Ok(Body::List(count));
    }
    if !cursor.take(" ") {
        return Err("no space before the items".into());
    }
    let mut items = Vec::new();
    loop {
        items.push(match cursor.rest.chars().next() {
            Some('"') => Value::String(cursor.quoted()?),
            _ => bare(
                cursor.until(&[delimiter]),
                &['"', '\\', '{', '}', '[', ']'],
                ColumnType::Any,
            )?,
        });
        if cursor.rest.is_empty() {
            break;
        }
        if !cursor.take_char(delimiter) {
            return Err("items without a delimiter".into());
        }
        cursor.take(" ");
    }
    if items.len() as u64 != count {
        return Err(format!("{} items of {count}", items.len()));
    }
    Ok(Body::Value(Value::Array(items)))
}

fn columns_to_end(
    cursor: &mut Cursor<'_>,
    delimiter: char,
    may_be_empty: bool,
) -> Result<Columns, String> {
    let mut names = 0;
    let columns = if may_be_empty && cursor.take("{}") {
        Vec::new()
    } else {
        columns(cursor, delimiter, &mut names)?
    };
    if names > 4_096 {
        return Err(format!("{names} columns"));
    }
    if !cursor.take(":") {
        return Err("no ':' behind the columns".into());
    }
    at_end(cursor)?;
    Ok(Columns { columns, delimiter })
}

/// `"{" column { dl column } "}"`
fn columns(
    cursor: &mut Cursor<'_>,
    delimiter: char,
    names: &mut usize,
) -> Result<Vec<Column>, String> {
    if !cursor.take("{") {
        return Err("no '{'".into());
    }
    cursor.deeper()?;
    let mut columns: Vec<Column> = Vec::new();
    loop {
        let name = cursor.key(&[':', '{', '[', '}', delimiter], Some(delimiter))?;
        *names += 1;
        if columns.iter().any(|column| column.name == name) {
            return Err(format!("the column {name:?} twice"));
        }
        let kind = if cursor.take(":") {
            let name = cursor.until(&['}', delimiter]);
            let unknown = || format!("the type {name:?}");
            ColumnKind::Leaf(ColumnType::from_name(name).ok_or_else(unknown)?)
        } else if cursor.take("[]") {
            ColumnKind::Tuples(self::columns(cursor, delimiter, names)?)
        } else if cursor.rest.starts_with('{') {
            ColumnKind::Group(self::columns(cursor, delimiter, names)?)
        } else {
            ColumnKind::Leaf(ColumnType::Any)
        };
        columns.push(Column::new(name, kind));
        if cursor.take("}") {
            cursor.back();
            return Ok(columns);
        }
        if !cursor.take_char(delimiter) {
            return Err("columns without a delimiter".into());
        }
        cursor.take(" ");
    }
}
