//! Lines, headers and rows (§8 to §10, §12).

use super::super::lexis;
use super::super::options::{Fidelity, ToonWriteOptions};
use super::columns::{Columns, order_of};
use super::tape::{Contents, Extent, KeyOrder, Node, Tape};
use crate::sink::{DRAIN_BYTES, Drain};

/// Writes the value on a tape. What is still to be written is on a stack of its own, so depth costs
/// no stack of the thread.
pub(super) struct Writer<'t> {
    tape: &'t Tape,
    options: &'t ToonWriteOptions,
    out: &'t mut Vec<u8>,
    pending: Vec<Block>,
    /// The table that is open; rows hold no other.
    columns: Option<Columns>,
    has_lines: bool,
    /// Rows whose keys stand in another order than their fields.
    reordered: u64,
}

/// The rest of an object's members or of an array's elements.
#[derive(Clone, Copy)]
struct Block {
    /// The next node.
    at: usize,
    end: usize,
    depth: usize,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Members,
    /// Members, of which the next one stands behind a hyphen.
    MembersOfItem,
    Items,
    /// The rows of the table that is open.
    Rows,
}

impl<'t> Writer<'t> {
    pub(super) fn new(tape: &'t Tape, options: &'t ToonWriteOptions, out: &'t mut Vec<u8>) -> Self {
        Self {
            tape,
            options,
            out,
            pending: Vec::new(),
            columns: None,
            has_lines: false,
            reordered: 0,
        }
    }

    /// Writes the value, and drains the text as it grows. Gives how many rows of tables had their keys in another order than the first.
    pub(super) fn write(mut self, drain: &mut Drain<'_>) -> tonl::Result<u64> {
        self.root();
        while let Some(block) = self.pending.pop() {
            if self.out.len() >= DRAIN_BYTES {
                drain(self.out)?;
            }
            if block.at < block.end {
                match block.kind {
                    Kind::Rows => self.row(block),
                    Kind::Items => self.item(block),
                    Kind::Members | Kind::MembersOfItem => self.next_member(block),
                }
            }
        }
        Ok(self.reordered)
    }

    fn root(&mut self) {
        self.has_lines = true;
        match self.tape.node(0) {
            None => {}
            Some(Node::Array(number)) => {
                let extent = self.tape.extent(number);
                match extent.contents {
                    Contents::Nothing => self.text("[]"),
                    _ => self.array(0, extent, 0),
                }
            }
            Some(Node::Object(number)) => {
                let extent = self.tape.extent(number);
                if self.is_table(extent) && extent.len > 1 {
                    self.table(0, extent, 0);
                } else {
                    self.has_lines = false;
                    self.push(1, extent.end, 0, Kind::Members);
                }
            }
            Some(scalar) => self.scalar(scalar),
        }
    }

    fn next_member(&mut self, block: Block) {
        let Block {
            at,
            end,
            depth,
            kind,
        } = block;
        if kind == Kind::Members {
            self.line(depth);
        }
        if let Some(Node::Key(number)) = self.tape.node(at) {
            lexis::write_key(self.out, self.tape.key_text(number));
        }
        self.push(self.tape.behind(at + 1), end, depth, Kind::Members);
        self.member_value(at + 1, depth);
    }

    /// What stands behind a key.
    fn member_value(&mut self, at: usize, depth: usize) {
        match self.tape.node(at) {
            Some(Node::Array(number)) => {
                let extent = self.tape.extent(number);
                match extent.contents {
                    Contents::Nothing => self.text(": []"),
                    _ => self.array(at, extent, depth),
                }
            }
            Some(Node::Object(number)) => {
                let extent = self.tape.extent(number);
                if self.is_table(extent) && extent.len > 1 {
                    self.table(at, extent, depth);
                } else {
                    self.text(":");
                    self.push(at + 1, extent.end, depth + 1, Kind::Members);
                }
            }
            Some(scalar) => {
                self.text(": ");
                self.scalar(scalar);
            }
            None => {}
        }
    }

    fn item(&mut self, block: Block) {
        let Block { at, end, depth, .. } = block;
        self.push(self.tape.behind(at), end, depth, Kind::Items);
        self.line(depth);
        self.text("-");
        match self.tape.node(at) {
            Some(Node::Object(number)) => {
                let extent = self.tape.extent(number);
                if extent.len > 0 {
                    self.text(" ");
                    self.push(at + 1, extent.end, depth + 1, Kind::MembersOfItem);
                }
            }
            Some(Node::Array(number)) => {
                self.text(" ");
                let extent = self.tape.extent(number);
                match extent.contents {
                    // A list item's header has no fields.
                    Contents::Rows(..) => self.list(at, extent, depth),
                    _ => self.array(at, extent, depth),
                }
            }
            Some(scalar) => {
                self.text(" ");
                self.scalar(scalar);
            }
            None => {}
        }
    }

    /// An array from its brackets on; `depth` is that of the line.
    fn array(&mut self, at: usize, extent: Extent, depth: usize) {
        match extent.contents {
            Contents::Rows(..) if self.is_table(extent) => self.table(at, extent, depth),
            Contents::Rows(..) | Contents::Mixed => self.list(at, extent, depth),
            Contents::Nothing => {
                self.brackets(0, "");
                self.text(":");
            }
            Contents::Scalars => {
                self.brackets(extent.len, "");
                self.text(": ");
                self.cells(at + 1, extent.end);
            }
        }
    }

    fn list(&mut self, at: usize, extent: Extent, depth: usize) {
        self.brackets(extent.len, "");
        self.text(":");
        self.push(at + 1, extent.end, depth + 1, Kind::Items);
    }

    fn brackets(&mut self, len: usize, mark: &str) {
        let header = format!("[{len}{mark}{}]", self.options.delimiter.symbol());
        self.text(&header);
    }

    fn push(&mut self, at: usize, end: usize, depth: usize, kind: Kind) {
        self.pending.push(Block {
            at,
            end,
            depth,
            kind,
        });
    }

    /// Begins a line.
    fn line(&mut self, depth: usize) {
        if self.has_lines {
            self.out.push(b'\n');
        }
        self.has_lines = true;
        let spaces = depth * self.options.indent.max(1);
        self.out.resize(self.out.len() + spaces, b' ');
    }

    fn text(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn scalar(&mut self, node: Node) {
        match node {
            Node::Null => self.text("null"),
            Node::Bool(true) => self.text("true"),
            Node::Bool(false) => self.text("false"),
            Node::Number(span) => self.text(self.tape.str(span)),
            Node::String(span) => {
                lexis::write_string(self.out, self.tape.str(span), self.options.delimiter);
            }
            Node::Key(_) | Node::Array(_) | Node::Object(_) => {}
        }
    }

    /// The scalars between two nodes, with delimiters between them.
    fn cells(&mut self, at: usize, end: usize) {
        let delimiter = self.options.delimiter.byte();
        let mut is_first = true;
        for (_, node) in self.tape.nodes(at, end) {
            if is_scalar(node) {
                if !std::mem::take(&mut is_first) {
                    self.out.push(delimiter);
                }
                self.scalar(node);
            }
        }
    }
}

/// Tables: the rows of an array, or the entries of an object, below a header with fields.
impl Writer<'_> {
    /// Whether elements or members fit as rows. An object of one entry is a block for all that
    /// (§9.5).
    fn is_table(&self, extent: Extent) -> bool {
        match extent.contents {
            Contents::Rows(_, KeyOrder::Same(_)) => true,
            Contents::Rows(_, KeyOrder::Different) => self.options.fidelity != Fidelity::Exact,
            _ => false,
        }
    }

    fn table(&mut self, at: usize, extent: Extent, depth: usize) {
        let is_keyed = matches!(self.tape.node(at), Some(Node::Object(_)));
        self.brackets(extent.len, if is_keyed { ":" } else { "" });
        let first = at + 1 + usize::from(is_keyed);
        self.fields(first);
        self.columns = Some(Columns::of(self.tape, first));
        self.push(at + 1, extent.end, depth + 1, Kind::Rows);
    }

    fn row(&mut self, block: Block) {
        self.line(block.depth);
        let mut at = block.at;
        if let Some(Node::Key(number)) = self.tape.node(at) {
            lexis::write_key(self.out, self.tape.key_text(number));
            self.text(": ");
            at += 1;
        }
        let end = self.tape.behind(at);
        match self.columns.take() {
            Some(mut columns) if columns.order != order_of(self.tape, at) => {
                self.reordered(at, &mut columns);
                self.columns = Some(columns);
            }
            columns => {
                self.columns = columns;
                self.cells(at + 1, end);
            }
        }
        self.push(end, block.end, block.depth, Kind::Rows);
    }

    /// The fields in braces, by the keys of the object at node `first`.
    fn fields(&mut self, first: usize) {
        let delimiter = self.options.delimiter.byte();
        let mut ends = vec![self.tape.behind(first)];
        let mut follows = false;
        self.text("{");
        for (at, node) in self.tape.nodes(first + 1, self.tape.behind(first)) {
            while ends.last().is_some_and(|end| *end <= at) {
                ends.pop();
                self.text("}");
            }
            match node {
                Node::Key(number) => {
                    if std::mem::replace(&mut follows, true) {
                        self.out.push(delimiter);
                    }
                    lexis::write_key(self.out, self.tape.key_text(number));
                }
                Node::Object(_) => {
                    self.text("{");
                    ends.push(self.tape.behind(at));
                    follows = false;
                }
                _ => {}
            }
        }
        let closing = "}".repeat(ends.len());
        self.text(&closing);
        self.text(":");
    }

    /// The cells of an object whose keys stand in another order than the fields.
    fn reordered(&mut self, at: usize, columns: &mut Columns) {
        let delimiter = self.options.delimiter.byte();
        self.reordered += 1;
        columns.place(self.tape, at);
        for (place, cell) in columns.cells.iter().enumerate() {
            if place > 0 {
                self.out.push(delimiter);
            }
            if let Some(node) = self.tape.node(*cell) {
                self.scalar(node);
            }
        }
    }
}

fn is_scalar(node: Node) -> bool {
    !matches!(node, Node::Key(_) | Node::Array(_) | Node::Object(_))
}
