//! The fields of records as they pass by: their kinds, and the records that differ.
//!
//! Only the members of records are looked at, not what is nested deeper. Of differences the first
//! few are told and all are counted.

use serde_json::{Map, Value, json};
use std::collections::HashMap;
use tonl_convert::tonl::{Event, EventSink, Result};

/// Whether a field must stand in every record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Strict {
    Yes,
    No,
}

/// What was seen of the records so far.
#[derive(Debug)]
pub(crate) struct Columns {
    strict: Strict,
    most: usize,
    list: Vec<Column>,
    names: HashMap<String, usize>,
    records: u64,
    depth: usize,
    /// Where the records stand: inside a root array, or the root is the only one.
    record_depth: usize,
    /// The column of the value that comes next.
    next: Option<usize>,
    issues: Vec<Value>,
    issue_count: u64,
}

#[derive(Debug)]
struct Column {
    name: String,
    kind: Option<Kind>,
    nulls: u64,
    seen: u64,
    first_missing: Option<u64>,
    last_seen: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Integer,
    Number,
    String,
    Boolean,
    Array,
    Object,
}

/// More issues than these are counted and not told.
const MOST_ISSUES: usize = 20;

/// The column of elements that are no objects.
const ELEMENT: &str = "";

impl Columns {
    pub(crate) fn new(strict: Strict, most: usize) -> Self {
        Self {
            strict,
            most,
            list: Vec::new(),
            names: HashMap::new(),
            records: 0,
            depth: 0,
            record_depth: 0,
            next: None,
            issues: Vec::new(),
            issue_count: 0,
        }
    }

    pub(crate) fn records(&self) -> u64 {
        self.records
    }

    pub(crate) fn issue_count(&self) -> u64 {
        self.issue_count
    }

    /// The first issues, each with its place, what was expected and what was found.
    pub(crate) fn issues(&self) -> Value {
        Value::Array(self.issues.clone())
    }

    /// The columns in the order in which they were first seen.
    pub(crate) fn shown(&self) -> Value {
        let shown = self.list.iter().map(|column| {
            let mut members = Map::new();
            members.insert("name".to_owned(), column.name.as_str().into());
            let kind = column.kind.map_or("null", Kind::name);
            members.insert("type".to_owned(), kind.into());
            if column.nulls > 0 {
                members.insert("nulls".to_owned(), column.nulls.into());
            }
            if column.seen < self.records {
                members.insert("missing".to_owned(), (self.records - column.seen).into());
            }
            Value::Object(members)
        });
        Value::Array(shown.collect())
    }

    /// Takes the end of the records: what is missing is known now.
    pub(crate) fn finish(&mut self) {
        if self.strict == Strict::No {
            return;
        }
        for at in 0..self.list.len() {
            let Some(column) = self.list.get(at) else {
                continue;
            };
            if column.seen == self.records {
                continue;
            }
            let missing = self.records - column.seen;
            let first = column.first_missing.unwrap_or(column.last_seen + 1);
            let path = path(first, &column.name);
            let found = match missing {
                1 => "nothing".to_owned(),
                _ => format!("nothing, here and in {} other records", missing - 1),
            };
            self.issue(&path, "a value in every record", &found);
        }
    }

    /// Takes a fault that ended the reading.
    pub(crate) fn broken(&mut self, error: &tonl_convert::Error) {
        // The record that it stands in has not come to its end.
        let is_inside = self.record_depth < self.depth;
        self.records -= u64::from(is_inside && self.records > 0);
        let Some(fault) = error.content() else {
            return self.issue("data", "a text", &error.to_string());
        };
        let place = fault
            .position()
            .map_or_else(|| "data".to_owned(), |at| at.to_string());
        self.issue(&place, fault.expected(), fault.found());
    }

    fn issue(&mut self, path: &str, expected: &str, found: &str) {
        self.issue_count += 1;
        if self.issues.len() < MOST_ISSUES {
            self.issues
                .push(json!({ "path": path, "expected": expected, "found": found }));
        }
    }

    /// The column of this name, a new one if there is none.
    fn column(&mut self, name: &str) -> Option<usize> {
        if let Some(at) = self.names.get(name) {
            return Some(*at);
        }
        if self.list.len() >= self.most {
            let expected = format!("at most {} fields", self.most);
            self.issue(&path(self.records, name), &expected, "one more");
            return None;
        }
        let first_missing = (self.records > 1).then_some(1);
        self.list.push(Column {
            name: name.to_owned(),
            kind: None,
            nulls: 0,
            seen: 0,
            first_missing,
            last_seen: 0,
        });
        self.names.insert(name.to_owned(), self.list.len() - 1);
        Some(self.list.len() - 1)
    }

    /// Takes a value, `null` without a kind, of the column that comes next.
    fn value(&mut self, kind: Option<Kind>) {
        let (records, next) = (self.records, self.next.take());
        let Some(column) = next.and_then(|at| self.list.get_mut(at)) else {
            return;
        };
        if column.last_seen + 1 < records {
            column.first_missing.get_or_insert(column.last_seen + 1);
        }
        column.last_seen = records;
        column.seen += 1;
        let Some(kind) = kind else {
            column.nulls += 1;
            return;
        };
        let known = *column.kind.get_or_insert(kind);
        if let Some(wider) = known.with(kind) {
            column.kind = Some(wider);
            return;
        }
        let path = path(records, &column.name);
        self.issue(&path, known.name(), kind.name());
    }

    /// Takes the beginning of an element or of the root.
    fn record(&mut self, kind: Option<Kind>) {
        self.records += 1;
        if kind == Some(Kind::Object) {
            return;
        }
        self.next = self.column(ELEMENT);
        self.value(kind);
    }

    fn begin(&mut self, kind: Kind) {
        if self.depth == self.record_depth {
            if self.depth == 0 && kind == Kind::Array {
                self.record_depth = 1;
            } else {
                self.record(Some(kind));
            }
        } else if self.depth == self.record_depth + 1 {
            self.value(Some(kind));
        }
        self.depth += 1;
    }

    fn scalar(&mut self, kind: Option<Kind>) {
        if self.depth == self.record_depth {
            self.record(kind);
        } else if self.depth == self.record_depth + 1 {
            self.value(kind);
        }
    }
}

impl EventSink for Columns {
    fn event(&mut self, event: Event<'_>) -> Result<()> {
        match event {
            Event::Null => self.scalar(None),
            Event::Bool(_) => self.scalar(Some(Kind::Boolean)),
            Event::Number(text) => self.scalar(Some(Kind::of_number(text))),
            Event::String(_) => self.scalar(Some(Kind::String)),
            Event::Key(name) if self.depth == self.record_depth + 1 => {
                self.next = self.column(name);
            }
            Event::Key(_) => {}
            Event::BeginObject => self.begin(Kind::Object),
            Event::BeginArray => self.begin(Kind::Array),
            Event::EndObject | Event::EndArray => self.depth = self.depth.saturating_sub(1),
        }
        Ok(())
    }
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Number => "number",
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    fn of_number(text: &str) -> Self {
        if text.contains(['.', 'e', 'E']) {
            return Self::Number;
        }
        Self::Integer
    }

    /// The kind that holds both, if there is one.
    fn with(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Integer, Self::Number) | (Self::Number, Self::Integer) => Some(Self::Number),
            _ => (self == other).then_some(self),
        }
    }
}

/// Where a field stands: the record's number, one-based, and the field's name.
fn path(record: u64, name: &str) -> String {
    if name == ELEMENT {
        return format!("record {record}");
    }
    format!("record {record}: {name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tonl_convert::tonl::{Limits, json as source};

    fn looked(text: &str, strict: Strict) -> Columns {
        let mut columns = Columns::new(strict, 10);
        source::parse(text.as_bytes(), &Limits::default(), &mut columns).unwrap();
        columns.finish();
        columns
    }

    #[test]
    fn records_that_agree_have_columns_and_no_issue() {
        let columns = looked(
            r#"[{"id":1,"p":1.5,"t":["x",{"id":"no"}]},{"id":2,"p":2,"t":null}]"#,
            Strict::Yes,
        );
        assert_eq!((columns.records(), columns.issue_count()), (2, 0));
        assert_eq!(
            columns.shown().to_string(),
            r#"[{"name":"id","type":"integer"},{"name":"p","type":"number"},{"name":"t","type":"array","nulls":1}]"#
        );
    }

    #[test]
    fn what_differs_or_is_missing_is_told_with_its_record() {
        let text = r#"[{"a":1,"b":true},{"a":"x"},{"a":2,"c":[1]}]"#;
        let columns = looked(text, Strict::Yes);
        assert_eq!(columns.issue_count(), 3);
        assert_eq!(
            columns.issues().to_string(),
            concat!(
                r#"[{"path":"record 2: a","expected":"integer","found":"string"},"#,
                r#"{"path":"record 2: b","expected":"a value in every record","found":"nothing, here and in 1 other records"},"#,
                r#"{"path":"record 1: c","expected":"a value in every record","found":"nothing, here and in 1 other records"}]"#
            )
        );
        assert_eq!(looked(text, Strict::No).issue_count(), 1);
    }

    #[test]
    fn other_roots_are_one_record_or_one_column() {
        let columns = looked(r#"{"a":{"b":1}}"#, Strict::Yes);
        assert_eq!((columns.records(), columns.issue_count()), (1, 0));
        assert_eq!(
            columns.shown().to_string(),
            r#"[{"name":"a","type":"object"}]"#
        );
        let columns = looked("[1,2.5,\"x\",[3]]", Strict::Yes);
        assert_eq!((columns.records(), columns.issue_count()), (4, 2));
        assert_eq!(looked("5", Strict::Yes).records(), 1);
        assert_eq!(looked("[]", Strict::Yes).records(), 0);
        assert_eq!(looked("[1,{\"a\":1}]", Strict::Yes).issue_count(), 2);
    }

    #[test]
    fn fields_and_issues_are_bounded() {
        let many: Vec<String> = (0..40).map(|n| format!("\"f{n}\":{n}")).collect();
        let columns = looked(&format!("[{{{}}}]", many.join(",")), Strict::Yes);
        assert_eq!(columns.issue_count(), 30);
        assert_eq!(columns.issues().as_array().unwrap().len(), MOST_ISSUES);
        assert_eq!(columns.shown().as_array().unwrap().len(), 10);
    }
}
