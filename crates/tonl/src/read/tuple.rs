//! Cells of tuple columns: `[(1,2),(3,)]`, read without recursion.
//!
//! *Source:* `spec/tonl.md`, section "Grammar", rules `tuples` and `tcell`.

use super::plan::{Plan, Step};
use super::scope::Scope;
use super::token::{self, Misfit};
use crate::error::{Code, Result};
use crate::event::Event;
use crate::schema::ColumnType;

/// An array of tuples that is open.
struct Level<'p> {
    plan: &'p Plan,
    /// The steps that are left in the current tuple.
    steps: std::slice::Iter<'p, Step>,
    /// How many cells of the current tuple were read.
    cells: usize,
    /// How deep the innermost open container lies.
    depth: usize,
    state: State,
}

/// Where in an array of tuples the reader stands.
enum State {
    /// Behind `[`.
    Begun,
    /// Inside a tuple.
    Inside,
    /// Behind a tuple.
    Behind,
}

impl Scope<'_, '_> {
    /// Reads the array of tuples that begins at byte `start` and lies `depth` deep; gives the byte
    /// behind it.
    pub(super) fn tuples(&mut self, start: usize, plan: &Plan, depth: usize) -> Result<usize> {
        let mut outer = Vec::new();
        let (mut level, mut at) = self.begin_tuples(start, plan, depth)?;
        loop {
            match level.state {
                State::Begun | State::Behind => {
                    at = self.between_tuples(at, &mut level)?;
                    if matches!(level.state, State::Inside) {
                        continue;
                    }
                    self.send(Event::EndArray, at)?;
                    at += 1;
                    match outer.pop() {
                        Some(parent) => level = parent,
                        None => return Ok(at),
                    }
                }
                State::Inside => {
                    let Some(step) = level.steps.next() else {
                        at = self.end_tuple(at, &mut level)?;
                        continue;
                    };
                    let (next, inner) = self.tuple_step(at, step, &mut level)?;
                    at = next;
                    if let Some(plan) = inner {
                        let (inner, next) = self.begin_tuples(at, plan, level.depth + 1)?;
                        outer.push(std::mem::replace(&mut level, inner));
                        at = next;
                    }
                }
            }
        }
    }

    fn begin_tuples<'p>(
        &mut self,
        at: usize,
        plan: &'p Plan,
        depth: usize,
    ) -> Result<(Level<'p>, usize)> {
        if self.byte(at) != Some(b'[') {
            return Err(self.no_tuples(at, "tuples in brackets, null or nothing"));
        }
        self.begin(Event::BeginArray, at, depth)?;
        let level = Level {
            plan,
            steps: [].iter(),
            cells: 0,
            depth,
            state: State::Begun,
        };
        Ok((level, at + 1))
    }

    /// The error for something else than tuples in a tuple column.
    #[cold]
    fn no_tuples(&self, at: usize, expected: &'static str) -> crate::Error {
        let code = match self.byte(at) {
            None => Code::Truncated,
            Some(b' ' | b',' | b')' | b']') => Code::UnquotedCharacter,
            Some(_) => Code::WrongType,
        };
        self.line.error(at, code, expected)
    }

    /// Begins the next tuple and enters it, or stays at the `]` that ends the array.
    fn between_tuples(&mut self, mut at: usize, level: &mut Level<'_>) -> Result<usize> {
        match (&level.state, self.byte(at)) {
            (_, Some(b']')) => return Ok(at),
            (State::Begun, _) => {}
            (_, Some(b',')) => at += 1,
            _ => return Err(self.unclosed(at, "',' or ']'")),
        }
        if self.byte(at) != Some(b'(') {
            return Err(self.no_tuples(at, "a tuple in parentheses"));
        }
        self.begin(Event::BeginObject, at, level.depth + 1)?;
        level.depth += 1;
        level.steps = level.plan.steps.iter();
        level.cells = 0;
        level.state = State::Inside;
        Ok(at + 1)
    }

    fn end_tuple(&mut self, at: usize, level: &mut Level<'_>) -> Result<usize> {
        match self.byte(at) {
            Some(b')') => {}
            Some(b',') => {
                let expected = format!("{} cells in the tuple", level.plan.cells);
                return Err(self
                    .line
                    .error_found(at, Code::LongRow, expected, "one more"));
            }
            _ => return Err(self.unclosed(at, "',' or ')'")),
        }
        self.send(Event::EndObject, at)?;
        level.depth -= 1;
        level.state = State::Behind;
        Ok(at + 1)
    }

    /// Takes one step inside a tuple. Where an inner array of tuples begins, gives its plan.
    fn tuple_step<'p>(
        &mut self,
        at: usize,
        step: &'p Step,
        level: &mut Level<'p>,
    ) -> Result<(usize, Option<&'p Plan>)> {
        match step {
            Step::Begin(name) => {
                self.send(Event::Key(name), at)?;
                level.depth += 1;
                self.begin(Event::BeginObject, at, level.depth)?;
                Ok((at, None))
            }
            Step::End => {
                level.depth -= 1;
                self.send(Event::EndObject, at)?;
                Ok((at, None))
            }
            Step::Leaf(name, column) => {
                let at = self.next_tuple_cell(at, level)?;
                let end = self.tuple_leaf(at, name, *column, level.depth)?;
                Ok((end, None))
            }
            Step::Tuples(name, plan) => {
                let at = self.next_tuple_cell(at, level)?;
                if matches!(self.byte(at), Some(b',' | b')')) {
                    return Ok((at, None));
                }
                self.send(Event::Key(name), at)?;
                if self.byte(at) == Some(b'[') {
                    return Ok((at, Some(plan)));
                }
                Ok((self.null_tuples(at, &token::TUPLE)?, None))
            }
        }
    }

    /// Reads `null` in a tuple column, where no tuples stand.
    pub(super) fn null_tuples(&mut self, at: usize, classes: &token::Classes) -> Result<usize> {
        let is_bare = !matches!(self.byte(at), Some(b'"' | b'{' | b'['));
        if is_bare {
            let end = token::scan(self.line, at, classes)?;
            if self.line.slice(at, end) == "null" {
                self.send(Event::Null, at)?;
                return Ok(end);
            }
        }
        Err(self.no_tuples(at, "tuples in brackets, null or nothing"))
    }

    /// Goes over the comma before every cell but the first.
    fn next_tuple_cell(&self, at: usize, level: &mut Level<'_>) -> Result<usize> {
        level.cells += 1;
        match self.byte(at) {
            _ if level.cells == 1 => Ok(at),
            Some(b',') => Ok(at + 1),
            Some(b')') => {
                let expected = format!("{} cells in the tuple", level.plan.cells);
                let found = (level.cells - 1).to_string();
                Err(self
                    .line
                    .error_found(at, Code::ShortRow, expected, found)
                    .with_hint("a missing cell is left empty, its comma stays"))
            }
            _ => Err(self.unclosed(at, "',' or ')'")),
        }
    }

    fn tuple_leaf(
        &mut self,
        at: usize,
        name: &str,
        column: ColumnType,
        depth: usize,
    ) -> Result<usize> {
        let end = match self.byte(at) {
            Some(b',' | b')') => return Ok(at),
            Some(b'"' | b'{' | b'[') => return self.opened_cell(at, name, column, depth),
            _ => token::scan(self.line, at, &token::TUPLE)?,
        };
        if end == at {
            return Err(self.unclosed(at, "',' or ')'"));
        }
        self.send(Event::Key(name), at)?;
        self.bare(at, end, column)?;
        Ok(end)
    }

    /// Reads a cell that begins with a quote or a bracket.
    pub(super) fn opened_cell(
        &mut self,
        at: usize,
        name: &str,
        column: ColumnType,
        depth: usize,
    ) -> Result<usize> {
        let event = match self.byte(at) {
            Some(b'"') => Event::String(""),
            Some(b'{') => Event::BeginObject,
            _ => Event::BeginArray,
        };
        if let Err(Misfit(code)) = token::check(&event, column, self.options.ranges) {
            let end = self.line.bytes().len();
            return Err(self.misfit(&Misfit(code), at, end, column));
        }
        self.send(Event::Key(name), at)?;
        if self.byte(at) == Some(b'"') {
            self.quoted(at)
        } else {
            self.flow(at, depth + 1)
        }
    }
}
