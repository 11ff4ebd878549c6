//! The columns of a table whose rows have their keys in orders of their own.

use super::shape::Order;
use super::tape::{Node, Tape};
use std::collections::HashMap;

/// The places of a table's cells, for rows in another order.
pub(super) struct Columns {
    pub(super) order: Option<Order>,
    /// The place of each path of keys: the number of the path above, and the key.
    paths: HashMap<(usize, usize), Path>,
    /// The node of each cell of the current row.
    pub(super) cells: Vec<usize>,
    /// The path of each object that is open, and its end.
    open: Vec<(usize, usize)>,
}

#[derive(Clone, Copy)]
enum Path {
    /// The number of the path of a nested object.
    Group(usize),
    /// The place of a cell.
    Cell(usize),
}

impl Columns {
    /// The columns of the object at node `first`; they are gathered when they are needed.
    pub(super) fn of(tape: &Tape, first: usize) -> Self {
        Self {
            order: order_of(tape, first),
            paths: HashMap::new(),
            cells: vec![first],
            open: Vec::new(),
        }
    }

    /// Finds the cells of the object at node `at`, in the order of the columns.
    pub(super) fn place(&mut self, tape: &Tape, at: usize) {
        if self.paths.is_empty() {
            let first = self.cells.first().copied().unwrap_or(at);
            self.walk(tape, first);
        }
        self.walk(tape, at);
    }

    /// Walks through an object; paths that are new are the next columns.
    fn walk(&mut self, tape: &Tape, object: usize) {
        if self.paths.is_empty() {
            self.cells.clear();
        }
        self.open.clear();
        self.open.push((0, tape.behind(object)));
        let mut key = 0;
        for (at, node) in tape.nodes(object + 1, tape.behind(object)) {
            while self.open.last().is_some_and(|(_, end)| *end <= at) {
                self.open.pop();
            }
            let above = self.open.last().map_or(0, |(path, _)| *path);
            let next = self.paths.len() + 1;
            match node {
                Node::Key(number) => key = number,
                Node::Object(_) => {
                    let path = self.paths.entry((above, key)).or_insert(Path::Group(next));
                    if let Path::Group(path) = *path {
                        self.open.push((path, tape.behind(at)));
                    }
                }
                _ => {
                    let place = Path::Cell(self.cells.len());
                    let path = self.paths.entry((above, key)).or_insert(place);
                    match *path {
                        Path::Cell(place) if place < self.cells.len() => {
                            if let Some(cell) = self.cells.get_mut(place) {
                                *cell = at;
                            }
                        }
                        _ => self.cells.push(at),
                    }
                }
            }
        }
    }
}

/// The order of the object at node `at`.
pub(super) fn order_of(tape: &Tape, at: usize) -> Option<Order> {
    match tape.node(at) {
        Some(Node::Object(number)) => tape.extent(number).order,
        _ => None,
    }
}
