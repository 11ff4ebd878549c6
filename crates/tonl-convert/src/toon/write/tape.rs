//! One value as a flat list of nodes, with the form that each array and object will have.

use super::shape::{Order, Part, Shape, Shapes};
use std::collections::HashMap;

/// A value, or the key before one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node {
    Null,
    Bool(bool),
    Number(Span),
    String(Span),
    /// The number of a key.
    Key(usize),
    /// The number of an array's extent.
    Array(usize),
    /// The number of an object's extent.
    Object(usize),
}

/// A part of the tape's text.
#[derive(Clone, Copy, Debug)]
pub(super) struct Span {
    start: usize,
    end: usize,
}

/// How far an array or object goes, and what is in it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// The node behind the last one within.
    pub(super) end: usize,
    /// Elements or members.
    pub(super) len: usize,
    pub(super) contents: Contents,
    /// An object's own order, if it has a shape.
    pub(super) order: Option<Order>,
}

/// What the elements of an array, or the values of an object's members, have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Contents {
    /// There are none.
    Nothing,
    /// All are scalars.
    Scalars,
    /// All are objects of one shape, perhaps with their keys in one order.
    Rows(Shape, KeyOrder),
    Mixed,
}

/// Whether objects of one shape have their keys in one order, down to the last level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum KeyOrder {
    Same(Order),
    Different,
}

#[derive(Debug, Default)]
pub(super) struct Tape {
    nodes: Vec<Node>,
    extents: Vec<Extent>,
    text: String,
    keys: Vec<Box<str>>,
    key_numbers: HashMap<Box<str>, usize>,
    shapes: Shapes,
    open: Vec<Open>,
    /// The members of all open objects.
    parts: Vec<Part>,
}

/// An array or object that has begun.
#[derive(Debug)]
struct Open {
    /// Its extent's number.
    extent: usize,
    len: usize,
    contents: Contents,
    is_object: bool,
    /// Whether it may have a shape.
    has_shape: bool,
    /// Where its members begin.
    parts: usize,
    /// The key of the next member.
    key: usize,
}

/// What is written to the tape.
impl Tape {
    pub(super) fn null(&mut self) {
        self.scalar(Node::Null);
    }

    pub(super) fn boolean(&mut self, value: bool) {
        self.scalar(Node::Bool(value));
    }

    pub(super) fn number(&mut self, text: &str) {
        let span = self.span(text);
        self.scalar(Node::Number(span));
    }

    pub(super) fn string(&mut self, text: &str) {
        let span = self.span(text);
        self.scalar(Node::String(span));
    }

    pub(super) fn key(&mut self, key: &str) {
        let known = self.key_numbers.get(key).copied();
        let number = known.unwrap_or_else(|| {
            let number = self.keys.len();
            self.keys.push(key.into());
            self.key_numbers.insert(key.into(), number);
            number
        });
        if let Some(open) = self.open.last_mut() {
            open.key = number;
        }
        self.nodes.push(Node::Key(number));
    }

    pub(super) fn begin_array(&mut self) {
        self.nodes.push(Node::Array(self.extents.len()));
        self.begin(false);
    }

    pub(super) fn begin_object(&mut self) {
        self.nodes.push(Node::Object(self.extents.len()));
        self.begin(true);
    }

    /// Ends the array or object that was begun last.
    pub(super) fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let has_shape = open.is_object && open.has_shape && open.len > 0;
        let parts = self.parts.get(open.parts..).unwrap_or_default();
        let order = has_shape.then(|| self.shapes.order(parts));
        self.parts.truncate(open.parts);
        if let Some(extent) = self.extents.get_mut(open.extent) {
            *extent = Extent {
                end: self.nodes.len(),
                len: open.len,
                contents: open.contents,
                order,
            };
        }
        self.count(order);
    }

    fn begin(&mut self, is_object: bool) {
        self.open.push(Open {
            extent: self.extents.len(),
            len: 0,
            contents: Contents::Nothing,
            is_object,
            has_shape: true,
            parts: self.parts.len(),
            key: 0,
        });
        self.extents.push(Extent {
            end: self.nodes.len(),
            len: 0,
            contents: Contents::Nothing,
            order: None,
        });
    }

    fn scalar(&mut self, node: Node) {
        self.nodes.push(node);
        self.count(Some(Order::SCALAR));
    }

    /// Counts a value of this order within what is open.
    fn count(&mut self, order: Option<Order>) {
        let shaped = order.map(|order| (self.shapes.shape(order), order));
        let Some(open) = self.open.last_mut() else {
            return;
        };
        open.len += 1;
        open.contents = match (open.contents, shaped) {
            (Contents::Nothing | Contents::Scalars, Some((Shape::SCALAR, _))) => Contents::Scalars,
            (Contents::Nothing, Some((shape, order))) => {
                Contents::Rows(shape, KeyOrder::Same(order))
            }
            (Contents::Rows(all, keys), Some((shape, order))) if all == shape => {
                let keys = match keys {
                    KeyOrder::Same(first) if first == order => keys,
                    _ => KeyOrder::Different,
                };
                Contents::Rows(all, keys)
            }
            _ => Contents::Mixed,
        };
        match order {
            Some(order) if open.is_object => self.parts.push((open.key, order)),
            Some(_) => {}
            None => open.has_shape = false,
        }
    }

    fn span(&mut self, text: &str) -> Span {
        let start = self.text.len();
        self.text.push_str(text);
        let end = self.text.len();
        Span { start, end }
    }
}

/// What is read from the tape.
impl Tape {
    pub(super) fn node(&self, at: usize) -> Option<Node> {
        self.nodes.get(at).copied()
    }

    pub(super) fn extent(&self, number: usize) -> Extent {
        const NONE: Extent = Extent {
            end: 0,
            len: 0,
            contents: Contents::Nothing,
            order: None,
        };
        self.extents.get(number).copied().unwrap_or(NONE)
    }

    /// The node behind the value at node `at`.
    pub(super) fn behind(&self, at: usize) -> usize {
        match self.node(at) {
            Some(Node::Array(number) | Node::Object(number)) => self.extent(number).end.max(at + 1),
            _ => at + 1,
        }
    }

    /// The nodes from `at` to before `end`, each with its number.
    pub(super) fn nodes(&self, at: usize, end: usize) -> impl Iterator<Item = (usize, Node)> {
        let nodes = self.nodes.get(at..end).unwrap_or_default();
        (at..).zip(nodes.iter().copied())
    }

    pub(super) fn str(&self, span: Span) -> &str {
        self.text.get(span.start..span.end).unwrap_or_default()
    }

    pub(super) fn key_text(&self, number: usize) -> &str {
        self.keys.get(number).map_or("", |key| key)
    }
}
