//! Figures, the goals beside them, and how both are printed.

use serde_json::{Value, json};
use std::fmt::{self, Write};

/// A part of the report: a table with a line of explanation.
#[derive(Debug, Default)]
pub struct Section {
    /// The short name used by `--only` and in the JSON form.
    pub name: &'static str,
    /// What is compared, in one sentence.
    pub title: String,
    /// The rows: a label and its figures, the same columns in each.
    pub rows: Vec<(String, Vec<Figure>)>,
    /// Why the table is not complete.
    pub gap: Option<String>,
}

/// One measured value under a heading.
#[derive(Debug, Clone)]
pub struct Figure {
    /// The heading of its column, with the unit.
    pub column: &'static str,
    /// The value in that unit; `None` when it was not measured.
    pub value: Option<f64>,
    /// What is to be reached, if anything.
    pub goal: Option<Goal>,
}

/// The side on which a value has to be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Goal {
    /// The value or more.
    AtLeast(f64),
    /// The value or less.
    AtMost(f64),
}

impl Figure {
    /// A value without a goal.
    pub fn plain(column: &'static str, value: impl Into<Option<f64>>) -> Self {
        Self {
            column,
            value: value.into(),
            goal: None,
        }
    }

    /// A value with a goal.
    pub fn with_goal(column: &'static str, value: impl Into<Option<f64>>, goal: Goal) -> Self {
        Self {
            column,
            value: value.into(),
            goal: Some(goal),
        }
    }

    /// Whether the goal is reached; `None` without a value or goal.
    pub fn met(&self) -> Option<bool> {
        let value = self.value?;
        Some(match self.goal? {
            Goal::AtLeast(goal) => value >= goal,
            Goal::AtMost(goal) => value <= goal,
        })
    }

    fn cell(&self) -> String {
        let value = self.value.map_or_else(|| "-".to_owned(), digits);
        let goal = self
            .goal
            .map_or_else(String::new, |goal| format!(" ({goal})"));
        let mark = if self.met() == Some(false) {
            "MISSED "
        } else {
            ""
        };
        mark.to_owned() + &value + &goal
    }

    fn json(&self) -> Value {
        let goal = self.goal.map(|goal| match goal {
            Goal::AtLeast(value) => json!({"at_least": value}),
            Goal::AtMost(value) => json!({"at_most": value}),
        });
        json!({"value": self.value, "goal": goal, "met": self.met()})
    }
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtLeast(value) => write!(f, ">= {}", digits(*value)),
            Self::AtMost(value) => write!(f, "<= {}", digits(*value)),
        }
    }
}

impl Section {
    /// The section as a machine reads it.
    pub fn json(&self) -> Value {
        let rows: Vec<Value> = self
            .rows
            .iter()
            .map(|(label, figures)| {
                let figures: serde_json::Map<String, Value> = figures
                    .iter()
                    .map(|figure| (figure.column.to_owned(), figure.json()))
                    .collect();
                json!({"row": label, "figures": figures})
            })
            .collect();
        json!({"section": self.name, "title": self.title, "rows": rows, "gap": self.gap})
    }
}

/// The table as text: the first column to the left, all others to the right.
impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.title)?;
        let mut lines = Vec::new();
        if let Some((_, figures)) = self.rows.first() {
            let headings = figures.iter().map(|figure| figure.column.to_owned());
            lines.push(
                std::iter::once(String::new())
                    .chain(headings)
                    .collect::<Vec<_>>(),
            );
        }
        for (label, figures) in &self.rows {
            let cells = figures.iter().map(Figure::cell);
            lines.push(std::iter::once(label.clone()).chain(cells).collect());
        }
        f.write_str(&align(&lines))?;
        match &self.gap {
            Some(gap) => writeln!(f, "not measured: {gap}"),
            None => Ok(()),
        }
    }
}

fn align(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        lines
            .iter()
            .filter_map(|line| line.get(column))
            .map(String::len)
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let mut row = String::new();
        for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
            let written = match column {
                0 => write!(row, "  {cell:<width$}"),
                _ => write!(row, "  {cell:>width$}"),
            };
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
        }
        text += row.trim_end();
        text.push('\n');
    }
    text
}

/// About three digits: 1234, 123, 12.3, 1.23.
fn digits(value: f64) -> String {
    let places = match value.abs() {
        size if size >= 100.0 => 0,
        size if size >= 10.0 => 1,
        _ => 2,
    };
    let text = format!("{value:.places$}");
    match text.split_once('.') {
        Some((_, _)) => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section() -> Section {
        let figures = |speed, share| {
            vec![
                Figure::plain("MB/s", speed),
                Figure::with_goal("share %", share, Goal::AtLeast(85.0)),
            ]
        };
        Section {
            name: "passes",
            title: "Speed".to_owned(),
            rows: vec![
                ("users".to_owned(), figures(1234.5, 92.06)),
                ("hostile".to_owned(), figures(7.25, 70.0)),
            ],
            gap: Some("no binary".to_owned()),
        }
    }

    #[test]
    fn a_table_is_aligned_and_marks_missed_goals() {
        let text = section().to_string();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[1], "           MB/s            share %");
        assert_eq!(lines[2], "  users    1234       92.1 (>= 85)");
        assert_eq!(lines[3], "  hostile  7.25  MISSED 70 (>= 85)");
        assert_eq!(lines[4], "not measured: no binary");
    }

    #[test]
    fn the_json_form_says_what_was_met() {
        let json = section().json();
        let met = |row: usize| json["rows"][row]["figures"]["share %"]["met"].as_bool();
        assert_eq!((met(0), met(1)), (Some(true), Some(false)));
        assert_eq!(json["gap"], "no binary");
    }

    #[test]
    fn a_value_that_was_not_measured_is_neither_met_nor_missed() {
        let figure = Figure::with_goal("ms", None, Goal::AtMost(50.0));
        assert_eq!(
            (figure.met(), figure.cell()),
            (None, "- (<= 50)".to_owned())
        );
    }

    #[test]
    fn three_digits_are_enough() {
        let shown = [0.0, 0.126, 1.05, 12.34, 99.96, 100.4, 12345.0].map(digits);
        assert_eq!(shown, ["0", "0.13", "1.05", "12.3", "100", "100", "12345"]);
    }
}
