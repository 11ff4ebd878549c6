//! Tables on standard output that fit the terminal: plain columns without lines or colour.
//!
//! In a narrow terminal columns that can be spared are left out, and then words are wrapped; numbers
//! stay whole as long as there is room for them. In a pipe nothing of this happens, so that a line
//! stays a line and a column its place. Control characters in a cell are shown
//! as escapes: a file's name must not steer a terminal or break a row.

use comfy_table::{Cell, CellAlignment, ColumnConstraint, ContentArrangement, TableStyle, presets};
use ratatui::text::Span;
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
    /// Whether its cells may be wrapped.
    wraps: bool,
    /// Columns that can be spared, the lowest number first.
    spared: Option<u8>,
}

impl Column {
    /// Words, at the left, wrapped where room is short.
    pub(crate) fn text(heading: impl Into<String>) -> Self {
        Self {
            heading: heading.into(),
            alignment: CellAlignment::Left,
            wraps: true,
            spared: None,
        }
    }

    /// Names and dates, at the left, in one piece.
    pub(crate) fn name(heading: impl Into<String>) -> Self {
        Self {
            wraps: false,
            ..Self::text(heading)
        }
    }

    /// Numbers, at the right, in one piece.
    pub(crate) fn number(heading: impl Into<String>) -> Self {
        Self {
            alignment: CellAlignment::Right,
            ..Self::name(heading)
        }
    }

    /// The same column, left out where room is short, the lowest `rank` first.
    pub(crate) fn spared(mut self, rank: u8) -> Self {
        self.spared = Some(rank);
        self
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

    /// The table as lines of text, each with its line end, for a terminal of `width` columns or for
    /// a pipe.
    pub(crate) fn text(&self, width: Option<u16>) -> String {
        match width {
            Some(width) => self.within(usize::from(width)).wrapped(width),
            None => self.drawn_plain().trim_fmt() + "\n",
        }
    }

    fn wrapped(&self, width: u16) -> String {
        let mut table = self.drawn_plain();
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width);
        if self.needed() <= usize::from(width) {
            for (drawn, column) in table.column_iter_mut().zip(&self.columns) {
                if !column.wraps {
                    drawn.set_constraint(ColumnConstraint::ContentWidth);
                }
            }
        }
        table.trim_fmt() + "\n"
    }

    /// The table without the columns that have no room.
    fn within(&self, width: usize) -> Self {
        let mut table = self.clone();
        while table.needed() > width {
            let ranks = table.columns.iter().enumerate();
            let spared = ranks.filter_map(|(at, column)| Some((column.spared?, at)));
            let Some((_, at)) = spared.min() else {
                break;
            };
            table.columns.remove(at);
            for row in table.rows.iter_mut().filter(|row| row.len() > at) {
                row.remove(at);
            }
        }
        table
    }

    /// How many columns of a terminal the table needs, with words wrapped at [`NARROW`].
    fn needed(&self) -> usize {
        let columns = self.columns.iter().enumerate();
        let widths = columns.map(|(at, column)| {
            let cells = self.rows.iter().filter_map(|row| row.get(at));
            let shown = cells.chain([&column.heading]);
            let width = shown.map(|cell| Span::raw(visible(cell)).width()).max();
            let width = width.unwrap_or_default();
            let least = if column.wraps {
                width.min(NARROW)
            } else {
                width
            };
            least + GAP
        });
        widths.sum()
    }

    /// The table as Markdown.
    pub(crate) fn markdown(&self) -> String {
        let escaped = |cell: &str| visible(cell).replace('|', r"\|");
        let table = self.drawn(presets::ASCII_MARKDOWN, escaped);
        format!("{}\n", table.trim_fmt())
    }

    fn drawn_plain(&self) -> comfy_table::Table {
        let mut table = self.drawn(presets::NOTHING, visible);
        for column in table.column_iter_mut() {
            column.set_padding((0, GAP_RIGHT));
        }
        table
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

/// Words are not wrapped below this many columns as long as something can be spared.
const NARROW: usize = 14;
/// What stands between two columns.
const GAP: usize = 2;
/// [`GAP`] as a padding.
const GAP_RIGHT: u16 = 2;

/// A text with its control characters as escapes.
pub(crate) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || is_direction(character) {
            shown.extend(character.escape_default());
        } else {
            shown.push(character);
        }
    }
    shown
}

/// Whether a character turns the direction of what follows it, so that a line reads as another one.
fn is_direction(character: char) -> bool {
    matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
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
    fn columns_are_spared_before_anything_is_wrapped() {
        let columns = [
            Column::text("file"),
            Column::number("tokens").spared(1),
            Column::number("bytes").spared(0),
        ];
        let mut table = Table::new(columns);
        table.row(["some/long/path/to/a.json", "1,234", "123,456"]);
        let headings = |width| {
            let text = table.text(Some(width));
            assert!(
                text.lines().all(|line| line.len() <= usize::from(width)),
                "{text}"
            );
            text.lines().next().unwrap().to_owned()
        };
        assert_eq!(headings(60), "file                      tokens    bytes");
        assert_eq!(headings(33).split_whitespace().count(), 3);
        assert_eq!(
            headings(32).split_whitespace().collect::<Vec<_>>(),
            ["file", "tokens"]
        );
        assert_eq!(headings(20), "file");
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
