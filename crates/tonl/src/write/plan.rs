//! Plans the form of every value of a document whose root is an object.
//!
//! Each object is a keyed table, a flow value or a block, each array a table or a flow value: the
//! form with the fewest characters wins. Only what can hold a table is planned; blocks nest at most
//! 16 deep, which bounds how often a byte is looked at.
//!
//! A plan must not grow with the members: those that stay on their key's line are not kept, and of
//! the tables only so many as have [`KEPT_COLUMNS`] in all. The others are planned again when their
//! turn comes, which gives the same.
//!
//! *Source:* `spec/tonl.md`, section "Writing rules".

use super::array::{ArrayPlan, LINE_MARKS, TABLE_MARKS, digits, flow_size};
use super::ink::Length;
use super::scribe::{Scribe, member};
use super::style::Style;
use crate::error::Code;
use crate::infer::{Choice, RecordStats, Surveyor, Wishes, characters, choose_table};
use crate::json::MemberKeys;
use crate::options::{Profile, WriteOptions};
use crate::scan::literal::{Literal, Traits};
use crate::scan::{Fault, skip_space};
use crate::schema::{Column, ColumnKind};

/// How deep blocks nest.
const MAX_BLOCKS: usize = 16;

/// A value and how it will be written.
#[derive(Debug)]
pub(super) struct Planned {
    pub(super) form: Form,
    /// The byte behind the value.
    pub(super) end: usize,
    /// Characters behind the key, indentation and line ends included.
    size: u64,
    /// Characters as a flow value.
    flow: u64,
}

/// How a value is written.
#[derive(Debug)]
pub(super) enum Form {
    /// On its key's line.
    Line,
    /// As a table of its elements.
    Table(Box<ArrayPlan>),
    /// As a table of its members.
    Keyed { columns: Vec<Column>, count: u64 },
    /// A line for each member, but for these.
    Block(Vec<Entry>),
    /// As a table or block that was not kept.
    Again,
}

/// A member of a block that does not stay on its key's line.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) value_at: usize,
    pub(super) form: Form,
}

/// What was found out about the members of an object.
#[derive(Debug, Default)]
struct Members {
    /// Those that hold tables, in their order.
    tables: Vec<Entry>,
    count: u64,
    /// Characters of all keys.
    keys: u64,
    /// Characters of all values behind their keys.
    sizes: u64,
    /// Characters of all values as flow.
    flow: u64,
    /// Whether a value is an object.
    has_object: bool,
}

/// Tables with so many columns in all are planned once: a few megabytes.
const KEPT_COLUMNS: usize = 16 << 10;

impl Form {
    fn holds_table(&self) -> bool {
        !matches!(self, Self::Line)
    }

    /// How many columns the plan itself holds, those of a block's entries not counted.
    fn columns(&self) -> usize {
        match self {
            Self::Table(plan) => names(plan.columns()),
            Self::Keyed { columns, .. } => names(columns),
            Self::Line | Self::Block(_) | Self::Again => 0,
        }
    }
}

/// Where a value stands: the byte, the containers around it, the units its key is indented by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    pub(super) at: usize,
    pub(super) depth: usize,
    pub(super) level: usize,
}

/// Plans values of one text.
pub(super) struct Planner<'t, 'o> {
    text: &'t [u8],
    options: &'o WriteOptions,
    style: Style,
    scribe: Scribe,
    keys: MemberKeys,
    /// How many more columns may be kept.
    columns_left: usize,
}

impl<'t, 'o> Planner<'t, 'o> {
    pub(super) fn new(text: &'t [u8], options: &'o WriteOptions) -> Self {
        Self {
            text,
            options,
            style: Style::of(options.profile),
            scribe: Scribe::new(options.limits.depth()),
            keys: MemberKeys::default(),
            columns_left: KEPT_COLUMNS,
        }
    }

    /// Plans the value at a spot, and checks it.
    ///
    /// # Errors
    /// The value's first fault.
    pub(super) fn value(&mut self, spot: Spot) -> Result<Planned, Fault> {
        match self.text.get(spot.at) {
            Some(b'{') if spot.level < MAX_BLOCKS => self.object(spot),
            Some(b'[') => self.array(spot),
            _ => self.line(spot),
        }
    }

    fn line(&mut self, spot: Spot) -> Result<Planned, Fault> {
        let mut line = Length::default();
        let end = self
            .scribe
            .rest_of_line(self.text, spot.at, spot.depth, &mut line)?;
        let mut flow = Length::default();
        if self.text.get(spot.at) == Some(&b'"') {
            self.scribe
                .flow(self.text, spot.at, spot.depth, &mut flow)?;
        } else {
            flow = line;
        }
        Ok(Planned {
            form: Form::Line,
            end,
            size: LINE_MARKS + line.0,
            flow: flow.0,
        })
    }

    fn array(&self, spot: Spot) -> Result<Planned, Fault> {
        let mut stats = RecordStats::default();
        let end = self.survey_elements(&mut stats, spot)?;
        let plan = ArrayPlan::new(&stats, self.options, spot.level);
        let (size, flow) = (plan.size, flow_size(&stats));
        let form = if plan.is_table() {
            Form::Table(Box::new(plan))
        } else {
            Form::Line
        };
        Ok(Planned {
            form,
            end,
            size,
            flow,
        })
    }

    fn surveyor(&self) -> Surveyor {
        Surveyor::new(
            self.options.limits.depth(),
            Wishes::of(self.options.profile),
        )
    }

    fn survey_elements(&self, stats: &mut RecordStats, spot: Spot) -> Result<usize, Fault> {
        self.scribe.check_depth(spot.at, spot.depth)?;
        let mut surveyor = self.surveyor();
        each_element(self.text, spot.at, |at| {
            Ok(surveyor.record(stats, self.text, at, spot.depth + 1)?.end)
        })
    }

    fn object(&mut self, spot: Spot) -> Result<Planned, Fault> {
        self.scribe.check_depth(spot.at, spot.depth)?;
        let (members, end) = self.members(spot)?;
        let count = members.count;
        let flow = 2 + members.keys + count + members.flow + count.saturating_sub(1);
        let keyed = self.keyed(&members, spot);
        let block = self.block_size(&members, spot);
        let line = LINE_MARKS + flow;
        let best_other = block.map_or(line, |block| block.min(line));
        let (form, size) = match keyed {
            Some((columns, size)) if size <= best_other => (Form::Keyed { columns, count }, size),
            _ => match block {
                Some(block) if block < line => (Form::Block(members.tables), block),
                _ => (Form::Line, line),
            },
        };
        Ok(Planned {
            form,
            end,
            size,
            flow,
        })
    }

    /// Plans the members as entries of a block.
    fn members(&mut self, spot: Spot) -> Result<(Members, usize), Fault> {
        let open = self.keys.open();
        let mut members = Members::default();
        let end = each_member(self.text, spot.at, |key, value_at| {
            self.keys.add(
                self.text,
                key.start,
                key.end,
                key.traits.has(Traits::ESCAPED),
            );
            let inner = Spot {
                at: value_at,
                depth: spot.depth + 1,
                level: spot.level + 1,
            };
            let value = self.value(inner)?;
            members.count += 1;
            members.keys += self.key_size(key);
            members.sizes += value.size;
            members.flow += value.flow;
            members.has_object |= self.text.get(value_at) == Some(&b'{');
            if value.form.holds_table() {
                let form = self.kept(value.form);
                members.tables.push(Entry { value_at, form });
            }
            Ok(value.end)
        })?;
        self.keys.close(self.text, open)?;
        Ok((members, end))
    }

    /// The plan, or a mark that it is to be made again.
    fn kept(&mut self, form: Form) -> Form {
        match self.columns_left.checked_sub(form.columns()) {
            Some(left) => {
                self.columns_left = left;
                form
            }
            None => Form::Again,
        }
    }

    fn key_size(&mut self, key: Literal) -> u64 {
        let mut written = Vec::new();
        self.scribe.key(self.text, key, &mut written);
        characters(&written)
    }

    /// The size as a block; below the root only what holds a table becomes one.
    fn block_size(&self, members: &Members, spot: Spot) -> Option<u64> {
        let is_root = spot.level == super::array::ROOT;
        if members.count == 0 || (!is_root && members.tables.is_empty()) {
            return None;
        }
        let indentation = self.style.line_marks(spot.level + 1) - 1;
        Some(2 + members.keys + members.sizes + members.count * indentation)
    }

    /// The columns and the size as a keyed table.
    fn keyed(&self, members: &Members, spot: Spot) -> Option<(Vec<Column>, u64)> {
        let count = members.count;
        let is_candidate = self.options.profile == Profile::Compact
            && count >= 2
            && count <= self.options.limits.rows
            && members.has_object;
        if !is_candidate {
            return None;
        }
        let mut stats = RecordStats::default();
        let mut surveyor = self.surveyor();
        each_member(self.text, spot.at, |_, at| {
            let seen = surveyor.record(&mut stats, self.text, at, spot.depth + 1)?;
            Ok(seen.end)
        })
        .ok()?;
        let chosen = choose_table(&stats, &Choice::counted(self.options));
        if chosen.columns.is_empty() {
            return None;
        }
        let header = digits(count) + 1 + chosen.header + TABLE_MARKS;
        let row_marks = self.style.line_marks(spot.level + 1) + 1;
        Some((
            chosen.columns,
            header + chosen.rows + members.keys + count * row_marks,
        ))
    }
}

/// How many names these columns have, nested ones included. Columns nest a few levels at most.
fn names(columns: &[Column]) -> usize {
    let inner = columns.iter().map(|column| match &column.kind {
        ColumnKind::Leaf(_) => 0,
        ColumnKind::Group(inner) | ColumnKind::Tuples(inner) => names(inner),
    });
    columns.len() + inner.sum::<usize>()
}

/// Calls `visit` with the first byte of each element of the array at byte `at`; it gives the byte
/// behind the element. Gives the byte behind the array.
pub(super) fn each_element(
    text: &[u8],
    at: usize,
    mut visit: impl FnMut(usize) -> Result<usize, Fault>,
) -> Result<usize, Fault> {
    let mut next = skip_space(text, at + 1);
    if text.get(next) == Some(&b']') {
        return Ok(next + 1);
    }
    loop {
        let end = skip_space(text, visit(next)?);
        match text.get(end) {
            Some(b',') => next = skip_space(text, end + 1),
            Some(b']') => return Ok(end + 1),
            _ => return Err(Fault::new(end, Code::JsonSyntax, "',' or ']'")),
        }
    }
}

/// Calls `visit` with the key and the first byte of the value of each member of the object at byte
/// `at`; it gives the byte behind the value. Gives the byte behind the object.
pub(super) fn each_member(
    text: &[u8],
    at: usize,
    mut visit: impl FnMut(Literal, usize) -> Result<usize, Fault>,
) -> Result<usize, Fault> {
    let mut next = skip_space(text, at + 1);
    if text.get(next) == Some(&b'}') {
        return Ok(next + 1);
    }
    loop {
        let (key, value_at) = member(text, next)?;
        let end = skip_space(text, visit(key, value_at)?);
        match text.get(end) {
            Some(b',') => next = skip_space(text, end + 1),
            Some(b'}') => return Ok(end + 1),
            _ => return Err(Fault::new(end, Code::JsonSyntax, "',' or '}'")),
        }
    }
}

#[cfg(test)]
mod tests;
