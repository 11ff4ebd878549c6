//! Tables on standard output that fit the terminal: plain columns without lines or colour.
//!
//! In a pipe nothing is wrapped, so that a line stays a line. Control characters in a cell are shown
//! as escapes: a file's name must not steer a terminal or break a row.

use comfy_table::{Cell, CellAlignment, ContentArrangement, TableStyle, presets};
use std::io::IsTerminal;

/// A table for people.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    columns: Vec<Column>,
    rows: Vec<Vec<String>>,
}

/// A column's heading and where its cells stand.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    heading: String,
    alignment: CellAlignment,
}

impl Column {
    /// Words, at the left.
    pub(crate) fn text(heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            alignment: CellAlignment::Left,
        }
    }

    /// Numbers, at the right.
    pub(crate) fn number(heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            alignment: CellAlignment::Right,
        }
    }
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row with a cell for each column.
    pub(crate) fn row<T: Into<String>>(&mut self, cells: impl IntoIterator<Item = T>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as lines of text, each with its line end; wrapped if it must fit a width.
    pub(crate) fn text(&self, width: Option<u16>) -> String {
        let mut table = self.drawn(presets::NOTHING, visible);
        for column in table.column_iter_mut() {
            column.set_padding((0, 2));
        }
        if let Some(width) = width {
            table.set_content_arrangement(ContentArrangement::Dynamic);
            table.set_width(width);
        }
        format!("{}\n", table.trim_fmt())
    }

    /// The table as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let escaped = |cell: &str| visible(cell).replace('|', r"\|");
        let table = self.drawn(presets::ASCII_MARKDOWN, escaped);
        format!("{}\n", table.trim_fmt())
    }

    fn drawn(&self, style: TableStyle, shown: impl Fn(&str) -> String) -> comfy_table::Table {
        let mut table = comfy_table::Table::new();
        table.load_style(style);
        let headings = self.columns.iter().map(|column| &column.heading);
        table.set_header(headings.map(|heading| Cell::new(shown(heading))));
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| Cell::new(shown(cell))));
        }
        for (drawn, column) in table.column_iter_mut().zip(&self.columns) {
            drawn.set_cell_alignment(column.alignment);
        }
        table
    }
}

/// A text with its control characters as escapes.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// The columns of the terminal on standard output; nothing if there is none.
pub(crate) fn terminal_width() -> Option<u16> {
    let stdout = std::io::stdout();
    if !stdout.is_terminal() {
        return None;
    }
    let (width, _) = terminal_size::terminal_size_of(stdout)?;
    Some(width.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new([Column::text("file"), Column::number("tokens")]);
        table.row(["a.json", "1,234"]);
        table.row(["a|b\u{1b}[31m.json", "7"]);
        table
    }

    #[test]
    fn numbers_stand_at_the_right_and_controls_are_escaped() {
        assert_eq!(
            table().text(None),
            "file                tokens\n\
             a.json               1,234\n\
             a|b\\u{1b}[31m.json       7\n"
        );
    }

    #[test]
    fn a_narrow_terminal_gets_wrapped_cells() {
        let text = table().text(Some(20));
        assert!(text.lines().all(|line| line.len() <= 20), "{text}");
        assert!(text.contains("1,234"), "{text}");
    }

    #[test]
    fn a_bar_in_a_cell_does_not_end_a_cell_of_markdown() {
        let markdown = table().markdown();
        assert!(markdown.contains(r"a\|b"), "{markdown}");
        assert!(markdown.starts_with("| file"), "{markdown}");
    }
}
