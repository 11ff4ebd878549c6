//! The columns of a table, laid out as the steps in which a row is read.

use crate::schema::{Column, ColumnKind, ColumnType};

/// What to do for each row (or tuple), in order.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The steps, groups flattened.
    pub(crate) steps: Box<[Step]>,
    /// How many cells a row has.
    pub(crate) cells: usize,
}

/// One step through a row.
#[derive(Debug)]
pub(crate) enum Step {
    /// A group begins, under this key.
    Begin(Box<str>),
    /// The group ends.
    End,
    /// A cell of one value.
    Leaf(Box<str>, ColumnType),
    /// A cell of tuples.
    Tuples(Box<str>, Plan),
}

impl Plan {
    /// The plan for these columns. The header's parser has checked how deep they are nested.
    pub(crate) fn new(columns: Vec<Column>) -> Self {
        let cells = columns.iter().map(Column::leaves).sum();
        let mut steps = Vec::with_capacity(columns.len());
        add(columns, &mut steps);
        Self {
            steps: steps.into(),
            cells,
        }
    }
}

fn add(columns: Vec<Column>, steps: &mut Vec<Step>) {
    for column in columns {
        let name = column.name.into_boxed_str();
        match column.kind {
            ColumnKind::Leaf(kind) => steps.push(Step::Leaf(name, kind)),
            ColumnKind::Tuples(columns) => steps.push(Step::Tuples(name, Plan::new(columns))),
            ColumnKind::Group(columns) => {
                steps.push(Step::Begin(name));
                add(columns, steps);
                steps.push(Step::End);
            }
        }
    }
}
