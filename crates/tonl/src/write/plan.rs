//! Plans the form of every value of a document whose root is an object.
//!
//! Each object is a keyed table, a flow value or a block, each array a table or a flow value: the
//! form with the fewest characters wins. Only what can hold a table is planned; blocks nest at most
//! 16 deep, which bounds how often a byte is looked at.
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
use crate::schema::Column;

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
    Table(ArrayPlan),
    /// As a table of its members.
    Keyed { columns: Vec<Column>, count: u64 },
    /// A line for each member.
    Block(Vec<Entry>),
}

/// A member of a block.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Literal,
    pub(super) value_at: usize,
    pub(super) value: Planned,
}

impl Form {
    fn holds_table(&self) -> bool {
        !matches!(self, Self::Line)
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
}

impl<'t, 'o> Planner<'t, 'o> {
    pub(super) fn new(text: &'t [u8], options: &'o WriteOptions) -> Self {
        Self {
            text,
            options,
            style: Style::of(options.profile),
            scribe: Scribe::new(options.limits.depth()),
            keys: MemberKeys::default(),
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
            Form::Table(plan)
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
        let (entries, end) = self.entries(spot)?;
        let keys: u64 = entries.iter().map(|entry| self.key_size(entry.key)).sum();
        let count = entries.len() as u64;
        let values: u64 = entries.iter().map(|entry| entry.value.flow).sum();
        let flow = 2 + keys + count + values + count.saturating_sub(1);
        let keyed = self.keyed(&entries, keys, spot);
        let block = self.block_size(&entries, keys, spot);
        let line = LINE_MARKS + flow;
        let best_other = block.map_or(line, |block| block.min(line));
        let (form, size) = match keyed {
            Some((columns, size)) if size <= best_other => (Form::Keyed { columns, count }, size),
            _ => match block {
                Some(block) if block < line => (Form::Block(entries), block),
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
    fn entries(&mut self, spot: Spot) -> Result<(Vec<Entry>, usize), Fault> {
        let open = self.keys.open();
        let mut entries = Vec::new();
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
            let end = value.end;
            entries.push(Entry {
                key,
                value_at,
                value,
            });
            Ok(end)
        })?;
        self.keys.close(self.text, open)?;
        Ok((entries, end))
    }

    fn key_size(&mut self, key: Literal) -> u64 {
        let mut written = Vec::new();
        self.scribe.key(self.text, key, &mut written);
        characters(&written)
    }

    /// The size as a block; below the root only what holds a table becomes one.
    fn block_size(&self, entries: &[Entry], keys: u64, spot: Spot) -> Option<u64> {
        let is_root = spot.level == super::array::ROOT;
        let holds_table = entries.iter().any(|entry| entry.value.form.holds_table());
        if entries.is_empty() || !(is_root || holds_table) {
            return None;
        }
        let values: u64 = entries.iter().map(|entry| entry.value.size).sum();
        let indentation = self.style.line_marks(spot.level + 1) - 1;
        Some(2 + keys + values + entries.len() as u64 * indentation)
    }

    /// The columns and the size as a keyed table.
    fn keyed(&self, entries: &[Entry], keys: u64, spot: Spot) -> Option<(Vec<Column>, u64)> {
        let count = entries.len() as u64;
        let is_object = |entry: &Entry| self.text.get(entry.value_at) == Some(&b'{');
        let is_candidate = self.options.profile == Profile::Compact
            && count >= 2
            && count <= self.options.limits.rows
            && entries.iter().any(is_object);
        if !is_candidate {
            return None;
        }
        let mut stats = RecordStats::default();
        let mut surveyor = self.surveyor();
        for entry in entries {
            surveyor
                .record(&mut stats, self.text, entry.value_at, spot.depth + 1)
                .ok()?;
        }
        let chosen = choose_table(&stats, &Choice::counted(self.options));
        if chosen.columns.is_empty() {
            return None;
        }
        let header = digits(count) + 1 + chosen.header + TABLE_MARKS;
        let row_marks = self.style.line_marks(spot.level + 1) + 1;
        Some((
            chosen.columns,
            header + chosen.rows + keys + count * row_marks,
        ))
    }
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
